"""Reads DROID-format folders, as Ctrl-World's public example data has them, into clips.

The layout (github.com/Robert-gyj/Ctrl-World, dataset_example; DROID: arXiv 2403.12945): `annotation/SPLIT/ID.json` with the
states of an episode at 15 Hz and the paths of three videos at 5 Hz, exterior, exterior and wrist.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import DamagedFile, InvalidInput, Unavailable
from bridge.frames import quat_product
from bridge.imagination import Past
from bridge.types import Camera, Pose
from world_models.clips import Clip
from world_models.views import VIEWS

Array = NDArray[np.float64]
POLICY = "human"
"""DROID's episodes are led by people."""
STATES_A_FRAME, FRAME_S = 3, 0.2
"""States are at 15 Hz, pictures at 5 Hz."""
_POSE, _GRIPPER = "observation.state.cartesian_position", "observation.state.gripper_position"


def read_droid(folder: Path, *, size: tuple[int, int] | None = None) -> Iterator[Clip]:
    """The episodes of a folder, by split and number.

    `body` is the arm's tool in the frame of the arm's base, which is the world here: x, y, z [m] and extrinsic x-y-z Euler
    angles [rad] as DROID gives them. `gripper` is 0 open to 1 closed. An episode that was called a success counts as one at
    its last moment; nobody says since when it was. Where cameras are the folder does not say: their poses and fields of
    view are NaN. Pictures are scaled to `size` (width, height) [px]; None leaves them as they are. `rows` have the `split` and
    the `joints` (t,7) [rad].

    Raises InvalidInput for a folder without annotations, DamagedFile for one that misses something, Unavailable without PyAV.
    """
    found = [
        path
        for split in sorted((folder / "annotation").glob("*"))
        for path in sorted(split.glob("*.json"), key=_number)
    ]
    if not found:
        raise InvalidInput(
            f"{folder} has no annotation/SPLIT/ID.json. Name a folder in DROID format, as Ctrl-World's dataset_example has them."
        )
    for path in found:
        yield _episode(folder, path, size)


def _number(path: Path) -> tuple[int, str]:
    return (int(path.stem) if path.stem.isdigit() else 1 << 62), path.stem


def _episode(folder: Path, path: Path, size: tuple[int, int] | None) -> Clip:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        tool = np.asarray(told[_POSE], dtype=np.float64)[::STATES_A_FRAME]
        gripper = np.asarray(told[_GRIPPER], dtype=np.float64).reshape(-1)[::STATES_A_FRAME]
        joints = np.asarray(told.get("observation.state.joint_position", ()), dtype=np.float64)[::STATES_A_FRAME]
        films = [folder / str(one["video_path"]) for one in told["videos"]]
        success, words = bool(told["success"]), str((list(told.get("texts", ())) or [""])[0])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedFile(f"{path} is no annotation in DROID format ({type(error).__name__}: {error}).") from error
    views = VIEWS["manipulate"]
    if tool.ndim != 2 or tool.shape[1] != 6 or len(gripper) != len(tool) or len(films) != len(views):
        raise DamagedFile(
            f"{path} has poses {tool.shape}, {len(gripper)} gripper positions and {len(films)} videos. Expected are x, y, z "
            f"and three angles for each moment, as many gripper positions, and {len(views)} videos."
        )
    pictures = [_film(film, size) for film in films]
    shapes = {one.shape[1:] for one in pictures}
    if len(shapes) > 1:
        raise DamagedFile(f"{path}: its videos are of different sizes, {sorted(shapes)}. Give --size to make them one.")
    count = min(len(tool), *(len(one) for one in pictures))
    if not count:
        raise DamagedFile(f"{path}: a video of it has no picture.")
    rgb = np.stack([one[:count] for one in pictures], axis=1)
    height, width = rgb.shape[2:4]
    nowhere = Pose(np.full(3, np.nan), np.full(4, np.nan))
    rows: Mapping[str, Any] = {"split": path.parent.name, "success": success, "joints": joints[:count].tolist()}
    seen = Past(
        times_s=(FRAME_S * np.arange(count)).astype(np.float64),
        cameras=tuple(
            Camera(view, width, height, float("nan"), nowhere, "body" if view == "wrist" else "world") for view in views
        ),
        rgb=rgb,
        body=np.concatenate([tool[:count, :3], quat_from_euler(tool[:count, 3:])], axis=1),
        gripper=np.clip(gripper[:count], 0.0, 1.0),
        instruction=words,
    )
    done = np.zeros(count, dtype=bool)
    done[-1] = success
    number = _number(path)[0]
    return Clip("manipulate", seen, done, policy=POLICY, seed=number if path.stem.isdigit() else 0, rows=rows)


def quat_from_euler(angles_rad: Array) -> Array:
    """Quaternions (n,4) wxyz of rotations (n,3) about the fixed axes x, then y, then z [rad]."""
    half = np.asarray(angles_rad, dtype=np.float64) / 2
    about = np.zeros((3, len(half), 4))
    for axis in range(3):
        about[axis, :, 0], about[axis, :, 1 + axis] = np.cos(half[:, axis]), np.sin(half[:, axis])
    return quat_product(about[2], quat_product(about[1], about[0]))


def _film(path: Path, size: tuple[int, int] | None) -> NDArray[np.uint8]:
    """All pictures of a video (t,H,W,3)."""
    try:
        import av
    except ImportError as error:
        raise Unavailable('Videos need PyAV. Install it: pip install "simbridge[video]"') from error
    from PIL import Image

    try:
        with av.open(str(path)) as opened:
            pictures = [frame.to_image() for frame in opened.decode(video=0)]
    except (OSError, av.error.FFmpegError, IndexError) as error:
        raise DamagedFile(f"{path} is no video that can be read ({type(error).__name__}: {error}).") from error
    if size is not None:
        pictures = [picture.resize(size, Image.Resampling.BOX) for picture in pictures]
    return np.stack([np.asarray(picture) for picture in pictures]) if pictures else np.zeros((0, 1, 1, 3), np.uint8)
