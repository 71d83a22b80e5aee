"""What judges say of many dreams, in numbers and in HTML."""

import json

import pytest

from evaluation.judges import cautions, judge, results, section, summary
from evaluation.judges.calibration import calibrated
from evaluation.judges.tampering import TAMPERINGS
from evaluation.judges.telling import unseen
from evaluation.judges.vlm import Opinion, Opinions
from tests.evaluation.judges.tables import clip, true_case


@pytest.fixture(scope="module")
def summaries():
    true = judge(true_case())
    wrong = judge(TAMPERINGS["vanishing"](clip(), 1))
    return {"true": summary([true] * 6), "wrong": summary([wrong, true] * 3)}


def test_a_record_survives_json():
    said = judge(true_case())
    assert json.loads(json.dumps(said)) == said


def test_the_engine_agrees_with_itself(summaries):
    graded = summaries["true"].graded
    assert (graded.agreed.value, graded.gap.value, graded.dream[3, 3]) == (1.0, 0.0, 6)
    assert summaries["true"].adherence.dream.value == 1.0


def test_who_loses_things_keeps_fewer_laws(summaries):
    assert summaries["wrong"].laws["permanence"].dream.value == pytest.approx(0.75)
    assert summaries["wrong"].laws["permanence"].difference.value == pytest.approx(-0.25)


def test_the_section_has_everybody_and_the_models_own_grades(summaries):
    page = section("manipulate", "true", summaries)
    for words in ("<h2>Judges</h2>", "<th class=number>wrong</th>", "Law by law", "Weighted kappa", "things last"):
        assert words in page
    assert "vision-language" not in page


def test_nobody_judged_makes_no_section():
    assert section("manipulate", "true", {}) == ""


def test_a_vlms_opinions_stand_beside_and_are_escaped(summaries):
    yes, no = Opinion(True, "<b>in</b> the bowl"), Opinion(False, "")
    said = {"seed-0": {"engine": {"instruction": yes, "physics": yes, "consistency": yes}, "dream": {"instruction": no, "physics": yes, "consistency": yes}}}  # fmt: skip
    opinions = Opinions(said, {"calls": 2, "invalid": 0, "faults": {}}, "no calls left")
    page = section("manipulate", "true", summaries, opinions, {"seed-0": True})
    assert "told 1 of 1 rightly" in page
    assert "&lt;b&gt;in" in page
    assert "no calls left" in page
    assert "It could not tell" not in page
    json.dumps(results("manipulate", summaries, opinions), allow_nan=False)


def test_a_vlm_that_says_yes_to_errors_is_marked():
    yes, no = Opinion(True, ""), Opinion(False, "")
    said = {
        f"seed-{i}": {"engine": {"physics": yes}, "vanishing": {"physics": no}, "shuffled": {"physics": yes}}
        for i in range(3)
    }
    (told,) = unseen(Opinions(said, {}))
    assert told.startswith("It could not tell engine episodes from ones with shuffled: it did in 0 of 3")


def test_judges_that_were_not_calibrated_say_so():
    assert len([text for text in cautions("navigate") if "was not calibrated" in text]) == 4


def test_calibration_counts_in_how_many_episodes_an_error_is_seen():
    found = calibrated([clip(), clip()])
    assert found["vanishing"]["physics"] == {"n": 2, "share": 1.0, "is_seen": True}
