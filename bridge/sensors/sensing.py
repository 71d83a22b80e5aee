"""What the sensors of all agents of one world read, each reading made when it is first asked for."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol

from bridge.engine import Change
from bridge.errors import Refused, UnknownBody
from bridge.plugins import unknown_name
from bridge.scene import Scene
from bridge.sensors.moment import Moment, Sensor, is_due
from bridge.sensors.present import Present
from bridge.sensors.readings import Reading
from bridge.sensors.suite import SensorSuite
from bridge.types import Camera, Frame, Modality, WorldState


class Eye(Protocol):
    """What looks through cameras: an engine."""

    def observe(self, cameras: Sequence[str | Camera], modalities: Sequence[Modality] = ...) -> tuple[Frame, ...]:
        """One frame a camera, all of the present tick."""
        ...


class Sensing:
    """Follows one world that was loaded with `scene`: tell it of every reset, step and edit, then ask for readings.

    A sensor reads at its rate, at most once a step, and keeps its reading until the next; what looks through a camera reads
    the present picture. After an edit everything reads anew that needs no past. Noise is keyed by seed, agent, sensor and tick.
    """

    def __init__(self, engine: Eye, scene: Scene) -> None:
        self.present = Present(engine, scene)
        self._engine = engine
        self._suites: dict[str, SensorSuite] = {}
        self._shot: _Shot | None = None
        self._kept: dict[tuple[str, str], tuple[Moment, Reading | None]] = {}

    @property
    def suites(self) -> Mapping[str, SensorSuite]:
        """What everybody carries, by agent."""
        return dict(self._suites)

    def carry(self, suites: Mapping[str, SensorSuite]) -> None:
        """What everybody carries from now on, by agent."""
        self._suites = dict(suites)
        if self._shot is not None:
            self._shot.due |= {
                rate: (self._shot.now, None) for rate in _rates(self._suites) if rate not in self._shot.due
            }

    def begin(self, state: WorldState, *, seed: int) -> None:
        """After a reset."""
        self.present.reset()
        self._kept.clear()
        self._seed = seed
        self._expose(Moment(self.present.scene, None, state, seed=seed), {})

    def change(self, changes: Sequence[Change], state: WorldState) -> None:
        """After an edit. Raises Refused before the first reset, here and below."""
        before = self._present()
        self.present.change(changes)
        moment = Moment(
            self.present.scene, None, self.present.whole(state), seed=self._seed, absent=self.present.absent
        )
        self._expose(moment, before.due)

    def move_on(self, state: WorldState) -> None:
        """After a step."""
        shot = self._present()
        last = shot.now
        self._expose(replace(last, before=last.after, earlier=last.before, after=self.present.whole(state)), shot.due)

    def readings(self, agent: str) -> "Readings":
        """What one agent's sensors read, lazily. Raises UnknownBody, Refused."""
        if agent not in self._suites:
            raise UnknownBody(unknown_name("agent with sensors", agent, self._suites))
        return Readings(self, agent, self._suites[agent], self._present())

    def due(self) -> list[tuple[str, str]]:
        """Whose sensors read now by their rates: agent and sensor."""
        now = self._present().now
        return [
            (agent, sensor.name)
            for agent, suite in self._suites.items()
            for sensor in suite.sensors
            if is_due(sensor.rate_hz, now)
        ]

    def fresh(self, agent: str, sensor: str) -> Reading | None:
        """What a sensor reads of the present moment, due or not, and nothing older."""
        shot = self._present()
        described = next(one for one in self._suites[agent].sensors if one.name == sensor)
        return self._read(agent, described, shot.now, shot)

    def read(self, agent: str, sensor: Any, shot: "_Shot") -> Reading | None:
        """One reading as of a moment. Raises Refused for a picture of a moment that is over."""
        camera = getattr(sensor, "camera", None)
        moment, fallback = (shot.now, None) if camera is not None else shot.due[sensor.rate_hz]
        found = self._read(agent, sensor, moment, shot)
        return found if found is not None or fallback is None else self._read(agent, sensor, fallback, shot)

    def _read(self, agent: str, sensor: Any, moment: Moment, shot: "_Shot") -> Reading | None:
        key = agent, sensor.name
        if key in self._kept and self._kept[key][0] is moment:
            return self._kept[key][1]
        own = replace(moment, seed=_seed_of(moment.seed, agent))
        camera = getattr(sensor, "camera", None)
        if camera is not None:
            own = replace(own, frames=[self._frame(camera, shot)])
        reading = sensor.read(own)
        if shot is self._shot:
            self._kept[key] = moment, reading
        return reading

    def _frame(self, camera: Camera, shot: "_Shot") -> Frame:
        """What a camera sees now, with what boxes and flow are made of."""
        key = camera.name, camera.width, camera.height
        if key not in shot.frames:
            if shot is not self._shot:
                raise Refused(
                    f"The world has gone on since tick {shot.now.after.tick}, and nobody looked through '{camera.name}' "
                    "then. Ask for what a camera sees before the next step."
                )
            (shot.frames[key],) = self._engine.observe([camera], ["depth", "segmentation"])
        return shot.frames[key]

    def _expose(self, now: Moment, last: Mapping[float, tuple[Moment, Moment | None]]) -> None:
        due: dict[float, tuple[Moment, Moment | None]] = {}
        for rate in _rates(self._suites):
            was, older = last.get(rate, (None, None))
            if was is not None and not is_due(rate, now):
                due[rate] = was, older
            else:
                due[rate] = now, (was if was is not None and was.before is not None else older)
        if now.before is not None:  # what needs two states has them: nothing falls back any more
            due = {rate: (moment, None if moment is now else older) for rate, (moment, older) in due.items()}
        self._shot = _Shot(now, due)

    def _present(self) -> "_Shot":
        if self._shot is None:
            raise Refused("Nothing was sensed yet. Reset the world first.")
        return self._shot


@dataclass(eq=False)
class _Shot:
    """The world at one moment: `due` are, by rate, the moments at which sensors last read, and what they read before."""

    now: Moment
    due: dict[float, tuple[Moment, Moment | None]]
    frames: dict[tuple[str, int, int], Frame] = field(default_factory=dict)


class Readings(Mapping[str, Reading | None]):
    """Readings of one agent at one moment, by sensor name, made as they are asked for; None before the first."""

    def __init__(self, sensing: Sensing, agent: str, suite: SensorSuite, shot: _Shot) -> None:
        self._sensing, self._agent, self._shot = sensing, agent, shot
        self._sensors: dict[str, Sensor] = {sensor.name: sensor for sensor in suite.sensors}

    def __getitem__(self, name: str) -> Reading | None:
        return self._sensing.read(self._agent, self._sensors[name], self._shot)

    def __contains__(self, name: object) -> bool:
        return name in self._sensors

    def __iter__(self) -> Iterator[str]:
        return iter(self._sensors)

    def __len__(self) -> int:
        return len(self._sensors)


def _rates(suites: Mapping[str, SensorSuite]) -> set[float]:
    return {sensor.rate_hz for suite in suites.values() for sensor in suite.sensors}


@lru_cache(maxsize=4096)
def _seed_of(seed: int, agent: str) -> int:
    """Every agent's sensors have noise of their own."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{agent}".encode()).digest()[:8], "little")
