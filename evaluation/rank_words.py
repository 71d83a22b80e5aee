"""A ranking's conclusions in sentences, for the terminal and the report; and what others found, which is not the same thing."""

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.rank_table import number

ANCHORS: Sequence[tuple[str, str, str]] = (
    ("SIMPLER (arXiv 2405.05941), Google robot tasks", "a physics simulator", "mean Pearson .911, MMRV .053 over tasks; recomputed from its table"),
    ("WorldGym (arXiv 2506.00613)", "a world model", "Pearson .78"),
    ("WorldEval (arXiv 2505.19017)", "a world model", "mean Pearson .942, MMRV .044"),
    ("Ctrl-World (arXiv 2510.10125), 7 tasks × 3 policies", "a world model", "Pearson .968 in following instructions, .832 in success; recomputed from its Table 3"),
    ("DreamDojo (2026)", "a world model", "Pearson .995, MMRV .003"),
)  # fmt: skip
"""Source, judge in question, and its best numbers against a real robot."""
IS_NOT = (
    "The judge that is believed here is a physics engine, not a robot. How well a dream agrees with an engine that it learned from says nothing yet "
    "of how well it would agree with reality; that takes real episodes. The numbers below are of other judges, other policies and real robots: "
    "they show what is customary, and ours are not to be compared with them."
)
LED = {
    "manipulate": (
        "In a dream the tool goes where a follower fitted to the engine leads it, and the model imagines what becomes of things; a model "
        "under which nothing moves (copy-last) says what that alone is worth."
    ),
    "drive": (
        "In a dream the car goes where a follower fitted to the engine leads it, and progress is most of the score; the model imagines the view and "
        "the others. So a high correlation here may be the follower's: rank copy-last and constant-velocity as well, and hold the model "
        "against them."
    ),
}
"""What of a verdict is not the model's doing, by task."""
FEW = (
    "With few policies a high correlation comes easily: of all orders of three policies, every sixth is the right one."
)


def headline(found: Mapping[str, Any], model: str) -> str:
    """The verdict in one sentence."""
    one = found["verdicts"]["state"]["measures"]["spearman"]
    k, n = found["policies"], len(found["seeds"])
    over = f"{k} policies × {n} seed{'s' * (n != 1)}"
    if one["value"] is None:
        who = model if found["verdicts"]["state"]["distinct"][1] < 2 else "The engine"
        return f"{who} tells no two policies apart: over {over} the verdicts are all alike, and there is no order to agree with."
    low, high = one["both"]
    value = f"Spearman {number(one['value'], 2)}" + (
        f", 95 % interval {number(low, 2)} to {number(high, 2)}" if low is not None else ""
    )
    if low is None:
        return f"{model} over {over}: {value}; too few to say how sure that is."
    if low > 0.8:
        return f"{model} ranks policies much as the engine does ({value}; {over})."
    if low > 0.0:
        return f"{model} ranks policies somewhat as the engine does ({value}; {over})."
    return f"{model} is not shown to rank policies as the engine does ({value}; {over})."


def findings(found: Mapping[str, Any]) -> list[str]:
    """What else is to be known, a sentence each."""
    state = found["verdicts"]["state"]
    told = state["measures"]
    lines = []
    bias = told["bias"]
    way = "more" if (bias["value"] or 0.0) >= 0 else "less"
    between = (
        f" (95 % interval {_signed(bias['seeds'][0])} to {_signed(bias['seeds'][1])} over seeds)"
        if bias["seeds"][0] is not None
        else ""
    )
    lines.append(f"It says {100 * abs(bias['value']):.1f} points {way} than the engine on the average{between}.")
    lines.append(
        f"It orders {_percent(told['pairwise_accuracy']['value'])} of the pairs of policies as the engine does, and agrees on "
        f"{_percent(state['episodes_agree'])} of single episodes; MMRV {number(told['mmrv']['value'])}."
    )
    if found["self_agreement"] is not None and told["pearson"]["value"] is not None:
        lines.append(f"The engine would agree with itself on as many other seeds to a Pearson correlation of {number(found['self_agreement'])}; it is {number(told['pearson']['value'])} here.")  # fmt: skip
    most = max(found["by_policy"], key=lambda row: abs(row["bias"]["value"]))
    if abs(most["bias"]["value"]) > 0:
        lines.append(f"It errs most about {most['policy']}{_in_words(most)}: {_signed(most['bias']['value'])} points.")
    powered = [row for row in found["prediction_powered"]["coverage"] if row["method"] == "plus"]
    if powered:
        row = powered[0]
        total = row["n"] + row["m"]
        kept = (
            f"saves {row['saved']:.1f} of them"
            if row["saved"] is not None and row["saved"] > 0
            else "saves none of them"
        )
        lines.append(
            f"With {row['n']} of {total} episodes on the engine and the rest dreamt, prediction-powered inference {kept} at equal width; "
            f"the 95 % interval held in {_percent(row['covered'])} of draws."
        )
    if found["failures"]:
        lines.append(f"{len(found['failures'])} episodes could not be finished; their seeds are left out.")
    return lines


def _in_words(row: Mapping[str, Any]) -> str:
    return f" ({row['words']})" if row["words"] else ""


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.0f} %"


def _signed(value: float) -> str:
    text = f"{100 * value:+.1f}"
    return "0.0" if not text.strip("+-0.") else text.replace("-", "−")
