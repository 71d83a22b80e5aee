"""LeRobot dataset v3.0: one agent's states, sensors, actions and cameras as Parquet and MP4, a row every so many ticks.

Layout: huggingface.co/docs/lerobot/lerobot-dataset-v3. A sensor's last reading is a flat feature, `observation.sensors.NAME`,
where its readings have one shape (lidar, IMU, fixes); depth, ids, boxes, touches and flow stay in the recording.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.episode import Episode
from bridge.errors import NotRecorded, OutputExists, Unavailable
from bridge.recording.reader import Recording
from bridge.recording.rows import ActionsOf, Rows, Shape, rows_of, shape_of, spacing
from bridge.recording.sensor_rows import sensor_columns, sensor_rows
from bridge.recording.video import VideoWriter

DATA_MB, VIDEO_MB, CHUNK_FILES = 100, 200, 1000
_DATA = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
_VIDEO = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
_EPISODES = "meta/episodes/chunk-000/file-000.parquet"
_QUANTILES = {"q01": 0.01, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q99": 0.99}
_PLAIN = {"timestamp": "float32", "frame_index": "int64", "episode_index": "int64", "index": "int64",
          "task_index": "int64"}  # fmt: skip


@dataclass(frozen=True)
class Config:
    """Whose rows, how far apart, and what an action is; `video_mb` is when the next video file begins."""

    agent: str = ""
    every_ticks: int = 0
    actions: ActionsOf = "told"
    video_mb: float = VIDEO_MB


def make(config: Config) -> "LeRobot":
    """The exporter. Raises Unavailable where pyarrow is missing."""
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise Unavailable('LeRobot datasets need pyarrow. Install it: pip install "simbridge[export]"') from error
    return LeRobot(config)


class LeRobot:
    """Writes recordings as datasets."""

    def __init__(self, config: Config):
        self._config = config

    def export(self, recording: Recording, out: Path) -> tuple[Path, ...]:
        """Writes the folder `out`. Raises OutputExists, InvalidInput, NotSupported, NotRecorded."""
        if out.exists():
            raise OutputExists(f"{out} is there already. Choose another folder, or remove it.")
        config = self._config
        episodes = recording.episodes()
        shape, every = shape_of(episodes, config.agent, config.actions), spacing(episodes, config.every_ticks)
        fps = 1 / (Fraction(episodes[0].engine.tick_s).limit_denominator(100_000) * every)
        tables = [(episode, rows_of(episode, shape, every)) for episode in episodes]
        tables = [(episode, rows) for episode, rows in tables if len(rows.ticks)]
        part = out.with_name(out.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        try:
            _Dataset(part, recording, shape, fps, tables, config.video_mb).write()
            os.replace(part, out)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return tuple(sorted(path for path in out.rglob("*") if path.is_file()))


class _Dataset:
    """One dataset being written."""

    def __init__(
        self,
        root: Path,
        recording: Recording,
        shape: Shape,
        fps: Fraction,
        tables: Sequence[tuple[Episode, Rows]],
        video_mb: float,
    ):
        self.root, self.recording, self.shape, self.fps = root, recording, shape, fps
        self.tables, self.video_mb = tables, video_mb
        first = {kinds for _, rows in tables for number in rows.numbers[:1]
                 for kinds in recording.frame_kinds(int(number)).items()}  # fmt: skip
        cameras = sorted({camera for camera, kinds in first if "rgb" in kinds})
        self.keys = {camera: f"observation.images.{camera.replace('/', '.')}" for camera in cameras}
        self.sensors = {
            f"observation.sensors.{column.sensor}": column for column in sensor_columns(recording, shape.agent)
        }
        self.read = {
            key: [sensor_rows(recording, episode, rows, shape.agent, column) for episode, rows in tables]
            for key, column in self.sensors.items()
        }
        self.tasks = list(dict.fromkeys(_task(episode) for episode, _ in tables))
        self.meta: list[dict[str, Any]] = []
        self.sizes: dict[str, tuple[int, ...]] = {}
        self.formats: dict[str, str] = {}
        self.samples: dict[str, list[NDArray]] = {}

    def write(self) -> None:
        """All files."""
        self._rows()
        for camera, key in self.keys.items():
            self._videos(camera, key)
        values = {"observation.state": [rows.observation for _, rows in self.tables],
                  "action": [rows.action for _, rows in self.tables], **self.read, **self.samples}  # fmt: skip
        for index, row in enumerate(self.meta):
            for key, parts in values.items():
                found = _stats(parts[index], is_picture=key in self.samples)
                row |= {f"stats/{key}/{name}": value for name, value in found.items()}
        self._table(_EPISODES, {key: [row[key] for row in self.meta] for key in self.meta[0]})
        whole = {key: _stats(np.concatenate(values[key]), is_picture=key in self.samples) for key in values}
        _json(self.root / "meta/stats.json", whole)
        _json(self.root / "meta/info.json", self._info())
        _write_tasks(self.root / "meta/tasks.parquet", self.tasks)

    def _rows(self) -> None:
        """The data, in files of at most `DATA_MB`, and where each episode is in them."""
        widths = len(self.shape.observations), len(self.shape.actions), *(one.width for one in self.sensors.values())
        row_bytes = 4 * sum(widths) + 36
        pending: list[dict[str, Any]] = []
        start = size = number = 0
        for index, (episode, rows) in enumerate(self.tables):
            count = len(rows.ticks)
            if size and (size + count) * row_bytes > DATA_MB << 20:
                self._data(pending, number)
                pending, size, number = [], 0, number + 1
            frames = np.arange(count)
            pending.append({
                "observation.state": rows.observation,
                "action": rows.action,
                **{key: parts[index] for key, parts in self.read.items()},
                "timestamp": (frames / float(self.fps)).astype(np.float32),
                "frame_index": frames,
                "episode_index": np.full(count, index),
                "index": start + frames,
                "task_index": np.full(count, self.tasks.index(_task(episode))),
            })  # fmt: skip
            self.meta.append({
                "episode_index": index, "tasks": [_task(episode)], "length": count,
                "dataset_from_index": start, "dataset_to_index": start + count,
                "data/chunk_index": number // CHUNK_FILES, "data/file_index": number % CHUNK_FILES,
                "meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0,
            })  # fmt: skip
            start, size = start + count, size + count
        self._data(pending, number)

    def _data(self, parts: Sequence[dict[str, Any]], number: int) -> None:
        columns = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        self._table(_DATA.format(chunk_index=number // CHUNK_FILES, file_index=number % CHUNK_FILES), columns)

    def _table(self, name: str, columns: dict[str, Any]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = {}
        for key, values in columns.items():
            if isinstance(values, np.ndarray) and values.ndim == 2:
                flat = pa.array(values.reshape(-1), pa.float32())
                arrays[key] = pa.FixedSizeListArray.from_arrays(flat, values.shape[1])
            else:
                arrays[key] = pa.array(values, _PLAIN.get(key) if isinstance(values, np.ndarray) else None)
        pq.write_table(pa.table(arrays), path, compression="snappy")

    def _videos(self, camera: str, key: str) -> None:
        """One camera's frames of all episodes one after another; another file begins with an episode."""
        number, writer = 0, None
        self.samples[key] = []
        try:
            for index, (_, rows) in enumerate(self.tables):
                if writer is not None and writer.bytes >= self.video_mb * (1 << 20):
                    writer.close()
                    writer, number = None, number + 1
                place = {"chunk_index": number // CHUNK_FILES, "file_index": number % CHUNK_FILES}
                if writer is None:
                    writer = VideoWriter(self.root / _VIDEO.format(video_key=key, **place), self.fps)
                start = writer.count
                kept = set(np.linspace(0, len(rows.numbers) - 1, min(len(rows.numbers), 100)).astype(int).tolist())
                samples = []
                for row, event in enumerate(rows.numbers.tolist()):
                    rgb = self._rgb(event, camera, int(rows.ticks[row]))
                    writer.add(rgb)
                    if row in kept:
                        step = max(max(rgb.shape[:2]) // 150, 1)
                        samples.append(rgb[::step, ::step].reshape(-1, 3) / 255.0)
                self.samples[key].append(np.concatenate(samples))
                self.sizes[key], self.formats[key] = rgb.shape, writer.pixel_format
                found = {
                    **place,
                    "from_timestamp": float(start / self.fps),
                    "to_timestamp": float(writer.count / self.fps),
                }
                self.meta[index] |= {f"videos/{key}/{name}": value for name, value in found.items()}
        finally:
            if writer is not None:
                writer.close()

    def _rgb(self, event: int, camera: str, tick: int) -> NDArray[np.uint8]:
        try:
            rgb = self.recording.frame(event, camera, ["rgb"]).rgb
        except NotRecorded as error:
            raise NotRecorded(f"Tick {tick}: {error} Choose --every-ticks by the ticks that have frames.") from error
        assert rgb is not None
        return rgb

    def _info(self) -> dict[str, Any]:
        fps = self.fps.numerator if self.fps.denominator == 1 else float(self.fps)
        features: dict[str, Any] = {
            "observation.state": _vector(self.shape.observations),
            "action": _vector(self.shape.actions),
        }
        for key, column in self.sensors.items():
            names = None if column.names is None else list(column.names)
            features[key] = {
                "dtype": "float32",
                "shape": [column.width],
                "names": names,
                "info": {"shape": list(column.shape)},
            }
        for key in self.keys.values():
            height, width, channels = self.sizes[key]
            features[key] = {
                "dtype": "video",
                "shape": [height, width, channels],
                "names": ["height", "width", "channels"],
                "info": {
                    "video.height": height, "video.width": width, "video.codec": "h264",
                    "video.pix_fmt": self.formats[key], "video.is_depth_map": False, "video.fps": fps,
                    "video.channels": channels, "has_audio": False,
                },
            }  # fmt: skip
        features |= {name: {"dtype": dtype, "shape": [1], "names": None} for name, dtype in _PLAIN.items()}
        return {
            "codebase_version": "v3.0",
            "robot_type": self.shape.agent,
            "total_episodes": len(self.tables),
            "total_frames": self.meta[-1]["dataset_to_index"],
            "total_tasks": len(self.tasks),
            "chunks_size": CHUNK_FILES,
            "data_files_size_in_mb": DATA_MB,
            "video_files_size_in_mb": VIDEO_MB,
            "fps": fps,
            "splits": {"train": f"0:{len(self.tables)}"},
            "data_path": _DATA,
            "video_path": _VIDEO if self.keys else None,
            "features": features,
        }


def _task(episode: Episode) -> str:
    return episode.task or "unspecified"


def _vector(names: Sequence[str]) -> dict[str, Any]:
    return {"dtype": "float32", "shape": [len(names)], "names": list(names)}


def _stats(values: NDArray, *, is_picture: bool) -> dict[str, Any]:
    """Of rows (n,k) as vectors (k,), of pixels (n,3) in the range 0 to 1 as (3,1,1)."""
    values = values.astype(np.float64)
    found = {
        "min": values.min(axis=0),
        "max": values.max(axis=0),
        "mean": values.mean(axis=0),
        "std": values.std(axis=0),
    }
    found |= {name: np.quantile(values, q, axis=0) for name, q in _QUANTILES.items()}
    shape = (3, 1, 1) if is_picture else (-1,)
    return {name: value.reshape(shape).tolist() for name, value in found.items()} | {"count": [len(values)]}


def _json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=4, ensure_ascii=False) + "\n", "utf-8")


def _write_tasks(path: Path, tasks: Sequence[str]) -> None:
    """Tasks with their numbers; readers take the tasks as the index of a pandas table, and the metadata say so."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def column(name: str, kind: str, numpy_type: str) -> dict[str, Any]:
        return {"name": name, "field_name": name, "pandas_type": kind, "numpy_type": numpy_type, "metadata": None}

    about = {
        "index_columns": ["task"],
        "column_indexes": [
            {"name": None, "field_name": None, "pandas_type": "unicode", "numpy_type": "object",
             "metadata": {"encoding": "UTF-8"}}
        ],
        "columns": [column("task_index", "int64", "int64"), column("task", "unicode", "object")],
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": "2.2.3",
    }  # fmt: skip
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), "task": pa.array(tasks, pa.string())})
    pq.write_table(table.replace_schema_metadata({"pandas": json.dumps(about)}), path)
