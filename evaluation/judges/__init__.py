"""Judges of dreams, held against the engine: instruction following, physics adherence, 3D consistency, recognition, and a VLM.

`judge(case)` says what they say of one dream, `summary(records)` what comes of many, `section(...)` tells it in HTML, and `blind` names the errors
that a judge does not see.
"""

from evaluation.judges.judging import JUDGES, judge
from evaluation.judges.summing import Summary, summary
from evaluation.judges.telling import cautions, results, section, sentences
from evaluation.judges.trust import blind

__all__ = ["JUDGES", "Summary", "blind", "cautions", "judge", "results", "section", "sentences", "summary"]
