"""One OpenAI-compatible server: messages in, the text of an answer out, or why there is none; always in time.

The wire is one POST. `httpx2` is spoken to directly: compatible servers differ in what they send, so answers are read as
plain JSON, and size and time of a body are bounded here, which typed clients leave open.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bridge.errors import Unavailable, UsageError
from policies.chat.config import Config
from policies.chat.tally import Tally
from policies.chat.wire import ABOUT_SCHEMA, NoAnswer, Reply, answer, parsed, refused

_MOST_BYTES = 1 << 20
"""What is read of an answer at most; one of `max_tokens` is a hundredth of it."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 8.0
_WEAKER = {"json_schema": "json_object", "json_object": "none"}
_OPTIONAL = {
    "response_format": ABOUT_SCHEMA,
    "seed": ("seed",),
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "temperature": ("temperature",),
}
"""What a server may refuse of a question, and the words by which it says so."""


class Server:
    """Asks one server, again where that may help, and with less where it refuses a part of the question.

    Use it from one asyncio loop. `rng` spreads the pauses of several agents.
    """

    def __init__(self, config: Config, tally: Tally, rng: np.random.Generator, *, seed: int | None = None) -> None:
        try:
            import httpx2
            import json_repair  # noqa: F401  (for the answers; better missed now than at the first broken one)
        except ImportError as error:
            message = f'Language models need a package that is not here ({error}): pip install "simbridge[llm]"'
            raise Unavailable(message) from error
        self._config, self._tally, self._rng, self._seed = config, tally, rng, seed
        self._base_url = (config.base_url or os.environ.get("OPENAI_BASE_URL") or "http://localhost:8000/v1").rstrip(
            "/"
        )
        if not self._base_url.startswith(("http://", "https://")):
            raise UsageError(
                f"'{self._base_url}' is no address of a server. Give http://HOST:PORT/v1 (--llm.base-url)."
            )
        self._model = config.model
        self._schema, self._without = config.schema, set[str]()
        self._limit_names = ("max_tokens", "max_completion_tokens")  # the older name first: most servers know only that
        key = os.environ.get(config.api_key_env, "")
        self._http = httpx2.AsyncClient(
            headers={"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {}),
            timeout=None,  # asyncio.timeout bounds the whole call; a timeout per read would start anew with each byte
            follow_redirects=False,
        )

    async def ask(self, messages: Sequence[Mapping[str, Any]], schema: Mapping[str, Any], *, until: float) -> Reply:
        """The answer to messages of the chat format, before `until` (time.monotonic()). Raises NoAnswer."""
        pause_s = _FIRST_PAUSE_S
        tries = self._config.retries
        while True:
            begun = time.monotonic()
            try:
                self._tally.calls += 1
                reply = await self._call(messages, schema, until)
                self._tally.seconds += time.monotonic() - begun
                return reply
            except NoAnswer as error:
                self._tally.lost_s += time.monotonic() - begun
                self._tally.fault(error.kind, self._shown(str(error)))
                if error.kind == "rejected" and self._concede(str(error)):
                    self._tally.concessions += 1
                    continue
                rest_s = max(error.retry_after_s, pause_s * float(self._rng.uniform(0.5, 1.0)))
                if not error.is_passing or tries <= 0 or time.monotonic() + rest_s >= until:
                    raise
                tries -= 1
                self._tally.retries += 1
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                await asyncio.sleep(rest_s)

    async def close(self) -> None:
        """Closes connections."""
        await self._http.aclose()

    async def _call(self, messages: Sequence[Mapping[str, Any]], schema: Mapping[str, Any], until: float) -> Reply:
        import httpx2

        seconds = min(self._config.timeout_s, until - time.monotonic())
        try:
            async with asyncio.timeout(seconds):
                if not self._model:
                    self._model = await self._only_model()
                asked = self._question(messages, schema)
                status, headers, body = await self._fetched("POST", "/chat/completions", asked)
        except TimeoutError:
            raise NoAnswer("timeout", f"no answer within {max(seconds, 0.0):.1f} s", is_passing=True) from None
        except httpx2.ConnectError as error:
            raise NoAnswer("unreachable", f"{self._base_url}: {error}", is_passing=True) from error
        except httpx2.HTTPError as error:
            raise NoAnswer("dropped", f"{type(error).__name__}: {error}", is_passing=True) from error
        if status != 200:
            raise refused(status, headers, body.decode("utf-8", "replace")[:500])
        return answer(headers, body)

    async def _fetched(self, method: str, path: str, asked: Mapping[str, Any] | None = None):
        """Status, headers and body of a response. Raises NoAnswer where it is too long or packed."""
        pieces, length = [], 0
        async with self._http.stream(method, self._base_url + path, json=asked) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise NoAnswer("garbled", "the answer is compressed, which was not asked for")
            async for piece in response.aiter_raw():
                length += len(piece)
                if length > _MOST_BYTES:
                    raise NoAnswer("too long", f"the answer has more than {_MOST_BYTES} bytes")
                pieces.append(piece)
        return response.status_code, response.headers, b"".join(pieces)

    async def _only_model(self) -> str:
        """The name of the model where the server has just one."""
        status, headers, body = await self._fetched("GET", "/models")
        if status != 200:
            raise refused(status, headers, body.decode("utf-8", "replace")[:500])
        listed = parsed(body).get("data")
        names = (
            [one["id"] for one in listed if isinstance(one, dict) and "id" in one] if isinstance(listed, list) else []
        )
        if len(names) == 1:
            return str(names[0])
        raise NoAnswer("no model", f"name one of {', '.join(map(str, names[:20])) or 'its models'} (--llm.model)")

    def _question(self, messages: Sequence[Mapping[str, Any]], schema: Mapping[str, Any]) -> dict[str, Any]:
        config = self._config
        asked: dict[str, Any] = {"model": self._model, "messages": list(messages)}
        asked["temperature"] = config.temperature
        asked |= dict.fromkeys(self._limit_names[:1], config.max_tokens)
        if self._schema == "json_schema":
            wanted = {"name": "decision", "strict": False, "schema": dict(schema)}
            asked["response_format"] = {"type": "json_schema", "json_schema": wanted}
        elif self._schema == "json_object":
            asked["response_format"] = {"type": "json_object"}
        if self._seed is not None:
            asked["seed"] = self._seed
        if config.stream:
            asked |= {"stream": True, "stream_options": {"include_usage": True}}
        return {name: value for name, value in asked.items() if name not in self._without}

    def _concede(self, said: str) -> bool:
        """Asks for less from now on, if what the server says is about something that can be left out."""
        said = said.casefold()
        for name, words in _OPTIONAL.items():
            if name in self._without or not any(word in said for word in words):
                continue
            if name == "response_format":
                if self._schema == "none":
                    continue
                self._schema = _WEAKER[self._schema]
            elif name == "max_tokens":
                if not self._limit_names:
                    continue
                self._limit_names = self._limit_names[1:]
            else:
                self._without.add(name)
            return True
        return False

    def _shown(self, why: str) -> str:
        """A fault as it may be told: without the key, should the server have repeated it."""
        key = os.environ.get(self._config.api_key_env, "")
        return why.replace(key, "***") if len(key) > 3 else why
