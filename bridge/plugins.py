"""Finding things by name: adding one planner, exporter or engine is adding one file named after it.

A plug-in module has a one-line docstring, a frozen `Config` dataclass and `make(config)`. Listing reads the docstrings
with `ast`, so that it imports nothing; a dotted name loads anybody's module.
"""

import ast
import difflib
import importlib
import importlib.util
from pathlib import Path
from types import ModuleType

from bridge.errors import UnknownName

_LISTED = 40
"""No message lists more names than this."""


def plugins(package: str) -> dict[str, str]:
    """Names of the plug-ins in a package (its public modules) with the first line of each docstring."""
    found: dict[str, str] = {}
    for name, source in _modules(package).items():
        text = source.read_text(encoding="utf-8")
        if "\ndef make(" in text:
            found[name] = (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]
    return found


def load(package: str, name: str, *, what: str) -> ModuleType:
    """The plug-in module `name` of a package, or the module of a dotted name. Raises UnknownName."""
    if "." in name:
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            raise UnknownName(f"No module named '{name}' ({error}), which would be the {what}.") from error
        if not hasattr(module, "make"):
            raise UnknownName(f"Module '{name}' is no {what}: it has no make(config).")
        return module
    if name in _modules(package):
        module = importlib.import_module(f"{package}.{name.replace('-', '_')}")
        if hasattr(module, "make"):
            return module
    raise UnknownName(unknown_name(what, name, plugins(package)))


def check_name(package: str, name: str, *, what: str) -> None:
    """Raises UnknownName where `load` would, as far as can be told without an import."""
    if "." not in name and name not in (known := plugins(package)):
        raise UnknownName(unknown_name(what, name, known))


def _modules(package: str) -> dict[str, Path]:
    """The source files of a package's public modules, by name."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise UnknownName(f"There is no package named '{package}'.")
    found: dict[str, Path] = {}
    for folder in spec.submodule_search_locations:
        for path in sorted(Path(folder).iterdir()):
            source = path / "__init__.py" if path.is_dir() else path
            if not path.name.startswith("_") and source.suffix == ".py" and source.is_file():
                found[path.stem.replace("_", "-")] = source
    return found


def unknown_name(what: str, name: str, available: object) -> str:
    """The sentence for a name that is not there: the nearest one and all of them, or the first of very many."""
    names = sorted(available)  # type: ignore[call-overload]
    near = difflib.get_close_matches(name, names, n=1)
    guess = f" Did you mean '{near[0]}'?" if near else ""
    rest = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"No {what} named '{name}'.{guess} Available: {', '.join(names[:_LISTED])}{rest}."
