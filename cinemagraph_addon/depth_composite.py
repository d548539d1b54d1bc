"""Ordinary objects before and behind the photo's points: a scene of their own, combined by depth in the compositor.

Blender renders a scene with one engine. So everything but the cinemagraph is linked into a second scene, which EEVEE,
Cycles, or Workbench renders with a transparent film, and a Z Combine node takes the nearer of the two at each pixel.
"""

import bpy
from bpy.app.handlers import persistent

_OBJECTS_NODE, _COMBINE_NODE = "Cinemagraph Objects", "Cinemagraph Z Combine"


def set_up_depth_composite(scene: bpy.types.Scene) -> bpy.types.Scene:
    """Make the second scene and the nodes; the second scene. Doing it again brings both up to date."""
    settings = scene.cinemagraph.render
    if settings.objects_scene is None:
        settings.objects_scene = bpy.data.scenes.new(f"{scene.name} Objects")
        settings.objects_scene.render.engine = "BLENDER_EEVEE_NEXT" if bpy.app.version < (5, 0) else "BLENDER_EEVEE"
    objects = settings.objects_scene
    objects.render.film_transparent = True
    objects.render.use_compositing = objects.render.use_sequencer = False
    for layer in (scene.view_layers[0], objects.view_layers[0]):
        layer.use_pass_z = True
    settings.depth_composite = True
    _share_collections(scene, objects)
    follow_camera(scene)
    _add_nodes(scene, objects)
    return objects


def remove_depth_composite(scene: bpy.types.Scene) -> None:
    """Take nodes and second scene away again; the objects stay where they were."""
    settings = scene.cinemagraph.render
    settings.depth_composite = False
    tree = _tree(scene)
    if tree is not None:
        _bypass(tree)
    if settings.objects_scene is not None:
        bpy.data.scenes.remove(settings.objects_scene)


def follow_camera(scene: bpy.types.Scene) -> None:
    """Give the second scene the first one's camera, camera markers, and world. Writes only changes."""
    objects = scene.cinemagraph.render.objects_scene
    if objects is None:
        return
    if objects.camera != scene.camera:
        objects.camera = scene.camera
    if objects.world != scene.world:
        objects.world = scene.world
    markers = [(m.frame, m.camera) for m in scene.timeline_markers if m.camera is not None]
    if markers != [(m.frame, m.camera) for m in objects.timeline_markers]:
        objects.timeline_markers.clear()
        for frame, camera in markers:
            objects.timeline_markers.new(camera.name, frame=frame).camera = camera


def _share_collections(scene: bpy.types.Scene, objects: bpy.types.Scene) -> None:
    """Let both scenes hold the same collections, so that what is added to one of them is in both.

    Objects outside any collection move into a new one. (Linking objects from a handler instead, as they come, crashes
    Blender 5.2 in its next evaluation.)
    """
    own = scene.cinemagraph.collection
    loose = list(scene.collection.objects)
    shared = [child for child in scene.collection.children if child != own]
    if loose or not shared:
        shared.append(bpy.data.collections.new("Objects"))
        scene.collection.children.link(shared[-1])
    for obj in loose:
        shared[-1].objects.link(obj)
        scene.collection.objects.unlink(obj)
    for child in shared:
        if child.name not in objects.collection.children:
            objects.collection.children.link(child)
    layer = scene.view_layers[0]
    if layer.active_layer_collection.collection in (scene.collection, own):  # where new objects go
        layer.active_layer_collection = layer.layer_collection.children[shared[-1].name]


def _tree(scene: bpy.types.Scene) -> bpy.types.NodeTree | None:
    return scene.compositing_node_group if hasattr(scene, "compositing_node_group") else scene.node_tree


def _make_tree(scene: bpy.types.Scene) -> bpy.types.NodeTree:
    if not hasattr(scene, "compositing_node_group"):  # before 5.0
        scene.use_nodes = True  # makes render layers and composite nodes, joined
        return scene.node_tree
    if scene.compositing_node_group is None:
        tree = bpy.data.node_groups.new(f"{scene.name} Compositing", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        scene.compositing_node_group = tree
    return scene.compositing_node_group


def _add_nodes(scene: bpy.types.Scene, objects: bpy.types.Scene) -> None:
    tree = _make_tree(scene)
    _bypass(tree)
    photo = _render_layers(tree, scene) or _new_render_layers(tree, scene, (0, 0))
    added = _new_render_layers(tree, objects, (photo.location.x, photo.location.y - 400))
    added.name = added.label = _OBJECTS_NODE
    combine = tree.nodes.new("CompositorNodeZcombine")
    combine.name = combine.label = _COMBINE_NODE
    combine.location = (photo.location.x + 350, photo.location.y)
    targets = [link.to_socket for link in photo.outputs["Image"].links] or [_output(tree)]
    for index, (node, output) in enumerate(((added, "Image"), (added, "Depth"), (photo, "Image"), (photo, "Depth"))):
        tree.links.new(node.outputs[output], combine.inputs[index])
    for target in targets:
        tree.links.new(combine.outputs[0], target)


def _bypass(tree: bpy.types.NodeTree) -> None:
    """Remove our nodes of an earlier time; what they fed gets the photo's image again."""
    combine, added = tree.nodes.get(_COMBINE_NODE), tree.nodes.get(_OBJECTS_NODE)
    if combine is not None:
        source = next((link.from_socket for link in combine.inputs[2].links), None)
        targets = [link.to_socket for link in combine.outputs[0].links]
        tree.nodes.remove(combine)
        for target in targets if source is not None else ():
            tree.links.new(source, target)
    if added is not None:
        tree.nodes.remove(added)


def _render_layers(tree: bpy.types.NodeTree, scene: bpy.types.Scene) -> bpy.types.Node | None:
    return next((node for node in tree.nodes if node.type == "R_LAYERS" and node.scene == scene), None)


def _new_render_layers(
    tree: bpy.types.NodeTree, scene: bpy.types.Scene, location: tuple[float, float]
) -> bpy.types.Node:
    node = tree.nodes.new("CompositorNodeRLayers")
    node.scene, node.location = scene, location
    return node


def _output(tree: bpy.types.NodeTree) -> bpy.types.NodeSocket:
    """The socket that is the picture, made where the tree has none."""
    kind = "NodeGroupOutput" if bpy.app.version >= (5, 0) else "CompositorNodeComposite"
    node = next((n for n in tree.nodes if n.bl_idname == kind), None) or tree.nodes.new(kind)
    node.location.x = max(node.location.x, 700)
    return node.inputs[0]


@persistent
def _follow_cameras(scene: bpy.types.Scene) -> None:
    """Before a render: look through the camera that the scene looks through now."""
    if scene.cinemagraph.render.depth_composite and scene.library is None:
        follow_camera(scene)


def register() -> None:
    """Keep the cameras of second scenes up to date."""
    bpy.app.handlers.render_init.append(_follow_cameras)


def unregister() -> None:
    """Take the handler away."""
    bpy.app.handlers.render_init.remove(_follow_cameras)
