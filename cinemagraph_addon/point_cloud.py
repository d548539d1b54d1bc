"""Shows the point cloud: one mesh object of vertices per layer, turned into points by Geometry Nodes.

Mesh vertices, not Blender's point cloud type, which Python cannot size before 5.1. Attributes of the vertices: "Color"
(scene linear), "layer", "point_id" (row in the scene folder's arrays), "source_pixel" (position on the photo).
"""

import bpy
import numpy as np

from .bridge.scene_folder import CloudArrays
from .color import srgb8_to_linear
from .coordinates import opencv_to_blender

LAYER_KEY = "cinemagraph_layer"  # custom property that tells layer objects, and which layer they are
_MODIFIER = "Cinemagraph Points"
_OVERLAP = 2.0  # EEVEE draws points as diamonds: they close a grid when twice as wide as its step


def layer_name(layer: int, num_layers: int) -> str:
    """`Layer 0 (near)` ... `Layer 3 (far)`."""
    where = " (near)" if layer == 0 else " (far)" if layer == num_layers - 1 else ""
    return f"Layer {layer}{where}"


def layer_objects(collection: bpy.types.Collection | None) -> dict[int, bpy.types.Object]:
    """The layer objects in a collection, by layer."""
    objects = collection.all_objects if collection is not None else []
    return {obj[LAYER_KEY]: obj for obj in objects if LAYER_KEY in obj}


def show_cloud(collection: bpy.types.Collection, root: bpy.types.Object, cloud: CloudArrays, focal_px: float) -> None:
    """Fill the collection with one object per layer; objects of an earlier build keep everything but their points.

    Args:
        collection: where the objects live.
        root: their parent; points are in its space.
        cloud: the rest points.
        focal_px: focal length of the photo, which gives points the size of a pixel.
    """
    objects = layer_objects(collection)
    num_layers = int(cloud.layers.max()) + 1 if len(cloud.layers) else 0
    for layer in range(num_layers):
        mesh = _layer_mesh(layer_name(layer, num_layers), cloud, layer)
        obj = objects.pop(layer, None)
        if obj is None:
            _add_layer_object(collection, root, mesh, layer, focal_px)
        else:
            _exchange_mesh(obj, mesh)
            set_modifier_input(obj.modifiers[_MODIFIER], "Pixel Angle", 1.0 / focal_px)
    for obj in objects.values():  # layers that the new build does not have
        _remove(obj)


def set_modifier_input(modifier: bpy.types.NodesModifier, name: str, value: float) -> None:
    """Set an input of a Geometry Nodes modifier by its label, in all versions."""
    identifier = next(
        item.identifier
        for item in modifier.node_group.interface.items_tree
        if item.item_type == "SOCKET" and item.in_out == "INPUT" and item.name == name
    )
    if hasattr(modifier, "properties"):  # 5.2: modifier["Socket_1"] raises TypeError
        getattr(modifier.properties.inputs, identifier).value = value
    else:
        modifier[identifier] = value
    modifier.id_data.update_tag()


def _layer_mesh(name: str, cloud: CloudArrays, layer: int) -> bpy.types.Mesh:
    chosen = np.flatnonzero(cloud.layers == layer)
    colors = np.ones((len(chosen), 4), dtype=np.float32)
    colors[:, :3] = srgb8_to_linear(cloud.colors[chosen])
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(chosen))
    attributes = (
        ("position", "FLOAT_VECTOR", "vector", opencv_to_blender(cloud.positions[chosen])),
        ("Color", "FLOAT_COLOR", "color", colors),
        ("layer", "INT", "value", np.full(len(chosen), layer)),
        ("point_id", "INT", "value", chosen),
        ("source_pixel", "FLOAT2", "vector", cloud.pixels[chosen]),
    )
    for attribute_name, kind, key, values in attributes:
        attribute = mesh.attributes.get(attribute_name) or mesh.attributes.new(attribute_name, kind, "POINT")
        dtype = np.int32 if kind == "INT" else np.float32
        attribute.data.foreach_set(key, np.ascontiguousarray(values, dtype=dtype).ravel())
    mesh.color_attributes.active_color_name = "Color"
    mesh.color_attributes.render_color_index = mesh.color_attributes.active_color_index
    mesh.update()
    return mesh


def _add_layer_object(
    collection: bpy.types.Collection, root: bpy.types.Object, mesh: bpy.types.Mesh, layer: int, focal_px: float
) -> None:
    obj = bpy.data.objects.new(mesh.name, mesh)
    obj[LAYER_KEY] = layer
    obj.parent = root
    # The frame is rendered from the rest points of the scene folder: only the root may move.
    obj.lock_location = obj.lock_rotation = obj.lock_scale = (True, True, True)
    collection.objects.link(obj)
    modifier = obj.modifiers.new(_MODIFIER, "NODES")
    modifier.node_group = _node_group()
    set_modifier_input(modifier, "Pixel Angle", 1.0 / focal_px)


def _exchange_mesh(obj: bpy.types.Object, mesh: bpy.types.Mesh) -> None:
    old, obj.data = obj.data, mesh
    if old.users == 0:
        bpy.data.meshes.remove(old)


def _remove(obj: bpy.types.Object) -> None:
    mesh = obj.data
    bpy.data.objects.remove(obj)
    if mesh.users == 0:
        bpy.data.meshes.remove(mesh)


def _node_group() -> bpy.types.NodeTree:
    """Vertices -> points as wide as a pixel of the photo at their depth, with the vertex colour as material."""
    group = bpy.data.node_groups.get(_MODIFIER)
    if group is not None:
        return group
    group = bpy.data.node_groups.new(_MODIFIER, "GeometryNodeTree")
    group.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    for label, default in (("Point Size", _OVERLAP), ("Pixel Angle", 0.001)):
        group.interface.new_socket(label, in_out="INPUT", socket_type="NodeSocketFloat").default_value = default
    group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    add, link = group.nodes.new, group.links.new
    source, target = add("NodeGroupInput"), add("NodeGroupOutput")
    position, split = add("GeometryNodeInputPosition"), add("ShaderNodeSeparateXYZ")
    link(position.outputs[0], split.inputs[0])
    radius = split.outputs["Y"]  # depth: the photo's camera looks along +Y
    for factor in (source.outputs["Pixel Angle"], source.outputs["Point Size"], 0.5):
        radius = _multiply(group, radius, factor)
    points, material = add("GeometryNodeMeshToPoints"), add("GeometryNodeSetMaterial")
    material.inputs["Material"].default_value = _material()
    link(source.outputs["Geometry"], points.inputs["Mesh"])
    link(radius, points.inputs["Radius"])
    link(points.outputs[0], material.inputs["Geometry"])
    link(material.outputs[0], target.inputs[0])
    for column, node in enumerate((source, position, split, points, material, target)):
        node.location = (200 * column, 0)
    return group


def _multiply(
    group: bpy.types.NodeTree, socket: bpy.types.NodeSocket, factor: bpy.types.NodeSocket | float
) -> bpy.types.NodeSocket:
    node = group.nodes.new("ShaderNodeMath")
    node.operation = "MULTIPLY"
    node.location = (400, -200)
    group.links.new(socket, node.inputs[0])
    if isinstance(factor, float):
        node.inputs[1].default_value = factor
    else:
        group.links.new(factor, node.inputs[1])
    return node.outputs[0]


def _material() -> bpy.types.Material:
    """The vertex colour as light: the same in EEVEE and Cycles, whatever the lamps."""
    material = bpy.data.materials.get(_MODIFIER)
    if material is not None:
        return material
    material = bpy.data.materials.new(_MODIFIER)
    if bpy.app.version < (5, 0):
        material.use_nodes = True  # always on from 5.0, where setting it warns
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    attribute, emission = nodes.new("ShaderNodeAttribute"), nodes.new("ShaderNodeEmission")
    output = nodes.new("ShaderNodeOutputMaterial")
    attribute.attribute_name = "Color"
    emission.location, output.location = (200, 0), (400, 0)
    links.new(attribute.outputs["Color"], emission.inputs["Color"])
    links.new(emission.outputs[0], output.inputs["Surface"])
    return material
