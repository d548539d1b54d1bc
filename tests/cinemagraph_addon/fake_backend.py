"""A small real process that speaks `ml_backend.protocol`; run with the repository as working directory.

    python fake_backend.py [MODE]

Modes: `good` answers everything and renders the photo of the scene folder; the others misbehave as named below.
numpy and Pillow are imported where needed, since most tests only start and stop this.
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

sys.path.insert(0, os.getcwd())

from ml_backend import protocol
from ml_backend.protocol import CancelledEvent, Failed, Progress, Result

_HELLO = {
    "protocol": protocol.PROTOCOL_VERSION,
    "backend_version": "fake",
    "python": "3.11",
    "torch": "none",
    "device": "cpu",
    "threads": 1,
}


def main(mode: str) -> None:
    out = os.fdopen(os.dup(1), "wb", buffering=0)

    def send(event: protocol.Event) -> None:
        out.write(protocol.encode(event))

    if mode == "missing_torch":
        raise ModuleNotFoundError("No module named 'torch'")
    for line in sys.stdin.buffer:
        request = protocol.decode_request(line)
        match request:
            case protocol.Hello():
                version = 99 if mode == "other_version" else protocol.PROTOCOL_VERSION
                send(Result(request.id, {**_HELLO, "protocol": version}))
            case protocol.Shutdown():
                send(Result(request.id, {}))
                return
            case protocol.Cancel():
                send(CancelledEvent(request.job))
            case _ if mode == "crash":
                os._exit(9)
            case _ if mode == "garbage":
                out.write(b"Loading weights ...\n")
            case _ if mode == "silent":
                send(Progress(request.id, "Waiting", 0.25))
            case protocol.RenderFrame() if mode == "full_disk":
                send(Failed(request.id, "bad_output", "The disk is full.", "Make some room."))
            case protocol.SelfTest():
                count(request, send)
            case _:
                send(Result(request.id, answer(request)))


def answer(request: protocol.Request) -> dict[str, object]:  # noqa: PLR0911  (one for each message)
    match request:
        case protocol.BuildScene():
            return build(request)
        case protocol.EstimateMotion():
            from fake_motion import estimate_motion

            return estimate_motion(request)
        case protocol.GuessMotion():
            from fake_motion import guess_motion

            return guess_motion(request)
        case protocol.RenderFrame():
            return render(request)
        case protocol.MeasureViews():
            return measure(request)
        case protocol.ExportVideo():
            return export(request)
        case protocol.EncodeVideo():
            return encode(request)
        case protocol.ListWeights():
            weights = [{"name": "small", "installed": True}, {"name": "large", "installed": False}]
            return {"weights": weights, "decoder": "none"}
    raise NotImplementedError(type(request).__name__)


def count(request: protocol.SelfTest, send: object) -> None:
    for step in range(request.steps):
        send(Progress(request.id, "Counting", step / request.steps))
        time.sleep(request.seconds)
    examined = {"free_memory_gib": 7.5, "free_gpu_memory_gib": 20.0, "gpu_memory_gib": 24.0} if request.examine else {}
    send(Result(request.id, {"steps": request.steps, **examined}))


def build(request: protocol.BuildScene) -> dict[str, object]:
    """One point per pixel: the left half near (depth 1, layer 0), the right half far (depth 4, layer 1)."""
    import numpy as np
    from PIL import Image

    folder = Path(request.scene_dir)
    (folder / "cloud").mkdir(parents=True, exist_ok=True)
    photo = np.asarray(Image.open(request.photo).convert("RGB"))
    height, width = photo.shape[:2]
    focal = float(max(width, height))
    y, x = np.mgrid[0:height, 0:width] + 0.5
    depth = np.where(x < width / 2, 1.0, 4.0)
    rays = np.stack([(x - width / 2) / focal, (y - height / 2) / focal, np.ones_like(x)], axis=-1)
    arrays = {
        "positions": (rays * depth[..., None]).reshape(-1, 3).astype(np.float32),
        "colors": photo.reshape(-1, 3),
        "layers": (depth > 1).astype(np.uint8).ravel(),
        "pixels": np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32),
        "flow": np.zeros((height * width, 3), np.float32),
        "flow_bend": np.zeros((height * width, 3), np.float32),
    }
    arrays["flow"][depth.ravel() > 1] = (0.01, 0, 0)  # the far half flows to the right
    for name, array in arrays.items():
        np.save(folder / "cloud" / f"{name}.npy", array)
    Image.fromarray(photo).save(folder / "photo.png")
    for name in ("depth.npy", "motion.npy", "layers.safetensors"):  # only the real backend reads these
        (folder / name).touch()
    write_relief(folder / "relief", rays[:: max(1, height // 333), :: max(1, width // 333)])
    description = {
        "format": "cinemagraph-scene/2",
        "width": width,
        "height": height,
        "intrinsics": [focal, focal, width / 2, height / 2],
        "num_layers": 2,
        "asked": {"depth": request.depth, "horizon": request.horizon},  # for tests of what the add-on asks for
        "border": 0,
    }
    (folder / "scene.json").write_text(json.dumps(description))
    return {"scene_dir": str(folder), "num_layers": 2, "num_points": height * width, "warnings": []}


def write_relief(folder: Path, positions: object) -> None:
    """A grey grid of positions (h, w, 3), about as fine as a real one."""
    import numpy as np

    folder.mkdir(exist_ok=True)
    height, width = positions.shape[:2]
    index = np.arange(height * width, dtype=np.int32).reshape(height, width)
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1)
    np.save(folder / "positions.npy", positions.reshape(-1, 3).astype(np.float32))
    np.save(folder / "colors.npy", np.full((height * width, 3), 128, np.uint8))
    np.save(folder / "quads.npy", quads.reshape(-1, 4))


def render(request: protocol.RenderFrame) -> dict[str, object]:
    """The photo, moved by whole pixels as the principal point asks; depth 2, alpha 1; the request beside the scene."""
    import numpy as np
    from PIL import Image

    scene_dir = Path(request.scene_dir)
    (scene_dir / "last_request.json").write_bytes(protocol.encode(request))
    for layer in request.posed_layers:
        for name in ("ids", "positions"):
            shutil.copy(Path(request.output_dir) / f"{name}_{layer}.npy", scene_dir / f"last_{name}_{layer}.npy")
    photo = np.asarray(Image.open(Path(request.scene_dir) / "photo.png"), dtype=np.float32) / 255
    left = round(photo.shape[1] / 2 - request.intrinsics[2])
    top = round(photo.shape[0] / 2 - request.intrinsics[3])
    shape = (request.height, request.width)
    alpha = np.ones(shape, np.float32)
    alpha[0, 0] = 0.5
    depth = np.full(shape, 2.0, np.float32)
    depth[0, 0] = np.inf
    arrays = {
        "rgb": _part(photo, range(top, top + shape[0]), range(left, left + shape[1])),
        "depth": depth,
        "alpha": alpha,
    }
    paths = {name: str(Path(request.output_dir) / f"{name}.npy") for name in arrays}
    for name, array in arrays.items():
        np.save(paths[name], array)
    return {**paths, "hole_fraction": 0.0123, "unknown_fraction": 0.05, "double_exposure": 0.01, "num_points": 12345}


def export(request: protocol.ExportVideo) -> dict[str, object]:
    """No video, but the cameras in its place, and the request beside the scene."""
    (Path(request.scene_dir) / "last_request.json").write_bytes(protocol.encode(request))
    cameras = Path(request.camera).read_text(encoding="utf-8")
    Path(request.path).write_text(cameras, encoding="utf-8")
    document = json.loads(cameras)
    size = {name: document[name] for name in ("width", "height")}
    return {"path": request.path, "num_frames": len(document["frames"]), **size, "hole_fraction": 0.0, "warnings": []}


def encode(request: protocol.EncodeVideo) -> dict[str, object]:
    """No video, but the frames one after the other in its place."""
    frames = sorted(Path(request.frames_dir).glob("frame_*.png"))
    Path(request.path).write_bytes(b"".join(frame.read_bytes() for frame in frames))
    return {"path": request.path}


def _part(photo: "np.ndarray", rows: range, columns: range) -> "np.ndarray":
    """Rows and columns of the photo; beyond it, its edge goes on."""
    return photo.take(rows, axis=0, mode="clip").take(columns, axis=1, mode="clip")


def measure(request: protocol.MeasureViews) -> dict[str, object]:
    """A tenth unknown per unit that the camera is away from the photo's, half of it beyond; the request kept."""
    import numpy as np

    (Path(request.scene_dir) / "last_measure.json").write_bytes(protocol.encode(request))
    matrices = np.array(request.world_to_camera).reshape(-1, 4, 4)
    unknown = np.minimum(0.1 * np.linalg.norm(matrices[:, :3, 3], axis=1), 1.0)
    values: dict[str, object] = {"unknown": unknown.tolist(), "holes": (unknown / 2).tolist()}
    if request.output_dir:
        masks = np.zeros((len(matrices), 4, 6), np.uint8)
        masks[:, 0], masks[:, :, 0] = 1, 2  # the top row is inpainted, the left column beyond
        values["masks"] = str(Path(request.output_dir) / "masks.npy")
        np.save(values["masks"], masks)
    return values


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "good")
