"""The numbers of table-top work: which skill, how the arm is told to move, and what counts as done."""

from dataclasses import dataclass
from typing import Literal, get_args

from bridge.errors import InvalidInput

SkillName = Literal["reach", "push", "pick-place", "stack", "drawer"]
Control = Literal["tool", "joints"]


@dataclass(frozen=True)
class Config:
    """`skill` is what is to be done; a learner's numbers lead the "tool" (pointing down) or the "joints".

    With `is_privileged` the places of things are told in numbers; without, cameras have to do. Done is: the tool within
    `reach_m` of a point; a cube's middle within `push_m` of a mark, lying; a cube let go in the bowl; a cube let go on another, within
    `stack_m` of its middle; a drawer open by `open_m`. What was moved has to be at rest, below `rest_m_s`. `success` is given
    once; with `is_dense` every metre nearer is rewarded, too.
    """

    skill: SkillName = "pick-place"
    control: Control = "tool"
    is_privileged: bool = True
    is_dense: bool = False
    limit_s: float = 30.0
    success: float = 1.0
    reach_m: float = 0.02
    push_m: float = 0.03
    stack_m: float = 0.025
    open_m: float = 0.12
    rest_m_s: float = 0.03

    def __post_init__(self) -> None:
        for what, known in (("skill", SkillName), ("control", Control)):
            if getattr(self, what) not in get_args(known):
                raise InvalidInput(
                    f"Manipulate has no {what} '{getattr(self, what)}'. Choose one of {', '.join(get_args(known))}."
                )
        if min(self.limit_s, self.reach_m, self.push_m, self.stack_m, self.open_m, self.rest_m_s) <= 0:
            raise InvalidInput("Manipulate's limit_s, reach_m, push_m, stack_m, open_m and rest_m_s must be above 0.")
