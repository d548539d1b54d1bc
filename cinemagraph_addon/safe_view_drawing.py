"""Draws Safe View over the camera's view: a frame in the color of the rating, the percentage, and a tint."""

from dataclasses import dataclass

import blf
import bpy
import gpu
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from gpu_extras.batch import batch_for_shader
from gpu_extras.presets import draw_texture_2d
from mathutils import Vector

from . import safe_view
from .bridge.problem import Problem
from .camera import pinhole_view, render_size
from .frame_request import root_matrix
from .shown_text import shown

_COLORS = {
    "SAFE": (0.25, 0.75, 0.35, 1.0),
    "CAUTION": (0.95, 0.65, 0.15, 1.0),
    "UNSAFE": (0.9, 0.2, 0.15, 1.0),
    "WAITING": (0.6, 0.6, 0.6, 1.0),
}
_WORDS = {"SAFE": "Safe", "CAUTION": "Nearly Safe", "UNSAFE": "Unsafe"}
_TINTS = np.array([(0, 0, 0, 0), (0.95, 0.55, 0.05, 0.45), (0.9, 0.1, 0.1, 0.6)], np.float32)  # by kind of the mask
_LINE_PX = 3.0
_TEXT_PX = 13
_MARGIN_PX, _PADDING_PX = 10, 7
_GROUND = (0.08, 0.08, 0.08, 0.85)  # readable on any picture

_handle: object | None = None


@dataclass(slots=True)
class _Texture:
    """The newest mask on the GPU."""

    measured: safe_view.Measured
    texture: gpu.types.GPUTexture


_texture: _Texture | None = None


def _draw() -> None:
    """Draw handler of all 3D viewports, called for each region that is drawn."""
    context = bpy.context
    scene, space, region = context.scene, context.space_data, context.region_data
    settings = scene.cinemagraph
    if not (settings.is_built and settings.camera.show_safe_view and space.overlay.show_overlays):
        return
    if region is None or region.view_perspective != "CAMERA":
        return
    camera = space.camera if space.use_local_camera else scene.camera
    depsgraph = context.view_layer.depsgraph
    if camera is None or camera.type != "CAMERA" or depsgraph is None:
        return
    evaluated = camera.evaluated_get(depsgraph)
    corners = _frame_corners(context, evaluated)
    if corners is None:
        return
    try:
        view = pinhole_view(evaluated, render_size(scene.render), root_matrix(depsgraph))
        safe_view.want(scene, context.view_layer, view)
    except Problem as problem:
        _draw_frame(corners, "WAITING", problem.message)
        return
    _draw_measured(corners, settings.camera.max_unknown)


def _frame_corners(context: bpy.types.Context, camera: bpy.types.Object) -> list[Vector] | None:
    """The frame's corners in pixels of the region: top right, bottom right, bottom left, top left."""
    matrix = camera.matrix_world.normalized()
    points = [matrix @ corner for corner in camera.data.view_frame(scene=context.scene)]
    corners = [location_3d_to_region_2d(context.region, context.region_data, point) for point in points]
    return None if any(corner is None for corner in corners) else corners


def _draw_measured(corners: list[Vector], allowed: float) -> None:
    measured = safe_view.measured()
    if measured is None:
        _draw_frame(corners, "WAITING", safe_view.problem() or "Safe View: measuring")
        return
    rating = safe_view.rating(measured.unknown, allowed)
    text = f"{shown(_WORDS[rating])}: {shown(f'{measured.unknown:.1f}% unknown')}"
    text += shown(f", {measured.holes:.1f}% beyond") if measured.holes >= 0.05 else ""
    if safe_view.is_current():
        _draw_tint(corners, measured)
    else:
        text += " ..."  # of the view a moment ago
    _draw_frame(corners, rating, text)


def _draw_tint(corners: list[Vector], measured: safe_view.Measured) -> None:
    global _texture  # noqa: PLW0603 (made in drawing, where the GPU is at hand; kept until there is a newer one)
    if _texture is None or _texture.measured is not measured:
        _texture = _Texture(measured, _upload(tint(measured.mask)))
    bottom_left, top_right = corners[2], corners[0]
    gpu.state.blend_set("ALPHA")
    draw_texture_2d(_texture.texture, bottom_left, top_right.x - bottom_left.x, top_right.y - bottom_left.y)
    gpu.state.blend_set("NONE")


def tint(mask: np.ndarray) -> np.ndarray:
    """RGBA (h, w, 4) float32, bottom row first, of a mask (h, w) with its top row first."""
    return np.ascontiguousarray(_TINTS[mask[::-1]])


def _upload(rgba: np.ndarray) -> gpu.types.GPUTexture:
    height, width = rgba.shape[:2]
    return gpu.types.GPUTexture(
        (width, height), format="RGBA16F", data=gpu.types.Buffer("FLOAT", rgba.size, rgba.ravel())
    )


def _draw_frame(corners: list[Vector], rating: str, text: str) -> None:
    color, scale = _COLORS[rating], bpy.context.preferences.system.ui_scale
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    batch = batch_for_shader(shader, "LINE_STRIP", {"pos": [(c.x, c.y, 0.0) for c in (*corners, corners[0])]})
    gpu.state.blend_set("ALPHA")
    shader.bind()
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", _LINE_PX * scale)
    shader.uniform_float("color", color)
    batch.draw(shader)
    gpu.state.blend_set("NONE")
    _draw_label(corners, color, text, scale)


def _draw_label(corners: list[Vector], color: tuple[float, ...], text: str, scale: float) -> None:
    """The text on a dark ground in the frame's lower left corner, or in the region's where that lies outside."""
    margin, padding = _MARGIN_PX * scale, _PADDING_PX * scale
    left, bottom = (max(place, 0.0) + margin for place in corners[2])
    text = shown(text)
    blf.size(0, _TEXT_PX * scale)
    width, height = blf.dimensions(0, text)
    right, top = left + width + 2 * padding, bottom + height + 2 * padding
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    places = [(left, bottom), (right, bottom), (right, top), (left, top)]
    batch = batch_for_shader(shader, "TRIS", {"pos": places}, indices=((0, 1, 2), (0, 2, 3)))
    gpu.state.blend_set("ALPHA")
    shader.uniform_float("color", _GROUND)
    batch.draw(shader)
    gpu.state.blend_set("NONE")
    blf.color(0, *color)
    blf.position(0, left + padding, bottom + padding, 0)
    blf.draw(0, text)


def register() -> None:
    """Draw over the 3D viewports; in background mode there are none."""
    global _handle  # noqa: PLW0603
    if not bpy.app.background:
        _handle = bpy.types.SpaceView3D.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL")


def unregister() -> None:
    """Stop drawing and measuring."""
    global _handle, _texture  # noqa: PLW0603
    if _handle is not None:
        bpy.types.SpaceView3D.draw_handler_remove(_handle, "WINDOW")
    _handle = _texture = None
    safe_view.forget()
