"""What a layer hides, trained on generated worlds, where parts that are shown can be hidden and asked for."""

from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from ml_backend.ldi.small_nets import SmallInpaintingNet
from ml_backend.training.configs import InpaintingConfig
from ml_backend.training.datasets.layers import Layers, held_out_layers
from ml_backend.training.stage import Batch, Losses, Stage, Validation

_VALIDATION_BATCH = 16
_CONTRAST_WINDOW = 7  # px
_LARGEST_DISPARITY_ERROR = 3.0  # spreads of the layer


class InpaintingStage(Stage):
    """`SmallInpaintingNet` on hidden parts of worlds' layers.

    A batch holds given (9, H, W), color (3, H, W), disparity (1, H, W) in spreads of the layer, asked (1, H, W).
    """

    name = "inpainting"

    def __init__(self, config: InpaintingConfig) -> None:
        super().__init__(config)
        self.config: InpaintingConfig = config
        self.networks["inpainting"] = SmallInpaintingNet().to(memory_format=torch.channels_last)

    def dataset(self) -> Dataset[Batch]:
        """Parts of layers, hidden."""
        return Layers(self.config)

    def forward(self, batch: Batch) -> Losses:
        """Errors where something is asked for."""
        color, disparity = self.fill(batch["given"])
        asked = batch["asked"]
        # Beyond what is asked for the truth is put in, so that gradients and contrast at the rim are right.
        shown = torch.where(asked > 0, color, batch["color"])
        config = self.config
        error = (disparity - batch["disparity"]).abs().clamp(max=_LARGEST_DISPARITY_ERROR)
        return Losses(
            {
                "color": config.color_weight * _mean((color - batch["color"]).abs(), asked),
                "gradient": config.gradient_weight * _gradient_error(shown, batch["color"], asked),
                "texture": config.texture_weight * _mean((_contrast(shown) - _contrast(batch["color"])).abs(), asked),
                "disparity": config.disparity_weight * _mean(error, asked),
            }
        )

    def validate(self) -> Validation:
        """PSNR, contrast, and disparity of the asked parts, of the network and of what it starts from."""
        sums: dict[str, float] = {}
        pictures: dict[str, Tensor] = {}
        for held_out in self._held_out:
            batch = {name: value.to(self.device) for name, value in held_out.items()}
            color, disparity = self.fill(batch["given"])
            smooth, detail = batch["given"][:, :3], batch["given"][:, 3:6]
            found = {"": (color, disparity), "classical/": (smooth + detail, batch["given"][:, 6:7])}
            found["smooth/"] = (smooth, batch["given"][:, 6:7])
            for prefix, (filled, deep) in found.items():
                for name, value in _figures(filled, deep, batch).items():
                    sums[prefix + name] = sums.get(prefix + name, 0.0) + value / len(self._held_out)
            if not pictures:
                shown = torch.where(batch["asked"] > 0, color, batch["color"])
                start = torch.where(batch["asked"] > 0, smooth + detail, batch["color"])
                pictures["truth, classical, network"] = torch.cat([batch["color"], start, shown], dim=2)[0].clamp(0, 1)
        return Validation(sums, pictures)

    def export(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Half precision is enough for corrections."""
        state = self.networks["inpainting"].state_dict()
        tensors = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
        return tensors, {"network": "SmallInpaintingNet"}

    def fill(self, given: Tensor) -> tuple[Tensor, Tensor]:
        """Colour (B, 3, H, W) and disparity (B, 1, H, W) in spreads of the layer."""
        added, share, deeper = self.networks["inpainting"](given.contiguous(memory_format=torch.channels_last))
        return given[:, :3] + added + share * given[:, 3:6], given[:, 6:7] + deeper

    @cached_property
    def _held_out(self) -> list[Batch]:
        return held_out_layers(self.config, _VALIDATION_BATCH)


def _figures(color: Tensor, disparity: Tensor, batch: Batch) -> dict[str, float]:
    asked, truth = batch["asked"], batch["color"]
    squares = _mean((color.clamp(0, 1) - truth).square(), asked)
    shown = torch.where(asked > 0, color, truth)
    contrast = _mean(_contrast(shown), asked) / _mean(_contrast(truth), asked).clamp(min=1e-6)
    return {
        "psnr": float(-10 * torch.log10(squares.clamp(min=1e-9))),
        "contrast": float(contrast),
        "disparity": float(_mean((disparity - batch["disparity"]).abs().clamp(max=_LARGEST_DISPARITY_ERROR), asked)),
    }


def _mean(values: Tensor, where: Tensor) -> Tensor:
    """Mean of (B, C, H, W) over the pixels where (B, 1, H, W) is 1."""
    return (values * where).sum() / (where.sum() * values.shape[1]).clamp(min=1)


def _gradient_error(found: Tensor, truth: Tensor, asked: Tensor) -> Tensor:
    error = found - truth
    across = _mean(error.diff(dim=-1).abs(), asked[..., 1:])
    return across + _mean(error.diff(dim=-2).abs(), asked[..., 1:, :])


def _contrast(color: Tensor) -> Tensor:
    """Local standard deviation of luminance (B, 1, H, W)."""
    grey = color.float().mean(dim=1, keepdim=True)
    mean = _box(grey)
    return (_box(grey.square()) - mean.square()).clamp(min=1e-5).sqrt()


def _box(values: Tensor) -> Tensor:
    edge = _CONTRAST_WINDOW // 2
    return F.avg_pool2d(F.pad(values, (edge,) * 4, mode="replicate"), _CONTRAST_WINDOW, stride=1)
