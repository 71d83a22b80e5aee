"""Things that move: where they will be, and the moves that take their points there (GeoDrive's dynamic editing)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput, UnknownBody
from bridge.frames import matrix_from_quat, quat_from_yaw, quat_product, transform_from_pose
from bridge.imagination import Course, Past, Thing
from bridge.plugins import unknown_name
from world_models.geodrive.cloud import Cloud

Array = NDArray[np.float64]
GROWN_M, GROUND_M = 0.15, 0.10
"""How much wider than a thing its box is taken, and how far above its underside the ground ends, where nobody labelled pixels."""
BODY = 255
"""What labels call the body that acts."""
_GONE = np.array([0.0, 0.0, -1e6])
_WINDOW_S = 0.8
"""Velocities are those over so long a time before now."""
_WHEELED = ("vehicle", "bicycle", "scooter")


def ways(past: Past, course: Course) -> dict[str, Array]:
    """Where each thing of the past will be at the course's moments, by name: (n,7).

    What the course gives in `others` goes so; the rest goes on as it went, wheels along their bend, and what was seen once stands
    still. Raises UnknownBody for others or removed things that nobody has seen.
    """
    known = {thing.name: thing for thing in past.things}
    for name in (*course.others, *sorted(course.removed)):
        if name not in known:
            raise UnknownBody(unknown_name("thing in the past", name, known))
    found: dict[str, Array] = {}
    for name, thing in known.items():
        if name in course.removed:
            continue
        given = course.others.get(name)
        if given is not None and np.shape(given) != (len(course.times_s), 7):
            raise InvalidInput(
                f"The course of '{name}' has the shape {np.shape(given)}. Give a pose (7,) for each of the {len(course.times_s)} moments."
            )
        found[name] = _onward(thing, past.times_s, course.times_s) if given is None else np.asarray(given, float)
    return found


def moves(past: Past, course: Course) -> list[dict[int, Array]]:
    """For each moment of the course the world transforms (4,4) of what moves or is gone, by number: i for `past.things[i - 1]`."""
    paths = ways(past, course)
    found: list[dict[int, Array]] = [{} for _ in course.times_s]
    for number, thing in enumerate(past.things, start=1):
        now = thing.poses[-1]
        back = np.linalg.inv(transform_from_pose(now))
        path = paths.get(thing.name)
        if path is None:
            gone = np.eye(4)
            gone[:3, 3] = _GONE
            for moved in found:
                moved[number] = gone
        elif not np.allclose(path, now, atol=1e-6):
            for moved, there in zip(found, transform_from_pose(path) @ back, strict=True):
                moved[number] = there
    return found


def body_moves(past: Past, course: Course) -> list[dict[int, Array]]:
    """The same for the body that acts alone."""
    back = np.linalg.inv(transform_from_pose(past.body[-1]))
    return [{BODY: there @ back} for there in transform_from_pose(course.body)]


def told_apart(cloud: Cloud, things: Sequence[Thing], *, at: int = -1) -> Cloud:
    """The cloud with the points in each thing's box (at its pose of index `at`), slightly grown and without the ground, said to be the thing's."""
    numbers = np.zeros(len(cloud), np.int16)
    finite = cloud.places[3] > 0
    for number, thing in enumerate(things, start=1):
        pose, half = thing.poses[at], np.asarray(thing.size_m) / 2
        near = finite & (np.abs(cloud.places[:2].T - pose[:2]).max(axis=1) < np.linalg.norm(half) + GROWN_M)
        inside = np.flatnonzero(near)
        local = (cloud.places[:3, inside].T - pose[:3]) @ matrix_from_quat(pose[3:])
        ground_m = min(GROUND_M, 0.25 * thing.size_m[2])
        is_in = (np.abs(local[:, :2]) <= half[:2] + GROWN_M).all(axis=1) & (local[:, 2] > ground_m) & (local[:, 2] <= 2 * half[2] + GROWN_M)  # fmt: skip
        numbers[inside[is_in]] = number
    beside = cloud.beside
    itself = np.arange(len(cloud), dtype=np.int32)
    return replace(cloud, things=numbers, beside=np.where(numbers[beside] == numbers, beside, itself))


def _onward(thing: Thing, past_s: Array, times_s: Array) -> Array:
    """How a thing goes on at equal speed, and on wheels along an equal bend; (n,7)."""
    now = thing.poses[-1]
    ahead = (np.asarray(times_s) - past_s[-1])[:, None]
    then = int(np.searchsorted(past_s, past_s[-1] - _WINDOW_S - 1e-9))
    span = past_s[-1] - past_s[then]
    if span <= 0:
        return np.tile(now, (len(ahead), 1))
    velocity = (now[:3] - thing.poses[then, :3]) / span
    turned = 0.0
    if thing.semantic in _WHEELED:
        turned = _turn(thing.poses[then, 3:], now[3:]) / span
    if abs(turned) < 1e-4:
        places = now[:3] + ahead * velocity
    else:
        start = turned * span / 2 + np.arctan2(
            velocity[1], velocity[0]
        )  # the chord's heading is that of the window's middle
        chord = np.sinc(turned * span / 2 / np.pi)
        pace = np.hypot(*velocity[:2]) / chord
        ends = start + turned * ahead[:, 0]
        arc = pace / turned * np.column_stack([np.sin(ends) - np.sin(start), np.cos(start) - np.cos(ends)])
        places = now[:3] + np.column_stack([arc, ahead[:, 0] * velocity[2]])
    return np.column_stack([places, quat_product(quat_from_yaw(turned * ahead[:, 0]), now[3:])])


def _turn(before_wxyz: Array, after_wxyz: Array) -> float:
    """How far a body turned about the vertical [rad]."""
    w, _, _, z = quat_product(after_wxyz, before_wxyz * np.array([1.0, -1.0, -1.0, -1.0]))
    return float((2 * np.arctan2(z, w) + np.pi) % (2 * np.pi) - np.pi)
