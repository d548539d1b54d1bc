"""The Geometry Nodes of a layer: vertices -> points that flow, loop, and have the width of the photo's pixels.

A point is at `position + flow t + flow_bend t^2`, t in frames, forward for t = frame and backward for t = frame - N:
the two clouds of 3D symmetric animation (Sec. 3.4). Late in the loop the forward points vanish one by one, in an order
of their own, and leave the backward ones, which arrive where the forward ones began: frame N is frame 0. Only points
that move have a backward twin, which stands a little farther away so that it shows where the forward cloud has left.

All of it is a formula of attributes and the scene's time: no Python runs while it plays. A render (F12) gets the points
at rest with all their attributes, as the engine moves them itself; in the viewport they keep "Color" and "point_id".
"""

from collections.abc import Generator, Iterator

import bpy

MODIFIER = "Cinemagraph Points"
DISSOLVE = "dissolve"  # attribute: 0 of a point that stands; else in (0, 1), and the greatest vanish first
_VERSION_KEY, _VERSION = "cinemagraph_version", 6  # of the node group: an older one in a file is made anew
_OVERLAP = 2.0  # EEVEE draws points as diamonds: they close a grid when twice as wide as its step
FADE_START = 0.65  # as `late_fade` of the renderer; a test holds the two together
# Attributes that the viewport's points do without: less to copy in each frame, which is what playing costs.
_NOT_SHOWN = ("layer", "source_pixel")
_MOTION = ("flow", "flow_bend", DISSOLVE)
_BEHIND = 1.02  # of the distance from the photo's camera: more than a point is deep, or it shows through the gaps
_INPUTS = (
    ("Point Size", "NodeSocketFloat", _OVERLAP),
    ("Pixel Angle", "NodeSocketFloat", 0.001),
    ("Density", "NodeSocketFloat", 1.0),
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
    for _ in build_node_group():
        pass
    return bpy.data.node_groups[MODIFIER]


def build_node_group() -> Iterator[None]:
    """Make the node group where it is missing or old, in short pieces of work; one that is cut off is begun anew."""
    group = bpy.data.node_groups.get(MODIFIER)
    if group is not None and group.get(_VERSION_KEY) == _VERSION:
        return
    if group is None:
        group = bpy.data.node_groups.new(MODIFIER, "GeometryNodeTree")
    group.nodes.clear()
    group.interface.clear()
    group.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    for label, kind, default in _INPUTS:
        group.interface.new_socket(label, in_out="INPUT", socket_type=kind).default_value = default
    group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    group.is_modifier = True
    yield
    yield from _Formula(group).build()
    group[_VERSION_KEY] = _VERSION


class _Formula:
    """Writes the nodes; each method returns the socket of a value. Blender looks at the whole group at each link."""

    def __init__(self, group: bpy.types.NodeTree) -> None:
        self._group = group
        self._source = self._add("NodeGroupInput")
        self._is_viewport = self._add("GeometryNodeIsViewport").outputs[0]
        self._position = self._add("GeometryNodeInputPosition").outputs[0]
        self._flow = self._attribute("flow", "FLOAT_VECTOR")
        self._bend = self._attribute("flow_bend", "FLOAT_VECTOR")
        self._dissolve = self._attribute(DISSOLVE, "FLOAT")
        self._width = self._half_width()

    def build(self) -> Iterator[None]:
        material = self._add("GeometryNodeSetMaterial")
        material.inputs["Material"].default_value = cloud_material()
        resting = self._points(self._source.outputs["Geometry"], None, None, self._radius(self._position))
        yield
        playing = yield from self._playing()
        # Blender evaluates only the side of a switch that is asked for. A render gets the points where the photo has
        # them, with all their attributes.
        self._link(self._switch(self._is_viewport, resting, playing), material.inputs["Geometry"])
        self._link(material.outputs[0], self._add("NodeGroupOutput").inputs[0])
        _arrange(self._group)

    def _playing(self) -> Generator[None, None, Socket]:
        """The two moving clouds, forward first."""
        mesh = self._thinned(self._without(self._source.outputs["Geometry"], _NOT_SHOWN))
        yield
        frame, length = self._time(), self._source.outputs["Loop Length"]
        # Dissolved points get no radius, which costs less than a selection.
        left = self._math("SUBTRACT", 1.0, self._share(self._math("DIVIDE", frame, length)))
        shown = self._math("LESS_THAN", self._dissolve, left)
        ahead = self._moved(frame, 1.0)
        forward = self._points(mesh, None, ahead, self._math("MULTIPLY", self._radius(ahead), shown))
        yield
        back = self._moved(self._math("SUBTRACT", frame, length), _BEHIND)
        twins = self._points(mesh, self._exceeds(self._dissolve, 0.0), back, self._radius(back))
        join = self._add("GeometryNodeJoinGeometry")
        for cloud in (twins, forward):  # the last one linked comes first
            self._link(self._without(cloud, _MOTION), join.inputs[0])
        yield
        return join.outputs[0]

    def _time(self) -> Socket:
        """Frame of the loop, in [0, N)."""
        now = self._add("GeometryNodeInputSceneTime").outputs["Frame"]
        since = self._math("SUBTRACT", now, self._source.outputs["Start Frame"])
        return self._math("FLOORED_MODULO", since, self._source.outputs["Loop Length"])

    def _share(self, time: Socket) -> Socket:
        """Share of the backward cloud: 0 until the fade starts, then a smooth step to 1."""
        node = self._add("ShaderNodeMapRange")
        node.interpolation_type = "SMOOTHERSTEP"
        self._link(time, node.inputs["Value"])
        node.inputs["From Min"].default_value, node.inputs["From Max"].default_value = FADE_START, 1.0
        return node.outputs["Result"]

    def _radius(self, position: Socket) -> Socket:
        """Half the width of the photo's pixel at a point's depth, wider where fewer are drawn; none behind the camera,
        where the formula of a fast point may lead in a long loop.
        """
        split = self._add("ShaderNodeSeparateXYZ")
        self._link(position, split.inputs[0])
        depth = self._math("MAXIMUM", split.outputs["Y"], 0.0)  # the photo's camera looks along +Y
        return self._math("MULTIPLY", depth, self._width)

    def _half_width(self) -> Socket:
        """Radius at depth 1."""
        source = self._source.outputs
        spacing = self._math("SQRT", self._math("MAXIMUM", self._density(), 0.01))
        width = self._math("MULTIPLY", source["Pixel Angle"], source["Point Size"])
        return self._math("DIVIDE", self._math("MULTIPLY", width, 0.5), spacing)

    def _density(self) -> Socket:
        """Share of the points that is shown; all in a render."""
        rendered = self._math("SUBTRACT", 1.0, self._is_viewport)
        return self._math("MAXIMUM", self._source.outputs["Density"], rendered)

    def _thinned(self, mesh: Socket) -> Socket:
        """The mesh with a share of its vertices, chosen by a number of each one's own."""
        node = self._add("FunctionNodeRandomValue")
        node.data_type = "FLOAT"
        self._link(self._attribute("point_id", "INT"), node.inputs["ID"])
        dice = next(socket for socket in node.outputs if socket.type == "VALUE" and socket.enabled)
        kept = self._add("GeometryNodeSeparateGeometry")
        kept.domain = "POINT"
        self._link(mesh, kept.inputs["Geometry"])
        self._link(self._exceeds(self._source.outputs["Density"], dice), kept.inputs["Selection"])
        return self._switch(self._exceeds(self._source.outputs["Density"], 0.9999), kept.outputs["Selection"], mesh)

    def _moved(self, time: Socket, distance: float) -> Socket:
        """Position after `time` frames, at `distance` times its distance from the photo's camera."""
        bent = self._plus_scaled(self._position, self._bend, self._math("MULTIPLY", time, time))
        moved = self._plus_scaled(bent, self._flow, time)
        return moved if distance == 1.0 else self._scaled(moved, distance)

    def _points(self, mesh: Socket, selection: Socket | None, position: Socket | None, radius: Socket) -> Socket:
        node = self._add("GeometryNodeMeshToPoints")
        self._link(mesh, node.inputs["Mesh"])
        for name, socket in (("Selection", selection), ("Position", position), ("Radius", radius)):
            if socket is not None:
                self._link(socket, node.inputs[name])
        return node.outputs[0]

    def _without(self, geometry: Socket, names: tuple[str, ...]) -> Socket:
        for name in names:
            node = self._add("GeometryNodeRemoveAttribute")
            self._link(geometry, node.inputs["Geometry"])
            node.inputs["Name"].default_value = name
            geometry = node.outputs[0]
        return geometry

    def _switch(self, condition: Socket, otherwise: Socket, chosen: Socket) -> Socket:
        node = self._add("GeometryNodeSwitch")
        node.input_type = "GEOMETRY"
        enabled = [socket for socket in node.inputs if socket.enabled]
        for source, socket in zip((condition, otherwise, chosen), enabled, strict=True):
            self._link(source, socket)
        return next(socket for socket in node.outputs if socket.enabled)

    def _exceeds(self, value: Socket, limit: Socket | float) -> Socket:
        node = self._add("FunctionNodeCompare")
        node.data_type, node.operation = "FLOAT", "GREATER_THAN"
        first, second = [socket for socket in node.inputs if socket.enabled][:2]
        self._link(value, first)
        self._feed(limit, second)
        return node.outputs[0]

    def _plus_scaled(self, base: Socket, vector: Socket, factor: Socket) -> Socket:
        """base + vector * factor in one node."""
        node = self._add("ShaderNodeVectorMath")
        node.operation = "MULTIPLY_ADD"
        for source, socket in zip((vector, factor, base), node.inputs, strict=False):
            self._link(source, socket)
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
