"""What Blender writes of our frames: ranges, steps, sizes, passes, files, and movies."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)


def _set_format(scene: bpy.types.Scene, medium: str, file_format: str) -> None:
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):  # 5.0 asks for the medium first
        settings.media_type = medium
    settings.file_format = file_format


def _render_animation(scene: bpy.types.Scene, folder: Path) -> list[str]:
    scene.render.filepath = f"{folder}/"
    bpy.ops.render.render(animation=True)
    return sorted(path.name for path in folder.iterdir())


def _request(scene: bpy.types.Scene) -> dict[str, object]:
    folder = Path(bpy.path.abspath(scene.cinemagraph.scene_dir))
    return json.loads((folder / "last_request.json").read_text())


def _read_exr(path: Path) -> dict[str, np.ndarray]:
    openexr = pytest.importorskip("OpenEXR")
    parts = openexr.File(str(path), separate_channels=True).parts  # 5.0 makes a part of each pass
    return {name: channel.pixels for part in parts for name, channel in part.channels.items()}


def test_a_range_with_a_step_writes_those_frames(built: bpy.types.Scene, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    built.frame_start, built.frame_end, built.frame_step = 2, 8, 3
    assert _render_animation(built, tmp_path / "out") == ["0002.png", "0005.png", "0008.png"]


def test_a_percentage_makes_a_smaller_picture(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.render.resolution_percentage = 50
    built.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    request = _request(built)
    assert (request["width"], request["height"], request["intrinsics"]) == (48, 32, [48.0, 48.0, 24.0, 16.0])


def test_exr_layers_hold_combined_depth_and_alpha(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.context.view_layer.use_pass_z = True
    built.cinemagraph.render.use_alpha_pass = True
    _set_format(built, "MULTI_LAYER_IMAGE", "OPEN_EXR_MULTILAYER")
    built.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    found = {name.split(".", 1)[1] for name in _read_exr(tmp_path / "frame.exr")}
    assert {"Combined.R", "Combined.A", "Depth.Z", "Alpha.A"} <= found


def test_the_alpha_pass_is_the_coverage(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.cinemagraph.render.use_alpha_pass = True
    _set_format(built, "MULTI_LAYER_IMAGE", "OPEN_EXR_MULTILAYER")
    built.render.image_settings.color_depth = "32"
    built.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    alpha = _read_exr(tmp_path / "frame.exr")["ViewLayer.Alpha.A"]
    assert (alpha[0, 0], alpha[1, 1]) == (0.5, 1.0)


def test_a_movie_holds_every_frame(built: bpy.types.Scene, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    _set_format(built, "VIDEO", "FFMPEG")
    built.render.ffmpeg.format, built.render.ffmpeg.codec = "MPEG4", "H264"
    built.frame_end = 5
    (name,) = _render_animation(built, tmp_path / "out")
    movie = bpy.data.movieclips.load(str(tmp_path / "out" / name))
    assert (tuple(movie.size), movie.frame_duration) == ((96, 64), 5)


def test_quality_and_samples_are_asked_for(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.cinemagraph.render.quality, built.cinemagraph.render.samples = "DRAFT", 3
    built.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    request = _request(built)
    assert (request["quality"], request["samples"]) == ("draft", 3)


def test_rendering_twice_gives_the_same_pixels(built: bpy.types.Scene, tmp_path: Path) -> None:
    pictures = []
    for name in ("first", "second"):
        built.render.filepath = str(tmp_path / name)
        bpy.ops.render.render(write_still=True)
        pictures.append(np.asarray(Image.open(tmp_path / f"{name}.png")))
    assert np.array_equal(*pictures)
