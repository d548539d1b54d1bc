"""Export Loop of a moved and a waving layer with the real backend: the video shows what Render Animation renders."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)
av = pytest.importorskip("av", reason="PyAV is not installed")

from cinemagraph.cinemagraph_addon import backend_process  # noqa: E402
from cinemagraph.cinemagraph_addon.backend_environment import PYTHON_VARIABLE  # noqa: E402

_FRAMES = 3
_CODEC = 4.0  # of 255: what H.264 changes of the brightness on average; it keeps a quarter of the hues


@pytest.fixture(scope="module")
def exported(addon: None, backend_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with loop.mp4, and frame_0001.png to frame_0003.png of Render Animation, and the photo."""
    folder = tmp_path_factory.mktemp("export")
    y, x = np.mgrid[0:64, 0:96].astype(np.float64)
    near = (abs(x - 48) < 16) & (abs(y - 28) < 14)
    texture = np.stack([127 + 90 * np.sin(x / 9 + k) * np.cos(y / 7 - k) for k in range(3)], axis=-1)
    texture[near] = 255 - texture[near]
    Image.fromarray(texture.astype(np.uint8)).save(folder / "photo.png")
    Image.fromarray(np.where(y > 46, 255, 0).astype(np.uint8)).save(folder / "mask.png")
    np.save(folder / "depth.npy", np.where(near, 1.0, 3.0).astype(np.float32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PYTHON_VARIABLE, str(backend_python))
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        settings = scene.cinemagraph
        settings.photo, settings.depth, settings.mask = (
            str(folder / name) for name in ("photo.png", "depth.npy", "mask.png")
        )
        settings.loop_frames = _FRAMES
        bpy.ops.cinemagraph.build_scene()
        _pose(bpy.data.objects["Layer 0 (near)"], bpy.data.objects["Layer 1 (far)"])
        scene.frame_start, scene.frame_end = 1, _FRAMES
        scene.render.filepath = str(folder / "frame_")
        bpy.ops.render.render(animation=True)
        bpy.ops.cinemagraph.export_loop(filepath=str(folder / "loop.mp4"))
        yield folder
        backend_process.stop()


def _pose(near: bpy.types.Object, far: bpy.types.Object) -> None:
    near.location.x = 0.125  # 12 px to the right
    wave = far.modifiers.new("Wave", "WAVE")
    wave.height, wave.width, wave.narrowness, wave.time_offset = 0.3, 0.8, 2.0, -60.0
    far.modifiers.move(len(far.modifiers) - 1, 0)


def _video(folder: Path) -> list[np.ndarray]:
    with av.open(str(folder / "loop.mp4")) as container:
        return [frame.to_ndarray(format="gray").astype(float) for frame in container.decode(video=0)]


def _brightness(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB").convert("L")).astype(float)


def test_the_video_shows_what_render_animation_renders(exported: Path) -> None:
    frames = _video(exported)
    rendered = [_brightness(exported / f"frame_{number:04}.png") for number in range(1, _FRAMES + 1)]
    errors = [np.abs(frame - expected).mean() for frame, expected in zip(frames, rendered, strict=True)]
    assert (len(errors), max(errors) < _CODEC) == (_FRAMES, True)


def test_the_pose_is_seen(exported: Path) -> None:
    assert np.abs(_video(exported)[0] - _brightness(exported / "photo.png")).mean() > 2 * _CODEC
