"""Holds an engine to the contract: loads a proving ground and tries, rule by rule, what every engine promises."""

import json
from dataclasses import asdict, dataclass

from bridge.errors import InvalidInput


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge conformance`. Exit code 1 if a rule is broken."""

    engine: str = ""
    """An engine by name, or a dotted module of your own; "embedded" unless an address is given."""
    address: str = ""
    """A server that runs, instead: its world is replaced by the proving ground."""
    renderer: str = ""
    """Who draws for an engine without pictures of its own: auto, gl, rays."""
    json: bool = False
    """As JSON, one line a rule."""


def run(config: Config) -> int:
    """Prints a line a rule and the sum; 1 if any is broken."""
    from bridge.conformance import conform

    if config.engine and config.address:
        raise InvalidInput("Both an engine and an address were given. Give one of them.")
    counts = {"kept": 0, "broken": 0, "not offered": 0}
    with _opened(config) as engine:
        name = f"{engine.info.name} {engine.info.version}"
        for verdict in conform(engine, onlooker=_onlooker(config.address)):
            counts[verdict.outcome] += 1
            if config.json:
                print(json.dumps(asdict(verdict)), flush=True)
            else:
                print(f"{verdict.outcome:<12}{verdict.topic:<10}{verdict.rule}", flush=True)
                if verdict.found:
                    print(f"{'':<22}-> {verdict.found}.", flush=True)
    if not config.json:
        print(", ".join(f"{count} {word}" for word, count in counts.items() if count) + f": {name}")
    return 1 if counts["broken"] else 0


def _onlooker(address: str):
    """What makes a second client of a server; None where there is no server."""
    if not address:
        return None
    from functools import partial

    from bridge.client import connect

    return partial(connect, address, client_name="conformance, looking on", role="observer")


def _opened(config: Config):
    """The engine as a context manager."""
    if config.address:
        from bridge.client import connect

        return connect(config.address, client_name="conformance")
    from contextlib import closing

    from bridge.engines import open_engine

    return closing(
        open_engine(config.engine or "embedded", **({"renderer": config.renderer} if config.renderer else {}))
    )
