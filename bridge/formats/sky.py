"""Where the sun stands and how bright sun and sky are, for formats that have lights but no weather."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.render.sky import sun_direction
from bridge.scene import Environment


@dataclass(frozen=True, eq=False)
class Daylight:
    """`sun_from` (3,) unit vector towards the sun (or the moon at night), world frame; illuminances [lux]."""

    sun_from: NDArray[np.float64]
    sun_lux: float
    sky_lux: float
    sun_color: tuple[float, float, float]
    sky_color: tuple[float, float, float]


def daylight(environment: Environment) -> Daylight:
    """Sun and sky of an hour, a season and a weather, with the sun where the renderers have it.

    Illuminances follow the usual table: 100,000 lux of high sun, 20,000 of blue sky, 0.25 of a full moon.
    """
    sun = np.asarray(sun_direction(environment), dtype=np.float64)
    up = float(sun[2])
    clear = 1 - environment.cloud_cover
    if up <= 0:
        dusk = float(np.clip(1 + up / 0.2, 0, 1))
        moon = np.array([-0.4, 0.3, 0.866])
        return Daylight(
            moon / np.linalg.norm(moon), 0.25 * clear, 0.5 + 300 * dusk**2, (0.7, 0.8, 1.0), (0.35, 0.45, 0.75)
        )
    warm = float(np.clip(up / 0.5, 0, 1))
    sun_lux = 100_000 * clear**1.5 * float(np.clip(up * 1.1 + 0.05, 0, 1))
    sky_lux = (6_000 + 14_000 * up) * (1 - 0.3 * environment.cloud_cover) * (0.3 + 0.7 * warm)
    sky = np.array([0.45, 0.62, 1.0]) * clear + np.array([0.8, 0.85, 0.92]) * (1 - clear)
    color = (1.0, 0.62 + 0.34 * warm, 0.35 + 0.55 * warm)
    return Daylight(sun, sun_lux, sky_lux, color, (float(sky[0]), float(sky[1]), float(sky[2])))
