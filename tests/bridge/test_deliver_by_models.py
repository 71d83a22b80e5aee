"""A whole shift by a language model, by the command: whatever its server does, the shift ends, and the report says how."""

import json

import pytest

from bridge.cli import main
from bridge.formats.scene_folder import write_scene
from tests.bridge.control.towns import hamlet
from tests.policies.stand_in import (
    StandIn,
    decision,
    drips,
    drops,
    fails,
    floods,
    says,
    sends,
    stalls,
    thinks,
)  # fmt: skip

MOST_LOST_S = 1.0
"""What calls without an answer may cost each courier, in wall-clock seconds; then it is not asked again."""
LIMITS = ("--llm.retries", 1, "--llm.most-lost-s", MOST_LOST_S)
IMPATIENT = ("--llm.timeout-s", 0.4, "--llm.decision-s", 1.0)
"""For servers that answer nothing; any other one has the usual time, since this computer may have other work."""


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("towns") / "hamlet"
    write_scene(hamlet().scene, folder)
    return folder


def shift(capsys, town, out, server: StandIn, *more, minutes: float = 5.0):
    """The results of some minutes of two couriers, and what was said on stdout."""
    arguments = (town, "--couriers", 2, "--policy", "llm", "--hours", minutes / 60, "--engine", "kinematic", "--out", out,
                 "--vehicles", 0, "--pedestrians", 0, "--llm.base-url", server.base_url, "--llm.model", "toy", *more)  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        main(["deliver", *map(str, arguments)])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    return json.loads((out / "results.json").read_text()), said


def total(results, key: str):
    return sum(report[key] for report in results["reports"].values())


def merged(results, key: str) -> set[str]:
    return {kind for report in results["reports"].values() for kind in report[key]}


@pytest.mark.parametrize(
    ("behaviour", "faults", "fallbacks"),
    [
        pytest.param(stalls, {"timeout"}, {"timeout"}, id="never answers"),
        pytest.param(drips, {"timeout"}, {"timeout"}, id="answers a byte at a time"),
        pytest.param(drops, {"dropped"}, {"dropped"}, id="drops the connection"),
        pytest.param(fails(500), {"server error"}, {"server error"}, id="HTTP 500"),
        pytest.param(fails(503, Retry_After="1"), {"server error"}, {"server error"}, id="HTTP 503"),
        pytest.param(fails(429), {"busy"}, {"busy"}, id="HTTP 429"),
        pytest.param(fails(401, "wrong key"), {"key refused"}, {"key refused"}, id="HTTP 401"),
        pytest.param(fails(400, "no such thing"), {"rejected"}, {"rejected"}, id="HTTP 400"),
        pytest.param(floods, {"too long"}, {"too long"}, id="answers without end"),
        pytest.param(sends("<html>Bad gateway</html>", "text/html"), {"garbled"}, {"garbled"}, id="answers no JSON"),
        pytest.param(says("beep boop"), set(), {"invalid"}, id="a model that babbles"),
        pytest.param(says('{"verb": "fly", "target": '), set(), {"invalid"}, id="a model that stops in its answer"),
        pytest.param(says("I'm sorry, but I can't help with that."), set(), {"refusal"}, id="a model that refuses"),
    ],
)
def test_no_server_stops_a_shift_and_the_report_says_what_it_did(capsys, town, tmp_path, behaviour, faults, fallbacks):
    with StandIn(behaviour) as server:
        patience = IMPATIENT if behaviour in (stalls, drips) else ()
        results, said = shift(capsys, town, tmp_path, server, *LIMITS, *patience)
    assert results["ended"] == "over"
    assert results["simulated_s"] == pytest.approx(300.0)
    assert merged(results, "faults") == faults
    assert fallbacks <= merged(results, "fallbacks") <= fallbacks | {"server left alone", "no lost time left"}
    assert total(results, "calls") >= 2
    for agent, row in results["rows"].items():
        report = results["reports"][agent]
        assert (row["mind_errors"], row["mind_timeouts"]) == (0, 0)
        assert row["decisions"] == report["decisions"] == sum(report["fallbacks"].values())
        assert (
            report["lost_s"] < MOST_LOST_S + 20.0
        )  # a decision more than the budget, on a computer that has other work
    assert "Language models:" in said
    assert next(iter(fallbacks)) in said


def test_a_server_that_is_not_there_is_said_to_be(capsys, town, tmp_path):
    with StandIn(stalls) as server:
        pass
    results, said = shift(capsys, town, tmp_path, server, *LIMITS)
    assert merged(results, "faults") == {"unreachable"}
    assert "unreachable" in said


def test_a_model_that_thinks_earns_and_its_tokens_are_paid(capsys, town, tmp_path):
    """It takes the best order, fetches it and brings it: by what the question says of its own state."""

    def courier(data) -> str:
        notes = data["notes"]
        clock, me, mine = notes["clock"], notes["me"], notes["orders"]["mine"]
        if not mine:
            free = [order for order in notes["orders"]["open"] if order["bids_end_s"] <= clock["now_s"]]
            best = max(free, key=lambda order: order["pay"], default=None)
            return decision("accept", best["id"]) if best else decision("wait", s=10)
        order = mine[0]
        if order["state"] == "assigned":
            if me["near"] != order["shop_address"]:
                return decision("go_to", order["shop_address"])
            left_s = order["ready_s"] - clock["now_s"]
            return decision("wait", s=left_s + 1) if left_s > 0 else decision("pick_up_order", order["id"])
        if me["near"] != order["to_address"]:
            return decision("go_to", order["to_address"])
        return decision("drop_off", order["id"], method=order["wish"])

    with StandIn(thinks(courier)) as server:
        results, said = shift(
            capsys, town, tmp_path, server, "--llm.prompt-price", 2.0, "--llm.completion-price", 10.0,
            "--delivery.demand.orders-per-agent-h", 60.0, "--delivery.demand.prepare-most-s", 90.0, minutes=8.0,
        )  # fmt: skip
    rows = results["rows"].values()
    assert sum(row["delivered"] for row in rows) >= 1
    assert sum(row["profit"] for row in rows) > 0
    assert merged(results, "faults") == merged(results, "fallbacks") == set()
    # The stand-in counts 100 + 20 tokens a call: 100 x 2 + 20 x 10 millionths.
    assert total(results, "calls") == total(results, "decisions") == len(server.asked)
    assert total(results, "cost") == pytest.approx(4e-4 * len(server.asked))
    assert f"{len(server.asked)} calls, {100 * len(server.asked):,} + {20 * len(server.asked):,} tokens" in said
    assert {event["agent"] for event in results["events"] if event["kind"] == "placed"} == {""}  # it is the town's
