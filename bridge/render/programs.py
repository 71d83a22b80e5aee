"""Shader programs: GLSL files joined with what a scene's weather and hour need, compiled once each."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from bridge.render.canopy import TOP_M as CANOPY_TOP_M
from bridge.render.lamps import LEVELS
from bridge.render.palette import Palette
from bridge.render.shade import EXPOSURE, SATURATION
from bridge.render.sky import SKY_SCALE, Sky

TEXTURE_UNITS = {
    name: unit
    for unit, name in enumerate(
        ("g_seen", "color_map", "palette", "instances", "tiles", "sky_map", "soft_sky_map",
         "clouds", "ground_map", "height_map", "surface_map", "lamp_light", "lamp_color", "sun_depth", "near_sun_depth")
    )
}  # fmt: skip
TEXTURE_UNITS |= {
    name: len(TEXTURE_UNITS) + index
    for index, name in enumerate(
        ("glare_map", "air_map", "edge_list", "edge_index", "sample_map", "glow_map", "depth_map", "water_map")
    )
}
"""Where each sampler finds its texture."""
KIND_DEPTH = {"surface": 0.3, "mirror": 0.3, "sky": 0.5, "water": 0.75}
"""The depth by which a pass of stills picks its pixels, as kinds.frag writes them; surfaces are all no further away."""
WATER_DEPTH = 1 - 2**-22
"""The depth that stands for water in pictures of sensors: four steps of 24 bits before that of the sky, beyond all land."""


_FINISHING = ("surface.frag", "sky.frag", "water.frag", "mirror.frag", "spread.frag", "resolve.frag")
"""They write what the picture shows, or read it."""


@cache
def _source(name: str) -> str:
    return (files("bridge.render") / "shading" / name).read_text(encoding="utf-8")


def program(ctx: Any, vertex: str, fragment: str, defines: dict[str, object] | None = None) -> Any:
    """A linked program of two files in `shading`, with samplers on their units and the frame's block bound."""
    constants: dict[str, object] = {
        "LAMP_LEVELS": f"{LEVELS}.0",
        "CANOPY_TOP_M": f"{CANOPY_TOP_M:.1f}",
        "EXPOSURE": EXPOSURE,
        "SATURATION": SATURATION,
        "SKY_SCALE": SKY_SCALE,
        "SHADOW_BLUR_M": "0.09",
        "GLARE_STEP": 4,
        "RADIUS": 14,
        **(defines or {}),
    }
    head = "#version 330\n#extension GL_ARB_texture_gather : enable\n" + "".join(
        f"#define {name} {value}\n" for name, value in sorted(constants.items())
    )
    fragment_head = head + "#define FRAGMENT 1\n" + _source("frame.glsl")
    head += _source("frame.glsl")
    body = _source(fragment)
    if fragment in ("water.frag", "mirror.frag"):
        body = _source("reflection.glsl") + body
    if fragment in _FINISHING:
        body = _source("tone.glsl") + body
    built = ctx.program(vertex_shader=head + _source(vertex), fragment_shader=fragment_head + body)
    if vertex == "screen.vert":
        built["kind_depth"] = KIND_DEPTH.get(fragment.removesuffix(".frag"), 1.0)
    for name, unit in TEXTURE_UNITS.items():
        if built.get(name, None) is not None:
            built[name] = unit
    if built.get("Frame", None) is not None:
        built["Frame"].binding = 0
    return built


def geometry_programs(ctx: Any, own: Callable[[Any], Any], defines: dict[str, object]) -> dict[str, Any]:
    """The programs that draw triangles, by pass."""
    smooth = program(ctx, "geometry.vert", "geometry.frag", {**defines, "SMOOTH": 1})
    flat = program(ctx, "geometry.vert", "geometry.frag", defines)
    shadow = program(ctx, "shadow.vert", "shadow.frag", defines)
    return {"geometry": own(smooth), "geometry_flat": own(flat), "shadow": own(shadow)}


def water_mark(ctx: Any) -> Any:
    """The program that puts WATER_DEPTH where water is seen."""
    return program(ctx, "geometry.vert", "mark.frag", {"WATER_DEPTH": WATER_DEPTH})


def sky_geometry(ctx: Any) -> Any:
    """The program that labels samples as sky where no triangle was drawn: cheaper than to label all of them before."""
    return program(ctx, "screen.vert", "nothing.frag")


def scene_programs(
    ctx: Any, sky: Sky, palette: Palette, *, is_fine: bool, is_toned: bool, has_shadows: bool, has_lamps: bool,
    has_movers: bool,
) -> dict[str, Any]:  # fmt: skip
    """The programs that shade a scene of this light and weather; each knows of nothing that is not there.

    `is_toned`: every pass writes what the picture shows of its light, and none comes after it.
    """
    env = sky.environment
    flags = {
        "FINE": is_fine,
        "TONED": is_toned,
        "SHADOWS": has_shadows,
        "MOVERS": has_movers,
        "LAMPS": has_lamps,
        "GLOWING": sky.glow > 0,
        "DARK": sky.night > 0,
        "SNOWY": env.snow_cover > 0,
        "WET": env.wetness > 0,
        "AIR": env.rain > 0 or env.snowfall > 0,
        "RAINY": env.rain > 0,
        "SNOWING": env.snowfall > 0 and env.rain <= 0,
    }
    defines: dict[str, object] = {name: 1 for name, is_set in flags.items() if is_set}
    named = {"FOLIAGE": "foliage", "ASPHALT": "asphalt", "PAVING": "paving", "COBBLE": "cobble", "GLASS": "glass"}
    defines |= {name: palette.layer(pattern) for name, pattern in named.items()}
    defines |= {"CURTAIN": palette.layer("curtain-wall"), "WATER_TILE": f"{palette.layer('water')}.0"}
    defines |= {"MARCH_GROWTH": 1.43, "MARCH_REFINE": 4, "SAMPLES": "2.0"} if is_fine else {
        "MARCH_GROWTH": 2.3, "SAMPLES": "1.0"
    }  # fmt: skip
    wanted = ["surface", "sky", "water"] + ([] if is_toned else ["resolve"])
    if not is_fine:
        wanted += ["pools", "spread"]
    if is_fine:
        wanted += ["kinds", "bright", "blur"] + (["mirror"] if env.wetness > 0 else [])
    made = {name: program(ctx, "screen.vert", f"{name}.frag", defines) for name in wanted}
    if not is_fine:
        for name in ("surface", "sky", "water", "spread"):
            made[name]["kind_depth"] = WATER_DEPTH
        made["half_water"] = program(ctx, "screen.vert", "water.frag", {**defines, "HALF": 1})
    if has_lamps:
        made["halo"] = program(ctx, "halo.vert", "halo.frag", defines)
    return made
