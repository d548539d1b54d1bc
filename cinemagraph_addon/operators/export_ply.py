"""Points and cameras for other programs: PLY, and the cameras also as cameras.json."""

import tempfile
from pathlib import Path

import bpy
import numpy as np
from bpy.props import BoolProperty, EnumProperty, StringProperty

from ..bridge.ply_files import write_ply
from ..bridge.ply_scene import Pose, PosedRows, camera_pyramids, point_vertices
from ..bridge.problem import Problem
from ..bridge.scene_folder import read_cloud
from ..bridge.thread_job import RESULT, ThreadJob
from ..camera import PinholeView, RenderSize
from ..coordinates import opencv_world_to_blender
from ..file_paths import absolute, choose_scene_folder, scene_folder
from ..frame_request import loop_frame, root_matrix
from ..layer_pose import layer_poses
from ..loop_camera import LoopCameras, sample_cameras, write_cameras
from ..modal_job import JobOperator, Work, wait_for

_DRAWN = 0.1  # length of the pyramids that stand for cameras, in units of the scene


class _ExportOperator(JobOperator):
    """Asks for a file, then writes it without blocking."""

    bl_options = {"REGISTER"}

    filepath: StringProperty(name="File", description="File to write", subtype="FILE_PATH")
    check_existing: BoolProperty(default=True, options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not context.scene.cinemagraph.is_built:
            cls.poll_message_set("Build the scene first")
            return False
        return super().poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self._is_asking = True
        if not self.filepath:
            folder = choose_scene_folder(context.scene)
            self.filepath = str(folder.with_name(f"{folder.stem}-{self.file_name}"))
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if getattr(self, "_is_asking", False):
            return super().invoke(context, None)  # after the file browser: go on without blocking
        return super().execute(context)

    def path(self, endings: tuple[str, ...]) -> Path:
        """The chosen file, with the first ending where it has none; raises Problem for another one."""
        path = Path(absolute(self.filepath)) if self.filepath else Path()
        if path.name and not path.suffix:
            path = path.with_name(f"{path.name}{endings[0]}")
        if path.suffix.lower() not in endings:
            raise Problem(f"The file needs a name with {' or '.join(endings)}.", hint="Type one in the file browser.")
        return path


class CINEMAGRAPH_OT_export_points(_ExportOperator, bpy.types.Operator):
    """Write the points with color, layer, and flow to a PLY file, which other 3D programs read"""

    bl_idname = "cinemagraph.export_points"
    bl_label = "Export Points"
    file_name = "points.ply"

    filter_glob: StringProperty(default="*.ply", options={"HIDDEN"})
    pose: EnumProperty(
        name="Pose",
        description="Where the points stand",
        items=(
            (
                "CURRENT",
                "Current Frame",
                "As they have flowed by this frame, with layers where the viewport shows them",
            ),
            ("REST", "As Built", "All points at rest, whatever was moved or hidden since"),
        ),
        default="CURRENT",
    )

    def work(self, context: bpy.types.Context) -> Work:
        path, scene = self.path((".ply",)), self.scene()
        folder = scene_folder(scene)
        depsgraph = context.evaluated_depsgraph_get()
        root = root_matrix(depsgraph)
        pose = Pose() if self.pose == "REST" else _current_pose(depsgraph, folder)

        def write() -> int:
            vertices = point_vertices(read_cloud(folder), pose, root)
            write_ply(path, {"vertex": vertices}, "points of a cinemagraph, in Blender's axes; colors are sRGB")
            return len(vertices)

        count = (yield from wait_for(ThreadJob("writing the points", write)))[RESULT]
        return f"Wrote {count:,} points to '{path}'"


class CINEMAGRAPH_OT_export_cameras(_ExportOperator, bpy.types.Operator):
    """Write the camera of each frame of the loop: pyramids and their path as PLY, or numbers as JSON"""

    bl_idname = "cinemagraph.export_cameras"
    bl_label = "Export Cameras"
    file_name = "cameras.ply"

    filter_glob: StringProperty(default="*.ply;*.json", options={"HIDDEN"})

    def work(self, context: bpy.types.Context) -> Work:
        path = self.path((".ply", ".json"))
        root = root_matrix(context.evaluated_depsgraph_get())
        cameras = yield from sample_cameras(self.scene, 0.9)
        if path.suffix.lower() == ".json":
            write_cameras(path, cameras)
        else:
            _write_pyramids(path, cameras, root, self.scene().cinemagraph.loop_start)
        return f"Wrote {len(cameras.views)} cameras to '{path}'"


def _current_pose(depsgraph: bpy.types.Depsgraph, folder: Path) -> Pose:
    with tempfile.TemporaryDirectory(prefix="cinemagraph-") as name:
        exchange = Path(name)
        poses = layer_poses(depsgraph, folder, root_matrix(depsgraph), exchange)
        posed = {
            layer: PosedRows(
                np.load(exchange / f"ids_{layer}.npy"),
                np.load(exchange / f"positions_{layer}.npy"),
                np.array(linear).reshape(3, 3),
            )
            for layer, linear in zip(poses.posed_layers, poses.posed_linear, strict=True)
        }
    return Pose(loop_frame(depsgraph.scene), frozenset(poses.hidden_layers), posed)


def _write_pyramids(path: Path, cameras: LoopCameras, root: np.ndarray, first_frame: int) -> None:
    to_world = [root @ opencv_world_to_blender(np.linalg.inv(view.world_to_camera)) for view in cameras.views]
    corners = [_corners(view, cameras.size) for view in cameras.views]
    vertices, edges = camera_pyramids(to_world, corners, first_frame)
    write_ply(path, {"vertex": vertices, "edge": edges}, "cameras of a cinemagraph, in Blender's axes")


def _corners(view: PinholeView, size: RenderSize) -> np.ndarray:
    fx, fy, cx, cy = view.intrinsics
    pixels = np.array([(0, 0), (size.width, 0), (size.width, size.height), (0, size.height)])
    rays = np.column_stack([(pixels[:, 0] - cx) / fx, (pixels[:, 1] - cy) / fy, np.ones(4)])
    return rays * _DRAWN


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_export_points, CINEMAGRAPH_OT_export_cameras))
