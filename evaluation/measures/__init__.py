"""How near an imagined episode is to the engine's: measures by horizon and view, curves, and what they can be trusted for.

`measure(clip, prediction, now)` gives a row, `curves(rows)` their means with intervals; `agreement` judges claims of success, `onset` says when
dreams go wrong, `Sets` gathers features for Fréchet distances, and `distrusted` says what a measure does not see.
"""

from evaluation.measures.frechet import Sets, frechet
from evaluation.measures.measuring import Curve, Row, curves, measure, measured
from evaluation.measures.onset import Onset, onset, onset_s
from evaluation.measures.registry import GROUPS, MEASURES, USUAL, Measure, distrusted
from evaluation.measures.verdicts import Agreement, agreement

__all__ = [
    "GROUPS",
    "MEASURES",
    "USUAL",
    "Agreement",
    "Curve",
    "Measure",
    "Onset",
    "Row",
    "Sets",
    "agreement",
    "curves",
    "distrusted",
    "frechet",
    "measure",
    "measured",
    "onset",
    "onset_s",
]
