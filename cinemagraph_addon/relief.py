"""A coloured relief of the photo: the quick stand-in for the points, which Solid shading draws white."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import bpy
import numpy as np

from .bridge.scene_folder import ReliefArrays
from .cloud_nodes import cloud_material
from .color import srgb8_to_linear
from .coordinates import opencv_to_blender
from .preview import RELIEF_KEY


@dataclass(frozen=True, slots=True)
class ReliefMesh:
    """What the relief's mesh will hold: positions (V, 3) float32, colors (V, 4) float32 linear, quads (Q, 4) int32."""

    positions: np.ndarray
    colors: np.ndarray
    quads: np.ndarray


def relief_mesh(relief: ReliefArrays) -> ReliefMesh:
    """Convert the arrays of a scene folder. Touches no Blender data: for a thread."""
    colors = np.ones((len(relief.positions), 4), np.float32)
    colors[:, :3] = srgb8_to_linear(relief.colors)
    positions = np.ascontiguousarray(opencv_to_blender(relief.positions), dtype=np.float32)
    return ReliefMesh(positions, colors, np.ascontiguousarray(relief.quads, dtype=np.int32))


def make_relief(relief: ReliefMesh) -> Generator[None, None, bpy.types.Mesh]:
    """The relief's mesh, made in short pieces of work; whoever stops in between leaves none behind."""
    mesh = bpy.data.meshes.new("Relief")
    try:
        for _ in _fill(mesh, relief):
            yield
    except GeneratorExit:
        bpy.data.meshes.remove(mesh)
        raise
    return mesh


def show_relief(collection: bpy.types.Collection, root: bpy.types.Object, mesh: bpy.types.Mesh) -> None:
    """Make the relief object, or give the one there is its new mesh. It is never rendered."""
    obj = next((obj for obj in collection.all_objects if RELIEF_KEY in obj), None)
    if obj is None:
        obj = bpy.data.objects.new("Relief", mesh)
        obj[RELIEF_KEY] = True
        obj.parent = root
        obj.hide_render = obj.hide_select = True
        collection.objects.link(obj)
        return
    old, obj.data = obj.data, mesh
    if old.users == 0:
        bpy.data.meshes.remove(old)


def _fill(mesh: bpy.types.Mesh, relief: ReliefMesh) -> Iterator[None]:
    mesh.vertices.add(len(relief.positions))
    mesh.loops.add(relief.quads.size)
    mesh.polygons.add(len(relief.quads))
    mesh.attributes["position"].data.foreach_set("vector", relief.positions.ravel())
    mesh.attributes.new("Color", "FLOAT_COLOR", "POINT").data.foreach_set("color", relief.colors.ravel())
    mesh.color_attributes.active_color_name = "Color"
    mesh.materials.append(cloud_material())
    yield
    # As an attribute: `loops.foreach_set("vertex_index", ...)` takes a hundred times as long.
    mesh.attributes[".corner_vert"].data.foreach_set("value", relief.quads.ravel())
    mesh.polygons.foreach_set("loop_start", np.arange(0, relief.quads.size, 4, dtype=np.int32))
    yield
    mesh.update(calc_edges=True)
    yield
