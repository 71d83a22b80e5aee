"""Actions refused in a dream as an engine refuses them: who is meant, and whether the numbers mean something."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast as as_type

from bridge.engine import Actions
from bridge.engines.embedded.orders import check_actions
from bridge.engines.embedded.robots import RobotBody
from world_models.adapters.arm import Arm
from world_models.cast import WALKERS, WHEELS, Cast
from world_models.moments import Bodies


def check_orders(actions: Actions, agent: str, agents: Sequence[str], cast: Cast, bodies: Bodies) -> None:
    """Raises UnknownBody or InvalidAction for the first action that cannot be meant."""
    there = set(cast.names)
    actors = {name for name in there if bodies.semantic(name) in (*WHEELS, *WALKERS)} | (there & {*agents, agent})
    robots = (
        {agent: as_type(RobotBody, SimpleNamespace(robot=cast.acting.robot))} if isinstance(cast.acting, Arm) else {}
    )
    check_actions(actions, actors, there, robots)
