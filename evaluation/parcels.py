"""Orders of an episode over time, as its events tell: where from, where to, who has them, and whether they are late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_OVER = ("delivered", "failed", "expired", "unfinished")
Place = tuple[float, float]


@dataclass(frozen=True)
class Moment:
    """From `time_s` on somebody (`agent`) has the order, or nobody; `is_carried` once it has left the shop."""

    time_s: float
    agent: str
    is_carried: bool


@dataclass(frozen=True)
class Parcel:
    """One order: its shop's and its customer's door (x, y) [m], when it came, was due and was over [s], and its moments."""

    name: str
    shop_xy_m: Place
    home_xy_m: Place
    placed_s: float
    due_s: float
    over_s: float
    moments: tuple[Moment, ...]

    def at(self, time_s: float) -> Moment | None:
        """How it stands then; None before it came and after it was over."""
        if not self.placed_s <= time_s < self.over_s:
            return None
        return next((one for one in reversed(self.moments) if one.time_s <= time_s), Moment(self.placed_s, "", False))

    def is_late(self, time_s: float) -> bool:
        """Whether it should have been there by then."""
        return time_s > self.due_s


def parcels(events: Iterable[Mapping[str, Any]]) -> tuple[Parcel, ...]:
    """All orders whose coming tells where they go, in that order; none for tasks without orders."""
    placed: dict[str, Mapping[str, Any]] = {}
    moments: dict[str, list[Moment]] = {}
    over: dict[str, float] = {}
    for event in events:
        name, kind, time_s = event.get("order"), event["kind"], float(event["time_s"])
        if kind == "placed" and "shop_xy_m" in event:
            placed[str(name)], moments[str(name)] = event, []
        if not isinstance(name, str) or name not in placed:
            continue
        before = moments[name][-1] if moments[name] else Moment(time_s, "", False)
        if kind in ("won", "accepted"):
            moments[name].append(Moment(time_s, event["agent"], False))
        elif kind == "picked_up":
            moments[name].append(Moment(time_s, event["agent"], True))
        elif kind == "handed_over":
            moments[name].append(Moment(time_s, str(event.get("to", "")), before.is_carried))
        elif kind == "declined" and event["agent"] == before.agent and not before.is_carried:
            moments[name].append(Moment(time_s, "", False))
        elif kind in _OVER:
            over[name] = time_s
    return tuple(
        Parcel(
            name,
            _place(event["shop_xy_m"]),
            _place(event["home_xy_m"]),
            float(event["time_s"]),
            float(event["time_s"]) + float(event["allowed_s"]),
            over.get(name, float("inf")),
            tuple(moments[name]),
        )
        for name, event in placed.items()
    )


def _place(xy: Any) -> Place:
    return float(xy[0]), float(xy[1])
