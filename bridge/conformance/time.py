"""Ticks, time and determinism."""

import numpy as np

from bridge.conformance.bench import Bench, must, nothing, refused
from bridge.conformance.bench import rule as _rule
from bridge.engine import Action, Velocity


@_rule()
def an_episode_begins_at_zero(bench: Bench) -> None:
    """A reset gives tick 0 at 0 s, also after steps."""
    for _ in range(2):
        must(
            (bench.start.tick, bench.start.time_s) == (0, 0.0), f"reset gave {bench.start.tick}, {bench.start.time_s} s"
        )
        nothing(bench.engine, 3)
        bench.begin()


@_rule()
def ticks_add_up(bench: Bench) -> None:
    """A step of n ticks adds n to the tick, and time_s is the tick times tick_s."""
    ticks = 0
    for n in (1, 1, 2, 5):
        state = nothing(bench.engine, n)
        ticks += n
        must(state.tick == ticks, f"after {ticks} ticks the state says {state.tick}")
        expected = ticks * bench.engine.info.tick_s
        must(abs(state.time_s - expected) < 1e-9, f"at tick {ticks} time_s is {state.time_s}; expected {expected}")


@_rule()
def no_ticks_are_no_step(bench: Bench) -> None:
    """A step of 0 ticks, or fewer, is refused and changes nothing."""
    for ticks in (0, -1):
        bench.refused(f"a step of {ticks} ticks", lambda ticks=ticks: bench.engine.step({}, ticks))


@_rule()
def states_are_whole(bench: Bench) -> None:
    """Poses are (n,7) finite float64 with unit quaternions, velocities (n,6) or None; arrays cannot be written to."""
    for state in (bench.start, nothing(bench.engine, 3)):
        n = len(state.names)
        must(len(set(state.names)) == n, "a name is there twice")
        must(state.poses.shape == (n, 7), f"poses have the shape {state.poses.shape} for {n} names")
        must(state.poses.dtype == np.float64, f"poses are {state.poses.dtype}")
        must(np.isfinite(state.poses).all(), "a pose is not finite")
        lengths = np.linalg.norm(state.poses[:, 3:], axis=1)
        must((abs(lengths - 1) < 1e-6).all(), f"a quaternion has length {lengths[np.argmax(abs(lengths - 1))]:.6f}")
        must(not state.poses.flags.writeable, "poses can be written to")
        if state.velocities is not None:
            must(state.velocities.shape == (n, 6), f"velocities have the shape {state.velocities.shape}")
            must(np.isfinite(state.velocities).all(), "a velocity is not finite")


@_rule()
def names_keep_their_order(bench: Bench) -> None:
    """The names of a state stay the same, in the same order, until something is loaded, spawned or removed."""
    must(nothing(bench.engine, 4).names == bench.start.names, "the names changed from tick 0 to tick 4")
    bench.begin()
    must(bench.start.names == nothing(bench.engine, 1).names, "the names changed with a reset")


@_rule()
def many_ticks_are_as_many_steps(bench: Bench) -> None:
    """One step of 8 ticks ends in the same state, to the last bit, as 8 steps of one."""
    nothing(bench.engine, 8)
    at_once = bench.engine.state_hash()
    bench.begin()
    for _ in range(8):
        nothing(bench.engine, 1)
    must(bench.engine.state_hash() == at_once, "8 steps of one tick end elsewhere than one step of 8")


@_rule()
def the_same_episode_gives_the_same_states(bench: Bench) -> None:
    """The same seed and the same actions give the same state hash at every tick; time alone changes the hash."""
    words: list[list[int]] = []
    for _ in range(2):
        bench.begin()
        found = [bench.engine.state_hash()]
        for tick in range(20):
            turn = Action(Velocity(1.0, yaw_rate_rad_s=0.5 if tick % 2 else -0.3))
            told = {bench.agent: turn} if "control" in bench.engine.info.capabilities else {}
            bench.engine.step(told)
            found.append(bench.engine.state_hash())
        words.append(found)
    first, second = words
    differing = [tick for tick, (one, other) in enumerate(zip(first, second)) if one != other]
    must(not differing, f"the second run differs from tick {differing[0] if differing else 0} on")
    must(len(set(first)) == len(first), "two different ticks have the same hash")


@_rule()
def asking_is_not_acting(bench: Bench) -> None:
    """The state hash can be asked for any number of times."""
    must(bench.engine.state_hash() == bench.engine.state_hash(), "two hashes of one state differ")


@_rule()
def seeds_are_whole_numbers(bench: Bench) -> None:
    """A seed that is no whole number is refused."""
    refused("the seed 0.5", lambda: bench.engine.reset(seed=0.5))  # type: ignore[arg-type]
