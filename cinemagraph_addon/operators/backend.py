"""Test the backend: start it, count with it, and say what it is."""

import bpy

from ...ml_backend.protocol import SelfTest
from .. import backend_process
from ..bridge.client import BackendInfo, Job
from ..modal_job import BackendJobOperator


class CINEMAGRAPH_OT_test_backend(BackendJobOperator, bpy.types.Operator):
    """Start the backend and check that it answers"""

    bl_idname = "cinemagraph.test_backend"
    bl_label = "Test Backend"
    bl_options = {"REGISTER"}

    def send(self, context: bpy.types.Context) -> Job:
        return backend_process.client().submit(SelfTest, steps=5, seconds=0.1)

    def finish(self, context: bpy.types.Context, scene: bpy.types.Scene, values: dict[str, object]) -> str:
        client = backend_process.running_client()
        return f"The backend works: {describe(client.info)}" if client and client.info else "The backend works"


def describe(info: BackendInfo) -> str:
    """Versions and device in one line."""
    return f"PyTorch {info.torch}, {info.device}, {info.threads} threads, Python {info.python}"


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_test_backend,))
