"""A policy improved in imagination: it acts in dreams, learns from those called successes, and is measured on the engine beside controls.

The experiment of Ctrl-World (arXiv 2510.10125, section 5.3) and World-Env at the size of one table. Controls learn as long, from
demonstrations alone, from dreams that nobody filtered, and from as many successes on the engine.
"""

import hashlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from bridge.control.seeds import stream
from bridge.errors import InvalidInput
from evaluation import pool
from evaluation.improve_episode import RUN, Roll, called
from evaluation.store import Store
from policies import arm_cloning, manipulate_expert
from policies.imitation import perceptron
from policies.imitation.arm_deeds import ArmDeeds, read_deeds, rows_of
from policies.imitation.perceptron import Perceptron

STORE = "episodes.jsonl"
DEMONSTRATED, STARTED, HELD_OUT = 2_000_000, 3_000_000, 4_000_000
"""Where the seeds of demonstrations, of dreams and of what is measured begin: no two share a table."""
BEFORE, DREAMS, UNFILTERED, ENGINE, PLACEBO = "before", "dreams", "unfiltered", "engine", "placebo"
ARMS = (BEFORE, DREAMS, UNFILTERED, ENGINE, PLACEBO)
_SCOUTED = 2
"""How many starts are tried for each dream from a near failure."""
_FRESH_STEPS, _FRESH_RATE = 4000, 3e-3
Crew = Callable[..., Generator[pool.Done, None, None]]
Told = Callable[[str, int, int, Mapping[str, Any]], None]
"""Hears of each episode that is over: the stage, how many of it are, of how many, and its record."""


@dataclass(frozen=True)
class Study:
    """Everything that decides what comes out.

    `pattern` is a dream without who acts and from where; its model is the world model. `policy` is what is to be improved. The
    `judge` calls dreams successes, at a probability of `at_least`; of all dreams the `trusted` share that the model trusts most may
    be kept. `share` of every batch are demonstrations. `starts` are those of any episode, or of "near-failures" of the policy on the
    engine. `checks` dreams drawn by lot, and all that were kept, are done again on the engine, action by action; 0 does none again. `is_fresh` learns the policy from the demonstrations first.
    Each arm learns `learners` times, with other luck, and those are measured by turns: an arm is not judged by one lucky training.
    """

    pattern: Roll
    policy: arm_cloning.Config
    dreams: int = 400
    seeds: int = 100
    demonstrations: int = 40
    seed: int = 0
    explores_m: float = 0.005
    judge: Literal["head", "state", "both"] = "head"
    at_least: float = 0.7
    trusted: float = 1.0
    share: float = 0.5
    steps: int = 2000
    rate: float = 1e-3
    starts: Literal["any", "near-failures"] = "any"
    checks: int = 50
    is_fresh: bool = False
    learners: int = 4

    def __post_init__(self) -> None:
        if min(self.dreams, self.seeds, self.demonstrations, self.steps, self.learners) < 1 or self.checks < 0:
            raise InvalidInput(
                f"Asked for were {self.dreams} dreams, {self.seeds} seeds, {self.demonstrations} demonstrations, {self.steps} steps, "
                f"{self.learners} learners and {self.checks} checks. Ask for at least 1 of each, and 0 checks or more."
            )
        if not (0.0 < self.at_least < 1.0 and 0.0 < self.trusted <= 1.0 and 0.0 <= self.share < 1.0):
            raise InvalidInput(
                f"at_least is {self.at_least:g}, trusted {self.trusted:g} and share {self.share:g}. Give shares: between 0 and 1, trusted up "
                "to 1, share from 0."
            )


@dataclass(frozen=True, eq=False)
class Improved:
    """What came of it. `measured` has the records of held-out seeds by arm; an arm that had nothing to learn from is not there.

    `dreamt` are all dreams, `kept` the numbers of those that were learned from, `checked` the same actions on the engine by number
    of the dream, for those that were kept and those `drawn` by lot; `learned` is how many episodes and decisions each arm learned from, `errors` what could not be finished.
    """

    study: Study
    demonstrated: Sequence[Mapping[str, Any]]
    dreamt: Sequence[Mapping[str, Any]]
    kept: Sequence[int]
    on_engine: Sequence[Mapping[str, Any]]
    checked: Mapping[int, Mapping[str, Any]]
    drawn: Sequence[int]
    measured: Mapping[str, Sequence[Mapping[str, Any]]]
    learned: Mapping[str, tuple[int, int]]
    weights: Mapping[str, tuple[str, ...]]
    failures: Sequence[Mapping[str, Any]]


def improve(
    study: Study,
    folder: Path,
    *,
    workers: int,
    timeout_s: float,
    crew: Crew = pool.run,
    on_record: Told = lambda stage, done, count, record: None,
    say: Callable[[str], None] = lambda line: None,
) -> Improved:
    """Runs what is not finished in `folder` yet. Policies go to `folder`/policies, what was decided to `folder`/deeds.

    `crew` is who runs episodes, as pool.run does. An episode that cannot be finished is left out, told among the failures, and tried again by the next call. Raises InvalidInput where
    not one demonstration succeeds, Refused while another process works in the folder.
    """
    with Store(folder / STORE) as store:
        work = _Work(folder, store, workers, timeout_s, crew, on_record)
        expert = [_real(study, "manipulate-expert", manipulate_expert.Config(), DEMONSTRATED + study.seed + i) for i in range(study.demonstrations)]  # fmt: skip
        demonstrated = work.all("demonstrations", expert)
        shown = [work.deeds(record, record["done_s"] + 1e-6) for record in demonstrated if record["success"]]
        if not shown:
            raise InvalidInput(
                "Not one demonstration succeeded, so that there is nothing to learn from. Ask for more of them."
            )
        base = _begun(study, shown)
        before = work.saved(BEFORE, base)
        say(
            f"The policy begins from {before.name}, weights {base.digest}; {len(shown)} demonstrations are shown to it."
        )
        starts = _starts(study, work, before, base)
        noisy = replace(study.policy, weights=str(before), explores_m=study.explores_m)
        dreams = [replace(study.pattern, policy="arm-cloning", policy_config=noisy, weights_digest=base.digest, seed=seed, deeds="kept") for seed in starts]  # fmt: skip
        dreamt = work.all("dreams", dreams)
        kept = chosen(study, dreamt)
        say(
            f"{len(kept)} of {len(dreamt)} dreams are called successes, {sum(r['success'] for r in dreamt)} by the imagined state."
        )
        drawn = sorted(stream(study.seed, "improve", "checks").permutation(len(dreamt))[: study.checks].tolist())
        checked = _checks(study, work, dreamt, sorted({*drawn, *kept}) if drawn else [])
        real = _successes(study, work, noisy, base, starts, len(kept))
        material = _material(study, work, dreamt, kept, real)
        learned, weights = {}, {}
        rolls: dict[str, list[Roll]] = {}
        for arm in ARMS:
            if arm in (DREAMS, UNFILTERED, ENGINE) and not any(len(one) for one in material[arm]):
                say(f"Nothing was there to learn from for '{arm}'; it is left out.")
                continue
            networks = [base]
            if arm != BEFORE:
                networks = [_further(study, base, shown, material[arm], luck) for luck in range(study.learners)]
            files = [work.saved(f"{arm}-{luck}" if arm != BEFORE else arm, one) for luck, one in enumerate(networks)]
            own = [replace(study.policy, weights=str(file), explores_m=0.0) for file in files]
            digests = [one.digest for one in networks]
            rolls[arm] = [
                _real(
                    study,
                    "arm-cloning",
                    own[i % len(own)],
                    HELD_OUT + study.seed + i,
                    digests[i % len(own)],
                    keeps=False,
                )
                for i in range(study.seeds)
            ]
            learned[arm] = len(material[arm]), sum(len(one) for one in material[arm])
            weights[arm] = tuple(digests)
        work.all("held out", [roll for some in zip(*rolls.values(), strict=True) for roll in some])
        measured = {arm: work.found(some) for arm, some in rolls.items()}
        failures = work.failures
    return Improved(study, demonstrated, dreamt, kept, real, checked, drawn, measured, learned, weights, failures)


def chosen(study: Study, dreamt: Sequence[Mapping[str, Any]]) -> list[int]:
    """The numbers of the dreams that are learned from: called successes, among those that the model trusts most."""
    trusts = sorted((r["trust"] for r in dreamt if r["trust"] is not None), reverse=True)
    least = trusts[max(round(study.trusted * len(trusts)), 1) - 1] if trusts else None
    return [
        number
        for number, record in enumerate(dreamt)
        if called(record, at_least=study.at_least, judge=study.judge) is not None
        and (least is None or record["trust"] is None or record["trust"] >= least)
    ]


def _begun(study: Study, shown: Sequence[ArmDeeds]) -> Perceptron:
    """The policy before."""
    if not study.is_fresh:
        return perceptron.load(Path(study.policy.weights) if study.policy.weights else arm_cloning.SHIPPED)
    rng = stream(study.seed, "improve", "fresh")
    return perceptron.trained(
        perceptron.fresh(rng), [(rows_of(shown), 1.0)], rng=rng, steps=_FRESH_STEPS, rate=_FRESH_RATE
    )


def _further(
    study: Study, base: Perceptron, shown: Sequence[ArmDeeds], more: Sequence[ArmDeeds], luck: int
) -> Perceptron:
    """The policy after as many steps on more episodes, beside its demonstrations."""
    share = study.share if more else 1.0
    rng = stream(study.seed, "improve", "further", str(luck))
    data = [(rows_of(shown), share), (rows_of(more), 1.0 - share)]
    return perceptron.trained(base, data, rng=rng, steps=study.steps, rate=study.rate)


def _starts(study: Study, work: "_Work", before: Path, base: Perceptron) -> list[int]:
    """The seeds that dreams begin from."""
    first = STARTED + study.seed
    if study.starts == "any":
        return list(range(first, first + study.dreams))
    own = replace(study.policy, weights=str(before), explores_m=0.0)
    tried = work.all(
        "starts",
        [_real(study, "arm-cloning", own, first + i, base.digest, keeps=False) for i in range(_SCOUTED * study.dreams)],
    )
    near = sorted((r["left_m"], r["seed"]) for r in tried if not r["success"])
    if not near:
        raise InvalidInput(
            "The policy failed from no start that was tried, so that there are no near failures. Use --starts any."
        )
    return sorted(seed for _, seed in near[: study.dreams])


def _checks(
    study: Study, work: "_Work", dreamt: Sequence[Mapping[str, Any]], picked: Sequence[int]
) -> dict[int, Mapping[str, Any]]:
    """Some dreams by number, with what the same actions come to on the engine."""
    rolls = []
    for number in picked:
        record = dreamt[number]
        path = work.path(record)
        again = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        rolls.append(
            replace(_real(study, "again", None, record["seed"], keeps=False), again=str(path), again_digest=again)
        )
    by_seed = {record["seed"]: record for record in work.all("checks", rolls)}
    return {number: by_seed[dreamt[number]["seed"]] for number in picked if dreamt[number]["seed"] in by_seed}


def _successes(
    study: Study, work: "_Work", noisy: arm_cloning.Config, base: Perceptron, starts: Sequence[int], wanted: int
) -> list[Mapping[str, Any]]:
    """As many successes on the engine, of the same noisy policy from the same starts, or as many as there are."""
    found: list[Mapping[str, Any]] = []
    at, piece = 0, 25
    while len(found) < wanted and at < len(starts):
        rolls = [_real(study, "arm-cloning", noisy, seed, base.digest) for seed in starts[at : at + piece]]
        found += [record for record in work.all("engine", rolls) if record["success"]]
        at += piece
    return found[:wanted]


def _material(
    study: Study,
    work: "_Work",
    dreamt: Sequence[Mapping[str, Any]],
    kept: Sequence[int],
    real: Sequence[Mapping[str, Any]],
) -> dict[str, list[ArmDeeds]]:
    """What each arm learns from beside the demonstrations."""
    until = {number: called(dreamt[number], at_least=study.at_least, judge=study.judge) or 0.0 for number in kept}
    some = stream(study.seed, "improve", "unfiltered").permutation(len(dreamt))[: len(kept)].tolist()
    return {
        BEFORE: [],
        DREAMS: [work.deeds(dreamt[number], until[number] + 1e-6) for number in kept],
        UNFILTERED: [work.deeds(dreamt[number], study.pattern.lasts_s) for number in sorted(some)],
        ENGINE: [work.deeds(record, record["done_s"] + 1e-6) for record in real],
        PLACEBO: [],
    }


def _real(study: Study, policy: str, config: Any, seed: int, weights: str = "", *, keeps: bool = True) -> Roll:
    """An episode on the engine; `keeps` what is decided."""
    return replace(
        study.pattern, world="engine", model="", model_config=None, model_weights="", chunk=1, policy=policy, policy_config=config,
        seed=seed, weights_digest=weights, deeds="kept" if keeps else "",
    )  # fmt: skip


class _Work:
    """Episodes run once each, and what was decided in them."""

    def __init__(self, folder: Path, store: Store, workers: int, timeout_s: float, crew: Crew, on_record: Told) -> None:
        self._folder, self._store, self._crew, self._on_record = folder, store, crew, on_record
        self._workers, self._timeout_s = workers, timeout_s
        self.failures: list[Mapping[str, Any]] = []

    def all(self, stage: str, rolls: Sequence[Roll]) -> list[Mapping[str, Any]]:
        """The records of those episodes that could be finished, in order."""
        keys = [roll.key for roll in rolls]
        placed = [replace(roll, label=stage, deeds=str(self._deeds(key)) if roll.deeds else "") for roll, key in zip(rolls, keys, strict=True)]  # fmt: skip
        missing = [i for i, key in enumerate(keys) if not self._has(key, placed[i])]
        done = len(rolls) - len(missing)
        results = self._crew(RUN, [placed[i] for i in missing], workers=self._workers, timeout_s=self._timeout_s)
        try:
            for one in results:
                index = missing[one.index]
                told = {"key": keys[index], "stage": stage, "seed": rolls[index].seed, "tries": one.tries}
                self._store.add({**told, "failure": one.failure, **(one.result or {})})
                done += 1
                self._on_record(stage, done, len(rolls), self._store[keys[index]])
        finally:
            results.close()  # ends the processes, whatever happened here
        records = [self._store[key] for key in keys]
        self.failures += [record for record in records if record["failure"]]
        return [record for record in records if not record["failure"]]

    def found(self, rolls: Sequence[Roll]) -> list[Mapping[str, Any]]:
        """The records of those that are finished already."""
        return [record for roll in rolls if not (record := self._store[roll.key])["failure"]]

    def deeds(self, record: Mapping[str, Any], until_s: float) -> ArmDeeds:
        """What was decided in an episode before a time."""
        return read_deeds(self.path(record)).until(until_s)

    def path(self, record: Mapping[str, Any]) -> Path:
        """Where that is kept."""
        return self._deeds(str(record["key"]))

    def saved(self, arm: str, network: Perceptron) -> Path:
        """The file of an arm's policy."""
        path = self._folder / "policies" / f"{arm.replace(' ', '-')}.npz"
        network.save(path)
        return path

    def _has(self, key: str, roll: Roll) -> bool:
        is_finished = key in self._store and not self._store[key]["failure"]
        return is_finished and (not roll.deeds or Path(roll.deeds).is_file())

    def _deeds(self, key: str) -> Path:
        return self._folder / "deeds" / f"{key}.npz"
