"""A coloured relief of the photo: the quick stand-in for the points, which Solid shading draws white."""

import bpy
import numpy as np

from .bridge.scene_folder import ReliefArrays
from .cloud_nodes import cloud_material
from .color import srgb8_to_linear
from .coordinates import opencv_to_blender
from .preview import RELIEF_KEY


def show_relief(collection: bpy.types.Collection, root: bpy.types.Object, relief: ReliefArrays) -> None:
    """Make the relief object, or give the one there is its new shape. It is never rendered."""
    mesh = _mesh(relief)
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


def _mesh(relief: ReliefArrays) -> bpy.types.Mesh:
    mesh = bpy.data.meshes.new("Relief")
    count, quads = len(relief.positions), np.ascontiguousarray(relief.quads, dtype=np.int32)
    mesh.vertices.add(count)
    mesh.loops.add(quads.size)
    mesh.polygons.add(len(quads))
    positions = opencv_to_blender(relief.positions).astype(np.float32)
    mesh.attributes["position"].data.foreach_set("vector", np.ascontiguousarray(positions).ravel())
    mesh.loops.foreach_set("vertex_index", quads.ravel())
    mesh.polygons.foreach_set("loop_start", np.arange(0, quads.size, 4, dtype=np.int32))
    colors = np.ones((count, 4), np.float32)
    colors[:, :3] = srgb8_to_linear(relief.colors)
    mesh.attributes.new("Color", "FLOAT_COLOR", "POINT").data.foreach_set("color", colors.ravel())
    mesh.color_attributes.active_color_name = "Color"
    mesh.materials.append(cloud_material())
    mesh.update(calc_edges=True)
    return mesh
