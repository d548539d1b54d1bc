"""Sets what Blender's render writes, in all versions: PNG or EXR frames in a folder, or an MP4."""

import bpy

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
