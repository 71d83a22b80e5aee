"""One dream of one episode: what decides how it goes, how it is dreamt in a process of its own, and what is kept of it."""

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.digest import digest
from bridge.engine import TICK_S
from bridge.episode import Episode, Step
from bridge.errors import DamagedFile, InvalidInput
from bridge.imagination import Course, Past, Prediction, WorldModel
from bridge.plugins import load
from evaluation.compare_worlds.study import Role, plain
from world_models.clips import Clip, read_shard

RUN = "evaluation.compare_worlds.dreams:run"
FORMAT = 1


@dataclass(frozen=True)
class Source:
    """Where the engine's episode is: clip `index` of a `shard`, by its `digest`.

    For those who go back to the engine: its `recording`, "" if there is none, how long after the reset the clip begins, and the
    town's folder ("" for the task's own place, by the task's config).
    """

    name: str
    shard: str
    index: int
    digest: str
    recording: str = ""
    from_s: float = 0.0
    town: str = ""
    task: str = ""
    task_config: Any = None


@dataclass(frozen=True)
class Mind:
    """Who dreams: `label` in results, the plug-in and its config; `weights` as the model itself names them.

    One that `stays` is told that the body keeps still, whatever it does: what is left is what the model knows without actions.
    """

    label: str
    role: Role
    plugin: str
    config: Any = None
    weights: str = ""
    what: str = ""
    stays: bool = False


@dataclass(frozen=True)
class Dream:
    """What is dreamt: from moment `now` of an episode on, `length` moments or as many as there are, from the truth anew every
    `keyframe_every` of them if that is not 0. Who `is_told_others` knows the ways of all things beforehand.
    """

    source: Source
    mind: Mind
    now: int
    length: int
    keyframe_every: int = 0
    is_told_others: bool = False
    wanted: tuple[str, ...] = ()
    folder: str = ""
    is_judged: bool = False

    @property
    def key(self) -> str:
        """The same for two dreams that are the same, wherever they lie."""
        mind, source = self.mind, self.source
        config = asdict(mind.config) if is_dataclass(mind.config) and not isinstance(mind.config, type) else None
        told = {
            "format": FORMAT, "clip": source.digest, "plugin": mind.plugin, "config": _told(config),
            "weights": mind.weights, "stays": mind.stays, "now": self.now, "length": self.length,
            "keyframe_every": self.keyframe_every, "is_told_others": self.is_told_others, "wanted": list(self.wanted),
            "is_judged": self.is_judged,
        }  # fmt: skip
        return digest(told)[:24]

    @property
    def name(self) -> str:
        """Its file name, without suffix."""
        return f"{self.source.name}-{self.mind.label.replace(' ', '-').replace('=', '-')}-{self.key[:8]}"


def run(dream: Dream) -> dict[str, Any]:
    """Dreams, measures, and writes what was dreamt; what the store keeps of it. The model stays loaded for the next dream."""
    from evaluation.judges import judge
    from evaluation.measures import measured
    from evaluation.measures.case import case_of

    clip = clip_of(dream.source)
    if len(clip) < dream.now + 2:
        raise InvalidInput(
            f"Episode {dream.source.name} has {len(clip)} moments, too few to see {dream.now + 1} and imagine one. "
            "See fewer with --seen."
        )
    mind = dream.mind
    model = model_of(mind.plugin, mind.config)
    begun_s = time.perf_counter()
    prediction = imagined(
        model, clip, dream.now, dream.length, keyframe_every=dream.keyframe_every, stays=mind.stays,
        is_told_others=dream.is_told_others, from_s=dream.source.from_s, seed=clip.seed,
    )  # fmt: skip
    took_s = time.perf_counter() - begun_s
    prediction = sized(prediction, *clip.seen.rgb.shape[2:4])
    path = Path(dream.folder) / f"{dream.name}.npz"
    keep(path, prediction)
    many = len(prediction.times_s)
    case = case_of(clip, prediction, dream.now)
    found = measured(case, wanted=dream.wanted)
    part = slice(dream.now + 1, dream.now + 1 + many)
    return {
        "measures": {name: plain(values) for name, values in found.items()},
        "success": plain(clip.success[part].astype(np.float64)),
        "foretold": None if prediction.success is None else plain(prediction.success.mean(axis=0)),
        "trust": None if prediction.trust is None else plain(np.asarray(prediction.trust, dtype=np.float64)),
        "horizons_s": plain(prediction.times_s - clip.seen.times_s[dream.now]),
        "frames": many,
        "wall_s": round(took_s, 4),
        "file": path.name,
    } | ({"judged": judge(case)} if dream.is_judged else {})


def imagined(
    model: WorldModel, clip: Clip, now: int, length: int, *, keyframe_every: int = 0, stays: bool = False,
    is_told_others: bool = False, from_s: float = 0.0, seed: int = 0,
) -> Prediction:  # fmt: skip
    """What a model imagines after moment `now` of a clip, under the true course; anew from the truth every so many moments.

    `from_s` is how long after its episode's reset the clip begins.
    """
    length = min(length, len(clip) - now - 1)
    each = keyframe_every or length
    pieces = []
    for start in range(now, now + length, each):
        many = min(each, now + length - start)
        past, course = _past(clip, start, from_s), _course(clip, start, many, from_s)
        if stays:
            still = np.repeat(past.body[-1:], many, axis=0)
            grip = None if past.gripper is None else np.repeat(past.gripper[-1:], many)
            course = replace(course, body=still, gripper=grip, actions=())
        if is_told_others:
            others = {one.name: one.poses[start + 1 : start + 1 + many] for one in clip.seen.things}
            course = replace(course, others=others)
        pieces.append(model.predict(past, course, samples=1, seed=seed))
    return joined(pieces)


def sized(prediction: Prediction, height: int, width: int) -> Prediction:
    """A prediction in the size of the episode it is held against: pictures averaged down (or up), depth by the nearest pixel."""
    rgb, depth = prediction.rgb, prediction.depth
    before = rgb.shape[3:5]
    if before == (height, width):
        return prediction
    from PIL import Image

    flat = rgb.reshape(-1, *before, 3)
    small = [np.asarray(Image.fromarray(one).resize((width, height), Image.Resampling.BOX)) for one in flat]
    if depth is not None:
        rows = (np.arange(height) + 0.5) * before[0] // height
        columns = (np.arange(width) + 0.5) * before[1] // width
        depth = depth[..., rows.astype(np.int64)[:, None], columns.astype(np.int64)]
    return replace(prediction, rgb=np.stack(small).reshape(*rgb.shape[:3], height, width, 3), depth=depth)


def joined(pieces: list[Prediction]) -> Prediction:
    """Predictions one after the other as one; what one of them lacks, the whole lacks."""
    if len(pieces) == 1:
        return pieces[0]

    def along(name: str, axis: int) -> Any:
        parts = [getattr(piece, name) for piece in pieces]
        return None if any(part is None for part in parts) else np.concatenate(parts, axis=axis)

    names = set.intersection(*(set(piece.poses) for piece in pieces))
    poses = {name: np.concatenate([piece.poses[name] for piece in pieces], axis=1) for name in sorted(names)}
    return Prediction(
        along("times_s", 0), along("rgb", 1), poses, along("depth", 1), along("success", 1), along("trust", 0)
    )


def _past(clip: Clip, now: int, from_s: float) -> Past:
    """What was seen up to `now`, with the episode up to then where it is known."""
    past = clip.past(now)
    if past.episode is None:
        return past
    tick = _tick(past.episode, from_s + float(past.times_s[-1]))
    events = tuple(event for event in past.episode.events if event.state.tick <= tick)
    return replace(past, episode=replace(past.episode, events=events))


def _course(clip: Clip, now: int, length: int, from_s: float) -> Course:
    """What the body went on to do, with what everybody was told to that end where the episode is known."""
    course, episode = clip.course(now, length), clip.seen.episode
    if episode is None:
        return course
    after = _tick(episode, from_s + float(clip.seen.times_s[now]))
    until = _tick(episode, from_s + float(course.times_s[-1]))
    told = tuple(
        (event.actions, event.ticks)
        for event in episode.events
        if isinstance(event, Step) and after < event.state.tick <= until
    )
    return replace(course, actions=told)


def _tick(episode: Episode, time_s: float) -> int:
    """The tick at a time since the episode's reset."""
    return episode.begin.state.tick + round(time_s / TICK_S)


@lru_cache(maxsize=4)
def clip_of(source: Source) -> Clip:
    """The engine's episode; with its scene and what was told to the engine where there is a recording of it.

    Raises DamagedFile where the shard is another than it was.
    """
    path = Path(source.shard)
    clips = _shard(path, path.stat().st_mtime_ns)
    if source.index >= len(clips) or clip_digest(clips[source.index]) != source.digest:
        raise DamagedFile(f"{path} changed while it was compared. Start again with the data as they are now.")
    clip = clips[source.index]
    if not source.recording:
        return clip
    from bridge.recording import Recording

    with Recording(source.recording) as opened:
        (episode,) = opened.episodes()
    scene = _scene(source.town, source.task, source.task_config)
    return replace(clip, seen=replace(clip.seen, scene=scene, episode=episode))


def clip_digest(clip: Clip) -> str:
    """The same for clips that show the same."""
    hasher = hashlib.sha256()
    for array in (clip.seen.times_s, clip.seen.rgb, clip.seen.body, clip.success):
        hasher.update(np.ascontiguousarray(array).tobytes())
    return hasher.hexdigest()


@lru_cache(maxsize=1)
def _shard(path: Path, changed_ns: int) -> list[Clip]:
    return read_shard(path)


@lru_cache(maxsize=1)
def _scene(town: str, task: str, task_config: Any) -> Any:
    from bridge.tasks.default_town import scene_for
    from evaluation.trial import made

    return scene_for(made("bridge.tasks", task, "task", task_config), town or None)


@lru_cache(maxsize=16)
def model_of(plugin: str, config: Any) -> WorldModel:
    """A world model, loaded once a process. Raises UnknownName, Unavailable and what its weights raise."""
    module = load("world_models", plugin, what="world model")
    return module.make(module.Config() if config is None else config)


def keep(path: Path, prediction: Prediction) -> None:
    """Writes what a dream looks like, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    with draft.open("wb") as file:
        np.savez_compressed(file, rgb=prediction.rgb[0], times_s=prediction.times_s)
    os.replace(draft, path)


def kept(path: Path) -> NDArray[np.uint8]:
    """The frames (n,v,H,W,3) of a dream. Raises DamagedFile."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return file["rgb"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise DamagedFile(f"{path} is no dream, or a damaged one ({error}). Remove it and compare again.") from error


def _told(config: Mapping[str, Any] | None) -> dict[str, Any]:
    """A config as a JSON document; paths are where weights lie, not what they are, which the model's digest says."""
    return {name: (str(value) if isinstance(value, Path) else value) for name, value in (config or {}).items()}
