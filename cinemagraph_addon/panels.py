"""The Cinemagraph tab of the 3D viewport. Panels draw properties and buttons, in the order of the work."""

import textwrap

import bpy

from . import backend_process
from .bridge.problem import Problem
from .built_scene import colors_match_photo
from .modal_job import RunningJob, running_job
from .operators.backend import describe
from .render_engine import ENGINE


class CinemagraphPanel:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Cinemagraph"


class CINEMAGRAPH_PT_scene(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Scene"

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.cinemagraph
        layout = _split(self.layout)
        layout.prop(settings, "photo")
        layout.prop(settings, "depth")
        layout.prop(settings, "working_size")
        layout.prop(settings, "layers")
        layout.prop(settings, "loop_frames")
        layout.prop(settings, "scene_dir")
        job = running_job()
        if job is not None:
            _draw_job(layout, job)
            return
        label = "Rebuild Scene" if settings.is_built else "Build Scene"
        layout.operator("cinemagraph.build_scene", text=label, icon="IMAGE_DATA")
        if settings.message:
            _draw_text(context, layout, settings.message)


class CINEMAGRAPH_PT_motion(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Motion"

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.cinemagraph
        layout = _split(self.layout)
        layout.prop(settings, "mask")
        layout.prop(settings, "hints")
        layout.prop(settings, "flow")
        if settings.is_built:
            layout.label(text="Rebuild to use changed files")


class CINEMAGRAPH_PT_camera(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Camera"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene.cinemagraph.is_built

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.cinemagraph
        layout = _split(self.layout)
        layout.prop(settings, "camera_path")
        layout.prop(settings, "amplitude")
        layout.operator("cinemagraph.add_camera", icon="CAMERA_DATA")


class CINEMAGRAPH_PT_render(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Render"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene.cinemagraph.is_built

    def draw(self, context: bpy.types.Context) -> None:
        scene = context.scene
        layout = _split(self.layout)
        if scene.render.engine != ENGINE:
            layout.prop(scene.render, "engine")
        if not colors_match_photo(scene):
            layout.label(text="Colors differ from the photo", icon="ERROR")
            layout.operator("cinemagraph.match_photo_colors", icon="COLOR")
        layout.prop(scene.render, "filepath", text="Output")
        column = layout.column(align=True)
        column.operator("render.render", text="Render Image", icon="RENDER_STILL")
        column.operator("render.render", text="Render Animation", icon="RENDER_ANIMATION").animation = True
        layout.operator("cinemagraph.export_loop", icon="EXPORT")


class CINEMAGRAPH_PT_backend(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Backend"

    def draw(self, context: bpy.types.Context) -> None:
        layout = _split(self.layout)
        try:
            backend_process.find_python()
        except Problem as problem:
            layout.label(text=problem.message, icon="ERROR")
            _draw_text(context, layout, problem.hint)
            preferences = layout.operator("preferences.addon_show", text="Open Preferences", icon="PREFERENCES")
            preferences.module = backend_process.extension_package()
            return
        client = backend_process.running_client()
        if client is None:
            layout.label(text="Starts when needed")
        elif client.info is None:
            layout.label(text="Starting")
        else:
            _draw_text(context, layout, describe(client.info))
        layout.operator("cinemagraph.test_backend")


def _split(layout: bpy.types.UILayout) -> bpy.types.UILayout:
    layout.use_property_split = True
    layout.use_property_decorate = False
    return layout


def _draw_job(layout: bpy.types.UILayout, job: RunningJob) -> None:
    row = layout.row(align=True)
    row.progress(factor=job.job.fraction, text=job.line())
    row.operator("cinemagraph.cancel_job", text="", icon="CANCEL")


def _draw_text(context: bpy.types.Context, layout: bpy.types.UILayout, text: str) -> None:
    """A sentence, broken into lines that fit the sidebar."""
    letter_px = 7 * context.preferences.system.ui_scale
    column = layout.column(align=True)
    for line in textwrap.wrap(text, max(20, int(context.region.width / letter_px))):
        column.label(text=line)


register, unregister = bpy.utils.register_classes_factory(
    (
        CINEMAGRAPH_PT_scene,
        CINEMAGRAPH_PT_motion,
        CINEMAGRAPH_PT_camera,
        CINEMAGRAPH_PT_render,
        CINEMAGRAPH_PT_backend,
    )
)
