"""Looks at a served world for a model beside it: whose body acts there, and what is taken of each moment."""

import numpy as np

from bridge.engine import Engine, Loaded
from bridge.errors import InvalidInput
from bridge.imagination import ModelInfo, Past
from bridge.imagining.moments import MakeTake, Take
from bridge.scene import Scene
from bridge.types import WorldState
from world_models import moments
from world_models.views import FRAME_S


def acting(scene: Scene, info: ModelInfo, wanted: str = "") -> str:
    """Whose body a model imagines: the agent that is asked for, else an arm, or a car or whoever else goes about, as its task has it.

    Raises InvalidInput where there is none.
    """
    names = [agent.name for agent in scene.agents]
    if wanted:
        if wanted not in names:
            raise InvalidInput(f"There is no agent '{wanted}' to dream of. There are: {', '.join(names) or 'none'}.")
        return wanted
    semantics = {row.name: row.semantic for row in scene.instances()}
    kind = "robot" if info.task == "manipulate" else "vehicle"
    found = next((name for name in names if semantics.get(name) == kind), None)
    found = names[0] if found is None and names and info.task != "manipulate" else found
    if found is None:
        raise InvalidInput(
            f"The world model '{info.name}' imagines what {'an arm' if info.task == 'manipulate' else 'an agent'} does, and {scene.name} "
            f"has none among its agents: {', '.join(names) or 'none'}. Bring a robot with --robot."
        )
    return found


def frame_s(info: ModelInfo) -> float:
    """The time between two frames of a model; as its task has it for a model that takes any."""
    return info.frame_s or FRAME_S["drive" if info.task == "any" else info.task]


def make_take(agent: str, info: ModelInfo) -> MakeTake:
    """Looks for a model, once a scene is loaded. What is spawned later is in the pictures and not among the things."""

    def make(scene: Scene, loaded: Loaded) -> Take:
        bodies = moments.Bodies(scene, loaded)

        def take(engine: Engine, state: WorldState) -> Past:
            task = moments.task_of(agent, state)
            body = moments.body_of(agent, task)
            cameras = moments.cameras_of(task, agent, loaded, bodies, info.views)
            things = moments.things_about(task, agent, state, bodies)
            seen = moments.look(engine, cameras, needs_depth=info.needs_depth, labels=info.needs_depth)
            seen = seen.coded(moments.label_of(agent, things, bodies))
            own = next((one for one in state.agents if one.name == agent), None)
            gripper = None if own is None or own.gripper is None else np.array([own.gripper])
            return Past(
                np.array([state.time_s]), tuple(moments.on_body(camera, state, body) for camera in cameras), seen.rgb[None],
                state.poses[state.names.index(body)][None].copy(), gripper,
                None if seen.depth is None else seen.depth[None], None if seen.labels is None else seen.labels[None], things,
            )  # fmt: skip

        return take

    return make
