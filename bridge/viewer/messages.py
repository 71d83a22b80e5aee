"""What the page and the program say to one another: news as text and bytes, wishes read and refused."""

import io
import json
import math
import struct
from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.imagination import Dream
from bridge.plugins import unknown_name
from bridge.scene import Scene
from bridge.viewer.driving import Wheel
from bridge.viewer.light import Word
from bridge.viewer.news import Notice, Picture, Status
from bridge.viewer.show import Show
from bridge.viewer.stage import Stage
from bridge.viewer.traffic import may_have_traffic

TOWN, POSES, PICTURE, LIGHT, DREAM = range(5)
CHUNK_BYTES = 1 << 18
MOST_TICKS = 1000
_MOVED = 1e-4
"""Poses that differ by less in all numbers [m, parts of a quaternion] are the same to the eye."""
_RANGES = {
    "time_of_day_h": (0.0, 24.0),
    "visibility_m": (5.0, 50_000.0),
    "wetness": (0.0, 1.0),
    "snow_cover": (0.0, 1.0),
}


def world_told(show: Show, scene: Scene) -> str:
    """Who can be followed and driven, which cameras there are, what may be done."""
    info = show.engine.info
    cameras = [name for name in show.loaded.cameras if name.endswith(("/front", "/follow"))]
    return _text(
        "world",
        name=scene.name,
        prompt=scene.provenance.prompt,
        engine=f"{info.name} {info.version}" if show.steps else f"{info.name} {info.version}, watched",
        agents=show.loaded.agents,
        cameras=cameras or list(show.loaded.cameras),
        may={"step": show.steps, "drive": show.drives, "edit": show.edits, "traffic": may_have_traffic(show, scene)},
        span=show.film.span if show.film else None,
        tick_s=info.tick_s,
    )


def bodies_told(roster: int, names: Sequence[str], assets: dict[str, str]) -> str:
    """The names that poses go by from now on, and what those that were spawned are copies of."""
    return _text("bodies", roster=roster, names=names, assets={name: assets[name] for name in names if name in assets})


def status_told(status: Status, *, watching: int) -> str:
    """The clock, and who does what."""
    agents = [
        {"name": one.name, "doing": one.doing, "failure": one.failure, "riding": one.riding, "holding": one.holding}
        for one in status.state.agents
    ]
    return _text(
        "status",
        tick=status.state.tick,
        time_s=round(status.state.time_s, 3),
        paused=status.is_paused,
        speed=status.speed,
        rate=round(status.rate, 2),
        trouble=status.trouble,
        watching=watching,
        ended=status.is_ended,
        traffic=status.traffic,
        agents=agents,
    )


def notice_told(notice: Notice) -> str:
    """A sentence for the one who asked."""
    return _text("notice", text=notice.text, ends_pictures=notice.ends_pictures)


def town_told(content: bytes, digest: str) -> list[str | bytes]:
    """A packed town, announced and in pieces."""
    head = bytes([TOWN, 0, 0, 0])
    pieces = [head + content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES)]
    return [_text("town", bytes=len(content), digest=digest), *pieces]


def light_told(content: bytes, sky: int) -> bytes:
    """A packed light; `sky` is its number."""
    return struct.pack("<BxH", LIGHT, sky & 0xFFFF) + content


def picture_told(picture: Picture, jpeg: bytes) -> bytes:
    """A camera's picture, and the number of the sky it was taken under."""
    said = json.dumps({"camera": picture.camera, "tick": picture.tick, "sky": picture.sky & 0xFFFF}).encode()
    return struct.pack("<BxxxI", PICTURE, len(said)) + said + jpeg


def dream_told(dream: Dream) -> bytes:
    """A moment of the engine above what a model had imagined of it, all views side by side; without pictures in trouble."""
    told = {"model": dream.model, "agent": dream.agent, "tick": dream.tick, "horizon_s": dream.horizon_s, "psnr_db": dream.psnr_db, "trust": dream.trust, "trouble": dream.trouble}  # fmt: skip
    said = json.dumps(told).encode()
    picture = b""
    if not dream.trouble:
        from PIL import Image

        made = io.BytesIO()
        Image.fromarray(np.vstack([np.hstack(list(dream.engine)), np.hstack(list(dream.dream))])).save(made, "PNG")
        picture = made.getvalue()
    return struct.pack("<BxxxI", DREAM, len(said)) + said + picture


def poses_told(
    status: Status, roster: int, before: NDArray[np.float32] | None
) -> tuple[bytes | None, NDArray[np.float32]]:
    """Poses that differ from `before` (n,7), None if none does; and those that the page has after it."""
    poses = status.state.poses.astype(np.float32)
    if before is None or before.shape != poses.shape:
        index = np.arange(len(poses), dtype=np.int32)
        before = poses.copy()
    else:
        index = np.flatnonzero((np.abs(poses - before) > _MOVED).any(axis=1)).astype(np.int32)
        if not len(index):
            return None, before
        before = before.copy()
        before[index] = poses[index]
    head = struct.pack("<BxxxIdII", POSES, len(index), status.state.time_s, status.state.tick & 0xFFFFFFFF, roster)
    return head + index.tobytes() + poses[index].tobytes(), before


def carry_out(text: str | bytes, stage: Stage, watcher: object) -> None:
    """Does what a page wishes. Raises InvalidInput for what makes no sense."""
    try:
        wish = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"A page sent what is no JSON: {error}.") from error
    if not isinstance(wish, dict):
        raise InvalidInput("A page sent JSON that is no object.")
    what = wish.get("do")
    if what == "ready":
        stage.ready()
    elif what == "run":
        stage.run()
    elif what == "pause":
        stage.pause()
    elif what == "step":
        stage.step(int(_number(wish, "ticks", 1, MOST_TICKS)), watcher)
    elif what == "seek":
        stage.seek(int(_number(wish, "tick", 0, 2**53)), watcher)
    elif what == "traffic":
        stage.set_traffic(bool(wish.get("on", False)), watcher)
    elif what == "speed":
        stage.set_speed(_number(wish, "factor", 0.01, 100.0))
    elif what == "reset":
        stage.reset(watcher)
    elif what == "watch":
        stage.want(watcher, _word(wish, "camera"))
    elif what == "ride":
        stage.ride(_word(wish, "agent"), watcher)
    elif what == "drive":
        _drive(wish, stage, watcher)
    elif what == "weather":
        stage.change_weather(_weather(wish), watcher)
    else:
        known = (
            "ready",
            "run",
            "pause",
            "step",
            "seek",
            "speed",
            "reset",
            "watch",
            "ride",
            "drive",
            "weather",
            "traffic",
        )
        raise InvalidInput(unknown_name("wish", str(what), known))


def _drive(wish: dict[str, Any], stage: Stage, watcher: object) -> None:
    wheel = Wheel(_number(wish, "forward", -1, 1), _number(wish, "turn", -1, 1), bool(wish.get("fast", False)))
    agent = _word(wish, "agent")
    if agent:
        stage.drive(agent, wheel, watcher, ends=bool(wish.get("ends", False)))


def _weather(wish: dict[str, Any]) -> dict[str, Any]:
    """The part of a wish that is about the weather, checked."""
    asked: dict[str, Any] = {key: _number(wish, key, *_RANGES[key]) for key in _RANGES if key in wish}
    if "weather" in wish:
        if wish["weather"] not in get_args(Word):
            raise InvalidInput(unknown_name("weather", str(wish["weather"]), get_args(Word)))
        asked["weather"] = wish["weather"]
    if "lamps_lit" in wish:
        asked["lamps_lit"] = bool(wish["lamps_lit"])
    return asked


def _number(wish: dict[str, Any], key: str, least: float, most: float) -> float:
    value = wish.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInput(f"A page's wish has {key} = {value!r}. Expected a number from {least:g} to {most:g}.")
    return float(min(max(value, least), most))


def _word(wish: dict[str, Any], key: str) -> str:
    value = wish.get(key)
    if not isinstance(value, str):
        raise InvalidInput(f"A page's wish has {key} = {value!r}. Expected a name.")
    return value


def _text(what: str, **fields: Any) -> str:
    return json.dumps({"is": what, **fields}, separators=(",", ":"))
