"""A scene is a folder: photo, depth, layers, motion, point cloud, and what the artist drew, each as a plain file.

scene.json        format, size, intrinsics, border, number of layers, a key of all that the layers were made from
photo.png         the photo at working size            mask.png, freeze.png,  as given, at working size
                                                       hints.json
depth.npy         (H, W) float32, near is small        layers.safetensors     LayeredDepthImage
motion.npy        (H, W, 2) float32, px per frame      cloud/*.npy            positions, colors, layers, pixels,
                                                                              flow, flow_bend
flow.png          the motion as colours                relief/*.npy           positions, colors, quads

The folder appears, or is replaced, only when all of it is written. Files in it that are not ours are kept.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from ml_backend.atomic_file import replacing_folder, require_writable_folder
from ml_backend.authors.scene import (
    authors_depth,
    inpainting_nets_for,
    networks_in_use,
    prepare_authors_scene,
    require_networks,
)
from ml_backend.camera import PinholeCamera, camera_from_focal, photo_camera
from ml_backend.depth.choice import DepthChoice, choose_depth, load_depth
from ml_backend.depth.estimate import DisparityEstimator
from ml_backend.depth.small_disparity import mix_with_horizon
from ml_backend.errors import BadInput, BadOutput, BadScene
from ml_backend.ldi.embedded import embedded_fill
from ml_backend.ldi.inpainting import fill_colors
from ml_backend.ldi.inpainting_model import load_inpainter
from ml_backend.memory import available_memory_gib, require_memory
from ml_backend.motion.region_list import MovingRegion
from ml_backend.photos.formats import read_bytes
from ml_backend.photos.media import DepthKind, Photo, read_depth, read_mask, read_photo, write_photo
from ml_backend.pipeline import estimate_scene_depth, prepare_scene
from ml_backend.points.features import color_features
from ml_backend.points.relief import make_relief
from ml_backend.points.unproject import build_point_cloud
from ml_backend.scene.drawing import Drawing, MotionOptions, Place, read_drawing, with_guessed_mask, write_drawing
from ml_backend.scene.motion import apply_drawing, moving_regions, write_motion
from ml_backend.scene.warnings import scene_warnings
from ml_backend.structures import (
    DepthMap,
    LayeredDepthImage,
    MotionField,
    MotionMethod,
    Networks,
    Progress,
    Scene,
    no_progress,
)

FORMAT = "cinemagraph-scene/2"

_STATIC_VERSION = 7  # of depth, layers, inpainting: raise it when their results change, and scenes are made again
_SMALLEST, _LARGEST = 16, 8192  # working size
_BYTES_PER_PIXEL = 1120  # of memory while building; with six layers 1,110 measured at 4 megapixels, 1,040 at 12
_OURS = (
    "scene.json",
    "photo.png",
    "depth.npy",
    "layers.safetensors",
    "motion.npy",
    "flow.png",
    "mask.png",
    "freeze.png",
    "hints.json",
    "cloud",
    "relief",
)


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What may be given beside the photo.

    inpainting_trust: what an inpainting model that the catalog of weights does not know is, see `load_inpainter`;
    networks "paper" are those of the paper's authors, from the weights folder; size is the longest side in pixels;
    num_layers None means automatic; depth_kind says what the depth file holds, see `media.read_depth`; only_rule takes
    the rule for landscapes, no network; horizon, a share of the height from the top, corrects estimated depth.
    """

    mask: Path | None = None
    freeze: Path | None = None
    hints: Path | None = None
    depth: Path | None = None
    depth_kind: DepthKind = "auto"
    flow: Path | None = None
    size: int = 1280
    num_layers: int | None = None
    depth_model: Path | None = None
    only_rule: bool = False
    horizon: float | None = None
    inpainting_model: Path | None = None
    inpainting_trust: str = ""
    networks: Networks = "own"
    guess_motion: bool = False
    speed: float | None = None
    smoothing: float | None = None
    region_speeds: tuple[Place, ...] | None = None
    motion_method: MotionMethod | None = None


@dataclass(frozen=True, slots=True)
class BuiltScene:
    """A scene that was built, its moving regions, and what the user should know about it."""

    scene: Scene
    warnings: tuple[str, ...] = ()
    regions: tuple[MovingRegion, ...] = ()


def build_scene(
    photo: Path, scene_dir: Path, options: BuildOptions = BuildOptions(), *, progress: Progress = no_progress
) -> BuiltScene:
    """Photo to scene folder. Where only mask, arrows, or flow have changed, depth and layers are taken over.

    Raises:
        BadInput: a file cannot be used. BadOutput: the folder cannot be written.
    """
    _check_options(options)
    _check_place(scene_dir)
    if options.networks == "paper":
        require_networks()
    picture = read_photo(photo, options.size)
    height, width = picture.image.shape[-2:]
    _check_memory(width, height)
    drawing = read_drawing(_motion_options(options), width, height)
    key = _static_key(photo, options)
    scene = _reusable(scene_dir, key)
    if scene is None:
        scene = _prepare(picture, options, progress)
    progress("motion", 0.7)
    drawing = with_guessed_mask(drawing, scene.image, scene.depth)
    scene = apply_drawing(scene, drawing)
    progress("writing", 0.9)
    with replacing_folder(scene_dir, _OURS) as partial:
        _write_files(scene, partial, drawing, picture.bits)
        (partial / "scene.json").write_text(
            json.dumps(_description(scene, key, options), indent=1) + "\n", encoding="utf-8"
        )
    progress("done", 1.0)
    warnings = (*scene_warnings(scene, drawing), *_stand_in_warnings(options))
    return BuiltScene(scene, warnings, moving_regions(scene, drawing))


def _stand_in_warnings(options: BuildOptions) -> list[str]:
    """What was used in place of something that is broken."""
    depth = "" if options.depth else _depth_choice(options).warning
    fill = embedded_fill().warning if _uses_embedded_fill(options) else ""
    return [warning for warning in (depth, fill) if warning]


def _uses_embedded_fill(options: BuildOptions) -> bool:
    return options.networks == "own" and options.inpainting_model is None


def _prepare(picture: Photo, options: BuildOptions, progress: Progress) -> Scene:
    height, width = picture.image.shape[-2:]
    model = options.inpainting_model
    inpainter = load_inpainter(model, trusted_as=options.inpainting_trust) if model else None
    shared = {
        "depth": _given_depth(options, width, height) or _estimated(picture, options, progress),
        "camera": _camera_of(picture),
        "num_layers": options.num_layers,
        "progress": lambda stage, fraction: progress(stage, 0.1 + 0.6 * fraction),
    }
    if options.networks == "paper":
        return prepare_authors_scene(picture.image, nets=inpainting_nets_for(inpainter), **shared)
    return prepare_scene(picture.image, fill=fill_colors(inpainter) if inpainter else None, **shared)


def _check_options(options: BuildOptions) -> None:
    if not _SMALLEST <= options.size <= _LARGEST:
        raise BadInput(f"{options.size} is no working size.", hint=f"Use {_SMALLEST} to {_LARGEST} pixels.")
    if options.num_layers is not None and not 2 <= options.num_layers <= 6:
        raise BadInput(f"{options.num_layers} layers are not possible.", hint="Choose 2 to 6, or leave it to us.")
    if options.horizon is not None and not -1 <= options.horizon < 1:
        raise BadInput(
            f"A horizon at {options.horizon:g} is not possible.",
            hint="Give its place as a share of the height: 0 is the upper edge, 1 the lower; -1 to 0.99.",
        )


def _check_place(scene_dir: Path) -> None:
    """Refuse, before the minutes of work, what cannot be written, and a folder where files of others would be lost."""
    if scene_dir.is_dir() and not (scene_dir / "scene.json").exists():
        in_the_way = [name for name in _OURS if (scene_dir / name).exists()]
        if in_the_way:
            raise BadOutput(
                f"{scene_dir} is not a scene folder, and its {in_the_way[0]} would be overwritten.",
                hint="Choose a folder of its own for the scene.",
            )
    require_writable_folder(scene_dir)


def _check_memory(width: int, height: int) -> None:
    needed_gib = 0.5 + width * height * _BYTES_PER_PIXEL / 2**30
    require_memory(f"A scene of {width} x {height} pixels", needed_gib, available_memory_gib())


def load_scene(scene_dir: Path) -> Scene:
    """Read a scene folder. Raises BadScene where something is missing, damaged, or of another version."""
    description = _read_description(scene_dir)
    try:
        fx, fy, cx, cy = description["intrinsics"]
        width, height = int(description["width"]), int(description["height"])
        intrinsics = torch.tensor([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], dtype=torch.float64)
        camera = PinholeCamera(intrinsics, torch.eye(4, dtype=torch.float64), width, height)
        layers = load_file(scene_dir / "layers.safetensors")
        ldi = LayeredDepthImage(
            colors=layers["colors"],
            alphas=layers["alphas"].float(),
            depths=layers["depths"],
            inpainted=layers["inpainted"].bool(),
            border=int(description["border"]),
        )
        scene = Scene(
            image=read_photo(scene_dir / "photo.png", max(width, height)).image,
            camera=camera,
            depth=DepthMap(torch.from_numpy(np.load(scene_dir / "depth.npy"))[None]),
            ldi=ldi,
            motion=MotionField(torch.from_numpy(np.load(scene_dir / "motion.npy").transpose(2, 0, 1).copy())),
            cloud=build_point_cloud(ldi, color_features(ldi), camera),
            networks=_known_networks(description.get("networks", "own")),
        )
        _check_sizes(scene)
        return scene
    except (OSError, KeyError, ValueError, TypeError, EOFError, SafetensorError, BadInput) as error:
        raise BadScene(f"The scene folder {scene_dir} is damaged ({error}).", hint="Build the scene again.") from error


def read_scene_mask(scene_dir: Path) -> Tensor | None:
    """The mask the scene was built with, (1, H, W), or None."""
    description = _read_description(scene_dir)
    path = scene_dir / "mask.png"
    return read_mask(path, int(description["width"]), int(description["height"])) if path.exists() else None


def _read_description(scene_dir: Path) -> dict[str, object]:
    path = scene_dir / "scene.json"
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BadScene(f"{scene_dir} is not a scene folder: it has no scene.json.", hint="Build it first.") from error
    except (OSError, ValueError) as error:
        raise BadScene(f"{path} cannot be read ({error}).", hint="Build the scene again.") from error
    found = description.get("format") if isinstance(description, dict) else None
    if found != FORMAT:
        raise BadScene(f"{path} has the format {found!r}, expected {FORMAT!r}.", hint="Build the scene again.")
    return description


def _known_networks(name: object) -> Networks:
    for known in get_args(Networks):
        if name == known:
            return known
    raise ValueError(f"networks: expected one of {get_args(Networks)}, found {name!r}")


def _check_sizes(scene: Scene) -> None:
    photo = (scene.camera.height, scene.camera.width)
    canvas = tuple(side + 2 * scene.ldi.border for side in photo)
    for name, tensor, size in (
        ("photo.png", scene.image, photo),
        ("depth.npy", scene.depth.depth, photo),
        ("motion.npy", scene.motion.flow, photo),
        ("layers.safetensors", scene.ldi.colors, canvas),
    ):
        if tuple(tensor.shape[-2:]) != size:
            raise ValueError(f"{name}: expected height and width {size}, found {tuple(tensor.shape[-2:])}")


def _motion_options(options: BuildOptions) -> MotionOptions:
    return MotionOptions(
        mask=options.mask,
        freeze=options.freeze,
        hints=options.hints,
        flow=options.flow,
        guess=options.guess_motion,
        speed=options.speed,
        smoothing=options.smoothing,
        region_speeds=options.region_speeds,
        method=options.motion_method,
    )


def _camera_of(picture: Photo) -> PinholeCamera:
    height, width = picture.image.shape[-2:]
    return camera_from_focal(picture.focal_px, width, height) if picture.focal_px else photo_camera(width, height)


def _estimated(picture: Photo, options: BuildOptions, progress: Progress) -> DepthMap:
    progress("depth", 0.02)
    estimator = _with_horizon(load_depth(_depth_choice(options)), options.horizon)
    if options.networks == "paper":
        return authors_depth(picture.image, estimator)
    return estimate_scene_depth(picture.image, estimator)


def _with_horizon(estimator: DisparityEstimator, horizon: float | None) -> DisparityEstimator:
    return estimator if horizon is None else lambda image: mix_with_horizon(estimator(image), horizon)


def _depth_choice(options: BuildOptions) -> DepthChoice:
    return choose_depth(options.depth_model, options.networks, only_rule=options.only_rule)


def _given_depth(options: BuildOptions, width: int, height: int) -> DepthMap | None:
    return read_depth(options.depth, width, height, kind=options.depth_kind) if options.depth else None


def _static_key(photo: Path, options: BuildOptions) -> str:
    """Hash of all that depth and layers depend on."""
    depth = "" if options.depth else _depth_choice(options).key
    chosen = (_STATIC_VERSION, options.size, options.num_layers, depth, options.depth_kind, options.horizon)
    if options.networks == "paper":
        chosen = (*chosen, networks_in_use())
    if _uses_embedded_fill(options):
        chosen = (*chosen, embedded_fill().key)
    digest = hashlib.sha256(repr(chosen).encode())
    for path in (photo, options.depth, options.inpainting_model):
        digest.update(read_bytes(path) if path else b"-")
    return digest.hexdigest()


def _reusable(scene_dir: Path, key: str) -> Scene | None:
    try:
        return load_scene(scene_dir) if _read_description(scene_dir).get("static_key") == key else None
    except BadScene:  # nothing to take over; the folder is written anew
        return None


def _description(scene: Scene, key: str, options: BuildOptions) -> dict[str, object]:
    k = scene.camera.intrinsics
    return {
        "format": FORMAT,
        "width": scene.camera.width,
        "height": scene.camera.height,
        "intrinsics": [float(k[0, 0]), float(k[1, 1]), float(k[0, 2]), float(k[1, 2])],
        "border": scene.ldi.border,
        "networks": scene.networks,
        "depth_source": "depth map" if options.depth else _depth_choice(options).name,
        "fill_source": embedded_fill().name if _uses_embedded_fill(options) else "model",
        "num_layers": len(scene.ldi.colors),
        "num_points": len(scene.cloud.layers),
        "static_key": key,
    }


def _write_files(scene: Scene, folder: Path, drawing: Drawing, bits: int) -> None:
    write_photo(scene.image, folder / "photo.png", bits)
    np.save(folder / "depth.npy", scene.depth.depth[0].numpy())
    layers = asdict(scene.ldi)
    del layers["border"]
    layers["alphas"] = layers["alphas"].half()
    layers["inpainted"] = layers["inpainted"].to(torch.uint8)
    (folder / "cloud").mkdir()
    save_file({name: tensor.contiguous() for name, tensor in layers.items()}, folder / "layers.safetensors")
    cloud = scene.cloud
    np.save(folder / "cloud" / "positions.npy", cloud.positions.numpy())
    np.save(folder / "cloud" / "colors.npy", (cloud.colors.clamp(0, 1) * 255 + 0.5).to(torch.uint8).numpy())
    np.save(folder / "cloud" / "layers.npy", cloud.layers.numpy())
    np.save(folder / "cloud" / "pixels.npy", cloud.pixels.numpy())
    write_motion(scene, folder)
    (folder / "relief").mkdir()
    for name, array in asdict(make_relief(scene.image, scene.depth, scene.camera)).items():
        np.save(folder / "relief" / f"{name}.npy", array)
    write_drawing(drawing, folder)
