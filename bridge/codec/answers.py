"""What an engine answers, as messages and back: states, what a scene holds, which engine it is."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from bridge.codec import fields
from bridge.codec.commands import changes_of_messages, message_of_change, weather_of_message
from bridge.codec.tensors import array_of_message, camera_of_message, message_of_array, message_of_camera
from bridge.edits import Edits
from bridge.engine import EngineInfo, Loaded
from bridge.errors import InvalidInput
from bridge.scene import Instance
from bridge.types import AgentState, Contacts, Readings, WorldState
from bridge.v1 import engine_service_pb2, types_pb2
from bridge.v1 import world_pb2 as pb

MAX_CONTACTS = 4096


MAJOR, MINOR = 1, 1
"""The contract's version. Another major one is another language."""


def version() -> engine_service_pb2.Version:
    """That version as it travels."""
    return engine_service_pb2.Version(major=MAJOR, minor=MINOR)


def message_of_moment(epoch: int, state: WorldState) -> types_pb2.Moment:
    """When a state was."""
    return types_pb2.Moment(epoch=epoch, tick=state.tick, time_s=state.time_s, revision=state.revision)


def message_of_state(state: WorldState, *, epoch: int, names_version: int, known_names: int = 0) -> pb.WorldState:
    """A state as it travels; without names where the reader has those of `names_version`."""
    made = pb.WorldState(
        moment=message_of_moment(epoch, state),
        names=() if known_names == names_version else state.names,
        poses=message_of_array(np.asarray(state.poses, np.float64)),
        names_version=names_version,
        agents=[_message_of_agent(agent) for agent in state.agents],
    )
    if state.velocities is not None:
        made.velocities.CopyFrom(message_of_array(np.asarray(state.velocities, np.float64)))
    if state.contacts is not None:
        kept = slice(0, MAX_CONTACTS)
        made.contacts.names.extend(name for pair in state.contacts.names[kept] for name in pair)
        made.contacts.positions.CopyFrom(message_of_array(np.asarray(state.contacts.positions[kept], np.float64)))
        made.contacts.forces.CopyFrom(message_of_array(np.asarray(state.contacts.forces[kept], np.float64)))
    return made


def state_of_message(message: pb.WorldState, *, known: Mapping[int, tuple[str, ...]] | None = None) -> WorldState:
    """The state; `known` are names by their version, for answers that leave them out."""
    version = message.names_version
    names = (known or {}).get(version) if not message.names else tuple(message.names)
    names = names or ()
    velocities = contacts = None
    if message.HasField("velocities"):
        velocities = array_of_message(message.velocities, "state.velocities", shape=(len(names), 6))
    if message.HasField("contacts"):
        pairs = tuple(message.contacts.names)
        if len(pairs) % 2:
            raise InvalidInput(f"state.contacts.names has {len(pairs)} names; expected pairs.")
        count = len(pairs) // 2
        contacts = Contacts(
            tuple(zip(pairs[::2], pairs[1::2])),
            array_of_message(message.contacts.positions, "state.contacts.positions", shape=(count, 3)),
            array_of_message(message.contacts.forces, "state.contacts.forces", shape=(count,)),
        )
    return WorldState(
        tick=message.moment.tick,
        time_s=message.moment.time_s,
        names=names,
        poses=array_of_message(message.poses, "state.poses", shape=(len(names), 7)),
        velocities=velocities,
        contacts=contacts,
        agents=tuple(_agent_of_message(agent, f"state.agents[{i}]") for i, agent in enumerate(message.agents)),
        epoch=message.moment.epoch,
        revision=message.moment.revision,
    )


def _message_of_agent(agent: AgentState) -> pb.AgentState:
    made = pb.AgentState(
        name=agent.name, riding=agent.riding, holding=agent.holding, doing=agent.doing, failure=agent.failure
    )
    if agent.joints is not None:
        made.joints.CopyFrom(message_of_array(np.asarray(agent.joints, np.float64)))
    if agent.gripper is not None:
        made.gripper = agent.gripper
    if agent.readings is not None:
        made.readings.names.extend(agent.readings.names)
        made.readings.starts.CopyFrom(message_of_array(np.asarray(agent.readings.starts, np.int64)))
        made.readings.values.CopyFrom(message_of_array(np.asarray(agent.readings.values, np.float64)))
    return made


def _agent_of_message(message: pb.AgentState, path: str) -> AgentState:
    plain = AgentState(message.name, message.riding, tuple(message.holding), None, message.doing, message.failure)
    if message.HasField("joints"):
        plain = replace(plain, joints=array_of_message(message.joints, f"{path}.joints"))
    if message.HasField("gripper"):
        plain = replace(plain, gripper=fields.finite(message.gripper, f"{path}.gripper"))
    if message.HasField("readings"):
        plain = replace(plain, readings=_readings_of_message(message.readings, f"{path}.readings"))
    return plain


def _readings_of_message(message: pb.Readings, path: str) -> Readings:
    names = tuple(message.names)
    starts = array_of_message(message.starts, f"{path}.starts", dtype="<i8", shape=(len(names) + 1,))
    values = array_of_message(message.values, f"{path}.values")
    if starts[0] != 0 or starts[-1] != len(values) or (np.diff(starts) < 0).any():
        raise InvalidInput(f"{path}.starts is {starts.tolist()}; expected numbers that rise from 0 to {len(values)}.")
    return Readings(names, starts, values)


def message_of_scene(
    loaded: Loaded, instances: Iterable[Instance], *, epoch: int, scene_digest: str
) -> engine_service_pb2.SceneSummary:
    """What a loaded scene holds, as it travels."""
    rows = map(_message_of_instance, (*instances, *loaded.added))
    return engine_service_pb2.SceneSummary(
        epoch=epoch,
        scene_digest=scene_digest,
        instances=rows,
        agents=loaded.agents,
        cameras=[message_of_camera(camera) for camera in loaded.cameras.values()],
    )


def loaded_of_message(message: engine_service_pb2.SceneSummary) -> Loaded:
    """Who can be controlled, and cameras by name."""
    cameras = [camera_of_message(camera, f"scene.cameras[{i}]") for i, camera in enumerate(message.cameras)]
    return Loaded(tuple(message.agents), {camera.name: camera for camera in cameras})


def instances_of_message(message: engine_service_pb2.SceneSummary) -> tuple[Instance, ...]:
    """The table of everything that can be seen, by id."""
    return tuple(map(_instance_of_message, message.instances))


def message_of_info(info: EngineInfo) -> engine_service_pb2.EngineInfo:
    """Which engine it is."""
    return engine_service_pb2.EngineInfo(
        name=info.name, version=info.version, tick_s=info.tick_s, capabilities=info.capabilities
    )


def info_of_message(message: engine_service_pb2.EngineInfo) -> EngineInfo:
    """Which engine it is; capabilities that this side has no word for are kept."""
    name = fields.name(message.name, "engine.name")
    return EngineInfo(name, message.version, message.tick_s, tuple(message.capabilities))  # type: ignore[arg-type]


def message_of_edits(edits: Edits, state: WorldState, *, epoch: int) -> engine_service_pb2.GetEditsResponse:
    """What edits have made of a scene, as it travels; `state` is the one it belongs to."""
    return engine_service_pb2.GetEditsResponse(
        changes=[message_of_change(change) for change in edits.changes],
        weather=message_of_change(edits.weather).weather,
        moment=message_of_moment(epoch, state),
        instances=map(_message_of_instance, edits.instances),
    )


def edits_of_message(message: engine_service_pb2.GetEditsResponse) -> Edits:
    """What edits have made of a scene."""
    return Edits(
        changes=tuple(changes_of_messages(message.changes, "changes")),
        weather=weather_of_message(message.weather, "weather"),
        epoch=message.moment.epoch,
        revision=message.moment.revision,
        instances=tuple(map(_instance_of_message, message.instances)),
    )


def _message_of_instance(row: Instance) -> engine_service_pb2.Instance:
    return engine_service_pb2.Instance(id=row.id, name=row.name, kind=row.kind, semantic=row.semantic)


def _instance_of_message(row: engine_service_pb2.Instance) -> Instance:
    return Instance(row.id, row.name, row.kind, row.semantic)
