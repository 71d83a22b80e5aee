"""Actions refused in a dream as an engine refuses them: who is meant, and whether the numbers mean something."""

from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import cast

from bridge.engine import Actions
from bridge.engines.embedded.orders import check_actions
from bridge.engines.embedded.robots import RobotBody
from bridge.robots.description import Robot


def check_orders(
    actions: Actions, actors: Collection[str], bodies: Collection[str], robots: Mapping[str, Robot]
) -> None:
    """Raises UnknownBody or InvalidAction for the first action that cannot be meant; `robots` are those with joints."""
    jointed = {name: cast(RobotBody, SimpleNamespace(robot=robot)) for name, robot in robots.items()}
    check_actions(actions, actors, bodies, jointed)
