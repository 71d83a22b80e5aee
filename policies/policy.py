"""What a policy is: it is given what one agent perceives, and says what that agent does."""

from typing import Protocol

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
