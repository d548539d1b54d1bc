"""Colour of photos on the way in: alpha over white, embedded profiles to sRGB, and scene-linear light to a picture."""

import io
import logging
import math
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image, ImageCms
from torch import Tensor

_log = logging.getLogger(__name__)

_TABLE_STEP = 5  # divides 255, so that the nodes of the colour table are exact 8-bit values
_MID_GREY = 0.18  # reflectance of a grey card: the log-average of a scene is shown at this
_SHOULDER = 0.6  # linear display light below this is left alone, above it is rolled off towards white

_BRIGHTEST = 1e6  # keeps infinite light finite

ByteColors = Callable[[np.ndarray], np.ndarray]


def over_white(pixels: np.ndarray) -> np.ndarray:
    """Lay integer pixels (H, W, 2 or 4) with straight alpha over white: (H, W, 1 or 3) of the same dtype.

    White, since a cut-out is shown on white by most programs, while the colours under alpha 0 are often arbitrary.
    """
    full = np.float32(np.iinfo(pixels.dtype).max)
    alpha = pixels[..., -1] / full
    colors = np.empty((*pixels.shape[:2], pixels.shape[2] - 1), pixels.dtype)
    for channel in range(colors.shape[2]):  # one at a time: a quarter of the memory on large photos
        colors[..., channel] = np.rint(full + (pixels[..., channel] - full) * alpha)
    return colors


def to_srgb(pixels: np.ndarray, profile: bytes | None) -> np.ndarray:
    """Convert grey or RGB pixels (H, W, 1 or 3), uint8 or uint16, from their ICC profile to sRGB (H, W, 3).

    A damaged profile, or one that changes nothing, leaves the pixels as they are.
    """
    colors = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    convert = _profile_conversion(profile) if profile else None
    if convert is None:
        return np.ascontiguousarray(colors)
    return convert(colors) if colors.dtype == np.uint8 else _through_table(colors, convert)


def cmyk_to_rgb(image: Image.Image) -> Image.Image:
    """Convert a CMYK image by its embedded profile, or by Pillow's plain formula without one."""
    profile = image.info.get("icc_profile")
    if profile:
        try:
            return ImageCms.profileToProfile(image, io.BytesIO(profile), _srgb(), outputMode="RGB")
        except ImageCms.PyCMSError:
            _log.warning("The colour profile is damaged; plain CMYK is assumed.")
    return image.convert("RGB")


def tone_map(linear: np.ndarray) -> np.ndarray:
    """Turn scene-linear light (H, W, 3) float32 into an sRGB picture, uint16.

    Exposure brings the log-average luminance to 18 % grey; highlights roll off in each channel, so that a sun turns
    white and not into a flat coloured disc. NaN and negative light are black, infinite light is the brightest.
    """
    exposure = _MID_GREY / _log_average(linear)
    picture = np.empty(linear.shape, np.uint16)
    for rows in _strips(linear):
        light = _clean_light(linear[rows]) * exposure
        rolled = 1.0 - (1.0 - _SHOULDER) * torch.exp((_SHOULDER - light) / (1.0 - _SHOULDER))
        srgb = linear_to_srgb(torch.where(light > _SHOULDER, rolled, light))
        picture[rows] = (srgb * 65535.0).round().numpy()
    return picture


def linear_to_srgb(linear: Tensor) -> Tensor:
    """The sRGB curve (IEC 61966-2-1) on light in [0, 1]."""
    curved = 1.055 * linear.clamp(min=0.0031308) ** (1.0 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, 12.92 * linear, curved)


def srgb_to_linear(srgb: Tensor) -> Tensor:
    """The inverse of `linear_to_srgb`."""
    curved = ((srgb.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(srgb <= 0.04045, srgb / 12.92, curved)


def _log_average(linear: np.ndarray) -> float:
    """The geometric mean of what is lit: black borders and holes must not pull the exposure up."""
    total, count = 0.0, 0
    for rows in _strips(linear):
        luminance = _clean_light(linear[rows]) @ torch.tensor([0.2126, 0.7152, 0.0722])
        lit = luminance[luminance > 1e-6]
        total, count = total + lit.double().log().sum().item(), count + lit.numel()
    return math.exp(total / count) if count else 1.0


def _strips(pixels: np.ndarray) -> list[slice]:
    """Rows in bites of about a megapixel: a large panorama would need several times its size otherwise."""
    step = max(1, 1_000_000 // pixels.shape[1])
    return [slice(top, top + step) for top in range(0, pixels.shape[0], step)]


def _clean_light(linear: np.ndarray) -> Tensor:
    light = torch.from_numpy(np.ascontiguousarray(linear, np.float32))
    return light.nan_to_num(nan=0.0, posinf=_BRIGHTEST, neginf=0.0).clamp(0.0, _BRIGHTEST)


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _profile_conversion(profile: bytes) -> ByteColors | None:
    """The conversion of uint8 colours (H, W, 3) to sRGB, or None where there is nothing to convert."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = {"RGB": "RGB", "GRAY": "L"}.get(source.profile.xcolor_space.strip())
        if mode is None:  # a CMYK profile on an RGB photo
            return None
        transform = ImageCms.buildTransform(
            source,
            _srgb(),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):
        _log.warning("The colour profile of the photo is damaged; sRGB is assumed.")
        return None

    def convert(colors: np.ndarray) -> np.ndarray:
        image = Image.fromarray(np.ascontiguousarray(colors[..., 0] if mode == "L" else colors))
        return np.asarray(ImageCms.applyTransform(image, transform))

    # sRGB comes under many names and versions: what it does tells, not what it is called. Then pixels stay exact.
    nodes = _table_nodes()
    checked = nodes if mode == "RGB" else np.repeat(nodes[..., :1], 3, axis=2)
    return None if np.abs(convert(checked).astype(int) - checked).max() <= 1 else convert


def _table_nodes() -> np.ndarray:
    """All colours of a regular grid: (n * n, n, 3) uint8, blue fastest."""
    levels = np.arange(0, 256, _TABLE_STEP, dtype=np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    return grid.reshape(-1, levels.size, 3)


def _through_table(colors: np.ndarray, convert: ByteColors) -> np.ndarray:
    """Convert uint16 colours (H, W, 3) by interpolation: Pillow converts 8 bits only, the result keeps 16."""
    nodes = _table_nodes()
    count = nodes.shape[1]
    table = torch.from_numpy(convert(nodes).astype(np.float32) / 255.0)
    table = table.reshape(1, count, count, count, 3).permute(0, 4, 1, 2, 3)  # (1, 3, r, g, b)
    place = torch.from_numpy(colors[..., ::-1].astype(np.float32) / 65535.0 * 2.0 - 1.0)[None, None]
    mixed = torch.nn.functional.grid_sample(table, place, mode="bilinear", align_corners=True)  # (1, 3, 1, H, W)
    return (mixed[0, :, 0].permute(1, 2, 0).clamp(0.0, 1.0) * 65535.0).round().numpy().astype(np.uint16)
