"""Values known at a few places, spread smoothly over regions: a spline in tension.

Minimises |grad u|^2 + length^2 |laplace u|^2 inside each region. The first term alone (harmonic interpolation) has a
spike at each known place, which is seen as a whirl in the water; the second rounds it.
"""

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from ml_backend.motion.coarse_grid import CoarseGrid, neighbours

_EXACT = 1e5  # weight of a known value against the smoothness
_DEFINITE = 1e-8


def spread_smoothly(grid: CoarseGrid, reading: sparse.csr_matrix, values: np.ndarray, length: float) -> np.ndarray:
    """Node values (m, C) whose readings (K, m) are `values` (K, C), smooth inside regions; `length` in cells."""
    first, second, weight = neighbours(grid)
    count = len(grid.region)
    adjacency = sparse.csr_matrix((weight, (first, second)), shape=(count, count))
    adjacency = adjacency + adjacency.T
    laplacian = sparse.diags(np.asarray(adjacency.sum(axis=1)).ravel()) - adjacency
    energy = laplacian + length**2 * (laplacian @ laplacian)
    system = energy + _EXACT * (reading.T @ reading) + _DEFINITE * sparse.identity(count)
    factors = linalg.splu(
        system.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    )
    return factors.solve(_EXACT * (reading.T @ values))
