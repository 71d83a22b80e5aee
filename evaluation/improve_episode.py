"""One episode on the way to a better policy, on the engine or in a dream of it: who acts from which start, what it did, and how it went."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bridge.control import Town
from bridge.digest import digest
from bridge.engine import Action, EndEffector
from bridge.errors import EngineFailed, InvalidInput
from bridge.frames import quat_from_yaw, quat_product
from bridge.observation import Observation
from bridge.tasks.default_town import scene_for
from bridge.tasks.task import Outcome
from bridge.types import Pose, WorldState
from evaluation.lasting import STANDS, lasting
from evaluation.rollout import rollout
from evaluation.trial import made
from policies.imitation.arm_deeds import ArmDeeds, read_deeds, yaws
from policies.policy import Policy

RUN = "evaluation.improve_episode:run"
_DOWN = np.array([0.0, 1.0, 0.0, 0.0])


@dataclass(frozen=True)
class Roll:
    """Everything that decides how an episode goes; `weights_digest` and `model_weights` say which files those names held.

    `world` is the "engine", or a "dream" in which `model` imagines what follows the engine's first moment; both last `frames` of
    `frame_s`, the engine's until the errand is done. A dream's model is asked after every `chunk` frames. With `again`, decisions that were kept, nobody decides anything: they are done
    again. `deeds` gets what was decided; neither it nor `label` is part of what the episode is.
    """

    world: Literal["engine", "dream"]
    policy: str
    policy_config: Any
    seed: int
    label: str = ""
    weights_digest: str = ""
    task_config: Any = None
    engine: str = "embedded"
    engine_config: Any = None
    model: str = ""
    model_config: Any = None
    model_weights: str = ""
    frames: int = 20
    frame_s: float = 0.3
    chunk: int = 1
    again: str = ""
    again_digest: str = ""
    deeds: str = ""

    @property
    def key(self) -> str:
        """The same for two episodes that are the same, wherever they are kept."""
        told = {item.name: getattr(self, item.name) for item in fields(self)}
        for name in ("label", "deeds", "again"):
            del told[name]
        told["policy_config"] = _without(self.policy_config, "weights")
        if self.model:
            told["model_config"] = _without(self.model_config, "weights")
        return digest(json.loads(json.dumps(told, sort_keys=True, default=_plain)))[:24]

    @property
    def lasts_s(self) -> float:
        """How long it is at most."""
        return self.frames * self.frame_s


def run(roll: Roll) -> dict[str, Any]:
    """Runs the episode and keeps what was decided; what the store keeps of it.

    `success` and `done_s` are what the state says, whether and when; `head` what the model says of each frame of a dream (at `times_s`),
    `trust` its mean trust in itself. Raises what loading and setting up raise, InvalidInput for a policy that cannot act there, and
    EngineFailed where the engine gave up.
    """
    scene, town, engine = _opened(_place(roll))
    inner = made("bridge.tasks", "manipulate", "task", replace(roll.task_config, limit_s=roll.lasts_s))
    is_dream = roll.world == "dream"
    task = lasting(inner, roll.lasts_s) if is_dream or roll.again else inner
    (agent,) = task.agents(scene)
    stands: list[tuple[float, bool]] = []

    def note(state: WorldState, outcomes: Mapping[str, Outcome]) -> None:
        stands.append((state.time_s, bool(outcomes[agent].info.get(STANDS, outcomes[agent].terminated))))

    mind = _Again(read_deeds(Path(roll.again))) if roll.again else _mind(roll)
    watched = _Watched(mind)
    begun_s = time.perf_counter()
    try:
        result = rollout(
            task, scene, engine, {agent: watched}, seed=roll.seed, on_step=note, town=town, names={agent: roll.label}
        )
    except BaseException:
        _opened.cache_clear()
        engine.close()
        raise
    if result.ended == "engine":
        _opened.cache_clear()
        engine.close()
        raise EngineFailed(f"At {result.simulated_s:.1f} s of the episode: {result.failure}")
    row = result.rows[agent]
    if row.get("mind_errors"):
        why = next((e.details["why"] for e in result.events if e.kind == "mind errors"), "")
        raise InvalidInput(f"Policy '{roll.policy}' cannot act in task 'manipulate': {why}")
    if roll.deeds:
        watched.deeds().save(Path(roll.deeds))
    film = [shot for shot in engine.film if not shot.is_seen] if is_dream else []
    trusts = [shot.trust for shot in film if shot.trust is not None]
    done_s = next((at for at, is_done in stands if is_done), None)
    return {
        "success": done_s is not None,
        "done_s": done_s,
        "left_m": round(float(row.get("left_m", 0.0)), 4),
        "times_s": [round(shot.time_s, 3) for shot in film],
        "head": [round(shot.success, 4) for shot in film if shot.success is not None],
        "trust": round(sum(trusts) / len(trusts), 4) if trusts else None,
        "decisions": len(watched.deeds()),
        "simulated_s": result.simulated_s,
        "wall_s": round(time.perf_counter() - begun_s, 3),
    }


def called(record: Mapping[str, Any], *, at_least: float, judge: str) -> float | None:
    """When [s] a dream was called a success, and None for one that was not.

    By the "head": the first of two frames in a row for which the model's probability is `at_least` so much; by the "state": when the
    imagined state was; by "both": the later of both. A model without a head is judged by the state.
    """
    by_head = _by_head(record, at_least) if record["head"] else record["done_s"]
    if judge == "state":
        return record["done_s"]
    if judge == "head":
        return by_head
    return None if by_head is None or record["done_s"] is None else max(by_head, record["done_s"])


def _by_head(record: Mapping[str, Any], at_least: float) -> float | None:
    sure = [chance >= at_least for chance in record["head"]]
    for row in range(len(sure) - 1):
        if sure[row] and sure[row + 1]:
            return float(record["times_s"][row])
    return None


class _Watched:
    """A Policy that keeps what its inner policy was told and decided."""

    def __init__(self, inner: Policy) -> None:
        self._inner, self._rows = inner, []

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._rows = []
        self._inner.reset(seed=seed, agent=agent, instruction=instruction)

    def act(self, observation: Observation) -> Action:
        """The inner policy's action, kept."""
        action = self._inner.act(observation)
        if isinstance(action.motion, EndEffector) and "objects" in observation.told:
            told, pose = observation.told, action.motion.base_from_tool
            self._rows.append(
                (observation.time_s, told["tool"], told["gripper"][0], told["objects"], pose.position,
                 yaws(pose.quat_wxyz[None])[0], float(action.gripper or 0.0))
            )  # fmt: skip
        return action

    def deeds(self) -> ArmDeeds:
        """What was decided in the episode."""
        if not self._rows:
            empty = np.zeros(0)
            return ArmDeeds(empty, np.zeros((0, 7)), empty, np.zeros((0, 14)), np.zeros((0, 3)), empty, empty)
        return ArmDeeds(*(np.array(column, dtype=np.float64) for column in zip(*self._rows, strict=True)))

    def close(self) -> None:
        """Closes the inner policy."""
        self._inner.close()


class _Again:
    """A Policy that does what was decided once, each decision at its time, whatever it sees."""

    def __init__(self, deeds: ArmDeeds) -> None:
        self._deeds = deeds

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """Nothing to forget."""

    def act(self, observation: Observation) -> Action:
        """The last decision that is due."""
        deeds = self._deeds
        row = max(int(np.searchsorted(deeds.time_s, observation.time_s + 1e-6, side="right")) - 1, 0)
        turn = quat_product(quat_from_yaw(float(deeds.yaw_rad[row])), _DOWN)
        return Action(EndEffector(Pose(deeds.target[row].copy(), turn)), gripper=float(deeds.closed[row]))

    def close(self) -> None:
        """Nothing to give back."""


def _mind(roll: Roll) -> Policy:
    return made("policies", roll.policy, "policy", roll.policy_config)


def _place(roll: Roll) -> Roll:
    """What episodes that happen at one place share."""
    who = {"policy": "", "policy_config": None, "weights_digest": "", "label": "", "seed": 0}
    return replace(roll, **who, again="", again_digest="", deeds="")


@lru_cache(maxsize=2)
def _opened(roll: Roll) -> tuple[Any, Any, Any]:
    """The table, what is known of it, and an engine or a dream that has loaded it; whoever acts, from any seed."""
    task = made("bridge.tasks", "manipulate", "task", roll.task_config)
    scene = scene_for(task)
    engine = made("bridge.engines", roll.engine, "engine", roll.engine_config)
    try:
        if roll.world == "dream":
            from world_models.dream import DreamEngine, Settings

            model = made("world_models", roll.model, "world model", roll.model_config)
            engine = DreamEngine(engine, model, task.agents(scene)[0], settings=Settings(chunk=roll.chunk))
        engine.load(scene)
        return scene, Town(scene), engine
    except BaseException:
        engine.close()
        raise


def _without(config: Any, name: str) -> Any:
    """A config but for where files lie: what they hold is known by digests."""
    return {key: value for key, value in vars(config).items() if key != name} if config is not None else None


def _plain(value: Any) -> Any:
    """Configs as JSON has them."""
    return vars(value) if hasattr(value, "__dict__") else str(value)
