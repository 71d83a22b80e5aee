"""A LeRobot policy, served without pickles by `python -m policies.remote.serve_lerobot`."""

from dataclasses import dataclass

from bridge.errors import NotSupported
from policies.remote import robot
from policies.remote.robot import RemoteRobot


@dataclass(frozen=True)
class Config(robot.Config):
    """Flags of the policy `lerobot`; what is sent has the names of a LeRobot dataset."""

    address: str = "ws://localhost:8001"
    api_key_env: str = "LEROBOT_API_KEY"
    sends: tuple[str, ...] = (
        "observation.images.front=camera:front",
        "observation.state=joints+gripper",
        "task=instruction",
    )
    size_px: int = 0
    step_s: float = 1 / 30


def make(config: Config) -> RemoteRobot:
    """A policy for one robot. Raises NotSupported for LeRobot's own asynchronous server.

    That server (lerobot.async_inference.policy_server, gRPC) sends and takes pickles, and to read a pickle is to run
    whatever its sender wrote. Nothing here reads one.
    """
    if config.address.startswith(("grpc://", "http://", "https://")):
        raise NotSupported(
            f"'{config.address}' would be LeRobot's own policy server, which answers with pickles: whoever reads one runs its "
            "sender's code, so it is not read here. Serve the same checkpoint as plain data, in LeRobot's environment: "
            "`python -m policies.remote.serve_lerobot CHECKPOINT --port 8001`, and give --lerobot.address ws://HOST:8001."
        )
    return RemoteRobot(config)
