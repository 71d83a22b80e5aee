"""Words that our gateway adds to UnrealCV's, for what these cannot say: the whole state in one answer, and exact edits.

`vget /simbridge/state VERSION` answers with a Report of proto/bridge/v1/link.proto: the state, without its names if the
asker has those of that version, and the hash. `vset /simbridge/edit TEXT` makes a batch of changes, all or none; TEXT is
an EditWorld message in base64 (the alphabet for addresses). `vset /simbridge/act NAME TEXT` gives an order, an Action
message: a velocity in centimetres and degrees is not quite the same, skills of blueprints have no target, and where bodies
meet the last bit decides who gives way. A refusal is "error Kind: message", Kind an error of ours.
"""

import base64
import zlib
from collections.abc import Sequence
from typing import Any

from google.protobuf.message import DecodeError

from bridge import codec
from bridge.engine import Action, Change
from bridge.errors import DamagedData, InvalidInput, OverQuota
from bridge.link import error_named
from bridge.types import WorldState
from bridge.unrealcv.answers import refusal, text
from bridge.v1 import link_pb2 as pb
from bridge.v1 import world_pb2 as world_pb

MOST_BYTES = 1_000_000
"""How long a request of ours may be: the gateway ends connections that send more than 1 MiB at once."""


class Exact:
    """The state of a gateway's world as it tells it; names are kept from one answer to the next."""

    def __init__(self) -> None:
        self._names: dict[int, tuple[str, ...]] = {}
        self._version = 0

    @property
    def line(self) -> str:
        """What asks for the state."""
        return f"vget /simbridge/state {self._version}"

    def read(self, answer: bytes) -> tuple[WorldState, int]:
        """The state and its hash. Raises EngineFailed for a refusal, DamagedData for another message."""
        if refusal(answer):
            text(self.line, answer)
        try:
            report = pb.Report.FromString(answer)
        except DecodeError as error:
            raise DamagedData(f"The gateway answered '{self.line}' with what is no Report ({error}).") from error
        version = report.state.names_version
        if report.state.names:
            self._names, self._version = {version: tuple(report.state.names)}, version
        return codec.state_of_message(report.state, known=self._names), report.state_hash


def edit_line(changes: Sequence[Change]) -> str:
    """What makes a batch of changes. Raises OverQuota for one that the gateway would not take."""
    made = pb.EditWorld(changes=[codec.message_of_change(change) for change in changes])
    line = f"vset /simbridge/edit {_text(made)}"
    if len(line) > MOST_BYTES:
        raise OverQuota(
            f"A batch of {len(changes)} changes takes {len(line):,} bytes, and the gateway {MOST_BYTES:,} of one request. Send it "
            "in smaller ones."
        )
    return line


def act_line(name: str, action: Action) -> str:
    """What gives an agent an order, by Unreal's name for it."""
    return f"vset /simbridge/act {name} {_text(codec.message_of_action(action))}"


def check_made(answer: bytes) -> None:
    """Raises the error of ours that a refused edit names."""
    if why := refusal(answer):
        kind, _, message = why.partition(": ")
        raise error_named(kind, message or why, "engine")


def changes_of(said: str) -> list[Change]:
    """The changes of an edit's text, at the gateway's end. Raises InvalidInput."""
    made = _read(pb.EditWorld, said)
    return codec.changes_of_messages(made.changes, "changes")


def action_of(said: str) -> Action:
    """The order in the text of an act, at the gateway's end. Raises InvalidInput."""
    return codec.action_of_message(_read(world_pb.Action, said), "action")


def state_answer(state: WorldState, state_hash: int, known: int) -> bytes:
    """The answer to a line that asks for the state, at the gateway's end; `known` is the version of the asker's names."""
    version = zlib.crc32("\n".join(state.names).encode()) | 1
    message = codec.message_of_state(state, epoch=state.epoch, names_version=version, known_names=known)
    return pb.Report(state=message, state_hash=state_hash).SerializeToString()


def _text(message: Any) -> str:
    return base64.urlsafe_b64encode(message.SerializeToString()).decode()


def _read(kind: Any, said: str) -> Any:
    try:
        return kind.FromString(base64.b64decode(said, altchars=b"-_", validate=True))
    except (ValueError, DecodeError) as error:
        raise InvalidInput(f"The text is no {kind.DESCRIPTOR.name} message in base64 ({error}).") from error
