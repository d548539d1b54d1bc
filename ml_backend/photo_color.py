"""Colour of photos on the way in: alpha over white, embedded profiles to sRGB, and scene-linear light to a picture."""

import io
import logging
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image, ImageCms

_log = logging.getLogger(__name__)

_TABLE_STEP = 5  # divides 255, so that the nodes of the colour table are exact 8-bit values
_MID_GREY = 0.18  # reflectance of a grey card: the log-average of a scene is shown at this
_SHOULDER = 0.6  # linear display light below this is left alone, above it is rolled off towards white

ByteColors = Callable[[np.ndarray], np.ndarray]


def over_white(pixels: np.ndarray) -> np.ndarray:
    """Lay pixels (H, W, 2 or 4) with straight alpha over white: (H, W, 1 or 3) of the same dtype.

    White, since a cut-out is shown on white by most programs, while the colours under alpha 0 are often arbitrary.
    """
    full = 1.0 if pixels.dtype.kind == "f" else float(np.iinfo(pixels.dtype).max)
    alpha = pixels[..., -1].astype(np.float32) / full
    colors = np.empty((*pixels.shape[:2], pixels.shape[2] - 1), pixels.dtype)
    for channel in range(colors.shape[2]):  # one at a time: a quarter of the memory on large photos
        mixed = full + (pixels[..., channel] - np.float32(full)) * alpha
        colors[..., channel] = mixed if pixels.dtype.kind == "f" else np.rint(mixed)
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
    """Turn scene-linear light (H, W, 3) float32 into sRGB in [0, 1].

    Exposure brings the log-average luminance to 18 % grey; highlights roll off in each channel, so that a sun turns
    white and not into a flat coloured disc. NaN and negative light are black, infinite light is the brightest.
    """
    linear = np.nan_to_num(linear, nan=0.0, posinf=np.finfo(np.float16).max, neginf=0.0)
    linear = np.clip(linear, 0.0, 1e6, out=linear)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    lit = luminance[luminance > 1e-6]  # black borders and holes must not pull the exposure up
    if lit.size:
        linear *= np.float32(_MID_GREY / np.exp(np.log(lit, dtype=np.float64).mean()))
    rolled = 1.0 - (1.0 - _SHOULDER) * np.exp((_SHOULDER - linear) / (1.0 - _SHOULDER))
    return linear_to_srgb(np.where(linear > _SHOULDER, rolled, linear))


def linear_to_srgb(linear: np.ndarray) -> np.ndarray:
    """The sRGB curve (IEC 61966-2-1) on light in [0, 1]."""
    curved = 1.055 * np.power(np.maximum(linear, 0.0031308), 1.0 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curved).astype(np.float32)


def srgb_to_linear(srgb: np.ndarray) -> np.ndarray:
    """The inverse of `linear_to_srgb`."""
    curved = np.power((np.maximum(srgb, 0.04045) + 0.055) / 1.055, 2.4)
    return np.where(srgb <= 0.04045, srgb / 12.92, curved).astype(np.float32)


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
