"""Commands about the plug-in itself, the project and the level."""

from bridge.gateways.unrealcv.commands import command
from bridge.gateways.unrealcv.sights import FOV_DEG
from bridge.gateways.unrealcv.stage import Stage

VERSION = "1.1.0"
"""From this one on clients ask which commands there are, instead of guessing."""


@command("vget /unrealcv/status", "Whether the server listens, and how it is configured.")
def status(stage: Stage) -> str:
    """In the plug-in's lines."""
    lines = [
        "Is Listening", "Client Connected", f"{stage.port}", "Configuration", f"Config file: {stage.files.folder / 'unrealcv.ini'}",
        f"Port: {stage.port}", f"Width: {stage.size[0]}", f"Height: {stage.size[1]}", f"FOV: {FOV_DEG:.1f}",
        f"EnableInput: {'true' if stage.takes_input else 'false'}", "EnableRightEye: false",
    ]  # fmt: skip
    return "\n".join(lines)


@command("vget /unrealcv/echo [str]", "Answers what it was sent.")
def echo(stage: Stage, text: str) -> str:
    """One word."""
    return text


@command("vget /unrealcv/version", "Which version of UnrealCV this answers as.")
def version(stage: Stage) -> str:
    """See VERSION."""
    return VERSION


@command("vget /scene/name", "Name of the project.")
def scene_name(stage: Stage) -> str:
    """As in the greeting."""
    return stage.project


@command("vget /level/name", "Name of the level.")
def level_name(stage: Stage) -> str:
    """The town's."""
    return stage.level


@command("vget /persistent_level/id", "Name of the level that is always there.")
def persistent_level(stage: Stage) -> str:
    """Unreal calls it the same everywhere."""
    return "PersistentLevel"


@command("vget /persistent_level/level_script_actor/id", "Name of the actor that is the level's script.")
def level_script_actor(stage: Stage) -> str:
    """The first of all objects."""
    return f"{stage.level}_C_0"
