"""A ladder of noise between a policy and its agent: velocities disturbed, skills delayed or replaced by others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bridge.engine import Action, Drive, EndEffector, Joints, Skill, Velocity
from bridge.errors import UsageError
from bridge.observation import Observation
from bridge.plugins import unknown_name
from bridge.types import Pose
from policies.policy import Policy, report_of
from policies.random import possible
from policies.seeds import stream
from policies.verbs import waiting


@dataclass(frozen=True)
class Level:
    """How much goes wrong. `motion` is the spread of velocities, pedals and joints as a share of their size (and a tenth
    of it absolutely, in m/s, rad/s, rad); a skill is late by `delay_s` with probability `delays`, and another one than
    decided with probability `replaces`.
    """

    motion: float = 0.0
    delays: float = 0.0
    delay_s: float = 0.0
    replaces: float = 0.0


LEVELS: dict[str, Level] = {
    "none": Level(),
    "slight": Level(motion=0.05, delays=0.05, delay_s=5.0, replaces=0.02),
    "mild": Level(motion=0.15, delays=0.15, delay_s=10.0, replaces=0.06),
    "heavy": Level(motion=0.4, delays=0.3, delay_s=20.0, replaces=0.15),
    "strong": Level(motion=1.0, delays=0.5, delay_s=40.0, replaces=0.35),
}
"""The rungs; what a lower one changes, a higher one with the same seed changes too."""


class Noise:
    """A Policy that does what `inner` says, more or less. The same seed and agent bring the same noise.

    A skill that goes on is not disturbed again. Raises UsageError for a level that is none.
    """

    def __init__(self, inner: Policy, level: Level | str) -> None:
        if isinstance(level, str):
            if level not in LEVELS:
                raise UsageError(unknown_name("level of noise", level, LEVELS))
            level = LEVELS[level]
        self._inner, self.level = inner, level
        self._random = stream(0, "noise")
        self._begun: tuple[Skill, Action] | None = None

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._random, self._begun = stream(seed, agent, "noise"), None
        self._inner.reset(seed=seed, agent=agent, instruction=instruction)

    def act(self, observation: Observation) -> Action:
        """The inner policy's action, disturbed."""
        action = self._inner.act(observation)
        if isinstance(action.motion, Skill):
            return self._skill(action, action.motion, observation)
        self._begun = None
        return replace(action, motion=self._motion(action.motion))

    def report(self) -> Mapping[str, Any]:
        """What the inner policy counted."""
        return report_of(self._inner)

    def close(self) -> None:
        """Closes the inner policy."""
        self._inner.close()

    def _skill(self, action: Action, meant: Skill, observation: Observation) -> Action:
        if self._begun is not None and self._begun[0] == meant and observation.doing:
            return self._begun[1]
        lot, pick = self._random.random(2), self._random.random(2)
        others = possible(observation, np.random.default_rng(int(self._random.integers(1 << 31))))
        level, done = self.level, action
        if lot[0] < level.replaces:
            others = {verb: [one for one in rows if one.motion != meant] for verb, rows in others.items()}
            verbs = sorted(verb for verb, rows in others.items() if rows)
            rows = others[verbs[int(pick[0] * len(verbs))]]
            done = rows[int(pick[1] * len(rows))]
        elif lot[1] < level.delays:
            done = waiting(level.delay_s)
        self._begun = meant, done
        return done

    def _motion(self, motion: Velocity | Drive | Joints | EndEffector | Skill | None):
        spread = self.level.motion
        if isinstance(motion, Velocity | Drive):
            drawn = self._random.standard_normal((2, 3))
            names = tuple(vars(motion))
            values = np.array([getattr(motion, name) for name in names])
            values = values * (1.0 + spread * drawn[0]) + 0.1 * spread * drawn[1] * (values != 0.0)
            if isinstance(motion, Drive):
                values = np.clip(values, (-1.0, -1.0, 0.0), 1.0)
            return type(motion)(*(float(value) for value in values))
        if isinstance(motion, Joints):
            return Joints(motion.targets + 0.1 * spread * self._random.standard_normal(motion.targets.shape))
        if isinstance(motion, EndEffector):
            pose = motion.base_from_tool
            return EndEffector(Pose(pose.position + 0.02 * spread * self._random.standard_normal(3), pose.quat_wxyz))
        return motion
