"""Finds out when Blender's main thread does not come around in time, and what it was doing then.

A timer of Blender beats every few milliseconds. A thread watches the beat; while it is late the thread samples what
Python code the main thread is in. No Python code: Blender itself is drawing or evaluating.
"""

import contextlib
import sys
import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import bpy

LIMIT_S = 0.05
_BEAT_S = 0.005
_SAMPLE_S = 0.01
_TOUR = str(Path(__file__).parent)


@dataclass(frozen=True)
class Stall:
    """One time that the main thread was away; `ended` by `time.perf_counter`.

    `parts` says how long in whose code: `add-on`, `tour` (our own steps), or `Blender` (drawing and evaluation, no
    Python). `locked` is the longest time without a sample: Python's lock was held, by whatever thread. `lines` is where
    the add-on, or else whoever, was seen longest.
    """

    ended: float
    seconds: float
    parts: dict[str, float]
    locked: float
    lines: tuple[str, ...]


class StallMonitor:
    """Runs from `start` to `stop`; `stalls` may be read at any time."""

    def __init__(self, addon_folder: str) -> None:
        self.stalls: list[Stall] = []
        self._addon_folder = addon_folder
        self._main = threading.main_thread().ident
        self._beat = self._quiet_since = time.perf_counter()
        self._samples: list[tuple[float, tuple[str, ...]]] = []  # when, and what was running
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stall-monitor", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._beat = time.perf_counter()
        bpy.app.timers.register(self._on_beat, persistent=True)
        self._thread.start()

    def quiet_s(self) -> float:
        """For how long the main thread has come around in time."""
        return time.perf_counter() - self._quiet_since

    def stop(self) -> None:
        """End the thread and the timer."""
        self._ended.set()
        self._thread.join()
        with contextlib.suppress(ValueError):  # a stopped timer takes itself away
            bpy.app.timers.unregister(self._on_beat)

    def _on_beat(self) -> float | None:
        now = time.perf_counter()
        late = now - self._beat
        if late > LIMIT_S + _BEAT_S:
            self.stalls.append(self._stall(late))
            self._quiet_since = now
        self._samples.clear()
        self._beat = now
        return None if self._ended.is_set() else _BEAT_S

    def _watch(self) -> None:
        while not self._ended.wait(_SAMPLE_S):
            if time.perf_counter() - self._beat > _BEAT_S + _SAMPLE_S:
                self._samples.append((time.perf_counter(), self._lines()))

    def _lines(self) -> tuple[str, ...]:
        frame = sys._current_frames().get(self._main)  # the one way to another thread's stack
        stack = traceback.extract_stack(frame) if frame is not None else []
        return tuple(f"{entry.filename}:{entry.lineno} {entry.name}" for entry in stack)

    def _stall(self, seconds: float) -> Stall:
        """A sample stands for the time since the one before: a call into C that keeps Python's lock delays it."""
        parts: Counter[str] = Counter()
        seen: dict[str, Counter[tuple[str, ...]]] = {"add-on": Counter(), "tour": Counter(), "Blender": Counter()}
        before, locked = self._beat, 0.0
        for moment, lines in list(self._samples):
            owner = self._owner(lines)
            parts[owner] += moment - before
            seen[owner][lines] += 1
            before, locked = moment, max(locked, moment - before)
        longest = next((lines.most_common(1)[0][0] for lines in seen.values() if lines), ())
        return Stall(time.perf_counter(), seconds, dict(parts), locked, longest[-6:])

    def _owner(self, lines: tuple[str, ...]) -> str:
        if any(self._addon_folder in line for line in lines):
            return "add-on"
        return "tour" if any(_TOUR in line for line in lines) else "Blender"
