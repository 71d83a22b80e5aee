"""Where things are in a recording: the topics of an MCAP file, its schemas, its attachments."""

from typing import Any

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

PROFILE = "simbridge"
SUFFIX = ".mcap"

WORLD, RESET, STEP, EDIT, CAMERA = "/world", "/reset", "/step", "/edit", "/camera"
EVENTS = (RESET, STEP, EDIT)
SCHEMAS = {
    WORLD: "bridge.v1.RecordedWorld",
    RESET: "bridge.v1.RecordedReset",
    STEP: "bridge.v1.RecordedStep",
    EDIT: "bridge.v1.RecordedEdit",
    CAMERA: "bridge.v1.Camera",
}
FRAME_SCHEMA = "bridge.v1.FramePart"
FRAMES, SENSORS = "/frames/", "/sensors/"
SCENE_FILES = ("scene.json", "geometry.npz")


def frame_topic(camera: str, modality: str) -> str:
    """The topic of one camera's frames of one modality."""
    return f"{FRAMES}{camera}/{modality}"


def reading_topic(agent: str, sensor: str) -> str:
    """The topic of what one agent's sensor reads."""
    return f"{SENSORS}{agent}/{sensor}"


def sensor_of_topic(topic: str) -> tuple[str, str]:
    """Agent and sensor of such a topic."""
    agent, _, sensor = topic.removeprefix(SENSORS).rpartition("/")
    return agent, sensor


def scene_attachment(digest: str, file: str) -> str:
    """What one file of an attached scene is called."""
    return f"scene/{digest}/{file}"


def schema_of(descriptor: Any) -> bytes:
    """A message's schema as MCAP wants it: every .proto file it is made of, the imported ones first."""
    found: dict[str, FileDescriptor] = {}

    def gather(file: FileDescriptor) -> None:
        for needed in file.dependencies:
            gather(needed)
        found.setdefault(file.name, file)

    gather(descriptor.file)
    made = FileDescriptorSet()
    for file in found.values():
        file.CopyToProto(made.file.add())
    return made.SerializeToString(deterministic=True)
