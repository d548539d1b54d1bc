"""Rendered views as an artist would hand them to the motion network: a painted mask, arrows by hand, depth by guess."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor

from ml_backend.motion.small_net import HANGING, LYING, SKY
from ml_backend.motion.small_net import STRIDE as INPUT_STRIDE

SHRINK = 2  # arrows and truth know the view finer than the network sees it
STRIDE = SHRINK * INPUT_STRIDE  # pixels of the view per cell
NOWHERE = -1  # kind of a cell where nothing flows; region of an arrow that is not there
_STILL = 1e-4  # long sides per frame, at most, that no arrow is drawn for
_LENGTH_NOISE, _ANGLE_NOISE = 0.1, 0.1  # of a drawn arrow: a tenth of its length, six degrees
_CANDIDATES = 200
_MASK_GIVEN = 0.75
_SINGLE_SURFACE = 0.3  # how often only some of what flows is painted
_SMALLEST_CROP = 0.5
_CURTAIN_SKY = 0.5  # how often clouds drift all alike, as tall ones do, not as a ceiling
_BRUSH = 4  # pixels, at most, by which a painted edge is off
_PLAIN_DEPTH, _ROUGH_DEPTH = 0.1, 0.6  # how often depth knows no things, or is the truth spoilt; else it is the truth
_OWN_BUMPS, _ROUGH_BUMPS = 0.12, 0.3  # logarithms by which it is wrong beyond that, over large parts


@dataclass(frozen=True, slots=True)
class FlowView:
    """A picture with what flows in it, arrays of one size (H, W).

    color (H, W, 3) uint8; disparity, of any scale, 0 for the sky; flow (H, W, 2) pixels per frame; fluid, sky bool;
    surface int, 2 for lying water; estimated, the disparity as our depth network sees it, or None.
    """

    color: np.ndarray
    disparity: np.ndarray
    flow: np.ndarray
    fluid: np.ndarray
    sky: np.ndarray
    surface: np.ndarray
    estimated: np.ndarray | None = None


def draw_sample(
    view: FlowView, rng: np.random.Generator, most_arrows: int, *, augment: bool, least_arrows: int = 1
) -> dict[str, Tensor]:
    """What the network sees of a view, what an artist draws on it, and the truth on the network's cells.

    Seen, half the size of the view: photo (3, h, w), disparity and mask (1, h, w), and given () 0 or 1.
    Drawn, K arrows: cells (K,) int64, vectors (K, 2) in long sides per frame, arrow_regions (K,) int64, NOWHERE for
    arrows that are not there; regions of the cells, int64 from 0, or NOWHERE.
    True: flow (2, cells), weight (1, cells), how much each cell counts, kind int64, and for the proposed mask moves
    and moves_known (1, cells).
    """
    if augment:
        view = _hang_sky(_crop_and_flip(view, rng), rng)
    height, width = view.fluid.shape
    flow = view.flow / max(height, width)
    mask = _paint(view, rng) if augment else view.fluid.astype(np.float32)
    given = not augment or bool(rng.random() < _MASK_GIVEN)
    wanted = view.fluid & (mask > 0.5) if given else view.fluid
    color = _shrunk(view.color).astype(np.float32) / 255
    regions = _cell_regions(mask if given else view.fluid.astype(np.float32))
    arrows = _draw_arrows(flow, wanted, regions, rng, (least_arrows, most_arrows))
    share, mean_flow = _cell_means(wanted, flow)
    return {
        "photo": _planes(_develop(color, rng) if augment else color),
        "disparity": _planes(_shrunk(_see_depth(view, rng, augment=augment))),
        "mask": _planes(_shrunk(mask if given else np.zeros_like(mask))),
        "given": torch.tensor(float(given)),
        **arrows,
        "regions": torch.from_numpy(regions),
        "flow": torch.from_numpy(mean_flow.transpose(2, 0, 1).copy()),
        "weight": torch.from_numpy(share)[None],
        "kind": torch.from_numpy(_cell_kinds(view)),
        **_truth_of_mask(view),
    }


def _crop_and_flip(view: FlowView, rng: np.random.Generator) -> FlowView:
    height, width = view.fluid.shape
    size = rng.uniform(_SMALLEST_CROP, 1) if rng.random() < 0.7 else 1.0
    h, w = round(height * size), round(width * size)
    top, left = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
    is_flipped = rng.random() < 0.5

    def cut(values: np.ndarray, interpolation: int) -> np.ndarray:
        part = values[top : top + h, left : left + w]
        part = part[:, ::-1] if is_flipped else part
        return cv2.resize(np.ascontiguousarray(part), (width, height), interpolation=interpolation)

    flow = cut(view.flow, cv2.INTER_NEAREST) * (np.array([-1, 1], np.float32) if is_flipped else 1) / size
    fluid, sky = (cut(v.astype(np.uint8), cv2.INTER_NEAREST) > 0 for v in (view.fluid, view.sky))
    return FlowView(
        color=cut(view.color, cv2.INTER_LINEAR),
        disparity=cut(view.disparity, cv2.INTER_NEAREST),
        flow=flow.astype(np.float32),
        fluid=fluid,
        sky=sky,
        surface=cut(view.surface.astype(np.uint8), cv2.INTER_NEAREST),
        estimated=None if view.estimated is None else cut(view.estimated.astype(np.float32), cv2.INTER_LINEAR),
    )


def _hang_sky(view: FlowView, rng: np.random.Generator) -> FlowView:
    """The view with clouds that drift with one velocity now and then, that of any of them."""
    clouds = view.sky & view.fluid
    if not clouds.any() or rng.random() >= _CURTAIN_SKY:
        return view
    drift = view.flow[clouds][rng.integers(np.count_nonzero(clouds))]
    return replace(view, flow=np.where(clouds[..., None], drift, view.flow))


def _paint(view: FlowView, rng: np.random.Generator) -> np.ndarray:
    """A mask (H, W) as a hand paints it: some of the surfaces, a little too wide or too narrow."""
    fluid = view.fluid
    if rng.random() < _SINGLE_SURFACE and fluid.any():
        surfaces = np.unique(view.surface[fluid])
        kept = surfaces[rng.random(len(surfaces)) < 0.5]
        chosen = fluid & np.isin(view.surface, kept)
        fluid = chosen if chosen.any() else fluid
    painted = fluid.astype(np.uint8)
    size = int(rng.integers(0, _BRUSH + 1))
    if size > 0:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * size // 2 + 1, 2 * size // 2 + 1))
        for change in ((cv2.dilate,), (cv2.erode,), (cv2.dilate, cv2.erode), (cv2.erode, cv2.dilate))[rng.integers(4)]:
            painted = change(painted, kernel)
    if not painted.any():
        painted = fluid.astype(np.uint8)
    return cv2.GaussianBlur(painted.astype(np.float32), (0, 0), float(rng.uniform(0.3, 1.2)))


def _draw_arrows(
    flow: np.ndarray, wanted: np.ndarray, regions: np.ndarray, rng: np.random.Generator, counts: tuple[int, int]
) -> dict[str, Tensor]:
    """Some arrows, far from each other, with the errors of a hand."""
    least, most = counts
    height, width = wanted.shape
    cells, found = np.zeros(most, np.int64), np.full(most, NOWHERE, np.int64)
    vectors = np.zeros((most, 2), np.float32)
    inner = cv2.erode(wanted.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=1) > 0
    moving = np.linalg.norm(flow, axis=-1) > _STILL
    places = np.argwhere(inner & moving) if (inner & moving).any() else np.argwhere(wanted & moving)
    count = int(rng.integers(least, most + 1)) if len(places) else 0
    starts: list[np.ndarray] = []
    for _ in range(count):
        offered = places[rng.integers(len(places), size=_CANDIDATES)]
        if starts:
            away = np.min([np.square(offered - start).sum(1) for start in starts], axis=0)
            starts.append(offered[away.argmax()])
        else:
            starts.append(offered[0])
    for k, (row, column) in enumerate(starts):
        r, c = min(row // STRIDE, height // STRIDE - 1), min(column // STRIDE, width // STRIDE - 1)
        angle, length = rng.normal(0, _ANGLE_NOISE), 1 + rng.normal(0, _LENGTH_NOISE)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        cells[k], found[k] = r * (width // STRIDE) + c, regions[r, c]
        vectors[k] = length * turn @ flow[row, column]
        if regions[r, c] == NOWHERE:  # a thin strip that the cells do not see
            found[k] = regions.max() + 1
    return {
        "cells": torch.from_numpy(cells),
        "vectors": torch.from_numpy(vectors),
        "arrow_regions": torch.from_numpy(found),
    }


def allowed_arrows(regions: Tensor, arrow_regions: Tensor) -> Tensor:
    """Whether an arrow speaks for a cell, (B, K, N): in its own region, and in those where no arrow is.

    Args:
        regions: (B, N) int64. arrow_regions: (B, K) int64.
    """
    is_own = regions[:, None] == arrow_regions[:, :, None]
    is_there = arrow_regions >= 0
    is_taken = (is_own & is_there[:, :, None]).any(dim=1, keepdim=True)
    return (is_own | ~is_taken) & is_there[:, :, None]


def _shrunk(values: np.ndarray) -> np.ndarray:
    """At the size that the network sees."""
    return cv2.resize(values, None, fx=1 / SHRINK, fy=1 / SHRINK, interpolation=cv2.INTER_AREA)


def _planes(values: np.ndarray) -> Tensor:
    """(H, W) or (H, W, C) -> (C, H, W)."""
    return torch.from_numpy(values.reshape(*values.shape[:2], -1).transpose(2, 0, 1).copy())


def _cell_regions(mask: np.ndarray) -> np.ndarray:
    cells = cv2.resize(mask, None, fx=1 / STRIDE, fy=1 / STRIDE, interpolation=cv2.INTER_AREA) > 0.25
    _, labels = cv2.connectedComponents(cells.astype(np.uint8), connectivity=8)
    return labels.astype(np.int64) - 1


def _cell_means(wanted: np.ndarray, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of wanted pixels (h, w) and their mean flow (h, w, 2)."""
    weight = wanted.astype(np.float32)
    share, total = (
        cv2.resize(v, None, fx=1 / STRIDE, fy=1 / STRIDE, interpolation=cv2.INTER_AREA)
        for v in (weight, flow.astype(np.float32) * weight[..., None])
    )
    return share, total / np.maximum(share, 1e-6)[..., None]


def _cell_kinds(view: FlowView) -> np.ndarray:
    kinds = np.where(view.sky, SKY, np.where(view.surface == 2, LYING, HANGING))
    kinds = np.where(view.fluid, kinds, NOWHERE).astype(np.int64)
    return np.ascontiguousarray(kinds[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE])


def _truth_of_mask(view: FlowView) -> dict[str, Tensor]:
    """What moves, and where a photo can tell: a lake or clouds may stand in one world and move in another."""
    unknown = ~view.fluid & (view.sky | (view.surface == 2))
    moves, known = (
        cv2.resize(v.astype(np.float32), None, fx=1 / STRIDE, fy=1 / STRIDE, interpolation=cv2.INTER_AREA)
        for v in (view.fluid, ~unknown)
    )
    return {"moves": torch.from_numpy(moves)[None], "moves_known": torch.from_numpy(known)[None]}


def _see_depth(view: FlowView, rng: np.random.Generator, *, augment: bool) -> np.ndarray:
    """Disparity as an estimate gives it, near things at about 1."""
    kind = rng.random() if augment else 1.0
    disparity = _near_at_one(view.disparity.astype(np.float32))
    height, width = disparity.shape
    if view.estimated is not None:  # on photos the network errs more than on worlds, from which it has learnt
        disparity = _near_at_one(view.estimated.clip(0)) * _bumps(rng, (height, width), _OWN_BUMPS)
    elif kind < _PLAIN_DEPTH:  # an empty plain up to the horizon
        disparity = np.repeat(np.median(disparity, axis=1, keepdims=True), width, axis=1)
        disparity = cv2.GaussianBlur(np.roll(disparity, int(rng.integers(-height // 12, height // 12)), 0), (0, 0), 4)
    elif kind < _PLAIN_DEPTH + _ROUGH_DEPTH:
        disparity = cv2.GaussianBlur(disparity, (0, 0), float(rng.uniform(0.5, 5)))
        disparity = (disparity * _bumps(rng, (height, width), _ROUGH_BUMPS)).clip(0) ** float(rng.uniform(0.7, 1.4))
    return disparity.clip(0, 1)


def _near_at_one(disparity: np.ndarray) -> np.ndarray:
    return disparity / max(float(np.quantile(disparity, 0.98)), 1e-9)


def _bumps(rng: np.random.Generator, size: tuple[int, int], height: float) -> np.ndarray:
    """Smooth factors (H, W) about 1."""
    logarithms = rng.normal(0, height, (4, 6)).astype(np.float32)
    return np.exp(cv2.resize(logarithms, size[::-1], interpolation=cv2.INTER_CUBIC))


def _develop(color: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other exposure, contrast, saturation, sharpness, and grain."""
    color = color.clip(1e-3, 1) ** float(np.exp(rng.normal(0, 0.2)))
    grey = color.mean(axis=-1, keepdims=True)
    saturation = 0.0 if rng.random() < 0.06 else float(rng.uniform(0.5, 1.4))
    color = (grey + (color - grey) * saturation) * (1 + rng.normal(0, 0.06, 3)).astype(np.float32)
    color = 0.5 + (color - 0.5) * float(rng.uniform(0.75, 1.25)) + float(rng.normal(0, 0.05))
    if rng.random() < 0.3:
        color = cv2.GaussianBlur(color, (0, 0), float(rng.uniform(0.3, 0.7)))
    grain = rng.standard_normal(color.shape, dtype=np.float32) * float(rng.uniform(0, 0.03))
    return (color + grain).clip(0, 1).astype(np.float32)
