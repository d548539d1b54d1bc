"""Export the loop as the scene's camera sees it into a video, without Blender's renderer."""

from collections.abc import Generator
from pathlib import Path

import bpy
import numpy as np
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from ...ml_backend.protocol import EncodeVideo, ExportVideo
from .. import backend_process
from ..bridge.arrays import job_folder, read_array
from ..bridge.problem import Problem
from ..bridge.scene_folder import read_description
from ..bridge.thread_job import RESULT, ThreadJob
from ..file_paths import absolute, choose_scene_folder, scene_folder
from ..layer_edits import is_edited
from ..loop_camera import RenderedLoop, sample_rendered, write_cameras
from ..modal_job import JobOperator, Step, Work, wait_for
from ..point_cloud import layer_objects
from ..posed_frames import render_frames

_ENDINGS = {"MP4": ".mp4", "WEBM": ".webm", "GIF": ".gif"}
_CHECKED, _SEEN, _RENDERED = 0.02, 0.1, 0.95  # of the whole job, when points, camera, and frames are done


class CINEMAGRAPH_OT_export_loop(JobOperator, bpy.types.Operator):
    """Write one loop, as the scene's camera sees it, into a video or GIF; quicker than Render Animation"""

    bl_idname = "cinemagraph.export_loop"
    bl_label = "Export Loop"
    bl_options = {"REGISTER"}

    filepath: StringProperty(name="File", description="Video to write: .mp4, .webm, or .gif", subtype="FILE_PATH")
    filter_glob: StringProperty(default="*.mp4;*.webm;*.gif", options={"HIDDEN"})
    check_existing: BoolProperty(default=True, options={"HIDDEN"})
    format: EnumProperty(
        name="Format",
        description="Kind of file; the name's ending wins",
        items=(
            ("MP4", "MP4", "H.264, plays everywhere"),
            ("WEBM", "WebM", "VP9, smaller, for web pages"),
            ("GIF", "GIF", "256 colors, repeats for ever in browsers and messengers"),
        ),
        default="MP4",
    )
    loops: IntProperty(
        name="Loops",
        description="How many times the loop is repeated in a video; a GIF repeats by itself",
        min=1,
        max=1000,
        soft_max=20,
        default=1,
    )
    ping_pong: BoolProperty(
        name="Ping-Pong",
        description="Play forwards, then backwards; for a camera that does not return to where it starts",
        default=False,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not context.scene.cinemagraph.is_built:
            cls.poll_message_set("Build the scene first")
            return False
        if context.scene.camera is None:
            cls.poll_message_set("Add a camera first")
            return False
        return super().poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        # The first call asks for the file; the file browser then calls this operator's execute.
        self._is_asking = True
        self._shown_format = self.format
        if not self.filepath:
            self.filepath = str(choose_scene_folder(context.scene).with_suffix(_ENDINGS[self.format]))
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, context: bpy.types.Context) -> bool:
        """Keep name and format in step while the file browser is open."""
        before = self.filepath, self.format
        if self.format != self._shown_format:
            self.filepath = str(_with_ending(Path(self.filepath), self.format))
        else:
            ending = Path(self.filepath).suffix.lower()
            self.format = next((name for name, known in _ENDINGS.items() if known == ending), self.format)
        self._shown_format = self.format
        return before != (self.filepath, self.format)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split, layout.use_property_decorate = True, False
        layout.prop(self, "format")
        row = layout.row()
        row.active = self.format != "GIF"
        row.prop(self, "loops")
        layout.prop(self, "ping_pong")

    def execute(self, context: bpy.types.Context) -> set[str]:
        if getattr(self, "_is_asking", False):
            return super().invoke(context, None)  # after the file browser: go on without blocking
        return super().execute(context)

    def work(self, context: bpy.types.Context) -> Work:
        path = self._path()
        folder = scene_folder(self.scene())
        read_description(folder)  # a folder that is gone is told first
        is_edited = yield from self._is_edited(folder)
        loop = yield from sample_rendered(self.scene, _SEEN)
        client = backend_process.client()
        with job_folder(client.folder) as exchange:
            if loop.is_as_built and not is_edited:
                values = yield from self._export(loop, path, folder, exchange)
            else:
                values = yield from self._export_posed(path, exchange)
        frames, size = len(loop.cameras.views), loop.cameras.size
        warnings = [str(warning) for warning in values.get("warnings", [])]
        message = f"Wrote '{values['path']}', {frames} frames of {size.width} x {size.height}."
        return " ".join([message, *warnings]).rstrip(".")

    def _export(
        self, loop: RenderedLoop, path: Path, folder: Path, exchange: Path
    ) -> Generator[Step, None, dict[str, object]]:
        """All frames in one request: the layers stand as they were built."""
        write_cameras(exchange / "cameras.json", loop.cameras)
        settings = self.scene().cinemagraph
        export = backend_process.client().submit(
            ExportVideo,
            scene_dir=str(folder),
            camera=str(exchange / "cameras.json"),
            path=str(path),
            num_frames=settings.loop_frames,
            hidden_layers=loop.hidden,
            quality=settings.render.quality.lower(),
            samples=settings.render.samples,
            **self._video(),
        )
        return (yield from wait_for(export, _SEEN, 1.0))

    def _export_posed(self, path: Path, exchange: Path) -> Generator[Step, None, dict[str, object]]:
        """Frame by frame, with the layers as they stand in each."""
        yield from render_frames(self.scene, exchange, _SEEN, _RENDERED)
        encode = backend_process.client().submit(EncodeVideo, frames_dir=str(exchange), path=str(path), **self._video())
        return (yield from wait_for(encode, _RENDERED, 1.0))

    def _video(self) -> dict[str, object]:
        render = self.scene().render
        return {"fps": render.fps / render.fps_base, "loops": self.loops, "ping_pong": self.ping_pong}

    def _path(self) -> Path:
        path = Path(absolute(self.filepath)) if self.filepath else None
        if path is not None and not path.suffix:
            path = _with_ending(path, self.format)
        if path is None or path.suffix.lower() not in _ENDINGS.values():
            raise Problem("The video needs a name with .mp4, .webm, or .gif.", hint="Type one in the file browser.")
        return path

    def _is_edited(self, folder: Path) -> Generator[Step, None, bool]:
        """Whether points of a layer were moved in Edit Mode or deleted, which its object does not tell."""
        positions, layers = (yield from wait_for(ThreadJob("reading the points", lambda: _points(folder)), 0, 0))[
            RESULT
        ]
        objects = sorted(layer_objects(self.scene().cinemagraph.collection))
        for number, layer in enumerate(objects):
            yield Step("checking the points", _CHECKED * number / len(objects))
            obj = layer_objects(self.scene().cinemagraph.collection).get(layer)
            if obj is not None and is_edited(obj.data, positions, np.flatnonzero(layers == layer)):
                return True
        return False


def _points(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    positions = read_array(folder / "cloud" / "positions.npy", (None, 3))
    return positions, read_array(folder / "cloud" / "layers.npy", (len(positions),))


def _with_ending(path: Path, format: str) -> Path:
    return (
        path.with_suffix(_ENDINGS[format])
        if path.suffix.lower() in _ENDINGS.values()
        else path.with_name(f"{path.name}{_ENDINGS[format]}")
    )


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_export_loop,))
