"""A Rerun file (.rrd): the town, what moves, cameras' frames and sensors' readings on a timeline, to look at in Rerun."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Skill
from bridge.episode import Event, Step
from bridge.errors import NotRecorded, OutputExists, Unavailable
from bridge.formats.surfaces import materials_with_water, terrain_mesh, water_mesh
from bridge.frames import transform_from_pose
from bridge.meshes import transformed
from bridge.recording.exporters.rrd_sensors import log_reading
from bridge.recording.reader import Recording
from bridge.scene import Scene
from bridge.types import Camera

_BODIES, _TOWN = "world/bodies", "world/town"


@dataclass(frozen=True)
class Config:
    """Whether the town's own geometry goes along, where the recording holds it."""

    has_town: bool = True


def make(config: Config) -> "Rrd":
    """The exporter. Raises Unavailable where rerun-sdk is missing."""
    try:
        import rerun  # noqa: F401
    except ImportError as error:
        raise Unavailable('Rerun files need rerun-sdk. Install it: pip install "simbridge[export]"') from error
    return Rrd(config)


class Rrd:
    """Writes recordings for the Rerun viewer."""

    def __init__(self, config: Config):
        self._config = config

    def export(self, recording: Recording, out: Path) -> tuple[Path, ...]:
        """Writes the file `out`. Raises OutputExists."""
        import rerun as rr

        if out.exists():
            raise OutputExists(f"{out} is there already. Choose another file, or remove it.")
        stream = rr.RecordingStream("simbridge", recording_id=recording.path.stem)
        part = out.with_name(out.name + ".part")
        stream.save(part)
        try:
            stream.log("world", rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
            scenes: dict[str, dict[str, Any]] = {}
            poses: dict[str, bytes] = {}
            seen: set[str] = set()
            start = tick = 0
            for item in recording.happened():
                digest = item.setting.scene_digest
                if digest not in scenes:
                    scenes[digest] = self._town(stream, recording, digest)
                state = item.event.state
                start += tick if state.tick < tick else 0
                tick = state.tick
                stream.set_time("tick", sequence=start + tick)
                stream.set_time("simulated", duration=(start + tick) * item.setting.engine.tick_s)
                _log_bodies(stream, item.event, scenes[digest], poses)
                cameras = {**item.setting.loaded.cameras, **recording.cameras}
                _log_frames(stream, recording, item.number, cameras, seen)
                _log_readings(stream, recording, item.number, cameras, seen)
        except BaseException:
            stream.disconnect()
            part.unlink(missing_ok=True)
            raise
        stream.flush()
        stream.disconnect()
        os.replace(part, out)
        return (out,)

    def _town(self, stream: Any, recording: Recording, digest: str) -> dict[str, Any]:
        """Logs what stands, and returns the boxes (half sizes, centre) of what may move, by name."""
        import rerun as rr

        try:
            scene = recording.scene(digest)
        except NotRecorded:
            return {}
        if self._config.has_town:
            moving = {name for state in _first_states(recording) for name in state}
            vertices, colors = _geometry(scene, moving)
            stream.log(_TOWN, rr.Mesh3D(vertex_positions=vertices, vertex_colors=colors), static=True)
        return {
            name: np.asarray(scene.assets[group.asset].size) * scale
            for group in scene.placements
            for name, scale in zip(group.names, group.scale, strict=True)
        }


def _first_states(recording: Recording) -> Iterator[tuple[str, ...]]:
    for item in recording.happened():
        yield item.event.state.names
        return


def _geometry(scene: Scene, moving: set[str]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Triangles one after another (n,3) [m] with colours (n,3): ground, waters, parts, and what was placed and stays."""
    standing = [terrain_mesh(scene.terrain), *map(water_mesh, scene.waters), *(part.mesh for part in scene.parts)]
    for group in scene.placements:
        mesh = scene.assets[group.asset].lods[-1]
        for name, pose, scale in zip(group.names, group.poses, group.scale, strict=True):
            if name not in moving:
                standing.append(transformed(mesh, transform_from_pose(pose, scale)))
    materials = materials_with_water(scene)
    vertices = [mesh.vertices[mesh.triangles].reshape(-1, 3) for mesh in standing]
    colors = [
        np.repeat(
            np.array([_srgb(materials[name].base_color) for name in mesh.materials], np.uint8)[mesh.material], 3, 0
        )
        for mesh in standing
    ]
    return np.concatenate(vertices), np.concatenate(colors)


def _srgb(linear: tuple[float, float, float]) -> list[int]:
    """A linear colour as eyes and viewers want it."""
    return [round(255 * min(max(value, 0.0), 1.0) ** (1 / 2.2)) for value in linear]


def _log_bodies(stream: Any, event: Event, sizes: dict[str, NDArray], told: dict[str, bytes]) -> None:
    """Poses that changed, boxes of what is new, and what agents were told and failed at."""
    import rerun as rr

    state = event.state
    for name in [name for name in told if name not in state.names]:
        stream.log(f"{_BODIES}/{_entity(name)}", rr.Clear(recursive=True))
        del told[name]
    for name, pose in zip(state.names, state.poses):
        path = f"{_BODIES}/{_entity(name)}"
        if name not in told and name in sizes:
            size = sizes[name]
            box = rr.Boxes3D(half_sizes=[size / 2], centers=[[0.0, 0.0, size[2] / 2]], labels=[name], show_labels=False)
            stream.log(path, box)
        if told.get(name) != pose.tobytes():
            told[name] = pose.tobytes()
            w, x, y, z = pose[3:]
            stream.log(path, rr.Transform3D(translation=pose[:3], quaternion=rr.Quaternion(xyzw=[x, y, z, w])))
    if isinstance(event, Step):
        for agent, action in event.actions.items():
            words = action.say or (
                f"{action.motion.verb} {action.motion.target}" if isinstance(action.motion, Skill) else ""
            )
            if words:
                stream.log("words", rr.TextLog(f"{agent}: {words}"))


def _log_frames(stream: Any, recording: Recording, number: int, cameras: dict[str, Camera], seen: set[str]) -> None:
    """The frames after one event."""
    import rerun as rr

    for name, kinds in recording.frame_kinds(number).items():
        path = _placed(stream, name, cameras, seen)
        if "rgb" in kinds:
            jpeg = recording.packed_rgb(number, name)
            stream.log(f"{path}/rgb", rr.EncodedImage(contents=jpeg, media_type="image/jpeg"))
        if "depth" in kinds:
            depth = recording.frame(number, name, ["depth"]).depth
            assert depth is not None
            stream.log(f"{path}/depth", rr.DepthImage(np.where(np.isfinite(depth), depth, 0.0), meter=1.0))
        if "segmentation" in kinds:
            ids = recording.frame(number, name, ["segmentation"]).segmentation
            assert ids is not None
            stream.log(f"{path}/ids", rr.SegmentationImage(ids.astype(np.uint32)))


def _placed(stream: Any, name: str, cameras: dict[str, Camera], seen: set[str]) -> str:
    """The entity of a camera, which is placed when it shows something for the first time."""
    import rerun as rr

    camera = cameras.get(name)
    mount = "world" if camera is None or camera.mount == "world" else f"{_BODIES}/{_entity(camera.mount)}"
    path = f"{mount}/cameras/{_entity(name)}"
    if name not in seen and camera is not None:
        seen.add(name)
        w, x, y, z = camera.mount_from_camera.quat_wxyz
        at = camera.mount_from_camera.position
        stream.log(path, rr.Transform3D(translation=at, quaternion=rr.Quaternion(xyzw=[x, y, z, w])), static=True)
        focal = camera.height / 2 / math.tan(camera.fov_y_rad / 2)
        pinhole = rr.Pinhole(
            focal_length=focal, width=camera.width, height=camera.height, camera_xyz=rr.ViewCoordinates.RDF
        )
        stream.log(path, pinhole, static=True)
    return path


def _log_readings(stream: Any, recording: Recording, number: int, cameras: dict[str, Camera], seen: set[str]) -> None:
    """What sensors read after one event."""
    for agent, readings in recording.readings(number).items():
        for sensor, reading in readings.items():
            path = f"{_entity(agent)}/{_entity(sensor)}"
            log_reading(stream, path, reading, lambda name: _placed(stream, name, cameras, seen))


def _entity(name: str) -> str:
    """A name as one step of an entity path."""
    return "".join(char if char.isalnum() or char in "-_." else f"\\{char}" for char in name)
