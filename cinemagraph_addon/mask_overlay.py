"""Draws in the Image Editor the photo under the mask that is painted, and the arrows there and in the camera's view."""

import logging
from collections.abc import Callable, Sequence

import bpy
import gpu
from gpu_extras.batch import batch_for_shader
from mathutils import Vector

from . import overlay_preparation
from .arrow_geometry import arrow_head
from .mask_image import has_pixels
from .overlay_shader import photo_under_mask_shader

_log = logging.getLogger(__name__)
_MOVES, _FROZEN = (1.0, 0.02, 0.55), (1.0, 0.3, 0.0)  # linear; pink and orange are seen on water and sky
_ACTIVE, _ARROW, _OFF = (1.0, 0.85, 0.2, 1.0), (1.0, 1.0, 1.0, 1.0), (0.6, 0.6, 0.6, 0.6)
_OUTLINE = (0.0, 0.0, 0.0, 0.8)
_HEAD_PX, _WIDTH_PX = 12.0, 2.0
_SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))
_handles: list[tuple[type, object]] = []
_shader: gpu.types.GPUShader | None = None
_has_failed = False

Point = tuple[float, float]


def _draw_photo() -> None:
    """In the Image Editor's own space, where the image is the square from 0 to 1."""
    scene, space = bpy.context.scene, bpy.context.space_data
    motion = scene.cinemagraph.motion
    masks = (motion.mask_image, motion.freeze_image)
    is_mask = space.image is not None and space.image in masks
    if not (is_mask and motion.show_overlay and motion.photo_image is not None):
        return
    images = [image for image in (motion.photo_image, *masks) if image is not None]
    if not overlay_preparation.is_ready(images, _photo_shader) or not has_pixels(motion.photo_image):
        return
    shader = _photo_shader()
    batch = batch_for_shader(shader, "TRI_FAN", {"position": _SQUARE})
    shader.bind()
    shader.uniform_float(
        "ModelViewProjectionMatrix", gpu.matrix.get_projection_matrix() @ gpu.matrix.get_model_view_matrix()
    )
    shader.uniform_sampler("photo", gpu.texture.from_image(motion.photo_image))
    colors = zip(("mask", "freeze"), masks, ("move_tint", "freeze_tint"), (_MOVES, _FROZEN), strict=True)
    for sampler, image, tint, color in colors:
        is_there = has_pixels(image)
        shader.uniform_sampler(sampler, gpu.texture.from_image(image if is_there else motion.photo_image))
        shader.uniform_float(tint, (*color, motion.tint if is_there else 0.0))
    batch.draw(shader)


def _draw_image_arrows() -> None:
    """In pixels of the Image Editor's region."""
    scene, space, region = bpy.context.scene, bpy.context.space_data, bpy.context.region
    motion = scene.cinemagraph.motion
    ours = (motion.photo_image, motion.mask_image, motion.freeze_image, motion.flow_image)
    if not motion.show_arrows or space.image is None or space.image not in ours:
        return
    corner = Vector(region.view2d.view_to_region(0, 0, clip=False))
    size = Vector(region.view2d.view_to_region(1, 1, clip=False)) - corner
    _draw_arrows(motion, lambda place: (corner.x + place[0] * size.x, corner.y + place[1] * size.y))


def _draw_viewport_arrows() -> None:
    """In pixels of a 3D viewport that looks through the photo's camera."""
    scene, space, region = bpy.context.scene, bpy.context.space_data, bpy.context.region
    settings = scene.cinemagraph
    view = space.region_3d
    camera = settings.photo_camera
    is_photo_view = view.view_perspective == "CAMERA" and space.camera == camera and camera is not None
    if not (settings.motion.show_arrows and space.overlay.show_overlays and is_photo_view):
        return
    matrix = view.perspective_matrix @ camera.matrix_world.normalized()
    corners = [matrix @ corner.to_4d() for corner in camera.data.view_frame(scene=scene)]
    upper_right, _, lower_left, _ = ((c.x / c.w, c.y / c.w) for c in corners)

    def to_region(place: Sequence[float]) -> Point:
        x, y = (low + at * (high - low) for low, high, at in zip(lower_left, upper_right, place, strict=True))
        return (x + 1) / 2 * region.width, (y + 1) / 2 * region.height

    _draw_arrows(settings.motion, to_region)


def _draw_arrows(motion: bpy.types.PropertyGroup, to_region: Callable[[Sequence[float]], Point]) -> None:
    if not len(motion.arrows):
        return
    scale = bpy.context.preferences.system.ui_scale
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    gpu.state.blend_set("ALPHA")
    shader.bind()
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    for number, arrow in enumerate(motion.arrows):
        color = _ACTIVE if number == motion.active_arrow else _ARROW
        tail, tip = to_region(arrow.start), to_region(arrow.end)
        barbs = arrow_head(tail, tip, _HEAD_PX * scale)
        lines = (tail, tip, tip, barbs[0], tip, barbs[1])
        batch = batch_for_shader(shader, "LINES", {"pos": [(*point, 0.0) for point in lines]})
        for width, shade in ((_WIDTH_PX + 2, _OUTLINE), (_WIDTH_PX, color if arrow.enabled else _OFF)):
            shader.uniform_float("lineWidth", width * scale)
            shader.uniform_float("color", shade)
            batch.draw(shader)
    gpu.state.blend_set("NONE")


def _photo_shader() -> gpu.types.GPUShader:
    global _shader  # noqa: PLW0603  (compiled once, at the first drawing: before, there is no GPU)
    if _shader is None:
        _shader = photo_under_mask_shader()
    return _shader


def _guarded(draw: Callable[[], None]) -> Callable[[], None]:
    """Drawing that fails once is left out from then on: else each redraw would write the same lines to the console."""

    def drawn() -> None:
        global _has_failed  # noqa: PLW0603
        if _has_failed:
            return
        try:
            draw()
        except (RuntimeError, ValueError, SystemError):
            _has_failed = True
            _log.exception("The overlay cannot be drawn")

    return drawn


def register() -> None:
    """Begin to draw; in background mode there is nothing to draw on."""
    if bpy.app.background:
        return
    for space, draw, kind in (
        (bpy.types.SpaceImageEditor, _draw_photo, "POST_VIEW"),
        (bpy.types.SpaceImageEditor, _draw_image_arrows, "POST_PIXEL"),
        (bpy.types.SpaceView3D, _draw_viewport_arrows, "POST_PIXEL"),
    ):
        _handles.append((space, space.draw_handler_add(_guarded(draw), (), "WINDOW", kind)))


def unregister() -> None:
    """Draw nothing any more."""
    global _shader, _has_failed
    while _handles:
        space, handle = _handles.pop()
        space.draw_handler_remove(handle, "WINDOW")
    overlay_preparation.forget()
    _shader, _has_failed = None, False
