"""What judges make of a comparison's dreams: all that need no endpoint of everybody's, a vision-language model of the model's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evaluation.compare_worlds.compare import Found
from evaluation.compare_worlds.dreams import clip_of, kept
from evaluation.judges import Summary, results, section, summary
from evaluation.judges.tampering import TAMPERINGS
from evaluation.judges.vlm import VLM_CHECKS, Asked, Config, Opinions
from evaluation.judges.vlm import judged as asked_of_model
from world_models.clips import Clip

CHECKED = 6
"""In so many episodes a vision-language model is shown the engine's pictures with errors, too: what it makes of them says what it is worth."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Summaries by dreamer, and what a vision-language model says of the model's dreams, None where nobody asked it."""

    task: str
    model: str
    summaries: Mapping[str, Summary]
    opinions: Opinions | None
    success: Mapping[str, bool]

    def html(self) -> str:
        """The section of the report."""
        return section(self.task, self.model, self.summaries, self.opinions, self.success)

    def document(self) -> dict[str, Any]:
        """The part of results.json."""
        return results(self.task, self.summaries, self.opinions)


def judged(found: Found, folder: Path, vlm: Config | None, *, say: Callable[[str], None]) -> Judged | None:
    """What judges say; None where nobody was to judge. Asks an endpoint only if its config is given."""
    if not found.plan.is_judged:
        return None
    study = found.study
    said: dict[str, list[Mapping[str, Any]]] = {label: [] for label in study.values}
    for (_, label), record in found.records.items():
        said[label].append(record["judged"])
    summaries = {label: summary(records, seed=study.seed) for label, records in said.items()}
    opinions = None if vlm is None else _opinions(found, folder, vlm, say)
    success = {
        source.name: record["success"][-1] > 0.5
        for source in found.sources
        if (record := found.records.get((source.name, study.model))) is not None
    }
    return Judged(study.task, study.model, summaries, opinions, success)


def _checks(clip: Clip, now: int, many: int) -> dict[str, tuple[str, str, Any]]:
    """Errors in an episode of the engine, with the question that should be answered by no."""
    made = {
        name: (question, TAMPERINGS[name](clip, now)) for name, question in VLM_CHECKS.items()
        if name != "wrong instruction" or clip.task == "manipulate"
    }  # fmt: skip
    return {name: (question, case.truth.instruction, case.prediction.rgb[0, :many]) for name, (question, case) in made.items() if case is not None}  # fmt: skip


def _opinions(found: Found, folder: Path, vlm: Config, say: Callable[[str], None]) -> Opinions:
    now, episodes = found.plan.seen - 1, []
    for source in found.sources:
        record = found.records.get((source.name, found.study.model))
        if record is not None:
            clip = clip_of(replace(source, recording=""))
            seen = clip.seen
            dream = kept(folder / "dreams" / record["file"])
            truth = seen.rgb[now + 1 : now + 1 + len(dream)]
            checks = _checks(clip, now, len(dream)) if len(episodes) < CHECKED else {}
            episodes.append(Asked(source.name, seen.instruction, truth, dream, checks))
    say(f"a vision-language model is asked about {len(episodes)} episodes, for {vlm.most_s:.0f} s at most")
    opinions = asked_of_model(found.plan.task, episodes, vlm, seed=found.plan.seed)
    if opinions.ended or opinions.tally["last_fault"]:
        say(f"it was not asked all, or did not answer all: {opinions.ended or opinions.tally['last_fault']}")
    return opinions
