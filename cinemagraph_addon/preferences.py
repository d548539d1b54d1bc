"""Add-on preferences: the Python that runs the backend."""

import os

import bpy
from bpy.props import StringProperty

from . import backend_process
from .bridge.problem import Problem


class CinemagraphPreferences(bpy.types.AddonPreferences):
    bl_idname = backend_process.extension_package()

    backend_python: StringProperty(
        name="Backend Python",
        description="Python interpreter of an environment that has PyTorch installed",
        subtype="FILE_PATH",
    )

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "backend_python")
        if os.environ.get(backend_process.PYTHON_VARIABLE):
            layout.label(text=f"Overridden by {backend_process.PYTHON_VARIABLE}", icon="INFO")
        try:
            python = backend_process.find_python()
        except Problem as problem:
            layout.label(text=problem.message, icon="ERROR")
        else:
            layout.label(text=f"Used: {python}")
            layout.operator("cinemagraph.test_backend")


register, unregister = bpy.utils.register_classes_factory((CinemagraphPreferences,))
