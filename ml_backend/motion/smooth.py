"""Values known at a few places, spread smoothly over regions: a spline in tension.

Minimises |grad u|^2 + length^2 |laplace u|^2 inside each region. The first term alone (harmonic interpolation) has a
spike at each known place, which is seen as a whirl in the water; the second rounds it.
"""

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from ml_backend.motion.coarse_grid import CoarseGrid, neighbours

_EXACT = 1e5  # weight of a known value against the smoothness
_TIGHTEST, _LOOSEST = 300.0, 0.01  # of that weight, with a smoothing just above 0 and of 1, where one value is left
_DEFINITE = 1e-8
_OVER_AN_EDGE = 0.01  # share of the smoothness that is left between two surfaces


def spread_smoothly(
    grid: CoarseGrid,
    reading: sparse.csr_matrix,
    values: np.ndarray,
    length: float,
    smoothing: float = 0.0,
    *,
    likeness: np.ndarray | None = None,
) -> np.ndarray:
    """Node values (m, C) whose readings (K, m) are `values` (K, C), smooth inside regions; `length` in cells.

    Where the nodes' likeness (m, E) changes by more than 1 from one to the next there is an edge between two surfaces,
    over which little is spread.
    With `smoothing` in (0, 1] the readings come less and less near to the values, for the sake of smoothness.
    """
    weight_of_value = _TIGHTEST * (_LOOSEST / _TIGHTEST) ** smoothing if smoothing > 0 else _EXACT
    first, second, weight = neighbours(grid)
    if likeness is not None:
        change = np.square(likeness[first] - likeness[second]).sum(axis=1)
        weight = weight * np.maximum(np.exp(-change), _OVER_AN_EDGE)
    count = len(grid.region)
    adjacency = sparse.csr_matrix((weight, (first, second)), shape=(count, count))
    adjacency = adjacency + adjacency.T
    laplacian = sparse.diags(np.asarray(adjacency.sum(axis=1)).ravel()) - adjacency
    energy = laplacian + length**2 * (laplacian @ laplacian)
    system = energy + weight_of_value * (reading.T @ reading) + _DEFINITE * sparse.identity(count)
    factors = linalg.splu(
        system.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    )
    return factors.solve(weight_of_value * (reading.T @ values))
