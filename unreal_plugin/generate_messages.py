"""Writes the core's messages from proto/ by nanopb: `python unreal_plugin/generate_messages.py`; --check says whether they are current."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

PLUGIN = Path(__file__).resolve().parent
TARGET = PLUGIN / "Source/SimBridgeCore/Private/Proto"
PROTO = PLUGIN.parent / "proto"
FILES = ("types", "world", "engine_service", "build", "link")


def generated() -> dict[str, str]:
    """The files by their paths under Private/Proto."""
    from nanopb.generator import nanopb_generator

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, nanopb_generator.__file__, "-q", "-I", str(PROTO), "-D", folder]
        command += [
            "-f",
            str(TARGET / "nanopb.options"),
            "-L",
            '#include "MessageFields.h"  // %s',
            "-Q",
            '#include "%s"',
        ]
        command += [str(PROTO / f"bridge/v1/{name}.proto") for name in FILES]
        subprocess.run(command, check=True)
        made = sorted(Path(folder).rglob("*.pb.[ch]"))
        return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in made}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    files = generated()
    if parser.parse_args().check:
        present = {path.relative_to(TARGET).as_posix(): path.read_text("utf-8") for path in TARGET.rglob("*.pb.[ch]")}
        if present != files:
            sys.exit("The core's messages are not what proto/ says. Run: python unreal_plugin/generate_messages.py")
        return
    for name, text in files.items():
        path = TARGET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
