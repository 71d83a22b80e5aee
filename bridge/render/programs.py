"""Shader programs: GLSL files joined with what a scene's weather and hour need, compiled once each."""

from functools import cache
from importlib.resources import files
from typing import Any

from bridge.render.lamps import LEVELS
from bridge.render.patterns import PATTERNS
from bridge.render.shade import EXPOSURE
from bridge.render.sky import SKY_SCALE

TEXTURE_UNITS = {
    name: unit
    for unit, name in enumerate(
        ("g_surface", "g_label", "color_map", "palette", "instances", "tiles", "sky_map", "soft_sky_map", "cloud_map",
         "ground_map", "surface_map", "canopy", "lamp_light", "lamp_from", "sun_depth", "near_sun_depth", "mover_depth")
    )
}  # fmt: skip
TEXTURE_UNITS.update(glare_map=len(TEXTURE_UNITS), air_map=len(TEXTURE_UNITS) + 1)
"""Where each sampler finds its texture."""


@cache
def _source(name: str) -> str:
    return (files("bridge.render") / "shading" / name).read_text(encoding="utf-8")


def program(ctx: Any, vertex: str, fragment: str, defines: dict[str, object] | None = None) -> Any:
    """A linked program of two files in `shading`, with samplers on their units and the frame's block bound."""
    constants: dict[str, object] = {
        "FOLIAGE": PATTERNS["foliage"].layer,
        "ASPHALT": PATTERNS["asphalt"].layer,
        "PAVING": PATTERNS["paving"].layer,
        "COBBLE": PATTERNS["cobble"].layer,
        "GLASS": PATTERNS["glass"].layer,
        "CURTAIN": PATTERNS["curtain-wall"].layer,
        "WATER_TILE": f"{PATTERNS['water'].layer}.0",
        "LAMP_LEVELS": f"{LEVELS}.0",
        "EXPOSURE": EXPOSURE,
        "SKY_SCALE": SKY_SCALE,
        "SHADOW_BLUR_M": "0.09",
        **(defines or {}),
    }
    head = "#version 330\n" + "".join(f"#define {name} {value}\n" for name, value in sorted(constants.items()))
    fragment_head = head + "#define FRAGMENT 1\n" + _source("frame.glsl")
    head += _source("frame.glsl")
    body = _source(fragment)
    if fragment in ("water.frag", "mirror.frag"):
        body = _source("reflection.glsl") + body
    built = ctx.program(vertex_shader=head + _source(vertex), fragment_shader=fragment_head + body)
    for name, unit in TEXTURE_UNITS.items():
        if name in built:
            built[name] = unit
    if "Frame" in built:
        built["Frame"].binding = 0
    return built
