"""Test the backend: start it, let it count and calculate, and say what it is; and open what it wrote."""

import bpy
from bpy.props import EnumProperty

from ...ml_backend.protocol import ListWeights, SelfTest
from .. import backend_process
from ..backend_environment import private_folder
from ..bridge.report import make_report
from ..modal_job import JobOperator, Work, wait_for


class CINEMAGRAPH_OT_test_backend(JobOperator, bpy.types.Operator):
    """Start the backend, let it calculate, and show its device, memory, and weights"""

    bl_idname = "cinemagraph.test_backend"
    bl_label = "Test Backend"
    bl_options = {"REGISTER"}

    def work(self, context: bpy.types.Context) -> Work:
        client = backend_process.client()
        tested = yield from wait_for(client.submit(SelfTest, steps=5, seconds=0.1, examine=True), 0.0, 0.9)
        listed = yield from wait_for(client.submit(ListWeights), 0.9, 1.0)
        if client.info is None:  # cannot be: nothing is answered before Hello
            return "The backend works"
        report = make_report(client.info, tested, listed)
        backend_process.keep_report(report)
        return f"The backend works: {report.packages}, {report.device}"


class CINEMAGRAPH_OT_open_log(bpy.types.Operator):
    """Show what was written by the installation or by the backend"""

    bl_idname = "cinemagraph.open_log"
    bl_label = "Open Log"
    bl_options = {"INTERNAL"}

    log: EnumProperty(
        name="Log",
        description="Which log to open",
        items=(
            ("INSTALL", "Installation", "What pip said in the latest installation"),
            ("BACKEND", "Backend", "What the backend has written while it worked"),
        ),
        options={"SKIP_SAVE"},
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = private_folder().log if self.log == "INSTALL" else backend_process.log_file()
        if not path.exists():
            self.report({"WARNING"}, "There is no log yet")
            return {"CANCELLED"}
        return bpy.ops.wm.path_open(filepath=str(path))


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_test_backend, CINEMAGRAPH_OT_open_log))
