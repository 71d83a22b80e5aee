"""Clips: what world models are trained and measured on. A clip is one episode as it was seen, frame by frame, and how it went.

A shard is a .npz of several clips; a folder of shards, with nothing else in it, is a data set.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import DamagedFile, InvalidInput
from bridge.imagination import Course, Past, Thing
from bridge.types import Camera, Pose

Array = NDArray[np.float64]
FORMAT = 1


@dataclass(frozen=True, eq=False)
class Clip:
    """An episode of `task` and `skill` ("" where there are none), seen at equal times: `seen` holds all moments.

    `policy` acted, from `seed`, in the scene of that digest; `success` bool (t,) says whether the errand was done at each
    moment, and `rows` are the numbers the task gave in the end.
    """

    task: str
    seen: Past
    success: NDArray[np.bool_]
    skill: str = ""
    policy: str = ""
    seed: int = 0
    scene_digest: str = ""
    rows: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.seen.times_s)

    def past(self, now: int) -> Past:
        """What was seen up to moment `now`, inclusive."""
        return _cut(self.seen, slice(0, now + 1))

    def course(self, now: int, length: int) -> Course:
        """What the body went on to do: `length` moments after `now`, or fewer where the clip ends."""
        part = slice(now + 1, now + 1 + length)
        grip = self.seen.gripper
        return Course(self.seen.times_s[part], self.seen.body[part], None if grip is None else grip[part])


def _cut(seen: Past, part: slice) -> Past:
    def cut(array: Any) -> Any:
        return None if array is None else array[part]

    return replace(
        seen, times_s=seen.times_s[part], rgb=seen.rgb[part], body=seen.body[part], gripper=cut(seen.gripper),
        depth=cut(seen.depth), labels=cut(seen.labels), things=tuple(replace(one, poses=one.poses[part]) for one in seen.things),
    )  # fmt: skip


def write_shard(path: Path, clips: Sequence[Clip]) -> None:
    """Writes clips into one file, all of it or nothing. Depth is kept in half precision; scene and episode are not kept."""
    arrays: dict[str, Any] = {}
    notes = []
    for index, clip in enumerate(clips):
        seen = clip.seen
        kept = {"times_s": seen.times_s, "rgb": seen.rgb, "body": seen.body, "gripper": seen.gripper, "labels": seen.labels, "success": clip.success}  # fmt: skip
        if seen.depth is not None:
            kept["depth"] = seen.depth.astype(np.float16)
        if seen.things:
            kept["things"] = np.stack([one.poses for one in seen.things])
        arrays |= {f"{index}/{name}": value for name, value in kept.items() if value is not None}
        notes.append(
            {
                "task": clip.task,
                "skill": clip.skill,
                "policy": clip.policy,
                "seed": clip.seed,
                "scene_digest": clip.scene_digest,
                "rows": dict(clip.rows),
                "instruction": seen.instruction,
                "cameras": [_told(camera) for camera in seen.cameras],
                "things": [[one.name, one.semantic, list(one.size_m)] for one in seen.things],
            }
        )
    text = json.dumps({"format": FORMAT, "clips": notes}).encode()
    draft = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft.open("wb") as file:
        np.savez_compressed(file, notes=np.frombuffer(text, np.uint8), **arrays)
    draft.replace(path)


def read_shard(path: Path) -> list[Clip]:
    """The clips of one file. Raises DamagedFile for one that is none."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        notes = json.loads(arrays.pop("notes").tobytes())
        if notes["format"] != FORMAT:
            raise InvalidInput(f"{path} is of format {notes['format']}, and {FORMAT} is known here. Collect it anew.")
        return [_clip(index, note, arrays) for index, note in enumerate(notes["clips"])]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise DamagedFile(f"{path} is no shard of clips, or a damaged one ({error}). Collect it anew.") from error


def shards(folder: Path) -> list[Path]:
    """The shards of a data set, in order. Raises InvalidInput where there are none."""
    found = sorted(folder.glob("*.npz"))
    if not found:
        raise InvalidInput(
            f"There are no shards (*.npz) in {folder}. Make some with `simbridge collect --out {folder}`."
        )
    return found


def read_clips(folder: Path) -> Iterator[Clip]:
    """All clips of a data set, shard by shard."""
    for path in shards(folder):
        yield from read_shard(path)


def _clip(index: int, note: Mapping[str, Any], arrays: Mapping[str, Any]) -> Clip:
    own = {name.split("/")[1]: value for name, value in arrays.items() if name.startswith(f"{index}/")}
    things = tuple(
        Thing(name, semantic, tuple(size), own["things"][row])
        for row, (name, semantic, size) in enumerate(note["things"])
    )
    depth = own["depth"].astype(np.float32) if "depth" in own else None
    seen = Past(
        own["times_s"], tuple(_camera(told) for told in note["cameras"]), own["rgb"], own["body"], own.get("gripper"), depth,
        own.get("labels"), things, note["instruction"],
    )  # fmt: skip
    kept = {name: note[name] for name in ("skill", "policy", "seed", "scene_digest", "rows")}
    return Clip(note["task"], seen, own["success"], **kept)


def _told(camera: Camera) -> dict[str, Any]:
    pose = camera.mount_from_camera
    return {
        "name": camera.name, "width": camera.width, "height": camera.height, "fov_y_rad": camera.fov_y_rad, "mount": camera.mount,
        "position": pose.position.tolist(), "quat_wxyz": pose.quat_wxyz.tolist(),
    }  # fmt: skip


def _camera(told: Mapping[str, Any]) -> Camera:
    pose = Pose(np.array(told["position"]), np.array(told["quat_wxyz"]))
    return Camera(told["name"], told["width"], told["height"], told["fov_y_rad"], pose, told["mount"])
