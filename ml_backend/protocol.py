"""What the add-on and the backend say to each other. Standard library only: both sides import this file.

One JSON object per line, UTF-8, over the backend's stdin (requests) and stdout (events). Arrays travel as paths of
.npy files in a job folder that the add-on makes and removes. Each request gets any number of `Progress` and exactly
one of `Result`, `Failed`, `CancelledEvent`. A `Cancel` for a job that has ended is ignored. Closed stdin means that
the parent has gone: the backend exits.
"""

import json
from dataclasses import asdict, dataclass, field, fields

PROTOCOL_VERSION = 6


class BadMessage(ValueError):
    """A line that is not a message of this protocol."""


# Requests: add-on -> backend.


@dataclass(frozen=True, slots=True)
class Hello:
    """First request. Result: protocol, backend_version, python, torch, device, threads."""

    id: int
    protocol: int
    addon_version: str


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Counts to `steps` with `seconds` between, reporting progress; then calculates with torch, if asked to `examine`.

    Result: steps; examined also device, threads, free_memory_gib (or None), free_gpu_memory_gib, gpu_memory_gib.
    """

    id: int
    steps: int
    seconds: float
    examine: bool = False


@dataclass(frozen=True, slots=True)
class BuildScene:
    """Photo -> scene folder. Empty strings mean 'not given'; layers 0 means automatic. For the motion see
    `EstimateMotion`. networks: "own", or "paper" for those of the paper's authors. inpainting_trust:
    "lama" or "mi-gan" runs an inpainting_model whose digest is not known, as that; it may hold any program.
    depth: a file, or "prior" for the rule for landscapes, no network. horizon: a share of the height from the top,
    corrects estimated depth.

    Result: scene_dir, width, height, intrinsics [fx, fy, cx, cy], num_layers, num_points, regions, warnings.
    """

    id: int
    photo: str
    scene_dir: str
    mask: str = ""
    hints: str = ""
    depth: str = ""
    depth_model: str = ""
    inpainting_model: str = ""
    flow: str = ""
    size: int = 1280
    layers: int = 0
    freeze: str = ""
    guess_motion: bool = False
    speed: float | None = None
    smoothing: float | None = None
    region_speeds: list[list[float]] | None = None
    motion_method: str = ""
    networks: str = "own"
    inpainting_trust: str = ""
    horizon: float | None = None


@dataclass(frozen=True, slots=True)
class EstimateMotion:
    """New motion for a scene folder: rewrites motion, flow.png, cloud/flow*.npy, mask.png, freeze.png, hints.json.

    All of the drawing is given anew; empty strings mean 'not given'. guess_motion: look for a mask where none is given.
    motion_method "auto", "network", or "solver" says what carries arrows over the photo; "" is as the hints file says.
    speed, smoothing, and region_speeds ([x, y, speed], x and y on the photo in [0, 1], y down) take the place of what
    the hints file says; None leaves it.

    Result: scene_dir, flow_picture, warnings, regions: a list of {kind: "sky", "falls", or "water"; x, y: a place
    inside in [0, 1]; share of the photo; speed; flow: mean pixels per frame; arrows: their number}, largest first.
    """

    id: int
    scene_dir: str
    mask: str = ""
    freeze: str = ""
    hints: str = ""
    flow: str = ""
    guess_motion: bool = False
    speed: float | None = None
    smoothing: float | None = None
    region_speeds: list[list[float]] | None = None
    motion_method: str = ""


@dataclass(frozen=True, slots=True)
class GuessMotion:
    """A first mask and first arrows for a photo, written into output_dir. depth: as for BuildScene, or empty.

    Result: paths photo, the photo upright at working size, and mask (PNG); width, height; arrows, a list of
    [x, y, end x, end y] on the photo in [0, 1], y down, the way of 50 frames; share of the photo that moves.
    """

    id: int
    photo: str
    output_dir: str
    size: int = 1280
    depth: str = ""
    depth_model: str = ""


@dataclass(frozen=True, slots=True)
class RenderFrame:
    """One frame of the loop. intrinsics [fx, fy, cx, cy] in pixels; world_to_camera 16 numbers, row by row.

    Camera axes: OpenCV (x right, y down, z forward); world = the photo's camera. `hidden_layers` are left out.
    `posed_layers` stand elsewhere: output_dir holds `ids_<layer>.npy` (M,) int32, rows of the cloud, and
    `positions_<layer>.npy` (M, 3) float32, world, at rest; `posed_linear` has nine numbers for each of them, row by
    row, that turn and scale its flow. quality: "draft" or "final"; samples: along each side of a pixel, final only.

    Result: paths rgb (H, W, 3) sRGB float32, depth (H, W) float32, alpha (H, W) float32 inside output_dir, row 0 on
    top; hole_fraction, unknown_fraction, double_exposure, num_points.
    """

    id: int
    scene_dir: str
    intrinsics: list[float]
    world_to_camera: list[float]
    width: int
    height: int
    frame: int
    num_frames: int
    output_dir: str
    hidden_layers: list[int] = field(default_factory=list)
    posed_layers: list[int] = field(default_factory=list)
    posed_linear: list[list[float]] = field(default_factory=list)
    quality: str = "final"
    samples: int = 1


@dataclass(frozen=True, slots=True)
class MeasureViews:
    """How much of V views of the resting scene the photo knows; quick, no picture is made.

    intrinsics: [fx, fy, cx, cy] of each view, in pixels of width x height; world_to_camera: 16 numbers of each view.
    Axes and hidden_layers are those of RenderFrame.

    Result: unknown and holes, a share of the frame in [0, 1] for each view: what the photo does not show, and the part
    of it that lies beyond what was inpainted; with an output_dir also masks, the path of an array (V, h, w) uint8 of
    at most 240 columns, row 0 on top: 0 known, 1 inpainted, 2 beyond.
    """

    id: int
    scene_dir: str
    intrinsics: list[list[float]]
    world_to_camera: list[list[float]]
    width: int
    height: int
    hidden_layers: list[int] = field(default_factory=list)
    output_dir: str = ""


@dataclass(frozen=True, slots=True)
class ExportVideo:
    """A whole loop along a named camera path or a cameras.json into one file or folder.

    A cameras.json has its own size and number of frames. `hidden_layers`, `quality`, and `samples` as of RenderFrame.
    `ping_pong` plays the frames forwards and then backwards.

    Result: path, num_frames, width, height, hole_fraction, warnings.
    """

    id: int
    scene_dir: str
    camera: str
    path: str
    num_frames: int = 60
    size: int = 0
    fps: float = 25.0
    loops: int = 1
    ping_pong: bool = False
    hidden_layers: list[int] = field(default_factory=list)
    quality: str = "final"
    samples: int = 1


@dataclass(frozen=True, slots=True)
class EncodeVideo:
    """The numbered PNG frames of a folder into one video or GIF. Result: path."""

    id: int
    frames_dir: str
    path: str
    fps: float = 25.0
    loops: int = 1
    ping_pong: bool = False


@dataclass(frozen=True, slots=True)
class ListWeights:
    """Result: weights, a list of {name, role, installed, licence}; decoder, the one in use in words."""

    id: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ends job number `job` with CancelledEvent, if it still runs."""

    id: int
    job: int


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Result, then the backend exits."""

    id: int


# Events: backend -> add-on. `id` is the number of the request.


@dataclass(frozen=True, slots=True)
class Progress:
    """fraction in [0, 1] of the whole job."""

    id: int
    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Result:
    """The job is done."""

    id: int
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Failed:
    """The job failed; `code` is stable, `hint` says what to do."""

    id: int
    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class CancelledEvent:
    """The job was stopped by a Cancel."""

    id: int


REQUESTS = (
    Hello,
    SelfTest,
    BuildScene,
    EstimateMotion,
    GuessMotion,
    RenderFrame,
    MeasureViews,
    ExportVideo,
    EncodeVideo,
    ListWeights,
    Cancel,
    Shutdown,
)
EVENTS = (Progress, Result, Failed, CancelledEvent)

Request = (
    Hello
    | SelfTest
    | BuildScene
    | EstimateMotion
    | GuessMotion
    | RenderFrame
    | MeasureViews
    | ExportVideo
    | EncodeVideo
    | ListWeights
    | Cancel
    | Shutdown
)
Event = Progress | Result | Failed | CancelledEvent


def encode(message: Request | Event) -> bytes:
    """One line, newline included."""
    line = json.dumps({"type": type(message).__name__, **asdict(message)}, ensure_ascii=False, allow_nan=False)
    return line.encode("utf-8") + b"\n"


def decode_request(line: bytes) -> Request:
    """The request of one line; raises BadMessage."""
    return _decode(line, REQUESTS)


def decode_event(line: bytes) -> Event:
    """The event of one line; raises BadMessage."""
    return _decode(line, EVENTS)


def _decode(line: bytes, kinds: tuple[type, ...]) -> Request | Event:
    try:
        values = json.loads(line.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadMessage(f"Not a JSON line: {line[:80]!r}") from error
    if not isinstance(values, dict):
        raise BadMessage(f"Not a JSON object: {line[:80]!r}")
    name = values.pop("type", None)
    kind = next((k for k in kinds if k.__name__ == name), None)
    if kind is None:
        raise BadMessage(f"Unknown message type {name!r}; expected one of {[k.__name__ for k in kinds]}")
    unknown = values.keys() - {f.name for f in fields(kind)}
    if unknown:
        raise BadMessage(f"{name}: unknown fields {sorted(unknown)}")
    try:
        return kind(**values)
    except TypeError as error:
        raise BadMessage(f"{name}: {error}") from error
