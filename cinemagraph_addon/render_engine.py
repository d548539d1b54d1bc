"""The render engine: F12 and Ctrl-F12 by `_Render`, the Rendered viewport by `viewport_frame.py`."""

import logging

import bpy

from ..ml_backend.protocol import RenderFrame
from . import backend_process, layer_pose, viewport_frame
from .bridge.arrays import job_folder
from .bridge.client import Ending, Job
from .bridge.problem import Problem
from .file_paths import scene_folder
from .frame_request import Region, frame_request, render_region
from .rendered_frame import RenderedFrame, RenderStopped, read_frame, result_values
from .shown_text import shown

ENGINE = "CINEMAGRAPH"
_POLL_S = 0.05
_FOREIGN_PANELS = {
    "VIEWLAYER_PT_filter",
    "VIEWLAYER_PT_layer_passes",
    "RENDER_PT_simplify",
    "RENDER_PT_freestyle",
    "RENDER_PT_hydra_debug",
}
_log = logging.getLogger(__name__)


class CinemagraphRenderEngine(bpy.types.RenderEngine):
    bl_idname = ENGINE
    bl_label = "Cinemagraph"
    bl_use_preview = False
    bl_use_eevee_viewport = True
    bl_use_postprocess = True

    def update_render_passes(self, scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> None:
        self.register_pass(scene, layer, "Combined", 4, "RGBA", "COLOR")
        if layer.use_pass_z:
            self.register_pass(scene, layer, "Depth", 1, "Z", "VALUE")
        if scene.cinemagraph.render.use_alpha_pass:
            self.register_pass(scene, layer, "Alpha", 1, "A", "VALUE")

    def render(self, depsgraph: bpy.types.Depsgraph) -> None:
        try:
            region = render_region(depsgraph.scene.render)
            frame = self._request_frame(depsgraph, region)
            self._write_passes(depsgraph, region, frame)
        except RenderStopped:
            return
        except Problem as problem:
            self._fail(str(problem))
        except KeyboardInterrupt:  # Blender would swallow it and take the empty frame as finished
            self._fail("The render was stopped.")
        except Exception as error:  # noqa: BLE001 (an exception out of render() saves a black frame)
            _log.exception("Rendering failed")
            self._fail(f"Unexpected {type(error).__name__}: {error}")

    def view_update(self, context: bpy.types.Context, depsgraph: bpy.types.Depsgraph) -> None:
        viewport_frame.changed(context, depsgraph)

    def view_draw(self, context: bpy.types.Context, depsgraph: bpy.types.Depsgraph) -> None:
        viewport_frame.draw(self, context, depsgraph)

    def _fail(self, message: str) -> None:
        """Stop the render and write no file; `error_set` would go on and save black frames."""
        self.report({"ERROR"}, shown(message))

    def _request_frame(self, depsgraph: bpy.types.Depsgraph, region: Region) -> RenderedFrame:
        scene_folder(depsgraph.scene)  # what cannot be rendered is told before a backend is asked for
        self.update_stats("", shown("Starting the backend"))
        client = backend_process.client()
        with job_folder(client.folder) as folder:
            request = frame_request(depsgraph, region, folder)
            values = result_values(self._wait(client.submit(RenderFrame, **request.fields)))
            frame = read_frame(
                values,
                width=region.width,
                height=region.height,
                unit=request.unit,
                is_transparent=depsgraph.scene.render.film_transparent,
            )
        self.update_stats("", frame.statistics.line())
        return frame

    def _wait(self, job: Job) -> Ending:
        told = ""
        try:
            while (ending := job.wait(_POLL_S)) is None:
                if self.test_break():
                    raise RenderStopped
                if job.stage != told:  # each update is a line on the terminal of a headless render
                    told = job.stage
                    stage = shown(told)
                    self.update_stats("", stage[:1].upper() + stage[1:])
                self.update_progress(job.fraction)
        except BaseException:  # Ctrl-C too, raised again: the backend must not go on with a frame nobody waits for
            job.cancel()
            raise
        return ending

    def _write_passes(self, depsgraph: bpy.types.Depsgraph, region: Region, frame: RenderedFrame) -> None:
        result = self.begin_result(0, 0, region.width, region.height, layer=depsgraph.view_layer.name)
        passes = result.layers[0].passes
        for name, pixels in (("Combined", frame.rgba), ("Depth", frame.depth), ("Alpha", frame.alpha)):
            if (found := passes.get(name)) is not None:
                found.rect.foreach_set(pixels.ravel())
        self.end_result(result)
        for name, value in frame.statistics.metadata().items():
            self.get_result().stamp_data_add_field(name, value)
        self.update_progress(1.0)


def _compatible_panels() -> list[type[bpy.types.Panel]]:
    """Blender's own panels for size, output, and colour, which every engine may show."""
    return [
        panel
        for panel in bpy.types.Panel.__subclasses__()
        if "BLENDER_RENDER" in getattr(panel, "COMPAT_ENGINES", ()) and panel.__name__ not in _FOREIGN_PANELS
    ]


def register() -> None:
    """Add the engine to Blender's list and its panels."""
    bpy.utils.register_class(CinemagraphRenderEngine)
    for panel in _compatible_panels():
        panel.COMPAT_ENGINES.add(ENGINE)


def unregister() -> None:
    """Take the engine away."""
    viewport_frame.forget_all()
    layer_pose.forget()
    for panel in _compatible_panels():
        panel.COMPAT_ENGINES.discard(ENGINE)
    bpy.utils.unregister_class(CinemagraphRenderEngine)
