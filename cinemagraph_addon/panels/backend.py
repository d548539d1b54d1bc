"""Backend: whether the process that computes is there, and what it is."""

import bpy

from .. import backend_process
from ..bridge.problem import Problem
from ..operators.backend import describe
from .layout import CinemagraphPanel, draw_text, split


class CINEMAGRAPH_PT_backend(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Backend"

    def draw(self, context: bpy.types.Context) -> None:
        layout = split(self.layout)
        try:
            backend_process.find_python()
        except Problem as problem:
            draw_text(context, layout, str(problem), "ERROR")
            preferences = layout.operator("preferences.addon_show", text="Open Preferences", icon="PREFERENCES")
            preferences.module = backend_process.extension_package()
            return
        client = backend_process.running_client()
        if client is None:
            layout.label(text="Starts when needed")
        elif client.info is None:
            layout.label(text="Starting")
        else:
            draw_text(context, layout, describe(client.info))
        layout.operator("cinemagraph.test_backend")


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_PT_backend,))
