"""Plays a recording back: the states, hashes and frames that were recorded, tick by tick; it computes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path

from bridge import codec
from bridge.engine import Actions, Change, Engine, EngineInfo, Loaded
from bridge.episode import Edit, Episode, Event, Step
from bridge.errors import EngineFailed, InvalidInput, NotRecorded, NotSupported, Refused, UnknownCamera
from bridge.plugins import unknown_name
from bridge.recording.reader import Recording
from bridge.scene import Scene
from bridge.sensors.readings import Reading
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState


@dataclass(frozen=True)
class Config:
    """What is played back: a recording, and which of its episodes, whatever the seed of a reset.

    None is the first episode that has the seed of the reset.
    """

    recording: str | Path = ""
    episode: int | None = None


def make(config: Config) -> Engine:
    """The engine, without a world until `load`."""
    if not str(config.recording):
        raise InvalidInput(
            "There is nothing to play back. Name a recording: `simbridge serve TOWN --engine replay --recording FILE`, or "
            "open_engine('replay', recording=FILE)."
        )
    recording = Recording(config.recording)
    try:
        return Replay(recording, config.episode)
    except BaseException:
        recording.close()
        raise


class Replay:
    """A recorded world that cannot be changed: it takes the actions that were recorded, or none. Also a context manager."""

    def __init__(self, recording: Recording, episode: int | None = None):
        self._recording, self._wanted = recording, episode
        self._episodes = recording.episodes()
        if not self._episodes:
            raise NotRecorded(f"{recording.path} holds no event yet. Record a reset at least.")
        if episode is not None and not 0 <= episode < len(self._episodes):
            raise NotRecorded(f"{recording.path} has no episode {episode}; it has 0 to {len(self._episodes) - 1}.")
        recorded = self._episodes[0].engine
        self._kinds = {
            (camera, kind)
            for number in range(recording.event_count)
            for camera, kinds in recording.frame_kinds(number).items()
            for kind in kinds
        }
        seen = {kind for _, kind in self._kinds}
        self.info = EngineInfo(
            "replay",
            f"of {recorded.name} {recorded.version}",
            recorded.tick_s,
            tuple(c for c in recorded.capabilities if c in seen or c == "contacts"),
        )
        self._episode: Episode | None = None
        self._events: tuple[Event, ...] = ()
        self._at = 0
        self._is_loaded, self._is_open = False, True

    def scene(self) -> Scene:
        """The scene that was recorded. Raises NotRecorded where the recording holds none."""
        return self._recording.scene()

    def load(self, scene: Scene) -> Loaded:
        """Takes the scene that was recorded. Raises Refused for any other."""
        self._opened()
        digest = scene.digest()
        settings = [one for one in self._recording.settings() if one.scene_digest in ("", digest)]
        if not settings:
            there = ", ".join(sorted({one.scene_digest[:12] for one in self._recording.settings()}))
            raise Refused(
                f"The town is {digest[:12]}; {self._recording.path} was recorded in {there}. Load that one: it is in the "
                "recording, see Recording.scene()."
            )
        loaded = settings[0].loaded
        known = {**loaded.cameras, **self._recording.cameras}
        self._cameras = {name: known[name] for name in known if any(name == camera for camera, _ in self._kinds)}
        self._is_loaded, self._digest, self._episode = True, settings[0].scene_digest, None
        return Loaded(loaded.agents, self._cameras)

    def reset(self, *, seed: int) -> WorldState:
        """The first state of the episode chosen, or with that seed. Raises NotRecorded, with the seeds there are."""
        if not self._is_loaded:
            raise EngineFailed("This engine has no world yet. Call load(scene), then reset(seed=...).")
        self._opened()
        if isinstance(seed, bool) or not isinstance(seed, Integral):
            raise InvalidInput(f"seed is {seed!r}; expected a whole number.")
        here = [one for one in self._episodes if one.scene_digest == self._digest]
        if self._wanted is not None:
            here = [one for one in here if one is self._episodes[self._wanted]]
        else:
            here = [one for one in here if one.seed == seed]
        if not here:
            seeds = ", ".join(sorted({str(one.seed) for one in self._episodes}))
            raise NotRecorded(f"No episode was recorded in this scene with seed {seed}. Recorded seeds: {seeds}.")
        self._episode, self._events, self._at = here[0], tuple(here[0]), 0
        return self._events[0].state

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """The state that many ticks later. Raises NotRecorded for other actions than were recorded, or beyond the end."""
        now = self._now()
        if ticks < 1:
            raise InvalidInput(f"ticks is {ticks}; expected 1 or more.")
        wanted = now.state.tick + ticks
        for index in range(self._at + 1, len(self._events)):
            event = self._events[index]
            if event.state.tick > wanted:
                break
            if event.state.tick == wanted and isinstance(event, Step):
                self._check_actions(actions, self._events[self._at + 1 : index + 1])
                self._at = index
                return event.state
        there = sorted({event.state.tick for event in self._events if event.state.tick > now.state.tick})
        after = f"the next ticks are {', '.join(map(str, there[:4]))}" if there else "the recording ends here"
        raise NotRecorded(f"Tick {wanted} was not recorded: this is tick {now.state.tick}, and {after}.")

    def _check_actions(self, actions: Actions, passed: Sequence[Event]) -> None:
        told = {agent: action for event in passed if isinstance(event, Step) for agent, action in event.actions.items()}
        for agent, action in actions.items():
            same = agent in told and codec.message_of_action(told[agent]) == codec.message_of_action(action)
            if not same:
                raise NotRecorded(
                    f"'{agent}' was told something else at this moment. A recording cannot be told anything new: give the "
                    "recorded actions or none, or run it again with `simbridge replay`."
                )

    def edit(self, changes: Sequence[Change]) -> WorldState:
        """The state after the changes, which must be those that were recorded here; no change changes nothing."""
        now = self._now()
        following = self._events[self._at + 1] if self._at + 1 < len(self._events) else None
        made = [codec.message_of_change(change) for change in changes]
        if isinstance(following, Edit) and made == [codec.message_of_change(change) for change in following.changes]:
            self._at += 1
            return following.state
        if not made:
            return now.state
        raise NotSupported("A recording cannot be changed. Run it again on an engine with `simbridge replay`.")

    def observe(
        self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = MODALITIES
    ) -> tuple[Frame, ...]:
        """The frames that were recorded at this moment. Raises UnknownCamera, NotRecorded."""
        self._now()
        assert self._episode is not None
        codec.numbers_of_modalities(modalities)
        number = self._episode.first + self._at
        return tuple(self._recording.frame(number, self._named(camera), modalities) for camera in cameras)

    def readings(self) -> dict[str, dict[str, Reading]]:
        """What sensors read at this moment, by agent and sensor, as it was recorded."""
        self._now()
        assert self._episode is not None
        return self._recording.readings(self._episode.first + self._at)

    def _named(self, camera: str | Camera) -> str:
        recorded = {name for name, _ in self._kinds}
        name = camera if isinstance(camera, str) else camera.name
        if name not in recorded:
            raise UnknownCamera(f"Nothing was recorded through it: {unknown_name('camera', name, recorded)}")
        if isinstance(camera, Camera):
            known = self._cameras.get(name)
            if known is None or codec.message_of_camera(known) != codec.message_of_camera(camera):
                raise UnknownCamera(f"The recorded camera '{name}' is another than this one. Ask for it by its name.")
        return name

    def state_hash(self) -> int:
        """The hash that was recorded. Raises NotRecorded where the engine had none."""
        found = self._now().state_hash
        if found is None:
            raise NotRecorded("The engine that was recorded had no state hashes.")
        return found

    def close(self) -> None:
        """Lets the file go."""
        self._recording.close()
        self._is_open = False

    def __enter__(self) -> "Replay":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> None:
        if not self._is_open:
            raise EngineFailed("This engine was closed. Open another with bridge.open('replay', recording=...).")

    def _now(self) -> Event:
        self._opened()
        if self._episode is None:
            raise EngineFailed("The world was loaded but not reset. Call reset(seed=...) before the first step.")
        return self._events[self._at]
