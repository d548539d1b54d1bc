"""Fill a layer's mesh anew from the scene folder, when its points were edited beyond use."""

from pathlib import Path

import bpy
from bpy.props import IntProperty

from ..bridge.problem import Problem
from ..bridge.scene_folder import read_cloud
from ..bridge.thread_job import RESULT, ThreadJob
from ..editable import is_built
from ..file_paths import scene_folder
from ..modal_job import JobOperator, Work, wait_for
from ..point_cloud import Attribute, layer_attributes, layer_objects, restore_layer


class CINEMAGRAPH_OT_restore_points(JobOperator, bpy.types.Operator):
    """Give a layer the points again that it was built with; its place and modifiers stay"""

    bl_idname = "cinemagraph.restore_points"
    bl_label = "Restore Points"
    bl_options = {"REGISTER", "UNDO"}

    layer: IntProperty(name="Layer", description="Number of the layer, 0 is the nearest", min=0, options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not is_built(cls, context.scene):
            return False
        if context.mode.startswith("EDIT"):
            cls.poll_message_set("Leave Edit Mode first")
            return False
        return super().poll(context)

    def work(self, context: bpy.types.Context) -> Work:
        folder, layer = scene_folder(self.scene()), self.layer
        reading = ThreadJob("reading the points", lambda: _layer(folder, layer))
        attributes = (yield from wait_for(reading))[RESULT]
        obj = layer_objects(self.scene().cinemagraph.collection).get(layer)
        if obj is None:
            raise Problem(f"Layer {layer} was deleted.", hint="Build the scene again to get it back.")
        restore_layer(obj, attributes)
        return f"'{obj.name}' has its {len(attributes[0].values):,} points again"


def _layer(folder: Path, layer: int) -> list[Attribute]:
    layers = layer_attributes(read_cloud(folder))
    if layer >= len(layers):
        raise Problem(f"The scene folder has no layer {layer}.", hint="Build the scene again.")
    return layers[layer]


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_restore_points,))
