"""Pasts, courses and predictions of world models as messages and back."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.codec import fields
from bridge.codec.tensors import array_of_message, camera_of_message, finite_array, message_of_array, message_of_camera
from bridge.errors import InvalidInput
from bridge.imagination import Course, Dream, ModelInfo, Past, Prediction, Thing
from bridge.v1 import model_service_pb2 as pb
from bridge.v1 import types_pb2

MOST_MOMENTS, MOST_VIEWS, MOST_THINGS, MOST_SAMPLES, MOST_PIXELS = 1024, 16, 512, 64, 1 << 28
"""What one request may ask for; pixels are those of all pictures that would be imagined."""


def message_of_model(info: ModelInfo) -> pb.Model:
    """What a model is for."""
    return pb.Model(
        name=info.name, task=info.task, views=info.views, width_px=info.width, height_px=info.height, frame_s=info.frame_s,
        frames_at_once=info.frames_at_once, needs_depth=info.needs_depth, weights=info.weights,
    )  # fmt: skip


def model_of_message(message: pb.Model) -> ModelInfo:
    """What a model is for. Raises InvalidInput for a task that nobody knows."""
    if message.task not in ("manipulate", "drive", "any"):
        raise InvalidInput(f"task is '{message.task}'; expected manipulate, drive or any.")
    return ModelInfo(
        message.name, message.task, tuple(message.views), message.width_px, message.height_px, message.frame_s,
        message.frames_at_once, message.needs_depth, message.weights,
    )  # fmt: skip


def message_of_past(past: Past) -> pb.Past:
    """What was seen; its scene and episode stay here."""
    told = pb.Past(
        times_s=_doubles(past.times_s), cameras=[message_of_camera(camera) for camera in past.cameras],
        rgb=message_of_array(np.ascontiguousarray(past.rgb)), body=_doubles(past.body), instruction=past.instruction,
        things=[
            pb.Thing(name=one.name, semantic=one.semantic, size_x_m=one.size_m[0], size_y_m=one.size_m[1], size_z_m=one.size_m[2], poses=_doubles(one.poses))
            for one in past.things
        ],
    )  # fmt: skip
    if past.gripper is not None:
        told.gripper.CopyFrom(_doubles(past.gripper))
    if past.depth is not None:
        told.depth.CopyFrom(message_of_array(np.ascontiguousarray(past.depth, np.float32)))
    if past.labels is not None:
        told.labels.CopyFrom(message_of_array(np.ascontiguousarray(past.labels)))
    return told


def past_of_message(message: pb.Past, path: str = "past") -> Past:
    """What was seen, all of one length. Raises InvalidInput, OutOfRange."""
    times = finite_array(array_of_message(message.times_s, f"{path}.times_s"), f"{path}.times_s")
    count, views = len(times), len(message.cameras)
    _within(count, 1, MOST_MOMENTS, f"{path}.times_s", "moments")
    _within(views, 1, MOST_VIEWS, f"{path}.cameras", "views")
    _within(len(message.things), 0, MOST_THINGS, f"{path}.things", "things")
    rgb = array_of_message(message.rgb, f"{path}.rgb", dtype="u1", shape=(count, views, None, None, 3))
    if not rgb.size:
        raise InvalidInput(f"{path}.rgb.shape is {rgb.shape}; expected pictures of at least one pixel.")
    sized = rgb.shape[:4]
    things = tuple(
        Thing(
            fields.name(one.name, f"{path}.things[{row}].name"), one.semantic,
            (_extent(one.size_x_m, f"{path}.things[{row}].size_x_m"), _extent(one.size_y_m, f"{path}.things[{row}].size_y_m"), _extent(one.size_z_m, f"{path}.things[{row}].size_z_m")),
            _poses(one.poses, f"{path}.things[{row}].poses", count),
        )
        for row, one in enumerate(message.things)
    )  # fmt: skip
    return Past(
        times, tuple(camera_of_message(camera, f"{path}.cameras[{row}]") for row, camera in enumerate(message.cameras)), rgb,
        _poses(message.body, f"{path}.body", count),
        _gripper(message.gripper, f"{path}.gripper", count) if message.HasField("gripper") else None,
        array_of_message(message.depth, f"{path}.depth", dtype="<f4", shape=sized) if message.HasField("depth") else None,
        array_of_message(message.labels, f"{path}.labels", dtype="u1", shape=sized) if message.HasField("labels") else None,
        things, message.instruction,
    )  # fmt: skip


def message_of_course(course: Course) -> pb.Course:
    """What will be done; actions of engines stay here."""
    told = pb.Course(
        times_s=_doubles(course.times_s), body=_doubles(course.body), removed=sorted(course.removed),
        others=[pb.NamedTensor(name=name, tensor=_doubles(way)) for name, way in course.others.items()],
    )  # fmt: skip
    if course.gripper is not None:
        told.gripper.CopyFrom(_doubles(course.gripper))
    return told


def course_of_message(message: pb.Course, path: str = "course") -> Course:
    """What will be done. Raises InvalidInput, OutOfRange."""
    times = finite_array(array_of_message(message.times_s, f"{path}.times_s"), f"{path}.times_s")
    count = len(times)
    _within(count, 1, MOST_MOMENTS, f"{path}.times_s", "moments")
    return Course(
        times, _poses(message.body, f"{path}.body", count),
        _gripper(message.gripper, f"{path}.gripper", count) if message.HasField("gripper") else None,
        {one.name: _poses(one.tensor, f"{path}.others['{one.name}']", count) for one in message.others},
        frozenset(message.removed),
    )  # fmt: skip


def messages_of_prediction(prediction: Prediction) -> list[pb.PredictResponse]:
    """One a moment."""
    told = []
    for moment, time_s in enumerate(prediction.times_s.tolist()):
        one = pb.PredictResponse(
            time_s=time_s, rgb=message_of_array(np.ascontiguousarray(prediction.rgb[:, moment])),
            poses=[pb.NamedTensor(name=name, tensor=_doubles(poses[:, moment])) for name, poses in prediction.poses.items()],
        )  # fmt: skip
        if prediction.depth is not None:
            one.depth.CopyFrom(message_of_array(np.ascontiguousarray(prediction.depth[:, moment], np.float32)))
        if prediction.success is not None:
            one.success.CopyFrom(_doubles(prediction.success[:, moment]))
        if prediction.trust is not None:
            one.trust = float(prediction.trust[moment])
        told.append(one)
    return told


def prediction_of_messages(messages: Sequence[pb.PredictResponse]) -> Prediction:
    """All moments together. Raises InvalidInput where they do not belong together, or there are none."""
    if not messages:
        raise InvalidInput("The model answered with no moment at all. See the log of the server that has it.")
    first = messages[0]
    shape = tuple(first.rgb.shape)
    rgb = [array_of_message(one.rgb, "rgb", dtype="u1", shape=shape) for one in messages]
    names = [one.name for one in first.poses]
    poses = {
        name: np.stack([array_of_message(one.poses[row].tensor, name, shape=(shape[0], 7)) for one in messages], axis=1)
        for row, name in enumerate(names)
    }
    depth = success = trust = None
    if first.HasField("depth"):
        depth = np.stack(
            [array_of_message(one.depth, "depth", dtype="<f4", shape=shape[:4]) for one in messages], axis=1
        )
    if first.HasField("success"):
        success = np.stack([array_of_message(one.success, "success", shape=shape[:1]) for one in messages], axis=1)
    if first.HasField("trust"):
        trust = np.array([one.trust for one in messages])
    return Prediction(np.array([one.time_s for one in messages]), np.stack(rgb, axis=1), poses, depth, success, trust)


def request_of(past: Past, course: Course, *, samples: int, seed: int, model: str = "") -> pb.PredictRequest:
    """What a model is asked."""
    return pb.PredictRequest(
        model=model, past=message_of_past(past), course=message_of_course(course), samples=samples, seed=seed
    )


def asked(message: pb.PredictRequest) -> tuple[Past, Course, int, int]:
    """Past, course, samples and seed of a request. Raises InvalidInput, OutOfRange."""
    past, course = past_of_message(message.past), course_of_message(message.course)
    samples = max(message.samples, 1)
    _within(samples, 1, MOST_SAMPLES, "samples", "samples")
    pixels = samples * len(course.times_s) * int(np.prod(past.rgb.shape[1:4]))
    _within(pixels, 1, MOST_PIXELS, "request", "pixels to imagine")
    return past, course, samples, message.seed


def message_of_dream(dream: Dream) -> pb.WatchDreamResponse:
    """A moment of engine and dream."""
    told = pb.WatchDreamResponse(
        model=dream.model, agent=dream.agent, tick=dream.tick, time_s=dream.time_s, horizon_s=dream.horizon_s, views=dream.views,
        engine=message_of_array(np.ascontiguousarray(dream.engine)), dream=message_of_array(np.ascontiguousarray(dream.dream)),
        psnr_db=dream.psnr_db, trouble=dream.trouble[: fields.MAX_TEXT],
    )  # fmt: skip
    if dream.trust is not None:
        told.trust = dream.trust
    return told


def dream_of_message(message: pb.WatchDreamResponse) -> Dream:
    """A moment of engine and dream. Raises InvalidInput."""
    shape = tuple(message.engine.shape)
    return Dream(
        message.model, message.agent, message.tick, message.time_s, message.horizon_s, tuple(message.views),
        array_of_message(message.engine, "engine", dtype="u1", shape=shape),
        array_of_message(message.dream, "dream", dtype="u1", shape=shape), message.psnr_db,
        message.trust if message.HasField("trust") else None, message.trouble,
    )  # fmt: skip


def _doubles(array: NDArray) -> types_pb2.Tensor:
    return message_of_array(np.ascontiguousarray(array, np.float64))


def _poses(message: types_pb2.Tensor, path: str, count: int) -> NDArray[np.float64]:
    found = finite_array(array_of_message(message, path, shape=(count, 7)), path, limit=fields.MAX_POSITION_M)
    if count and np.abs(np.linalg.norm(found[:, 3:], axis=1) - 1.0).max() > 1e-3:
        raise InvalidInput(f"{path}: a quaternion is not of length 1 (within 0.001).")
    return found


def _extent(size_m: float, path: str) -> float:
    return fields.finite(size_m, path, low=0.0, high=1e4)


def _gripper(message: types_pb2.Tensor, path: str, count: int) -> NDArray[np.float64]:
    return finite_array(array_of_message(message, path, shape=(count,)), path)


def _within(count: int, low: int, high: int, path: str, what: str) -> None:
    if not low <= count <= high:
        raise InvalidInput(f"{path} has {count:,} {what}; expected {low} to {high:,}.")
