"""The photo at its working size as an image to paint and draw on, upright as the backend sees it."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ..ml_backend.protocol import GuessMotion
from . import backend_process
from .bridge.arrays import job_folder
from .bridge.problem import Problem
from .bridge.scene_folder import photo_file, read_description
from .file_paths import absolute, scene_folder
from .mask_image import has_pixels, read_grey_file
from .modal_job import Step, wait_for


@dataclass(frozen=True, slots=True)
class Guess:
    """mask (H, W) uint8, row 0 on top; arrows, [x, y, end x, end y] each on the photo in [0, 1], y down."""

    mask: np.ndarray
    arrows: list[list[float]]


def has_photo_image(scene: bpy.types.Scene) -> bool:
    """Whether the image to paint on is there and of the chosen photo."""
    motion = scene.cinemagraph.motion
    return has_pixels(motion.photo_image) and motion.photo_source == _source(scene)


def remember_built_photo(scene: bpy.types.Scene) -> None:
    """After building: the scene folder shows the chosen photo."""
    scene.cinemagraph.motion.built_source = _source(scene)
    use_built_photo(scene)


def use_built_photo(scene: bpy.types.Scene) -> bool:
    """Take the photo of the built scene as the image to paint on; False where none or another photo was built."""
    settings = scene.cinemagraph
    if not settings.is_built or settings.motion.built_source not in {"", _source(scene)}:
        return False
    folder = scene_folder(scene)
    description = read_description(folder)
    settings.motion.photo_size = (description.width, description.height)
    settings.motion.photo_image = bpy.data.images.load(str(photo_file(folder)), check_existing=True)
    settings.motion.photo_source = _source(scene)
    return True


def guess_from_photo(scene: bpy.types.Scene) -> Generator[Step, None, Guess]:
    """Inside a job: the photo at its working size as an image, and a first guess of mask and arrows for it."""
    settings = scene.cinemagraph
    name = scene.name
    request = {field: absolute(getattr(settings, field)) for field in ("photo", "depth", "depth_model")}
    if not Path(request["photo"]).is_file():
        raise Problem(f"Photo '{request['photo']}' does not exist.", hint="Choose the file again.")
    client = backend_process.client()
    with job_folder(client.folder) as folder:
        values = yield from wait_for(
            client.submit(GuessMotion, **request, output_dir=str(folder), size=settings.working_size), 0.0, 0.95
        )
        scene = bpy.data.scenes.get(name)
        if scene is None:
            raise Problem(f"The scene '{name}' was removed meanwhile.")
        _keep_photo(scene, Path(str(values["photo"])))
        return Guess(read_grey_file(Path(str(values["mask"]))), list(values["arrows"]))


def _keep_photo(scene: bpy.types.Scene, path: Path) -> None:
    """Pack the photo into the .blend: its folder goes with the job."""
    image = bpy.data.images.load(str(path))
    image.name = Path(scene.cinemagraph.photo).stem
    image.pack()
    motion = scene.cinemagraph.motion
    motion.photo_image = image
    motion.photo_size = tuple(image.size)
    motion.photo_source = _source(scene)


def _source(scene: bpy.types.Scene) -> str:
    return f"{absolute(scene.cinemagraph.photo)} {scene.cinemagraph.working_size}"
