"""One shift is the same shift however often one looks at it and wherever its engine runs; on physics it is nearly so."""

import json

import pytest

from bridge.control import Town
from bridge.engines import open_engine
from bridge.tasks import delivery
from bridge.tasks.delivery.config import Demand
from evaluation import Life, rollout
from evaluation.result import EpisodeResult
from evaluation.rollout import Settings
from policies import greedy
from tests.bridge.control.towns import hamlet
from tests.bridge.serving import served


def shift(
    engine,
    *,
    seed: int,
    minutes: float,
    couriers: int = 4,
    life: Life | None = None,
    demand: Demand | None = None,
    **settings,
) -> EpisodeResult:
    """A shift of greedy couriers in the hamlet; the town is prepared anew, so that no run knows of another."""
    scene = hamlet().scene
    task = delivery.make(delivery.Config(agents=couriers, hours=minutes / 60, demand=demand or Demand()))
    engine.load(scene)
    minds = {agent: greedy.make(greedy.Config()) for agent in task.agents(scene)}
    return rollout(
        task, scene, engine, minds, seed=seed, hours=minutes / 60, ambient=life, town=Town(scene),
        settings=Settings(**settings),
    )  # fmt: skip


def delivered(result: EpisodeResult) -> dict[str, tuple[str, float]]:
    """Who delivered an order, and when [s]."""
    return {e.details["order"]: (e.agent, e.time_s) for e in result.events if e.kind == "delivered"}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_coarse_looks_deliver_the_same_orders_for_the_same_money(seed):
    """Half a second between two looks instead of a tenth: the same courier has every order, some seconds apart."""
    with open_engine("kinematic") as engine:
        coarse, fine = (shift(engine, seed=seed, minutes=10, coarse=coarse) for coarse in (True, False))
    agree(coarse, fine, abs_s=30.0)


@pytest.mark.parametrize(("options", "minutes"), [({"name": "kinematic"}, 4), ({"detail": "near"}, 2)])
def test_a_shift_over_grpc_is_the_one_in_process_to_the_byte(options, minutes):
    """With everyday life; only what the clock on the wall says may differ."""
    life = Life(vehicles=3, pedestrians=6)
    with open_engine(**options) as engine:
        here = shift(engine, seed=1, minutes=minutes, life=life)
    with served(lambda: open_engine(**options), scene=False) as engine:
        there = shift(engine, seed=1, minutes=minutes, life=life)
    documents = [result.document() for result in (here, there)]
    for document in documents:
        for clock in ("wall_s", "cpu_s"):
            document.pop(clock)
    texts = [json.dumps(document, sort_keys=True) for document in documents]
    assert texts[0] == texts[1]
    assert sum(row["decisions"] for row in here.rows.values()) > 5


def details(*, seed: int, minutes: float, couriers: int, demand: Demand | None = None, life: Life | None = None):
    """The same shift on the embedded engine in near and in full detail."""
    for detail in ("near", "full"):
        with open_engine("embedded", detail=detail) as engine:
            yield shift(engine, seed=seed, minutes=minutes, couriers=couriers, demand=demand, life=life)


def test_near_detail_delivers_what_full_detail_does():
    """Quick kitchens, two minutes: the same orders by the same couriers, seconds apart, for the same money."""
    quick = Demand(orders_per_agent_h=60.0, prepare_least_s=5.0, prepare_most_s=20.0, bidding_s=5.0)
    near, full = details(seed=0, minutes=2, couriers=2, demand=quick)
    agree(near, full, abs_s=5.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_near_detail_delivers_what_full_detail_does_in_ten_minutes(seed):
    near, full = details(seed=seed, minutes=10, couriers=4)
    agree(near, full, abs_s=30.0)


def agree(one: EpisodeResult, other: EpisodeResult, *, abs_s: float) -> None:
    """The same orders were delivered by the same couriers at about the same time, and everybody earned the same."""
    ours, theirs = delivered(one), delivered(other)
    assert ours
    assert {order: who for order, (who, _) in ours.items()} == {order: who for order, (who, _) in theirs.items()}
    assert [ours[order][1] for order in theirs] == pytest.approx([time_s for _, time_s in theirs.values()], abs=abs_s)
    for agent, row in one.rows.items():
        assert row["profit"] == pytest.approx(other.rows[agent]["profit"], abs=0.01)


@pytest.mark.slow
def test_physics_delivers_what_the_kinematic_engine_does():
    """Five minutes without others: the same orders by the same couriers, a few per cent apart in time."""
    found = []
    for name in ("kinematic", "embedded"):
        with open_engine(name) as engine:
            found.append(shift(engine, seed=1, minutes=5, couriers=2))
    ours, theirs = map(delivered, found)
    assert ours
    assert {order: who for order, (who, _) in ours.items()} == {order: who for order, (who, _) in theirs.items()}
    for order, (_, time_s) in ours.items():
        assert time_s == pytest.approx(theirs[order][1], rel=0.1)
