"""Makes the materials that worlds made at run time need, once for a project; then they are content like any other.

In the editor's console: py simbridge_parents.py. Without its windows:
UnrealEditor-Cmd PROJECT.uproject -run=pythonscript -script="PLUGIN/Content/Python/simbridge_parents.py"
"""

from __future__ import annotations

import sys

from simbridge_town.faults import UsageFault


def main(arguments: list[str]) -> tuple[str, ...]:
    """Makes them; returns their paths. Raises ImporterFault."""
    if arguments not in ([], ["--replace"]):
        raise UsageFault(f"Arguments {arguments} came. Usage: simbridge_parents.py [--replace]")
    import unreal
    from simbridge_town.editor.parents import make_parents

    made = make_parents(replaces=bool(arguments))
    unreal.log(f"SimBridge: {', '.join(made)} are saved. Packaged games need their folder cooked (see the README).")
    return made


if __name__ == "__main__":
    main(sys.argv[1:])
