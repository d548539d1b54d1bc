"""The shader that shows the photo under the mask. Colours are linear: the Image Editor's frame encodes them itself."""

import gpu

_VERTEX = """
void main()
{
  uv = position;
  gl_Position = ModelViewProjectionMatrix * vec4(position, 0.0, 1.0);
}
"""
_FRAGMENT = """
void main()
{
  vec3 shown = texture(photo, uv).rgb;
  shown = mix(shown, move_tint.rgb, move_tint.a * texture(mask, uv).r);
  shown = mix(shown, freeze_tint.rgb, freeze_tint.a * texture(freeze, uv).r);
  color = vec4(shown, 1.0);
}
"""


def photo_under_mask_shader() -> gpu.types.GPUShader:
    """A shader of 2D positions in [0, 1]; samplers photo, mask, freeze; vec4 move_tint, freeze_tint."""
    between = gpu.types.GPUStageInterfaceInfo("cinemagraph_overlay")
    between.smooth("VEC2", "uv")
    info = gpu.types.GPUShaderCreateInfo()
    info.vertex_in(0, "VEC2", "position")
    info.vertex_out(between)
    info.push_constant("MAT4", "ModelViewProjectionMatrix")
    info.push_constant("VEC4", "move_tint")
    info.push_constant("VEC4", "freeze_tint")
    for slot, name in enumerate(("photo", "mask", "freeze")):
        info.sampler(slot, "FLOAT_2D", name)
    info.fragment_out(0, "VEC4", "color")
    info.vertex_source(_VERTEX)
    info.fragment_source(_FRAGMENT)
    return gpu.shader.create_from_info(info)
