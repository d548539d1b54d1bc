"""The Geometry Nodes of a layer: vertices -> points that flow, loop, and have the width of the photo's pixels.

A point is at `position + flow t + flow_bend t^2`, t in frames, forward for t = frame and backward for t = frame - N:
the two clouds of 3D symmetric animation (Sec. 3.4). Late in the loop the forward points vanish one by one, in an order
of their own, and leave the backward ones, which arrive where the forward ones began: frame N is frame 0. Only points
that move have a backward twin, which stands a little farther away so that it shows where the forward cloud has left.

All of it is a formula of attributes and the scene's time: no Python runs while it plays. A render (F12) gets the points
at rest, as the engine moves them itself.
"""

import bpy

MODIFIER = "Cinemagraph Points"
_VERSION_KEY, _VERSION = "cinemagraph_version", 2  # of the node group: an older one in a file is made anew
_OVERLAP = 2.0  # EEVEE draws points as diamonds: they close a grid when twice as wide as its step
_FADE_START = 0.55  # as `late_fade` of the renderer
_BEHIND = 1.002  # of the distance from the photo's camera
_INPUTS = (
    ("Point Size", "NodeSocketFloat", _OVERLAP),
    ("Pixel Angle", "NodeSocketFloat", 0.001),
    ("Density", "NodeSocketFloat", 1.0),
    ("Speed", "NodeSocketFloat", 1.0),
    ("Loop Length", "NodeSocketFloat", 60.0),
    ("Start Frame", "NodeSocketFloat", 1.0),
)

Socket = bpy.types.NodeSocket


def modifier_input(modifier: bpy.types.NodesModifier, name: str) -> tuple[bpy.types.bpy_struct, str]:
    """Owner and data path of an input of a Geometry Nodes modifier by its label, in all versions, for drivers."""
    identifier = next(
        item.identifier
        for item in modifier.node_group.interface.items_tree
        if item.item_type == "SOCKET" and item.in_out == "INPUT" and item.name == name
    )
    if hasattr(modifier, "properties"):  # 5.2: modifier["Socket_1"] raises TypeError
        return getattr(modifier.properties.inputs, identifier), "value"
    return modifier, f'["{identifier}"]'


def set_modifier_input(modifier: bpy.types.NodesModifier, name: str, value: float) -> None:
    """Set an input of a Geometry Nodes modifier by its label, in all versions."""
    owner, path = modifier_input(modifier, name)
    if path == "value":
        owner.value = value
    else:
        owner[path[2:-2]] = value
    modifier.id_data.update_tag()


def node_group() -> bpy.types.NodeTree:
    """The node group, one per file; one of an older version is filled anew, so that its users follow."""
    group = bpy.data.node_groups.get(MODIFIER)
    if group is not None and group.get(_VERSION_KEY) == _VERSION:
        return group
    if group is None:
        group = bpy.data.node_groups.new(MODIFIER, "GeometryNodeTree")
    group.nodes.clear()
    group.interface.clear()
    group.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    for label, kind, default in _INPUTS:
        group.interface.new_socket(label, in_out="INPUT", socket_type=kind).default_value = default
    group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    group.is_modifier = True
    _Formula(group).build()
    group[_VERSION_KEY] = _VERSION
    return group


class _Formula:
    """Writes the nodes; each method returns the socket of a value."""

    def __init__(self, group: bpy.types.NodeTree) -> None:
        self._group = group
        self._source = self._add("NodeGroupInput")

    def build(self) -> None:
        source, is_viewport = self._source.outputs, self._add("GeometryNodeIsViewport").outputs[0]
        frame = self._time()
        length = source["Loop Length"]
        share = self._share(self._math("DIVIDE", frame, length))
        radius = self._radius()
        drawn = self._drawn()
        # Forward: all points; at rest in a render. Dissolved points get no radius, which costs less than a selection.
        kept = self._math("GREATER_THAN", self._dice(1), share)
        is_moving = self._moves()
        standing = self._math("SUBTRACT", 1.0, is_moving)
        shown = self._math("MAXIMUM", kept, standing)
        shown = self._math("MAXIMUM", shown, self._math("SUBTRACT", 1.0, is_viewport))
        time = self._math("MULTIPLY", frame, is_viewport)
        forward = self._points(drawn, self._moved(time, 1.0), self._math("MULTIPLY", radius, shown))
        back = self._math("SUBTRACT", frame, length)
        twin = self._math("MULTIPLY", self._math("MULTIPLY", is_moving, is_viewport), drawn)
        backward = self._points(twin, self._moved(back, _BEHIND), radius)
        join, material = self._add("GeometryNodeJoinGeometry"), self._add("GeometryNodeSetMaterial")
        material.inputs["Material"].default_value = cloud_material()
        self._link(backward, join.inputs[0])
        self._link(forward, join.inputs[0])
        self._link(join.outputs[0], material.inputs["Geometry"])
        self._link(material.outputs[0], self._add("NodeGroupOutput").inputs[0])
        _arrange(self._group)

    def _time(self) -> Socket:
        """Frame of the loop, in [0, N)."""
        now = self._add("GeometryNodeInputSceneTime").outputs["Frame"]
        since = self._math("SUBTRACT", now, self._source.outputs["Start Frame"])
        return self._math("FLOORED_MODULO", since, self._source.outputs["Loop Length"])

    def _share(self, time: Socket) -> Socket:
        """Share of the backward cloud: 0 until the fade starts, then a smooth step to 1."""
        node = self._add("ShaderNodeMapRange")
        node.interpolation_type = "SMOOTHSTEP"
        self._link(time, node.inputs["Value"])
        node.inputs["From Min"].default_value, node.inputs["From Max"].default_value = _FADE_START, 1.0
        return node.outputs["Result"]

    def _radius(self) -> Socket:
        """Half the width of the photo's pixel at the point's depth, wider where fewer are drawn."""
        split = self._add("ShaderNodeSeparateXYZ")
        self._link(self._add("GeometryNodeInputPosition").outputs[0], split.inputs[0])
        depth, source = split.outputs["Y"], self._source.outputs  # the photo's camera looks along +Y
        radius = self._math("MULTIPLY", self._math("MULTIPLY", depth, source["Pixel Angle"]), source["Point Size"])
        spacing = self._math("SQRT", self._math("MAXIMUM", source["Density"], 0.01))
        return self._math("DIVIDE", self._math("MULTIPLY", radius, 0.5), spacing)

    def _drawn(self) -> Socket:
        """Selection by density; always all in a render."""
        fewer = self._math("LESS_THAN", self._dice(2), self._source.outputs["Density"])
        not_viewport = self._math("SUBTRACT", 1.0, self._add("GeometryNodeIsViewport").outputs[0])
        full = self._math("GREATER_THAN", self._source.outputs["Density"], 0.9999)
        return self._math("MAXIMUM", self._math("MAXIMUM", fewer, not_viewport), full)

    def _dice(self, seed: int) -> Socket:
        """A number in [0, 1) of each point's own, the same at all times."""
        node = self._add("FunctionNodeRandomValue")
        node.data_type = "FLOAT"
        self._link(self._attribute("point_id", "INT"), node.inputs["ID"])
        node.inputs["Seed"].default_value = seed
        return next(socket for socket in node.outputs if socket.type == "VALUE" and socket.enabled)

    def _moves(self) -> Socket:
        node = self._add("ShaderNodeVectorMath")
        node.operation = "LENGTH"
        self._link(self._attribute("flow", "FLOAT_VECTOR"), node.inputs[0])
        return self._math("GREATER_THAN", node.outputs["Value"], 0.0)

    def _moved(self, time: Socket, distance: float) -> Socket:
        """Position after `time` frames, at `distance` times its distance from the photo's camera."""
        t = self._math("MULTIPLY", time, self._source.outputs["Speed"])
        line = self._scaled(self._attribute("flow", "FLOAT_VECTOR"), t)
        bend = self._scaled(self._attribute("flow_bend", "FLOAT_VECTOR"), self._math("MULTIPLY", t, t))
        moved = self._sum(self._add("GeometryNodeInputPosition").outputs[0], self._sum(line, bend))
        return moved if distance == 1.0 else self._scaled(moved, distance)

    def _points(self, selection: Socket, position: Socket, radius: Socket) -> Socket:
        node = self._add("GeometryNodeMeshToPoints")
        self._link(self._source.outputs["Geometry"], node.inputs["Mesh"])
        for name, socket in (("Selection", selection), ("Position", position), ("Radius", radius)):
            self._link(socket, node.inputs[name])
        return node.outputs[0]

    def _attribute(self, name: str, kind: str) -> Socket:
        node = self._add("GeometryNodeInputNamedAttribute")
        node.data_type = kind
        node.inputs["Name"].default_value = name
        return next(socket for socket in node.outputs if socket.enabled)

    def _math(self, operation: str, first: Socket | float, second: Socket | float | None = None) -> Socket:
        node = self._add("ShaderNodeMath")
        node.operation = operation
        for value, socket in zip((first, second), node.inputs, strict=False):
            self._feed(value, socket)
        return node.outputs[0]

    def _scaled(self, vector: Socket, factor: Socket | float) -> Socket:
        node = self._add("ShaderNodeVectorMath")
        node.operation = "SCALE"
        self._link(vector, node.inputs[0])
        self._feed(factor, node.inputs["Scale"])
        return node.outputs[0]

    def _sum(self, first: Socket, second: Socket) -> Socket:
        node = self._add("ShaderNodeVectorMath")
        self._link(first, node.inputs[0])
        self._link(second, node.inputs[1])
        return node.outputs[0]

    def _feed(self, value: Socket | float | None, socket: Socket) -> None:
        if isinstance(value, float | int):
            socket.default_value = value
        elif value is not None:
            self._link(value, socket)

    def _add(self, kind: str) -> bpy.types.Node:
        return self._group.nodes.new(kind)

    def _link(self, source: Socket, target: Socket) -> None:
        self._group.links.new(source, target)


def _arrange(group: bpy.types.NodeTree) -> None:
    """A grid, for whoever looks inside."""
    for number, node in enumerate(group.nodes):
        node.location = (220 * (number // 8), -180 * (number % 8))


def cloud_material() -> bpy.types.Material:
    """The vertex colour as light: the same in EEVEE and Cycles, whatever the lamps."""
    material = bpy.data.materials.get(MODIFIER)
    if material is not None:
        return material
    material = bpy.data.materials.new(MODIFIER)
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
