"""A new town handed on to a server that runs: whatever engine is behind it, the town is its world from then on."""

from pathlib import Path
from typing import TYPE_CHECKING

from bridge.errors import SimbridgeError, UsageError
from bridge.scene import Scene

if TYPE_CHECKING:
    from bridge.client import RemoteEngine

KNOCK_S = 10.0


class Server:
    """Where the town goes, and what is shown there. Raises UsageError for the means of a server that was not named."""

    def __init__(self, address: str, *, tls_ca: Path | None = None, token_file: Path | None = None) -> None:
        if not address and (tls_ca or token_file):
            raise UsageError(
                "--tls-ca and --token-file are for the server that --to names. Give --to, or leave them out."
            )
        self.address, self._tls_ca, self._token_file = address, tls_ca, token_file

    def check(self) -> None:
        """Raises EngineUnavailable, NotAllowed or Refused while nothing is lost by it: before there is a town."""
        if self.address:
            with self._connected(timeout_s=KNOCK_S):
                pass

    def take(self, scene: Scene, *, seed: int) -> str:
        """Loads the town there and begins its first episode; which engine has it now.

        Raises what the server says: Refused where somebody else drives its world, OverQuota for a town beyond its room.
        """
        try:
            with self._connected() as engine:
                engine.load(scene)
                engine.reset(seed=seed)
                return f"{engine.info.name} {engine.info.version}"
        except SimbridgeError as error:
            raise type(error)(f"The town was made and written, and {self.address} did not take it: {error}") from error

    def _connected(self, timeout_s: float = 60.0) -> "RemoteEngine":
        from bridge.client import connect
        from bridge.credentials import Tls, read_token

        return connect(
            self.address,
            client_name="scenegen",
            timeout_s=timeout_s,
            tls=Tls(self._tls_ca) if self._tls_ca else None,
            token=read_token(self._token_file) if self._token_file else "",
        )
