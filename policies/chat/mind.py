"""A language model as the mind of one agent: it decides in time, or the agent waits or follows its fallback."""

import json
import logging
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge.engine import Action
from bridge.errors import UsageError
from bridge.observation import Observation
from policies.chat.answers import Answer, Unusable, read_answer, schema
from policies.chat.config import Config
from policies.chat.limits import Breaker, spent
from policies.chat.loop import LoopThread
from policies.chat.memory import Memory
from policies.chat.names import known_names
from policies.chat.prompt import correction, situation, system
from policies.chat.server import Server
from policies.chat.tally import Tally
from policies.chat.wire import NoAnswer
from policies.policy import Policy
from policies.verbs import skill, usage, waiting

Pictures = Callable[[Observation], Sequence[dict[str, Any]]]
"""What else than words of an observation goes into a question: parts of the chat format."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Verdict:
    """What came of a question: an answer, or the reason there is none."""

    answer: Answer | None
    reason: str = ""
    retry_after_s: float = 0.0


@dataclass(frozen=True)
class _Asked:
    """A question under way since a simulated time."""

    since_s: float
    verdict: "Future[_Verdict]"


class Mind:
    """A Policy. It never raises for what a server or a model does; `report()` tells what happened in the episode."""

    def __init__(self, config: Config, *, pictures: Pictures | None = None, fallback: Policy | None = None) -> None:
        if config.timeout_s <= 0 or config.decision_s <= 0 or config.max_tokens < 1:
            raise UsageError("A model needs time and tokens: timeout_s, decision_s and max_tokens have to be above 0.")
        self._config, self._pictures, self._fallback = config, pictures, fallback
        self._loop: LoopThread | None = None
        self._server: Server | None = None
        self._asked: _Asked | None = None
        self._tally, self._memory = Tally(), Memory(config.remember)
        self._breaker = Breaker(config.breaker_after, config.breaker_s)
        self._instruction = ""

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        self._hang_up()
        self._tally, self._memory = Tally(), Memory(self._config.remember)
        self._breaker = Breaker(self._config.breaker_after, self._config.breaker_s)
        self._instruction = instruction
        rng = np.random.default_rng([seed % 2**63, zlib.crc32(agent.encode())])
        self._server = Server(self._config, self._tally, rng, seed=int(rng.integers(2**31)))
        self._loop = self._loop or LoopThread(f"mind of {agent}")
        if self._fallback is not None:
            self._fallback.reset(seed=seed, agent=agent, instruction=instruction)

    def act(self, observation: Observation) -> Action:
        if self._server is None:
            raise UsageError("A mind was asked to act before its first reset().")
        self._memory.learned(observation.failure)
        if self._asked is not None:
            return self._overdue(observation, self._asked)
        self._tally.decisions += 1
        reason = spent(self._config, self._tally)
        if reason:
            return self._meanwhile(observation, f"no {reason} left")
        if not self._breaker.lets_through(observation.time_s):
            return self._meanwhile(observation, "server left alone")
        asked = self._begin(observation)
        if self._config.pace == "real-time":
            self._asked = asked
            return self._overdue(observation, asked)
        return self._follow(observation, asked.verdict.result())  # `_decide` keeps the deadline

    def report(self) -> dict[str, object]:
        """What the model did and cost since the last reset, as a JSON document."""
        return self._tally.report()

    def close(self) -> None:
        self._hang_up()
        if self._loop is not None:
            self._loop.close()
            self._loop = None
        if self._fallback is not None:
            self._fallback.close()

    def _begin(self, observation: Observation) -> _Asked:
        assert self._loop is not None
        verbs = usage(observation)
        words = situation(observation, self._memory, notes_chars=self._config.notes_chars)
        pictures = list(self._pictures(observation)) if self._pictures else []
        content = [{"type": "text", "text": words}, *pictures] if pictures else words
        instruction = observation.instruction or self._instruction
        messages = [
            {"role": "system", "content": system(observation, verbs, instruction=instruction)},
            {"role": "user", "content": content},
        ]
        known = known_names(observation)
        told = f"{instruction}\n" + "\n".join(message.text for message in observation.messages)
        return _Asked(observation.time_s, self._loop.begin(self._decide(messages, verbs, known, told)))

    async def _decide(
        self, messages: list[dict[str, Any]], verbs: Mapping[str, str], known: tuple[str, ...], told: str
    ) -> _Verdict:
        """Asks, and once more where the answer cannot be used."""
        assert self._server is not None
        until = time.monotonic() + self._config.decision_s
        wanted = schema(verbs)
        for is_second in (False, True):
            try:
                reply = await self._server.ask(messages, wanted, until=until)
            except NoAnswer as error:
                return _Verdict(None, error.kind, error.retry_after_s)
            self._pay(messages, reply.text, reply.prompt_tokens, reply.completion_tokens)
            try:
                answer = read_answer(reply.text, tuple(verbs), known, told=told)
            except Unusable as error:
                self._tally.invalid += 1
                self._tally.last_fault = f"invalid: {error}"
                if error.is_refusal:
                    self._tally.refusals += 1
                    return _Verdict(None, "refusal")
                if is_second or spent(self._config, self._tally):
                    break
                self._tally.corrections += 1
                second = [
                    {"role": "assistant", "content": reply.text[:2000]},
                    {"role": "user", "content": correction(str(error))},
                ]
                messages = [*messages, *second]
                continue
            self._tally.repairs += answer.was_mended
            self._tally.matched += answer.was_matched
            self._tally.invalid += answer.was_mended
            return _Verdict(answer)
        return _Verdict(None, "invalid")

    def _pay(self, messages: list[dict[str, Any]], text: str, prompt: int | None, completion: int | None) -> None:
        if prompt is None or completion is None:
            self._tally.estimated += 1
            prompt, completion = len(json.dumps(messages)) // 4, len(text) // 4
        self._tally.spend(prompt, completion, self._config.prompt_price, self._config.completion_price)

    def _overdue(self, observation: Observation, asked: _Asked) -> Action:
        """The world went on: the answer if it has come, and is not too old."""
        if asked.verdict.done():
            self._asked = None
            if observation.time_s - asked.since_s <= self._config.answer_s:
                return self._follow(observation, asked.verdict.result())
            return self._meanwhile(observation, "answer too old")
        if observation.time_s - asked.since_s > self._config.answer_s:
            self._forget()
            self._tally.fault("timeout", f"no answer within {self._config.answer_s:g} s of the world's time")
            self._breaker.failed(observation.time_s)
            return self._meanwhile(observation, "timeout")
        return self._meanwhile(observation, "thinking", at_most_s=1.0)

    def _follow(self, observation: Observation, verdict: _Verdict) -> Action:
        if verdict.answer is None:
            if verdict.reason not in ("invalid", "refusal"):
                self._breaker.failed(observation.time_s, retry_after_s=verdict.retry_after_s)
                _log.warning("%s got no answer: %s", observation.agent, self._tally.last_fault)
            else:
                self._breaker.succeeded()
            return self._meanwhile(observation, verdict.reason)
        self._breaker.succeeded()
        answer = verdict.answer
        self._memory.decided(observation.time_s, answer)
        return skill(answer.verb, answer.target, answer.args, say=answer.say)

    def _meanwhile(self, observation: Observation, reason: str, *, at_most_s: float = np.inf) -> Action:
        """What the agent does without the model."""
        self._tally.fell_back(reason)
        if self._fallback is not None:
            return self._fallback.act(observation)
        return waiting(min(self._config.wait_s, at_most_s))

    def _forget(self) -> None:
        """Drops the question under way."""
        if self._asked is not None:
            self._asked.verdict.cancel()
            self._asked = None

    def _hang_up(self) -> None:
        """Drops the question under way, and the connections."""
        self._forget()
        if self._server is not None and self._loop is not None:
            self._loop.begin(self._server.close()).result(timeout=10.0)
        self._server = None
