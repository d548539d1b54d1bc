"""What each request of the add-on does: one method per message of `protocol.py`.

Scene and loop stay in memory between frames, until the scene folder is written again or another one is asked for.
"""

import platform
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import ml_backend
from ml_backend import protocol
from ml_backend.camera_paths import PATHS
from ml_backend.device import device_name, examine_device, installed_version, num_threads
from ml_backend.errors import BackendError, BadInput, BadOutput, BadScene, ProtocolError

if TYPE_CHECKING:  # torch takes seconds to import; the first job that needs it pays, not Hello
    from ml_backend.authors.loop import AuthorsLoop
    from ml_backend.camera import PinholeCamera
    from ml_backend.loop import Loop
    from ml_backend.rendering.coverage import ThinCloud
    from ml_backend.structures import Scene

    LoadScene = Callable[[Path], Scene]
    MakeLoop = Callable[[Scene, int], Loop | AuthorsLoop]

ReportProgress = Callable[[str, float], None]
SceneKey = tuple[Path, int]
DECODER = "colour: no network, the blended point colours are the picture"


class ProtocolMismatch(BackendError):
    """Add-on and backend are of different versions."""

    code = "protocol_mismatch"
    exit_code = 7


class Jobs:
    """Does requests one after the other; keeps the latest scene and loop.

    `load` and `make_loop` are how a scene folder becomes a Scene and a Scene a Loop; tests pass quicker ones.
    """

    def __init__(self, load: "LoadScene | None" = None, make_loop: "MakeLoop | None" = None) -> None:
        self._load = load or _load_scene
        self._make_loop = make_loop or _make_loop
        self._scene_key: SceneKey | None = None
        self._scene: Scene | None = None
        self._loop_key: tuple[SceneKey, int] | None = None
        self._loop: Loop | AuthorsLoop | None = None
        self._thin_cloud: ThinCloud | None = None

    def perform(  # noqa: PLR0911 (one return per kind of request)
        self, request: protocol.Request, progress: ReportProgress
    ) -> dict[str, object]:
        """The values of the request's Result; raises BackendError."""
        match request:
            case protocol.Hello():
                return hello(request)
            case protocol.SelfTest():
                return self_test(request, progress)
            case protocol.BuildScene():
                return self.build_scene(request, progress)
            case protocol.EstimateMotion():
                return self.estimate_motion(request, progress)
            case protocol.GuessMotion():
                from ml_backend.service.motion_jobs import guess_motion  # noqa: PLC0415

                return guess_motion(request, progress)
            case protocol.RenderFrame():
                return self.render_frame(request, progress)
            case protocol.MeasureViews():
                return self.measure_views(request)
            case protocol.ExportVideo():
                return export_video(request, progress)
            case protocol.EncodeVideo():
                return encode_video(request, progress)
            case protocol.ListWeights():
                return list_weights()
        raise ProtocolError(f"{type(request).__name__} is not a job.")

    def build_scene(self, request: protocol.BuildScene, progress: ReportProgress) -> dict[str, object]:
        """Photo -> scene folder."""
        from ml_backend.export import build_report  # noqa: PLC0415
        from ml_backend.scene.folder import BuildOptions, build_scene  # noqa: PLC0415
        from ml_backend.service.motion_jobs import motion_method, region_speeds  # noqa: PLC0415

        progress("reading the photo", 0.0)
        options = BuildOptions(
            mask=_path(request.mask),
            freeze=_path(request.freeze),
            hints=_path(request.hints),
            guess_motion=request.guess_motion,
            speed=request.speed,
            smoothing=request.smoothing,
            region_speeds=region_speeds(request.region_speeds),
            motion_method=motion_method(request.motion_method),
            depth=None if request.depth == "prior" else _path(request.depth),
            only_rule=request.depth == "prior",
            horizon=request.horizon,
            depth_model=_path(request.depth_model),
            inpainting_model=_path(request.inpainting_model),
            inpainting_trust=request.inpainting_trust,
            flow=_path(request.flow),
            size=request.size,
            num_layers=request.layers or None,
            networks="paper" if request.networks == "paper" else "own",
        )
        self._forget()  # two scenes in memory at once are one too many for a large photo
        built = build_scene(Path(request.photo), Path(request.scene_dir), options, progress=progress)
        return asdict(build_report(built, Path(request.scene_dir)))

    def estimate_motion(self, request: protocol.EstimateMotion, progress: ReportProgress) -> dict[str, object]:
        """New motion in the scene folder; the scene in memory gets it too, so that frames come at once."""
        from ml_backend.service.motion_jobs import estimate_motion  # noqa: PLC0415

        progress("loading the scene", 0.0)
        scene = self._scene_of(Path(request.scene_dir))
        self._forget()  # whatever fails, what is in the folder counts
        scene, values = estimate_motion(request, scene, progress)
        self._scene, self._scene_key = scene, _scene_key(Path(request.scene_dir))
        return values

    def render_frame(self, request: protocol.RenderFrame, progress: ReportProgress) -> dict[str, object]:
        """One frame as .npy files in the output folder."""
        import numpy as np  # noqa: PLC0415

        camera = _camera(request)
        if request.num_frames < 1:
            raise ProtocolError(f"RenderFrame: num_frames must be at least 1, found {request.num_frames}.")
        from ml_backend.service.pose_files import read_pose  # noqa: PLC0415

        progress("loading the scene", 0.0)
        loop = self._loop_of(Path(request.scene_dir), request.num_frames)
        pose = read_pose(request, self._scene)
        progress("rendering", 0.2)
        if request.quality == "draft":
            frame = loop.render_draft(camera, request.frame, pose)
        else:
            frame = loop.render(camera, request.frame, pose, max(1, request.samples))
        progress("rendering", 0.9)
        arrays = {
            "rgb": frame.rgb.permute(1, 2, 0),  # (H, W, 3)
            "depth": frame.depth[0],
            "alpha": frame.alpha[0],
        }
        paths: dict[str, object] = {}
        for name, array in arrays.items():
            path = Path(request.output_dir) / f"{name}.npy"
            try:
                np.save(path, np.ascontiguousarray(array.cpu().numpy(), dtype=np.float32))
            except OSError as error:
                raise BadOutput(f"Cannot write {path}: {error.strerror}.", hint="Is the disk full?") from error
            paths[name] = str(path)
        figures = ("hole_fraction", "unknown_fraction", "double_exposure", "num_points")
        return {**paths, **{name: getattr(frame, name) for name in figures}}

    def measure_views(self, request: protocol.MeasureViews) -> dict[str, object]:
        """How much of each view the photo knows; keeps the thinned cloud for the next request."""
        from ml_backend.service.view_coverage import measure, thin  # noqa: PLC0415

        scene = self._scene_of(Path(request.scene_dir))
        if self._thin_cloud is None:
            self._thin_cloud = thin(scene)
        return measure(request, self._thin_cloud)

    def _loop_of(self, scene_dir: Path, num_frames: int) -> "Loop | AuthorsLoop":
        scene = self._scene_of(scene_dir)
        loop_key = (self._scene_key, num_frames)
        if self._loop is None or loop_key != self._loop_key:
            self._loop = None
            self._loop = self._make_loop(scene, num_frames)
            self._loop_key = loop_key
        return self._loop

    def _scene_of(self, scene_dir: Path) -> "Scene":
        scene_key = _scene_key(scene_dir)
        if self._scene is None or scene_key != self._scene_key:
            self._forget()
            self._scene = self._load(scene_dir)
            self._scene_key = scene_key
        return self._scene

    def _forget(self) -> None:
        self._scene = self._scene_key = self._loop = self._loop_key = self._thin_cloud = None


def hello(request: protocol.Hello) -> dict[str, object]:
    """Who we are; raises ProtocolMismatch where the add-on speaks another version."""
    if request.protocol != protocol.PROTOCOL_VERSION:
        raise ProtocolMismatch(
            f"The add-on speaks protocol {request.protocol}, the backend {protocol.PROTOCOL_VERSION}.",
            hint="Install the add-on and the backend of the same version.",
        )
    return {
        "protocol": protocol.PROTOCOL_VERSION,
        "backend_version": ml_backend.__version__,
        "python": platform.python_version(),
        "torch": installed_version("torch"),
        "device": device_name(),
        "threads": num_threads(),
    }


def self_test(request: protocol.SelfTest, progress: ReportProgress) -> dict[str, object]:
    """Count slowly, so that progress and cancelling can be seen to work; then calculate, if asked."""
    for step in range(request.steps):
        progress("counting", step / request.steps)
        time.sleep(request.seconds)
    progress("counting", 1.0)
    return {"steps": request.steps, **(asdict(examine_device()) if request.examine else {})}


def list_weights() -> dict[str, object]:
    """The catalog of weights, and which of them are installed."""
    from ml_backend.weights.catalog import CATALOG  # noqa: PLC0415
    from ml_backend.weights.location import weights_folder  # noqa: PLC0415
    from ml_backend.weights.store import is_installed  # noqa: PLC0415

    root = weights_folder()
    rows = [
        {"name": spec.name, "role": spec.role, "installed": is_installed(spec, root), "licence": spec.licence}
        for spec in CATALOG
    ]
    return {"weights": rows, "decoder": DECODER}


def export_video(request: protocol.ExportVideo, progress: ReportProgress) -> dict[str, object]:
    """A whole loop into one file or folder."""
    from ml_backend.export import ExportOptions, export_loop  # noqa: PLC0415
    from ml_backend.frames.writers import VideoSettings  # noqa: PLC0415
    from ml_backend.pose import Pose  # noqa: PLC0415

    progress("loading the scene", 0.0)
    options = ExportOptions(
        camera=request.camera,
        num_frames=request.num_frames if request.camera in PATHS else None,
        size=request.size or None,
        video=VideoSettings(fps=request.fps, loops=request.loops, ping_pong=request.ping_pong),
        pose=Pose(hidden=tuple(sorted(request.hidden_layers))),
        is_draft=request.quality == "draft",
        samples=max(1, request.samples),
    )
    scene = _load_scene(Path(request.scene_dir))
    return asdict(export_loop(scene, Path(request.path), options, progress=progress))


def encode_video(request: protocol.EncodeVideo, progress: ReportProgress) -> dict[str, object]:
    """Rendered frames into one file."""
    from ml_backend.frames.writers import VideoSettings, encode_frames  # noqa: PLC0415

    settings = VideoSettings(fps=request.fps, loops=request.loops, ping_pong=request.ping_pong)
    encode_frames(Path(request.frames_dir), Path(request.path), settings, progress)
    return {"path": request.path}


def _load_scene(scene_dir: Path) -> "Scene":
    from ml_backend.scene.folder import load_scene  # noqa: PLC0415

    return load_scene(scene_dir)


def _make_loop(scene: "Scene", num_frames: int) -> "Loop | AuthorsLoop":
    from ml_backend.authors.loop import open_loop  # noqa: PLC0415

    return open_loop(scene, num_frames)


def _scene_key(scene_dir: Path) -> SceneKey:
    try:
        return scene_dir.resolve(), (scene_dir / "scene.json").stat().st_mtime_ns
    except OSError as error:
        raise BadScene(
            f"There is no scene in {scene_dir}.", hint="Build the scene first, or choose the folder with scene.json."
        ) from error


def _camera(request: protocol.RenderFrame) -> "PinholeCamera":
    import torch  # noqa: PLC0415

    from ml_backend.camera import PinholeCamera  # noqa: PLC0415

    if len(request.intrinsics) != 4 or len(request.world_to_camera) != 16:
        raise ProtocolError("RenderFrame: intrinsics are 4 numbers, world_to_camera is 16.")
    if request.width < 1 or request.height < 1:
        raise BadInput(f"A frame of {request.width}x{request.height} pixels is no picture.", hint="Use a larger size.")
    fx, fy, cx, cy = request.intrinsics
    intrinsics = torch.tensor([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], dtype=torch.float64)
    world_to_camera = torch.tensor(request.world_to_camera, dtype=torch.float64).reshape(4, 4)
    return PinholeCamera(intrinsics, world_to_camera, request.width, request.height)


def _path(text: str) -> Path | None:
    return Path(text) if text else None
