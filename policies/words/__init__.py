"""Free text turned into skills: "take the parcel to 14 Quay Street, then rest"."""

from policies.words.instructed import Instructed
from policies.words.planner import plan
from policies.words.steps import Planner, Steps

__all__ = ["Instructed", "Planner", "Steps", "plan"]
