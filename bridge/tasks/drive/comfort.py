"""How a ride feels: accelerations and jerks of a car from its velocities, and whether passengers are at ease."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.tasks.drive.config import Comfort

Array = NDArray[np.float64]
_NOTHING = np.zeros((0, 4))


@dataclass(frozen=True, eq=False)
class Ease:
    """A ride so far: `samples` (n,4) of the last moments (time [s], speed ahead and to the left [m/s], yaw rate [rad/s]), how long it was at
    ease and how long it was judged [s], and the most of each kind that was felt.
    """

    samples: Array
    eased_s: float = 0.0
    judged_s: float = 0.0
    most_forward_m_s2: float = 0.0
    most_lateral_m_s2: float = 0.0
    most_jerk_m_s3: float = 0.0

    @property
    def share(self) -> float:
        """The share of the time that was comfortable; 1 while nothing was judged."""
        return self.eased_s / self.judged_s if self.judged_s > 0 else 1.0


def begun() -> Ease:
    """Before the first moment."""
    return Ease(_NOTHING)


def felt(ease: Ease, sample: Array, comfort: Comfort) -> tuple[Ease, bool]:
    """The ride with one moment more (4,), and whether that was comfortable.

    Accelerations are means over `window_s` and jerks the change of such means, so that what is judged hardly depends on how
    often one looks. Nothing is judged before two windows are full.
    """
    window_s = comfort.window_s
    kept = ease.samples[ease.samples[:, 0] > sample[0] - 2 * window_s - 0.5] if len(ease.samples) else ease.samples
    samples = np.vstack([kept, sample])
    if sample[0] - samples[0, 0] < 2 * window_s - 1e-9:
        return Ease(samples, *_rest(ease)), True
    times = sample[0] - window_s * np.array([0.0, 1.0, 2.0])
    ahead, left, turn = (np.interp(times, samples[:, 0], samples[:, column]) for column in (1, 2, 3))
    swing = [_swing(samples, end_s - window_s, end_s) for end_s in times[:2].tolist()]
    forward, forward_before = -np.diff(ahead) / window_s
    lateral, lateral_before = -np.diff(left) / window_s + np.array(swing)
    forward_jerk, lateral_jerk = (forward - forward_before) / window_s, (lateral - lateral_before) / window_s
    jerk = float(np.hypot(forward_jerk, lateral_jerk))
    turning = float((turn[0] - turn[1]) / window_s)
    is_eased = bool(
        -comfort.braking_m_s2 <= forward <= comfort.forward_m_s2
        and abs(lateral) <= comfort.lateral_m_s2
        and abs(turn[0]) <= comfort.yaw_rate_rad_s
        and abs(turning) <= comfort.yaw_acceleration_rad_s2
        and abs(forward_jerk) <= comfort.forward_jerk_m_s3
        and jerk <= comfort.jerk_m_s3
    )
    passed_s = float(sample[0] - samples[-2, 0])
    return Ease(
        samples,
        ease.eased_s + passed_s * is_eased,
        ease.judged_s + passed_s,
        max(ease.most_forward_m_s2, abs(float(forward))),
        max(ease.most_lateral_m_s2, abs(float(lateral))),
        max(ease.most_jerk_m_s3, jerk),
    ), is_eased


def _swing(samples: Array, begin_s: float, end_s: float) -> float:
    """The mean acceleration towards the middle of a bend over some time [m/s2]: speed times yaw rate."""
    times = np.linspace(begin_s, end_s, 11)
    return float(np.interp(times, samples[:, 0], samples[:, 1] * samples[:, 3]).mean())


def _rest(ease: Ease) -> tuple[float, float, float, float, float]:
    return ease.eased_s, ease.judged_s, ease.most_forward_m_s2, ease.most_lateral_m_s2, ease.most_jerk_m_s3
