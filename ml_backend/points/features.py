"""2D features of each layer (Sec. 3.3). Without a trained extractor the features are the layer's colours."""

from collections.abc import Callable

from torch import Tensor

from ml_backend.structures import LayeredDepthImage

FeatureExtractor = Callable[[LayeredDepthImage], Tensor]
"""LDI -> features (L, C, h, w) on its canvas; the first three channels are the colours."""


def color_features(ldi: LayeredDepthImage) -> Tensor:
    """The layer's colours (L, 3, h, w): all that the colour decoder reads."""
    return ldi.colors
