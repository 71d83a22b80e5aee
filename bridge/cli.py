"""The command `simbridge`: finds the command's file in bridge/commands, hands it its flags, and ends with its exit code."""

import importlib
import sys
from types import ModuleType

COMMANDS = {
    "serve": "a town served to other programs, over gRPC",
    "evaluate": "policies run on the same seeds, and which one is better",
    "collect": "episodes as clips for world models to learn from",
    "improve": "a policy that learns in dreams, measured on the engine",
    "train": "a world model trained on such clips",
    "compare": "what a world model dreams beside what the engine does, and where they part",
    "rank": "whether a world model ranks policies as the engine does",
    "deliver": "a shift of couriers in a town, and what each of them earned",
    "view": "a live town, or a recording, in the browser",
    "replay": "a recording run again, and every state held against it",
    "export": "a recording as a LeRobot dataset or a Rerun file",
    "recover": "a whole recording of one that was cut off or damaged",
    "engines": "which engines there are",
    "conformance": "whether an engine keeps the contract, rule by rule",
    "envs": "which environments there are for Gymnasium and PettingZoo",
    "policies": "which policies there are to drive agents",
    "world-models": "which world models there are, and whether their weights are here",
    "unreal": "the plug-in for Unreal Engine, put into a project",
    "doctor": "what is installed here, what works, what is missing and how to get it",
}
USAGE = """Towns that run: physics, pictures and many agents, behind one contract.

Examples:
  simbridge serve out/a-rainy-harbor-town-0
  simbridge serve out/a-rainy-harbor-town-0 --address unix:/tmp/town.sock --mode real-time
  simbridge view out/a-rainy-harbor-town-0
  simbridge doctor

Commands (each has --help):
{commands}

Exit codes: 0 done, 1 ran but the result is not acceptable, 2 wrong usage, 3 something is missing here, 130 interrupted."""


def main(argv: list[str] | None = None) -> None:
    """Runs one command and ends the process with its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE.format(commands="\n".join(f"  {name:<13}{line}" for name, line in COMMANDS.items())))
        sys.exit(0 if arguments else 2)
    if arguments[0] == "--version":
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(version("simbridge"))
        except PackageNotFoundError:
            print("unknown: simbridge runs from a folder here and is not installed")
        sys.exit(0)
    if arguments[0] not in COMMANDS:
        from bridge.plugins import unknown_name

        print(unknown_name("command", arguments[0], COMMANDS), file=sys.stderr)
        sys.exit(2)
    sys.exit(run(importlib.import_module(f"bridge.commands.{arguments[0].replace('-', '_')}"), arguments))


def run(command: ModuleType, arguments: list[str]) -> int:
    """The exit code of a command; errors that the project raises on purpose end as one message on stderr."""
    import tyro

    from bridge.errors import SimbridgeError

    own, for_plugins = arguments[1:], {}
    if hasattr(command, "PLUGINS"):
        from bridge.commands.plugin_flags import parted

        own, for_plugins = parted(own)
    config = tyro.cli(
        command.Config,
        args=own,
        prog=f"simbridge {arguments[0]}",
        description=command.__doc__,
        config=(tyro.conf.OmitArgPrefixes,),
    )
    try:
        return command.run(config, for_plugins) if hasattr(command, "PLUGINS") else command.run(config)
    except SimbridgeError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    main()
