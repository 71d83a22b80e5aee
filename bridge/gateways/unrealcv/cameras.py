"""Commands about cameras: where they are, how they see, and what their pictures are made of."""

from bridge.gateways.unrealcv.commands import CommandFailed, Function, command
from bridge.gateways.unrealcv.sights import LONGEST_SIDE, MOST_PIXELS, Sight
from bridge.gateways.unrealcv.stage import INVALID, Stage
from bridge.gateways.unrealcv.sweeping import swept
from bridge.gateways.unrealcv.units import (
    Pose7,
    composed,
    is_far,
    location_cm,
    position_m,
    quat,
    relative,
    rotator,
    triple_text,
)

_MOST = 1e6
_CHOICES = {
    "lit_source": ("ftc_hdr", "fc_hdr", "sc_hdr", "scna_hdr", "ldr", "base", "color_depth", "scene_depth", "device_depth",
                   "normal"),
    "reflection": ("none", "lumen", "screen_space"),
    "illumination": ("none", "lumen", "screen_space", "plugin"),
    "exposure_method": ("histogram", "basic", "manual"),
}  # fmt: skip
_REFUSED = {
    "lit_source": "lit source {}, available options are " + ", ".join(_CHOICES["lit_source"]),
    "reflection": "reflection method {}, available options are none, lumen, screen_space.",
    "illumination": "global illumination method {}, available options are none, lumen, screen_space, plugin.",
    "exposure_method": "auto exposure mode {}, available options are histogram, basic and manual",
}


@command("vget /cameras", "Names of all cameras, by number, separated by spaces.")
def names(stage: Stage) -> str:
    """The player's is number 0."""
    return "".join([f"{sight.name} " for sight in stage.sights])


def pose_of_sight(stage: Stage, sight: Sight) -> Pose7:
    """Where a camera is in the world: x forward, y left, z up."""
    return composed(stage.pose(sight.mount), sight.pose)


def put_sight(stage: Stage, number: int, pose: Pose7) -> None:
    """Puts a camera somewhere in the world: number 0 with the player's pawn, any other on what it is mounted on."""
    sight = stage.sight(number)
    if is_far(pose):
        raise CommandFailed(INVALID)
    if number == 0:
        stage.place(sight.mount, composed(pose, relative(sight.pose, (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0))))
    else:
        sight.pose = relative(stage.pose(sight.mount), pose)


@command("vget /camera/[uint]/location", "Location of a camera: x y z [cm].")
def location(stage: Stage, number: int) -> str:
    """In the world."""
    return triple_text(location_cm(pose_of_sight(stage, stage.sight(number))))


@command(
    "vset /camera/[uint]/location [float] [float] [float]",
    "Puts a camera at x y z [cm]; number 0 takes the player along.",
)
def set_location(stage: Stage, number: int, x: float, y: float, z: float) -> None:
    """Teleports it."""
    pose = pose_of_sight(stage, stage.sight(number))
    put_sight(stage, number, (*position_m((x, y, z)), *pose[3:]))


@command("vget /camera/[uint]/rotation", "Rotation of a camera: pitch yaw roll [degrees].")
def rotation(stage: Stage, number: int) -> str:
    """In the world."""
    return triple_text(rotator(pose_of_sight(stage, stage.sight(number))))


@command("vset /camera/[uint]/rotation [float] [float] [float]", "Turns a camera to pitch yaw roll [degrees].")
def set_rotation(stage: Stage, number: int, pitch: float, yaw: float, roll: float) -> None:
    """Where it is."""
    pose = pose_of_sight(stage, stage.sight(number))
    put_sight(stage, number, (*pose[:3], *quat((pitch, yaw, roll))))


@command(
    "vset /camera/[uint]/moveto [float] [float] [float]",
    "Moves the player to x y z [cm], as far as nothing is in the way.",
)
def move_to(stage: Stage, number: int, x: float, y: float, z: float) -> None:
    """Number 0 alone can."""
    if number != 0:
        raise CommandFailed("MoveTo only supports the player camera with id 0")
    pose = pose_of_sight(stage, stage.sight(0))
    put_sight(stage, 0, (*swept(stage, pose[:3], position_m((x, y, z))), *pose[3:]))


@command("vget /camera/[uint]/fov", "Horizontal field of view of a camera [degrees].")
def fov(stage: Stage, number: int) -> str:
    """With six decimals."""
    return f"{stage.sight(number).fov_deg:.6f}"


@command("vset /camera/[uint]/fov [float]", "Gives a camera a horizontal field of view [degrees], 0.1 to 170.")
def set_fov(stage: Stage, number: int, degrees: float) -> None:
    """The vertical one follows from the size."""
    sight = stage.sight(number)
    if not 0.1 <= degrees <= 170.0:
        raise CommandFailed(INVALID)
    sight.fov_deg = degrees


@command("vget /camera/[uint]/size", "Width and height of a camera's pictures [px].")
def size(stage: Stage, number: int) -> str:
    """With a space between."""
    sight = _sight(stage, number)
    return f"{sight.width} {sight.height}"


@command("vset /camera/[uint]/size [uint] [uint]", "Gives a camera's pictures a width and height [px].")
def set_size(stage: Stage, number: int, width: int, height: int) -> None:
    """At most 8192 a side, and 16 million in all."""
    sight = _sight(stage, number)
    if not (1 <= width <= LONGEST_SIDE and 1 <= height <= LONGEST_SIDE and width * height <= MOST_PIXELS):
        raise CommandFailed(INVALID)
    sight.width, sight.height = width, height


@command("vset /camera/[uint]/projection_type [str]", "Makes a camera perspective or orthographic.")
def set_projection_type(stage: Stage, number: int, kind: str) -> None:
    """In any case of letters."""
    sight = stage.sight(number)
    if kind.lower() not in ("perspective", "orthographic"):
        raise CommandFailed(f"Can not support camera mode {kind}, available options are perspective and orthographic")
    sight.is_orthographic = kind.lower() == "orthographic"


@command("vset /camera/[uint]/ortho_width [float]", "How wide an orthographic camera sees [cm].")
def set_ortho_width(stage: Stage, number: int, width_cm: float) -> None:
    """From 1 cm to 10 km."""
    sight = stage.sight(number)
    if not 1.0 <= width_cm <= 1e6:
        raise CommandFailed(INVALID)
    sight.ortho_width_cm = width_cm


def _choosing(name: str, description: str) -> Function:
    """A command that takes one of some words, in any case of letters."""

    @command(f"vset /camera/[uint]/{name} [str]", description)
    def choose(stage: Stage, number: int, wish: str) -> None:
        sight = _sight(stage, number)
        if wish.lower() not in _CHOICES[name]:
            raise CommandFailed("Can not support " + _REFUSED[name].format(wish))
        sight.settings[name] = (wish.lower(),)

    return choose


def _setting(name: str, parameters: str, description: str) -> Function:
    """A command that keeps numbers for the next pictures."""

    @command(f"vset /camera/[uint]/{name} {parameters}", description)
    def set_numbers(stage: Stage, number: int, *values: float) -> None:
        sight = _sight(stage, number)
        if any(abs(value) > _MOST for value in values):
            raise CommandFailed(INVALID)
        if name == "auto_brightness" and values[0] > values[1]:
            return  # as in Unreal, which says so in its log alone
        sight.settings[name] = values

    return set_numbers


lit_source = _choosing(
    "lit_source", "What lit pictures are made of: final or scene colours, base colours, depth, normals."
)
reflection = _choosing("reflection", "Unreal's way of reflecting: none, lumen, screen_space.")
illumination = _choosing("illumination", "Unreal's way of lighting: none, lumen, screen_space, plugin.")
exposure_method = _choosing("exposure_method", "How a camera exposes: histogram, basic, manual.")
exposure_bias = _setting("exposure_bias", "[float]", "By how many stops pictures are brighter.")
auto_speed = _setting("auto_speed", "[float] [float]", "How fast auto exposure darkens and brightens [stops/s].")
auto_brightness = _setting("auto_brightness", "[float] [float]", "Between which mean brightnesses auto exposure works.")
physical_exposure = _setting(
    "physical_exposure", "[uint]", "Whether manual exposure is that of a physical camera: 0 or 1."
)
motion_blur = _setting(
    "motion_blur", "[float] [float] [float] [uint]",
    "Blur of motion: share of a frame, most [% of the width], least size of things, frame rate.",
)  # fmt: skip
focal = _setting("focal", "[float] [float]", "What is in focus: from a distance on, so far [cm].")


def _sight(stage: Stage, number: int) -> Sight:
    """The camera of a number, in the words of the commands that know no other error."""
    if not 0 <= number < len(stage.sights):
        raise CommandFailed(INVALID)
    return stage.sights[number]
