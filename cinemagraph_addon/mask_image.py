"""Masks as images in Blender: made, read and written as grey, packed into the .blend.

Arrays are (H, W) uint8, row 0 on top, as in files; Blender keeps rows from the bottom.
"""

from pathlib import Path

import bpy
import numpy as np
from bpy.app.handlers import persistent

from .bridge.problem import Problem

MASK, FREEZE = "mask_image", "freeze_image"  # names of the properties
NAMES = {MASK: "Motion Mask", FREEZE: "Freeze Mask"}


def new_mask(scene: bpy.types.Scene, which: str, values: np.ndarray) -> bpy.types.Image:
    """A new painted mask of the scene with these values; packed, so that the .blend keeps it."""
    height, width = values.shape
    image = bpy.data.images.new(NAMES[which], width, height, alpha=False, float_buffer=False, is_data=True)
    setattr(scene.cinemagraph.motion, which, image)
    write_grey(image, values)
    image.pack()
    return image


def has_pixels(image: bpy.types.Image | None) -> bool:
    """Whether there is an image that holds something; a deleted or broken one does not."""
    return image is not None and image.size[0] > 0 and image.size[1] > 0


def read_grey(image: bpy.types.Image) -> np.ndarray:
    """What was painted, as grey; raises Problem where the image has no pixels."""
    if not has_pixels(image):
        raise Problem(f"The image '{image.name}' has no pixels.", hint="Press Clear beside it, and paint it again.")
    width, height = image.size
    pixels = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    pixels = pixels.reshape(height, width, -1)
    # The larger of red and green: a coloured brush paints too, and no weighting costs less.
    grey = np.maximum(pixels[..., 0], pixels[..., min(1, image.channels - 1)])
    return (grey[::-1].clip(0, 1) * 255 + 0.5).astype(np.uint8)


def write_grey(image: bpy.types.Image, values: np.ndarray) -> None:
    """Replace the pixels by (H, W) of the image's size."""
    pixels = np.ones((*values.shape, image.channels), np.float32)
    pixels[..., :3] = (values[::-1].astype(np.float32) * (1 / 255))[..., None]
    image.pixels.foreach_set(pixels.ravel())
    image.update()


def read_grey_file(path: Path) -> np.ndarray:
    """A grey picture file as (H, W); raises Problem."""
    try:
        image = bpy.data.images.load(str(path))
    except RuntimeError as error:
        raise Problem(f"The mask '{path}' could not be read.", hint="Choose another file, or clear it.") from error
    image.colorspace_settings.name = "Non-Color"
    try:
        return read_grey(image)
    finally:
        bpy.data.images.remove(image)


def resized(values: np.ndarray, width: int, height: int) -> np.ndarray:
    """(height, width), each pixel from the nearest one."""
    rows = (np.arange(height) + 0.5) * values.shape[0] / height
    columns = (np.arange(width) + 0.5) * values.shape[1] / width
    return np.ascontiguousarray(values[rows.astype(int)][:, columns.astype(int)])


@persistent
def _pack_before_save(_filepath: str) -> None:
    """Brush strokes live in memory alone until they are packed."""
    for scene in bpy.data.scenes:
        for which in (MASK, FREEZE):
            image = getattr(scene.cinemagraph.motion, which)
            if has_pixels(image) and image.is_dirty and image.library is None:
                image.pack()


def register() -> None:
    """Keep painted masks when the .blend is saved."""
    bpy.app.handlers.save_pre.append(_pack_before_save)


def unregister() -> None:
    """Take the handler away."""
    bpy.app.handlers.save_pre.remove(_pack_before_save)
