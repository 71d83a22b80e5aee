"""What a response of an OpenAI-compatible server means: the answer's text and cost, or why there is none."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import numpy as np

ABOUT_SCHEMA = ("response_format", "json_schema", "json_object", "schema", "grammar")
"""Words by which a server says that it cannot follow a schema."""


class NoAnswer(Exception):
    """A call without an answer: its `kind`, whether another try may help, and when the server wants to be asked again."""

    def __init__(self, kind: str, why: str, *, is_passing: bool = False, retry_after_s: float = 0.0) -> None:
        super().__init__(f"{kind}: {why}")
        self.kind, self.is_passing, self.retry_after_s = kind, is_passing, retry_after_s


@dataclass(frozen=True)
class Reply:
    """What a model said; token counts are None where the server told none."""

    text: str
    prompt_tokens: int | None
    completion_tokens: int | None
    is_cut: bool


def answer(headers: Mapping[str, str], body: bytes) -> Reply:
    """The answer in a response of status 200, whole or in server-sent events. Raises NoAnswer."""
    return _pieces(body) if "event-stream" in headers.get("content-type", "") else _whole(body)


def refused(status: int, headers: Mapping[str, str], said: str) -> NoAnswer:
    """What an HTTP status other than 200 means."""
    after_s = _retry_after_s(headers)
    if status == 429:
        return NoAnswer("busy", f"HTTP 429: {said}", is_passing=True, retry_after_s=after_s)
    if status in (401, 403):
        return NoAnswer("key refused", f"HTTP {status}: {said}")
    about_us = any(word in said.casefold() for word in ABOUT_SCHEMA)
    if status in (400, 422) or (status == 500 and about_us):  # llama.cpp answers 500 to a schema that it cannot follow
        return NoAnswer("rejected", f"HTTP {status}: {said}")
    if status >= 500 or status in (408, 409):
        return NoAnswer("server error", f"HTTP {status}: {said}", is_passing=True, retry_after_s=after_s)
    return NoAnswer("rejected", f"HTTP {status}: {said}")


def _retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds that a server asks to be left alone; 0 where it says nothing that can be read."""
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(said).timestamp() - time.time()
        except ValueError:
            return 0.0
    return min(max(seconds, 0.0), 3600.0) if np.isfinite(seconds) else 0.0


def parsed(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NoAnswer("garbled", f"the answer is no JSON ({error}): {body[:80]!r}") from error
    if not isinstance(found, dict):
        raise NoAnswer("garbled", f"the answer is a {type(found).__name__}, not an object")
    return found


def _choice(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first choice of a completion, or of a piece of one; empty where there is none."""
    choices = document.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else {}
    return first if isinstance(first, dict) else {}


def _count(document: Mapping[str, Any], name: str) -> int | None:
    usage = document.get("usage")
    number = usage.get(name) if isinstance(usage, dict) else None
    return number if isinstance(number, int) and number >= 0 else None


def _reply(text: object, refusal: object, ending: object, usage: Mapping[str, Any]) -> Reply:
    if refusal or ending == "content_filter":
        raise NoAnswer("refusal", str(refusal or "the server's filter held the answer back")[:300])
    if not isinstance(text, str) or not text.strip():
        raise NoAnswer("garbled", "the answer holds no text")
    tokens = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    return Reply(text, *tokens, is_cut=ending == "length")


def _whole(body: bytes) -> Reply:
    document = parsed(body)
    choice = _choice(document)
    message = choice.get("message")
    if not isinstance(message, dict):
        raise NoAnswer("garbled", f"the answer has no choices[0].message: {body[:80]!r}")
    return _reply(message.get("content"), message.get("refusal"), choice.get("finish_reason"), document)


def _pieces(body: bytes) -> Reply:
    """An answer that came as server-sent events."""
    text, refusal, ending, usage = "", "", None, {}
    for line in body.split(b"\n"):
        if not line.startswith(b"data:") or line[5:].strip() in (b"", b"[DONE]"):
            continue
        document = parsed(line[5:])
        if "error" in document:
            raise NoAnswer("server error", str(document["error"])[:300], is_passing=True)
        choice = _choice(document)
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        text += delta.get("content") or ""
        refusal += delta.get("refusal") or ""
        ending = choice.get("finish_reason") or ending
        usage = document if document.get("usage") else usage
    return _reply(text, refusal, ending, usage)
