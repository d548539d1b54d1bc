"""Sets what Blender's render writes, in all versions: PNG or EXR frames in a folder, or an MP4."""

import bpy

from .camera import render_size

FORMATS = ("png", "png16", "exr", "mp4")


def write_frames_to(scene: bpy.types.Scene, target: str, format: str) -> None:
    """Let the scene's render write to a folder (`//frames/`), or for "mp4" to a file, in one of FORMATS."""
    image = scene.render.image_settings
    if hasattr(image, "media_type"):  # Blender 5.0 and later want it before the format
        image.media_type = "VIDEO" if format == "mp4" else "IMAGE"
    if format == "mp4":
        image.file_format = "FFMPEG"
        video = scene.render.ffmpeg
        video.format, video.codec, video.constant_rate_factor = "MPEG4", "H264", "HIGH"
    elif format == "exr":
        image.file_format, image.color_depth = "OPEN_EXR", "16"
    else:
        image.file_format = "PNG"
        image.color_depth = "16" if format == "png16" else "8"
    image.color_mode = "RGB"
    scene.render.use_file_extension = True
    scene.render.filepath = target


def needs_even_size(render: bpy.types.RenderSettings) -> bool:
    """Whether Blender would refuse to write its video: H.264 and its like keep colours for 2 x 2 pixels."""
    size = render_size(render)
    return render.image_settings.file_format == "FFMPEG" and bool(size.width % 2 or size.height % 2)


def use_even_size(render: bpy.types.RenderSettings) -> None:
    """Make odd sides of the frame one pixel longer."""
    size = render_size(render)
    if size.width % 2 or size.height % 2:
        render.resolution_x, render.resolution_y = size.width + size.width % 2, size.height + size.height % 2
        render.resolution_percentage = 100
