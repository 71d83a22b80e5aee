"""Fits the numbers of followers to recorded episodes: `python -m world_models.adapters.fit --data DIR --towns TOWN...`.

Every third recording is held out; what followers are off by on those is printed: after a frame's time from any state on, and
after 8 s. Only what is actually told in a recording can be learned from it: fit cars on drivers that brake and steer.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bridge.engine import TICK_S
from bridge.episode import Edit, Episode, Step
from bridge.errors import InvalidInput
from bridge.formats.scene_folder import read_scene
from bridge.recording import Recording
from bridge.robots.description import Robot, read_robot
from bridge.scene import Scene
from bridge.sensors.present import Present
from bridge.types import WorldState
from world_models.adapters import Follower, numbers
from world_models.adapters.arm import Arm, Lag
from world_models.adapters.car import Car, Chassis
from world_models.moments import pose, task_of
from world_models.views import FRAME_S

Array = NDArray[np.float64]
Begin = Callable[[WorldState, str], Follower]
_LONG_S, _WHOLE_S, _HELD_OUT = 8.0, 3600.0, 3
_KEPT = ("back_m_s", "steer_rad", "grip_m_s2", "top_m_s")
"""What careful drivers never tell: their cars' limits are kept as they are."""


@dataclass(frozen=True, eq=False)
class Drive:
    """One recorded way: who acts, the steps, and the states before and after them, (steps + 1). `size_m` is the car's."""

    agent: str
    body: str
    steps: tuple[Step, ...]
    states: tuple[WorldState, ...]
    scene: Scene | None
    size_m: tuple[float, float, float]


def drives(data: Path, towns: Mapping[str, Scene]) -> list[Drive]:
    """The recorded ways below a folder, in order of the files' names. Raises InvalidInput where there are none."""
    found = []
    for path in sorted(data.rglob("*.mcap")):
        with Recording(path) as recording:
            for episode in recording.episodes():
                agent = next(iter(episode.policies), "")
                if agent and any(isinstance(event, Step) for event in episode.events):
                    found.append(_drive(episode, agent, towns.get(episode.scene_digest)))
    if not found:
        raise InvalidInput(
            f"There is no recording of an agent below {data}. Make some with `simbridge collect --keep-mcap`."
        )
    return found


def _drive(episode: Episode, agent: str, scene: Scene | None) -> Drive:
    steps = [(event, index) for index, event in enumerate(episode.events) if isinstance(event, Step)]
    states = episode.states()
    first = states[steps[0][1]]
    size = (0.0, 0.0, 0.0)
    task = task_of(agent, first)
    if scene is not None and task == "drive":
        present = Present(None, scene)
        for event in episode.events:
            if isinstance(event, Edit):
                present.change(event.changes)
        group = next(group for group in present.scene.placements if agent in group.names)
        x, y, z = (np.array(present.scene.assets[group.asset].size) * group.scale[group.names.index(agent)]).tolist()
        size = (x, y, z)
    body = f"{agent}/tool" if task == "manipulate" else agent
    return Drive(
        agent, body, tuple(step for step, _ in steps), (first, *(step.state for step, _ in steps)), scene, size
    )


def off_m(drive: Drive, begin: Begin, first: int, seconds: float) -> Array:
    """How far a follower that begins at state `first` is off after each step (k,) [m], as long as it lasts."""
    follower = begin(drive.states[first], drive.agent)
    told = (
        next((s.actions[drive.agent] for s in drive.steps[first - 1 :: -1] if drive.agent in s.actions), None)
        if first
        else None
    )
    if told is not None:
        follower.tell(told)
    off, left = [], round(seconds / TICK_S)
    for step, after in zip(drive.steps[first:], drive.states[first + 1 :], strict=True):
        if step.ticks > left:
            break
        if drive.agent in step.actions:
            follower.tell(step.actions[drive.agent])
        follower.advance(step.ticks)
        left -= step.ticks
        off.append(float(np.linalg.norm(follower.body[:3] - pose(after, drive.body)[:3])))
    return np.array(off)


def errors(ways: Sequence[Drive], begins: Sequence[Begin], seconds: float, *, apart_s: float = 1.0) -> Array:
    """How far followers are off (n,) [m] after a time, from starts that far apart."""
    found = []
    for drive, begin in zip(ways, begins, strict=True):
        due_s = 0.0
        for first, state in enumerate(drive.states[:-1]):
            if state.time_s - drive.states[0].time_s + 1e-9 >= due_s:
                due_s += apart_s
                off = off_m(drive, begin, first, seconds)
                lasted = sum(step.ticks for step in drive.steps[first : first + len(off)]) * TICK_S
                if len(off) and lasted > seconds - 0.11:
                    found.append(off[-1])
    return np.array(found)


def _arm(robot: Robot, lag: Lag) -> Begin:
    return lambda state, agent: Arm(robot, agent, state, lag)


def _car(drive: Drive, chassis: Chassis) -> Begin:
    scene = drive.scene
    if scene is None:
        raise InvalidInput("The town of a recorded drive is not known. Give its folder with --towns.")

    def begin(state: WorldState, agent: str) -> Follower:
        row = state.names.index(agent)
        velocity = np.zeros(6) if state.velocities is None else state.velocities[row]
        return Car(chassis, drive.size_m[0], scene.terrain, state.poses[row], velocity)

    return begin


def fitted(start: Array, off: Callable[[Array], float], *, rounds: int) -> Array:
    """Positive numbers near `start` that make `off` small (Nelder and Mead's simplex on their logarithms)."""
    found = minimize(lambda logs: off(np.exp(logs)), np.log(start), method="Nelder-Mead", options={"maxfev": rounds, "xatol": 1e-3, "fatol": 1e-6})  # fmt: skip
    return np.exp(found.x)


def _parted(ways: Sequence[Drive]) -> tuple[list[Drive], list[Drive]]:
    """Those to learn from, and those held out."""
    held = [way for index, way in enumerate(ways) if index % _HELD_OUT == _HELD_OUT - 1]
    return [way for index, way in enumerate(ways) if index % _HELD_OUT != _HELD_OUT - 1] or list(ways), held or list(
        ways
    )


def _told(what: str, ways: Sequence[Drive], begins: Sequence[Begin], frame_s: float) -> None:
    for seconds in (frame_s, _LONG_S):
        off = errors(ways, begins, seconds)
        if len(off):
            median, most = np.median(off), np.percentile(off, 90)
            print(f"{what}: after {seconds:g} s off by {median:.4f} m (median), {most:.4f} m (9 of 10), n = {len(off)}")


def main(argv: Sequence[str] | None = None) -> int:
    """Fits, prints what is left, and writes the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder with recordings (*.mcap)")
    parser.add_argument("--towns", type=Path, nargs="*", default=[], help="folders of the towns that were driven in")
    parser.add_argument("--out", type=Path, default=numbers.FITTED, help="where the numbers go")
    parser.add_argument("--rounds", type=int, default=300, help="how often a set of numbers is tried")
    asked = parser.parse_args(argv)
    towns = {scene.digest(): scene for scene in map(read_scene, asked.towns)}
    known = json.loads(numbers.FITTED.read_text(encoding="utf-8"))
    ways = drives(asked.data, towns)
    arms, cars = [way for way in ways if way.body != way.agent], [way for way in ways if way.body == way.agent]
    if arms:
        name = arms[0].agent
        known["arms"][name] = asdict(_fit_arm(name, arms, asked.rounds))
    if cars:
        known["car"] = asdict(_fit_car(cars, asked.rounds))
    asked.out.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    print(asked.out)
    return 0


def _fit_arm(name: str, ways: Sequence[Drive], rounds: int) -> Lag:
    robot, (learned, held) = read_robot(name), _parted(ways)
    start = numbers.lag(name)

    def lag(values: Array) -> Lag:
        rows = values.tolist()
        return Lag((rows[0], rows[1], rows[2], rows[3]), (rows[4], rows[5], rows[6], rows[7]), start.grip)

    def off(values: Array) -> float:
        return float(np.mean([off_m(way, _arm(robot, lag(values)), 0, _WHOLE_S).mean() for way in learned]))

    found = lag(fitted(np.array([*start.pulse_rad_s, *start.damping]), off, rounds=rounds))
    _told(name, held, [_arm(robot, found)] * len(held), FRAME_S["manipulate"])
    return found


def _fit_car(ways: Sequence[Drive], rounds: int) -> Chassis:
    learned, held = _parted(ways)
    start = numbers.chassis()
    free = [item.name for item in fields(Chassis) if item.name not in _KEPT]

    def chassis(values: Array) -> Chassis:
        return Chassis(**{**asdict(start), **dict(zip(free, values.tolist(), strict=True))})

    def off(values: Array) -> float:
        return float(np.mean([off_m(way, _car(way, chassis(values)), 0, _LONG_S).mean() for way in learned]))

    found = chassis(fitted(np.array([getattr(start, name) for name in free]), off, rounds=rounds))
    _told("car", held, [_car(way, found) for way in held], FRAME_S["drive"])
    return found


if __name__ == "__main__":
    sys.exit(main())
