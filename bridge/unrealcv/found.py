"""A scene looked for in an Unreal world: it is taken as it is where its things are there and stand where they should."""

from collections.abc import Mapping, Sequence

import numpy as np

from bridge.scene import Scene
from bridge.unrealcv.answers import color, refusal, rows, text
from bridge.unrealcv.border import Border
from bridge.unrealcv.channel import Channel
from bridge.unrealcv.dialect import LABEL, Tongue
from bridge.unrealcv.town import GO_ABOUT, Town, name_there

_SAMPLE, _NEAR_M, _MOST_ABSENT = 200, 0.5, 0.05


def found_town(channel: Channel, tongue: Tongue, scene: Scene, timeout_s: float) -> Town | None:
    """The scene, if the world has it: whoever acts, nearly all that moves, and what stands is where the scene says.

    Things go by their names, or, in an editor, by their labels. Props that a level keeps as instances of one actor are not
    there by themselves: they are seen, and have no name in label images. None where it is another world.
    """
    agents = [agent.name for agent in scene.agents]
    placed = [name for group in scene.placements for name in group.names]
    movers = [name for name in placed if name in _loose(scene)]
    names = [*(part.name for part in scene.parts), *placed, *(name for name in agents if name not in placed)]
    here = _named(channel, tongue, names, timeout_s)
    wanted = movers or names
    if not wanted or not all(name in here for name in agents):
        return None
    if len([name for name in wanted if name not in here]) > _MOST_ABSENT * len(wanted):
        return None
    if not _stands_where_it_should(channel, scene, here, timeout_s):
        return None
    absent = sorted(set(names) - here.keys())
    notes = (
        f"The level has {len(absent)} of the scene's things under no name of theirs, {', '.join(absent[:5])} among them.",
    )
    return Town(here, Border(), _colors(channel, scene, here, timeout_s), notes=notes if absent else ())


def _named(channel: Channel, tongue: Tongue, names: Sequence[str], timeout_s: float) -> dict[str, str]:
    """Unreal's names by ours, of those that are there."""
    listed = text("vget /objects", channel.ask(["vget /objects"], timeout_s)[0]).split()
    actors = {name.casefold(): name for name in listed}
    if tongue.has(LABEL) and any(name_there(name).casefold() not in actors for name in names):
        labels = channel.ask([f"vget /object/{name}/label" for name in listed], timeout_s)
        for name, label in zip(listed, labels, strict=True):
            if not refusal(label):
                actors.setdefault(name_there(label.decode("utf-8", "replace").strip()).casefold(), name)
    found = {name: actors.get(name_there(name).casefold()) for name in names}
    return {name: there for name, there in found.items() if there is not None}


def _loose(scene: Scene) -> set[str]:
    """Names of what goes about or can be pushed."""
    return {
        name
        for group in scene.placements
        if scene.assets[group.asset].is_movable or scene.assets[group.asset].semantic in GO_ABOUT
        for name in group.names
    }


def _stands_where_it_should(channel: Channel, scene: Scene, here: Mapping[str, str], timeout_s: float) -> bool:
    """Whether things that never move are where the scene says: a sample of them, nine in ten of it."""
    rest = [
        (here[name], pose[:3])
        for group in scene.placements
        if not scene.assets[group.asset].is_movable and scene.assets[group.asset].semantic not in GO_ABOUT
        for name, pose in zip(group.names, group.poses, strict=True)
        if name in here
    ]
    if not rest:
        return True
    sample = rest[:: max(len(rest) // _SAMPLE, 1)]
    lines = [f"vget /object/{name}/location" for name, _ in sample]
    places = Border().position(rows(lines, channel.ask(lines, timeout_s), 3))
    away = np.linalg.norm(places - np.array([at for _, at in sample]), axis=1)
    return bool((away < _NEAR_M).mean() >= 0.9)


def _colors(
    channel: Channel, scene: Scene, here: Mapping[str, str], timeout_s: float
) -> dict[tuple[int, int, int], int]:
    """What the world paints its masks with. What has no colour there stays unknown, as landscapes are to UnrealCV."""
    table = [(row.id, here.get(row.name) or name_there(row.name)) for row in scene.instances()]
    lines = [f"vget /object/{name}/color" for _, name in table]
    answers = channel.ask(lines, timeout_s)
    found = {}
    for (id_, _), line, answer in zip(table, lines, answers, strict=True):
        if not refusal(answer) and any(paint := color(line, answer)):
            found.setdefault(paint, id_)
    return found
