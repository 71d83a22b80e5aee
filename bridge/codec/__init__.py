"""The only place that reads and writes messages of bridge.v1, besides the two ends of the wire."""

from bridge.codec.answers import (
    info_of_message,
    instances_of_message,
    loaded_of_message,
    message_of_info,
    message_of_moment,
    message_of_scene,
    message_of_state,
    state_of_message,
)
from bridge.codec.commands import (
    action_of_message,
    actions_of_map,
    changes_of_messages,
    map_of_actions,
    message_of_action,
    message_of_change,
)
from bridge.codec.pictures import (
    PACKINGS,
    Album,
    Way,
    message_of_ring,
    modalities_of_numbers,
    numbers_of_modalities,
    parts_of_frames,
    way_of_message,
)
from bridge.codec.tensors import (
    array_of_message,
    camera_of_message,
    message_of_array,
    message_of_camera,
    message_of_pose,
    pose_of_message,
)

__all__ = [
    "PACKINGS",
    "Album",
    "Way",
    "action_of_message",
    "actions_of_map",
    "array_of_message",
    "camera_of_message",
    "changes_of_messages",
    "info_of_message",
    "instances_of_message",
    "loaded_of_message",
    "map_of_actions",
    "message_of_action",
    "message_of_array",
    "message_of_camera",
    "message_of_change",
    "message_of_info",
    "message_of_moment",
    "message_of_pose",
    "message_of_ring",
    "message_of_scene",
    "message_of_state",
    "modalities_of_numbers",
    "numbers_of_modalities",
    "parts_of_frames",
    "pose_of_message",
    "state_of_message",
    "way_of_message",
]
