"""One picture that shows a scene at a glance: photo, mask, depth, motion, layers, and frames of the loop."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from ml_backend.motion.flow_color import flow_to_color
from ml_backend.photos.media import read_photo, to_integers
from ml_backend.structures import LayeredDepthImage, Scene

_COLUMNS = 4
_TILE_AREA = 400 * 260  # pixels; the tile takes the photo's shape
_MARGIN, _GAP, _LABEL_HEIGHT, _HEADING_HEIGHT = 28, 14, 26, 44
_BACKGROUND, _TEXT, _DIM, _ACCENT = (27, 29, 33), (226, 228, 232), (143, 148, 158), (255, 196, 64)
_PINK = (255, 70, 190)
_CHECKS = (92, 112)
_CHECK_PX = 10
_NUM_FRAMES = 8
_LEGEND = "Layers: chequered where empty, pink where inpainted; the thin line is the edge of the photo."


@dataclass(frozen=True, slots=True)
class _Tile:
    """A picture (H, W, 3) uint8 with its name on the left and a figure on the right."""

    title: str
    note: str
    picture: np.ndarray


def make_contact_sheet(scene: Scene, frames: Sequence[Path], mask: Tensor | None) -> Tensor:
    """Draw the sheet, (3, h, w) float32 sRGB in [0, 1], about 1700 pixels wide.

    Args:
        scene: what was built.
        frames: picture files of the whole loop, in order; eight are shown. May be empty.
        mask: (1, H, W) in [0, 1] as given by the artist, or None.
    """
    height, width = scene.image.shape[1:]
    aspect = min(max(width / height, 0.4), 2.5)
    box = round((_TILE_AREA * aspect) ** 0.5), round((_TILE_AREA / aspect) ** 0.5)
    sections = [("Scene", _scene_tiles(scene, mask, box)), ("Layers", _layer_tiles(scene.ldi, box))]
    if frames:
        sections.append((f"Loop of {len(frames)} frames", _frame_tiles(frames, box)))
    sheet = np.asarray(_lay_out(sections, box)).astype(np.float32) / 255.0
    return torch.from_numpy(sheet.transpose(2, 0, 1).copy())


def _scene_tiles(scene: Scene, mask: Tensor | None, box: tuple[int, int]) -> list[_Tile]:
    photo = _to_bytes(scene.image)
    height, width = photo.shape[:2]
    tiles = [_Tile("photo", f"{width} x {height}", _fit(photo, box))]
    if mask is not None:
        tiles.append(_Tile("mask", f"{mask.mean().item():.0%} moves", _mask_over_photo(photo, mask, box)))
    depth = scene.depth.depth[0].cpu().numpy()
    tiles.append(_Tile("depth", f"{depth.min():.3g} bright to {depth.max():.3g} dark", _fit(_color_depth(depth), box)))
    fastest = scene.motion.flow.norm(dim=0).max().item()
    flow = _fit(_to_bytes(flow_to_color(scene.motion.flow)), box)
    return [*tiles, _Tile("motion", f"up to {fastest:.2g} px per frame", _with_wheel(flow))]


def _layer_tiles(ldi: LayeredDepthImage, box: tuple[int, int]) -> list[_Tile]:
    tiles = []
    count = len(ldi.colors)
    for number in range(count):
        alpha = ldi.alphas[number, 0] > 0
        depth = ldi.depths[number, 0][alpha]
        inpainted = (ldi.inpainted[number, 0] & alpha).float().mean().item()
        reach = f"depth {depth.min().item():.3g} to {depth.max().item():.3g}" if depth.numel() else "empty"
        place = ", nearest" if number == 0 else ", farthest" if number == count - 1 else ""
        tiles.append(_Tile(f"layer {number + 1}{place}", f"{reach}, {inpainted:.0%} new", _layer(ldi, number, box)))
    return tiles


def _frame_tiles(frames: Sequence[Path], box: tuple[int, int]) -> list[_Tile]:
    shown = sorted({index * len(frames) // _NUM_FRAMES for index in range(_NUM_FRAMES)})
    return [
        _Tile(f"frame {index}", f"t = {index / len(frames):.2f}", _fit(_to_bytes(_frame(frames[index], box)), box))
        for index in shown
    ]


def _frame(path: Path, box: tuple[int, int]) -> Tensor:
    return read_photo(path, 2 * max(box)).image  # `_fit` does the rest


def _to_bytes(image: Tensor) -> np.ndarray:
    return np.ascontiguousarray(to_integers(image, 8).transpose(1, 2, 0))


def _fit(picture: np.ndarray, box: tuple[int, int]) -> np.ndarray:
    """Scale (H, W) or (H, W, C) so that it just fits into the box (width, height)."""
    scale = min(box[0] / picture.shape[1], box[1] / picture.shape[0])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def _mask_over_photo(photo: np.ndarray, mask: Tensor, box: tuple[int, int]) -> np.ndarray:
    """What moves in full colour with a line around it, what stands dark and grey."""
    small = _fit(photo, box)
    weight = cv2.resize(mask[0].cpu().numpy().astype(np.float32), small.shape[1::-1], interpolation=cv2.INTER_AREA)
    grey = np.repeat(small.mean(axis=2, keepdims=True) * 0.4, 3, axis=2)
    mixed = (grey + (small - grey) * weight[..., None]).astype(np.uint8)
    outlines, _ = cv2.findContours((weight > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(mixed, outlines, -1, _ACCENT, 1, cv2.LINE_AA)


def _color_depth(depth: np.ndarray) -> np.ndarray:
    """Disparity as colours: near bright, far dark."""
    disparity = 1.0 / depth
    low, high = np.quantile(disparity, [0.01, 0.99])
    level = np.clip((disparity - low) / max(high - low, 1e-9), 0.0, 1.0)
    colors = cv2.applyColorMap((level * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    return cv2.cvtColor(colors, cv2.COLOR_BGR2RGB)


def _with_wheel(picture: np.ndarray) -> np.ndarray:
    """Put the wheel of directions into the corner where the least moves, that is the whitest."""
    radius = min(picture.shape[:2]) // 9
    if radius < 10:  # on a thin panorama it would hide the motion
        return picture
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32)
    wheel = _to_bytes(flow_to_color(torch.from_numpy(np.stack([x, y])), max_flow=radius))
    inside = np.clip(radius + 0.5 - np.hypot(x, y), 0.0, 1.0)[..., None]
    low, high = slice(8, 9 + 2 * radius), slice(-9 - 2 * radius, -8)
    corners = [picture[rows, columns] for rows in (high, low) for columns in (high, low)]
    corner = max(corners, key=lambda pixels: pixels.min(axis=2).mean())
    rim = np.clip(1.0 - np.abs(np.hypot(x, y) - radius), 0.0, 1.0)[..., None]
    mixed = corner + (wheel.astype(np.float32) - corner) * inside
    corner[:] = mixed * (1.0 - 0.7 * rim)
    return picture


def _layer(ldi: LayeredDepthImage, number: int, box: tuple[int, int]) -> np.ndarray:
    """One layer over a chequered ground, inpainted parts tinted, with the photo's edge."""
    alpha = _fit(ldi.alphas[number, 0].float().cpu().numpy(), box)[..., None]
    # Colours mean nothing where alpha is 0: they must not be averaged in.
    kept = (ldi.colors[number] * ldi.alphas[number]).permute(1, 2, 0).cpu().numpy()
    tint = (ldi.inpainted[number, 0] * ldi.alphas[number, 0]).float().cpu().numpy()
    color = _fit(np.ascontiguousarray(kept, np.float32), box) * 255.0
    color += 0.35 * _fit(tint, box)[..., None] * (np.array(_PINK, np.float32) - color / np.maximum(alpha, 1e-3))
    y, x = np.mgrid[: box[1], : box[0]] // _CHECK_PX
    picture = np.choose((x + y) % 2, _CHECKS)[..., None].repeat(3, axis=2).astype(np.uint8)
    height, width = alpha.shape[:2]
    left, top = (box[0] - width) // 2, (box[1] - height) // 2
    canvas = picture[top : top + height, left : left + width]
    canvas[:] = np.clip(color + (1.0 - alpha) * canvas, 0, 255)
    edge = round(ldi.border * width / ldi.colors.shape[3])
    far_corner = left + width - 1 - edge, top + height - 1 - edge
    return cv2.rectangle(picture, (left + edge, top + edge), far_corner, (245, 245, 245), 1)


def _lay_out(sections: Sequence[tuple[str, Sequence[_Tile]]], box: tuple[int, int]) -> Image.Image:
    row_height = box[1] + _LABEL_HEIGHT + _GAP
    rows = [-(-len(tiles) // _COLUMNS) for _, tiles in sections]
    width = 2 * _MARGIN + _COLUMNS * box[0] + (_COLUMNS - 1) * _GAP
    height = _MARGIN + sum(_HEADING_HEIGHT + count * row_height for count in rows) + _MARGIN
    sheet = Image.new("RGB", (width, height), _BACKGROUND)
    top = _MARGIN // 2
    for (heading, tiles), count in zip(sections, rows, strict=True):
        ImageDraw.Draw(sheet).text((_MARGIN, top + 10), heading, _TEXT, ImageFont.load_default(22))
        top += _HEADING_HEIGHT
        for index, tile in enumerate(tiles):
            left = _MARGIN + index % _COLUMNS * (box[0] + _GAP)
            _draw_tile(sheet, tile, (left, top + index // _COLUMNS * row_height), box)
        top += count * row_height
    ImageDraw.Draw(sheet).text((_MARGIN, top + 4), _LEGEND, _DIM, ImageFont.load_default(14))
    return sheet


def _draw_tile(sheet: Image.Image, tile: _Tile, corner: tuple[int, int], box: tuple[int, int]) -> None:
    left, top = corner
    height, width = tile.picture.shape[:2]
    font = ImageFont.load_default(14)
    draw = ImageDraw.Draw(sheet)
    draw.text((left, top + 4), tile.title, _TEXT, font)
    # On narrow tiles the figure would run into the title: then it is left out.
    if draw.textlength(tile.title, font) + draw.textlength(tile.note, font) + 8 <= box[0]:
        draw.text((left + box[0], top + 4), tile.note, _DIM, font, anchor="ra")
    place = left + (box[0] - width) // 2, top + _LABEL_HEIGHT + (box[1] - height) // 2
    sheet.paste(Image.fromarray(tile.picture), place)
