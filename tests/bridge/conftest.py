"""Tests that need a browser run wherever there is one; elsewhere they are deselected, and pytest counts them so."""

import pytest

from tests.bridge.browser import found_chromium


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if found_chromium():
        return
    without = [item for item in items if item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]
