"""How far the network's way of carrying arrows is trusted on a photo: as far as it foretells them from each other.

On rough water (breakers, boils, a fountain) no velocity along a surface fits the arrows. There it is better to spread
them smoothly, which takes them for nothing but what they are.
"""

import numpy as np
import torch
from torch import Tensor

from ml_backend.motion.carry_arrows import Spots, carry_arrows

# Error of the arrows that are foretold, of their mean length: a guess of no motion has 1, of the opposite motion 2.
_TRUSTED, _MISTRUSTED = 1.0, 2.0


def trust_in_arrows(starts: Spots, vectors: Tensor, regions: np.ndarray) -> np.ndarray:
    """For each arrow how far its region's arrows agree, (K,) in [0, 1]; 1 where a region has a single arrow.

    Args:
        starts: where the K arrows start, a batch of one.
        vectors: (1, K, 2). regions: (K,), numbers of their regions.
    """
    own = torch.from_numpy(regions[:, None] == regions[None])
    others = own & ~torch.eye(len(regions), dtype=torch.bool)
    foretold = carry_arrows(starts, starts, vectors, others[None])[0].T  # (K, 2)
    errors, lengths = ((v.norm(dim=1) * others.any(dim=1)).double() for v in (foretold - vectors[0], vectors[0]))
    share = own.double() @ errors / (own.double() @ lengths).clamp(min=1e-12)
    return ((_MISTRUSTED - share) / (_MISTRUSTED - _TRUSTED)).clamp(0, 1).numpy()
