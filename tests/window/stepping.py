"""Runs the steps of a tour one after the other, from a timer of Blender, and writes down how each one went."""

import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType

import bpy
from stall_monitor import Stall, StallMonitor

REPOSITORY, EXTENSION = "user_default", "cinemagraph"
MODULE = f"bl_ext.{REPOSITORY}.{EXTENSION}"
_TICK_S = 0.02
_BEFORE_DRAWING_S, _AFTER_DRAWING_S = 0.4, 0.7  # without a stall: drawing is done

Wait = float | Callable[[], object]
"""What a step yields: seconds to let pass, or a condition to become true."""
Step = Callable[["Tour"], Generator[Wait, None, None]]


@dataclass
class Outcome:
    """How one step went; `facts` are figures and sentences that a reader wants."""

    name: str
    passed: bool = False
    seconds: float = 0.0
    error: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    stalls: list[Stall] = field(default_factory=list)


class Tour:
    """What the steps share: where things are, pictures, keys, and the outcome of the step that runs."""

    def __init__(self, out: Path, photo: Path, mask: Path, hints: Path | None, extension: Path) -> None:
        self.out, self.photo, self.mask, self.hints, self.extension = out, photo, mask, hints, extension
        self.outcomes: list[Outcome] = []
        self.monitor: StallMonitor | None = None
        size = subprocess.run(["xdotool", "getdisplaygeometry"], capture_output=True, text=True, check=True)
        self._screen_height = int(size.stdout.split()[1])

    @property
    def scene(self) -> bpy.types.Scene:
        """The scene of the first window; never kept, as undo and files replace it."""
        return self.window.scene

    @property
    def window(self) -> bpy.types.Window:
        """The first window."""
        return bpy.context.window_manager.windows[0]

    def area(self, kind: str = "VIEW_3D") -> bpy.types.Area:
        """The largest area of a kind."""
        areas = [area for area in self.window.screen.areas if area.type == kind]
        return max(areas, key=lambda area: area.width * area.height)

    def context(self, kind: str = "VIEW_3D") -> dict[str, object]:
        """What `temp_override` needs for an operator that is called as from an area."""
        area = self.area(kind)
        region = next(region for region in area.regions if region.type == "WINDOW")
        return {"window": self.window, "screen": self.window.screen, "area": area, "region": region}

    def note(self, **facts: object) -> None:
        """Write something down for the reader."""
        self.outcomes[-1].facts.update(facts)

    def addon(self, module: str) -> ModuleType:
        """A module of the installed add-on."""
        return sys.modules[f"{MODULE}.cinemagraph_addon.{module}"]

    def is_job_running(self) -> bool:
        """Whether a long job of the add-on runs."""
        return self.addon("modal_job").running_job() is not None

    def picture(self, name: str) -> Generator[Wait, None, Path]:
        """A picture of the whole screen, once it is drawn; `bpy.ops.screen.screenshot` is black without a GPU."""
        for area in self.window.screen.areas:
            area.tag_redraw()
        yield from self.settled()
        return (yield from self.picture_now(name))

    def settled(self) -> Generator[Wait, None, None]:
        """Wait until Blender has drawn what has changed."""
        yield _BEFORE_DRAWING_S
        yield lambda: self.monitor.quiet_s() > _AFTER_DRAWING_S

    def own_seconds_since(self, started: float) -> float:
        """Seconds since a moment of `time.perf_counter`, less those in which Blender drew: without a GPU it is slow."""
        drawing = sum(stall.parts.get("Blender", 0.0) for stall in self.monitor.stalls if stall.ended > started)
        return max(0.0, time.perf_counter() - started - drawing)

    def picture_now(self, name: str) -> Generator[Wait, None, Path]:
        """A picture of the whole screen as it is."""
        file = self.out / f"{name}.png"
        taking = subprocess.Popen(["import", "-window", "root", str(file)])
        yield lambda: taking.poll() is not None
        assert taking.returncode == 0, "ImageMagick's import could not take the picture"
        return file

    def press(self, key: str, kind: str = "VIEW_3D") -> Generator[Wait, None, None]:
        """Press a key as a hand would: through the display, with the pointer over an area."""
        yield from self._hand("mousemove", *self._place(kind, (1 / 3, 0.5)), "key", key)

    def drag(self, kind: str, start: tuple[float, float], end: tuple[float, float]) -> Generator[Wait, None, None]:
        """Drag the left button over an area; places are shares of its width and height, from the bottom left."""
        moves: list[str] = []
        for share in (0.1, 0.3, 0.5, 0.7, 0.9, 1.0):
            place = tuple(a + (b - a) * share for a, b in zip(start, end, strict=True))
            moves += ["mousemove", *self._place(kind, place), "sleep", "0.1"]
        begin = ["mousemove", *self._place(kind, start), "sleep", "0.3", "mousedown", "1", "sleep", "0.2"]
        yield from self._hand(*begin, *moves, "mouseup", "1")
        yield from self.settled()

    def _place(self, kind: str, place: tuple[float, float]) -> tuple[str, str]:
        """On the screen, where row 0 is on top; the window lies at its top left corner, under a title if it has one."""
        area = self.area(kind)
        x = area.x + area.width * place[0]
        y = self.window.height - (area.y + area.height * place[1])
        return str(round(self.window.x + x)), str(round(self._top() + y))

    def _top(self) -> int:
        screen = max(self._screen_height, self.window.height)
        return max(0, screen - self.window.y - self.window.height)

    def _hand(self, *actions: str) -> Generator[Wait, None, None]:
        doing = subprocess.Popen(["xdotool", *actions])
        yield lambda: doing.poll() is not None
        assert doing.returncode == 0, "xdotool failed"


def run(tour: Tour, steps: Sequence[Step], finish: Callable[[int], None]) -> None:
    """Start the steps; when the last one has ended, write `result.json` and call `finish` with the exit code."""
    work = _all_steps(tour, steps)

    def tick() -> float | None:
        try:
            next(work)
        except StopIteration:
            finish(_write_result(tour))
            return None
        return _TICK_S

    bpy.app.timers.register(tick, first_interval=1.0, persistent=True)


def _all_steps(tour: Tour, steps: Sequence[Step]) -> Generator[None, None, None]:
    for step in steps:
        outcome = Outcome(step.__name__)
        tour.outcomes.append(outcome)
        started, seen = time.monotonic(), len(tour.monitor.stalls) if tour.monitor else 0
        try:
            yield from _with_waits(step(tour))
            outcome.passed = True
        except Exception:  # noqa: BLE001 (whatever went wrong is the outcome of this step, and the next one begins)
            outcome.error = traceback.format_exc()
        outcome.seconds = round(time.monotonic() - started, 2)
        outcome.stalls = tour.monitor.stalls[seen:] if tour.monitor else []
        _tell(outcome)
        yield


def _with_waits(step: Generator[Wait, None, None]) -> Generator[None, None, None]:
    deadline_s = 240.0
    for wait in step:
        until = time.monotonic() + (deadline_s if callable(wait) else wait)
        while not (callable(wait) and wait()):
            if time.monotonic() >= until:
                if callable(wait):
                    step.throw(TimeoutError(f"waited {deadline_s:.0f} s in vain"))
                break
            yield


def _write_result(tour: Tour) -> int:
    failed = [outcome.name for outcome in tour.outcomes if not outcome.passed]
    result = {
        "blender": bpy.app.version_string,
        "python": sys.version.split()[0],
        "failed": failed,
        "steps": [asdict(outcome) for outcome in tour.outcomes],
    }
    (tour.out / "result.json").write_text(json.dumps(result, indent=1, default=str), encoding="utf-8")
    return 1 if failed else 0


def _tell(outcome: Outcome) -> None:
    state = "passed" if outcome.passed else f"FAILED\n{outcome.error}"
    sys.stderr.write(f"tour: {outcome.name} {outcome.seconds:.1f} s {outcome.facts or ''} {state}\n")
    sys.stderr.flush()


def leave(code: int) -> None:
    """End Blender at once with an exit code, which `wm.quit_blender` cannot give."""
    sys.stderr.flush()
    os._exit(code)
