"""The end: nothing works afterwards, and it may be said twice."""

from bridge.conformance.bench import Bench, refused
from bridge.conformance.bench import rule as _rule


@_rule()
def a_closed_engine_is_closed(bench: Bench) -> None:
    """After close every call is refused, and another close does nothing."""
    bench.engine.close()
    refused("a step of a closed engine", lambda: bench.engine.step({}))
    refused("a reset of a closed engine", lambda: bench.engine.reset(seed=0))
    bench.engine.close()
