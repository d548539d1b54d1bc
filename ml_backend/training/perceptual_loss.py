"""The perceptual term of Eq. (8): layers of VGG-19 where its weights are on disk, else a named substitute.

Nothing is downloaded. The substitute compares slopes at several sizes: it asks for sharpness, but knows no textures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml_backend.training.losses import multi_scale_gradient
from ml_backend.weights.checkpoint import load_strictly, read_tensors

VGG_FILE = "vgg19-dcbb9e9d.pth"  # torchvision's name of its ImageNet weights

_CONFIGURATION = (64, 64, "pool", 128, 128, "pool", *(256,) * 4, "pool", *(512,) * 4, "pool", 512)
# The first ReLU of each size and its weight, as in pix2pixHD and the authors' criterion.
_COMPARED: Mapping[int, float] = {1: 1 / 32, 6: 1 / 16, 11: 1 / 8, 20: 1 / 4, 29: 1.0}
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet
_SUBSTITUTE_WEIGHT = 2.0  # brings it near to the l1 term's size


@dataclass(frozen=True, slots=True)
class PerceptualTerm:
    """`loss`(pictures, truths (B, 3, H, W) in [0, 1], known (B, 1, H, W)) -> scalar; `note` says what it is."""

    loss: nn.Module
    note: str


def load_perceptual_term(checkpoints: Path | None = None) -> PerceptualTerm:
    """VGG-19 from a folder, torch's own by default, or the substitute. Raises WeightsMismatch for a damaged file."""
    folder = checkpoints or Path(torch.hub.get_dir()) / "checkpoints"
    path = folder / VGG_FILE
    if not path.is_file():
        note = f"Perceptual term: multi-scale gradients, since {VGG_FILE} is not in {folder}."
        return PerceptualTerm(GradientLoss(), note)
    loss = VggLoss()
    tensors = read_tensors(path)
    wanted = loss.features.state_dict()
    kept = {n.removeprefix("features."): t for n, t in tensors.items() if n.removeprefix("features.") in wanted}
    load_strictly(loss.features, kept, str(path))
    return PerceptualTerm(loss.requires_grad_(False).eval(), f"Perceptual term: VGG-19 from {path}.")


class VggLoss(nn.Module):
    """Weighted L1 between five layers of VGG-19 (Simonyan and Zisserman 2015)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for item in _CONFIGURATION:
            if isinstance(item, int):
                layers += [nn.Conv2d(channels, item, 3, padding=1), nn.ReLU()]
                channels = item
            else:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        for name, values in (("mean", _MEAN), ("std", _STD)):
            self.register_buffer(name, torch.tensor(values)[:, None, None], persistent=False)

    def forward(self, found: Tensor, truth: Tensor, known: Tensor) -> Tensor:
        """The distance; what is not known is taken from the truth, so that it differs in nothing."""
        x = torch.cat([torch.lerp(truth, found, known), truth])
        x = (x - self.mean) / self.std
        total = torch.zeros((), device=x.device)
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in _COMPARED:
                first, second = x.chunk(2)
                total = total + _COMPARED[index] * F.l1_loss(first, second.detach())
        return total


class GradientLoss(nn.Module):
    """The substitute, with the signature of `VggLoss`."""

    def forward(self, found: Tensor, truth: Tensor, known: Tensor) -> Tensor:
        """The distance."""
        return _SUBSTITUTE_WEIGHT * multi_scale_gradient(found, truth, known)
