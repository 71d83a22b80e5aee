"""What runs on with every second and metre, as columns over all couriers: energy, battery, distances, cold and jolts."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bridge.tasks.delivery.config import Config

Array = NDArray[np.float64]
MODES = ("walk", "scooter", "car", "bus", "drag")
WALK, SCOOTER, CAR, BUS, DRAG = range(5)
_STILL_M_S = 0.05
_FASTEST_M_S = 60.0
"""Who is elsewhere faster than anything goes was put there."""


@dataclass(frozen=True, eq=False)
class Gauges:
    """Row i is courier i. `energy`, `battery` [%] (of the own scooter, 0 without one); `used` energy spent [%];
    `metres` (n, 5) by MODES; `idle_s` at rest or waiting; `chill` and `jolt` as in `food`; `insulation` what the
    bag does to cooling, `packed_s` until when a heat pack works.
    """

    energy: Array
    battery: Array
    used: Array
    metres: Array
    idle_s: Array
    chill: Array
    jolt: Array
    insulation: Array
    packed_s: Array


def begun(count: int, config: Config, has_scooter: NDArray[np.bool_]) -> Gauges:
    """The gauges of `count` couriers at the start."""
    zeros = np.zeros(count)
    return Gauges(
        energy=np.full(count, min(config.body.begin_pct, 100.0)),
        battery=np.where(has_scooter, min(config.transport.battery_begin_pct, 100.0), 0.0),
        used=zeros, metres=np.zeros((count, len(MODES))), idle_s=zeros, chill=zeros, jolt=zeros,
        insulation=np.full(count, config.food.bag), packed_s=np.full(count, -np.inf),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Rates:
    """A shift's rates by mode (5,): energy and jolt a metre, pace [m/s]; and the cooling a second in this weather."""

    energy_per_m: Array
    jolt_per_m: Array
    pace_m_s: Array
    cooling_per_s: float

    @staticmethod
    def of(config: Config, weather: str) -> "Rates":
        """The rates of a configuration in some weather; unknown weather is clear."""
        transport, food = config.transport, config.food
        factor = transport.weather.get(weather, 1.0)
        paces = (transport.walk_m_s, transport.scooter_m_s, transport.car_m_s, transport.bus_m_s, transport.drag_m_s)
        return Rates(
            np.array([config.body.per_m[mode] for mode in MODES]),
            np.array([food.jolt_pct_per_km[mode] for mode in MODES]) / 1e5,
            np.array(paces) * factor,
            food.cooling_per_s * food.weather.get(weather, 1.0),
        )


def moved(
    gauges: Gauges, xy: Array, before_xy: Array, mode: NDArray[np.int64], is_busy: NDArray[np.bool_], now_s: float,
    lasted_s: float, rates: Rates, config: Config,
) -> Gauges:  # fmt: skip
    """The gauges after everybody went from `before_xy` to `xy` (n,2) [m] by `mode` (n,) within `lasted_s`."""
    gap = np.hypot(*(xy - before_xy).T)
    metres = np.where(gap <= _FASTEST_M_S * max(lasted_s, 1e-9), gap, 0.0)
    rows = np.arange(len(metres))
    spent = np.minimum(metres * rates.energy_per_m[mode], gauges.energy)
    drained = np.where(mode == SCOOTER, metres * config.transport.battery_per_m, 0.0)
    speed = metres / max(lasted_s, 1e-9)
    too_fast = np.maximum(speed - rates.pace_m_s[mode], 0.0)
    jolts = metres * rates.jolt_per_m[mode] * (1.0 + config.food.jolt_fast * too_fast)
    packed = np.where(gauges.packed_s > now_s - lasted_s, config.food.heat_pack, 1.0)
    by_mode = gauges.metres.copy()
    by_mode[rows, mode] += metres
    idles = (speed < _STILL_M_S) & ~is_busy
    return replace(
        gauges,
        energy=gauges.energy - spent,
        battery=np.maximum(gauges.battery - drained, 0.0),
        used=gauges.used + spent,
        metres=by_mode,
        idle_s=gauges.idle_s + np.where(idles, lasted_s, 0.0),
        chill=gauges.chill + rates.cooling_per_s * gauges.insulation * packed * lasted_s,
        jolt=gauges.jolt + jolts,
    )


def put(column: Array, row: int, value: float) -> Array:
    """The same column with another value in one row."""
    changed = column.copy()
    changed[row] = value
    return changed
