"""What the artist should know about a scene that was built but may not be what was meant: one sentence each."""

from collections.abc import Sequence

from torch import Tensor

from ml_backend.motion.estimate import ignored_arrows
from ml_backend.motion.hints import HintsFile
from ml_backend.structures import MotionHints, Scene

_FAST = 0.04  # of the long side per frame: in half a loop of 60 frames the water would cross the whole picture
_NAMED = 5  # arrows are named one by one up to here


def scene_warnings(
    scene: Scene,
    *,
    mask: Tensor | None,
    file: HintsFile | None,
    hints: MotionHints | None,
    has_flow_file: bool,
) -> tuple[str, ...]:
    """The sentences for people, none where all is well.

    Args:
        scene: as built.
        mask: as given or taken for granted, (1, H, W), or None.
        file: the hints file, or None.
        hints: both together, as the solver got them; None without mask and hints.
        has_flow_file: the motion is from a file.
    """
    moves = bool((scene.motion.flow != 0).any())
    warnings = []
    if has_flow_file:
        if mask is not None or file is not None:
            warnings.append("The motion file says how all of it moves: mask and arrows are not used.")
        if not moves:
            warnings.append("Nothing moves: the motion file is zero everywhere. Give pixels per frame.")
    else:
        if hints is not None and file is not None and moves:
            warnings += _about_arrows(hints, file)
        if not moves:
            warnings.append(f"Nothing moves: {_why_still(mask, file, hints)}")
    if moves:
        warnings += _about_speed(scene, has_flow_file)
    if len(scene.ldi.colors) == 1:
        warnings.append("The depth is the same everywhere: the camera will show no parallax. Give a depth map.")
    return tuple(warnings)


def _why_still(mask: Tensor | None, file: HintsFile | None, hints: MotionHints | None) -> str:
    if hints is not None and bool(hints.mask.any()):
        return "all arrows have the speed 0. Give them some."
    if mask is not None and not bool(mask.any()):
        return "the mask is black. Paint what flows white."
    if file is not None and any(region.kind == "freeze" for region in file.regions):
        return "the freeze regions cover all that would. Make them smaller."
    return "there is no mask. Paint what flows white in a mask image to bring it to life."


def _about_arrows(hints: MotionHints, file: HintsFile) -> list[str]:
    enabled = [number for number, arrow in enumerate(file.arrows, start=1) if arrow.enabled]
    ignored = [enabled[index] for index in ignored_arrows(hints)]
    warnings = []
    if ignored:
        are, start = ("is", "starts") if len(ignored) == 1 else ("are", "start")
        warnings.append(
            f"{_names(ignored)} {start} where nothing moves and {are} not used. Move the start into the mask's white."
        )
    if bool((hints.mask > 0).all()):
        warnings.append("The whole picture moves. Give a mask, or regions in the hints file, where only a part should.")
    return warnings


def _names(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"Arrow {numbers[0]}"
    shown = ", ".join(map(str, numbers[:_NAMED]))
    return f"Arrows {shown}" + (f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else "")


def _about_speed(scene: Scene, has_flow_file: bool) -> list[str]:
    fastest = float(scene.motion.flow.norm(dim=0).max())
    if fastest <= _FAST * max(scene.image.shape[1:]):
        return []
    mend = (
        "Give pixels per frame in the motion file." if has_flow_file else "Make the arrows shorter: see docs/hints.md."
    )
    return [f"The fastest motion is {fastest:.0f} pixels per frame: it will tear. {mend}"]
