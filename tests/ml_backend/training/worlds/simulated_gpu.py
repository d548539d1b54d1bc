"""Draws one small view by the CPU's loop and by the GPU's kernels in numba's simulator, both uncompiled.

Exit code 0 where they agree. The simulator gives no fields of records, hence the record arrays.
"""

import os
import sys

os.environ |= {"NUMBA_DISABLE_JIT": "1", "NUMBA_ENABLE_CUDASIM": "1"}

import numpy as np
from numba import cuda
from numba.cuda.simulator.cudadrv.devicearray import FakeCUDAArray

from ml_backend.training.worlds import first_camera, load_textures, make_world, rendering


def _to_device(array: np.ndarray) -> FakeCUDAArray:
    return FakeCUDAArray(array.view(np.recarray) if array.dtype.names else array)


def main() -> int:
    cuda.to_device = _to_device
    with_rectangles = rendering._with_rectangles
    rendering._with_rectangles = lambda *arguments: with_rectangles(*arguments).view(np.recarray)
    world = make_world(3, load_textures(copies=1), kind="river")
    camera = first_camera(world, 9, 6)
    on_cpu = rendering.render_channels(world.scene, camera, 0.0)
    on_gpu = rendering.render_channels(world.scene, camera, 0.0, device="cuda")
    return 0 if np.array_equal(on_cpu, on_gpu) and on_cpu.any() else 1


if __name__ == "__main__":
    sys.exit(main())
