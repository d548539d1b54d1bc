"""The frames of one loop, rendered one by one with the layers as they stand: moved, deformed, hidden for a time.

The layers are read as a render (F12) would see them, without Blender's renderer. The current frame and the modifiers
are the artist's own again after each look.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np

from ..ml_backend.protocol import RenderFrame
from . import backend_process
from .bridge.arrays import job_folder, read_array
from .bridge.color_png import write_color_png
from .bridge.thread_job import RESULT, ThreadJob
from .camera import render_size
from .cloud_nodes import MODIFIER
from .frame_request import Region, SeenFrame, scene_view, see_frame
from .modal_job import Step, wait_for
from .point_cloud import layer_objects

_STAGE = "rendering"


def render_frames(
    find_scene: Callable[[], bpy.types.Scene], folder: Path, start: float, end: float
) -> Generator[Step, None, None]:
    """Inside a job: write frame_0000.png and so on, one loop, as the scene's camera sees it; raises Problem.

    Args:
        find_scene: looks the scene up again after each pause.
        start, end: fractions of the job.
    """
    num_frames = find_scene().cinemagraph.loop_frames
    for number in range(num_frames):
        low, high = (start + (end - start) * n / num_frames for n in (number, number + 1))
        yield Step(_STAGE, low)
        with job_folder(folder) as exchange:
            yield from _render(_look(find_scene(), number), exchange, folder / f"frame_{number:04d}.png", low, high)


def _render(seen: SeenFrame, exchange: Path, path: Path, start: float, end: float) -> Generator[Step, None, None]:
    sending = ThreadJob(_STAGE, lambda: seen.request(exchange).fields)
    fields = (yield from wait_for(sending, start, start))[RESULT]
    values = yield from wait_for(backend_process.client().submit(RenderFrame, **fields), start, end)
    shape = (int(fields["height"]), int(fields["width"]), 3)
    yield from wait_for(ThreadJob(_STAGE, lambda: _write(path, read_array(str(values["rgb"]), shape))), end, end)


def _write(path: Path, rgb: np.ndarray) -> None:
    """Rounded as the backend rounds when it writes a video by itself."""
    write_color_png(path, np.rint(rgb.astype(np.float64).clip(0.0, 1.0) * 255).astype(np.uint8))


def _look(scene: bpy.types.Scene, number: int) -> SeenFrame:
    """All that the loop's frame asks of Blender."""
    before = scene.frame_current, scene.frame_subframe
    try:
        with _as_rendered(list(layer_objects(scene.cinemagraph.collection).values())):
            scene.frame_set(scene.cinemagraph.loop_start + number)
            depsgraph, size = scene.view_layers[0].depsgraph, render_size(scene.render)
            return see_frame(depsgraph, scene_view(depsgraph), Region(0, 0, size.width, size.height))
    finally:
        scene.frame_set(before[0], subframe=before[1])


@contextmanager
def _as_rendered(objects: Sequence[bpy.types.Object]) -> Iterator[None]:
    """Let the viewport evaluate the modifiers of a render, but for our own nodes: their points flow, and may be fewer.

    Layers with no other modifier need none of this.
    """
    before = [
        (modifier, modifier.show_viewport, is_shown)
        for obj in objects
        if any(modifier.name != MODIFIER for modifier in obj.modifiers)
        for modifier, is_shown in _rendered_modifiers(obj)
    ]
    try:
        for modifier, _, is_shown in before:
            modifier.show_viewport = is_shown
        yield
    finally:
        for modifier, was_shown, _ in before:
            modifier.show_viewport = was_shown


def _rendered_modifiers(obj: bpy.types.Object) -> Iterator[tuple[bpy.types.Modifier, bool]]:
    """Each modifier, and whether it changes what is rendered: after our nodes there is no mesh to bend any more."""
    is_mesh = True
    for modifier in obj.modifiers:
        is_ours = modifier.name == MODIFIER
        is_mesh = is_mesh and not (is_ours and modifier.show_render)
        yield modifier, modifier.show_render and not is_ours and (is_mesh or modifier.type == "NODES")
