"""The Engine contract as checks that run: for whoever writes an engine, and for whoever doubts one.

`conform(engine)` loads a proving ground, tries what every engine promises, and tells for each rule whether it is kept.
A rule that needs a capability which the engine does not offer is told as such, not as kept.
"""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bridge.conformance.bench import Bench, Broken, Onlooker, Rule, rules_of
from bridge.conformance.ground import proving_ground
from bridge.engine import Engine
from bridge.errors import SimbridgeError
from bridge.scene import Scene

Outcome = Literal["kept", "broken", "not offered"]
_TOPICS = ("meeting", "time", "control", "editing", "pictures", "skills", "company", "closing")


@dataclass(frozen=True)
class Verdict:
    """One rule: its `topic` and `name`, the `rule` as a sentence, how it came out, and what was found if it is broken."""

    topic: str
    name: str
    rule: str
    outcome: Outcome
    found: str = ""


def conform(
    engine: Engine, *, scene: Scene | None = None, seed: int = 0, onlooker: Onlooker | None = None
) -> Iterator[Verdict]:
    """One verdict a rule, as they are reached; the engine is closed by the last.

    `scene` is the proving ground unless given: an engine that plays a recording knows no other than the recorded one, and
    no other `seed`. `onlooker` gives another client of the server that `engine` comes from; without it there is no server,
    and the rules about several clients are left out. Raises what loading raises: an engine that takes no scene cannot be
    examined.
    """
    ground = scene or proving_ground()
    bench = Bench(engine, ground, engine.load(ground), seed, onlooker or _nobody)
    for topic in _TOPICS if onlooker else (topic for topic in _TOPICS if topic != "company"):
        for rule in rules_of(importlib.import_module(f"bridge.conformance.{topic}")):
            yield _tried(rule, topic, bench)


def _nobody() -> Any:
    raise Broken("nobody can look on here")


def _tried(rule: Rule, topic: str, bench: Bench) -> Verdict:
    missing = [word for word in rule.needs if word not in bench.engine.info.capabilities]
    if missing:
        return Verdict(topic, rule.name, rule.sentence, "not offered", f"needs {', '.join(missing)}")
    try:
        bench.begin()
        rule.tries(bench)
    except Broken as broken:
        return Verdict(topic, rule.name, rule.sentence, "broken", str(broken))
    except SimbridgeError as error:
        return Verdict(topic, rule.name, rule.sentence, "broken", f"{type(error).__name__}: {error}")
    except Exception as error:  # an engine under examination may fail in any way: the verdict says so, the rest goes on
        found = f"{type(error).__name__}: {error}. Engines raise errors of bridge.errors"
        return Verdict(topic, rule.name, rule.sentence, "broken", found)
    return Verdict(topic, rule.name, rule.sentence, "kept")


__all__: Sequence[str] = ("Verdict", "conform", "proving_ground")
