"""A scene spawned in an Unreal world, out of SimWorld's assets and blueprints of the user's own."""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import EngineFailed, InvalidInput, NotSupported
from bridge.formats.simworld_assets import HUMANOID, SCOOTER_TO_RIDE, blueprint_path
from bridge.formats.simworld_town import Node, gen_name, simworld_town, straight_segments
from bridge.frames import yaw_from_quat
from bridge.scene import Asset, Scene
from bridge.unrealcv.answers import all_ok, refusal, rows, text
from bridge.unrealcv.border import Border, is_level, mask_color, said
from bridge.unrealcv.channel import Channel
from bridge.unrealcv.dialect import SPAWN_BLUEPRINT, Tongue
from bridge.unrealcv.town import GO_ABOUT, Town, name_there

_log = logging.getLogger("bridge.unrealcv")
_BEND_TOLERANCE_M = 1.0
_NODES_A_BATCH = 40
_TERRAIN = 1
"""The terrain's row in a scene's table: what streets and the map's ground count as in label images."""


def spawned_town(
    channel: Channel,
    tongue: Tongue,
    scene: Scene,
    timeout_s: float,
    *,
    blueprints: Mapping[str, str],
    ground_z_cm: float,
    former: Town | None = None,
) -> Town:
    """The scene spawned on the present map. `blueprints` are paths by kinds.

    Of a `former` town stays what is the same in this one; otherwise whatever was spawned before goes. Raises NotSupported
    where the server spawns no blueprints, EngineFailed where it has none of them.
    """
    if not tongue.has(SPAWN_BLUEPRINT):
        raise NotSupported(
            f"{channel.where} has no world of the scene '{scene.name}' and cannot spawn blueprints. Open a level that was "
            "imported from this town, or connect to SimWorld's binary."
        )
    border = Border(scene.terrain, ground_z_cm)
    if is_level(scene.terrain):
        border = Border(None, ground_z_cm - 100 * float(scene.terrain.heights[0, 0]))
    nodes, unmapped = town_nodes(scene, blueprints)
    ids = {row.name: row.id for row in scene.instances()}
    kept = _kept(channel, nodes, former, ids, timeout_s)
    missing: Counter[str] = Counter()
    spawned: dict[str, Node] = {}
    fresh = [node for node in nodes if node.id not in kept]
    try:
        for first in range(0, len(fresh), _NODES_A_BATCH):
            batch = fresh[first : first + _NODES_A_BATCH]
            spawned |= {node.id: node for node in _spawn(channel, batch, border, ids, timeout_s, missing)}
    except BaseException:
        if channel.is_open:
            clear(channel, timeout_s)
        raise
    if fresh and not spawned and not kept:
        raise EngineFailed(
            f"{channel.where} has none of the blueprints of this town, {next(iter(missing))} among them. Connect to "
            "SimWorld's binary, or open a level that was imported from this town."
        )
    new = [node for node in spawned.values() if node.name in _movers(scene)]
    lifts = _lifted(channel, new, border, timeout_s)
    here = {node.id: node for node in nodes if node.id in kept or node.id in spawned}
    named = [node for node in here.values() if node.name]
    notes = tuple(_notes(border, unmapped, missing))
    for note in notes if former is None else ():
        _log.warning("%s", note)
    return Town(
        {node.name: node.id for node in named},
        border,
        {_paint(node, ids): ids.get(node.name, _TERRAIN) for node in here.values()},
        is_spawned=True,
        nodes=here,
        lift_cm={**(former.lift_cm if former else {}), **lifts},
        scales={node.name: node.scale for node in named},
        notes=notes,
    )


def _kept(
    channel: Channel, nodes: Sequence[Node], former: Town | None, ids: Mapping[str, int], timeout_s: float
) -> set[str]:
    """What of a former town stays as it is, painted anew for another table; all else is destroyed."""
    if former is None:
        clear(channel, timeout_s)
        return set()
    wanted = {node.id: node for node in nodes}
    gone = [id_ for id_, node in former.nodes.items() if wanted.get(id_) != node]
    kept = former.nodes.keys() - set(gone)
    lines = [f"vset /object/{id_}/destroy" for id_ in gone]
    for id_ in sorted(kept):
        paint = _paint(wanted[id_], ids)
        if former.id_of.get(paint) != ids.get(wanted[id_].name, _TERRAIN):
            lines.append(f"vset /object/{id_}/color {paint[0]} {paint[1]} {paint[2]}")
    all_ok(lines, channel.ask(lines, timeout_s))
    return set(kept)


def _lifted(channel: Channel, nodes: Sequence[Node], border: Border, timeout_s: float) -> dict[str, float]:
    """Puts on the ground what would stick in it, and says how far each was lifted [cm], by our names."""
    lifts = _lifts(channel, [(node.name, node.id) for node in nodes], timeout_s)
    up = [
        f"vset /object/{node.id}/location {said(border.location_cm(node.position_m) + [0.0, 0.0, lifts[node.name]])}"
        for node in nodes
        if node.name in lifts
    ]
    all_ok(up, channel.ask(up, timeout_s))
    return lifts


def town_nodes(scene: Scene, blueprints: Mapping[str, str]) -> tuple[list[Node], Counter[str]]:
    """What to spawn for a scene, people and what they ride included, and how many of each kind have no blueprint."""
    plan = simworld_town(scene, straight_segments(scene, _BEND_TOLERANCE_M))
    known = {node.name for node in plan.nodes if node.name}
    unmapped = Counter(dict(plan.unmapped))
    nodes = [node for node in plan.nodes if not node.name]
    own: dict[str, Node] = {}
    for group in scene.placements:
        asset = scene.assets[group.asset]
        blueprint = blueprint_for(asset, blueprints)
        if not blueprint:
            continue
        for name, pose in zip(group.names, group.poses, strict=True):
            yaw = -float(np.degrees(yaw_from_quat(pose[3:])))
            x, y, z = pose[:3].tolist()
            own[name] = Node(gen_name(name), blueprint, name, (x, y, z), yaw, (1.0, 1.0, 1.0))
            unmapped[asset.kind] -= name not in known
    for agent in scene.agents:
        if agent.name not in own and agent.name not in known:
            x, y, z = agent.pose[:3]
            yaw = -float(np.degrees(yaw_from_quat(agent.pose[3:])))
            own[agent.name] = Node(gen_name(agent.name), HUMANOID, agent.name, (x, y, z), yaw, (1.0, 1.0, 1.0))
    nodes += [own.pop(node.name, node) for node in plan.nodes if node.name]
    return [replace(node, id=name_there(node.id)) for node in (*nodes, *own.values())], +unmapped


def blueprint_for(asset: Asset, blueprints: Mapping[str, str]) -> str:
    """Who stands for people and what they ride, and for the kinds that the user has named; "" for all others."""
    named = blueprints.get(asset.kind) or blueprints.get(asset.semantic)
    if named:
        return named
    return {"person": HUMANOID, "scooter": SCOOTER_TO_RIDE}.get(asset.semantic, "")


def read_blueprints(path: str) -> dict[str, str]:
    """Blueprints of the user's own: a JSON file of {kind or class: "/Game/.../BP_X.BP_X_C"}. Raises InvalidInput."""
    if not path:
        return {}
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"Blueprints of {path} cannot be read ({error}). Write JSON: {{kind: path}}.") from error
    if not isinstance(found, dict) or not all(
        isinstance(one, str) and one and " " not in one for one in found.values()
    ):
        raise InvalidInput(f'{path} holds no blueprints by kind. Write {{"car": "/Game/Cars/BP_Car.BP_Car_C"}}.')
    return found


def spawn_lines(node: Node, border: Border, *, is_movable: bool) -> list[str]:
    """What spawns one thing, as SimWorld's own client does it."""
    path = node.blueprint if node.blueprint.startswith("/") else blueprint_path(node.blueprint)
    thing = f"vset /object/{node.id}"
    return [
        f"vset /objects/spawn_bp_asset {path} {node.id}",
        f"{thing}/location {said(border.location_cm(node.position_m))}",
        f"{thing}/rotation {said([node.pitch_deg, node.yaw_deg, 0.0])}",
        f"{thing}/scale {said(node.scale)}",
        f"{thing}/collision True",
        f"{thing}/object_mobility {is_movable}",
    ]


def _spawn(
    channel: Channel,
    nodes: Sequence[Node],
    border: Border,
    ids: Mapping[str, int],
    timeout_s: float,
    missing: Counter[str],
) -> Iterator[Node]:
    """Those of the nodes that could be spawned; blueprints that are not there are counted."""
    groups = []
    for node in nodes:
        red, green, blue = _paint(node, ids)
        movable = node.blueprint in (HUMANOID, SCOOTER_TO_RIDE) or node.blueprint.startswith("/")
        groups.append(
            [*spawn_lines(node, border, is_movable=movable), f"vset /object/{node.id}/color {red} {green} {blue}"]
        )
    answers = iter(channel.ask([line for group in groups for line in group], timeout_s))
    for node, group in zip(nodes, groups, strict=True):
        told = [next(answers) for _ in group]
        if refusal(told[0]):
            missing[node.blueprint] += 1
            continue
        all_ok(group[1:4], told[1:4])
        yield node


def _paint(node: Node, ids: Mapping[str, int]) -> tuple[int, int, int]:
    return mask_color(ids.get(node.name, _TERRAIN))


def clear(channel: Channel, timeout_s: float) -> None:
    """Destroys whatever an earlier load has spawned."""
    names = text("vget /objects", channel.ask(["vget /objects"], timeout_s)[0]).split()
    lines = [f"vset /object/{name}/destroy" for name in names if name.casefold().startswith("gen_")]
    if lines:
        channel.ask([*lines, "vset /action/clean_garbage"], timeout_s)


def _movers(scene: Scene) -> set[str]:
    agents = {agent.name for agent in scene.agents}
    return agents.union(
        *(group.names for group in scene.placements if scene.assets[group.asset].semantic in GO_ABOUT)
    )  # fmt: skip


def _lifts(channel: Channel, names: Iterable[tuple[str, str]], timeout_s: float) -> dict[str, float]:
    """How far above its underside each is said to be [cm]: Unreal's characters are where the middle of their capsule is."""
    pairs = list(names)
    lines = [f"vget /object/{there}/{what}" for _, there in pairs for what in ("location", "bounds")]
    answers = channel.ask(lines, timeout_s)
    found = {}
    for row, (name, _) in enumerate(pairs):
        if refusal(answers[2 * row]) or refusal(answers[2 * row + 1]):
            continue
        location = rows(lines[2 * row : 2 * row + 1], answers[2 * row : 2 * row + 1], 3)[0]
        bounds = rows(lines[2 * row + 1 : 2 * row + 2], answers[2 * row + 1 : 2 * row + 2], 6)[0]
        lift = float(location[2] - bounds[2])
        if lift > 1.0:
            found[name] = lift
    return found


def _notes(border: Border, unmapped: Mapping[str, int], missing: Mapping[str, int]) -> Iterator[str]:
    if border.flattened is not None:
        rise: NDArray[np.float32] = border.flattened.heights
        yield (
            f"The map's ground is flat and the scene's is not ({float(rise.min()):.1f} to {float(rise.max()):.1f} m): heights "
            "are told above the ground, and slopes, quays and bridges are not there."
        )
    if unmapped:
        yield f"No blueprint stands for {_listed(unmapped)}: left out. Name some with the engine's option 'blueprints'."
    if missing:
        yield f"The binary lacks the blueprints {_listed(missing)}: left out."


def _listed(counts: Mapping[str, int]) -> str:
    most = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{kind} ({count})" for kind, count in most[:8]) + (" and others" if len(most) > 8 else "")
