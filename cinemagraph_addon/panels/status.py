"""What is happening, at the top of the tab: the running job, or how the last one ended."""

import bpy

from ..modal_job import RunningJob, running_job
from .layout import CinemagraphPanel, draw_text

_ICONS = {"INFO": "NONE", "WARNING": "ERROR", "ERROR": "CANCEL"}


class _StatusPanel:
    bl_label = "Status"
    bl_options = {"HIDE_HEADER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return running_job() is not None or bool(context.scene.cinemagraph.message)

    def draw(self, context: bpy.types.Context) -> None:
        job = running_job()
        if job is not None:
            draw_job(self.layout, job)
            return
        settings = context.scene.cinemagraph
        draw_text(context, self.layout, settings.message, _ICONS[settings.message_level])


class CINEMAGRAPH_PT_status(_StatusPanel, CinemagraphPanel, bpy.types.Panel):
    pass


class CINEMAGRAPH_PT_image_status(_StatusPanel, CinemagraphPanel, bpy.types.Panel):
    bl_space_type = "IMAGE_EDITOR"


def draw_job(layout: bpy.types.UILayout, job: RunningJob) -> None:
    """A progress bar with the stage on it, and Cancel."""
    layout.label(text=job.title)
    row = layout.row(align=True)
    row.progress(factor=job.step.fraction, text=job.line())
    row.operator("cinemagraph.cancel_job", text="", icon="CANCEL")


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_PT_status, CINEMAGRAPH_PT_image_status))
