"""What a model beside a served world is shown: its agent, its views, and the things about."""

import numpy as np
import pytest

from bridge.engines.embedded import Config, make
from bridge.errors import InvalidInput
from bridge.imagination import ModelInfo
from bridge.robots.tabletop import tabletop_scene
from tests.bridge.embedded_town import embedded_town
from world_models.beside import acting, frame_s, make_take

ARM = ModelInfo("small", "manipulate", ("exterior-1", "exterior-2", "wrist"), 64, 64, 0.3)
CAR = ModelInfo("geo", "drive", ("front",), 160, 96, 0.4, needs_depth=True)


def test_a_model_imagines_who_is_there_for_its_task():
    assert acting(tabletop_scene(), ARM) == "panda"
    town = embedded_town()
    assert acting(town, CAR) in [agent.name for agent in town.agents]
    assert acting(town, CAR, town.agents[-1].name) == town.agents[-1].name
    assert (frame_s(ARM), frame_s(ModelInfo("any", "any"))) == (0.3, 0.4)
    with pytest.raises(InvalidInput, match="Bring a robot with --robot"):
        acting(town, ARM)
    with pytest.raises(InvalidInput, match="no agent 'nobody'"):
        acting(town, CAR, "nobody")


def test_an_arm_is_seen_through_three_views_with_its_tool_and_the_things_on_the_table():
    with_engine(tabletop_scene(), ARM, "panda", check_arm)


def check_arm(past, state):
    assert past.rgb.shape == (1, 3, 64, 64, 3)
    assert [(camera.name, camera.mount) for camera in past.cameras] == [
        ("exterior-1", "world"),
        ("exterior-2", "world"),
        ("wrist", "body"),
    ]
    np.testing.assert_array_equal(past.body[0], state.poses[state.names.index("panda/tool")])
    assert {"red-cube", "bowl"} <= {thing.name for thing in past.things}
    assert past.gripper is not None
    assert (past.depth, past.labels) == (None, None)


def test_a_walker_is_seen_through_its_front_camera_with_depth_and_labels():
    town = embedded_town()
    with_engine(town, CAR, acting(town, CAR), check_walker)


def check_walker(past, state):
    assert past.rgb.shape == (1, 1, 96, 160, 3)
    assert past.depth.shape == past.labels.shape == (1, 1, 96, 160)
    assert past.cameras[0].mount == "body"
    seen = set(np.unique(past.labels)) - {0, 255}
    assert seen <= set(range(1, len(past.things) + 1))


def with_engine(scene, info, agent, check):
    engine = make(Config())
    try:
        loaded = engine.load(scene)
        state = engine.reset(seed=0)
        check(make_take(agent, info)(scene, loaded)(engine, state), state)
    finally:
        engine.close()
