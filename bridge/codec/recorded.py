"""What a recording holds, as messages and back: the setting, resets, steps, edits."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.codec import fields
from bridge.codec.answers import (
    info_of_message,
    instances_of_message,
    loaded_of_message,
    message_of_info,
    message_of_scene,
    state_of_message,
)
from bridge.codec.commands import action_of_message, changes_of_messages, message_of_action, message_of_change
from bridge.codec.pictures import modalities_of_numbers, numbers_of_modalities
from bridge.engine import Actions, Change, EngineInfo, Loaded
from bridge.episode import Edit, Reset, Step
from bridge.errors import InvalidInput
from bridge.scene import Instance
from bridge.types import Modality
from bridge.v1 import recording_pb2 as pb
from bridge.v1 import types_pb2, world_pb2

FORMAT = 1
Known = Mapping[int, tuple[str, ...]]
"""Names of bodies by their version, for states that leave them out."""


@dataclass(frozen=True, eq=False)
class Setting:
    """Who ran what: engine, scene, and which frames are recorded at every tick."""

    engine: EngineInfo
    scene_name: str = ""
    scene_digest: str = ""
    loaded: Loaded = field(default_factory=lambda: Loaded(()))
    instances: tuple[Instance, ...] = ()
    cameras: tuple[str, ...] = ()
    modalities: tuple[Modality, ...] = ()
    jpeg_quality: int = 90
    simbridge_version: str = ""
    platform: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def message_of_setting(setting: Setting) -> pb.RecordedWorld:
    """The setting as it is kept."""
    return pb.RecordedWorld(
        format=FORMAT,
        simbridge_version=setting.simbridge_version,
        engine=message_of_info(setting.engine),
        scene_name=setting.scene_name,
        scene=message_of_scene(setting.loaded, setting.instances, epoch=0, scene_digest=setting.scene_digest),
        cameras=setting.cameras,
        modalities=numbers_of_modalities(setting.modalities),
        jpeg_quality=setting.jpeg_quality,
        platform=setting.platform,
        engine_options_json=json.dumps(dict(setting.options)) if setting.options else "",
    )


def setting_of_message(message: pb.RecordedWorld) -> Setting:
    """The setting. Raises InvalidInput for a format of another time."""
    if message.format != FORMAT:
        raise InvalidInput(f"format is {message.format}; this simbridge reads {FORMAT}. Install another simbridge.")
    return Setting(
        engine=info_of_message(message.engine),
        scene_name=fields.text(message.scene_name, "scene_name"),
        scene_digest=fields.text(message.scene.scene_digest, "scene_digest", limit=fields.MAX_NAME),
        loaded=loaded_of_message(message.scene),
        instances=instances_of_message(message.scene),
        cameras=fields.unique(message.cameras, "cameras"),
        modalities=modalities_of_numbers(message.modalities, "modalities"),
        jpeg_quality=message.jpeg_quality,
        simbridge_version=fields.text(message.simbridge_version, "simbridge_version"),
        platform=fields.text(message.platform, "platform"),
        options=_options(message.engine_options_json),
    )


def _options(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(fields.text(text, "engine_options_json") or "{}")
    except json.JSONDecodeError as error:
        raise InvalidInput(f"engine_options_json is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise InvalidInput(f"engine_options_json is a {type(found).__name__}; expected an object.")
    return found


def message_of_reset(seed: int | None, task: str, policies: Mapping[str, str]) -> pb.RecordedReset:
    """A reset as it is kept, without its state yet. Raises InvalidInput for a seed beyond 64 bits."""
    if seed is not None and not 0 <= seed < 1 << 64:
        raise InvalidInput(f"seed is {seed}; expected 0 to 2**64 - 1.")
    return pb.RecordedReset(seed=seed, task=task, policies=policies)


def message_of_step(actions: Actions, ticks: int) -> pb.RecordedStep:
    """A step as it is kept, without its state yet; actions stay in their order."""
    told = (pb.RecordedAction(agent=agent, action=message_of_action(action)) for agent, action in actions.items())
    return pb.RecordedStep(actions=told, ticks=ticks)


def message_of_edit(changes: Sequence[Change]) -> pb.RecordedEdit:
    """An edit as it is kept, without its state yet."""
    return pb.RecordedEdit(changes=[message_of_change(change) for change in changes])


def reset_of_message(message: pb.RecordedReset, known: Known) -> Reset:
    """The reset."""
    seed = message.seed if message.HasField("seed") else None
    task = fields.text(message.task, "reset.task")
    return Reset(seed, *_outcome(message, known), task, dict(sorted(message.policies.items())))


def step_of_message(message: pb.RecordedStep, known: Known) -> Step:
    """The step."""
    told = {}
    for index, item in enumerate(message.actions):
        path = f"step.actions[{index}]"
        told[fields.name(item.agent, f"{path}.agent")] = action_of_message(item.action, path)
    return Step(told, message.ticks, *_outcome(message, known))


def edit_of_message(message: pb.RecordedEdit, known: Known) -> Edit:
    """The edit."""
    return Edit(changes_of_messages(message.changes, "edit.changes"), *_outcome(message, known))


def _outcome(message: Any, known: Known) -> tuple[Any, int | None]:
    state: world_pb2.WorldState = message.state
    if not message.HasField("state"):
        raise InvalidInput("state is missing; every event has the state that followed.")
    return state_of_message(state, known=known), message.state_hash if message.HasField("state_hash") else None


MESSAGES: dict[str, Any] = {
    message.DESCRIPTOR.full_name: message
    for message in (pb.RecordedWorld, pb.RecordedReset, pb.RecordedStep, pb.RecordedEdit, types_pb2.Camera)
}
"""The types of messages in a recording by name, besides frames."""
