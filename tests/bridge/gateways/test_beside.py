"""Between the server's orders: what clients change is noted for it, who holds the time, and what may wait until they have built."""

from collections.abc import Iterator

import pytest

from bridge.engine import Action, Velocity
from bridge.engines import open_engine
from bridge.errors import NotSupported, UnknownBody
from bridge.gateways.unrealcv.listening import Settings
from bridge.worker import beside as module
from bridge.worker.beside import Beside
from tests.bridge.embedded_town import embedded_town

FORWARD = {"courier-1": Action(Velocity(1.0))}
ANYWHERE = (0.0, 0.0, 5.0, 1.0, 0.0, 0.0, 0.0)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "perf_counter", made)
    return made


@pytest.fixture(params=[True, False], ids=["paced", "lockstep"])
def both(request) -> Iterator[Beside]:
    yield from begun(is_paced=request.param)


@pytest.fixture
def paced() -> Iterator[Beside]:
    yield from begun(is_paced=True)


def begun(*, is_paced: bool) -> Iterator[Beside]:
    """A town that both sides act in."""
    with open_engine("kinematic") as engine:
        made = Beside(engine, Settings(port=0), is_paced=is_paced)
        try:
            scene = made.prepared(embedded_town())
            made.loaded(scene, engine.load(scene))
            assert not made.has_begun
            made.began(engine.reset(seed=0))
            assert made.has_begun
            yield made
        finally:
            made.close()


def x_of(beside: Beside, name: str) -> float:
    state = beside.stage.state
    assert state is not None
    return float(state.poses[state.names.index(name), 0])


def spawn(beside: Beside, name: str, asset: str = "crate-a") -> None:
    beside.stage.spawn(name, asset, pose=ANYWHERE)


def test_what_clients_change_is_told_once_and_in_its_order(both):
    spawn(both, "box-1")
    assert both.state().names.count("box-1") == 1
    both.stage.destroy(both.stage.found("box-1"))
    both.state()
    made = both.drain()
    assert [(type(one).__name__, one.name) for one in made.changes] == [("Spawn", "box-1"), ("Remove", "box-1")]
    assert not made.have_reset
    assert both.drain().changes == []


def test_a_reset_by_a_client_is_told_with_what_came_after_it_alone(both):
    spawn(both, "box-1")
    both.state()
    both.stage.engine.reset(seed=3)
    both.stage.engine.edit([])
    made = both.drain()
    assert made.have_reset
    assert made.changes == []


def test_what_the_server_resets_is_no_deed_of_clients(both):
    spawn(both, "box-1")
    both.state()
    both.began(both.stage.engine.reset(seed=0))
    made = both.drain()
    assert (made.have_reset, made.changes) == (False, [])
    assert both.stage.actor("box-1") is None


def test_clients_load_no_scene(both):
    with pytest.raises(NotSupported, match="scenegen --to"):
        both.stage.engine.load(embedded_town())


@pytest.mark.parametrize("hold", ["is_paused", "is_driven"])
def test_while_a_client_holds_the_time_the_clock_moves_nothing_and_what_agents_are_told_is_done_later(paced, hold):
    before = x_of(paced, "courier-1")
    setattr(paced.stage.clock, hold, True)
    for _ in range(5):
        assert paced.step(FORWARD, 1).tick == 0
    assert x_of(paced, "courier-1") == before
    setattr(paced.stage.clock, hold, False)
    for _ in range(25):
        state = paced.step({}, 1)
    assert state.tick == 25
    assert x_of(paced, "courier-1") - before > 0.2


def test_while_time_is_held_an_agent_that_is_gone_cannot_be_told_anything(paced):
    paced.stage.clock.is_paused = True
    with pytest.raises(UnknownBody, match="No agent 'nobody' is there any more"):
        paced.step({"nobody": Action()}, 1)


def test_in_lockstep_a_client_of_the_server_steps_whoever_has_paused_the_game():
    for beside in begun(is_paced=False):
        beside.stage.clock.is_paused = True
        assert beside.step(FORWARD, 3).tick == 3


def test_what_is_built_by_the_clock_reaches_the_engine_when_nothing_has_come_for_a_moment(paced, clock):
    for index in range(4):
        spawn(paced, f"box-{index}")
        clock.now += 0.9 * module.QUIET_S
        assert "box-0" not in paced.step({}, 1).names
    revision = paced.stage.state.revision
    clock.now += 1.1 * module.QUIET_S
    state = paced.step({}, 1)
    assert {"box-0", "box-3"} <= set(state.names)
    assert state.revision == revision + 1


def test_what_is_built_without_an_end_reaches_the_engine_all_the_same(paced, clock):
    first, index = None, 0
    while first is None:
        spawn(paced, f"box-{index}")
        clock.now += 0.5 * module.QUIET_S
        first = clock.now if "box-0" in paced.step({}, 1).names else None
        index += 1
    assert first - 100.0 == pytest.approx(module.LONGEST_S, abs=module.QUIET_S)


def test_what_is_only_moved_is_moved_with_the_next_tick(paced, clock):
    paced.stage.place(paced.stage.found("parcel-1"), ANYWHERE)
    paced.step({}, 1)
    assert x_of(paced, "parcel-1") == 0.0


def test_an_agent_that_the_engine_has_not_been_told_of_begins_to_act_when_it_has(paced, clock):
    spawn(paced, "courier-9", "courier-a")
    paced.stage.act(paced.stage.found("courier-9"), Action(Velocity(1.0)))
    assert "courier-9" not in paced.step({}, 1).names
    clock.now += 2 * module.QUIET_S
    paced.step({}, 1)
    before = x_of(paced, "courier-9")
    for _ in range(25):
        paced.step({}, 1)
    assert x_of(paced, "courier-9") - before > 0.2


def test_who_asks_for_the_world_has_it_with_all_that_was_built(paced, clock):
    spawn(paced, "box-1")
    paced.step({}, 1)
    assert "box-1" in paced.state().names
