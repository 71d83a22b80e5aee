"""What it means to do well: one task a file, over any engine; `bridge.tasks.envs` makes them environments."""

from bridge.tasks.task import Briefings, Outcome, Task

__all__ = ["Briefings", "Outcome", "Task"]
