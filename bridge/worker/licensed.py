"""Steps that a client asks of the engine itself, by leave of the server: what is covered, what was answered.

Everything that is not exactly like the step that the leave came with is the server's to judge, and is not covered.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bridge.codec import PACKINGS, Way, fields
from bridge.errors import OverQuota, SimbridgeError
from bridge.link import LAPSED, MAX_BYTES, MESSAGE, MORE, framed, framed_error, known_kind
from bridge.session import REMEMBERED
from bridge.types import Camera, Modality
from bridge.v1 import engine_service_pb2, link_pb2

LONGEST = 1 << 20
"""After an answer of more bytes the server goes on: frames have no room in shared memory, and answers are remembered."""
STEP = engine_service_pb2.StepRequest
Sight = tuple[list[str | Camera], tuple[Modality, ...], Way]
"""What a look asks for, worked out once for all steps of a leave."""


class Licensed:
    """One leave: of one session, until the server's next order."""

    def __init__(self, licence: link_pb2.Licence, epoch: int, names: tuple[str, ...]):
        self.epoch, self.names, self.names_version = epoch, names, licence.names_version
        self.look = _look(licence, licence.step, licence.step.cameras)
        asked = engine_service_pb2.ObserveRequest.FromString(licence.look)
        self.look_after = _look(licence, asked, asked.names, asked.cameras)
        self.sight: Sight | None = None
        self.sight_after: Sight | None = None
        self.look_in_parts = asked.in_parts
        self._look_asked = licence.look
        self.last_sequence = licence.step.sequence
        self._session, self._agents, self._max_ticks = licence.step.session, set(licence.agents), licence.max_ticks
        self._way = _way_of_looking(licence.step)
        self._answers: OrderedDict[int, engine_service_pb2.StepResponse | SimbridgeError] = OrderedDict()
        self._is_over = False

    def allows_look(self, payload: bytes) -> bool:
        """Whether that ObserveRequest is the one that the server has answered before, and nothing is over."""
        return not self._is_over and payload == self._look_asked != b""

    def recall(self, request: STEP) -> bytes | None:
        """The framed answer to a request that is not the next step: remembered, or that it is not covered."""
        if request.session == self._session and request.sequence in self._answers:
            return framed_answer(self._answers[request.sequence])
        return None if self._covers(request) else framed(LAPSED, b"")

    def _covers(self, request: STEP) -> bool:
        return (
            not self._is_over
            and request.session == self._session
            and request.sequence == self.last_sequence + 1
            and 1 <= request.ticks <= self._max_ticks
            and (not request.cameras or _way_of_looking(request) == self._way)
            and self._agents.issuperset(request.actions)
        )

    def remember(
        self,
        sequence: int,
        answer: engine_service_pb2.StepResponse | SimbridgeError,
        names: tuple[str, ...],
        *,
        size: int,
    ) -> None:
        """Keeps the answer of a step that was made, of `size` bytes; `names` are those of the world after it."""
        self.last_sequence = sequence
        self._answers[sequence] = answer
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        self._is_over = size > LONGEST or (names is not self.names and names != self.names)

    def returned(self) -> link_pb2.Returned:
        """What the server has to know when the leave is over."""
        made = link_pb2.Returned(last_sequence=self.last_sequence)
        for sequence, answer in self._answers.items():
            if isinstance(answer, SimbridgeError):
                failure = link_pb2.Failure(kind=known_kind(answer), message=str(answer)[: fields.MAX_TEXT])
                made.answers.add(sequence=sequence, failure=failure)
            else:
                made.answers.add(sequence=sequence, response=answer)
        return made


def _look(licence: link_pb2.Licence, asked: Any, names: Sequence[str], described: Sequence[Any] = ()) -> link_pb2.Look:
    """What a request asks to be seen, in the words of an order."""
    made = link_pb2.Look(
        names=names,
        cameras=described,
        modalities=asked.modalities,
        packing=asked.packing,
        jpeg_quality=asked.jpeg_quality,
    )
    if asked.packing == PACKINGS["shared"] and licence.HasField("ring"):
        made.ring.CopyFrom(licence.ring)
    return made


def _way_of_looking(step: STEP) -> tuple[Any, ...]:
    return tuple(step.cameras), tuple(step.modalities), step.packing, step.jpeg_quality


def framed_answer(answer: engine_service_pb2.StepResponse | SimbridgeError) -> bytes:
    """An answer as it travels to a client, in one message."""
    if isinstance(answer, SimbridgeError):
        return framed_error(answer)
    made = answer.SerializeToString()
    return framed_error(_too_large(len(made))) if len(made) > MAX_BYTES else framed(MESSAGE, made)


def framed_parts(
    answer: engine_service_pb2.StepResponse,
    parts: Iterable[tuple[engine_service_pb2.FramePart, bool]],
    add_rest: Callable[[engine_service_pb2.StepResponse], None],
    *,
    in_parts: bool,
) -> Iterator[bytes]:
    """An answer as it travels to a client, a message for each part of its frames, or one for all; `answer` becomes the whole.

    What is no frame is added to the last message: the client has a part to unpack meanwhile. `parts` say whether they are
    the last. Raises what making them raises, and OverQuota for too many.
    """
    size, unsent = 0, answer
    for part, is_last in parts:
        unsent.frames.append(part)
        if in_parts and not is_last:
            made = unsent.SerializeToString()
            size += len(made)
            if size > MAX_BYTES:
                raise _too_large(size)
            yield framed(MORE, made)
            if unsent is not answer:
                answer.MergeFrom(unsent)
            unsent = engine_service_pb2.StepResponse()
    add_rest(unsent)
    if unsent is not answer:
        answer.MergeFrom(unsent)
    made = unsent.SerializeToString()
    if size + len(made) > MAX_BYTES:
        raise _too_large(size + len(made))
    yield framed(MESSAGE, made)


def _too_large(size: int) -> OverQuota:
    asked = "Ask for fewer or smaller frames at a time."
    return OverQuota(f"The answer has {size:,} bytes; at most {MAX_BYTES:,} travel. {asked}")
