"""What the overlay draws with, made ready outside of drawing and a slice at a time, so that no redraw is felt.

The first use of an image decodes its file and sends it to the GPU; a timer does the one and then the other.
"""

from collections.abc import Callable, Iterator, Sequence

import bpy
import gpu

from .editor_areas import redraw_editors
from .mask_image import has_pixels

_PAUSE_S = 0.01  # between slices, for Blender to come around
_has_pixels: dict[int, bool] = {}  # session_uid of each image that was prepared; False: there is nothing in it
_slices: Iterator[None] | None = None


def is_ready(images: Sequence[bpy.types.Image], compile_shader: Callable[[], object]) -> bool:
    """Whether the images can be drawn at once; where not, a timer begins to prepare them, and redraws in the end.

    compile_shader: called first, in a slice of its own.
    """
    global _slices  # noqa: PLW0603  (one preparation at a time)
    waiting = [image.session_uid for image in images if not _is_prepared(image)]
    if waiting and _slices is None:
        _slices = _prepare(waiting, compile_shader)
        if not bpy.app.background:
            bpy.app.timers.register(next_slice, first_interval=0.0, persistent=True)
    return not waiting and _slices is None


def next_slice() -> float | None:
    """Prepare a little more: seconds until the next slice, None after the last one. Blender's timer calls it."""
    global _slices  # noqa: PLW0603
    slices, _slices = _slices, None  # should a slice fail, drawing tries for itself and meets the same failure
    if slices is None:
        return None
    try:
        next(slices)
    except StopIteration:
        redraw_editors()
        return None
    _slices = slices
    return _PAUSE_S


def forget() -> None:
    """End the preparation; all images are to be prepared anew."""
    global _slices  # noqa: PLW0603
    _slices = None
    _has_pixels.clear()


def _is_prepared(image: bpy.types.Image) -> bool:
    """Also one that is broken: no waiting helps it. A reloaded file is decoded again."""
    return image.session_uid in _has_pixels and (image.has_data or not _has_pixels[image.session_uid])


def _prepare(uids: Sequence[int], compile_shader: Callable[[], object]) -> Iterator[None]:
    _has_pixels.update(dict.fromkeys(uids, False))
    compile_shader()
    yield
    for uid in uids:
        image = _image(uid)
        _has_pixels[uid] = has_pixels(image)  # this decodes the file
        yield
        image = _image(uid)  # it may have been removed meanwhile
        if has_pixels(image):
            gpu.texture.from_image(image)
            yield


def _image(uid: int) -> bpy.types.Image | None:
    return next((image for image in bpy.data.images if image.session_uid == uid), None)
