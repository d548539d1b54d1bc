"""Build the scene from the photo, and match the photo's colours."""

from pathlib import Path

import bpy

from ...ml_backend.protocol import BuildScene
from .. import backend_process
from ..bridge.arrays import job_folder
from ..bridge.problem import Problem
from ..built_scene import match_photo_colors, show_built_scene
from ..editable import has_photo, is_editable
from ..file_paths import absolute, choose_scene_folder
from ..hints import motion_request, size_warning
from ..modal_job import JobOperator, Work, wait_for
from ..motion_photo import remember_built_photo
from ..shown_motion import show_flow_image, show_regions
from ..viewport import hide_around_camera, show_photo_view

_FILES = ("photo", "depth", "depth_model", "inpainting_model")


class CINEMAGRAPH_OT_build_scene(JobOperator, bpy.types.Operator):
    """Turn the photo into layers of points with a matching camera"""

    bl_idname = "cinemagraph.build_scene"
    bl_label = "Build Scene"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_photo(cls, context.scene) and super().poll(context)

    def work(self, context: bpy.types.Context) -> Work:
        client = backend_process.client()
        request = self._request()
        with job_folder(client.folder) as drawing:
            request |= motion_request(self.scene(), drawing)
            values = yield from wait_for(client.submit(BuildScene, **request), 0.0, 0.9)
        is_first = not self.scene().cinemagraph.is_built
        yield from show_built_scene(self.scene, Path(str(values["scene_dir"])))
        warnings = [str(warning).rstrip(".") for warning in values.get("warnings", [])]
        warnings += filter(None, [self._show_motion(values)])
        if is_first:  # later the artist may be looking at something else
            hidden = hide_around_camera(self.scene())
            warnings += [f"Hid '{name}', which stood around the camera" for name in hidden]
            show_photo_view(self.scene())
        message = f"Built {values['num_layers']} layers, {int(values['num_points']):,} points"
        return ". ".join([message, *warnings])

    def _show_motion(self, values: dict[str, object]) -> str:
        """Regions, flow picture, and the photo to paint on; what should be known about the painted masks."""
        scene = self.scene()
        remember_built_photo(scene)
        motion = scene.cinemagraph.motion
        show_regions(motion, values.get("regions", []))
        show_flow_image(scene, Path(str(values["scene_dir"])) / "flow.png")
        return size_warning(motion, *motion.photo_size)

    def _request(self) -> dict[str, object]:
        settings = self.scene().cinemagraph
        files = {name: absolute(getattr(settings, name)) for name in _FILES}
        for name, path in files.items():
            if path and not Path(path).exists():
                label = settings.bl_rna.properties[name].name
                raise Problem(f"{label} '{path}' does not exist.", hint="Choose the file again.")
        is_estimated = not files["depth"]
        if is_estimated and settings.depth_source == "prior":
            files |= {"depth": "prior", "depth_model": ""}
        return {
            **files,
            "horizon": settings.horizon if is_estimated and settings.use_horizon else None,
            "scene_dir": str(choose_scene_folder(self.scene())),
            "size": settings.working_size,
            "layers": int(settings.layers),
            "networks": settings.networks,
            "inpainting_trust": "" if settings.inpainting_trust == "NONE" else settings.inpainting_trust,
        }


class CINEMAGRAPH_OT_match_photo_colors(bpy.types.Operator):
    """Set color management so that rendered files show the photo's own colors"""

    bl_idname = "cinemagraph.match_photo_colors"
    bl_label = "Match Photo Colors"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_editable(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        match_photo_colors(context.scene)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory(
    (CINEMAGRAPH_OT_build_scene, CINEMAGRAPH_OT_match_photo_colors)
)
