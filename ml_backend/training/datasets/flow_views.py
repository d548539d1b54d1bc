"""Views of generated worlds in which something flows: from pools on disk, or rendered when they are asked for."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor

from ml_backend.depth.embedded import embedded_depth
from ml_backend.errors import BadInput
from ml_backend.training.configs import WORLDS, MotionConfig
from ml_backend.training.datasets.pools import world_textures
from ml_backend.training.motion_samples import FlowView
from ml_backend.training.worlds import first_camera, make_world, render_view
from ml_backend.training.worlds.pool import Pool

_LEAST_FLUID = 0.03  # of the picture
_LEAST_FLOW_PX = 0.05  # per frame, of the fastest
_STILL_SHARE = 0.06  # of the samples show nothing that moves, so that a mask is not proposed everywhere
_HELD_OUT = 10  # every tenth view of a pool is for validation
_ATTEMPTS = 40
_HELD_OUT_SEED = 1 << 40
_FRAMES = 60


_Place = tuple[int, int]  # pool, sample


class FlowViews(Protocol):
    """Where views come from."""

    def draw(self, rng: np.random.Generator, *, is_portrait: bool, with_estimate: bool = False) -> FlowView:
        """Any view of a format; with what our depth network sees in it, where that is known or asked for."""

    def held_out(self, number: int) -> FlowView:
        """View `number` of those that are never drawn, in landscape format; something flows in it."""


def open_flow_views(config: MotionConfig) -> FlowViews:
    """The views of a configuration's data; raises BadInput where they are none."""
    if config.data == (WORLDS,):
        return RenderedViews(config.photos, config.width, config.height)
    folders = [entry.removeprefix(f"{WORLDS}:") for entry in config.data]
    if not all(entry.startswith(f"{WORLDS}:") for entry in config.data):
        raise BadInput(
            f"The embedded motion network learns from generated worlds, not from {', '.join(config.data)}.",
            hint="Use --data worlds or worlds:FOLDER, or the preset paper.",
        )
    return PooledViews([Path(folder) for folder in folders], max(config.width, config.height))


class PooledViews:
    """Views of pools with samples of the kind "depth", landscape and portrait in folders of their own.

    They are reduced to a long side in pixels. The embedded depth network is asked once for each.
    """

    def __init__(self, folders: Sequence[Path], long_side: int) -> None:
        self._pools = [Pool(folder) for folder in folders]
        self._long_side = long_side
        self._estimates: dict[_Place, np.ndarray] = {}
        self._held_out: list[_Place] = []
        self._drawn: dict[tuple[bool, bool], list[_Place]] = {key: [] for key in product((True, False), repeat=2)}
        for number, pool in enumerate(self._pools):
            height, width = pool[0]["color"].shape[1:]
            for index, flows in enumerate(_flowing(pool)):
                if index % _HELD_OUT == 0 and width > height:
                    self._held_out += [(number, index)] * flows
                else:
                    self._drawn[height > width, flows].append((number, index))
        if not self._held_out or not self._drawn[False, True]:
            raise BadInput("The pools have too few landscape views with flow.", hint="Render at least 100 samples.")

    def draw(self, rng: np.random.Generator, *, is_portrait: bool, with_estimate: bool = False) -> FlowView:
        """Any view of a format; landscape where there is no pool in portrait format."""
        is_portrait = is_portrait and bool(self._drawn[True, True])
        still = self._drawn[is_portrait, False]
        places = still if still and rng.random() < _STILL_SHARE else self._drawn[is_portrait, True]
        place = places[int(rng.integers(len(places)))]
        return self._with_estimate(place, self._open(place)) if with_estimate else self._open(place)

    def held_out(self, number: int) -> FlowView:
        """One of every tenth."""
        return self._open(self._held_out[number % len(self._held_out)])

    def _open(self, place: _Place) -> FlowView:
        return reduced(_flow_view(self._pools[place[0]][place[1]]), self._long_side)

    def _with_estimate(self, place: _Place, view: FlowView) -> FlowView:
        if place not in self._estimates:
            self._estimates[place] = _estimate(view).astype(np.float16)
        return replace(view, estimated=self._estimates[place].astype(np.float32))


class RenderedViews:
    """Views rendered one by one: slow, but endless."""

    def __init__(self, photos: str, width: int, height: int) -> None:
        self._photos, self._width, self._height = photos, width, height

    def draw(self, rng: np.random.Generator, *, is_portrait: bool, with_estimate: bool = False) -> FlowView:
        """A view of a world that is drawn."""
        width, height = (self._height, self._width) if is_portrait else (self._width, self._height)
        view = self._render(rng, width, height)
        return replace(view, estimated=_estimate(view)) if with_estimate else view

    def held_out(self, number: int) -> FlowView:
        """A view of a world of its own."""
        return self._render(np.random.default_rng((_HELD_OUT_SEED, number)), self._width, self._height)

    def _render(self, rng: np.random.Generator, width: int, height: int) -> FlowView:
        textures = world_textures(self._photos)
        for _ in range(_ATTEMPTS):
            world = make_world(int(rng.integers(1 << 40)), textures)
            view = render_view(world, first_camera(world, width, height), float(rng.integers(_FRAMES)))
            if _flows(view.fluid, view.flow):
                break
        sample = {name: getattr(view, name) for name in ("color", "depth", "flow", "fluid", "sky", "surface")}
        return _flow_view(sample)


def _estimate(view: FlowView) -> np.ndarray:
    color = torch.from_numpy(view.color.transpose(2, 0, 1) / np.float32(255))
    return embedded_depth().estimate(color).numpy()


def reduced(view: FlowView, long_side: int) -> FlowView:
    """The view at a long side in pixels, if it is larger."""
    height, width = view.fluid.shape
    scale = long_side / max(height, width)
    if scale >= 1:
        return view
    size = (round(width * scale), round(height * scale))

    def nearest(values: np.ndarray) -> np.ndarray:
        return cv2.resize(values, size, interpolation=cv2.INTER_NEAREST)

    return FlowView(
        color=cv2.resize(view.color, size, interpolation=cv2.INTER_AREA),
        disparity=nearest(view.disparity),
        flow=nearest(view.flow) * np.float32(scale),
        fluid=nearest(view.fluid.astype(np.uint8)) > 0,
        sky=nearest(view.sky.astype(np.uint8)) > 0,
        surface=nearest(view.surface.astype(np.uint8)).astype(np.int32),
    )


def _flows(fluid: Tensor, flow: Tensor) -> bool:
    return float(fluid.float().mean()) > _LEAST_FLUID and float(flow.norm(dim=0).max()) > _LEAST_FLOW_PX


def _flowing(pool: Pool) -> list[bool]:
    """In which samples something flows; only these two maps are read."""
    found = []
    for shard in pool.shards:
        with safe_open(shard, framework="pt") as file:
            fluid, flow = file.get_tensor("fluid"), file.get_tensor("flow").float()
        found += [_flows(f, v) for f, v in zip(fluid, flow, strict=True)]
    return found


def _flow_view(sample: dict[str, Tensor]) -> FlowView:
    return FlowView(
        color=(sample["color"] * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy(),
        disparity=(1 / sample["depth"][0].float()).numpy(),
        flow=sample["flow"].float().permute(1, 2, 0).contiguous().numpy(),
        fluid=sample["fluid"][0].numpy(),
        sky=sample["sky"][0].numpy(),
        surface=sample["surface"][0].to(torch.int32).numpy(),
    )
