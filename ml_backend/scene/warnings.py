"""What the artist should know about a scene that was built but may not be what was meant: one sentence each."""

from collections.abc import Sequence

from ml_backend.authors.scene import networks_in_use
from ml_backend.motion.embedded import auto_warning
from ml_backend.motion.estimate import ignored_arrows, ignored_region_speeds
from ml_backend.motion.hints import HintsFile
from ml_backend.scene.drawing import Drawing, moves_by_network
from ml_backend.structures import MotionHints, Scene

_FAST = 0.04  # of the long side per frame: in half a loop of 60 frames the water would cross the whole picture
_NAMED = 5  # arrows are named one by one up to here


def scene_warnings(scene: Scene, drawing: Drawing) -> tuple[str, ...]:
    """The sentences for people, none where all is well, about a scene with the motion of a drawing."""
    mask, file, hints, has_flow_file = drawing.mask, drawing.file, drawing.hints, drawing.flow is not None
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
            warnings.append(f"Nothing moves: {_why_still(drawing)}")
        elif drawing.is_guessed:
            warnings.append("Where it moves is a guess: look at the mask, and paint it where it is wrong.")
    if moves:
        warnings += _about_speed(scene, has_flow_file)
    if moves and drawing.flow is None and hints is not None and hints.method == "auto":
        warnings += [warning for warning in (auto_warning(),) if warning]
    if scene.networks == "paper":
        warnings += _about_networks(scene, drawing)
    if len(scene.ldi.colors) == 1:
        warnings.append("The depth is the same everywhere: the camera will show no parallax. Give a depth map.")
    return tuple(warnings)


def _why_still(drawing: Drawing) -> str:
    mask, file, hints = drawing.mask, drawing.file, drawing.hints
    if hints is not None and bool(hints.mask.any()):
        is_slowed = hints.speed == 0 or any(place.speed == 0 for place in hints.region_speeds)
        return "the speed is 0. Raise it." if is_slowed else "all arrows have the speed 0. Give them some."
    if drawing.is_guessed:
        return "no water and no clouds were found in the photo. Paint what flows white in a mask image."
    if mask is not None and not bool(mask.any()):
        return "the mask is black. Paint what flows white."
    if mask is not None and drawing.freeze is not None:
        return "the freeze mask covers all that would. Erase some of it."
    if file is not None and any(region.kind == "freeze" for region in file.regions):
        return "the freeze regions cover all that would. Make them smaller."
    return "there is no mask. Paint what flows white in a mask image to bring it to life."


def _about_arrows(hints: MotionHints, file: HintsFile) -> list[str]:
    enabled = [number for number, arrow in enumerate(file.arrows, start=1) if arrow.enabled]
    ignored = [enabled[index] for index in ignored_arrows(hints)]
    warnings = []
    beside = [index + 1 for index in ignored_region_speeds(hints)]
    if beside:
        warnings.append(f"Region speed {beside[0]} is for a place where nothing moves and is not used.")
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


def _about_networks(scene: Scene, drawing: Drawing) -> list[str]:
    warnings = []
    if drawing.hints is not None and drawing.flow is None and not moves_by_network(scene.networks, drawing):
        warnings.append("The paper's motion network needs an arrow: the flow was estimated without it. Draw one.")
    if "3d-photo" not in networks_in_use():
        warnings.append(
            "The paper's inpainting networks are not installed: hidden parts are filled without them. "
            "Run: python -m ml_backend weights fetch 3d-photo."
        )
    return warnings


def _about_speed(scene: Scene, has_flow_file: bool) -> list[str]:
    fastest = float(scene.motion.flow.norm(dim=0).max())
    if fastest <= _FAST * max(scene.image.shape[1:]):
        return []
    mend = (
        "Give pixels per frame in the motion file." if has_flow_file else "Make the arrows shorter: see docs/hints.md."
    )
    return [f"The fastest motion is {fastest:.0f} pixels per frame: it will tear. {mend}"]
