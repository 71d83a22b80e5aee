"""The engine `unrealcv` over our gateway: it keeps the contract, and episodes go as they go in process, to the last bit.

That takes the gateway's own words for orders, edits and states. In UnrealCV's, which our client speaks as well, numbers are
turned into centimetres and degrees and back, and told with three decimals: UnrealZoo's walk ends within 0.02 mm of the same
walk in process, SimWorld's, who lose their pace where they turn, within half a metre.
"""

from dataclasses import replace

import numpy as np
import pytest

from bridge.conformance import conform, proving_ground
from bridge.conformance.ground import CRATE, OTHER, WALKER, WALL
from bridge.engine import Action, Drive, Paint, Skill, Spawn, Velocity
from bridge.engines import open_engine
from bridge.errors import NotAllowed
from bridge.frames import look_at
from bridge.render import open_renderer
from bridge.tasks.delivery import Config, make
from bridge.tasks.delivery.config import Demand
from bridge.types import Camera, Pose
from bridge.unrealcv.channel import connect
from evaluation import Life, Settings, rollout
from policies import greedy
from tests.bridge.control.towns import hamlet
from tests.bridge.embedded_town import embedded_town
from tests.bridge.gateways.talking import running
from tests.bridge.unrealcv.gateway import PATIENCE_S, gateway


def opened(served):
    return open_engine("unrealcv", engine_address=served.address, timeout_s=PATIENCE_S)


def poses(state, names):
    return np.array([state.poses[state.names.index(name)] for name in names])


def test_the_contract_is_kept_over_the_gateway():
    with gateway(proving_ground()) as served:
        verdicts = list(conform(opened(served)))
    assert [verdict for verdict in verdicts if verdict.outcome != "kept"] == []
    assert len(verdicts) >= 50


def test_the_same_orders_lead_where_they_lead_in_process():
    scene = embedded_town()
    kind = next(name for name, asset in scene.assets.items() if asset.semantic == "scooter")
    walker = next(name for name, asset in scene.assets.items() if asset.semantic == "person")
    scooter, one, other = "scooter-new", scene.agents[0].name, "walker-new"

    def episode(engine):
        engine.load(scene)
        state = engine.reset(seed=0)
        at = state.poses[state.names.index(one), :3]
        new = [Spawn(scooter, kind, Pose(at + [0.0, -0.9, 0.0])), Spawn(other, walker, Pose(at + [-3.0, 0, 0]), True)]
        found = [engine.edit(new)]
        found.append(engine.step({one: Action(Skill("ride", scooter)), other: Action(Velocity(1.3, 0.2, 0.3))}, 60))
        found.append(engine.step({one: Action(Drive(throttle=0.4, steer=0.1))}, 40))
        found.append(engine.step({one: Action(Velocity(2.0)), other: Action()}, 25))
        found.append(engine.step({one: Action(Skill("pick_up", "no-such-thing"))}, 50))
        return found, engine.state_hash()

    with open_engine("embedded") as engine:
        here, _ = episode(engine)
    with gateway(scene) as served, opened(served) as engine:
        there, _ = episode(engine)
    assert next(agent for agent in there[1].agents if agent.name == one).riding == scooter
    assert next(agent for agent in there[-1].agents if agent.name == one).failure
    for a, b in zip(here, there, strict=True):
        assert (a.names, a.tick, a.revision) == (b.names, b.tick, b.revision)
        assert [vars(agent) for agent in a.agents] == [vars(agent) for agent in b.agents]
        np.testing.assert_array_equal(b.poses, a.poses)
        np.testing.assert_array_equal(b.velocities, a.velocities)


def test_a_shift_of_couriers_ends_as_it_does_in_process():
    scene, life = hamlet().scene, Life(vehicles=1, pedestrians=2)

    def shift(engine):
        task = make(Config(agents=2, hours=0.1, demand=Demand(orders_per_agent_h=60.0)))
        minds = {agent: greedy.make(greedy.Config()) for agent in task.agents(scene)}
        return rollout(task, scene, engine, minds, seed=2, ambient=life, settings=Settings(coarse=True))

    with open_engine("kinematic") as engine:
        here = shift(engine)
    with gateway(scene, engine="kinematic") as served, opened(served) as engine:
        there = shift(engine)
    assert (there.ended, there.failure) == ("over", "")
    assert there.engine.startswith("unrealcv 1 (simbridge")
    assert there.rows == here.rows
    assert there.digest() == here.digest()
    assert [(e.time_s, e.agent, e.kind) for e in there.events] == [(e.time_s, e.agent, e.kind) for e in here.events]
    assert sum(row["delivered"] for row in there.rows.values()) >= 2


@pytest.mark.parametrize("dialect", ["simworld", "unrealzoo"])
def test_in_words_of_others_agents_walk_as_far(dialect):
    orders = [Velocity(1.0), Velocity(0.7, 0.0, 0.4), Velocity(-0.5)]

    def walk(engine):
        engine.load(proving_ground())
        state = engine.reset(seed=0)
        found = [state]
        for order in orders:
            found += [engine.step({OTHER: Action(order)}, 10) for _ in range(5)]
        return [poses(state, [WALKER, OTHER, CRATE]) for state in found]

    with open_engine("embedded") as engine:
        here = walk(engine)
    with (
        gateway(proving_ground()) as served,
        open_engine("unrealcv", engine_address=served.address, timeout_s=PATIENCE_S, dialect=dialect) as engine,
    ):
        there = walk(engine)
    for a, b in zip(here, there, strict=True):
        np.testing.assert_allclose(b[:, :3], a[:, :3], atol=0.5 if dialect == "simworld" else 2e-5)


def test_another_town_is_spawned_beside_the_gateway_s_own_and_agents_walk_in_it():
    ground = proving_ground()
    rename = {WALKER: "anna", OTHER: "ben", CRATE: "parcel"}
    other = replace(
        ground,
        name="elsewhere",
        placements=tuple(replace(g, names=tuple(rename[name] for name in g.names)) for g in ground.placements),
        agents=tuple(replace(agent, name=rename[agent.name]) for agent in ground.agents),
        parts=tuple(replace(part, name="another-wall") for part in ground.parts),
    )
    with gateway(hamlet().scene) as served, opened(served) as engine:
        assert engine.load(other).agents == ("anna", "ben")
        before = engine.reset(seed=0)
        after = engine.step({"ben": Action(Velocity(1.0))}, 50)
        moved = poses(after, ["ben", "anna"])[:, :2] - poses(before, ["ben", "anna"])[:, :2]
        assert 0.6 < np.linalg.norm(moved[0]) < 1.2
        assert np.linalg.norm(moved[1]) < 0.05
        assert {"GEN_BP_anna", "GEN_BP_ben", "GEN_BP_parcel"} <= {actor.name for actor in served.stage.actors()}
        engine.load(other)
        assert sum(actor.name.startswith("GEN_") for actor in served.stage.actors()) == 3


def test_pictures_are_those_that_the_engine_behind_it_takes():
    camera = Camera("look", 96, 64, 0.8, Pose(*look_at([5.0, -8.0, 3.0], [12.0, 0.0, 2.0])))
    with gateway(proving_ground()) as served, opened(served) as engine:
        engine.load(proving_ground())
        engine.reset(seed=0)
        state = engine.edit(
            [Spawn("crate-new", "crate", Pose(np.array([8.0, -4.0, 1.0]))), Paint(WALL, (0.1, 0.6, 0.1))]
        )
        (there,) = engine.observe([camera])
    with open_engine("embedded") as engine:
        engine.load(proving_ground())
        engine.reset(seed=0)
        engine.edit([Spawn("crate-new", "crate", Pose(np.array([8.0, -4.0, 1.0]))), Paint(WALL, (0.1, 0.6, 0.1))])
        (here,) = engine.observe([camera])
    assert there.tick == here.tick == state.tick
    assert np.mean(there.segmentation != here.segmentation) < 0.01  # the camera stands 1e-6 cm elsewhere
    assert len(np.unique(here.segmentation)) >= 4
    assert np.abs(there.rgb.astype(int) - here.rgb).mean() < 1.0
    both = np.isfinite(here.depth) & (here.depth < 600) & (there.segmentation == here.segmentation)
    np.testing.assert_allclose(there.depth[both], here.depth[both], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(there.normals[both], here.normals[both], atol=0.02)


def test_bodies_of_another_engine_are_shown_through_the_gateway():
    camera = Camera("look", 64, 48, 0.8, Pose(*look_at([0.0, -6.0, 2.0], [2.0, 0.0, 1.9])))
    with gateway(proving_ground()) as served, open_engine("kinematic") as engine:
        renderer = open_renderer("unrealcv", engine_address=served.address, timeout_s=PATIENCE_S)
        engine.load(proving_ground())
        engine.reset(seed=0)
        renderer.load(proving_ground())
        for _ in range(2):
            state = engine.step({WALKER: Action(Velocity(1.0, yaw_rate_rad_s=0.2))}, 50)
            renderer.pose(state)
            (there,) = renderer.observe([camera], ["segmentation", "depth"])
            (here,) = engine.observe([camera], ["segmentation", "depth"])
            assert there.tick == here.tick
            assert np.mean(there.segmentation != here.segmentation) < 0.01
        assert (there.segmentation == 3).any()
        renderer.close()


@pytest.mark.parametrize("token", ["right", "wrong"])
def test_a_gateway_with_a_token_asks_for_it(token, tmp_path):
    file = tmp_path / "token"
    file.write_text("right-token-of-some-length" if token == "right" else "wrong-token-of-some-length")
    file.chmod(0o600)
    with running(token="right-token-of-some-length") as door:
        if token == "wrong":
            with pytest.raises(NotAllowed, match="does not take the token"):
                connect(f"127.0.0.1:{door.port}", 30.0, token_file=str(file))
        else:
            with connect(f"127.0.0.1:{door.port}", 30.0, token_file=str(file)) as channel:
                assert channel.ask(["anything"], 30.0) == [b"anything"]
