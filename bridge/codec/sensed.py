"""Readings of sensors as messages and back, to the last bit."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.codec import fields
from bridge.codec.tensors import DTYPES, ELEMENT_TYPES, array_of_message, message_of_array
from bridge.errors import InvalidInput
from bridge.packing import shuffled, unshuffled
from bridge.sensors.readings import Boxes2D, Boxes3D, Fix, Flow, Imu, LidarScan, Reading, Touch
from bridge.v1 import sensors_pb2 as pb
from bridge.v1 import types_pb2

MAX_READING_BYTES = 1 << 28


def message_of_reading(reading: Reading, *, known_directions: NDArray[np.float32] | None = None) -> Any:
    """A reading as it is kept; a sweep without its beams where the reader knows them. Raises InvalidInput."""
    match reading:
        case Imu():
            return pb.ImuReading(
                **_when(reading),
                specific_force=_vector(reading.specific_force),
                angular_rate=_vector(reading.angular_rate),
            )
        case Fix():
            told = ("latitude_rad", "longitude_rad", "altitude_m", "accuracy_m", "accuracy_up_m")
            return pb.GpsReading(
                **_when(reading),
                position=_vector(reading.position),
                velocity=_vector(reading.velocity),
                **{name: getattr(reading, name) for name in told},
            )
        case LidarScan():
            made = pb.LidarReading(
                **_when(reading),
                ranges=_packed(reading.ranges, "<f4"),
                ids=_packed(reading.ids, "<i4"),
                intensity=_packed(reading.intensity, "<f4"),
                world_from_sensor=message_of_array(reading.world_from_sensor),
            )
            known = known_directions
            if known is None or known.shape != reading.directions.shape or (known != reading.directions).any():
                made.directions.CopyFrom(_packed(reading.directions, "<f4"))
            return made
        case Boxes2D():
            return pb.BoxesReading(
                **_when(reading), **_whose(reading),
                xyxy=message_of_array(reading.xyxy), pixels=message_of_array(reading.pixels.astype(np.int64)),
                visible_fraction=message_of_array(reading.visible_fraction),
                is_cut=message_of_array(reading.is_cut.astype(np.uint8)),
            )  # fmt: skip
        case Boxes3D():
            return pb.SolidBoxesReading(
                **_when(reading), **_whose(reading),
                world_from_box=message_of_array(reading.world_from_box),
                camera_from_box=message_of_array(reading.camera_from_box), size=message_of_array(reading.size),
            )  # fmt: skip
        case Touch():
            places = message_of_array(reading.positions), message_of_array(reading.forces)
            return pb.TouchReading(**_when(reading), names=reading.names, positions=places[0], forces=places[1])
        case Flow():
            return pb.FlowReading(
                **_when(reading), camera=reading.camera, to_tick=reading.to_tick, pixels=_packed(reading.pixels, "<f4")
            )
    raise InvalidInput(
        f"A reading of type {type(reading).__name__} cannot be recorded; expected one of bridge.sensors.readings."
    )


def reading_of_message(message: Any, *, known_directions: NDArray[np.float32] | None = None) -> Reading:
    """The reading; `known_directions` are the beams of sweeps that leave them out. Raises InvalidInput, DamagedData."""
    return _READERS[message.DESCRIPTOR.full_name](message, known_directions)


def directions_of_message(message: Any) -> NDArray[np.float32]:
    """The beams of a sweep that has them."""
    return _unpacked(message.directions, "lidar.directions", "<f4", 3)


def _imu(message: Any, _: Any) -> Imu:
    force, rate = (_numbers(getattr(message, key), f"imu.{key}") for key in ("specific_force", "angular_rate"))
    return Imu(message.tick, message.time_s, force, rate)


def _gps(message: Any, _: Any) -> Fix:
    return Fix(
        message.tick, message.time_s, _numbers(message.position, "gps.position"), _numbers(message.velocity, "gps.velocity"),
        message.latitude_rad, message.longitude_rad, message.altitude_m, message.accuracy_m, message.accuracy_up_m,
    )  # fmt: skip


def _lidar(message: Any, known: NDArray[np.float32] | None) -> LidarScan:
    directions = directions_of_message(message) if message.HasField("directions") else known
    if directions is None:
        raise InvalidInput("lidar.directions is missing, and no reading before has them; the beams cannot be known.")
    pieces = [
        _unpacked(getattr(message, key), f"lidar.{key}", dtype, 2)
        for key, dtype in (("ranges", "<f4"), ("ids", "<i4"), ("intensity", "<f4"))
    ]
    if any(piece.shape != directions.shape[:2] for piece in pieces) or directions.shape[2] != 3:
        raise InvalidInput(
            f"lidar: arrays of {', '.join(str(piece.shape) for piece in pieces)} and beams of {directions.shape}; expected "
            "(channels, columns), and three numbers a beam."
        )
    pose = array_of_message(message.world_from_sensor, "lidar.world_from_sensor", shape=(7,))
    return LidarScan(message.tick, message.time_s, pieces[0], pieces[1], pieces[2], directions, pose)


def _boxes(message: Any, _: Any) -> Boxes2D:
    ids, names, classes = _owners(message)
    count = len(names)
    is_cut = array_of_message(message.is_cut, "boxes.is_cut", dtype="u1", shape=(count,)).astype(bool)
    is_cut.setflags(write=False)
    return Boxes2D(
        message.tick, message.time_s, message.camera, ids, names, classes,
        array_of_message(message.xyxy, "boxes.xyxy", dtype="<i4", shape=(count, 4)),
        array_of_message(message.pixels, "boxes.pixels", dtype="<i8", shape=(count,)),
        array_of_message(message.visible_fraction, "boxes.visible_fraction", dtype="<f4", shape=(count,)),
        is_cut,
    )  # fmt: skip


def _solids(message: Any, _: Any) -> Boxes3D:
    ids, names, classes = _owners(message)
    columns = (("world_from_box", 7), ("camera_from_box", 7), ("size", 3))
    poses = [
        array_of_message(getattr(message, key), f"boxes.{key}", shape=(len(names), width)) for key, width in columns
    ]
    return Boxes3D(message.tick, message.time_s, message.camera, ids, names, classes, *poses)


def _touch(message: Any, _: Any) -> Touch:
    names = tuple(message.names)
    positions = array_of_message(message.positions, "touch.positions", shape=(len(names), 3))
    forces = array_of_message(message.forces, "touch.forces", shape=(len(names),))
    return Touch(message.tick, message.time_s, names, positions, forces)


def _flow(message: Any, _: Any) -> Flow:
    pixels = _unpacked(message.pixels, "flow.pixels", "<f4", 3)
    return Flow(message.tick, message.time_s, message.camera, message.to_tick, pixels)


_READERS: dict[str, Callable[[Any, Any], Reading]] = {
    pb.ImuReading.DESCRIPTOR.full_name: _imu,
    pb.GpsReading.DESCRIPTOR.full_name: _gps,
    pb.LidarReading.DESCRIPTOR.full_name: _lidar,
    pb.BoxesReading.DESCRIPTOR.full_name: _boxes,
    pb.SolidBoxesReading.DESCRIPTOR.full_name: _solids,
    pb.TouchReading.DESCRIPTOR.full_name: _touch,
    pb.FlowReading.DESCRIPTOR.full_name: _flow,
}
READINGS: dict[str, Any] = {
    message.DESCRIPTOR.full_name: message
    for message in (
        pb.ImuReading, pb.GpsReading, pb.LidarReading, pb.BoxesReading, pb.SolidBoxesReading, pb.TouchReading,
        pb.FlowReading,
    )
}  # fmt: skip
"""The types of messages that readings are, by name."""


def _when(reading: Reading) -> dict[str, Any]:
    return {"tick": reading.tick, "time_s": reading.time_s}


def _whose(reading: Boxes2D | Boxes3D) -> dict[str, Any]:
    return {
        "camera": reading.camera,
        "ids": message_of_array(reading.ids),
        "names": reading.names,
        "classes": message_of_array(reading.classes.astype(np.int32)),
    }


def _owners(message: Any) -> tuple[NDArray[np.int32], tuple[str, ...], NDArray[np.int32]]:
    names = tuple(message.names)
    ids = array_of_message(message.ids, "boxes.ids", dtype="<i4", shape=(len(names),))
    return ids, names, array_of_message(message.classes, "boxes.classes", dtype="<i4", shape=(len(names),))


def _vector(numbers: NDArray[np.float64]) -> types_pb2.Vector3:
    x, y, z = (float(number) for number in numbers)
    return types_pb2.Vector3(x=x, y=y, z=z)


def _numbers(message: types_pb2.Vector3, path: str) -> NDArray[np.float64]:
    found = np.array([fields.finite(getattr(message, axis), f"{path}.{axis}") for axis in "xyz"])
    found.setflags(write=False)
    return found


def _packed(array: NDArray, dtype: str) -> pb.PackedTensor:
    array = np.ascontiguousarray(array, dtype)
    packed, plain = shuffled(array), types_pb2.PACKING_SHUFFLED_ZSTD
    return pb.PackedTensor(element_type=ELEMENT_TYPES[array.dtype], shape=array.shape, packing=plain, data=packed)


def _unpacked(message: pb.PackedTensor, path: str, dtype: str, dimensions: int) -> NDArray:
    wanted, shape = np.dtype(dtype), tuple(message.shape)
    if DTYPES.get(message.element_type) != wanted or len(shape) != dimensions:
        raise InvalidInput(
            f"{path} is a {shape} of type {message.element_type}; expected {dimensions} dimensions of {wanted}."
        )
    if math.prod(shape) * wanted.itemsize > MAX_READING_BYTES:
        raise InvalidInput(f"{path}.shape is {shape}; readings have at most {MAX_READING_BYTES:,} bytes.")
    if message.packing != types_pb2.PACKING_SHUFFLED_ZSTD:
        raise InvalidInput(f"{path}.packing is {message.packing}; expected {types_pb2.PACKING_SHUFFLED_ZSTD}.")
    found = unshuffled(message.data, wanted, shape)
    found.setflags(write=False)
    return found
