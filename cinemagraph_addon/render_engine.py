"""The render engine: maps an evaluated camera and a frame to one RenderFrame request, and its answer to passes."""

import logging
from dataclasses import dataclass

import bpy
import numpy as np

from ..ml_backend.protocol import CancelledEvent, Failed, RenderFrame, Result
from . import backend_process
from .bridge.arrays import job_folder, read_array
from .bridge.client import Ending, Job
from .bridge.problem import Problem
from .color import flip_rows, srgb_to_linear
from .frame_request import Region, frame_request, render_region

ENGINE = "CINEMAGRAPH"
_POLL_S = 0.05
_BACKGROUND_Z = 1e10  # what Blender's own engines write where there is nothing
_FOREIGN_PANELS = {
    "VIEWLAYER_PT_filter",
    "VIEWLAYER_PT_layer_passes",
    "RENDER_PT_simplify",
    "RENDER_PT_freestyle",
    "RENDER_PT_hydra_debug",
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RenderedFrame:
    """rgb (H, W, 3) sRGB, depth (H, W) in Blender units, alpha (H, W); all float32, row 0 on top."""

    rgb: np.ndarray
    depth: np.ndarray
    alpha: np.ndarray
    summary: str


class RenderStopped(Exception):
    """The user pressed Esc; not a failure."""


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

    def _fail(self, message: str) -> None:
        """Stop the render and write no file; `error_set` would go on and save black frames."""
        self.report({"ERROR"}, message)

    def _request_frame(self, depsgraph: bpy.types.Depsgraph, region: Region) -> RenderedFrame:
        request = frame_request(depsgraph, region)
        self.update_stats("", "Starting the backend")
        client = backend_process.client()
        with job_folder(client.folder) as folder:
            job = client.submit(RenderFrame, **request.fields, output_dir=str(folder))
            values = _values(self._wait(job))
            frame = _read_frame(values, region, request.unit)
        self.update_stats("", frame.summary)
        return frame

    def _wait(self, job: Job) -> Ending:
        shown = ""
        try:
            while (ending := job.wait(_POLL_S)) is None:
                if self.test_break():
                    raise RenderStopped
                if job.stage != shown:  # each update is a line on the terminal of a headless render
                    shown = job.stage
                    self.update_stats("", shown)
                self.update_progress(job.fraction)
        except BaseException:  # Ctrl-C too, raised again: the backend must not go on with a frame nobody waits for
            job.cancel()
            raise
        return ending

    def _write_passes(self, depsgraph: bpy.types.Depsgraph, region: Region, frame: RenderedFrame) -> None:
        rgba = np.ones((region.height, region.width, 4), dtype=np.float32)
        rgba[..., :3] = srgb_to_linear(frame.rgb)
        if depsgraph.scene.render.film_transparent:
            rgba[..., 3] = frame.alpha
            rgba[..., :3] *= frame.alpha[..., None]  # Blender's passes are premultiplied
        result = self.begin_result(0, 0, region.width, region.height, layer=depsgraph.view_layer.name)
        passes = result.layers[0].passes
        passes["Combined"].rect.foreach_set(flip_rows(rgba).ravel())
        depth = passes.get("Depth")
        if depth is not None:
            depth.rect.foreach_set(flip_rows(frame.depth).ravel())
        self.end_result(result)
        self.update_progress(1.0)


def _values(ending: Ending) -> dict[str, object]:
    match ending:
        case Result(values=values):
            return values
        case Failed(message=message, hint=hint):
            raise Problem(message, hint=hint)
        case CancelledEvent():
            raise RenderStopped


def _read_frame(values: dict[str, object], region: Region, unit: float) -> RenderedFrame:
    shape = (region.height, region.width)
    depth = read_array(str(values["depth"]), shape).astype(np.float32)
    return RenderedFrame(
        rgb=read_array(str(values["rgb"]), (*shape, 3)),
        depth=np.where(np.isfinite(depth), depth * np.float32(unit), np.float32(_BACKGROUND_Z)),
        alpha=read_array(str(values["alpha"]), shape),
        summary=f"Holes {float(values['hole_fraction']):.2%} | Points {int(values['num_points']):,}",
    )


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
    for panel in _compatible_panels():
        panel.COMPAT_ENGINES.discard(ENGINE)
    bpy.utils.unregister_class(CinemagraphRenderEngine)
