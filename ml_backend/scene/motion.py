"""New motion for a scene folder that is there: what a changed mask, arrow, or speed asks for, in seconds."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ml_backend.atomic_file import replacing_folder
from ml_backend.authors.scene import move_authors_scene
from ml_backend.motion.flow_color import flow_to_color
from ml_backend.motion.region_list import MovingRegion, list_regions
from ml_backend.photos.media import write_photo
from ml_backend.pipeline import move_scene
from ml_backend.scene.drawing import (
    Drawing,
    MotionOptions,
    moves_by_network,
    read_drawing,
    with_guessed_mask,
    write_drawing,
)
from ml_backend.scene.preview_flow import preview_flow
from ml_backend.scene.warnings import scene_warnings
from ml_backend.structures import Progress, Scene, no_progress

FLOW_PICTURE = "flow.png"
# scene.json first: written anew, so that whoever keeps the scene in memory sees that it has changed.
_REWRITTEN = (
    "scene.json",
    "motion.npy",
    "cloud/flow.npy",
    "cloud/flow_bend.npy",
    FLOW_PICTURE,
    "mask.png",
    "freeze.png",
    "hints.json",
)


@dataclass(frozen=True, slots=True)
class MovedScene:
    """A scene with new motion, its moving regions, and what the user should know about it."""

    scene: Scene
    regions: tuple[MovingRegion, ...] = ()
    warnings: tuple[str, ...] = ()


def estimate_scene_motion(
    scene: Scene, scene_dir: Path, options: MotionOptions, *, progress: Progress = no_progress
) -> MovedScene:
    """Give a built scene new motion, and write it into its folder: all of it or, on an error, nothing.

    Args:
        scene: as loaded from the folder.
        scene_dir: the folder.
        options: all that moves it, given anew; what is left out is not taken from the folder.

    Raises:
        BadInput: a file cannot be used. BadOutput: the folder cannot be written.
    """
    progress("reading the drawing", 0.05)
    drawing = read_drawing(options, scene.camera.width, scene.camera.height)
    drawing = with_guessed_mask(drawing, scene.image, scene.depth)
    progress("motion", 0.2)
    scene = apply_drawing(scene, drawing)
    progress("writing", 0.7)
    with replacing_folder(scene_dir, _REWRITTEN) as partial:
        (partial / "cloud").mkdir()
        write_motion(scene, partial)
        write_drawing(drawing, partial)
        shutil.copyfile(scene_dir / "scene.json", partial / "scene.json")
    progress("done", 1.0)
    return MovedScene(scene, moving_regions(scene, drawing), scene_warnings(scene, drawing))


def apply_drawing(scene: Scene, drawing: Drawing) -> Scene:
    """The scene with the motion of a drawing."""
    if drawing.flow is not None:
        return replace(scene, motion=drawing.flow)
    if moves_by_network(scene.networks, drawing):
        return move_authors_scene(scene, drawing.hints)
    return move_scene(scene, drawing.hints)


def moving_regions(scene: Scene, drawing: Drawing) -> tuple[MovingRegion, ...]:
    """The regions that the drawing's mask makes; none where motion comes from a file or nothing was drawn."""
    if drawing.flow is not None or drawing.hints is None:
        return ()
    return tuple(list_regions(drawing.hints, scene.motion))


def write_motion(scene: Scene, folder: Path) -> None:
    """Write the motion, its preview, and its picture; `cloud` is there."""
    np.save(folder / "motion.npy", scene.motion.flow.permute(1, 2, 0).contiguous().numpy())
    preview = preview_flow(scene)
    np.save(folder / "cloud" / "flow.npy", preview.flow.numpy())
    np.save(folder / "cloud" / "flow_bend.npy", preview.bend.numpy())
    write_photo(flow_to_color(scene.motion.flow), folder / FLOW_PICTURE, 8)
