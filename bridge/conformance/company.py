"""Several clients of one server: who looks on is told what the others have done to the world."""

from typing import Any

import numpy as np

from bridge.conformance.bench import Bench, must, nothing, placed, pose_of
from bridge.conformance.bench import rule as _rule
from bridge.conformance.ground import CRATE, CRATE_ASSET, WALL
from bridge.engine import Change, Paint, Remove, Spawn, Weather


def _told(name: str, kind: type, changes: tuple[Change, ...]) -> Any:
    """The change of one kind that is told of something by that name."""
    found = [change for change in changes if isinstance(change, kind) and getattr(change, "name", "") == name]
    must(len(found) == 1, f"{len(found)} changes tell of '{name}' as {kind.__name__}; all that is told: {changes}")
    return found[0]


@_rule("edit")
def an_onlooker_learns_of_edits(bench: Bench) -> None:
    """Whoever looks on finds the new revision in its next state, and is told what was spawned, painted and taken away."""
    at = placed(pose_of(bench.start, CRATE), (3.0, -3.0, 0.0))
    with bench.onlooker() as other:
        before = other.state()
        must(other.edits().changes == (), "there are changes right after a reset")
        bench.engine.edit([Spawn("crate-new", CRATE_ASSET, at), Paint("crate-new", (0.1, 0.2, 0.3)), Remove(CRATE)])
        after, found = other.state(), other.edits()
        must(after.revision == before.revision + 1, f"revision went from {before.revision} to {after.revision}")
        must(
            found.revision == after.revision, f"the edits are of revision {found.revision}, the state {after.revision}"
        )
        spawned = _told("crate-new", Spawn, found.changes)
        must(spawned.asset == CRATE_ASSET, f"'crate-new' is told as a copy of '{spawned.asset}'")
        away = np.linalg.norm(spawned.pose.position - at.position)
        must(away < 1e-6, f"'crate-new' is told to be {away:.3f} m from where it was put")
        color = _told("crate-new", Paint, found.changes).color
        must(color == (0.1, 0.2, 0.3), f"the colour of 'crate-new' is told as {color}")
        _told(CRATE, Remove, found.changes)


@_rule("edit")
def an_onlooker_learns_of_weather(bench: Bench) -> None:
    """The weather is told whole: what edits have named, and the scene's own for the rest."""
    with bench.onlooker() as other:
        bench.engine.edit([Weather(weather="rain", wetness=0.8)])
        bench.engine.edit([Weather(time_of_day_h=18.5)])
        nothing(bench.engine, 1)
        told, own = other.edits().weather, bench.scene.environment
        wanted = Weather("rain", 18.5, own.visibility_m, 0.8, own.snow_cover, own.lamps_lit)
        must(told == wanted, f"it is told as {told}")


@_rule("edit")
def an_onlooker_learns_of_a_reset(bench: Bench) -> None:
    """After a reset another epoch begins, and nothing is left of the edits before it."""
    with bench.onlooker() as other:
        bench.engine.edit([Paint(WALL, (0.5, 0.0, 0.0)), Weather(weather="fog")])
        before = other.state()
        bench.begin()
        after, found = other.state(), other.edits()
        must(after.epoch != before.epoch, f"both states are of epoch {after.epoch}")
        must(found.epoch == after.epoch, f"the edits are of epoch {found.epoch}, the state of {after.epoch}")
        must(not found.changes, f"{len(found.changes)} changes are left")
        own = bench.scene.environment.weather
        must(found.weather.weather == own, f"it is {found.weather.weather}; the scene's weather is {own}")
