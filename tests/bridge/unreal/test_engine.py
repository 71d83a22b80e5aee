"""The engine `unreal` over a small far end: the contract kept, the same world as in process, cameras, edits, frames."""

import sys

import numpy as np
import pytest

from bridge.conformance import conform, proving_ground
from bridge.engine import Action, Move, Remove, Skill, Spawn, Velocity
from bridge.engines import open_engine
from bridge.errors import EngineFailed, InvalidChange, NotSupported, Refused, UnknownBody, UnknownCamera
from bridge.link import framed_error
from bridge.robots.tabletop import tabletop_scene
from bridge.types import Pose
from tests.bridge.unreal.far_end import far_end
from tests.scenes import tiny_scene

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")


def kinematic():
    return open_engine("kinematic")


@pytest.fixture
def unreal(tmp_path):
    """An engine on the tiny town, and its far end."""
    with far_end(kinematic, tmp_path) as end, open_engine("unreal", **end.options) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        yield engine, end


def test_it_keeps_the_contract(tmp_path):
    with far_end(kinematic, tmp_path, by_port=True) as end:
        verdicts = list(conform(open_engine("unreal", **end.options)))
    assert [verdict for verdict in verdicts if verdict.outcome != "kept"] == []


def test_it_says_which_unreal_it_is_and_what_that_can_do(unreal):
    engine, end = unreal
    assert engine.info.name == "unreal"
    assert engine.info.version == f"kinematic 1 at {end.address}"
    assert set(engine.info.capabilities) >= {"rgb", "depth", "edit", "control"}


def test_a_world_afar_is_the_world_it_would_be_here(unreal):
    afar, _ = unreal
    with kinematic() as here:
        assert here.load(tiny_scene()).agents == ("courier-1",)
        here.reset(seed=0)
        turn = {"courier-1": Action(Velocity(1.2, yaw_rate_rad_s=0.2))}
        for ticks in (1, 7, 20):
            one, other = here.step(turn, ticks), afar.step(turn, ticks)
            assert one.names == other.names
            np.testing.assert_array_equal(one.poses, other.poses)
            np.testing.assert_array_equal(one.velocities, other.velocities)
            assert here.state_hash() == afar.state_hash()


def test_names_travel_when_they_change_and_not_with_every_tick(unreal):
    engine, end = unreal
    sent = []

    def weighed(what, answer):
        sent.append(len(answer))
        return answer

    end.misbehave = weighed
    names = engine.step({}).names
    spawned = engine.edit([Spawn("crate-9", "crate-a", Pose(np.array([5.0, -20.0, 2.0])))])
    engine.step({})
    assert names + ("crate-9",) == spawned.names
    assert engine.step({}).names == spawned.names
    assert sent[1] > sent[2] > sent[0]


def test_frames_here_lie_in_shared_memory_and_elsewhere_travel(tmp_path, unreal):
    here, _ = unreal
    (tmp_path / "other").mkdir()
    with (
        far_end(kinematic, tmp_path / "other") as end,
        open_engine("unreal", shared_memory="never", **end.options) as afar,
    ):
        sent = []
        end.misbehave = lambda what, answer: sent.append(len(answer)) or answer
        afar.load(tiny_scene())
        afar.reset(seed=0)
        (travelled,), (laid,) = (engine.observe(["courier-1/front"]) for engine in (afar, here))
        for name in ("rgb", "depth", "segmentation", "normals"):
            np.testing.assert_array_equal(getattr(travelled, name), getattr(laid, name))
        assert sent[-1] > 640 * 480 * 23 - 1000  # 3 + 4 + 4 + 12 bytes a pixel


def test_whoever_drives_sees_from_the_car_and_any_body_has_eyes(unreal):
    engine, _ = unreal
    engine.edit([Spawn("crate-9", "crate-a", Pose(np.array([5.0, -20.0, 2.0])))])
    frames = engine.observe(["courier-1/follow", "crate-9/front", "overview", "courier-1/follow"], ["segmentation"])
    assert [frame.camera for frame in frames] == ["courier-1/follow", "crate-9/front", "overview", "courier-1/follow"]
    with pytest.raises(UnknownCamera, match="'crate-9/below'"):
        engine.observe(["crate-9/below"])
    with pytest.raises(UnknownCamera, match="'oak-1/front'"):
        engine.observe(["oak-1/front"])


def test_what_was_removed_takes_no_orders(unreal):
    engine, _ = unreal
    engine.edit([Remove("courier-1")])
    with pytest.raises(UnknownBody, match="courier-1"):
        engine.step({"courier-1": Action()})
    engine.reset(seed=0)
    assert engine.step({"courier-1": Action()}).tick == 1


def test_an_order_that_was_refused_is_given_again_whole(unreal):
    """What is remembered of orders, so as not to check them anew, are those that were taken."""
    engine, end = unreal
    order = {"courier-1": Action(Skill("pick_up", "crate-1"))}
    end.misbehave = lambda what, answer: framed_error(Refused("not now")) if what == "advance" else answer
    with pytest.raises(Refused, match="not now"):
        engine.step(order)
    assert "courier-1" not in engine._told


def test_places_that_are_none_are_refused_before_anything_is_sent(unreal):
    engine, end = unreal
    count = len(end.orders)
    for bad in ([np.nan, 0, 0], [0, 0]):
        with pytest.raises(InvalidChange):
            engine.edit([Move("crate-1", Pose(np.array([1.0, 1.0, 1.0]))), Move("crate-2", Pose(np.array(bad)))])
    with pytest.raises(InvalidChange, match=r"Change 0 .Spawn. puts 'crate-3' at"):
        engine.edit([Spawn("crate-3", "crate-a", Pose(np.zeros(3), np.zeros(4)))])
    assert len(end.orders) == count


def test_robots_with_joints_are_refused_by_name(unreal):
    engine, _ = unreal
    with pytest.raises(NotSupported, match=r"moves by them. Run it on the engine 'embedded'"):
        engine.load(tabletop_scene())
    assert engine.step({}).tick == 1


def test_before_a_world_there_is_nothing_to_do(tmp_path):
    with far_end(kinematic, tmp_path) as end, open_engine("unreal", **end.options) as engine:
        with pytest.raises(EngineFailed, match="no world yet"):
            engine.reset(seed=0)
        engine.load(proving_ground())
        with pytest.raises(EngineFailed, match="was not reset"):
            engine.step({})
    with pytest.raises(EngineFailed, match="closed"):
        engine.load(proving_ground())
