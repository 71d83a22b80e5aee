"""All measures by name: what each says, in which unit, which way is better, what it needs, and what it is not to be trusted for."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UnknownName
from bridge.plugins import unknown_name
from evaluation.measures import efflite0, flow, laws, odometry, onset, pixels, states
from evaluation.measures import flip as flips
from evaluation.measures.case import Case
from evaluation.measures.means import mean_known

Array = NDArray[np.float64]
Group = Literal["pixels", "flip", "efflite0", "read", "states", "laws", "flow", "way", "success", "onset"]
GROUPS: Mapping[Group, str] = {
    "pixels": "pictures, pixel by pixel",
    "flip": "pictures, as one who flips between them sees them; needs flip-evaluator",
    "efflite0": "pictures, by features of a net; needs torch and its weights",
    "read": "what a small recogniser reads in pictures, beside what it reads in the engine's",
    "states": "what a model says of places, turns and depth",
    "laws": "laws of physics on the poses that a model tells",
    "flow": "how pictures move; needs OpenCV",
    "way": "where a car drove by its pictures; needs OpenCV and the engine's depth",
    "success": "whether the errand is done",
    "onset": "how much worse than copying the last picture",
}
USUAL: tuple[Group, ...] = ("pixels", "read", "states", "laws", "success", "onset")
"""What the base install measures."""


@dataclass(frozen=True)
class Measure:
    """One measure: `of` takes a case to (n,), or with `is_by_view` to (n,v), or to None where the case does not allow it.

    `beside` names the measure that has its floor, or ceiling: the same of the engine's own episode.
    """

    name: str
    label: str
    unit: str
    better: Literal["more", "less", "neither"]
    group: Group
    of: Callable[[Case], Array | None]
    is_by_view: bool = False
    beside: str = ""


def _of_pictures(score: Callable[[Any, Any], Array]) -> Callable[[Case], Array]:
    """A score of two pictures, (n,v): the mean over samples."""
    return lambda case: mean_known([score(case.truth.rgb, sample) for sample in case.prediction.rgb])


def _psnr_moving(case: Case) -> Array:
    last = np.broadcast_to(case.last.rgb, case.truth.rgb.shape)
    return mean_known([pixels.psnr_moving(case.truth.rgb, sample, last) for sample in case.prediction.rgb])


def _law(name: str, label: str, unit: str, law: laws.Law) -> tuple[Measure, Measure]:
    return (
        Measure(name, label, unit, "less", "laws", lambda case: laws.kept(case, law), beside=f"{name}_engine"),
        Measure(f"{name}_engine", f"{label}, engine", unit, "neither", "laws", lambda case: laws.kept_by_engine(case, law)),
    )  # fmt: skip


_ALL = (
    Measure("rmse", "RMSE", "", "less", "pixels", _of_pictures(pixels.rmse), True),
    Measure("psnr", "PSNR", "dB", "more", "pixels", _of_pictures(pixels.psnr), True),
    Measure("psnr_moving", "PSNR of what moves", "dB", "more", "pixels", _psnr_moving, True),
    Measure("ssim", "SSIM", "", "more", "pixels", _of_pictures(pixels.ssim), True),
    Measure("ms_ssim", "MS-SSIM", "", "more", "pixels", _of_pictures(pixels.ms_ssim), True),
    Measure("flip", "FLIP", "", "less", "flip", _of_pictures(flips.flip), True),
    Measure("efflite0", "EffLite0 perceptual distance", "", "less", "efflite0", _of_pictures(efflite0.distance), True),
    Measure("iou", "IoU of what pixels show", "", "more", "read", states.iou, True, "iou_engine"),
    Measure("iou_engine", "IoU of what pixels show, engine", "", "neither", "read", states.iou_ceiling, True),
    Measure("read_place_m", "Place of things, read in pictures", "m", "less", "read", states.read_place_error, beside="read_place_m_engine"),
    Measure("read_place_m_engine", "Place of things, read in pictures, engine", "m", "neither", "read", states.read_place_floor),
    Measure("tool_m", "Tool off its course, read in pictures", "m", "less", "read", states.tool_error, beside="tool_m_engine"),
    Measure("tool_m_engine", "Tool off its course, read in pictures, engine", "m", "neither", "read", states.tool_floor),
    Measure("vanished", "Things that vanished from pictures", "share", "less", "read", states.vanished),
    Measure("appeared", "Things that appeared in pictures", "share", "less", "read", states.appeared),
    Measure("place_m", "Place of things, as told", "m", "less", "states", states.place_error),
    Measure("place_moved_m", "Place of moved things, as told", "m", "less", "states", states.place_error_moved),
    Measure("turn_rad", "Turn of things, as told", "rad", "less", "states", states.turn_error),
    Measure("depth_rel", "Depth, relative error", "", "less", "states", states.depth_error, True),
    *_law("gone", "Things gone or leaping", "share", laws.lasting),
    *_law("penetration_m", "Things inside of each other", "m", laws.penetration),
    *_law("floating_m", "Things afloat", "m", laws.floating),
    *_law("unmoved_m", "Things that move untouched", "m", laws.unmoved),
    Measure("flow_px", "Optical flow, end-point error", "px", "less", "flow", flow.flow_error, True, "flow_px_engine"),
    Measure("flow_px_engine", "Optical flow, end-point error, engine", "px", "neither", "flow", flow.flow_floor, True),
    Measure("flow_difference_px", "Optical flow, dream against engine (tOF)", "px", "less", "flow", flow.flow_difference, True),
    Measure("way_m", "Car off its course, by odometry", "m", "less", "way", odometry.way_error, beside="way_m_engine"),
    Measure("way_m_engine", "Car off its course, by odometry, engine", "m", "neither", "way", odometry.way_floor),
    Measure("success_claimed", "Success, as claimed", "probability", "neither", "success", states.success_claimed),
    Measure("success_true", "Success, engine", "", "neither", "success", states.success_true),
    Measure("success_brier", "Success, squared error of the claim", "", "less", "success", states.success_brier),
    Measure("excess_rmse", "RMSE beyond that of the last picture", "", "less", "onset", onset.excess_pixels),
    Measure("excess_place_m", "Place of things beyond that of the last moment", "m", "less", "onset", onset.excess_places),
)  # fmt: skip
MEASURES: Mapping[str, Measure] = {one.name: one for one in _ALL}
"""All measures by name, in the order of reports."""


def chosen(wanted: Iterable[str]) -> tuple[Measure, ...]:
    """Measures by their names or those of their groups, in the order of reports. Raises UnknownName."""
    names = set(wanted)
    if unknown := names - set(MEASURES) - set(GROUPS):
        raise UnknownName(unknown_name("measure", sorted(unknown)[0], [*MEASURES, *GROUPS]))
    return tuple(one for one in MEASURES.values() if one.name in names or one.group in names)


@lru_cache(maxsize=1)
def calibrations() -> Mapping[str, Any]:
    """The table that comes with the package, made by `python -m evaluation.measures.calibration`: by task, edit and measure. Empty where none comes."""
    source = files("evaluation.measures") / "weights" / "calibration.json"
    return json.loads(source.read_text(encoding="utf-8"))["tasks"] if source.is_file() else {}


def distrusted(name: str, task: str) -> tuple[str, ...] | None:
    """The edits of engine episodes that a measure does not see rise: what it is not to be trusted for. None where it was never calibrated
    for the task, which is no reason to trust it. Raises UnknownName.
    """
    if name not in MEASURES:
        raise UnknownName(unknown_name("measure", name, MEASURES))
    rows = {edit: found[name] for edit, found in calibrations().get(task, {}).items() if name in found}
    return tuple(edit for edit, row in rows.items() if not row["is_trusted"]) if rows else None
