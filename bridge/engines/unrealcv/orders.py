"""What agents are told, in the words of each dialect; and what is known of what they ride and hold.

UnrealZoo's characters take `set_move` (two numbers, our gateway's take four), SimWorld's `StepForward` and `TurnAround`, cars
`SetState`. What blueprints answer to skills is all that is known of them: "Success".
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S, Action, Actions, Drive, Skill, Velocity
from bridge.engines.embedded.roster import Thing
from bridge.frames import unreal_rotator_from_world_quat
from bridge.types import AgentState
from bridge.unrealcv.answers import members, refusal
from bridge.unrealcv.border import said
from bridge.unrealcv.dialect import Dialect
from bridge.unrealcv.extension import act_line

_FORWARD, _BACKWARD = 0, 1
_HOLD = Action()


@dataclass
class Agent:
    """One who acts: Unreal's name for it, its order, what it rides and holds as far as was told and answered."""

    name: str
    there: str
    order: Action = _HOLD
    written: str = ""
    riding: str = ""
    holding: list[str] = field(default_factory=list)
    doing: str = ""
    failure: str = ""

    def state(self) -> AgentState:
        """What it is up to."""
        return AgentState(self.name, self.riding, tuple(self.holding), doing=self.doing, failure=self.failure)


@dataclass(frozen=True)
class Told:
    """A line for the server, and the skill of whom it is, if it is one."""

    line: str
    skill: tuple[Agent, Skill] | None = None


class Orders:
    """The standing orders of all agents of one world."""

    def __init__(
        self, dialect: Dialect, things: Mapping[str, Thing], there: Mapping[str, str], *, is_exact: bool = False
    ) -> None:
        self._dialect: Dialect = dialect
        self._things, self._there, self._is_exact = things, there, is_exact
        self.agents: dict[str, Agent] = {}

    def enrol(self, names: Iterable[str]) -> None:
        """Takes agents in that are not known yet, and lets those go who are not named."""
        self.agents = {name: self.agents.get(name) or Agent(name, self._there[name]) for name in names}

    def among(self, things: Mapping[str, Thing], there: Mapping[str, str]) -> "Orders":
        """The same orders in a world that has other things in it."""
        other = Orders(self._dialect, things, there, is_exact=self._is_exact)
        other.agents = self.agents
        return other

    def take(self, actions: Actions) -> list[Told]:
        """New orders; skills are told at once, and where the gateway takes orders as they are, all."""
        told = []
        for name, action in actions.items():
            agent = self.agents.get(name)
            if agent is None:
                agent = self.agents[name] = Agent(name, self._there[name])
            if self._is_exact:
                told.append(Told(self._act(agent, action)))
            elif isinstance(action.motion, Skill):
                if agent.order.motion != action.motion:
                    agent.failure, agent.doing = "", action.motion.verb if action.motion.verb == "wait" else ""
                    told += self._skill(agent, action.motion)
            else:
                agent.doing = "" if agent.doing == "wait" else agent.doing
                agent.failure = "" if action.motion is not None else agent.failure
            agent.order = action
        return told

    def lines(self, ticks: int, poses: Mapping[str, NDArray[np.float64]]) -> list[Told]:
        """What the standing orders are for the next ticks: all that the server would not go on doing by itself.

        `poses` (7,) are where everybody is, by name.
        """
        if self._is_exact:
            return []
        return [Told(line) for agent in self.agents.values() for line in self._motion(agent, ticks, poses)]

    def _act(self, agent: Agent, action: Action) -> str:
        """An order for the gateway: to the last bit, which centimetres and degrees would cost it."""
        if isinstance(skill := action.motion, Skill):
            action = replace(action, motion=replace(skill, target=self._there.get(skill.target, skill.target)))
        return act_line(agent.there, action)

    def heard(self, told: Told, answer: bytes) -> None:
        """What came of a skill."""
        if told.skill is None:
            return
        agent, skill = told.skill
        why = refusal(answer)
        success = members(told.line, answer).get("Success", "true") if not why else "false"
        if why or success.casefold() == "false":
            target = f" '{skill.target}'" if skill.target else ""
            agent.failure = f"Unreal could not do '{skill.verb}'{target}: {why or 'it did not say why'}."
            return
        if skill.verb == "ride":
            agent.riding = skill.target or "?"
        elif skill.verb == "dismount":
            agent.riding = ""
        elif skill.verb == "pick_up" and skill.target:
            agent.holding.append(skill.target)
        elif skill.verb == "put_down" and agent.holding:
            agent.holding.remove(skill.target if skill.target in agent.holding else agent.holding[-1])
        elif skill.verb in ("sit", "stand"):
            agent.doing = "sit" if skill.verb == "sit" else ""

    def _motion(self, agent: Agent, ticks: int, poses: Mapping[str, NDArray[np.float64]]) -> list[str]:
        motion, body = agent.order.motion, agent.there
        if isinstance(motion, Skill) and self._dialect == "simworld":
            agent.written = ""  # nothing lasts there: who does something else has stopped
            return []
        if isinstance(motion, Drive):
            vehicle = self._there.get(agent.riding, body)
            return self._once(agent, f"vbp {vehicle} SetState {said([motion.throttle, motion.brake, -motion.steer])}")
        velocity = motion if isinstance(motion, Velocity) else Velocity()
        if self._dialect == "simworld":
            return self._steps(agent, velocity, ticks, poses.get(agent.name))
        if self._dialect == "simbridge" and motion is None:
            return self._once(agent, f"vbp {body} StopAgent")
        turn = -math.degrees(velocity.yaw_rate_rad_s)
        forward, right = 100 * velocity.forward_m_s, -100 * velocity.left_m_s
        numbers = [forward, right, 0.0, turn] if self._dialect == "simbridge" else [turn, forward]
        if self._dialect != "simbridge" and velocity.left_m_s:
            agent.failure = "UnrealZoo's characters go forward and turn; they do not step aside."
        return self._once(agent, f"vbp {body} set_move {said(numbers)}")

    def _steps(self, agent: Agent, velocity: Velocity, ticks: int, pose: NDArray[np.float64] | None) -> list[str]:
        """SimWorld's words last as long as they say: they are told anew with each step.

        One at a time: who turns while walking is turned at the beginning of each step, and loses some of its pace.
        """
        body = agent.there
        if self._is_vehicle(agent):
            # a vehicle that is told a velocity: the pedal that goes with its direction, gently
            throttle = max(-1.0, min(1.0, velocity.forward_m_s / 5.0))
            brake = 1.0 if velocity.forward_m_s == 0 else 0.0
            steer = max(-1.0, min(1.0, -velocity.yaw_rate_rad_s))
            vehicle = self._there.get(agent.riding, body)
            return self._once(agent, f"vbp {vehicle} SetState {said([throttle, brake, steer])}")
        if velocity == Velocity():
            return self._once(agent, f"vbp {body} StopAgent")
        agent.written = ""
        lasts = ticks * TICK_S
        angle = -math.degrees(velocity.yaw_rate_rad_s) * lasts
        lines = []
        if velocity.forward_m_s:
            if angle and pose is not None:
                pitch, yaw, roll = unreal_rotator_from_world_quat(pose[3:]).tolist()
                lines.append(f"vset /object/{body}/rotation {said([pitch, yaw + angle, roll])}")
            direction = _FORWARD if velocity.forward_m_s > 0 else _BACKWARD
            lines.append(f"vbp {body} SetMaxSpeed {said(abs(100 * velocity.forward_m_s))}")
            lines.append(f"vbp {body} StepForward {said(lasts)} {direction}")
        elif angle:
            lines.append(f"vbp {body} TurnAround {said(lasts)} {said(angle)} {1 if angle > 0 else -1}")
        if velocity.left_m_s:
            agent.failure = "SimWorld's humanoids go forward, back and turn; they do not step aside."
        return lines

    def _is_vehicle(self, agent: Agent) -> bool:
        return bool(agent.riding) or self._things[agent.name].role in ("wheels", "boat")

    def _once(self, agent: Agent, line: str) -> list[str]:
        """A line that holds until another comes, if it is another."""
        if line == agent.written or (not agent.written and agent.order is _HOLD):
            return []
        agent.written = line
        return [line]

    def _skill(self, agent: Agent, skill: Skill) -> list[Told]:
        """The blueprint's function for a skill."""
        words = self._words(agent, skill)
        if words is None:
            agent.failure = f"Unreal's blueprints have no word for '{skill.verb}'."
            return []
        if not words:
            return []
        rides = agent.riding in self._there and self._dialect == "simworld"
        if rides and skill.verb == "dismount":
            vehicle = self._there[agent.riding]
            who = vehicle if words == "GetOffScooter" else agent.there  # the only actor of the two while it is ridden
            return [Told(f"vbp {vehicle} SetState 0.0 1.0 0.0"), Told(f"vbp {who} {words}", (agent, skill))]
        return [Told(f"vbp {agent.there} {words}", (agent, skill))]

    def _words(self, agent: Agent, skill: Skill) -> str | None:
        target = self._there.get(skill.target, skill.target)
        mount = self._things.get(skill.target if skill.verb == "ride" else agent.riding)
        is_car = mount is not None and mount.asset.semantic in ("vehicle", "boat")
        words = {
            "wait": "",
            "pick_up": f"PickUp {target}".strip(),
            "put_down": "DropOff",
            "sit": "SitDown",
            "stand": "StandUp",
            "ride": f"EnterVehicle {target}" if is_car else "GetOnScooter",
            "dismount": f"ExitVehicle {self._there.get(agent.riding, '')}".strip() if is_car else "GetOffScooter",
        }
        if skill.verb in ("open", "close") and self._dialect in ("unrealzoo", "simbridge"):
            return f"set_open_door {int(skill.verb == 'open')}"
        return words.get(skill.verb)
