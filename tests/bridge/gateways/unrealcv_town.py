"""The town made by hand behind UnrealCV's commands: what tests of the gateway's commands ask and tell."""

from bridge.gateways.unrealcv.commands import Commands
from bridge.gateways.unrealcv.stage import Stage


class Client:
    """Asks a stage as a client would, without the wire between."""

    def __init__(self, stage: Stage, commands: Commands) -> None:
        self.stage, self.commands = stage, commands

    def __call__(self, line: str) -> str:
        return self.commands.answer(self.stage, line).decode()

    def bytes(self, line: str) -> bytes:
        return self.commands.answer(self.stage, line)

    def numbers(self, line: str) -> list[float]:
        return [float(word) for word in self(line).split()]
