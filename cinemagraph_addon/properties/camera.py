"""How a camera moves along a path, and how much of what it sees may be unknown."""

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...ml_backend import camera_paths

CAMERA_PATH_ITEMS = tuple(
    (name, camera_paths.LABELS[name], f"Move the camera along the path {camera_paths.LABELS[name]}")
    for name in camera_paths.PATHS
)
_EASE_TIPS = {
    "none": "The camera moves on evenly",
    "gentle": "The camera slows down to half its speed at the photo's view",
    "rest": "The camera stands still at the photo's view, and is faster elsewhere",
}
# The same properties belong to the scene and, with other options, to the operators that follow a path.
PATH = {"name": "Path", "description": "Path that a camera follows from the photo's view", "items": CAMERA_PATH_ITEMS}
AMPLITUDE = {
    "name": "Amplitude",
    "description": "Size of the camera's movement",
    "min": 0.0,
    "max": 10.0,
    "soft_max": 2.0,
    "default": 1.0,
}
LOOPS = {
    "name": "Loops",
    "description": "How many times the camera follows its path in one loop",
    "min": 1,
    "max": 100,
    "soft_max": 4,
    "default": 1,
}
EASE = {
    "name": "Ease",
    "description": "How much slower the camera is at the photo's view",
    "items": tuple((name, camera_paths.EASE_LABELS[name], _EASE_TIPS[name]) for name in camera_paths.EASES),
    "default": "none",
}
KEY_SPACING = {
    "name": "Key Spacing",
    "description": "Frames from key to key: 1 follows the path exactly, more is easier to edit",
    "min": 1,
    "max": 1000,
    "soft_max": 20,
    "default": 1,
}
PATH_SETTINGS = ("path", "amplitude", "loops", "ease", "key_spacing")


def _redraw(settings: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    """Let the 3D viewports show the change."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


class CinemagraphCameraSettings(bpy.types.PropertyGroup):
    path: EnumProperty(**PATH, default="circle")
    amplitude: FloatProperty(**AMPLITUDE, subtype="FACTOR")
    loops: IntProperty(**LOOPS)
    ease: EnumProperty(**EASE)
    key_spacing: IntProperty(**KEY_SPACING)
    show_safe_view: BoolProperty(
        name="Safe View",
        description="Looking through the camera, color what the photo does not know, and tell how much it is",
        update=_redraw,
    )
    max_unknown: FloatProperty(
        name="Max Unknown",
        description="Share of the frame that may show what the photo does not know",
        subtype="PERCENTAGE",
        min=0.0,
        max=100.0,
        soft_max=20.0,
        default=2.0,
        precision=1,
        update=_redraw,
    )
    view_unknown: FloatProperty(
        name="Unknown",
        description="Share of the frame that showed what the photo does not know when Measure View was used last",
        subtype="PERCENTAGE",
    )
    view_holes: FloatProperty(
        name="Beyond",
        description="Share of the frame that showed nothing at all when Measure View was used last",
        subtype="PERCENTAGE",
    )
    # What Check Loop found last.
    loop_state: EnumProperty(
        name="Loop",
        description="Whether the camera is back where it began when the loop starts again",
        items=(
            ("UNKNOWN", "Not Checked", "Press Check Loop"),
            ("CLOSED", "Closed", "The camera is back, and moves on as it began"),
            ("KINKED", "Kinked", "The camera is back, but its speed jumps"),
            ("OPEN", "Open", "The picture jumps where the loop starts again"),
            ("CUT", "Cut", "The loop ends with another camera than it starts with"),
        ),
    )
    loop_message: StringProperty(name="Loop", description="What Check Loop found")
    loop_seam_px: FloatProperty(name="Seam", description="How far the picture jumps at the seam, in pixels")
    loop_kick_px: FloatProperty(name="Kick", description="How much its speed jumps at the seam, in pixels per frame")


register, unregister = bpy.utils.register_classes_factory((CinemagraphCameraSettings,))
