"""How good GeoDrive's pictures are by horizon, beside the splat alone and the last picture copied; what its parts and spoilt depth cost.

python benchmarks/geodrive.py DATA [--weights FILE] [--plain FILE] [--still FILE] [--clips 20] [--json FILE] [--sheet PNG]

DATA is a folder of clips nobody learnt from (`simbridge collect --task drive`). `--plain` are weights trained without the
condition branch. Numbers are means over clips with bootstrap intervals of 95 % over clips.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from bridge.imagination import Course, WorldModel
from world_models import geodrive, splat
from world_models.clips import Clip, read_clips
from world_models.geodrive.depth import Corruption
from world_models.geodrive.model import cloud_at, placed
from world_models.geodrive.splatting import splat as splatted

HORIZONS = (1, 2, 3, 5, 8, 10)
NOW = 2
SPOILT: Mapping[str, Corruption] = {
    "exact": Corruption(),
    "scale 2 %": Corruption(scale=0.02),
    "scale 5 %": Corruption(scale=0.05),
    "scale 10 %": Corruption(scale=0.10),
    "drift 5 %": Corruption(drift=0.05),
    "noise 5 %": Corruption(noise=0.05),
    "bleeding 1 px": Corruption(bleeding_px=1),
    "all: 5 %, 5 %, 5 %, 1 px": Corruption(0.05, 0.05, 0.05, 1),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", default="")
    parser.add_argument("--plain", default="", help="weights trained without the condition branch")
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--skip-spoilt", action="store_true", help="leave the table of spoilt depth out")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path, help="a picture of truth, splat and refined at some horizons")
    options = parser.parse_args()
    clips = [clip for clip in read_clips(options.data) if len(clip) > NOW + HORIZONS[-1]]
    clips = clips[:: max(len(clips) // options.clips, 1)][: options.clips]
    config = geodrive.Config(weights=options.weights)
    models: dict[str, WorldModel] = {
        "copy last": Copied(),
        "splat, holes black": splat.make(splat.Config(fill="none")),
        "splat, nearest": splat.make(splat.Config(fill="nearest")),
        "splat, smooth": splat.make(splat.Config()),
        "geodrive": geodrive.make(config),
        "geodrive, 2 steps": geodrive.make(replace(config, steps=2)),
        "geodrive, 4 steps": geodrive.make(replace(config, steps=4)),
        "geodrive, no memory": geodrive.make(replace(config, keyframe=0)),
        "geodrive, no editing": geodrive.make(replace(config, editing=False)),
    }
    if options.plain:
        models["geodrive, no branch"] = geodrive.make(replace(config, weights=options.plain))
    told = "ways of others guessed"
    print(
        f"{len(clips)} clips, frames of 0.4 s; {told}; PSNR [dB] at "
        + ", ".join(f"{0.4 * ahead:.1f} s" for ahead in HORIZONS)
    )
    rows = {name: measured(model, clips) for name, model in models.items()}
    for name, row in rows.items():
        show(name, row["all"])
    print("\non holes of the first cloud alone")
    for name, row in rows.items():
        show(name, row["holes"])
    print("\non things alone, their ways given")
    given = {
        name: measured(models[name], clips, is_given=True)["things"]
        for name in ("splat, smooth", "geodrive", "geodrive, no editing")
    }
    for name, row in given.items():
        show(name, row)
    gain = rows["geodrive"]["all"] - rows["splat, smooth"]["all"]
    print("\nrefined less filled splat")
    show("gain", gain)
    result = {name: {part: means(values) for part, values in row.items()} for name, row in rows.items()}
    if not options.skip_spoilt:
        print("\nspoilt depth")
        for name, knob in SPOILT.items():
            for kind in ("splat, smooth", "geodrive"):
                model = (
                    splat.make(splat.Config(corruption=knob))
                    if kind.startswith("splat")
                    else geodrive.make(replace(config, corruption=knob))
                )
                row = measured(model, clips)["all"]
                result[f"{kind}, {name}"] = {"all": means(row)}
                show(f"{name}: {kind}", row)
    print()
    speed(clips[0], models["geodrive"])
    if options.json:
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
    if options.sheet:
        sheet(clips, models, options.sheet)


class Copied:
    """The last picture, for ever."""

    info = splat.make(splat.Config()).info

    def predict(self, past, course, *, samples=1, seed=0):
        found = splat.make(splat.Config()).predict(past, course, samples=samples, seed=seed)
        return replace(found, rgb=np.broadcast_to(past.rgb[-1], found.rgb.shape))

    def close(self) -> None:
        """Nothing to give back."""


def measured(model: WorldModel, clips: Sequence[Clip], *, is_given: bool = False) -> dict[str, np.ndarray]:
    """PSNR [dB] (clips, horizons) of whole pictures, of the first cloud's holes, and of things; nan where there are none."""
    found = {name: np.full((len(clips), len(HORIZONS)), np.nan) for name in ("all", "holes", "things")}
    for index, clip in enumerate(clips):
        past, course = clip.past(NOW), clip.course(NOW, HORIZONS[-1])
        if is_given:
            course = with_ways(clip, course)
        pictures = model.predict(past, course, seed=index).rgb[0, :, 0]
        cloud = cloud_at(past, -1, 0, past.depth[-1, 0])  # type: ignore[index]
        for column, ahead in enumerate(HORIZONS):
            there = NOW + ahead
            error = ((pictures[ahead - 1].astype(float) - clip.seen.rgb[there, 0]) ** 2).mean(axis=-1)
            holes = ~splatted(cloud, placed(clip.seen.cameras[0], clip.seen.body[there])).mask
            labels = clip.seen.labels[there, 0]  # type: ignore[index]
            found["all"][index, column] = decibel(error)
            if holes.sum() > 50:
                found["holes"][index, column] = decibel(error[holes])
            if ((labels > 0) & (labels < 255)).sum() > 50:
                found["things"][index, column] = decibel(error[(labels > 0) & (labels < 255)])
    return found


def with_ways(clip: Clip, course: Course) -> Course:
    part = slice(NOW + 1, NOW + 1 + len(course.times_s))
    return replace(course, others={thing.name: thing.poses[part] for thing in clip.seen.things})


def decibel(error: np.ndarray) -> float:
    return float(-10 * np.log10(max(error.mean(), 1e-3) / 255**2))


def means(values: np.ndarray) -> list[list[float]]:
    """Mean and 95 % interval by horizon."""
    rng, found = np.random.default_rng(0), []
    for column in values.T:
        column = column[np.isfinite(column)]
        if not len(column):
            found.append([float("nan")] * 3)
            continue
        boot = column[rng.integers(len(column), size=(1000, len(column)))].mean(axis=1)
        found.append([float(column.mean()), *np.quantile(boot, (0.025, 0.975)).tolist()])
    return found


def show(name: str, values: np.ndarray) -> None:
    print(
        f"{name:40}" + "  ".join(f"{mean:5.2f} [{low:5.2f},{high:5.2f}]" for mean, low, high in means(values)),
        flush=True,
    )


def speed(clip: Clip, model: WorldModel) -> None:
    """CPU time of a splat at 208x120, as GeoDrive's, and of a whole imagined frame."""
    past, course = clip.past(NOW), clip.course(NOW, 10)
    camera = replace(clip.seen.cameras[0], width=208, height=120)
    assert past.depth is not None
    rows, columns = np.arange(120) * 96 // 120, np.arange(208) * 160 // 208
    large = replace(
        past,
        cameras=(camera,),
        rgb=past.rgb[:, :, rows][:, :, :, columns],
        depth=past.depth[:, :, rows][:, :, :, columns],
        labels=None,
    )  # type: ignore[index]
    cloud = cloud_at(large, -1, 0, large.depth[-1, 0])  # type: ignore[index]
    views = [placed(camera, body) for body in course.body]
    model.predict(past, course)
    begun = time.process_time()
    for _ in range(5):
        for view in views:
            splatted(cloud, view)
    each = (time.process_time() - begun) / 50
    begun = time.process_time()
    model.predict(past, course)
    whole = (time.process_time() - begun) / 10
    print(
        f"CPU time of a splat at 208x120: {1e3 * each:.1f} ms ({1 / each:.0f} frames/s); of an imagined frame at 160x96: {1e3 * whole:.1f} ms ({1 / whole:.0f} frames/s)"
    )


def sheet(clips: Sequence[Clip], models: Mapping[str, WorldModel], path: Path) -> None:
    """Rows of clips: for each horizon truth, splat with black holes, and refined."""
    from PIL import Image

    rows = []
    for clip in clips[:8]:
        past, course = clip.past(NOW), clip.course(NOW, HORIZONS[-1])
        films = [
            models[name].predict(past, course).rgb[0, :, 0]
            for name in ("splat, holes black", "splat, smooth", "geodrive")
        ]
        for film in (clip.seen.rgb[NOW + 1 : NOW + 1 + HORIZONS[-1], 0], *films):
            rows.append(np.concatenate([film[ahead - 1] for ahead in (1, 2, 3, 5, 10)], axis=1))
    Image.fromarray(np.concatenate(rows)).save(path)


if __name__ == "__main__":
    main()
