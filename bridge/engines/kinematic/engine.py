"""The kinematic engine: the embedded engine's skills, changes and pictures over a world whose bodies just go."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bridge.engine import TICK_S, EngineInfo
from bridge.engines.embedded import Config as Embedded
from bridge.engines.embedded.crew import Crew
from bridge.engines.embedded.engine import EmbeddedEngine
from bridge.engines.kinematic.world import KinematicWorld
from bridge.errors import NotSupported

if TYPE_CHECKING:
    from bridge.engines.kinematic import Config

VERSION = "1"


class KinematicEngine(EmbeddedEngine):
    """Steps of many ticks cost little more than one. Also a context manager.

    Nothing has weight here: loose things stay where they were put, nobody pushes anybody far, cars do not skid. The same
    calls give the same states to the last bit; where bodies touch, one long step may differ from several short ones.
    """

    def __init__(self, config: "Config") -> None:
        drawn = (config.renderer, config.renderer_address, config.renderer_token_file)
        super().__init__(Embedded(*drawn, reserve=config.reserve, sleeps=False))
        self.info = EngineInfo(
            "kinematic", VERSION, TICK_S,
            ("rgb", "depth", "segmentation", "normals", "edit", "contacts", "skills", "control", "leaps"),
        )  # fmt: skip

    def _made(self, crew: Crew, meanwhile: Callable[[], object]) -> KinematicWorld:
        if crew.robots:
            name = next(iter(crew.robots))
            raise NotSupported(
                f"Engine 'kinematic' has no joints, and '{name}' of scene '{crew.scene.name}' moves by them. "
                "Run it on the engine 'embedded'."
            )
        return KinematicWorld(crew, reserve=self._config.reserve, sleeps=False, meanwhile=meanwhile)

    @property
    def options(self) -> dict[str, object]:
        """What motion depends on of what this engine was opened with: nothing beside the reserve."""
        return {} if self._config.reserve == 2 else {"reserve": self._config.reserve}

    def __enter__(self) -> "KinematicEngine":
        return self
