"""Add-on preferences: which Python runs the backend, and what is installed; every fault has its remedy beside it."""

import os

import bpy
from bpy.props import EnumProperty, StringProperty

from . import backend_process
from .backend_environment import (
    ADDON_VERSION,
    INSTALL_LABELS,
    PYTHON_VARIABLE,
    chosen_build,
    extension_package,
    find_python,
    offered_installation,
    private_folder,
    private_state,
)
from .bridge.environment import EnvironmentState, Note
from .bridge.problem import Problem
from .modal_job import running_job
from .operators.install import latest_failure
from .panels.layout import draw_text
from .panels.status import draw_job
from .shown_text import shown


class CinemagraphPreferences(bpy.types.AddonPreferences):
    bl_idname = extension_package()

    python_source: EnumProperty(
        name="Backend",
        description="Where the Python that does the computing comes from",
        items=(
            ("PRIVATE", "Private Environment", "Packages that this add-on downloads and keeps for itself"),
            ("EXISTING", "Existing Python", "An environment of yours that has the packages"),
        ),
        default="PRIVATE",
    )
    backend_python: StringProperty(
        name="Python",
        description="Python interpreter of an environment that has PyTorch and the other packages installed",
        subtype="FILE_PATH",
    )
    torch_build: EnumProperty(
        name="PyTorch",
        description="Which build of PyTorch is installed",
        items=(
            ("AUTO", "Automatic", "CUDA where there is an NVIDIA driver, else the small build for the processor"),
            ("CPU", "CPU", "For any processor: 0.4 GB to download, 1.8 GB on disk"),
            ("CUDA", "CUDA", "For NVIDIA GPUs: 2.8 GB to download, 5.6 GB on disk"),
        ),
        default="AUTO",
    )
    wheel_folder: StringProperty(
        name="Wheel Folder",
        description="Install from the wheel files in this folder, without the network; empty to download",
        subtype="DIR_PATH",
    )

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.row().prop(self, "python_source", expand=True)
        if self.python_source == "EXISTING":
            layout.prop(self, "backend_python")
        else:
            _draw_private(context, layout, self)
        job = running_job()
        if job is not None:
            draw_job(layout, job)  # what there is to say may change any moment
        else:
            _draw_use(context, layout)


def _draw_private(context: bpy.types.Context, layout: bpy.types.UILayout, settings: CinemagraphPreferences) -> None:
    try:
        state = private_state()
    except Problem as problem:
        draw_text(context, layout, str(problem), "ERROR")
        return
    layout.prop(settings, "torch_build")
    layout.prop(settings, "wheel_folder")
    if state.note is not None:
        _draw_installed(layout, state.note)
    if not settings.wheel_folder and not bpy.app.online_access and state.condition != "ready":
        _draw_offline(context, layout)
    row = layout.row()
    row.operator("cinemagraph.install_backend", text=_install_label(state), icon="IMPORT")
    if state.condition != "absent":
        row.operator("cinemagraph.remove_backend", text="Remove", icon="TRASH")
    failure = latest_failure()
    if failure and running_job() is None:
        draw_text(context, layout, failure, "ERROR")
    if private_folder().log.exists():
        row.operator("cinemagraph.open_log", text="Installation Log", icon="TEXT").log = "INSTALL"


def _install_label(state: EnvironmentState) -> str:
    wanted = chosen_build().name
    if state.condition == "ready" and state.note is not None and state.note.torch_build != wanted:
        return shown(f"Change to PyTorch for {wanted}")
    return INSTALL_LABELS[state.condition]


def _draw_installed(layout: bpy.types.UILayout, note: Note) -> None:
    column = layout.column(align=True)
    complete = shown("Installed" if note.is_complete else "Begun")
    version = shown("this version" if note.addon_version == ADDON_VERSION else f"version {note.addon_version}")
    column.label(text=shown(f"{complete} for {version} of the add-on ({ADDON_VERSION})"), translate=False)
    size = f", {note.size_bytes / 1e9:.1f} GB on disk" if note.size_bytes else ""
    text = f"PyTorch for {note.torch_build}, Python {note.python_version}{size}"
    column.label(text=shown(text), translate=False)


def _draw_offline(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    if not context.preferences.system.use_online_access:
        layout.label(text="Blender may not use the network yet", icon="INTERNET_OFFLINE")
        layout.prop(context.preferences.system, "use_online_access")
    else:
        layout.label(text="Blender was started in offline mode; choose a wheel folder", icon="INTERNET_OFFLINE")


def _draw_use(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    """Which Python is used in the end, and what it said when it was tested."""
    layout.separator()
    if os.environ.get(PYTHON_VARIABLE):
        text = shown(f"The environment variable {PYTHON_VARIABLE} overrides these settings")
        layout.label(text=text, icon="INFO", translate=False)
    try:
        python = find_python()
    except Problem as problem:
        is_mended_above = offered_installation() is not None
        draw_text(context, layout, problem.message if is_mended_above else str(problem), "ERROR")
        return
    layout.label(text=shown(f"Used: {python}"), icon="CHECKMARK", translate=False)
    report = backend_process.report()
    if report is not None:
        column = layout.column(align=True)
        for line in report.lines():
            column.label(text=shown(line), icon="BLANK1", translate=False)
    row = layout.row()
    row.operator("cinemagraph.test_backend")
    if backend_process.log_file().exists():
        row.operator("cinemagraph.open_log", text="Backend Log", icon="TEXT").log = "BACKEND"


register, unregister = bpy.utils.register_classes_factory((CinemagraphPreferences,))
