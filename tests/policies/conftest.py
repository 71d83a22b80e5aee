"""Tests against a real language-model server run wherever its packages are; elsewhere they are deselected, and counted so."""

import importlib.util

import pytest

_NEEDED = ("transformers", "torch", "llguidance", "uvicorn")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if all(importlib.util.find_spec(name) for name in _NEEDED):
        return
    without = [item for item in items if item.get_closest_marker("llm_server")]
    if without:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]
