"""What it means to do well: one task a file, over any engine; `bridge.tasks.envs` makes them environments."""

from bridge.tasks.task import Affairs, Briefings, LivingTask, Outcome, PeopledTask, PlacedTask, SteeredTask, Task

__all__ = ["Affairs", "Briefings", "LivingTask", "Outcome", "PeopledTask", "PlacedTask", "SteeredTask", "Task"]
