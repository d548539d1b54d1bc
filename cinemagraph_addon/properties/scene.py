"""The photo and what belongs to it, the loop, and the state of the scene."""

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    IntVectorProperty,
    PointerProperty,
    StringProperty,
)

from .camera import CinemagraphCameraSettings
from .motion import CinemagraphMotionSettings
from .preview import CinemagraphPreviewSettings
from .render import CinemagraphRenderSettings

# From 4.5 on a property must say that it takes "//"; before, the word is unknown and refused.
_PATH_OPTIONS = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5) else set()
FILE_PROPERTIES = ("photo", "mask", "hints", "depth", "depth_model", "inpainting_model", "flow", "scene_dir")


class CinemagraphSettings(bpy.types.PropertyGroup):
    photo: StringProperty(
        name="Photo",
        description="Image that the scene is built from",
        subtype="FILE_PATH",
        options=_PATH_OPTIONS,
    )
    mask: StringProperty(
        name="Mask",
        description="Grey image of the photo's shape: white moves, black stands still",
        subtype="FILE_PATH",
        options=_PATH_OPTIONS,
    )
    hints: StringProperty(
        name="Arrows",
        description="JSON file with arrows that say where and how fast the photo moves",
        subtype="FILE_PATH",
        options=_PATH_OPTIONS,
    )
    flow: StringProperty(
        name="Flow",
        description="Ready-made motion in pixels per frame, used instead of mask and arrows",
        subtype="FILE_PATH",
        options=_PATH_OPTIONS,
    )
    depth: StringProperty(
        name="Depth",
        description="Depth map of the photo; estimated when empty",
        subtype="FILE_PATH",
        options=_PATH_OPTIONS,
    )
    depth_model: StringProperty(
        name="Depth Model",
        description="Folder of a Hugging Face depth model; the one installed, or the built-in depth, when empty",
        subtype="DIR_PATH",
        options=_PATH_OPTIONS,
    )
    depth_source: EnumProperty(
        name="Depth From",
        description="What estimates the depth of a photo without a depth map",
        items=(
            ("NETWORK", "Network", "The depth model, the one installed, or the network that comes with the add-on"),
            ("prior", "Landscape Rule", "Ground that recedes to a horizon, and sky; no network"),
        ),
        default="NETWORK",
    )
    use_horizon: BoolProperty(
        name="Correct Horizon",
        description="Correct the estimated depth by where the horizon is",
    )
    horizon: FloatProperty(
        name="Horizon",
        description="Where the horizon is, from 0 at the photo's upper edge to 1 at the lower",
        subtype="FACTOR",
        min=0,
        max=0.99,
        default=0.4,
    )
    inpainting_model: StringProperty(
        name="Inpainting Model",
        description="TorchScript file of a trained inpainter, such as big-lama.pt; the built-in filling when empty",
        subtype="FILE_PATH",
        options=_PATH_OPTIONS,
    )
    inpainting_trust: EnumProperty(
        name="Trust Model",
        description="Whether an inpainting model that is not known is run. Such a file can hold any program",
        items=(
            ("NONE", "Known Files Only", "Run big-lama.pt and migan_traced.pt as published, and nothing else"),
            ("lama", "As LaMa", "I trust the origin of this file; it is called as LaMa is"),
            ("mi-gan", "As MI-GAN", "I trust the origin of this file; it is called as MI-GAN is"),
        ),
        default="NONE",
    )
    networks: EnumProperty(
        name="Networks",
        description="What estimates the motion of arrows and draws the frames",
        items=(
            ("own", "Built-in", "What comes with the add-on"),
            ("paper", "Paper", "The networks of the paper's authors, once they are installed in the weights folder"),
        ),
        default="own",
    )
    scene_dir: StringProperty(
        name="Scene Folder",
        description="Folder that the built scene is kept in; beside the .blend file or the photo when empty",
        subtype="DIR_PATH",
        options=_PATH_OPTIONS,
    )
    working_size: IntProperty(
        name="Working Size",
        description="Long side in pixels that the photo is built at",
        subtype="PIXEL",
        min=64,
        max=8192,
        soft_min=256,
        soft_max=4096,
        default=1280,
    )
    layers: EnumProperty(
        name="Layers",
        description="Number of depth layers",
        items=(
            ("0", "Automatic", "As many as the depth asks for"),
            *((str(n), str(n), f"{n} layers") for n in range(2, 7)),
        ),
        default="0",
    )
    loop_frames: IntProperty(
        name="Loop Length",
        description="Number of frames after which the motion repeats",
        subtype="TIME",
        min=2,
        max=10000,
        soft_max=250,
        default=60,
    )
    loop_start: IntProperty(
        name="Loop Start",
        description="Frame that shows the photo as it is; the motion repeats from there, before and after",
        subtype="TIME",
        min=0,
        max=1_000_000,
        default=1,
    )
    match_colors: BoolProperty(
        name="Match Photo Colors",
        description="Let the first build set color management so that rendered files show the photo's own colors",
        default=True,
    )
    built_size: IntVectorProperty(
        name="Built Size",
        description="Width and height in pixels that the scene was built at",
        size=2,
        options={"HIDDEN"},
    )
    is_built: BoolProperty(
        name="Built",
        description="The scene folder holds a scene built from the photo",
    )
    message: StringProperty(
        name="State",
        description="What happened last",
    )
    message_level: EnumProperty(
        items=(("INFO", "Info", ""), ("WARNING", "Warning", ""), ("ERROR", "Error", "")),
        options={"HIDDEN"},
    )
    motion: PointerProperty(type=CinemagraphMotionSettings)
    camera: PointerProperty(type=CinemagraphCameraSettings)
    preview: PointerProperty(type=CinemagraphPreviewSettings)
    render: PointerProperty(type=CinemagraphRenderSettings)
    collection: PointerProperty(type=bpy.types.Collection)
    root: PointerProperty(type=bpy.types.Object)
    photo_camera: PointerProperty(type=bpy.types.Object)


def register() -> None:
    """Add `scene.cinemagraph`."""
    bpy.utils.register_class(CinemagraphSettings)
    bpy.types.Scene.cinemagraph = PointerProperty(type=CinemagraphSettings)


def unregister() -> None:
    """Remove `scene.cinemagraph`."""
    del bpy.types.Scene.cinemagraph
    bpy.utils.unregister_class(CinemagraphSettings)
