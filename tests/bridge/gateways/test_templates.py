"""The list of commands: the plug-in's, all of them, each asked by a test; and which may answer `ok` and change nothing."""

import re
from pathlib import Path

import pytest

from bridge.gateways.unrealcv.all_commands import all_commands

S, F, U = "[str]", "[float]", "[uint]"
XYZ = f"{F} {F} {F}"
PLUG_IN = [
    *(f"vget /unrealcv/{one}" for one in ("status", "help", f"echo {S}", "version")),
    "vget /scene/name", "vget /level/name", "vget /objects", "vget /cameras", "vset /cameras/spawn",
    f"vset /objects/spawn {S}", f"vset /objects/spawn {S} {S}", "vset /objects/spawn_cube",
    f"vset /objects/spawn_cube {S}",
    *(f"vget /object/{S}/{one}" for one in (
        "location", "rotation", "scale", "bounds", "color", "vertex_location", "mobility", "uclass_name", "label",
        "material")),
    *(f"vset /object/{S}/{one}" for one in (
        f"location {XYZ}", f"rotation {XYZ}", f"scale {XYZ}", f"color {U} {U} {U}", "show", "hide", "destroy",
        f"name {S}", f"label {S}", f"material {U} {S}")),
    *(f"vget /camera/{U}/{one}" for one in (
        "location", "rotation", "fov", "size", f"lit {S}", f"normal {S}", f"object_mask {S}", f"seg {S}",
        f"optical_flow {S}", f"depth {S}")),
    *(f"vset /camera/{U}/{one}" for one in (
        f"location {XYZ}", f"rotation {XYZ}", f"moveto {XYZ}", f"fov {F}", f"size {U} {U}", f"projection_type {S}",
        f"ortho_width {F}", f"lit_source {S}", f"reflection {S}", f"illumination {S}", f"exposure_method {S}",
        f"exposure_bias {F}", f"auto_speed {F} {F}", f"auto_brightness {F} {F}", f"physical_exposure {U}",
        f"motion_blur {F} {F} {F} {U}", f"focal {F} {F}")),
    f"vget /screenshot {S}", "vget /viewmode", f"vset /viewmode {S}",
    "vset /action/game/pause", "vset /action/game/resume", f"vset /action/game/level {S}",
    "vget /action/game/is_paused", "vset /action/input/enable", "vset /action/input/disable",
    f"vset /action/keyboard {S} {F}", f"vset /action/eyes_distance {F}", "vget /persistent_level/id",
    "vget /persistent_level/level_script_actor/id", f"vcmd {S}", *("vrun" + f" {S}" * words for words in range(1, 7)),
]  # fmt: skip
"""The plug-in's templates as its sources have them, but for calls of blueprints, whose tests are their own."""

CALLS = [verb + f" {S}" * words for verb, most in (("vbp", 11), ("vexec", 7)) for words in range(2, most + 1)]

BARE = {
    f"vset /camera/{U}/reflection {S}": "our renderer has one way of reflecting, which none of Unreal's names",
    f"vset /camera/{U}/illumination {S}": "our renderer has one way of lighting, which none of Unreal's names",
    f"vcmd {S}": "most of Unreal's console is about a renderer that is not here; Unreal answers ok to all of it",
    **{"vrun" + f" {S}" * words: "as vcmd" for words in range(2, 7)},
}
"""What may answer `ok` and change nothing that anybody can see, and why."""


@pytest.fixture(scope="module")
def told() -> list[str]:
    return [one.template for one in all_commands().told]


@pytest.mark.parametrize("template", PLUG_IN)
def test_every_command_of_the_plug_in_is_answered(told, template):
    assert template in told


def test_what_may_do_nothing_is_known_by_name(told):
    assert set(BARE) <= set(told)


def test_no_command_is_defined_twice(told):
    assert len(told) == len(set(told))


LINES = sorted(
    {
        line
        for path in Path(__file__).parent.glob("test_*.py")
        if path.name != Path(__file__).name
        for line in re.findall(r"[\"'](v(?:get|set|run|cmd|bp|exec) [^\"'\n]*)[\"']", path.read_text("utf-8"))
    }
)


@pytest.mark.parametrize("template", PLUG_IN)
def test_every_command_of_the_plug_in_is_asked_by_some_test(template):
    """Strings of the tests beside this one, with what they fill in, fit the template."""
    words = re.escape(template).replace(r"\ ", " ")
    for kind in ("str", "uint", "float"):
        words = words.replace(re.escape(f"[{kind}]"), r"[^ ]+")
    assert any(re.fullmatch(words, re.sub(r"\{[^}]*\}", "1", line)) for line in LINES), template
