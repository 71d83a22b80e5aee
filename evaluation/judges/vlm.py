"""A vision-language model as a judge, over an OpenAI-compatible endpoint: the same questions of engine and dream, not told which is which.

Off unless an endpoint is given. Every episode is two conversations of one question each, in an order that a seed decides: some moments as
pictures, three things asked, each answered yes or no with a reason. What does not come in time or cannot be used is counted and left
out; after as many failures in a row as the breaker allows nobody is asked any more. Its verdict on the engine's own episodes is its floor.
"""

import asyncio
import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.control.seeds import stream
from bridge.errors import UsageError
from policies.chat import config as chat
from policies.chat.answers import Unusable, closed, document_in, one_line
from policies.chat.limits import spent
from policies.chat.loop import LoopThread
from policies.chat.server import Server
from policies.chat.tally import Tally
from policies.chat.wire import NoAnswer
from policies.vlm import jpeg

Pictures = NDArray[np.uint8]
QUESTIONS: Mapping[str, Mapping[str, str]] = {
    "manipulate": {
        "instruction": "Is what the instruction asks for done at the last moment shown?",
        "physics": "Does everything keep to physics: nothing vanishes, appears, changes its colour, floats, or moves untouched?",
        "consistency": "Do the views of each moment show one and the same scene?",
    },
    "drive": {
        "instruction": "Does the car go on along a road, hitting nothing?",
        "physics": "Does everything keep to physics: nothing vanishes, appears, leaps, or passes through something else?",
        "consistency": "Is it one and the same street from moment to moment, seen from a camera that moves on steadily?",
    },
}
"""What is asked, by task."""
VLM_CHECKS: Mapping[str, str] = {"vanishing": "physics", "shuffled": "physics", "wrong instruction": "instruction"}
"""Errors in engine episodes that it is shown, and the question whose answer should then be no."""
_SYSTEM = (
    "You judge short videos of robots. You are shown some moments of one video in their order, each as one picture; several cameras stand side by "
    "side in it. Small and blurred pictures are no fault. Answer every question with yes or no and one short reason, as a JSON object: "
)
_REASON_CHARS = 200


@dataclass(frozen=True)
class Config:
    """Flags of the judge (--vlm.base-url). A key is never one of them: it stays in the environment."""

    base_url: str = ""
    """Where the server is, with /v1; without one nobody is asked."""
    model: str = ""
    """Name of the model, as the server knows it; needed unless the server has only one."""
    api_key_env: str = "OPENAI_API_KEY"
    """Environment variable that holds the key; servers on this computer need none."""
    frames: int = 6
    """How many moments of an episode are shown."""
    longest_px: int = 512
    """Longer side of a picture."""
    most_calls: int = 200
    """Calls of a comparison at most."""
    most_tokens: int = 1_000_000
    most_s: float = 300.0
    """Wall-clock time of all calls together."""
    timeout_s: float = 30.0
    """Wall-clock time of one call."""
    breaker_after: int = 3
    """Failures in a row after which nobody is asked any more."""


@dataclass(frozen=True)
class Opinion:
    """What was said of one question: yes or no, and why."""

    is_yes: bool
    reason: str


@dataclass(frozen=True, eq=False)
class Asked:
    """An episode to judge: its name, the instruction, and frames (t,v,H,W,3) of the engine and of a dream. `checks` are the engine's
    with a known error, by its name: the question whose answer should be no, the instruction and the frames."""

    name: str
    instruction: str
    engine: Pictures
    dream: Pictures
    checks: Mapping[str, tuple[str, str, Pictures]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Opinions:
    """By episode, what was said of the "engine" and of the "dream", by question, and of its checks by their
    names; missing where there is no usable answer. `tally` is what it cost,
    `ended` why the rest was not asked, "" if all was."""

    said: Mapping[str, Mapping[str, Mapping[str, Opinion]]]
    tally: Mapping[str, Any]
    ended: str = ""


def judged(task: str, episodes: Sequence[Asked], config: Config, *, seed: int = 0) -> Opinions:
    """What the model says of every episode. Never raises for what a server or a model does.

    Raises UsageError for a config or a task that cannot be used, and Unavailable without the extra [llm].
    """
    check(config)
    if task not in QUESTIONS:
        raise UsageError(f"Nobody knows what to ask about the task '{task}'. Give one of {', '.join(QUESTIONS)}.")
    tally = Tally()
    limits = chat.Config(
        model=config.model, base_url=config.base_url, api_key_env=config.api_key_env, temperature=0.0, timeout_s=config.timeout_s,
        most_calls=config.most_calls, most_tokens=config.most_tokens, most_lost_s=config.most_s, retries=1,
    )  # fmt: skip
    rng = stream(seed, "vlm judge")
    server = Server(limits, tally, rng, seed=int(rng.integers(2**31)))
    loop = LoopThread("judge")
    try:
        return loop.begin(_all(task, episodes, config, limits, server, tally, seed)).result()
    finally:
        loop.begin(server.close()).result(timeout=10.0)
        loop.close()


def check(config: Config) -> None:
    """Raises UsageError for a config that cannot be used."""
    if not config.base_url or config.frames < 1 or config.timeout_s <= 0 or config.longest_px < 16:
        raise UsageError("A judge needs --vlm.base-url, at least one frame of 16 px and more, and a time above 0.")


async def _all(
    task: str, episodes: Sequence[Asked], config: Config, limits: chat.Config, server: Server, tally: Tally, seed: int
) -> Opinions:
    until = time.monotonic() + config.most_s
    said: dict[str, dict[str, dict[str, Opinion]]] = {}
    failures, ended = 0, ""
    for episode, who, words, frames in _order(episodes, seed):
        ended = spent(limits, tally) or ("time" if time.monotonic() >= until else "")
        ended = (
            f"no {ended} left" if ended else f"{failures} failures in a row" if failures >= config.breaker_after else ""
        )
        if ended:
            break
        tally.decisions += 1
        try:
            reply = await server.ask(messages(task, words, frames, config), schema(task), until=min(until, time.monotonic() + 2 * config.timeout_s))  # fmt: skip
            tokens = len(reply.text) // 4
            tally.spend(
                reply.prompt_tokens or 0,
                tokens if reply.completion_tokens is None else reply.completion_tokens,
                0.0,
                0.0,
            )
            said.setdefault(episode.name, {})[who] = opinions(task, reply.text)
            failures = 0
        except NoAnswer:
            failures += 1
        except Unusable as error:
            failures += 1
            tally.invalid += 1
            tally.last_fault = f"invalid: {error}"
        await asyncio.sleep(0)
    return Opinions(said, tally.report(), ended)


def _order(episodes: Sequence[Asked], seed: int) -> list[tuple[Asked, str, str, Pictures]]:
    """Whose frames are shown when, under which instruction: in an order drawn for each episode."""
    found = []
    for one in episodes:
        own = [(one, "engine", one.instruction, one.engine), (one, "dream", one.instruction, one.dream)]
        own += [(one, name, words, frames) for name, (_, words, frames) in one.checks.items()]
        found += [own[row] for row in stream(seed, "vlm order", one.name).permutation(len(own))]
    return found


def messages(task: str, instruction: str, frames: Pictures, config: Config) -> list[dict[str, Any]]:
    """The question about frames (t,v,H,W,3), in the chat format. It does not say whose they are."""
    rows = np.unique(np.linspace(0, len(frames) - 1, min(config.frames, len(frames))).round().astype(int))
    shape = json.dumps({name: {"answer": "yes or no", "reason": "..."} for name in QUESTIONS[task]})
    words = [f"The instruction was: {instruction}", *(f"{name}: {text}" for name, text in QUESTIONS[task].items())]
    parts: list[dict[str, Any]] = [{"type": "text", "text": "\n".join(words)}]
    for number, row in enumerate(rows, start=1):
        parts.append({"type": "text", "text": f"Moment {number} of {len(rows)}:"})
        packed = base64.b64encode(_packed(np.concatenate(list(frames[row]), axis=1), config.longest_px)).decode()
        parts.append({"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{packed}"}})
    return [{"role": "system", "content": _SYSTEM + shape}, {"role": "user", "content": parts}]


def schema(task: str) -> dict[str, Any]:
    """The JSON schema of an answer."""
    one = closed(
        {"answer": {"type": "string", "enum": ["yes", "no"]}, "reason": {"type": "string", "maxLength": _REASON_CHARS}}
    )
    return closed(dict.fromkeys(QUESTIONS[task], one))


def opinions(task: str, text: str) -> dict[str, Opinion]:
    """What a text says, by question. Raises Unusable for one that does not answer all of them with yes or no."""
    found = {}
    document, _ = document_in(text, next(iter(QUESTIONS[task])))
    for name in QUESTIONS[task]:
        said = document.get(name)
        word = said.get("answer") if isinstance(said, Mapping) else said
        plain = word.strip().casefold().rstrip(".") if isinstance(word, str) else {True: "yes", False: "no"}.get(word) if isinstance(word, bool) else None  # fmt: skip
        if plain not in ("yes", "no"):
            raise Unusable(f'"{name}" is answered by neither yes nor no')
        found[name] = Opinion(
            plain == "yes", one_line(said.get("reason"), _REASON_CHARS) if isinstance(said, Mapping) else ""
        )
    return found


def _packed(picture: Pictures, longest_px: int) -> bytes:
    """A picture as JPEG, enlarged to `longest_px` where it is smaller: models see little in 64 px."""
    from PIL import Image

    height, width = picture.shape[:2]
    times = max(longest_px // max(height, width), 1)
    large = Image.fromarray(np.ascontiguousarray(picture)).resize(
        (width * times, height * times), Image.Resampling.BICUBIC
    )
    return jpeg(np.asarray(large), longest_px=longest_px, quality=85)
