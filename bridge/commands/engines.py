"""Lists the engines that are here, with a line about each."""

import json
from dataclasses import dataclass

from bridge.plugins import plugins


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge engines`."""

    json: bool = False
    """As JSON."""


def run(config: Config) -> int:
    """Prints them."""
    found = plugins("bridge.engines")
    if config.json:
        print(json.dumps(found))
    else:
        width = max(map(len, found), default=0) + 2
        print("\n".join(f"{name:<{width}}{line}" for name, line in found.items()))
    return 0
