"""How long Blender takes for a frame of a playing cloud, without drawing it: `python tests/blender/bench_playback.py`.

Prints one line: version, points, and the median and quickest frame in ms. Half of the points move. 24 frames a second
are 41.7 ms.
"""

import importlib.util
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("BLENDER_USER_RESOURCES", tempfile.mkdtemp())  # before bpy: nobody's own Blender

import bpy  # noqa: E402
import numpy as np  # noqa: E402

_COUNT = 1_000_000
_FRAMES = range(2, 61)


def main() -> None:
    """Make the cloud, play it once, print."""
    spec = importlib.util.spec_from_file_location(
        "cinemagraph", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    extension = sys.modules["cinemagraph"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(extension)
    extension.register()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _make_cloud()
    times = []
    for frame in _FRAMES:
        started = time.perf_counter()
        bpy.context.scene.frame_set(frame)
        times.append((time.perf_counter() - started) * 1000)
    sys.stdout.write(
        f"Blender {bpy.app.version_string}: {_COUNT:,} points, median {statistics.median(times):.1f} ms, "
        f"quickest {min(times):.1f} ms, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n"
    )
    sys.stdout.flush()
    extension.unregister()
    os._exit(0)  # Blender 4.2 and 4.5 may not end by themselves


def _make_cloud() -> None:
    from cinemagraph.cinemagraph_addon.bridge.scene_folder import CloudArrays
    from cinemagraph.cinemagraph_addon.point_cloud import layer_attributes, show_layers

    rng = np.random.default_rng(0)
    positions = rng.uniform((-1, -1, 1), (1, 1, 5), (_COUNT, 3)).astype(np.float32)
    flow = np.zeros((_COUNT, 3), np.float32)
    flow[::2] = rng.normal(0, 0.01, (_COUNT // 2, 3))
    colors, layers = np.full((_COUNT, 3), 128, np.uint8), np.zeros(_COUNT, np.uint8)
    cloud = CloudArrays(positions, colors, layers, positions[:, :2].copy(), flow, flow * np.float32(0.01))
    scene = bpy.context.scene
    collection = scene.cinemagraph.collection = bpy.data.collections.new("Cinemagraph")
    scene.collection.children.link(collection)
    root = bpy.data.objects.new("Root", None)
    collection.objects.link(root)
    for _ in show_layers(collection, root, layer_attributes(cloud), 1000.0):
        pass


if __name__ == "__main__":
    main()
