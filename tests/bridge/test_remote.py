"""An engine from afar is the engine: the same states, frames and errors, for one client and for several."""

import asyncio
import threading
import time

import numpy as np
import pytest

import bridge
from bridge.engine import Action, Drive, EndEffector, Joints, Move, Remove, Skill, Spawn, Velocity
from bridge.errors import InvalidInput, NotAllowed, Refused, TooLate, UnknownName
from bridge.types import MODALITIES, Pose
from tests.bridge.point_mass import PointMass, eye
from tests.bridge.serving import served, serving, wait
from tests.scenes import tiny_scene

FORWARD = {"courier-1": Action(Velocity(1.0))}
FRONT = ["courier-1/front"]


def assert_same_state(found, expected):
    assert (found.tick, found.time_s, found.names, found.agents[0].name) == (
        expected.tick,
        expected.time_s,
        expected.names,
        expected.agents[0].name,
    )
    np.testing.assert_array_equal(found.poses, expected.poses)
    np.testing.assert_array_equal(found.velocities, expected.velocities)
    assert found.contacts.names == expected.contacts.names


def assert_same_frames(found, expected):
    for one, other in zip(found, expected, strict=True):
        assert (one.camera, one.tick) == (other.camera, other.tick)
        for name in MODALITIES:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
            assert getattr(one, name) is None or getattr(one, name).dtype == getattr(other, name).dtype


def test_an_engine_from_afar_tells_what_the_engine_here_tells():
    here = PointMass()
    with served(scene=False) as afar:
        assert afar.info == here.info
        there, expected = afar.load(tiny_scene()), here.load(tiny_scene())
        assert there.agents == expected.agents
        assert list(there.cameras) == list(expected.cameras)
        assert afar.instances() == tiny_scene().instances()
        assert_same_state(afar.reset(seed=7), here.reset(seed=7))
        for ticks in (1, 1, 3):
            assert_same_state(afar.step(FORWARD, ticks), here.step(FORWARD, ticks))
            assert afar.state_hash() == here.state_hash()
        assert_same_frames(afar.observe(FRONT), here.observe(FRONT))
        assert_same_frames(
            afar.observe([eye("mine"), *FRONT], ["depth"]), here.observe([eye("mine"), *FRONT], ["depth"])
        )


@pytest.mark.parametrize("frames", ["shared", "raw", "zstd"])
def test_frames_are_exact_however_they_travel(frames):
    here = PointMass(size=(480, 640))
    here.load(tiny_scene())
    here.reset(seed=0)
    here.step({}, 5)
    with served(lambda: PointMass(size=(480, 640)), client={"frames": frames}) as afar:
        state, seen = afar.step_and_observe({}, FRONT, ticks=5)
        assert state.tick == 5
        assert_same_frames(seen, here.observe(FRONT))
        assert not seen[0].rgb.flags.writeable


def test_colour_as_jpeg_is_nearly_the_same_and_all_else_is_exact():
    with served(client={"frames": "jpeg"}) as afar:
        afar.step({}, 200)
        (seen,) = afar.observe(FRONT)
        assert np.abs(seen.rgb.astype(int) - 200).max() <= 2
        assert (seen.segmentation == 200).all()
        assert seen.depth[0, 0] == np.inf


def test_the_frames_of_a_step_show_its_tick():
    with served() as afar:
        for _ in range(40):
            state, (seen,) = afar.step_and_observe(FORWARD, FRONT, ["rgb"])
            assert (seen.tick, seen.rgb.min(), seen.rgb.max()) == (state.tick, state.tick, state.tick)
            assert seen.depth is None


def test_every_action_arrives_as_it_was_sent():
    seen = []

    class Listening(PointMass):
        def step(self, actions, ticks=1):
            seen.append(actions["courier-1"])
            return super().step(actions, ticks)

    pose = Pose(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.0, 0.0]))
    with served(Listening) as afar:
        for motion in (None, Velocity(1.0, 2.0, 3.0), Drive(-1.0, 0.5, 1.0), Skill("sit", "courier-2", "now")):
            afar.step({"courier-1": Action(motion, gripper=0.25, say="hello")})
            assert seen[-1] == Action(motion, 0.25, "hello") or vars(seen[-1]) == vars(Action(motion, 0.25, "hello"))
        state = afar.step({"courier-1": Action(Joints(np.array([0.1, 0.2])))})
        np.testing.assert_array_equal(state.agents[0].joints, [0.1, 0.2])
        afar.step({"courier-1": Action(EndEffector(pose))})
        np.testing.assert_array_equal(seen[-1].motion.base_from_tool.quat_wxyz, pose.quat_wxyz)


def test_a_batch_of_changes_is_made_whole_and_a_spawned_agent_can_be_claimed():
    with served() as afar:
        here = Pose(np.array([5.0, 0.0, 0.0]))
        state = afar.edit([Spawn("dog-1", "dog", here, is_agent=True), Move("courier-2", here)])
        assert state.names == ("courier-1", "courier-2", "dog-1")
        assert afar.step({"dog-1": Action(Velocity(1.0))}).poses[2, 0] == pytest.approx(5.02)
        with pytest.raises(UnknownName, match="nobody"):
            afar.edit([Remove("dog-1"), Remove("nobody")])
        assert "dog-1" in afar.state().names
        assert afar.edit([Remove("dog-1")]).names == ("courier-1", "courier-2")
        with pytest.raises(UnknownName, match="dog-1"):
            afar.step({"dog-1": Action()})


def test_two_clients_drive_different_agents_while_a_third_observes():
    with (
        serving() as server,
        bridge.connect(server.address, client_name="ada") as ada,
        bridge.connect(server.address, client_name="bob") as bob,
        bridge.connect(server.address, role="observer") as eve,
    ):
        start = ada.state()
        ada.claim("courier-1")
        bob.claim("courier-2")
        moved = threading.Thread(
            target=lambda: [bob.step({"courier-2": Action(Velocity(0.0, 2.0))}) for _ in range(50)]
        )
        moved.start()
        seen = []
        for _ in range(50):
            ada.step({"courier-1": Action(Velocity(1.0))})
            seen.append(eve.state().tick)
        moved.join(10)
        end = eve.state()
        assert end.tick == 50
        np.testing.assert_allclose((end.poses - start.poses)[:, :2], [[1.0, 0.0], [0.0, 2.0]], atol=1e-9)
        assert seen == sorted(seen)
        assert eve.observe(FRONT, ["rgb"])[0].rgb.max() == 50
        with pytest.raises(NotAllowed, match="observer may not step"):
            eve.step({})
        with pytest.raises(NotAllowed, match="observer may not claim"):
            eve.claim("courier-1")
        with pytest.raises(NotAllowed, match="observer may not reset"):
            eve.reset(seed=0)
        with pytest.raises(NotAllowed, match="observer may not edit"):
            eve.edit([])


def test_a_second_claim_names_the_owner_and_when_its_lease_ends():
    with (
        serving() as server,
        bridge.connect(server.address, client_name="ada") as ada,
        bridge.connect(server.address, client_name="bob") as bob,
    ):
        ada.claim("courier-1")
        with pytest.raises(InvalidInput, match=r"given \['courier-2'\]"):
            bob.claim(["courier-2"])
        with pytest.raises(Refused, match=r"'courier-1' is held by 'ada', whose lease ends in [0-5]\.\d s"):
            bob.claim("courier-2", "courier-1")
        bob.claim("courier-2")  # nothing of the refused claim was kept
        with pytest.raises(Refused, match="held by 'ada'"):
            bob.edit([Remove("courier-1")])
        with pytest.raises(Refused, match=r"Only 'ada'.* may reset"):
            bob.reset(seed=1)
        ada.release("courier-1")
        bob.claim("courier-1")


def test_the_world_waits_for_all_owners_and_says_whom_it_waits_for():
    with (
        serving(wait_s=0.3) as server,
        bridge.connect(server.address, client_name="ada") as ada,
        bridge.connect(server.address, client_name="bob") as bob,
    ):
        ada.claim("courier-1")
        bob.claim("courier-2")
        with pytest.raises(TooLate, match="waits for courier-2 of 'bob'"):
            ada.step(FORWARD)
        assert ada.state().tick == 0
        bob.close()
        assert ada.step(FORWARD).tick == 1


def test_with_missing_hold_the_world_goes_on_without_the_late():
    with (
        serving(wait_s=0.2, missing="hold") as server,
        bridge.connect(server.address) as ada,
        bridge.connect(server.address) as bob,
    ):
        ada.claim("courier-1")
        bob.claim("courier-2")
        assert ada.step(FORWARD).tick == 1


def test_who_steps_together_asks_for_the_same_number_of_ticks():
    with serving() as server, bridge.connect(server.address) as ada, bridge.connect(server.address) as bob:
        ada.claim("courier-1")
        bob.claim("courier-2")
        waiting = threading.Thread(target=lambda: ada.step({}, 2))
        waiting.start()
        while not server.pacing._asked:
            time.sleep(0.01)
        with pytest.raises(Refused, match=r"ticks is 3; .* waits with 2"):
            bob.step({}, 3)
        assert bob.step({}, 2).tick == 2
        waiting.join(5)


def test_a_slow_watcher_gets_the_latest_frame_and_is_told_how_many_it_missed():
    with (
        serving() as server,
        bridge.connect(server.address) as ada,
        bridge.connect(server.address, role="observer") as eve,
    ):
        watching = eve.watch(FRONT, ["rgb"])
        (first,), dropped = next(watching)
        assert (first.tick, dropped) == (0, 0)
        ada.step({}, 7)
        (seen,), dropped = next(watching)
        assert (seen.tick, seen.rgb.max(), dropped) == (7, 7, 6)
        watching.close()


def test_in_real_time_the_world_goes_on_by_itself_and_a_step_is_a_wish():
    with served(lambda: PointMass(tick_s=0.01), mode="real-time") as engine:
        first = engine.state().tick
        state = engine.step(FORWARD, 5)
        assert state.tick >= first + 5
        (seen,), _ = next(engine.watch(FRONT, ["segmentation"]))
        assert seen.segmentation.max() == seen.tick >= state.tick


def test_the_asyncio_client_says_the_same():
    async def talk(address):
        async with await bridge.connect_async(address) as afar:
            assert "courier-1" in (await afar.load(tiny_scene())).agents
            await afar.reset(seed=7)
            state = await afar.step(FORWARD, 3)
            frames = await afar.observe(FRONT)
            async for seen in afar.watch(FRONT, ["rgb"]):
                assert seen[0][0].tick == 3
                break
            with pytest.raises(InvalidInput, match="ticks is 0"):
                await afar.step({}, 0)
            again = await afar.step({})
            return state, frames, again.tick, await afar.state_hash()

    here = PointMass()
    here.load(tiny_scene())
    here.reset(seed=7)
    with serving() as server:
        state, frames, tick, found = wait(talk(server.address))
    assert_same_state(state, here.step(FORWARD, 3))
    assert_same_frames(frames, here.observe(FRONT))
    here.step({})
    assert (tick, found) == (4, here.state_hash())


def test_sixteen_calls_at_once_are_answered_one_after_another():
    async def talk(address):
        async with await bridge.connect_async(address) as afar:
            return await asyncio.gather(*(afar.step({}) for _ in range(16)))

    with serving() as server:
        assert [state.tick for state in wait(talk(server.address))] == list(range(1, 17))
