"""Backend: whether the process that computes is there, and what it is."""

import bpy

from .. import backend_process
from ..backend_environment import extension_package, find_python, offered_installation
from ..bridge.problem import Problem
from ..modal_job import running_job
from .layout import CinemagraphPanel, draw_text, split


class CINEMAGRAPH_PT_backend(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Backend"

    def draw(self, context: bpy.types.Context) -> None:
        layout = split(self.layout)
        try:
            find_python()
        except Problem as problem:
            _draw_remedies(context, layout, problem)
            return
        client, report = backend_process.running_client(), backend_process.report()
        if report is not None:
            for line in report.lines():
                draw_text(context, layout, line)
        elif client is None:
            layout.label(text="Starts when needed")
        elif client.info is None:
            layout.label(text="Starting")
        else:
            draw_text(context, layout, f"Running with PyTorch {client.info.torch} on {client.info.device}")
        layout.operator("cinemagraph.test_backend")


def _draw_remedies(context: bpy.types.Context, layout: bpy.types.UILayout, problem: Problem) -> None:
    draw_text(context, layout, problem.message, "ERROR")
    column = layout.column(align=True)
    install = offered_installation()
    if install is None:
        draw_text(context, column, problem.hint)
    elif running_job() is None:  # its progress is at the top of the tab
        column.operator("cinemagraph.install_backend", text=install, icon="IMPORT")
    preferences = column.operator("preferences.addon_show", text="Open Preferences", icon="PREFERENCES")
    preferences.module = extension_package()


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_PT_backend,))
