"""Work at a table with an arm: reach, push, pick and place, stack, open a drawer; success is read from the state alone."""

from bridge.tasks.manipulate.config import Config
from bridge.tasks.manipulate.task import ManipulateState, ManipulateTask

__all__ = ["Config", "ManipulateState", "ManipulateTask", "make"]


def make(config: Config) -> ManipulateTask:
    """The task."""
    return ManipulateTask(config)
