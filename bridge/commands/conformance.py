"""Holds an engine to the contract: loads a proving ground and tries, rule by rule, what every engine promises."""

import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from bridge.errors import InvalidInput


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge conformance`. Exit code 1 if a rule is broken."""

    engine: str = ""
    """An engine by name, or a dotted module of your own; "embedded" unless an address is given."""
    engine_address: str = ""
    """Where an engine, or a renderer, is that is another program (unreal, unrealcv): host:port or unix:/path."""
    engine_token_file: Path | None = None
    """A file with the token that it asks for."""
    address: str = ""
    """A server that runs, instead: its world is replaced by the proving ground."""
    tls_ca: Path | None = None
    """With --address: the authority (PEM) that signed the server's certificate."""
    token_file: Path | None = None
    """With --address: a file with the token that the server asks for."""
    renderer: str = ""
    """Who draws for an engine without pictures of its own: auto, gl, rays; unreal or unrealcv at an --engine-address."""
    ground: Path | None = None
    """Write the proving ground as a town's folder and try nothing: for worlds that another program has to have first."""
    json: bool = False
    """As JSON, one line a rule."""


def run(config: Config) -> int:
    """Prints a line a rule and the sum; 1 if any is broken."""
    from bridge.conformance import conform

    if config.ground is not None:
        return _write_ground(config.ground)
    if config.engine and config.address:
        raise InvalidInput("Both an engine and an address were given. Give one of them.")
    if config.address and (config.engine_address or config.engine_token_file):
        raise InvalidInput("--address is a server, which has its engine. Leave --engine-address and its token out.")
    if (config.tls_ca or config.token_file) and not config.address:
        raise InvalidInput("--tls-ca and --token-file are for a server. Give its --address, or leave them out.")
    counts = {"kept": 0, "broken": 0, "not offered": 0}
    with _opened(config) as engine:
        name = f"{engine.info.name} {engine.info.version}"
        for verdict in conform(engine, onlooker=_onlooker(config)):
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


def _write_ground(folder: Path) -> int:
    """The proving ground as a folder that `simbridge serve` takes. Raises InvalidInput where it cannot be written."""
    from bridge.conformance import proving_ground
    from bridge.formats.scene_folder import write_scene

    try:
        write_scene(proving_ground(), folder)
    except OSError as error:
        raise InvalidInput(
            f"--ground: {folder} cannot be written ({error.strerror or error}). Name another folder."
        ) from error
    print(folder)
    return 0


def _onlooker(config: Config):
    """What makes a second client of a server; None where there is no server."""
    return partial(_client, config, role="observer") if config.address else None


def _client(config: Config, role: str = "controller"):
    from bridge.client import connect
    from bridge.credentials import Tls, read_token

    return connect(
        config.address,
        client_name=f"conformance ({role})",
        role=role,  # type: ignore[arg-type]
        tls=Tls(config.tls_ca) if config.tls_ca else None,
        token=read_token(config.token_file) if config.token_file else "",
    )


def _opened(config: Config):
    """The engine as a context manager."""
    if config.address:
        return _client(config)
    from contextlib import closing

    from bridge.commands import engine_flags
    from bridge.engines import open_engine

    engine, drawn = config.engine or "embedded", {"renderer": config.renderer} if config.renderer else {}
    found = engine_flags.options(
        engine, config.engine_address, config.engine_token_file, renderer=config.renderer or "auto"
    )
    return closing(open_engine(engine, **drawn, **found))
