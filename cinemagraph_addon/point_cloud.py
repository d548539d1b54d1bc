"""Shows the point cloud: one mesh object of vertices per layer, which Geometry Nodes turn into moving points.

Mesh vertices, not Blender's point cloud type, which Python cannot size before 5.1. Attributes of the vertices: "Color"
(scene linear), "layer", "point_id" (row in the scene folder's arrays), "source_pixel" (position on the photo), and the
motion: "flow" and "flow_bend", in the object's space, and "dissolve" (see `cloud_nodes.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import bpy
import numpy as np

from .bridge.scene_folder import CloudArrays
from .cloud_nodes import DISSOLVE, MODIFIER, build_node_group, node_group, set_modifier_input
from .color import srgb8_to_linear
from .coordinates import opencv_to_blender
from .preview import follow_scene

LAYER_KEY = "cinemagraph_layer"  # custom property that tells layer objects, and which layer they are
_KINDS = {"FLOAT_VECTOR": "vector", "FLOAT_COLOR": "color", "FLOAT2": "vector", "INT": "value", "FLOAT": "value"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of all vertices: values (n, width) or (n,), of the dtype that Blender keeps."""

    name: str
    kind: str
    values: np.ndarray


def layer_name(layer: int, num_layers: int) -> str:
    """`Layer 0 (near)` ... `Layer 3 (far)`."""
    where = " (near)" if layer == 0 else " (far)" if layer == num_layers - 1 else ""
    return f"Layer {layer}{where}"


def layer_objects(collection: bpy.types.Collection | None) -> dict[int, bpy.types.Object]:
    """The layer objects in a collection, by layer."""
    objects = collection.all_objects if collection is not None else []
    return {obj[LAYER_KEY]: obj for obj in objects if LAYER_KEY in obj}


def layer_attributes(cloud: CloudArrays) -> list[list[Attribute]]:
    """What each layer's mesh will hold, nearest layer first. Touches no Blender data: for a thread."""
    count = int(cloud.layers.max()) + 1 if len(cloud.layers) else 0
    return [_attributes_of(cloud, layer) for layer in range(count)]


def show_layers(
    collection: bpy.types.Collection, root: bpy.types.Object, layers: list[list[Attribute]], focal_px: float
) -> Iterator[float]:
    """Fill the collection with one object per layer; objects of an earlier build keep everything but their points.

    Yields the fraction done after each short piece of work. The meshes are made first, and the objects all at once at
    the end: whoever stops in between changes nothing.

    Args:
        collection: where the objects live.
        root: their parent; points are in its space.
        layers: from `layer_attributes`.
        focal_px: focal length of the photo, which gives points the size of a pixel.
    """
    for _ in build_node_group():
        yield 0.0
    meshes: list[bpy.types.Mesh] = []
    try:
        for layer, attributes in enumerate(layers):
            mesh = bpy.data.meshes.new(layer_name(layer, len(layers)))
            meshes.append(mesh)
            for number, _ in enumerate(_fill(mesh, attributes)):
                yield (layer + number / (len(attributes) + 1)) / len(layers)
    except GeneratorExit:
        for mesh in meshes:
            bpy.data.meshes.remove(mesh)
        raise
    _exchange_all(collection, root, meshes, focal_px)


def set_layer_flow(obj: bpy.types.Object, flow: np.ndarray, flow_bend: np.ndarray) -> None:
    """Give a layer's vertices new motion: velocities and bends (N, 3) of all points, OpenCV world."""
    mesh = obj.data
    ids = np.empty(len(mesh.vertices), np.int32)
    mesh.attributes["point_id"].data.foreach_get("value", ids)
    for attribute in _flow_attributes(flow, flow_bend, ids):
        _write(mesh, attribute)
    mesh.update()


def restore_layer(obj: bpy.types.Object, attributes: list[Attribute]) -> None:
    """Give a layer's object a new mesh with these attributes; the old mesh goes."""
    mesh = bpy.data.meshes.new(obj.data.name)
    for _ in _fill(mesh, attributes):
        pass
    _exchange_mesh(obj, mesh)


def _attributes_of(cloud: CloudArrays, layer: int) -> list[Attribute]:
    chosen = np.flatnonzero(cloud.layers == layer).astype(np.int32)
    colors = np.ones((len(chosen), 4), dtype=np.float32)
    colors[:, :3] = srgb8_to_linear(cloud.colors[chosen])
    return [
        Attribute("position", "FLOAT_VECTOR", opencv_to_blender(cloud.positions[chosen]).astype(np.float32)),
        Attribute("Color", "FLOAT_COLOR", colors),
        Attribute("layer", "INT", np.full(len(chosen), layer, np.int32)),
        Attribute("point_id", "INT", chosen),
        Attribute("source_pixel", "FLOAT2", np.ascontiguousarray(cloud.pixels[chosen], dtype=np.float32)),
        *_flow_attributes(cloud.flow, cloud.flow_bend, chosen),
    ]


def _flow_attributes(flow: np.ndarray, flow_bend: np.ndarray, ids: np.ndarray) -> list[Attribute]:
    return [
        *(
            Attribute(name, "FLOAT_VECTOR", opencv_to_blender(values[ids]).astype(np.float32))
            for name, values in (("flow", flow), ("flow_bend", flow_bend))
        ),
        Attribute(DISSOLVE, "FLOAT", _dissolve_order(ids) * flow[ids].any(axis=1)),
    ]


def _dissolve_order(ids: np.ndarray) -> np.ndarray:
    """A number in (0, 1) of each point's own, the same in every build, that shows no pattern: float32 (N,)."""
    mixed = ids.astype(np.uint32) * np.uint32(0x9E3779B1)
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0x85EBCA77)
    mixed ^= mixed >> np.uint32(13)
    return ((mixed >> np.uint32(9)).astype(np.float32) + np.float32(0.5)) / np.float32(1 << 23)


def _fill(mesh: bpy.types.Mesh, attributes: list[Attribute]) -> Iterator[None]:
    mesh.vertices.add(len(attributes[0].values))
    yield
    for attribute in attributes:
        _write(mesh, attribute)
        yield
    mesh.color_attributes.active_color_name = "Color"
    mesh.color_attributes.render_color_index = mesh.color_attributes.active_color_index
    mesh.update()


def _write(mesh: bpy.types.Mesh, attribute: Attribute) -> None:
    data = mesh.attributes.get(attribute.name) or mesh.attributes.new(attribute.name, attribute.kind, "POINT")
    data.data.foreach_set(_KINDS[attribute.kind], np.ascontiguousarray(attribute.values).ravel())


def _exchange_all(
    collection: bpy.types.Collection, root: bpy.types.Object, meshes: list[bpy.types.Mesh], focal_px: float
) -> None:
    objects = layer_objects(collection)
    for layer, mesh in enumerate(meshes):
        obj = objects.pop(layer, None)
        if obj is None:
            obj = _add_layer_object(collection, root, mesh, layer)
        else:
            _exchange_mesh(obj, mesh)
        modifier = obj.modifiers.get(MODIFIER)
        if modifier is not None:  # the artist may have taken it away
            set_modifier_input(modifier, "Pixel Angle", 1.0 / focal_px)
    for obj in objects.values():  # layers that the new build does not have
        _remove(obj)


def _add_layer_object(
    collection: bpy.types.Collection, root: bpy.types.Object, mesh: bpy.types.Mesh, layer: int
) -> bpy.types.Object:
    obj = bpy.data.objects.new(mesh.name, mesh)
    obj[LAYER_KEY] = layer
    obj.parent = root
    collection.objects.link(obj)
    modifier = obj.modifiers.new(MODIFIER, "NODES")
    modifier.node_group = node_group()
    scene = next(s for s in bpy.data.scenes if s.cinemagraph.collection == collection)
    follow_scene(modifier, scene)
    return obj


def _exchange_mesh(obj: bpy.types.Object, mesh: bpy.types.Mesh) -> None:
    old, obj.data = obj.data, mesh
    name = old.name
    if old.users == 0:
        bpy.data.meshes.remove(old)
    mesh.name = name


def _remove(obj: bpy.types.Object) -> None:
    mesh = obj.data
    bpy.data.objects.remove(obj)
    if mesh.users == 0:
        bpy.data.meshes.remove(mesh)
