"""Test the backend: start it, count with it, and say what it is."""

import bpy

from ...ml_backend.protocol import SelfTest
from .. import backend_process
from ..bridge.client import BackendInfo
from ..modal_job import JobOperator, Work, wait_for


class CINEMAGRAPH_OT_test_backend(JobOperator, bpy.types.Operator):
    """Start the backend and check that it answers"""

    bl_idname = "cinemagraph.test_backend"
    bl_label = "Test Backend"
    bl_options = {"REGISTER"}

    def work(self, context: bpy.types.Context) -> Work:
        client = backend_process.client()
        yield from wait_for(client.submit(SelfTest, steps=5, seconds=0.1))
        return f"The backend works: {describe(client.info)}" if client.info else "The backend works"


def describe(info: BackendInfo) -> str:
    """Versions and device in one line."""
    return f"PyTorch {info.torch}, {info.device}, {info.threads} threads, Python {info.python}"


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_test_backend,))
