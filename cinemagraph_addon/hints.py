"""What the artist painted and drew, as the plain files and numbers that the backend reads."""

from dataclasses import dataclass
from pathlib import Path

import bpy

from .arrow_geometry import to_pixels
from .bridge.hints_file import FileArrow, write_hints_file
from .bridge.png_files import write_grey_png
from .bridge.problem import Problem
from .file_paths import absolute
from .mask_image import FREEZE, MASK, has_pixels, read_grey

PAINTED, FILE, GUESSED, NONE = "painted", "file", "guessed", "none"


@dataclass(frozen=True, slots=True)
class MaskSource:
    """Where the mask is from: PAINTED, FILE, GUESSED, or NONE; `text` says it to the artist."""

    kind: str
    text: str


def mask_source(settings: bpy.types.PropertyGroup) -> MaskSource:
    """Which mask the next estimate uses: what was painted, else the file, else a guess."""
    motion = settings.motion
    if settings.flow:
        return MaskSource(FILE, "The flow file says how all of it moves")
    if has_pixels(motion.mask_image):
        width, height = motion.mask_image.size
        return MaskSource(PAINTED, f"Painted mask, {width} x {height}")
    if settings.mask:
        return MaskSource(FILE, f"Mask file {Path(settings.mask).name}")
    if motion.guess_motion:
        return MaskSource(GUESSED, "Mask guessed from the photo")
    return MaskSource(NONE, "No mask: paint what flows")


def arrow_source(settings: bpy.types.PropertyGroup) -> str:
    """Which arrows the next estimate uses, in words."""
    if len(settings.motion.arrows):
        used = sum(arrow.enabled for arrow in settings.motion.arrows)
        return f"{used} of {len(settings.motion.arrows)} drawn arrows in use"
    return f"Arrows of {Path(settings.hints).name}" if settings.hints else "No arrows: the direction is guessed"


def motion_request(scene: bpy.types.Scene, folder: Path) -> dict[str, object]:
    """The fields on motion of BuildScene and EstimateMotion; painted masks and arrows are written into `folder`.

    Raises:
        Problem: a file or an image cannot be used.
    """
    settings = scene.cinemagraph
    motion = settings.motion
    files = {name: _existing(settings, name) for name in ("mask", "hints", "flow")}
    for which, name in ((MASK, "mask"), (FREEZE, "freeze")):
        image = getattr(motion, which)
        if has_pixels(image):
            files[name] = str(folder / f"{name}.png")
            write_grey_png(Path(files[name]), read_grey(image))
    if len(motion.arrows):
        files["hints"] = str(folder / "hints.json")
        size = _drawn_on(motion)
        arrows = [FileArrow(to_pixels(a.start, size), to_pixels(a.end, size), a.enabled) for a in motion.arrows]
        write_hints_file(Path(files["hints"]), *size, arrows)
    return {
        **files,
        "guess_motion": motion.guess_motion,
        "speed": motion.speed,
        "smoothing": motion.smoothing,
        "region_speeds": [[r.place[0], 1 - r.place[1], r.speed] for r in motion.regions if r.speed != 1.0],
    }


def size_warning(motion: bpy.types.PropertyGroup, width: int, height: int) -> str:
    """A sentence where a painted mask has another size than the photo, or ""."""
    for which in (MASK, FREEZE):
        image = getattr(motion, which)
        if has_pixels(image) and tuple(image.size) != (width, height):
            return f"{image.name} of {image.size[0]} x {image.size[1]} was scaled to the photo's {width} x {height}"
    return ""


def _existing(settings: bpy.types.PropertyGroup, name: str) -> str:
    path = absolute(getattr(settings, name))
    if path and not Path(path).exists():
        label = settings.bl_rna.properties[name].name
        raise Problem(f"{label} '{path}' does not exist.", hint="Choose the file again, or clear it.")
    return path


def _drawn_on(motion: bpy.types.PropertyGroup) -> tuple[int, int]:
    """The size of the photo that the arrows' pixels count on; the aspect ratio is the photo's."""
    if all(motion.photo_size):
        return tuple(motion.photo_size)
    if has_pixels(motion.mask_image):
        return tuple(motion.mask_image.size)
    raise Problem(
        "The arrows were drawn without a photo.", hint="Press Draw Arrows once, which reads the photo's size."
    )
