"""What agents know how to do: taking hold and letting go."""

import numpy as np

from bridge.conformance.bench import Bench, must, nothing, pose_of
from bridge.conformance.bench import rule as _rule
from bridge.conformance.ground import CRATE, WALKER
from bridge.engine import Action, Skill, Velocity
from bridge.errors import SimbridgeError
from bridge.types import AgentState, WorldState

_PATIENCE_S = 5.0


def _agent(state: WorldState) -> AgentState:
    return next(agent for agent in state.agents if agent.name == WALKER)


def _done(bench: Bench, verb: str, target: str = "") -> WorldState:
    """The state when a skill has ended."""
    state = bench.engine.step({WALKER: Action(Skill(verb, target))})
    for _ in range(bench.ticks(_PATIENCE_S)):
        if not _agent(state).doing:
            return state
        state = nothing(bench.engine, 1)
    must(False, f"'{verb}' was not over after {_PATIENCE_S:g} s")
    return state


@_rule("skills", "control")
def what_is_picked_up_is_held_and_carried(bench: Bench) -> None:
    """A thing within reach that was picked up is held, goes where its holder goes, and stays where it is put down."""
    state = _done(bench, "pick_up", CRATE)
    agent = _agent(state)
    must(not agent.failure, f"picking up a crate in reach failed: {agent.failure}")
    must(agent.holding == (CRATE,), f"it holds {agent.holding}; expected ('{CRATE}',)")
    moved = bench.engine.step({WALKER: Action(Velocity(-1.0))}, bench.ticks(2.0))
    apart = np.linalg.norm(pose_of(moved, CRATE)[:2] - pose_of(moved, WALKER)[:2])
    must(apart < 1.5, f"after 2 s of walking what is held is {apart:.2f} m away")
    bench.engine.step({WALKER: Action()}, bench.ticks(0.5))
    state = _done(bench, "put_down")
    agent = _agent(state)
    must(agent.holding == (), f"put down, it still holds {agent.holding}: {agent.failure or 'no failure was told'}")
    settled = pose_of(nothing(bench.engine, bench.ticks(1.0)), CRATE)
    must(settled[2] < 1.5, f"what was put down hovers at {settled[2]:.2f} m; the ground is at 1 m")


@_rule("skills", "control")
def what_is_not_there_cannot_be_picked_up(bench: Bench) -> None:
    """A skill whose target does not exist is refused or fails, and says which."""
    told = {WALKER: Action(Skill("pick_up", "no-such-thing"))}
    try:
        bench.engine.step(told)
    except SimbridgeError as error:
        must("no-such-thing" in str(error), f"the error does not name it: {error}")
        return
    must(
        "no-such-thing" in _agent(nothing(bench.engine, bench.ticks(1.0))).failure, "it neither failed nor was refused"
    )


@_rule("skills", "control")
def what_is_out_of_reach_stays_there(bench: Bench) -> None:
    """A thing 5 m away cannot be picked up from here: the skill fails and says why."""
    bench.engine.step({WALKER: Action(Velocity(-1.5))}, bench.ticks(4.0))
    bench.engine.step({WALKER: Action()}, bench.ticks(0.5))
    agent = _agent(_done(bench, "pick_up", CRATE))
    must(agent.failure, "it did not fail")
    must(agent.holding == (), f"it holds {agent.holding}")


@_rule("skills", "control")
def nobody_knows_every_verb(bench: Bench) -> None:
    """A verb that engines do not know is refused."""
    told = {WALKER: Action(Skill("juggle", CRATE))}
    bench.refused("the verb 'juggle'", lambda: bench.engine.step(told))
