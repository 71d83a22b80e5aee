"""What a policy is: it is given what one agent perceives, and says what that agent does."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from bridge.engine import Action
from bridge.observation import Observation


class Policy(Protocol):
    """The mind of one agent; several agents of one kind are several policies.

    It is asked when the agent is due: after every step if it moves by velocities, or when the skill under way is done or
    has failed (`observation.failure` says why). It never sees a WorldState.
    """

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode. The same seed, agent and observations give the same actions."""
        ...

    def act(self, observation: Observation) -> Action:
        """What the agent does from now on. A `Skill` is one of engine.VERBS, of control's ("go_to", "follow", "board")
        or of `observation.verbs`."""
        ...

    def close(self) -> None:
        """Gives connections and models back."""
        ...


@runtime_checkable
class Reporting(Protocol):
    """A policy that counts what it does: calls to a server, tokens, money, answers that it could not use."""

    def report(self) -> Mapping[str, Any]:
        """The counts since the last reset, as a JSON document; the seconds in it may differ from run to run."""
        ...


def report_of(policy: object) -> Mapping[str, Any]:
    """What a policy counted; nothing for one that counts nothing."""
    return policy.report() if isinstance(policy, Reporting) else {}
