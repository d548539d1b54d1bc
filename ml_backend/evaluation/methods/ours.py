"""Our method, and its ablations (Table 3): the same line with one thing taken out."""

from collections.abc import Sequence

from ml_backend.evaluation.methods.method import Inputs, Renderer, Rendering
from ml_backend.evaluation.sample import Shot
from ml_backend.ldi.layering import split_layers
from ml_backend.loop import DEFAULTS, PAPER, Loop, RenderSettings
from ml_backend.pipeline import prepare_scene
from ml_backend.points.features import color_features
from ml_backend.points.unproject import build_point_cloud
from ml_backend.structures import LayeredDepthImage, Scene


def prepare_ours(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """The whole line with its defaults."""
    return render_loop(_full_scene(inputs), inputs.num_frames, shots, DEFAULTS)


def prepare_paper_blend(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """Ours with Eq. (4) as printed: both clouds fade into each other over the whole loop."""
    return render_loop(_full_scene(inputs), inputs.num_frames, shots, PAPER)


def prepare_without_symmetric(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """Ours with the forward cloud alone; it does not loop."""
    settings = RenderSettings(fade=never_fade, keeps_contrast=False, borrows_fluid=False)
    return render_loop(_full_scene(inputs), inputs.num_frames, shots, settings)


def prepare_without_inpainting(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """Ours with what the photo shows alone: nothing behind, nothing beyond the edge, no fluid that it hides."""
    layers = split_layers(inputs.image, inputs.depth)
    settings = RenderSettings(continues_fluid=False)
    return render_loop(layered_scene(inputs, layers), inputs.num_frames, shots, settings)


def render_loop(scene: Scene, num_frames: int, shots: Sequence[Shot], settings: RenderSettings) -> Renderer:
    """Pictures of one loop of a scene."""
    loop = Loop(scene, num_frames, settings)

    def render(index: int) -> Rendering:
        frame = loop.render(shots[index].camera, shots[index].time)
        return Rendering(frame.rgb, frame.hole_fraction)

    return render


def layered_scene(inputs: Inputs, layers: LayeredDepthImage) -> Scene:
    """A scene of given layers, taken as they are."""
    cloud = build_point_cloud(layers, color_features(layers), inputs.camera)
    return Scene(inputs.image, inputs.camera, inputs.depth, layers, inputs.motion, cloud)


def never_fade(time: float) -> float:
    """The backward cloud never counts."""
    return 0.0


def _full_scene(inputs: Inputs) -> Scene:
    return prepare_scene(inputs.image, depth=inputs.depth, motion=inputs.motion, camera=inputs.camera)
