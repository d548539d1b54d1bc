"""Depth and motion as numbers, as they stand in files: .npy, .npz, .exr, .flo, and grey pictures."""

from pathlib import Path

import numpy as np

from ml_backend.errors import BadInput
from ml_backend.photos.formats import as_float, read_bytes, read_exr_channels, read_raster

FLO_TAG = b"PIEH"  # Middlebury's magic number

_ALL_OF_IT = 1 << 30  # no reduced decoding: depth is read as it is


def read_depth_values(path: Path) -> tuple[np.ndarray, bool]:
    """Values (H, W) float64 as they are in the file, and whether they are integers of a picture.

    Raises:
        BadInput: unreadable, no single array or channel of depth, or a colour picture.
    """
    suffix = path.suffix.lower()
    if suffix in (".npy", ".npz"):
        values = np.squeeze(_load_array(path))
        if values.ndim != 2 or min(values.shape) < 2:
            raise BadInput(f"{path.name} has shape {values.shape}.", hint="Save depth as an array (height, width).")
        return values, False
    if suffix == ".exr":
        channels = read_exr_channels(path)
        # Z is the name of depth in EXR; Blender writes "ViewLayer.Depth.Z" or plain V, others R or Y.
        name = next((n for end in ("Z", "V", "depth", "R", "Y") for n in channels if n.endswith(end)), "")
        if not name:
            raise BadInput(f"{path.name} has no depth channel.", hint="Name the channel Z.")
        return channels[name].astype(np.float64), False
    pixels, full = as_float(read_raster(path, _ALL_OF_IT).pixels)
    colors = pixels[..., : pixels.shape[2] - (pixels.shape[2] in (2, 4))]
    if np.nanmax(np.ptp(colors, axis=2)) > 0.04:  # JPEG may shift grey by a few levels
        raise BadInput(f"{path.name} is a colour picture.", hint="Save depth as grey, without a colour map.")
    return colors[..., 0].astype(np.float64) * full, full > 1


def read_flow_values(path: Path) -> np.ndarray:
    """Vectors (H, W, 2) float32 as they are in the file; BadInput when they cannot be read."""
    readers = {".npy": _read_npy_flow, ".flo": _read_flo, ".exr": _read_exr_flow}
    if path.suffix.lower() not in readers:
        raise BadInput(f"{path.name} is no motion field.", hint="Use a .npy, .flo, or .exr file.")
    return readers[path.suffix.lower()](path)


def _load_array(path: Path) -> np.ndarray:
    """The array of a .npy, or the only one of a .npz, as float64."""
    read_bytes(path, 1)
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return _as_numbers(loaded)
        with loaded:
            names = loaded.files
            if len(names) != 1:
                raise BadInput(f"{path.name} holds {len(names)} arrays.", hint="Save one array alone.")
            return _as_numbers(loaded[names[0]])
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise BadInput(f"{path.name} is not a NumPy array ({error}).", hint="Save it with numpy.save.") from error


def _as_numbers(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in "fiub":
        raise ValueError(f"it holds {array.dtype}, not real numbers")
    return array.astype(np.float64)


def _read_npy_flow(path: Path) -> np.ndarray:
    field = _load_array(path).astype(np.float32)
    if field.ndim == 3 and field.shape[-1] != 2 and field.shape[0] == 2:
        field = field.transpose(1, 2, 0)
    if field.ndim != 3 or field.shape[-1] != 2 or min(field.shape) < 1:
        raise BadInput(f"{path.name} has shape {field.shape}.", hint="Save motion as (height, width, 2).")
    return field


def _read_flo(path: Path) -> np.ndarray:
    data = read_bytes(path)
    width, height = np.frombuffer(data[4:12].ljust(8, b"\0"), "<i4").tolist()
    if data[:4] != FLO_TAG or min(width, height) < 1:
        raise BadInput(f"{path.name} is not a Middlebury flow file.", hint="Save it again, or use .npy.")
    if len(data) < 12 + 8 * width * height:
        raise BadInput(f"{path.name} ends before {width} x {height} vectors.", hint="Copy or export it again.")
    return np.frombuffer(data, "<f4", 2 * width * height, offset=12).reshape(height, width, 2)


def _read_exr_flow(path: Path) -> np.ndarray:
    channels = read_exr_channels(path)
    for pair in (("u", "v"), ("U", "V"), ("R", "G"), ("X", "Y")):
        if all(name in channels for name in pair):
            return np.stack([channels[name] for name in pair], axis=-1)
    raise BadInput(f"{path.name} has the channels {', '.join(channels)}.", hint="Name two of them u and v, or R and G.")
