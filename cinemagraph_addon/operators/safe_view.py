"""Measure what the view shows that the photo does not know, and scale a path until that is little."""

from collections.abc import Generator

import bpy
import numpy as np
from mathutils import Matrix

from ...ml_backend.protocol import MeasureViews
from .. import backend_process
from ..bridge.problem import Problem
from ..bridge.scene_folder import read_description
from ..camera import PinholeView, render_size
from ..editable import is_built
from ..file_paths import scene_folder
from ..frame_request import root_matrix
from ..keyed_view import KeyedView, keyed_view, scale_keys
from ..loop_seam import seen_frames
from ..modal_job import JobOperator, Step, Work, wait_for
from ..view_measure import measure_fields, scene_view

_SAMPLES = 24  # frames of the loop
_HALVINGS = 7  # of the scale: to 1 %


class _MeasuringOperator(JobOperator):
    """Needs a built scene and a camera."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        scene = context.scene
        if not is_built(cls, scene):
            return False
        if scene.camera is None:
            cls.poll_message_set("The scene has no camera: press Add Camera")
            return False
        return super().poll(context)

    def measure(
        self, views: list[PinholeView], start: float, end: float
    ) -> Generator[Step, None, tuple[list[float], list[float]]]:
        """Unknown and holes of each view, in percent."""
        scene = self.scene()
        fields = measure_fields(scene, scene.view_layers[0], views)
        values = yield from wait_for(backend_process.client().submit(MeasureViews, **fields), start, end)
        return [100 * share for share in values["unknown"]], [100 * share for share in values["holes"]]


class CINEMAGRAPH_OT_measure_view(_MeasuringOperator, bpy.types.Operator):
    """Tell how much of the camera's view the photo does not know"""

    bl_idname = "cinemagraph.measure_view"
    bl_label = "Measure View"
    bl_options = {"REGISTER"}

    def work(self, context: bpy.types.Context) -> Work:
        view = scene_view(self.scene(), context.evaluated_depsgraph_get())
        unknown, holes = yield from self.measure([view], 0.0, 1.0)
        settings = self.scene().cinemagraph.camera
        settings.view_unknown, settings.view_holes = unknown[0], holes[0]
        return f"The photo does not know {unknown[0]:.1f}% of this view; {holes[0]:.1f}% lie beyond the picture"


class CINEMAGRAPH_OT_limit_amplitude(_MeasuringOperator, bpy.types.Operator):
    """Scale the camera's keys towards the photo's view until no frame of the loop shows more unknown than allowed"""

    bl_idname = "cinemagraph.limit_amplitude"
    bl_label = "Limit Amplitude"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if context.scene.camera == context.scene.cinemagraph.photo_camera:
            cls.poll_message_set("The photo's own camera stays where it is: choose another one, or press Add Camera")
            return False
        return True

    def work(self, context: bpy.types.Context) -> Work:
        scene = self.scene()
        name, limit, size = scene.camera.name, scene.cinemagraph.camera.max_unknown, render_size(scene.render)
        keyed = _keyed(scene, context.evaluated_depsgraph_get())
        worst = max((yield from self.measure(keyed.views(1.0, size), 0.0, 0.1))[0])
        if worst <= limit:
            return f"'{name}' is safe as it is: at most {worst:.1f}% of a frame is unknown"
        at_rest = max((yield from self.measure(keyed.views(0.0, size), 0.1, 0.2))[0])
        if at_rest > limit:
            raise Problem(
                f"{at_rest:.1f}% of the frame is unknown even at the photo's view.",
                hint="Raise Max Unknown, or render in the photo's shape.",
            )
        low, high, worst = 0.0, 1.0, at_rest
        for number in range(_HALVINGS):
            middle = (low + high) / 2
            progress = 0.2 + 0.8 * number / _HALVINGS
            unknown = max((yield from self.measure(keyed.views(middle, size), progress, progress))[0])
            if unknown <= limit:
                low, worst = middle, unknown
            else:
                high = middle
        camera = self.scene().objects.get(name)
        if camera is None:
            raise Problem(f"The camera '{name}' was removed meanwhile.")
        scale_keys(camera, keyed.photo, low)
        return f"'{name}' moves {low:.0%} as far: at most {worst:.1f}% of a frame is unknown"


def _keyed(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> KeyedView:
    camera = scene.camera.evaluated_get(depsgraph)
    in_root = Matrix((np.linalg.inv(root_matrix(depsgraph)) @ np.array(camera.matrix_world)).tolist()).normalized()
    seen = seen_frames(scene)
    frames = seen.start + np.arange(_SAMPLES) * len(seen) / _SAMPLES
    return keyed_view(scene.camera, read_description(scene_folder(scene)), frames.tolist(), np.array(in_root))


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_measure_view, CINEMAGRAPH_OT_limit_amplitude))
