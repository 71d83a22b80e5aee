"""Films of an episode: the town from above with everybody on the move, and a camera that follows one agent.

The map is drawn from an episode's document (ways and events); what the camera sees is drawn from its recording, which
any renderer can do long after the engine is gone.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bridge.episode import Edit, Episode
from bridge.errors import NotRecorded, UnknownBody
from bridge.frames import look_at, yaw_from_quat
from bridge.plugins import unknown_name
from bridge.scene import Placements, Scene
from bridge.types import Camera, Pose, WorldState
from evaluation.maps import town_map
from evaluation.parcels import Moment, Parcel, parcels

FPS = 20
SIDE_PX, BAND_PX = 720, 92
COLOURS = ((11, 105, 181), (200, 83, 26), (18, 128, 92), (168, 75, 147), (154, 116, 0), (63, 143, 196), (108, 95, 198), (110, 92, 74))  # fmt: skip
"""One for each agent, again from the first after the last."""
_INK, _SOFT, _PAPER, _LATE = (35, 33, 30), (108, 103, 95), (251, 250, 247), (196, 30, 30)
_TAIL_S, _FLASH_S = 0.05, 1.6
"""How much of the episode a tail shows, and how long on film an event stays."""
_UNTOLD = ("refused", "bid", "bid_withdrawn")
"""Events that are too many to show."""


@dataclass(frozen=True, eq=False)
class Seen:
    """One picture of a film with when it is of: rgb uint8 (H,W,3), seconds of the episode."""

    rgb: NDArray[np.uint8]
    time_s: float


def map_film(scene: Scene, document: Mapping[str, Any], path: Path, *, lasts_s: float = 30.0) -> None:
    """Writes an episode as an animated map that lasts so long, mp4. Raises Unavailable without PyAV."""
    write(map_pictures(scene, document, lasts_s=lasts_s), path)


def follow_film(recording: Path, agent: str, path: Path, *, from_s: float = 0.0, lasts_s: float = 20.0, speed: float = 1.0,
                renderer: str = "auto", size: tuple[int, int] = (640, 360)) -> None:  # fmt: skip
    """Writes what a camera behind an agent sees, mp4. See `follow_pictures`; raises Unavailable without PyAV besides."""
    write(
        follow_pictures(recording, agent, from_s=from_s, lasts_s=lasts_s, speed=speed, renderer=renderer, size=size),
        path,
    )


def write(pictures: Iterator[Seen], path: Path) -> None:
    """Pictures as an H.264 film that plays everywhere. Raises Unavailable without PyAV."""
    from bridge.recording.video import VideoWriter

    video = VideoWriter(path, Fraction(FPS), crf=27, key_every=4 * FPS)
    try:
        for seen in pictures:
            video.add(seen.rgb)
    finally:
        video.close()


def keep_poster(film: Path) -> None:
    """Writes the picture in the middle of a film beside it, as .jpg, for pages that show it before it is played."""
    import av

    with av.open(str(film)) as opened:
        stream = opened.streams.video[0]
        middle = stream.frames // 2
        for index, frame in enumerate(opened.decode(stream)):
            if index == middle:
                frame.to_image().save(film.with_suffix(".jpg"), quality=80)
                return


def map_pictures(scene: Scene, document: Mapping[str, Any], *, lasts_s: float = 30.0) -> Iterator[Seen]:
    """The pictures of the map, `lasts_s` seconds of film for the whole episode, 720 by 812 px."""
    traces = {agent: np.asarray(trace, dtype=np.float64).reshape(-1, 3) for agent, trace in document["traces"].items()}
    traces = {agent: trace for agent, trace in traces.items() if len(trace)}
    sheet = town_map(scene, around=[trace[:, 1:3] for trace in traces.values()])
    scale = SIDE_PX / sheet.width_m
    ways = {agent: (trace[:, 0], sheet.at(trace[:, 1:3]) * scale) for agent, trace in traces.items()}
    ground = sheet.picture(SIDE_PX).crop((0, 0, SIDE_PX, SIDE_PX))
    events = [event for event in document["events"] if event["kind"] not in _UNTOLD]
    orders = parcels(document["events"])
    begin_s = min((times[0] for times, _ in ways.values()), default=0.0)
    end_s = float(document["simulated_s"])
    count = max(round(lasts_s * FPS), 2)
    for time_s in np.linspace(begin_s, end_s, count).tolist():
        picture = Image.new("RGB", (SIDE_PX, SIDE_PX + BAND_PX), _PAPER)
        picture.paste(ground, (0, 0))
        pen = ImageDraw.Draw(picture)
        flash_s = _FLASH_S * (end_s - begin_s) / lasts_s
        recent = [e for e in events if time_s - flash_s < e["time_s"] <= time_s]
        standing = [(order, moment) for order in orders if (moment := order.at(time_s)) is not None]
        for order, moment in standing:
            ends = (sheet.at(np.array([order.shop_xy_m, order.home_xy_m])) * scale).tolist()
            colour = COLOURS[[*ways].index(moment.agent) % len(COLOURS)] if moment.agent in ways else _SOFT
            _parcel(pen, ends[0], ends[1], colour, is_taken=bool(moment.agent), is_carried=moment.is_carried,
                    is_late=order.is_late(time_s))  # fmt: skip
        for index, (times, way) in enumerate(ways.values()):
            _tail(pen, times, way, time_s, _TAIL_S * (end_s - begin_s), COLOURS[index % len(COLOURS)])
        for index, (agent, (times, way)) in enumerate(ways.items()):
            mine = next((e["kind"].replace("_", " ") for e in reversed(recent) if e["agent"] == agent), "")
            _mover(pen, _at(times, way, time_s), agent, mine, COLOURS[index % len(COLOURS)])
        _band(pen, document, time_s - begin_s, (end_s - begin_s), recent)
        if orders:
            _tally(pen, standing, time_s)
        yield Seen(np.asarray(picture), time_s)


def _at(times: NDArray[np.float64], way: NDArray[np.float64], time_s: float) -> NDArray[np.float64]:
    return np.array([np.interp(time_s, times, way[:, 0]), np.interp(time_s, times, way[:, 1])])


def _tail(pen: ImageDraw.ImageDraw, times: NDArray[np.float64], way: NDArray[np.float64], time_s: float, length_s: float,
          colour: tuple[int, int, int]) -> None:  # fmt: skip
    first, last = np.searchsorted(times, [time_s - length_s, time_s])
    line = [*map(tuple, way[first:last].tolist()), tuple(_at(times, way, time_s).tolist())]
    if len(line) > 1:
        pen.line(line, fill=(255, 255, 255), width=7, joint="curve")
        pen.line(line, fill=colour, width=3, joint="curve")


def _mover(
    pen: ImageDraw.ImageDraw, at: NDArray[np.float64], name: str, news: str, colour: tuple[int, int, int]
) -> None:
    x, y = at.tolist()
    if news:
        pen.ellipse((x - 17, y - 17, x + 17, y + 17), outline=colour, width=3)
    pen.ellipse((x - 8, y - 8, x + 8, y + 8), fill=colour, outline=(255, 255, 255), width=2)
    text = f"{name}: {news}" if news else name
    font = _font(15 if news else 13)
    width = pen.textlength(text, font=font)
    left = x + 13 if x + 20 + width < SIDE_PX else x - 13 - width
    top = float(np.clip(y - 9, 2, SIDE_PX - 20))
    pen.text((left, top), text, font=font, fill=colour, stroke_width=3, stroke_fill=(255, 255, 255))


def _parcel(pen: ImageDraw.ImageDraw, shop: Sequence[float], home: Sequence[float], colour: tuple[int, int, int], *,
            is_taken: bool, is_carried: bool, is_late: bool) -> None:  # fmt: skip
    """An order: a square at its shop until it is fetched, a ring at its customer's, a line between; filled once somebody
    has it, in their colour, and ringed red when it is late.
    """
    pen.line((*shop, *home), fill=colour, width=1)
    edge, width = (_LATE, 3) if is_late else (colour, 2)
    (x, y), (u, v) = shop, home
    if not is_carried:
        pen.rectangle((x - 5, y - 5, x + 5, y + 5), fill=colour if is_taken else _PAPER, outline=edge, width=width)
    pen.ellipse((u - 6, v - 6, u + 6, v + 6), fill=colour if is_carried else _PAPER, outline=edge, width=width)


def _tally(pen: ImageDraw.ImageDraw, standing: Sequence[tuple[Parcel, Moment]], time_s: float) -> None:
    """How many orders wait for somebody, wait to be fetched, are on their way, and are late; which is also the legend."""
    carried = sum(moment.is_carried for _, moment in standing)
    taken = sum(bool(moment.agent) for _, moment in standing) - carried
    late = sum(order.is_late(time_s) for order, _ in standing)
    left, top = 16, SIDE_PX + 72
    for mark, count, what in (("open", len(standing) - carried - taken, "open"), ("taken", taken, "to fetch"),
                              ("carried", carried, "on the way"), ("late", late, "late")):  # fmt: skip
        box, fill = (left, top, left + 10, top + 10), {"taken": _SOFT, "carried": _SOFT}.get(mark, _PAPER)
        draw = pen.rectangle if mark in ("open", "taken") else pen.ellipse
        draw(box, fill=fill, outline=_LATE if mark == "late" else _SOFT, width=2)
        text = f"{count} {what}"
        pen.text((left + 17, top - 4), text, font=_font(15), fill=_INK)
        left += 17 + int(pen.textlength(text, font=_font(15))) + 26


def _band(
    pen: ImageDraw.ImageDraw,
    document: Mapping[str, Any],
    now_s: float,
    all_s: float,
    recent: Sequence[Mapping[str, Any]],
) -> None:
    """The clock, who it is, what happened last, and how much of the episode is over."""
    top = SIDE_PX
    pen.rectangle((0, top, SIDE_PX * now_s / max(all_s, 1e-9), top + 5), fill=COLOURS[0])
    pen.text((16, top + 14), _clock(now_s), font=_font(26), fill=_INK)
    who = ", ".join(sorted(set(document["policies"].values())))
    title = f"{document['task']} · {who} · seed {document['seed']} · {document['engine']}"
    pen.text((130, top + 20), title, font=_font(16), fill=_SOFT)
    if recent:
        event = recent[-1]
        details = ", ".join(
            f"{name.replace('_', ' ')} {value}"
            for name, value in event.items()
            if name not in ("time_s", "agent", "kind", "allowed_s") and isinstance(value, (str, int, float))
        )
        text = f"{event['agent']} {event['kind'].replace('_', ' ')}".strip() + (f" ({details})" if details else "")
        pen.text((16, top + 46), text[:88], font=_font(17), fill=_INK)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def follow_pictures(
    recording: Path, agent: str, *, from_s: float = 0.0, lasts_s: float = 20.0, speed: float = 1.0, renderer: str = "auto",
    size: tuple[int, int] = (640, 360),
) -> Iterator[Seen]:  # fmt: skip
    """What a camera behind and above an agent, or what it rides, sees of the first episode of a recording.

    From `from_s` seconds of the episode on, `lasts_s` seconds of film, `speed` times as fast as it went; it ends with
    the episode. Raises UnknownBody, NotRecorded for a recording without episode or scene, and RendererUnavailable.
    """
    from bridge.recording import Recording
    from bridge.render import open_renderer

    with Recording(recording) as opened:
        episodes, scene = opened.episodes(), opened.scene()
    if not episodes:
        raise NotRecorded(f"{recording} holds no episode: there is nothing to film.")
    states = episodes[0].states()
    if agent not in states[-1].names:
        raise UnknownBody(unknown_name("body", agent, states[-1].names))
    states = tuple(state for state in states if agent in state.names)
    times = [state.time_s for state in states]
    drawn = open_renderer(renderer)
    try:
        drawn.load(_with_newcomers(scene, episodes[0]))
        eye: NDArray[np.float64] | None = None
        for index in range(round(lasts_s * FPS)):
            time_s = times[0] + from_s + index * speed / FPS
            if time_s > times[-1]:
                return
            state = _between(states, times, time_s)
            camera, eye = _behind(scene, state, agent, eye, size, moved_s=speed / FPS)
            drawn.pose(state)
            (frame,) = drawn.observe([camera], ("rgb",))
            if frame.rgb is None:
                raise NotRecorded(f"The renderer '{drawn.name}' gave no colours.")
            yield Seen(frame.rgb, time_s - times[0])
    finally:
        drawn.close()


def _with_newcomers(scene: Scene, episode: Episode) -> Scene:
    """The scene with what was spawned in the episode at the end of its table, as engines have it."""
    from bridge.dressed import dressed
    from bridge.edits import Ledger
    from bridge.engine import Paint, Resize, Spawn, Weather

    ledger = Ledger()
    for event in episode.events:
        if isinstance(event, Edit):
            ledger.take(event.changes)
    changes = ledger.changes()
    newcomers = [
        Placements(c.asset, (c.name,), np.concatenate([c.pose.position, c.pose.quat_wxyz])[None], np.ones((1, 3)))
        for c in changes
        if isinstance(c, Spawn)
    ]
    sky = {
        name: value
        for change in changes
        if isinstance(change, Weather)
        for name, value in vars(change).items()
        if value is not None
    }
    paints = {c.name: c.color for c in changes if isinstance(c, Paint)}
    scales = {c.name: c.scale for c in changes if isinstance(c, Resize | Spawn) and c.scale is not None}
    return dressed(scene, newcomers, paints, replace(scene.environment, **sky), scales)


def _between(states: Sequence[WorldState], times: Sequence[float], time_s: float) -> WorldState:
    """The state at a moment: places between two recorded ones in a straight line, turned as in the nearer one."""
    after = min(bisect_right(times, time_s), len(states) - 1)
    before = max(after - 1, 0)
    a, b = states[before], states[after]
    if a.names != b.names or times[after] == times[before]:
        return a
    share = float(np.clip((time_s - times[before]) / (times[after] - times[before]), 0.0, 1.0))
    poses = (a if share < 0.5 else b).poses.copy()
    moved = np.linalg.norm(b.poses[:, :3] - a.poses[:, :3], axis=1) < 5.0  # farther is a jump, not a way
    poses[moved, :3] = (1 - share) * a.poses[moved, :3] + share * b.poses[moved, :3]
    return replace(b, poses=poses)


def _behind(
    scene: Scene, state: WorldState, agent: str, eye: NDArray[np.float64] | None, size: tuple[int, int], *, moved_s: float
) -> tuple[Camera, NDArray[np.float64]]:  # fmt: skip
    """The camera, and where it is: it glides after its place behind the agent, and stays above the ground."""
    riding = next((one.riding for one in state.agents if one.name == agent), "")
    pose = state.poses[state.names.index(riding if riding in state.names else agent)]
    yaw = float(yaw_from_quat(pose[3:]))
    wanted = pose[:3] + np.array([-5.2 * np.cos(yaw), -5.2 * np.sin(yaw), 3.0])
    share = 1.0 if eye is None or np.linalg.norm(wanted - eye) > 25.0 else 1.0 - float(np.exp(-moved_s / 0.6))
    place = wanted if eye is None else eye + share * (wanted - eye)
    place[2] = max(place[2], float(scene.terrain.height_at(place[:2])) + 1.2)
    position, quat = look_at(place, pose[:3] + [0.0, 0.0, 1.2])
    return Camera("film", size[0], size[1], 0.95, Pose(position, quat)), place
