"""The engine lent to a client: faster, and in nothing else different from steps that go by the server."""

import sys
import threading

import numpy as np
import pytest

import bridge
from bridge.deeds import Exchange
from bridge.engine import Action, Move, Skill, Velocity
from bridge.errors import (
    InvalidInput,
    Refused,
    SessionEnded,
    UnknownName,
)
from bridge.recording import Recording
from bridge.recording.again import run_again
from bridge.sockets import NOWHERE
from bridge.types import Pose
from tests.bridge.lending.borrowing import FORWARD, FRONT, borrow, by_server, eventually, in_a_worker, is_lent
from tests.bridge.point_mass import PointMass, eye
from tests.bridge.serving import serving
from tests.scenes import tiny_scene

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="engines in other processes are lent on Linux and macOS"
)


def test_the_states_frames_and_hashes_are_those_of_the_same_engine_here(server, driver, monkeypatch):
    here = PointMass()
    here.load(tiny_scene())
    here.reset(seed=3)
    driver.reset(seed=3)
    heard = by_server(server, monkeypatch)
    for number in range(200):
        actions = {"courier-1": Action(Velocity(1.0 + number / 100))}
        state, (seen,) = driver.step_and_observe(actions, FRONT, ["rgb"], ticks=1 + number % 3)
        wanted = here.step(actions, 1 + number % 3)
        assert (state.tick, state.names, seen.tick) == (wanted.tick, wanted.names, wanted.tick)
        np.testing.assert_array_equal(state.poses, wanted.poses)
        assert (seen.rgb == seen.tick % 251).all()
    assert driver.state_hash() == here.state_hash()
    assert len(heard) < 100


def test_who_takes_the_same_look_after_each_step_has_it_from_the_engine(server, driver):
    for tick in range(1, 40):
        assert driver.step(FORWARD).tick == tick
        (seen,) = driver.observe([eye("wide", width=64)], ["rgb", "depth"])
        assert (seen.tick, seen.rgb.max(), seen.depth.shape) == (tick, tick, (24, 64))
    tick = driver.step(FORWARD).tick
    while not is_lent(server):  # it was just taken back, as it is once a second
        tick = driver.step(FORWARD).tick
        driver.observe([eye("wide", width=64)], ["rgb", "depth"])
    assert driver.observe([eye("wide", width=64)], ["rgb", "depth"])[0].rgb.max() == tick
    assert is_lent(server)
    assert driver.observe(FRONT, ["rgb"])[0].rgb.max() == tick
    assert not is_lent(server)
    assert driver.step(FORWARD).tick == tick + 1


def test_it_is_not_lent_to_who_looks_elsewhere_after_each_step_nor_while_somebody_watches(server, driver):
    for width in range(16, 24):
        driver.step(FORWARD)
        driver.observe([eye("wide", width=width)], ["rgb"])
        assert not is_lent(server)
    with bridge.connect(server.address, role="observer") as observer:
        watching = observer.watch(FRONT, ["rgb"])
        next(watching)
        for _ in range(6):
            driver.step(FORWARD)
            assert not is_lent(server)
        watching.close()


@pytest.mark.parametrize("frames", ["jpeg", "zstd"])
def test_frames_that_travel_are_packed_by_the_engine_and_come_from_it(server, frames):
    with bridge.connect(server.address, frames=frames) as far:
        tick = borrow(server, far, cameras=FRONT, modalities=["rgb", "depth"])
        for _ in range(5):
            tick += 1
            _, (seen,) = far.step_and_observe(FORWARD, FRONT, ["rgb", "depth"])
            assert (seen.tick, seen.rgb.max(), seen.depth.dtype) == (tick, tick, np.float32)


def test_frames_of_plain_bytes_go_by_the_server(server):
    with bridge.connect(server.address, frames="raw") as far:
        for tick in range(1, 6):
            _, (seen,) = far.step_and_observe(FORWARD, FRONT, ["rgb", "depth"])
            assert (seen.tick, seen.rgb.max(), seen.depth.dtype) == (tick, tick, np.float32)
            assert not is_lent(server)


def test_it_is_not_lent_across_gigantic_steps_or_in_real_time(server, driver, way):
    tick = borrow(server, driver)
    assert driver.step(FORWARD, 500).tick == tick + 500
    with serving(in_a_worker(), mode="real-time", **way) as other, bridge.connect(other.address) as afar:
        for _ in range(5):
            afar.step({})
            assert not is_lent(other)


def test_whoever_asks_sees_the_present_tick_and_no_step_is_lost_or_doubled(server, driver):
    with bridge.connect(server.address, role="observer") as observer:
        last = borrow(server, driver)
        for _ in range(30):
            state = driver.step(FORWARD)
            assert state.tick == last + 1
            last = observer.state().tick
            assert last == state.tick
            assert observer.observe(FRONT, ["rgb"])[0].tick == last
            for _ in range(3):
                assert driver.step(FORWARD).tick == last + 1
                last += 1


def test_a_lender_learns_by_itself_within_seconds_where_the_world_is(server, driver):
    borrow(server, driver)
    tick = driver.step(FORWARD).tick
    eventually(lambda: server.world.state.tick == tick)
    assert not is_lent(server)
    assert driver.step(FORWARD).tick == tick + 1


def test_agents_that_another_client_claims_are_waited_for_from_then_on(server, driver):
    tick = borrow(server, driver)
    with bridge.connect(server.address, client_name="second", timeout_s=30) as second:
        second.claim("courier-2")
        done = []
        waiting = threading.Thread(target=lambda: done.append(driver.step(FORWARD).tick))
        waiting.start()
        assert second.step({"courier-2": Action(Velocity(1.0))}).tick == tick + 1
        waiting.join(20)
        assert done == [tick + 1]
        with pytest.raises(Refused, match="is held by 'second'"):
            driver.step({"courier-2": Action()})
        second.release("courier-2")


def test_an_edit_and_a_reset_of_others_come_between_two_steps(server, driver):
    tick = borrow(server, driver)
    with bridge.connect(server.address) as other:
        spot = Pose(np.array([7.0, 8.0, 0.0]))
        assert other.edit([Move("courier-2", spot)]).tick == tick
        np.testing.assert_allclose(driver.step(FORWARD).poses[1, :2], [7.0, 8.0])
    borrow(server, driver)
    driver.step(FORWARD)
    assert driver.reset(seed=0).tick == 0
    assert driver.step(FORWARD).tick == 1


def test_a_recording_that_begins_while_it_is_lent_misses_nothing(tmp_path, way):
    with serving(in_a_worker(), recordings=tmp_path, **way) as server, bridge.connect(server.address) as driver:
        tick = borrow(server, driver)
        path = driver.start_recording("late")
        for _ in range(20):
            driver.step(FORWARD)
            assert not is_lent(server)
        _, _, ticks = driver.stop_recording()
        borrow(server, driver)
        driver.step(FORWARD)
        driver.start_recording("whole")
        driver.reset(seed=4)
        for _ in range(5):
            driver.step(FORWARD)
        driver.stop_recording()
    with Recording(path) as recording:
        assert ticks == 20
        assert [state.tick for state in recording.episodes()[0].states()] == list(range(tick, tick + 21))
    with Recording(tmp_path / "whole.mcap") as recording:
        verdict = run_again(recording, PointMass())
    assert (verdict.divergence, verdict.hashes) == (None, 6)


def test_a_step_that_is_asked_for_again_is_answered_from_memory(server, driver):
    borrow(server, driver)
    sent = []
    step = driver._wire._sockets.step
    driver._wire._sockets.step = lambda request, *rest: (sent.append(request), step(request, *rest))[1]
    tick = driver.step(FORWARD).tick
    assert is_lent(server)
    again = driver._wire.perform(Exchange(sent[-1], 20.0))
    assert (again.moment.tick, is_lent(server)) == (tick, True)
    driver._wire._sockets._lent = NOWHERE
    again = driver._wire.perform(Exchange(sent[-1], 20.0))
    assert (again.moment.tick, is_lent(server)) == (tick, False)
    assert driver.step(FORWARD).tick == tick + 1


def test_what_is_wrong_with_a_step_is_told_as_ever_and_costs_no_number(server, driver):
    tick = borrow(server, driver)
    with pytest.raises(InvalidInput, match="forward_m_s is nan"):
        driver.step({"courier-1": Action(Velocity(float("nan")))})
    tick = max(tick, borrow(server, driver))
    with pytest.raises(UnknownName, match="nothing is called 'sofa'") as caught:
        driver.step({"courier-1": Action(Skill("sit", "sofa"))})
    assert caught.value.hop == "engine"
    assert driver.step(FORWARD).tick == tick + 1
    borrow(server, driver)
    with pytest.raises(UnknownName, match="No camera named 'x'"):
        driver.step_and_observe(FORWARD, ["x"])


def test_a_client_that_takes_a_session_up_leaves_nothing_to_the_one_before(server, driver):
    tick = borrow(server, driver)
    with bridge.connect(server.address, resume_token=driver.resume_token) as heir:
        assert heir.step(FORWARD).tick == tick + 1
        with pytest.raises(SessionEnded, match="taken up by another connection"):
            driver.step(FORWARD)
        assert borrow(server, heir) > tick
