"""The authors' networks: ours take their weights by name and give their output."""

from pathlib import Path

import numpy as np
import pytest
import torch
from golden_weights import SHARED, golden_input, golden_outputs, golden_tensors
from torch import Tensor

from ml_backend.errors import WeightsMismatch
from ml_backend.ldi.inpainting_nets import color_net, depth_net
from ml_backend.models import check_content, load_inpainting_nets, load_motion_net, load_rendering_nets
from ml_backend.motion.spade_unet import SpadeUNet
from ml_backend.points.feature_net import FeatureNet
from ml_backend.rendering.decoder_net import DecoderNet
from ml_backend.weights import official
from ml_backend.weights.catalog import WeightSpec, find
from ml_backend.weights.checkpoint import load_strictly
from ml_backend.weights.store import import_files

_TOLERANCE = 1e-5  # relative to the largest value: float32 sums in another order

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not there")


def _difference(found: Tensor, expected: np.ndarray) -> float:
    return float(np.abs(found.detach().numpy() - expected).max() / np.abs(expected).max())


def _motion_tensors(*, settled: bool) -> dict[str, Tensor]:
    tensors = golden_tensors("motion_netG")
    if settled:
        stored = {k[4:]: torch.from_numpy(v) for k, v in golden_outputs("net_motion").items() if k.startswith("uv__")}
        tensors.update(stored)
    return tensors


@pytest.mark.parametrize(
    ("seed", "output", "iterations"),
    [
        (300, "out_eval", 0),
        (301, "out_eval", 0),
        (300, "out_train_1st_call", 1),
        (300, "out_train_2nd_call", 2),
    ],
)
def test_motion_network_is_the_authors(seed: int, output: str, iterations: int) -> None:
    network = SpadeUNet(nearest_channels=official.MOTION_NEAREST_CHANNELS, power_iterations=iterations)
    load_strictly(network, official.motion_tensors(_motion_tensors(settled=True), "golden"), "golden")
    golden = golden_outputs("net_motion")
    x = golden_input(seed, tuple(golden[f"seed{seed}_in_shape"]))
    x[:, :3] = 2 * x[:, :3] - 1
    x[:, 3] = (x[:, 3] > 0.4).float()

    with torch.inference_mode():
        assert _difference(network(x), golden[f"seed{seed}_{output}"]) < _TOLERANCE


@pytest.mark.parametrize("seed", [100, 101, 102])
def test_feature_network_is_the_authors(seed: int) -> None:
    network = FeatureNet().eval()
    load_strictly(network, official.feature_tensors(golden_tensors("feature_net"), "golden"), "golden")
    golden = golden_outputs("net_feature")

    with torch.inference_mode():
        found = network(golden_input(seed, tuple(golden[f"seed{seed}_in_shape"])))
    assert _difference(found, golden[f"seed{seed}_out"]) < _TOLERANCE


@pytest.mark.parametrize("seeds", [(200, 201), (202, 203), (204, 205)])
def test_decoder_is_the_authors(seeds: tuple[int, int]) -> None:
    network = DecoderNet().eval()
    load_strictly(network, official.decoder_tensors(golden_tensors("img_decoder"), "golden"), "golden")
    golden, name = golden_outputs("net_decoder"), f"seed{seeds[0]}_{seeds[1]}"
    shape = tuple(golden[f"{name}_in_shape"])
    forward, backward = golden_input(seeds[0], shape), golden_input(seeds[1], shape)

    with torch.inference_mode():
        first, second = (
            share * torch.exp(network.alpha * x[:, -1:]) * x[:, 3:4] for share, x in ((0.7, forward), (0.3, backward))
        )
        found = network((first * forward + second * backward) / (first + second).clamp(min=1e-6))
    assert _difference(found, golden[f"{name}_tau0.3_out"]) < _TOLERANCE


@pytest.mark.parametrize("kind", ["color", "depth"])
def test_inpainting_networks_are_those_of_3d_photo(kind: str) -> None:
    network = (color_net() if kind == "color" else depth_net()).eval()
    tensors = golden_tensors(f"inpaint_{kind}")
    load_strictly(network, official.inpainting_tensors(tensors, "golden"), "golden")
    golden = {name: torch.from_numpy(array) for name, array in golden_outputs("net_inpaint").items()}
    known = golden["rgb_context"] if kind == "color" else golden["depth_zero_mean"]
    edges = torch.zeros_like(golden["hole"])

    with torch.inference_mode():
        found = network(torch.cat([known, edges, golden["context"], golden["hole"]], dim=1))
    assert _difference(found, golden[f"{kind}_out"].numpy()) < _TOLERANCE


def _import(spec: WeightSpec, sources: list[Path], root: Path) -> None:
    import_files(spec, sources, root, check=check_content)


def test_checkpoints_of_the_authors_are_imported_and_run(tmp_path: Path) -> None:
    torch.save({"netG": _motion_tensors(settled=True)}, tmp_path / "sceneflow_model.pth")
    content = {
        "optimG": {"state": {}, "param_groups": []},
        "feature_net": golden_tensors("feature_net"),
        "img_decoder": golden_tensors("img_decoder"),
        "netD": {"unused": torch.zeros(1)},
    }
    torch.save(content, tmp_path / "model_150000.pth")
    _import(find("paper-motion"), [tmp_path], tmp_path / "store")
    _import(find("paper-rendering"), [tmp_path], tmp_path / "store")
    features, decoder = load_rendering_nets(tmp_path / "store")

    assert load_motion_net(tmp_path / "store")(torch.zeros(1, 6, 256, 256)).shape == (1, 2, 256, 256)
    assert features(torch.zeros(2, 4, 64, 64)).shape == (2, 32, 16, 16)
    assert decoder(torch.zeros(1, 37, 32, 48)).shape == (1, 3, 32, 48)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"model": {"x": torch.zeros(1)}}, "expected the entry 'netG', found 'model'"),
        ({"netG": {"x": torch.zeros(1)}}, "expected the weights of the authors' network, found 'x'"),
        ({"netG": {"motion_predictor.conv1.bias": torch.zeros(32)}}, "141 of 142 weights are missing"),
    ],
)
def test_other_checkpoint_is_not_imported(tmp_path: Path, content: object, message: str) -> None:
    torch.save(content, tmp_path / "sceneflow_model.pth")

    with pytest.raises(WeightsMismatch, match=f"sceneflow_model.pth: .*{message}"):
        _import(find("paper-motion"), [tmp_path], tmp_path / "store")
    assert not (tmp_path / "store" / "paper-motion").exists()


def test_mask_convolution_that_does_not_count_is_refused() -> None:
    tensors = {"enc_1.conv.mask_conv.weight": torch.full((1,), 2.0)}

    with pytest.raises(WeightsMismatch, match="expected ones in enc_1"):
        official.inpainting_tensors(tensors, "color-model.pth")


def test_missing_inpainting_networks_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="weights fetch 3d-photo"):
        load_inpainting_nets(tmp_path)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SpadeUNet()(torch.zeros(1, 6, 100, 256)), "multiples of 256, found 100 x 256"),
        (lambda: DecoderNet()(torch.zeros(1, 37, 33, 64)), "even sides of at least 32 pixels, found 33 x 64"),
    ],
)
def test_size_that_a_network_cannot_take_is_told(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]
