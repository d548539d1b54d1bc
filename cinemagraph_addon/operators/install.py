"""Install, update, and remove the backend's private environment."""

import atexit

import bpy

from .. import backend_process
from ..backend_environment import chosen_build, install_options, private_folder
from ..bridge.child_job import ChildJob
from ..bridge.install import start_install, start_remove
from ..bridge.problem import Problem
from ..modal_job import JobOperator, Work, wait_for

_STOP_S = 5.0  # for the thread of a cancelled job to end with Blender

_job: ChildJob | None = None
_failure = ""


def latest_failure() -> str:
    """Why the latest installation failed, as long as no other was begun; empty where it did not."""
    return _failure


class CINEMAGRAPH_OT_install_backend(JobOperator, bpy.types.Operator):
    """Download the backend's packages into an environment of their own; one that was broken off is gone on with"""

    bl_idname = "cinemagraph.install_backend"
    bl_label = "Install Backend"
    bl_options = {"REGISTER"}

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        build = chosen_build()
        return (
            f"Download about {build.download_bytes / 1e9 + 0.2:.1f} GB of packages, with PyTorch for {build.name}, "
            "into an environment of their own. An installation that was broken off goes on where it stopped"
        )

    def work(self, context: bpy.types.Context) -> Work:
        global _failure  # noqa: PLW0603 (the preferences show it, where nobody sees a scene's message)
        _failure = ""
        backend_process.stop()  # what runs cannot be replaced
        try:
            values = yield from wait_for(_keep(start_install(install_options())))
        except Problem as problem:
            _failure = str(problem)
            raise
        return (
            f"The backend is installed: PyTorch for {values['torch_build']}, {values['size_bytes'] / 1e9:.1f} GB, "
            f"in {values['seconds']:.0f} s"
        )


class CINEMAGRAPH_OT_remove_backend(JobOperator, bpy.types.Operator):
    """Stop the backend and delete its private environment; scenes and settings stay"""

    bl_idname = "cinemagraph.remove_backend"
    bl_label = "Remove Backend"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        folder = private_folder()
        if not folder.environment.exists() and not folder.removed.exists():
            cls.poll_message_set("Nothing is installed")
            return False
        return super().poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        # The first call asks; the dialog then calls this operator's execute.
        self._is_asking = True
        return context.window_manager.invoke_confirm(
            self,
            event,
            title="Remove the Backend?",
            message="Its packages are deleted. Installing it again downloads them again.",
            confirm_text="Remove",
            icon="WARNING",
        )

    def execute(self, context: bpy.types.Context) -> set[str]:
        if getattr(self, "_is_asking", False):
            return super().invoke(context, None)  # after the dialog: go on without blocking
        return super().execute(context)

    def work(self, context: bpy.types.Context) -> Work:
        backend_process.stop()
        values = yield from wait_for(_keep(start_remove(private_folder())))
        size = values["size_bytes"] / 1e9
        return f"The backend was removed, {size:.1f} GB are free again" if size else "The backend was removed"


def _keep(job: ChildJob) -> ChildJob:
    """Remember the job, so that nothing of it outlives Blender."""
    global _job  # noqa: PLW0603
    _job = job
    return job


def _stop_job() -> None:
    global _job
    job, _job = _job, None
    if job is not None and job.poll() is None:
        job.cancel()
        job.wait(_STOP_S)


_register_classes, _unregister_classes = bpy.utils.register_classes_factory(
    (CINEMAGRAPH_OT_install_backend, CINEMAGRAPH_OT_remove_backend)
)


def register() -> None:
    """Add the operators, and make sure that no installation goes on without Blender."""
    _register_classes()
    atexit.register(_stop_job)


def unregister() -> None:
    """Stop what runs, and take the operators away."""
    atexit.unregister(_stop_job)
    _stop_job()
    _unregister_classes()
