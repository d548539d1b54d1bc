"""Which layers are seen: what is hidden in any way, in the viewport or for rendering, is rendered nowhere.

Blender's own engines render what only the eye in the Outliner hides. Here the points in the viewport are the picture in
the making, and what the artist sees is what is rendered.
"""

from collections.abc import Iterator

import bpy

from .point_cloud import LAYER_KEY, layer_objects


def shown_layers(depsgraph: bpy.types.Depsgraph) -> dict[int, bpy.types.Object]:
    """The evaluated layer objects of a depsgraph, by layer, that are not hidden; hiding may be animated."""
    view_layer = depsgraph.view_layer
    open_collections = _open_collections(view_layer)
    return {
        obj[LAYER_KEY]: obj
        for obj in depsgraph.objects
        if LAYER_KEY in obj
        and not (obj.hide_render or obj.hide_viewport)
        and _is_open(obj.original, view_layer, open_collections)
    }


def hidden_layers(scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer) -> frozenset[int]:
    """The layers that are left out at the scene's current frame: hidden or deleted.

    A scene without any layer object, such as one that only renders a scene folder, hides nothing.
    """
    objects = layer_objects(scene.cinemagraph.collection)
    if not objects:
        return frozenset()
    open_collections = _open_collections(view_layer)
    shown = {
        layer
        for layer, obj in objects.items()
        if not (obj.hide_render or obj.hide_viewport) and _is_open(obj, view_layer, open_collections)
    }
    return frozenset(range(max(objects) + 1)) - shown


def show_layers(scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer) -> None:
    """Undo whatever hides a layer in a view layer: the eye, the screen, the camera, and the same of its collections."""
    objects = set(layer_objects(scene.cinemagraph.collection).values())
    _open_above(view_layer.layer_collection, objects)
    for obj in objects:
        obj.hide_render = obj.hide_viewport = False
        obj.hide_set(False, view_layer=view_layer)


def _open_above(layer_collection: bpy.types.LayerCollection, objects: set[bpy.types.Object]) -> None:
    collection = layer_collection.collection
    if objects.isdisjoint(collection.all_objects):
        return
    layer_collection.exclude = layer_collection.hide_viewport = False
    collection.hide_render = collection.hide_viewport = False
    for child in layer_collection.children:
        _open_above(child, objects)


def _is_open(
    obj: bpy.types.Object, view_layer: bpy.types.ViewLayer, open_collections: set[bpy.types.Collection]
) -> bool:
    """Whether neither the eye nor its collections hide an object; one shown collection is enough."""
    return not obj.hide_get(view_layer=view_layer) and any(c in open_collections for c in obj.users_collection)


def _open_collections(view_layer: bpy.types.ViewLayer) -> set[bpy.types.Collection]:
    return set(_below(view_layer.layer_collection))


def _below(layer_collection: bpy.types.LayerCollection) -> Iterator[bpy.types.Collection]:
    collection = layer_collection.collection
    if collection.hide_render or collection.hide_viewport or layer_collection.hide_viewport:
        return
    if not layer_collection.exclude:
        yield collection
    for child in layer_collection.children:
        yield from _below(child)
