"""Who the engine is, and what it says of a scene it has loaded."""

from dataclasses import replace
from typing import get_args

import numpy as np

from bridge.conformance.bench import Bench, must, pose_of, refused
from bridge.conformance.bench import rule as _rule
from bridge.engine import Capability


@_rule()
def it_says_who_it_is(bench: Bench) -> None:
    """An engine has a name, a version, a tick longer than nothing, and capabilities from the contract's list."""
    info = bench.engine.info
    must(info.name and info.version, f"info says name '{info.name}' and version '{info.version}'")
    must(0 < info.tick_s <= 1, f"info says ticks of {info.tick_s} s")
    unknown = set(info.capabilities) - set(get_args(Capability))
    must(not unknown, f"info says it can do {sorted(unknown)}; the contract knows {sorted(get_args(Capability))}")


@_rule()
def agents_are_bodies(bench: Bench) -> None:
    """Every agent that can be controlled is a body of the world and has a state of its own."""
    for name in bench.loaded.agents:
        pose_of(bench.start, name)
    told = {agent.name for agent in bench.start.agents}
    missing = set(bench.loaded.agents) - told
    must(not missing, f"no AgentState for {sorted(missing)}")


@_rule()
def agents_stand_where_the_scene_says(bench: Bench) -> None:
    """After a reset the scene's agents stand where the scene has put them, within 10 cm."""
    for agent in bench.scene.agents:
        away = np.linalg.norm(pose_of(bench.start, agent.name)[:3] - np.array(agent.pose[:3]))
        must(away < 0.1, f"{agent.name} stands {away:.2f} m from its place in the scene")


@_rule("rgb")
def cameras_go_by_their_names(bench: Bench) -> None:
    """A named camera is filed under its own name and mounted on the world or on a body of it."""
    for name, camera in bench.loaded.cameras.items():
        must(camera.name == name, f"the camera under '{name}' calls itself '{camera.name}'")
        must(
            camera.mount == "world" or camera.mount in bench.start.names,
            f"camera '{name}' is mounted on '{camera.mount}', which is no body",
        )


@_rule("control")
def nothing_moves_before_a_reset(bench: Bench) -> None:
    """Between a load and its reset there is no episode: a step is refused."""
    bench.engine.load(bench.scene)
    refused("a step between load and reset", lambda: bench.engine.step({}))


@_rule("control")
def a_broken_scene_changes_nothing(bench: Bench) -> None:
    """A scene that breaks a rule is refused, and the world before it goes on."""
    first = bench.scene.placements[0]
    poses = first.poses.copy()
    poses[0, 0] = np.nan
    broken = replace(bench.scene, placements=(replace(first, poses=poses), *bench.scene.placements[1:]))
    bench.refused("a scene with a place that is no number", lambda: bench.engine.load(broken))
    must(bench.engine.step({}).tick == 1, "the world did not go on after the broken scene")


@_rule("control")
def loading_again_begins_anew(bench: Bench) -> None:
    """A second load of the same scene gives the same agents and, after a reset, the same first state."""
    first = bench.engine.state_hash()
    bench.engine.step({}, 5)
    again = bench.engine.load(bench.scene)
    must(again.agents == bench.loaded.agents, f"agents were {bench.loaded.agents}, then {again.agents}")
    bench.begin()
    must(bench.engine.state_hash() == first, "the first state differs from that of the first load")
