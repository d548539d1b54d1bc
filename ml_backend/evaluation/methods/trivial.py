"""What any method must beat: the photo as it is, and the photo warped by its depth."""

from collections.abc import Sequence

from ml_backend.evaluation.methods.method import Inputs, Renderer, Rendering
from ml_backend.evaluation.projection import splat_photo
from ml_backend.evaluation.sample import Shot
from ml_backend.rendering.decoder import decode_colors, hole_fraction


def prepare_still(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """The photo, whatever is asked for."""
    return lambda index: Rendering(inputs.image)


def prepare_still_warped(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """The photo's pixels moved by their depth, holes filled from what is far around them; the fluid stands."""

    def render(index: int) -> Rendering:
        seen = splat_photo(inputs.image, inputs.depth, inputs.camera, shots[index].camera)
        return Rendering(decode_colors(seen, inputs.depth.near), hole_fraction(seen))

    return render
