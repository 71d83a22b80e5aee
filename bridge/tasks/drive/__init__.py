"""Drive a route among traffic: scored by how much of it is done, infractions and comfort, as the CARLA leaderboard does."""

from bridge.tasks.drive.config import Comfort, Config
from bridge.tasks.drive.task import DriveState, DriveTask

__all__ = ["Comfort", "Config", "DriveState", "DriveTask", "make"]


def make(config: Config) -> DriveTask:
    """The task."""
    return DriveTask(config)
