"""What a recording senses: follows the world beside the recorder, and knows what everybody carries."""

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.engine import Change, Spawn
from bridge.errors import InvalidInput
from bridge.scene import Scene
from bridge.sensors.moment import Sensor
from bridge.sensors.outfits import carried
from bridge.sensors.sensing import Sensing
from bridge.sensors.suite import SensorSuite
from bridge.types import Camera, WorldState

Carried = SensorSuite | Sequence[str | Sensor]
Wanted = Sequence[str | Sensor] | Mapping[str, Carried]
"""Sensors that every agent carries, or what each does, by agent."""


class Sensed:
    """Sensors of one world that is recorded. Raises what `bridge.sensors.outfits.carried` does."""

    def __init__(
        self, wanted: Wanted, engine: Any, scene: Scene | None, agents: Sequence[str], cameras: Mapping[str, Camera]
    ) -> None:
        if scene is None:
            raise InvalidInput(
                "Sensors need the scene, and this engine had one before it was recorded. Give it: record(..., scene=scene)."
            )
        self._wanted, self._cameras, self._agents = wanted, cameras, list(agents)
        self._engine, self.sensing = engine, Sensing(engine, scene)
        self._equip()

    def began(self, state: WorldState, seed: int | None) -> None:
        """After a reset, or where recording begins: then with the edits that the engine tells of, if it tells any."""
        self.sensing.begin(state, seed=seed or 0)
        tell = getattr(self._engine, "edits", None)
        if seed is None and tell is not None:
            self.changed(tell().changes, state)
        self._equip()

    def changed(self, changes: Sequence[Change], state: WorldState) -> None:
        """After an edit: who came carries what all do."""
        self.sensing.change(changes, state)
        came = [one.name for one in changes if isinstance(one, Spawn) and one.is_agent and one.name not in self._agents]
        if came:
            self._agents += came
            self._equip()

    def _equip(self) -> None:
        wanted, scene = self._wanted, self.sensing.present.scene
        each = wanted if isinstance(wanted, Mapping) else dict.fromkeys(self._agents, wanted)
        self.sensing.carry(
            {
                agent: one if isinstance(one, SensorSuite) else carried(agent, one, scene, self._cameras)
                for agent, one in each.items()
            }
        )
