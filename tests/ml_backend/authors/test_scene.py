"""A photo becomes frames with the networks of the paper's authors, installed from checkpoints as theirs are."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from golden_weights import SHARED, golden_outputs, golden_tensors
from PIL import Image

from ml_backend.authors.loop import AuthorsLoop, open_loop
from ml_backend.authors.scene import authors_depth, inpainting_nets_for
from ml_backend.cli import COMMANDS, run
from ml_backend.depth.estimate import FARTHEST
from ml_backend.errors import BadScene, MissingDependency
from ml_backend.models import check_content
from ml_backend.motion.hints import Arrow, HintsFile, write_hints
from ml_backend.photos.media import read_photo
from ml_backend.scene.folder import BuildOptions, BuiltScene, build_scene, load_scene
from ml_backend.weights.catalog import find
from ml_backend.weights.location import VARIABLE
from ml_backend.weights.store import import_files

_WIDTH, _HEIGHT = 72, 48


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """photo.png, depth.npy, mask.png, and hints.json."""
    folder = tmp_path_factory.mktemp("inputs")
    noise = np.random.default_rng(0).integers(60, 190, (_HEIGHT, _WIDTH, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "photo.png")
    depth = np.full((_HEIGHT, _WIDTH), 4.0, np.float32)
    depth[8:32, 40:64] = 1.0
    np.save(folder / "depth.npy", depth)
    mask = np.zeros((_HEIGHT, _WIDTH), np.uint8)
    mask[20:, :36] = 255
    Image.fromarray(mask).save(folder / "mask.png")
    write_hints(folder / "hints.json", HintsFile(_WIDTH, _HEIGHT, (Arrow((10.5, 40.5), (60.5, 40.5)),)))
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights folder with the authors' motion and rendering networks, of made-up weights."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not there")
    files, root = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("weights")
    motion = golden_tensors("motion_netG")
    motion.update({k[4:]: torch.from_numpy(v) for k, v in golden_outputs("net_motion").items() if k.startswith("uv__")})
    torch.save({"netG": motion}, files / "sceneflow_model.pth")
    nets = {"feature_net": golden_tensors("feature_net"), "img_decoder": golden_tensors("img_decoder")}
    torch.save(nets, files / "model_150000.pth")
    for name in ("paper-motion", "paper-rendering"):
        import_files(find(name), [files], root, check=check_content)
    for path in files.iterdir():
        path.unlink()
    return root


@pytest.fixture(scope="module")
def built(inputs: Path, store: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[BuiltScene, Path]:
    """A scene that tests read, and its folder."""
    folder = tmp_path_factory.mktemp("built") / "scene"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(VARIABLE, str(store))
        return build_scene(inputs / "photo.png", folder, _options(inputs)), folder


def _options(inputs: Path, *, hints: bool = True) -> BuildOptions:
    return BuildOptions(
        mask=inputs / "mask.png",
        hints=inputs / "hints.json" if hints else None,
        depth=inputs / "depth.npy",
        networks="paper",
    )


def _cli(*arguments: object) -> tuple[int, str]:
    stdout = io.StringIO()
    return run([*map(str, arguments), "--json"], stdout, COMMANDS), stdout.getvalue()


def test_animate_writes_frames_with_the_authors_networks(
    inputs: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(store))
    given = ("--mask", inputs / "mask.png", "--hints", inputs / "hints.json", "--depth", inputs / "depth.npy")
    options = ("--networks", "paper", "--frames", 3, "--scene", tmp_path / "scene")
    code, said = _cli("animate", inputs / "photo.png", "-o", tmp_path / "frames", *given, *options)

    assert code == 0, said
    frames = sorted((tmp_path / "frames").glob("*.png"))
    assert [read_photo(frame, 100).image.shape for frame in frames] == [(3, _HEIGHT, _WIDTH)] * 3
    assert isinstance(_opened(tmp_path / "scene"), AuthorsLoop)


def _opened(folder: Path) -> object:
    return open_loop(load_scene(folder), 4)


def test_loop_closes_and_the_same_frame_is_the_same_bytes(
    built: tuple[BuiltScene, Path], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(store))
    of_built, of_loaded = open_loop(built[0].scene, 4), open_loop(load_scene(built[1]), 4)
    camera = built[0].scene.camera

    first = of_built.render(camera, 0).rgb
    assert torch.equal(of_built.render(camera, 4).rgb, first)
    assert torch.equal(of_loaded.render(camera, 1).rgb, of_built.render(camera, 1).rgb)
    assert not torch.equal(of_built.render(camera, 1).rgb, first)


def test_water_moves_inside_the_mask_only(built: tuple[BuiltScene, Path]) -> None:
    flow = built[0].scene.motion.flow
    assert bool((flow[:, 24:, 4:32] != 0).any())
    assert float(flow[:, :20].abs().max()) == 0
    assert float(flow[:, :, 36:].abs().max()) == 0


def test_what_is_missing_of_their_line_is_said(
    inputs: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(store))
    warnings = build_scene(inputs / "photo.png", tmp_path / "scene", _options(inputs, hints=False)).warnings
    assert [w for w in warnings if "needs an arrow" in w]
    assert [w for w in warnings if "weights fetch 3d-photo" in w]


def test_without_their_weights_the_way_to_get_them_is_said(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "empty"))
    with pytest.raises(MissingDependency) as caught:
        build_scene(inputs / "photo.png", tmp_path / "scene", _options(inputs))
    assert "weights import paper-motion sceneflow_model.pth" in caught.value.hint
    assert not (tmp_path / "scene").exists()


def test_scene_of_networks_that_are_gone_says_so(
    built: tuple[BuiltScene, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "empty"))
    with pytest.raises(MissingDependency, match="paper-rendering"):
        _opened(built[1])


def test_scene_of_unknown_networks_is_refused(built: tuple[BuiltScene, Path], tmp_path: Path) -> None:
    for path in built[1].iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / "scene.json").read_text(encoding="utf-8").replace('"paper"', '"theirs"')
    (tmp_path / "scene.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadScene, match="theirs"):
        load_scene(tmp_path)


def test_depth_of_their_line_has_no_unit_and_an_end() -> None:
    disparity = torch.linspace(-3, 7, 40).clamp(min=0).expand(30, -1)
    depth = authors_depth(torch.zeros(3, 30, 40), lambda image: disparity).depth
    assert float(depth.min()) == pytest.approx(1, rel=0.1)
    assert float(depth.max()) == FARTHEST
    other = authors_depth(torch.zeros(3, 30, 40), lambda image: 100 * disparity + 5).depth
    torch.testing.assert_close(other, depth)


def test_hidden_colors_are_the_chosen_inpainters(tmp_path: Path) -> None:
    def paint_red(image: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        return torch.where(known, image, torch.tensor([1.0, 0.0, 0.0])[:, None, None])

    nets = inpainting_nets_for(paint_red, tmp_path)
    given = torch.zeros(1, 6, 8, 8)
    given[:, 4, :, :4], given[:, 5, :, 4:] = 1, 1
    assert nets.color(given)[0, :, 2, 6].tolist() == [1.0, 0.0, 0.0]
