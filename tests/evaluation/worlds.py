"""Clips and studies for tests of comparisons: made up in an instant, with what is to come out known beforehand."""

from pathlib import Path

import numpy as np

from bridge.imagination import Past, Thing
from bridge.types import Camera, Pose
from evaluation.compare_worlds.study import Dreamer, Measure, Study
from world_models.clips import Clip, write_shard
from world_models.views import FRAME_S, SIZES, VIEWS

PSNR = Measure("psnr", "PSNR", "dB", "more")
ERROR = Measure("error", "Error", "m", "less", by_view=False)


def clip(*, seed: int = 0, moments: int = 8, task: str = "manipulate", done_from: int | None = None) -> Clip:
    """A square that wanders over a textured ground, in every view; success from moment `done_from` on."""
    rng = np.random.default_rng(seed)
    width, height = SIZES[task]
    views = VIEWS[task]
    ground = rng.integers(60, 200, (len(views), height, width, 3), dtype=np.uint8)
    rgb = np.repeat(ground[None], moments, axis=0)
    for t in range(moments):
        left = (5 + 4 * t) % (width - 12)
        rgb[t, :, 20:32, left : left + 12] = (200, 40, 30)
    body = np.zeros((moments, 7))
    body[:, 0], body[:, 3] = 0.05 * np.arange(moments), 1.0
    success = np.arange(moments) >= (moments if done_from is None else done_from)
    cameras = tuple(Camera(view, width, height, 1.0, Pose(np.zeros(3))) for view in views)
    things = (Thing("red-cube", "tabletop-object", (0.05, 0.05, 0.05), body.copy()),)
    seen = Past(FRAME_S[task] * np.arange(moments), cameras, rgb, body, np.zeros(moments), things=things)
    return Clip(task, seen, success, policy="somebody", seed=seed)


def data_set(folder: Path, *clips: Clip) -> Path:
    """A folder with one shard of these clips."""
    write_shard(folder / "clips-00000.npz", clips)
    return folder


def study(values: dict[str, np.ndarray], *, model: str = "ours", measure: Measure = PSNR, **others) -> Study:
    """A study of one measure: values (e,n) by dreamer, a horizon every 0.3 s; `others` are further fields of Study."""
    roles = {model: "model", "oracle": "check"}
    episodes, horizons = next(iter(values.values())).shape
    success = others.pop("success", np.zeros((episodes, horizons)))
    return Study(
        task="manipulate", model=model, views=("only",), horizons_s=0.3 * np.arange(1, horizons + 1),
        dreamers=[Dreamer(label, roles.get(label, "baseline")) for label in values], measures=(measure,),  # type: ignore[arg-type]
        episodes=[f"e{index}" for index in range(episodes)], success=success,
        values={label: {measure.name: np.asarray(table, dtype=np.float64)[:, :, None]} for label, table in values.items()},
        **others,
    )  # fmt: skip


def luck(episodes: int = 10, horizons: int = 6, size: float = 0.2) -> np.ndarray:
    """Small differences between episodes and horizons (e,n)."""
    return np.random.default_rng(0).normal(0.0, size, (episodes, horizons))
