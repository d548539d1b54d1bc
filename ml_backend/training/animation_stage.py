"""Stage 2: feature extractor and decoder, through layers, points, splatting, and blending (Sec. 3.3-3.5, Eq. 8)."""

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from ml_backend.evaluation.image_metrics import psnr
from ml_backend.filtering import push_pull
from ml_backend.loop import DEFAULTS, PAPER, RenderSettings
from ml_backend.points.feature_net import FeatureNet
from ml_backend.rendering.decoder import COVERED
from ml_backend.rendering.decoder_net import DecoderNet
from ml_backend.training.configs import AnimationConfig
from ml_backend.training.critic import losses_with_critic, needs_critic
from ml_backend.training.datasets.places import Drawn, open_places
from ml_backend.training.datasets.takes import Place, Rng, Wanted
from ml_backend.training.discriminator import MultiScaleDiscriminator
from ml_backend.training.geometry import Cloud, cloud_of, gather, prepare_take
from ml_backend.training.losses import masked_l1
from ml_backend.training.perceptual_loss import load_perceptual_term
from ml_backend.training.stage import Batch, Losses, Stage, Validation

_TINY = 1e-6
_STEEPNESS = 4.0  # of the blend of plain colours, as in animation/symmetric.py


class AnimationStage(Stage):
    """Feature extractor and decoder, against a multi-scale discriminator that sees pictures."""

    name = "animation"
    config: AnimationConfig

    def __init__(self, config: AnimationConfig) -> None:
        super().__init__(config)
        self.networks["features"] = FeatureNet()
        self.networks["decoder"] = DecoderNet()
        if needs_critic(config):
            self.critics["picture"] = MultiScaleDiscriminator(3, width=config.critic_width)
        term = load_perceptual_term()
        self.perceptual = term.loss
        self._places = open_places(config)
        self.notes = (*self._places.notes, term.note)
        self._held_out: list[Batch] = []

    def dataset(self) -> Dataset[Batch]:
        """Triplets and novel views with all geometry done."""
        return Drawn(self._places.training, partial(_make_sample, self.config), self.config.seed)

    def forward(self, batch: Batch) -> Losses:
        """Eq. (8)."""
        config, truth, known = self.config, batch["target"], batch["known"]
        found = self.render(batch)
        terms = {
            "l1": config.l1_weight * masked_l1(found, truth, known),
            "perceptual": config.perceptual_weight * self.perceptual(found, truth, known),
        }
        # What is not known is the truth in both, so that the critic cannot tell by it.
        shown = torch.lerp(truth, found, known)
        return losses_with_critic(terms, self.critics, config, shown, truth)

    def render(self, batch: Batch) -> Tensor:
        """The pictures (B, 3, H, W), one by one: each has its own number of layers, normalised among themselves."""
        return torch.stack([self._render_one(batch, number) for number in range(len(batch["share"]))])

    def _render_one(self, batch: Batch, number: int) -> Tensor:
        share, decoder = batch["share"][number], self.networks["decoder"]
        clouds = [cloud_of(batch, name, number) for name in ("forward", "backward")]
        maps = [self._draw(batch, number, which, cloud) for which, cloud in enumerate(clouds[: 2 if share > 0 else 1])]
        weight = blend_share(*clouds, share, decoder.alpha)  # 1 in a novel view, which needs the first cloud alone
        return decoder(torch.lerp(maps[-1], maps[0], weight)[None])[0].float()

    def _draw(self, batch: Batch, number: int, which: int, cloud: Cloud) -> Tensor:
        """What the decoder reads of one cloud: colours, alpha, features, disparity (37, H, W)."""
        layers = batch["layers"][number, which, : int(batch["num_layers"][number])]  # (L, 4, h, w)
        features = self.networks["features"](layers).float()
        features = F.interpolate(features, layers.shape[-2:], mode="bilinear", align_corners=True)
        drawn = gather(torch.cat([layers, features], dim=1), cloud)
        return torch.cat([drawn[:3], cloud.alpha, drawn[4:], cloud.nearness])

    def validate(self) -> Validation:
        """PSNR of the networks, and of the layers' colours blended and filled without any network."""
        if not self._held_out:
            made = Drawn(self._places.held_out, partial(_make_sample, self.config), self.config.seed, held_out=True)
            self._held_out = [made[index] for index in range(self.config.validation_samples)]
        found: dict[str, list[float]] = {"psnr": [], "psnr, colours": []}
        pictures: dict[str, Tensor] = {}
        for number, sample in enumerate(self._held_out):
            batch = {name: value[None].to(self.device) for name, value in sample.items()}
            made_by = {"psnr": self.render(batch)[0].clamp(0, 1).cpu(), "psnr, colours": render_colors(batch)[0].cpu()}
            region = sample["known"][0].numpy() > 0.5
            for name, picture in made_by.items():
                value = psnr(_array(picture), _array(sample["target"]), region)
                if value is not None:
                    found[name].append(value)
            if number < 2:
                shown = [sample["layers"][0, :, :3].sum(dim=0), made_by["psnr, colours"], made_by["psnr"]]
                pictures[f"sample {number}"] = torch.cat([_fit(p, sample) for p in (*shown, sample["target"])], dim=2)
        return Validation({name: float(np.mean(values)) for name, values in found.items() if values}, pictures)

    def export(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Both networks, as features.* and decoder.*."""
        return dict(self.networks.state_dict()), {"network": self.config.network}


def blend_share(forward: Cloud, backward: Cloud, share: Tensor, steepness: Tensor | float) -> Tensor:
    """Weight of the forward cloud (1, H, W): Eq. (4) on nearness, linear in time; 1 where neither covers."""
    of_forward = (1 - share) * forward.alpha * torch.exp(steepness * forward.nearness)
    of_backward = share * backward.alpha * torch.exp(steepness * backward.nearness)
    total = of_forward + of_backward
    return torch.where(total > _TINY, of_forward / total.clamp(min=_TINY), torch.ones_like(total))


def render_colors(batch: Batch) -> Tensor:
    """The pictures (B, 3, H, W) without a network: colours blended, holes filled by push-pull."""
    pictures = []
    for number in range(len(batch["share"])):
        clouds = [cloud_of(batch, name, number) for name in ("forward", "backward")]
        layers = batch["layers"][number, :, : int(batch["num_layers"][number]), :3]
        colors = [gather(own, cloud) for own, cloud in zip(layers, clouds, strict=True)]
        weight = blend_share(*clouds, batch["share"][number], _STEEPNESS)
        alpha = torch.lerp(clouds[1].alpha, clouds[0].alpha, weight)
        pictures.append(push_pull(torch.lerp(colors[1], colors[0], weight), (alpha / COVERED).clamp(max=1)))
    return torch.stack(pictures).clamp(0, 1)


def _make_sample(config: AnimationConfig, place: Place, rng: Rng) -> Batch:
    wanted = Wanted(config.width, config.height, num_frames=config.num_frames, novel_views=config.novel_views)
    return prepare_take(place.take(rng, wanted), max_layers=config.max_layers, settings=_settings(config))


def _settings(config: AnimationConfig) -> RenderSettings:
    return PAPER if config.network == "paper" else DEFAULTS


def _fit(picture: Tensor, sample: Batch) -> Tensor:
    """At the target's size, to be shown beside it."""
    return F.interpolate(picture[None], sample["target"].shape[-2:], mode="bilinear", align_corners=False)[0]


def _array(picture: Tensor) -> np.ndarray:
    return np.ascontiguousarray(picture.permute(1, 2, 0).numpy())
