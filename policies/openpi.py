"""A robot policy on an openpi server (π0, π0.5, π0-FAST), over its websocket."""

from dataclasses import dataclass

from policies.remote import robot
from policies.remote.robot import RemoteRobot

_DROID = (
    "observation/exterior_image_1_left=camera:front",
    "observation/wrist_image_left=camera:wrist",
    "observation/joint_position=joints",
    "observation/gripper_position=gripper",
    "prompt=instruction",
)


@dataclass(frozen=True)
class Config(robot.Config):
    """Flags of the policy `openpi`; what is sent and what comes back are as in openpi's DROID configuration."""

    sends: tuple[str, ...] = _DROID
    acts: robot.Meaning = "joint_velocities"
    step_s: float = 1 / 15


def make(config: Config) -> RemoteRobot:
    """A policy for one robot. Raises NotSupported for addresses of another kind."""
    return RemoteRobot(config)
