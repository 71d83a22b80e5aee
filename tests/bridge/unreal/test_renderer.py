"""Unreal as a puppet: the embedded engine's physics, pictures of the very tick from elsewhere, and little told twice."""

import sys

import numpy as np
import pytest

from bridge.conformance import conform
from bridge.engine import Action, Hide, Move, Paint, Remove, Resize, Spawn, Velocity, Weather
from bridge.engines import open_engine
from bridge.errors import EngineUnavailable, InvalidInput, Refused
from bridge.frames import look_at
from bridge.link import MESSAGE, framed
from bridge.render import open_renderer
from bridge.types import Camera, Pose
from bridge.v1 import link_pb2 as pb
from tests.bridge.unreal.far_end import far_end
from tests.bridge.unreal.puppet import Puppet
from tests.scenes import tiny_scene

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")
EYES = [
    Camera("behind", 160, 120, 1.1, Pose(*look_at(np.array([-4.0, 0.0, 2.5]), np.array([2.0, 0.0, 1.0]))), "courier-1")
]
SEEN = ("rgb", "depth", "segmentation")


@pytest.fixture
def pair(tmp_path):
    """The same world twice, drawn here and drawn elsewhere; and where."""
    with (
        far_end(Puppet, tmp_path) as end,
        open_engine("kinematic", renderer="unreal", renderer_address=end.address) as afar,
        open_engine("kinematic") as here,
    ):
        for engine in (afar, here):
            engine.load(tiny_scene())
            engine.reset(seed=0)
        yield afar, here, end


def same(afar, here) -> None:
    """Whether both see the same, but for pixels at edges: a camera's place is rounded once more on the way."""
    for one, other in zip(afar.observe(EYES, SEEN), here.observe(EYES, SEEN)):
        assert one.tick == other.tick
        alike = one.segmentation == other.segmentation
        assert alike.mean() > 0.99
        np.testing.assert_allclose(one.depth[alike], other.depth[alike], rtol=0.01)
        assert np.abs(one.rgb.astype(int) - other.rgb).mean() < 1.0


def test_pictures_from_elsewhere_are_of_the_same_tick_and_world(pair):
    afar, here, _ = pair
    same(afar, here)
    for _ in range(2):
        for engine in (afar, here):
            engine.step({"courier-1": Action(Velocity(1.4, yaw_rate_rad_s=0.5))}, 20)
        same(afar, here)


def test_the_scene_is_told_once_and_changes_as_changes(pair):
    afar, here, end = pair
    same(afar, here)
    batches = [
        [Spawn("crate-9", "crate-a", Pose(np.array([-26.0, -9.0, 2.2])))],
        [Paint("crate-9", (0.9, 0.0, 0.9)), Paint("warehouse-1", (0.1, 0.1, 0.8)), Weather(weather="fog", visibility_m=90.0)],
        [Spawn("crate-10", "crate-a", Pose(np.array([-27.0, -8.0, 2.2]))), Move("oak-1", Pose(np.array([-22.0, -9.0, 2.0])))],
        [Remove("crate-9"), Paint("crate-10", (0.0, 0.9, 0.0)), Resize("crate-10", (1.0, 3.0, 2.0)), Hide("oak-1")],
    ]  # fmt: skip
    for batch in batches:
        for engine in (afar, here):
            engine.edit(batch)
        same(afar, here)
    for engine in (afar, here):
        engine.reset(seed=0)
    same(afar, here)
    assert end.orders.count("begin") == 1
    for engine in (afar, here):
        engine.edit(batches[0])
    same(afar, here)


def test_only_what_has_moved_is_told(pair):
    afar, _, end = pair
    afar.observe(EYES, ["depth"])
    told = []
    end.overhear = lambda order: told.append(order.set_poses) if order.HasField("set_poses") else None
    afar.step({})
    afar.observe(EYES, ["depth"])
    afar.edit([Move("crate-1", Pose(np.array([20.0, -20.0, 2.0])))])
    afar.step({}, 10)
    afar.observe(EYES, ["depth"])
    assert [(len(one.names), list(one.poses.shape)) for one in told] == [(0, [0, 7]), (0, [1, 7])]
    assert [one.tick for one in told] == [1, 11]


def test_a_puppet_that_stays_behind_is_not_believed(pair):
    afar, _, end = pair
    afar.observe(EYES, ["depth"])
    afar.step({}, 5)

    def behind(what, answer):
        if what not in ("set_poses", "stand_still"):
            return answer
        report = pb.Report.FromString(answer[5:])
        for part in report.seen[0].parts:
            part.moment.tick -= 5
        return framed(MESSAGE, report.SerializeToString())

    end.misbehave = behind
    with pytest.raises(Refused, match="pictures of tick 5, and still shows tick 0"):
        afar.observe(EYES, ["depth"])


def test_after_a_broken_line_the_next_picture_is_whole_again(pair):
    """Physics goes on meanwhile: what is shown is known here."""
    afar, here, end = pair
    for engine in (afar, here):
        engine.edit([Spawn("crate-9", "crate-a", Pose(np.array([-26.0, -9.0, 2.2]))), Paint("oak-1", (1.0, 0.0, 0.0))])
    same(afar, here)
    end.misbehave = lambda what, answer: None
    with pytest.raises(EngineUnavailable):
        afar.observe(EYES)
    end.misbehave = lambda what, answer: answer
    for engine in (afar, here):
        engine.step({"courier-1": Action(Velocity(1.0))}, 30)
    same(afar, here)
    assert end.opened == 2


def test_an_engine_with_such_a_renderer_keeps_the_contract(tmp_path):
    with far_end(Puppet, tmp_path, by_port=True) as end:
        options = {"renderer_address": end.address, "renderer_token_file": str(end.token)}
        verdicts = list(conform(open_engine("kinematic", renderer="unreal", **options)))
    assert [verdict for verdict in verdicts if verdict.outcome != "kept"] == []


def test_a_renderer_without_an_address_says_what_to_give():
    with pytest.raises(InvalidInput, match="--engine-address"):
        open_renderer("unreal")
