"""A scene is a folder: photo, depth, layers, motion, point cloud, and what the artist drew, each as a plain file.

scene.json        format, size, intrinsics, border, number of layers, a key of all that the layers were made from
photo.png         the photo at working size          mask.png, hints.json   as given, at working size
depth.npy         (H, W) float32, near is small      layers.safetensors     LayeredDepthImage
motion.npy        (H, W, 2) float32, px per frame    cloud/*.npy            positions, colors, layers, pixels

The folder appears, or is replaced, only when all of it is written. Files in it that are not ours are kept.
"""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from ml_backend.atomic_file import unwritable
from ml_backend.camera import PinholeCamera, camera_from_focal, photo_camera
from ml_backend.depth.hugging_face import load_estimator
from ml_backend.errors import BadInput, BadScene
from ml_backend.media import Photo, read_depth, read_flow, read_mask, read_photo, write_mask, write_photo
from ml_backend.motion.hints import HintsFile, motion_hints, read_hints, write_hints
from ml_backend.pipeline import estimate_scene_depth, move_scene, prepare_scene
from ml_backend.points.features import color_features
from ml_backend.points.unproject import build_point_cloud
from ml_backend.structures import (
    DepthMap,
    LayeredDepthImage,
    MotionField,
    MotionHints,
    Progress,
    Scene,
    no_progress,
)

FORMAT = "cinemagraph-scene/1"

_STATIC_VERSION = 1  # of depth, layers, inpainting: raise it when their results change, and scenes are made again
_OURS = ("scene.json", "photo.png", "depth.npy", "layers.safetensors", "motion.npy", "mask.png", "hints.json", "cloud")


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What may be given beside the photo; size is the longest side in pixels, num_layers None means automatic."""

    mask: Path | None = None
    hints: Path | None = None
    depth: Path | None = None
    flow: Path | None = None
    size: int = 1280
    num_layers: int | None = None
    depth_model: Path | None = None


@dataclass(frozen=True, slots=True)
class BuiltScene:
    """A scene that was built, and what the user should know about it."""

    scene: Scene
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Mask (1, H, W) and arrows as given, for the scene folder; `hints` are both together, for the solver."""

    mask: Tensor | None
    file: HintsFile | None
    hints: MotionHints | None


def build_scene(
    photo: Path, scene_dir: Path, options: BuildOptions = BuildOptions(), *, progress: Progress = no_progress
) -> BuiltScene:
    """Photo to scene folder. Where only mask, arrows, or flow have changed, depth and layers are taken over.

    Raises:
        BadInput: a file cannot be used. BadOutput: the folder cannot be written.
    """
    if options.num_layers is not None and not 2 <= options.num_layers <= 6:
        raise BadInput(f"{options.num_layers} layers are not possible.", hint="Choose 2 to 6, or leave it to us.")
    picture = read_photo(photo, options.size)
    height, width = picture.image.shape[-2:]
    drawing = _read_drawing(options, width, height)
    motion = read_flow(options.flow, width, height) if options.flow else None
    key = _static_key(photo, options)
    scene = _reusable(scene_dir, key)
    if scene is None:
        depth = read_depth(options.depth, width, height) if options.depth else _estimated(picture, options, progress)
        scene = prepare_scene(
            picture.image,
            depth=depth,
            camera=_camera_of(picture),
            num_layers=options.num_layers,
            progress=lambda stage, fraction: progress(stage, 0.1 + 0.6 * fraction),
        )
    progress("motion", 0.7)
    scene = replace(scene, motion=motion) if motion else move_scene(scene, drawing.hints)
    progress("writing", 0.9)
    save_scene(scene, scene_dir, drawing=drawing, key=key, bits=picture.bits)
    progress("done", 1.0)
    return BuiltScene(scene, _warnings(options, scene))


def save_scene(scene: Scene, scene_dir: Path, *, drawing: _Drawing, key: str, bits: int) -> None:
    """Write the whole folder beside the old one, then put it in its place."""
    partial = scene_dir.with_name(f".{scene_dir.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        (partial / "cloud").mkdir(parents=True)
        _write_files(scene, partial, drawing, bits)
        (partial / "scene.json").write_text(json.dumps(_description(scene, key), indent=1) + "\n", encoding="utf-8")
        _put_in_place(partial, scene_dir)
    except OSError as error:
        raise unwritable(scene_dir, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


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
        )
        _check_sizes(scene)
        return scene
    except (OSError, KeyError, ValueError, TypeError, SafetensorError, BadInput) as error:
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
    except FileNotFoundError as error:
        raise BadScene(f"{scene_dir} is not a scene folder: it has no scene.json.", hint="Build it first.") from error
    except (OSError, ValueError) as error:
        raise BadScene(f"{path} cannot be read ({error}).", hint="Build the scene again.") from error
    found = description.get("format") if isinstance(description, dict) else None
    if found != FORMAT:
        raise BadScene(f"{path} has the format {found!r}, expected {FORMAT!r}.", hint="Build the scene again.")
    return description


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


def _read_drawing(options: BuildOptions, width: int, height: int) -> _Drawing:
    mask = read_mask(options.mask, width, height) if options.mask else None
    if options.hints:
        file = read_hints(options.hints, width=width, height=height)
        if mask is None and file.arrows and not any(region.kind == "move" for region in file.regions):
            mask = torch.ones(1, height, width)
        return _Drawing(mask, file, motion_hints(file, mask))
    hints = motion_hints(HintsFile(width, height), mask) if mask is not None else None
    return _Drawing(mask, None, hints)


def _warnings(options: BuildOptions, scene: Scene) -> tuple[str, ...]:
    warnings = []
    if options.hints and not options.mask and not options.flow and bool((scene.motion.flow != 0).any(dim=0).all()):
        warnings.append("There is no mask: the whole picture moves. Give a mask, or regions in the hints file.")
    if not bool((scene.motion.flow != 0).any()):
        reason = "the mask is black" if options.mask else "there is no mask"
        warnings.append(f"Nothing moves: {reason}. Paint what flows white in a mask image to bring it to life.")
    if len(scene.ldi.colors) == 1:
        warnings.append("The depth is the same everywhere: the camera will show no parallax.")
    return tuple(warnings)


def _camera_of(picture: Photo) -> PinholeCamera:
    height, width = picture.image.shape[-2:]
    return camera_from_focal(picture.focal_px, width, height) if picture.focal_px else photo_camera(width, height)


def _estimated(picture: Photo, options: BuildOptions, progress: Progress) -> DepthMap:
    progress("depth", 0.02)
    estimator = load_estimator(options.depth_model) if options.depth_model else None
    return estimate_scene_depth(picture.image, estimator)


def _static_key(photo: Path, options: BuildOptions) -> str:
    """Hash of all that depth and layers depend on."""
    digest = hashlib.sha256(f"{_STATIC_VERSION} {options.size} {options.num_layers} {options.depth_model}".encode())
    for path in (photo, options.depth):
        digest.update(path.read_bytes() if path else b"-")
    return digest.hexdigest()


def _reusable(scene_dir: Path, key: str) -> Scene | None:
    try:
        return load_scene(scene_dir) if _read_description(scene_dir).get("static_key") == key else None
    except BadScene:  # nothing to take over; the folder is written anew
        return None


def _description(scene: Scene, key: str) -> dict[str, object]:
    k = scene.camera.intrinsics
    return {
        "format": FORMAT,
        "width": scene.camera.width,
        "height": scene.camera.height,
        "intrinsics": [float(k[0, 0]), float(k[1, 1]), float(k[0, 2]), float(k[1, 2])],
        "border": scene.ldi.border,
        "num_layers": len(scene.ldi.colors),
        "num_points": len(scene.cloud.layers),
        "static_key": key,
    }


def _write_files(scene: Scene, folder: Path, drawing: _Drawing, bits: int) -> None:
    write_photo(scene.image, folder / "photo.png", bits)
    np.save(folder / "depth.npy", scene.depth.depth[0].numpy())
    np.save(folder / "motion.npy", scene.motion.flow.permute(1, 2, 0).contiguous().numpy())
    layers = asdict(scene.ldi)
    del layers["border"]
    layers["alphas"] = layers["alphas"].to(torch.uint8)
    layers["inpainted"] = layers["inpainted"].to(torch.uint8)
    save_file({name: tensor.contiguous() for name, tensor in layers.items()}, folder / "layers.safetensors")
    cloud = scene.cloud
    np.save(folder / "cloud" / "positions.npy", cloud.positions.numpy())
    np.save(folder / "cloud" / "colors.npy", (cloud.colors.clamp(0, 1) * 255 + 0.5).to(torch.uint8).numpy())
    np.save(folder / "cloud" / "layers.npy", cloud.layers.numpy())
    np.save(folder / "cloud" / "pixels.npy", cloud.pixels.numpy())
    if drawing.mask is not None:
        write_mask(drawing.mask, folder / "mask.png")
    elif drawing.hints is not None:
        write_mask(drawing.hints.mask, folder / "mask.png")
    if drawing.file is not None:
        write_hints(folder / "hints.json", drawing.file)


def _put_in_place(partial: Path, scene_dir: Path) -> None:
    scene_dir.mkdir(parents=True, exist_ok=True)
    for kept in scene_dir.iterdir():
        if kept.name not in _OURS:
            os.replace(kept, partial / kept.name)
    replaced = scene_dir.with_name(f".{scene_dir.name}.replaced")
    shutil.rmtree(replaced, ignore_errors=True)
    os.replace(scene_dir, replaced)
    os.replace(partial, scene_dir)
    shutil.rmtree(replaced, ignore_errors=True)
