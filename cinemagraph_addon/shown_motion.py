"""Puts the result of an estimate into Blender: the layers' flow, the list of regions, and the flow's picture."""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import bpy

from .bridge.scene_folder import read_flow
from .bridge.thread_job import RESULT, ThreadJob
from .editor_areas import redraw_editors
from .modal_job import Step, wait_for
from .point_cloud import layer_objects, set_layer_flow

_LABELS = {"sky": "Sky", "falls": "Falls", "water": "Water"}


def show_layer_motion(
    find_scene: Callable[[], bpy.types.Scene], folder: Path, start: float
) -> Generator[Step, None, None]:
    """Inside a job: give the layers the motion of the scene folder; the preview plays it at once."""
    read = ThreadJob("reading the motion", lambda: read_flow(folder))
    flow, bend = (yield from wait_for(read, start, start))[RESULT]
    layers = sorted(layer_objects(find_scene().cinemagraph.collection))
    for number, layer in enumerate(layers, start=1):
        obj = layer_objects(find_scene().cinemagraph.collection).get(layer)
        if obj is not None:
            set_layer_flow(obj, flow, bend)
        yield Step("showing the motion", start + (1 - start) * number / len(layers))


def show_regions(motion: bpy.types.PropertyGroup, reports: Sequence[dict[str, object]]) -> None:
    """Make the list of regions that of the last estimate; speeds come with it."""
    motion.regions.clear()
    for report in reports:
        region = motion.regions.add()
        region.name = _LABELS.get(str(report["kind"]), "Water")
        region.place = (float(report["x"]), 1 - float(report["y"]))
        region.share, region.flow, region.speed = report["share"], report["flow"], report["speed"]
    motion.active_region = min(motion.active_region, max(0, len(motion.regions) - 1))
    redraw_editors()


def show_flow_image(scene: bpy.types.Scene, path: Path) -> None:
    """Load the picture of the flow, or load it anew."""
    if not path.is_file():
        scene.cinemagraph.motion.flow_image = None
        return
    image = bpy.data.images.load(str(path), check_existing=True)
    image.reload()
    image.name = "Flow"
    scene.cinemagraph.motion.flow_image = image
