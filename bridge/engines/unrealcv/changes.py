"""Changes made by UnrealCV's commands: what does each, and what undoes it where a later one fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Change, Hide, Move, Paint, Remove, Resize, Spawn, Weather
from bridge.engines.unrealcv.checks import pose_numbers
from bridge.errors import InvalidChange, NotSupported
from bridge.formats.simworld_assets import HUMANOID, SCOOTER_TO_RIDE
from bridge.formats.simworld_town import Node, blueprint_of, gen_name
from bridge.formats.sky import daylight
from bridge.frames import unreal_rotator_from_world_quat
from bridge.scene import Asset, Environment
from bridge.unrealcv.answers import refusal
from bridge.unrealcv.bodies import place_lines
from bridge.unrealcv.border import mask_color, said
from bridge.unrealcv.channel import Channel
from bridge.unrealcv.dialect import SPAWN_BLUEPRINT, Tongue
from bridge.unrealcv.spawned import blueprint_for, spawn_lines
from bridge.unrealcv.town import Town, name_there
from bridge.weather import changed

Array = NDArray[np.float64]
_DEEP_M = 1000.0
_FOGGIEST = 100.0


@dataclass(frozen=True)
class Step:
    """One change as commands: `lines` make it, `undo` takes it back; `must` is how many of the lines have to succeed."""

    which: str
    lines: tuple[str, ...]
    undo: tuple[str, ...]
    must: int = 1


@dataclass(frozen=True)
class Setting:
    """What changes are planned in: the town, its poses by name, what was spawned since the load, the weather's blueprint.

    `scales` are those of blueprints that were stretched to fit, by our names.
    """

    town: Town
    tongue: Tongue
    poses: Mapping[str, Array]
    spawned: Mapping[str, str]
    next_id: Mapping[str, int]
    weather_manager: str
    environment: Environment
    blueprints: Mapping[str, str]
    scales: Mapping[str, tuple[float, float, float]]
    assets: Mapping[str, Asset]


def planned(changes: Sequence[Change], setting: Setting) -> list[Step]:
    """The commands of a batch that was checked. Raises NotSupported for what UnrealCV has no word for."""
    steps, environment = [], setting.environment
    for index, change in enumerate(changes):
        which = f"Change {index} ({type(change).__name__})"
        if isinstance(change, Spawn):
            steps.append(_spawn(change, setting, which))
        elif isinstance(change, Move):
            steps.append(_move(change, setting, which))
        elif isinstance(change, Remove):
            steps.append(_remove(change, setting, which))
        elif isinstance(change, Resize):
            steps.append(_resize(change, setting, which))
        elif isinstance(change, Hide):
            thing = f"vset /object/{setting.town.there[change.name]}"
            words = ("hide", "show") if change.is_hidden else ("show", "hide")
            steps.append(Step(which, (f"{thing}/{words[0]}",), (f"{thing}/{words[1]}",)))
        elif isinstance(change, Paint):
            raise NotSupported(
                f"{which}: UnrealCV's colours are those of object masks; it cannot paint '{change.name}'. Leave Paint out."
            )
        elif isinstance(change, Weather):
            environment = changed(environment, change)
            steps.append(_weather(change, environment, setting, which))
    return steps


def make(channel: Channel, steps: Sequence[Step], timeout_s: float) -> None:
    """All steps in one batch; where one is refused, all are undone. Raises InvalidChange."""
    answers = iter(channel.ask([line for step in steps for line in step.lines], timeout_s))
    failed = ""
    for step in steps:
        told = [next(answers) for _ in step.lines]
        for line, answer in list(zip(step.lines, told, strict=True))[: step.must]:
            if not failed and (why := refusal(answer)):
                failed = f"{step.which}: Unreal refused '{line[:160]}': {why}."
    if failed:
        channel.ask([line for step in reversed(steps) for line in step.undo], timeout_s)
        raise InvalidChange(f"{failed} The batch was taken back.")


def blueprint_to_spawn(asset: Asset, setting: Setting) -> tuple[str, float] | None:
    """The blueprint for a new thing, and its scale; None where nothing stands for it."""
    named = blueprint_for(asset, setting.blueprints)
    return (named, 1.0) if named else blueprint_of(asset)


def _spawn(change: Spawn, setting: Setting, which: str) -> Step:
    if not setting.tongue.has(SPAWN_BLUEPRINT):
        raise NotSupported(f"{which}: this server cannot spawn blueprints. Connect to SimWorld's binary for that.")
    asset = setting.assets[change.asset]
    found = blueprint_to_spawn(asset, setting)
    if found is None:
        raise NotSupported(
            f"{which}: no blueprint stands for a {asset.kind}. Name one with the engine's option 'blueprints'."
        )
    blueprint, scale = found
    pose = pose_numbers(change.pose, which)
    _, yaw, _ = unreal_rotator_from_world_quat(pose[3:]).tolist()
    name = name_there(gen_name(change.name))
    x, y, z = pose[:3].tolist()
    along, across, up = change.scale or (1.0, 1.0, 1.0)
    node = Node(name, blueprint, change.name, (x, y, z), yaw, (scale * along, scale * across, scale * up))
    red, green, blue = mask_color(setting.next_id[change.name])
    moves = blueprint in (HUMANOID, SCOOTER_TO_RIDE) or blueprint.startswith("/")
    lines = [
        *spawn_lines(node, setting.town.border, is_movable=moves),
        f"vset /object/{name}/color {red} {green} {blue}",
    ]
    return Step(which, tuple(lines), (f"vset /object/{name}/destroy",), must=3)


def _move(change: Move, setting: Setting, which: str) -> Step:
    lines = place_lines(setting.town, {change.name: pose_numbers(change.pose, which)})
    before = setting.poses.get(change.name)
    undo = place_lines(setting.town, {change.name: before}) if before is not None else []
    return Step(which, tuple(lines), tuple(undo), must=2)


def _resize(change: Resize, setting: Setting, which: str) -> Step:
    """Times the size of the blueprint as it was chosen for the thing."""
    thing, factor = (
        f"vset /object/{setting.town.there[change.name]}/scale",
        setting.scales.get(change.name, (1.0, 1.0, 1.0)),
    )
    scales = [factor[axis] * change.scale[axis] for axis in range(3)]
    return Step(which, (f"{thing} {said(scales)}",), (f"{thing} {said(factor)}",))


def _remove(change: Remove, setting: Setting, which: str) -> Step:
    """What was spawned for an edit is destroyed; what the town began with is only hidden, since a reset brings it back."""
    there = setting.town.there[change.name]
    if change.name in setting.spawned:
        return Step(which, (f"vset /object/{there}/destroy",), ())
    pose = setting.poses.get(change.name)
    lines, undo = [f"vset /object/{there}/hide"], [f"vset /object/{there}/show"]
    if pose is not None:
        deep = pose.copy()
        deep[2] -= _DEEP_M
        lines += place_lines(setting.town, {change.name: deep})
        undo += place_lines(setting.town, {change.name: pose})
    return Step(which, tuple(lines), tuple(undo), must=1)


def _weather(change: Weather, environment: Environment, setting: Setting, which: str) -> Step:
    """What SimWorld's weather blueprint has: the sun and fog. Rain, snow and wet streets have no word there."""
    manager = setting.weather_manager
    if not manager:
        raise NotSupported(
            f"{which}: this level has no weather blueprint. Spawn one whose name has 'weather' in it, or leave Weather out."
        )
    lines = []
    if change.time_of_day_h is not None or change.weather is not None:
        light = daylight(environment)
        x, y, z = (light.sun_from * np.array([1.0, -1.0, 1.0])).tolist()
        pitch = float(np.clip(np.degrees(np.arctan2(-z, np.hypot(x, y))), -89.0, 89.0))
        lines.append(f"vbp {manager} SetSunDirection {pitch:.3f} {np.degrees(np.arctan2(-y, -x)):.3f}")
        lines.append(f"vbp {manager} SetSunIntensity {10.0 * light.sun_lux / 100_000:.3f}")
    if change.visibility_m is not None or change.weather is not None:
        density = min(_FOGGIEST, 2_000.0 / environment.visibility_m)
        lines.append(f"vbp {manager} SetFog {density:.3f} {0.0:.1f} {0.2:.3f}")
    return Step(which, tuple(lines), (), must=len(lines))
