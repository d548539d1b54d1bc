"""What fills the authors' layers where 3D Photo's networks are not there, with the networks' input and output."""

from torch import Tensor

from ml_backend.filtering import push_pull
from ml_backend.ldi.inpainting import continue_texture
from ml_backend.ldi.inpainting_model import ColorInpainter
from ml_backend.ldi.inpainting_nets import InpaintingNets

_RELAXATIONS = 8


def stand_ins(inpainter: ColorInpainter | None = None) -> InpaintingNets:
    """Colours by `inpainter`, or continued with their texture; depth continued smoothly."""
    fill = inpainter or continue_texture

    def color(x: Tensor) -> Tensor:
        return fill(x[0, :3], x[0, 4] > 0).clamp(0, 1)[None]

    def depth(x: Tensor) -> Tensor:
        return push_pull(x[0, :1], x[0, 2:3], relaxations=_RELAXATIONS)[None]

    return InpaintingNets(color, depth)
