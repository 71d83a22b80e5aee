"""Registers the tasks with Gymnasium when a program that uses both comes to import it, and not a moment earlier.

Gymnasium reads no entry points; environments are there once the package that has them was imported. `import bridge` is to
stay light, so it does not import Gymnasium by itself: it waits for it.
"""

import importlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

_NAME, _TASKS = "gymnasium", "bridge.tasks.envs"


def register_with_gymnasium() -> None:
    """Now, if Gymnasium was imported already; else when it is."""
    if _NAME in sys.modules:
        importlib.import_module(_TASKS)
    elif not any(isinstance(finder, _Waiting) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Waiting())


class _Waiting(importlib.abc.MetaPathFinder):
    """Looks out for one import, and is gone after it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _NAME:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Registering(spec.loader)
        return spec


class _Registering(importlib.abc.Loader):
    """Loads as another loader does, and registers the tasks at the end."""

    def __init__(self, inner: importlib.abc.Loader):
        self._inner = inner

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._inner
        module.__loader__ = self._inner
        self._inner.exec_module(module)
        importlib.import_module(_TASKS)
