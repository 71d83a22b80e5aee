"""Commands that take pictures: of cameras by number, and of the viewport."""

from bridge.gateways.unrealcv import looks
from bridge.gateways.unrealcv.commands import CommandFailed, command
from bridge.gateways.unrealcv.developing import base_colors, depth_grey
from bridge.gateways.unrealcv.developing import lit as developed
from bridge.gateways.unrealcv.images import answered, colored, format_of, npy
from bridge.gateways.unrealcv.sights import Sight
from bridge.gateways.unrealcv.stage import Stage

_DONE = "png or bmp, or the name of a file that ends so."
_MODES = {
    "lit": developed, "normal": looks.normals, "object_mask": looks.masks, "seg": looks.masks,
    "optical_flow": looks.flow_colors, "depth": depth_grey, "unlit": base_colors,
}  # fmt: skip


@command("vget /camera/[uint]/lit [str]", f"What a camera sees: {_DONE}")
def lit(stage: Stage, number: int, wish: str) -> str | bytes:
    """Colours as they are lit, with what was set of exposure and blur."""
    return _colors(stage, stage.sight(number), "lit", wish)


@command("vget /camera/[uint]/normal [str]", f"Normals of the surfaces that a camera sees, as colours: {_DONE}")
def normal(stage: Stage, number: int, wish: str) -> str | bytes:
    """In Unreal's world."""
    return _colors(stage, stage.sight(number), "normal", wish)


@command("vget /camera/[uint]/object_mask [str]", f"Objects that a camera sees, each in its colour: {_DONE}")
def object_mask(stage: Stage, number: int, wish: str) -> str | bytes:
    """The colours of `vget /object/[str]/color`, exact."""
    return _colors(stage, stage.sight(number), "object_mask", wish)


@command("vget /camera/[uint]/seg [str]", f"The same as object_mask: {_DONE}")
def seg(stage: Stage, number: int, wish: str) -> str | bytes:
    """The colours of `vget /object/[str]/color`, exact."""
    return _colors(stage, stage.sight(number), "seg", wish)


@command("vget /camera/[uint]/optical_flow [str]", f"Motion over the last tick, as colours: {_DONE}")
def optical_flow(stage: Stage, number: int, wish: str) -> str | bytes:
    """The hue is the direction, the brightness the length."""
    return _colors(stage, stage.sight(number), "optical_flow", wish)


@command(
    "vget /camera/[uint]/depth [str]", "Depth along a camera's axis [cm]: npy, or the name of a file that ends so."
)
def depth(stage: Stage, number: int, wish: str) -> str | bytes:
    """float32 (H,W)."""
    sight = stage.sight(number)
    format_of(wish, ("npy",))
    return answered(stage.files, wish, {"npy": npy(looks.depth(stage, sight))})


@command("vget /screenshot [str]", f"The viewport as the player sees it, in its view mode: {_DONE}")
def screenshot(stage: Stage, wish: str) -> str | bytes:
    """The player's camera at the size of the viewport."""
    return _colors(stage, stage.viewport(), stage.view_mode, wish)


@command("vget /viewmode", "How the viewport shows the world.")
def view_mode(stage: Stage) -> str:
    """lit, depth, normal, object_mask ..."""
    return stage.view_mode


@command(
    "vset /viewmode [str]", "Shows the world in the viewport as lit, unlit, depth, normal, object_mask or optical_flow."
)
def set_view_mode(stage: Stage, mode: str) -> None:
    """What `vget /screenshot` shows."""
    if mode not in _MODES:
        raise CommandFailed(f"Unrecognized ViewMode {mode}")
    stage.view_mode = mode


def _colors(stage: Stage, sight: Sight, mode: str, wish: str) -> str | bytes:
    form = format_of(wish, ("png", "bmp"))
    return answered(stage.files, wish, {form: colored(_MODES[mode](stage, sight), wish)})
