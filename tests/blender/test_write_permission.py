"""The right to write that some versions of Blender lose when a render starts in the middle of a panel's drawing."""

import threading
from collections.abc import Iterator

import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon import write_permission  # noqa: E402


class _Overlap:
    """Two calls of Python classes, in two threads, the second of which ends after the first."""

    begun, may_end = threading.Event(), threading.Event()
    second: threading.Thread

    @classmethod
    def make(cls) -> None:
        cls.begun.clear()
        cls.may_end.clear()
        bpy.ops.cinemagraph_test.first.poll()
        cls.may_end.set()
        cls.second.join()


class CINEMAGRAPH_TEST_OT_first(bpy.types.Operator):
    bl_idname = "cinemagraph_test.first"
    bl_label = "First"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        _Overlap.second = threading.Thread(target=bpy.ops.cinemagraph_test.second.poll)
        _Overlap.second.start()
        return _Overlap.begun.wait(5)


class CINEMAGRAPH_TEST_OT_second(bpy.types.Operator):
    bl_idname = "cinemagraph_test.second"
    bl_label = "Second"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        _Overlap.begun.set()
        return _Overlap.may_end.wait(5)


@pytest.fixture
def overlap(scene: "bpy.types.Scene") -> Iterator[type[_Overlap]]:
    classes = (CINEMAGRAPH_TEST_OT_first, CINEMAGRAPH_TEST_OT_second)
    for cls in classes:
        bpy.utils.register_class(cls)
    yield _Overlap
    for cls in classes:
        bpy.utils.unregister_class(cls)


def test_writing_is_allowed_outside_of_any_draw(scene: "bpy.types.Scene") -> None:
    assert write_permission.can_write()


def test_restoring_a_right_that_is_not_lost_changes_nothing(scene: "bpy.types.Scene") -> None:
    write_permission.restore()
    scene.frame_step = 2
    assert scene.frame_step == 2


def test_a_lost_right_is_restored(scene: "bpy.types.Scene", overlap: type[_Overlap]) -> None:
    overlap.make()
    was_lost = not write_permission.can_write()
    if was_lost:
        with pytest.raises(AttributeError):
            scene.frame_step = 2
    write_permission.restore()
    scene.frame_step = 3
    assert scene.frame_step == 3
    if not was_lost:
        pytest.skip("this version of Blender does not lose it")
