"""Lists the environments that tasks come as, with a line about each."""

import json
from dataclasses import dataclass

from bridge.plugins import plugins
from bridge.tasks.ids import env_id


@dataclass(frozen=True)
class Config:
    """Flags of `simbridge envs`."""

    json: bool = False
    """As JSON."""


def run(config: Config) -> int:
    """Prints them."""
    found = {env_id(name): line for name, line in plugins("bridge.tasks").items()}
    if config.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:<24}{line}" for name, line in found.items()))
    return 0
