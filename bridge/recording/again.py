"""Runs a recording again on a real engine: seeds, actions and edits, each state held against the recorded one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge.engine import Engine, EngineInfo
from bridge.episode import Edit, Event, Reset, Step
from bridge.errors import NotRecorded, NotSupported, Refused, SimbridgeError
from bridge.recording.reader import Recording
from bridge.recording.take import platform_here, simbridge_version
from bridge.scene import Scene
from bridge.types import WorldState


@dataclass(frozen=True)
class Divergence:
    """Where a second run left the first: the first tick that differs, and what differs there."""

    episode: int
    tick: int
    what: str


@dataclass(frozen=True)
class Verdict:
    """What came of it. `skipped` says of episodes that cannot be run again why; `divergence` is None if all is the same."""

    episodes: int
    ticks: int
    hashes: int
    skipped: tuple[str, ...] = ()
    divergence: Divergence | None = None

    @property
    def is_same(self) -> bool:
        """Whether everything was run again, and all of it is the same."""
        return self.divergence is None and not self.skipped


def run_again(
    recording: Recording, engine: Engine, *, scene: Scene | None = None, is_any_version_taken: bool = False
) -> Verdict:
    """Runs all episodes again, until one differs. `scene` is needed where the recording holds none.

    Raises Refused for an engine that is not the recorded one, NotRecorded where there is no episode that has a seed.
    """
    episodes = recording.episodes()
    if not any(episode.seed is not None for episode in episodes):
        raise NotRecorded(f"{recording.path} holds no episode from its reset on: it can be shown, but not run again.")
    skipped: list[str] = []
    done = ticks = hashes = 0
    loaded = None
    for number, episode in enumerate(episodes):
        if episode.seed is None:
            skipped.append(f"episode {number} begins at tick {episode.begin.state.tick}, without its reset")
            continue
        if not is_any_version_taken:
            _check_engine(episode.engine, engine.info)
        if loaded != episode.scene_digest:
            engine.load(_scene(recording, episode.scene_digest, scene))
            loaded = episode.scene_digest
        done += 1
        before = 0
        for event in episode:
            what = _difference(engine, event, before)
            if what:
                return Verdict(done, ticks, hashes, tuple(skipped), Divergence(number, event.state.tick, what))
            ticks += max(event.state.tick - before, 0)
            before = event.state.tick
            hashes += event.state_hash is not None
        if not episode.is_whole:
            skipped.append(f"what followed tick {before} of episode {number} is lost")
    return Verdict(done, ticks, hashes, tuple(skipped))


def options_of(recording: Recording, engine: str) -> dict[str, Any]:
    """What the recorded engine was opened with, for another of that name; nothing for engines of other names."""
    told = [setting for setting in recording.settings() if setting.engine.name == engine]
    return (
        {key: tuple(value) if isinstance(value, list) else value for key, value in told[0].options.items()}
        if told
        else {}
    )


def elsewhere(recording: Recording) -> str:
    """How this place differs from where it was recorded, in words; empty if it does not, or if that is not known."""
    told = next(iter(recording.settings()), None)
    if told is None:
        return ""
    pairs = (("simbridge", told.simbridge_version, simbridge_version()), ("platform", told.platform, platform_here()))
    return "; ".join(f"{what} {was}, here {here}" for what, was, here in pairs if was and was != here)


def _check_engine(recorded: EngineInfo, here: EngineInfo) -> None:
    pairs = [("name", recorded.name, here.name), ("version", recorded.version, here.version),
             ("tick_s", recorded.tick_s, here.tick_s)]  # fmt: skip
    other = "; ".join(f"{what} {was} is {now} here" for what, was, now in pairs if was != now)
    if other:
        raise Refused(
            f"The recording was made by another engine: {other}. Install that one, or compare nevertheless with "
            "--any-version."
        )


def _scene(recording: Recording, digest: str, given: Scene | None) -> Scene:
    if given is None:
        return recording.scene(digest)
    if digest and given.digest() != digest:
        raise Refused(f"The town given is {given.digest()[:12]}; {digest[:12]} was recorded. Give that one, or none.")
    return given


def _difference(engine: Engine, event: Event, before: int) -> str:
    """How the engine's answer to an event differs from the recorded one; empty if it does not."""
    if isinstance(event, Step) and event.state.tick - before != event.ticks:
        return (
            f"the recording goes from tick {before} to {event.state.tick} in a step of {event.ticks}: somebody who was "
            "not recorded moved this world, too"
        )
    try:
        state = _done(engine, event)
        found = None if event.state_hash is None else engine.state_hash()
    except NotSupported:
        raise
    except SimbridgeError as error:
        return f"the engine refused what it was told then: {error}"
    if found != event.state_hash or event.state_hash is None:
        return difference(event.state, state) or _hidden(event.state_hash, found)
    return ""


def _done(engine: Engine, event: Event) -> WorldState:
    match event:
        case Reset():
            return engine.reset(seed=event.seed or 0)
        case Step():
            return engine.step(event.actions, event.ticks)
        case Edit():
            return engine.edit(event.changes)


def _hidden(recorded: int | None, found: int | None) -> str:
    if recorded is None:
        return ""
    return (
        f"poses, velocities, contacts and agents are the same, but the hash is {found:016x} and was {recorded:016x}: "
        "something that states do not show"
    )


def difference(recorded: WorldState, found: WorldState) -> str:
    """The first thing in which two states differ, in words; empty if they are the same to the last bit."""
    return next(_differences(recorded, found), "")


def _differences(recorded: WorldState, found: WorldState) -> Iterator[str]:
    if recorded.tick != found.tick:
        yield f"it is tick {found.tick}, not {recorded.tick}"
    if recorded.names != found.names:
        gone = [name for name in recorded.names if name not in found.names]
        new = [name for name in found.names if name not in recorded.names]
        yield f"bodies differ: {', '.join(gone[:3]) or 'none'} missing, {', '.join(new[:3]) or 'none'} more than recorded"
        return
    rows = np.flatnonzero(~(recorded.poses == found.poses).all(axis=1))
    if len(rows):
        moved = np.linalg.norm(recorded.poses[:, :3] - found.poses[:, :3], axis=1)
        first, most = rows[0], int(np.argmax(moved))
        turned = 2 * np.degrees(np.arccos(np.clip(abs(recorded.poses[first, 3:] @ found.poses[first, 3:]), 0, 1)))
        yield (
            f"'{recorded.names[first]}' is {moved[first]:.3g} m and {turned:.3g} degrees from where it was; "
            f"{len(rows)} of {len(moved)} bodies differ, '{recorded.names[most]}' most, by {moved[most]:.3g} m"
        )
    if recorded.velocities is not None and found.velocities is not None:
        rows = np.flatnonzero(~(recorded.velocities == found.velocities).all(axis=1))
        if len(rows):
            by = np.abs(recorded.velocities[rows[0]] - found.velocities[rows[0]]).max()
            yield f"the velocity of '{recorded.names[rows[0]]}' differs by {by:.3g}"
    if recorded.contacts is not None and found.contacts is not None and recorded.contacts.names != found.contacts.names:
        yield f"{len(found.contacts.names)} pairs touch, not {len(recorded.contacts.names)}"
    for was, now in zip(recorded.agents, found.agents):
        for what in ("riding", "holding", "doing", "failure"):
            if getattr(was, what) != getattr(now, what):
                yield f"agent '{was.name}' has {what} {getattr(now, what)!r}, not {getattr(was, what)!r}"
