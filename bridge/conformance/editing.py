"""Changes between two ticks: all of a batch, or nothing."""

import numpy as np

from bridge.conformance.bench import Bench, must, nothing, placed, pose_of
from bridge.conformance.bench import rule as _rule
from bridge.conformance.ground import CRATE, CRATE_ASSET, OTHER, WALKER_ASSET, WALL
from bridge.engine import Action, Hide, Move, Paint, Remove, Resize, Spawn, Velocity, Weather
from bridge.errors import NameTaken
from bridge.frames import look_at
from bridge.types import Camera, Pose


@_rule("edit")
def what_is_spawned_is_there(bench: Bench) -> None:
    """A spawned thing is in the state that the edit answers with, where it was put, and the tick is the same."""
    at = placed(pose_of(bench.start, CRATE), (3.0, -3.0, 0.0))
    state = bench.engine.edit([Spawn("crate-new", CRATE_ASSET, at)])
    must(state.tick == bench.start.tick, f"the edit took {state.tick - bench.start.tick} ticks")
    away = np.linalg.norm(pose_of(state, "crate-new")[:3] - at.position)
    must(away < 0.02, f"it appeared {away:.2f} m from its place")
    later = pose_of(nothing(bench.engine, bench.ticks(0.5)), "crate-new")
    must(np.linalg.norm(later[:3] - at.position) < 0.2, "half a second later it is elsewhere")


@_rule("edit")
def what_is_moved_stands_there_at_rest(bench: Bench) -> None:
    """A moved thing is where it was put, without speed."""
    at = placed(pose_of(bench.start, CRATE), (0.0, -5.0, 0.0))
    state = bench.engine.edit([Move(CRATE, at)])
    must(np.linalg.norm(pose_of(state, CRATE)[:3] - at.position) < 0.02, "it is not where it was put")
    if state.velocities is not None:
        speed = np.linalg.norm(state.velocities[state.names.index(CRATE)])
        must(speed < 1e-6, f"it has the speed {speed:.3f}")


@_rule("edit")
def what_is_removed_is_gone(bench: Bench) -> None:
    """A removed thing is no longer in the state, and a reset brings it back."""
    must(CRATE not in bench.engine.edit([Remove(CRATE)]).names, "it is still named")
    must(CRATE not in nothing(bench.engine, 2).names, "it came back by itself")
    bench.begin()
    must(CRATE in bench.start.names, "a reset does not bring it back")


@_rule("edit")
def a_reset_forgets_what_was_spawned(bench: Bench) -> None:
    """After a reset the world is the loaded scene again."""
    first = bench.engine.state_hash()
    bench.engine.edit([Spawn("crate-new", CRATE_ASSET, placed(pose_of(bench.start, CRATE), (3.0, -3.0, 0.0)))])
    nothing(bench.engine, 3)
    bench.begin()
    must("crate-new" not in bench.start.names, "what was spawned in the episode before is still there")
    must(bench.engine.state_hash() == first, "the first state differs from that of the episode before")


@_rule("edit")
def a_batch_is_made_whole_or_not_at_all(bench: Bench) -> None:
    """If one change of a batch cannot be made, none is."""
    at = placed(pose_of(bench.start, CRATE), (3.0, -3.0, 0.0))
    batch = [Spawn("crate-new", CRATE_ASSET, at), Move(CRATE, at), Remove("no-such-thing")]
    error = bench.refused("a batch that removes 'no-such-thing'", lambda: bench.engine.edit(batch))
    must("no-such-thing" in str(error), f"the error does not name it: {error}")
    must("crate-new" not in nothing(bench.engine, 1).names, "the first change of the batch was made all the same")


@_rule("edit")
def names_are_given_once(bench: Bench) -> None:
    """A second thing of the same name is refused."""
    at = placed(pose_of(bench.start, CRATE), (3.0, -3.0, 0.0))
    error = bench.refused(f"a second '{CRATE}'", lambda: bench.engine.edit([Spawn(CRATE, CRATE_ASSET, at)]))
    must(isinstance(error, NameTaken), f"it was refused with {type(error).__name__}; expected NameTaken")


@_rule("edit")
def there_is_nothing_of_an_unknown_asset(bench: Bench) -> None:
    """Spawning a copy of an asset that the scene does not have is refused."""
    at = placed(pose_of(bench.start, CRATE), (3.0, -3.0, 0.0))
    bench.refused("a copy of 'no-such-asset'", lambda: bench.engine.edit([Spawn("new", "no-such-asset", at)]))


@_rule("edit")
def edits_are_counted(bench: Bench) -> None:
    """The revision in a state is 0 after a reset and one more after each edit; steps and refused edits leave it."""
    must(bench.start.revision == 0, f"it is {bench.start.revision} after a reset")
    moved = [Move(bench.agent, placed(pose_of(bench.start, bench.agent), (0.0, -2.0, 0.0)))]
    told = [bench.engine.edit(moved).revision, nothing(bench.engine, 3).revision]
    bench.refused("a batch that removes 'no-such-thing'", lambda: bench.engine.edit([Remove("no-such-thing")]))
    told += [nothing(bench.engine, 1).revision, bench.engine.edit(moved * 2).revision]
    must(told == [1, 1, 1, 2], f"after edit, step, refused edit and step, edit it is {told}; expected [1, 1, 1, 2]")


@_rule("edit", "control")
def a_spawned_agent_obeys(bench: Bench) -> None:
    """What is spawned as an agent can be told what to do, at once."""
    at = placed(pose_of(bench.start, OTHER), (0.0, 6.0, 0.0))
    before = bench.engine.edit([Spawn("walker-new", WALKER_ASSET, at, is_agent=True)])
    after = bench.engine.step({"walker-new": Action(Velocity(1.0))}, bench.ticks(1.0))
    way = pose_of(after, "walker-new")[0] - pose_of(before, "walker-new")[0]
    must(0.6 < way < 1.1, f"told to walk it came {way:.2f} m in a second")


@_rule("edit", "rgb")
def paint_is_seen(bench: Bench) -> None:
    """A thing painted green is greener in the next picture, and the id image still knows it."""
    eye, target = np.array([4.0, 0.0, 2.5]), np.array([12.0, 0.0, 2.5])
    camera = Camera("paint", 64, 48, 0.6, Pose(*look_at(eye, target)))
    (before,) = bench.engine.observe([camera], ["rgb"])
    bench.engine.edit([Paint(WALL, (0.02, 0.6, 0.02))])
    (after,) = bench.engine.observe([camera], ["rgb"])
    must(before.rgb is not None and after.rgb is not None, "no colour came")
    green = [float(np.mean(f.rgb[20:28, 28:36, 1].astype(float) - f.rgb[20:28, 28:36, 0])) for f in (before, after)]  # type: ignore[index]
    must(green[1] > green[0] + 20, f"green over red went from {green[0]:.0f} to {green[1]:.0f}")


@_rule("edit", "segmentation")
def what_is_hidden_is_not_seen_and_what_is_larger_is(bench: Bench) -> None:
    """A thing twice as large fills about four times the picture; hidden it fills none, and is there all the same."""
    there = pose_of(bench.start, CRATE)[:3]
    number = next(row.id for row in bench.scene.instances() if row.name == CRATE)
    camera = Camera("hide", 160, 120, 0.6, Pose(*look_at(there + [0.0, -6.0, 2.0], there + [0.0, 0.0, 0.3])))

    def fills() -> int:
        (frame,) = bench.engine.observe([camera], ["segmentation"])
        must(frame.segmentation is not None, "no labels came")
        return int((frame.segmentation == number).sum())  # type: ignore[union-attr]

    first = fills()
    bench.engine.edit([Resize(CRATE, (2.0, 2.0, 2.0))])
    twice = fills()
    must(2.5 * first < twice < 5.5 * first, f"twice as large it fills {twice} pixels, {first} before")
    state = bench.engine.edit([Hide(CRATE)])
    must(fills() == 0, "hidden it is seen")
    must(CRATE in state.names, "hidden it is no longer in the state")
    bench.engine.edit([Hide(CRATE, False)])
    must(fills() == twice, "shown again it is not what it was")


@_rule("edit")
def weather_can_be_changed(bench: Bench) -> None:
    """Weather and hour can be changed between two ticks; what no sky can be is refused."""
    bench.engine.edit([Weather(weather="rain", wetness=0.8, time_of_day_h=18.0)])
    nothing(bench.engine, 1)
    bench.refused("a wetness of 7", lambda: bench.engine.edit([Weather(wetness=7.0)]))
