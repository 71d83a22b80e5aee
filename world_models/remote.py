"""The world model of a running server (`simbridge serve TOWN --world-model NAME`), over gRPC."""

from dataclasses import dataclass

from bridge.imagination import WorldModel
from bridge.imagining import RemoteModel


@dataclass(frozen=True)
class Config:
    """Flags of the world model `remote`."""

    address: str = "localhost:50051"
    """Where the server is: host:port or unix:/path."""
    name: str = ""
    """Which of its models; its only one if empty."""
    timeout_s: float = 300.0


def make(config: Config) -> WorldModel:
    """A connection to it. Raises EngineUnavailable where nobody answers, NotSupported where there is no such model."""
    return RemoteModel(config.address, name=config.name, timeout_s=config.timeout_s)
