"""The numbers of driving: route, traffic, limits, what infractions cost and what counts as comfortable, with their sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bridge.errors import InvalidInput

PENALTIES: Mapping[str, float] = MappingProxyType(
    {
        "collision_person": 0.50,
        "collision_vehicle": 0.60,
        "collision_static": 0.65,
        "red_light": 0.70,
        "speeding": 0.90,
    }
)
"""What the score is multiplied by for each infraction. The first four are those of the CARLA Autonomous Driving Leaderboard
1.0 (leaderboard.carla.org, "Evaluation and metrics"); speeding, which it does not punish, is ours."""
LIMITS_M_S: Mapping[str, float] = MappingProxyType(
    {"main": 13.9, "street": 8.4, "bridge": 8.4, "lane": 5.6, "path": 2.8}
)
"""What may be driven by kind of street: 50, 30, 30, 20 and 10 km/h, as in European towns."""


@dataclass(frozen=True)
class Comfort:
    """Bounds within which passengers are at ease: those of nuPlan's metric `ego_is_comfortable` (Karnchanachari et al., "Towards
    learning-based planning: the nuPlan benchmark for real-world autonomous driving", 2024).

    Accelerations are those over `window_s`, jerks the change of those; nuPlan smooths with a Savitzky-Golay filter instead.
    """

    forward_m_s2: float = 2.40
    braking_m_s2: float = 4.05
    lateral_m_s2: float = 4.89
    yaw_rate_rad_s: float = 0.95
    yaw_acceleration_rad_s2: float = 1.93
    forward_jerk_m_s3: float = 4.13
    jerk_m_s3: float = 8.37
    window_s: float = 0.5


@dataclass(frozen=True)
class Config:
    """The task's numbers: `agents` cars, routes of `least_m` to `most_m`, `vehicles` and `pedestrians` beside.

    The time limit is `spare_s` and what the route takes at `slow_m_s`. Who strays `stray_m` from the route (30 m in the
    CARLA leaderboard), or stands for `blocked_s` (180 s there), is out. Driving off the lanes or against them counts
    by the share of the way, as there. Rewards: `progress_per_m` for every metre of the route, `infraction` for each infraction,
    `discomfort_per_s` for every second beyond `comfort`, `arrival` once.
    """

    agents: int = 1
    least_m: float = 80.0
    most_m: float = 250.0
    vehicles: int = 8
    pedestrians: int = 12
    spare_s: float = 60.0
    slow_m_s: float = 1.5
    stray_m: float = 30.0
    blocked_s: float = 90.0
    speeding_share: float = 1.1
    speeding_s: float = 1.0
    off_road_m: float = 2.4
    progress_per_m: float = 0.1
    infraction: float = -5.0
    discomfort_per_s: float = -0.05
    arrival: float = 10.0
    comfort: Comfort = field(default_factory=Comfort)

    def __post_init__(self) -> None:
        if self.agents < 1 or not 10.0 <= self.least_m <= self.most_m or min(self.vehicles, self.pedestrians) < 0:
            raise InvalidInput(
                f"Drive was given agents={self.agents}, least_m={self.least_m:g}, most_m={self.most_m:g}, vehicles="
                f"{self.vehicles}, pedestrians={self.pedestrians}. Give at least one agent and no fewer than no others, and "
                "10 <= least_m <= most_m."
            )
        if min(self.spare_s, self.slow_m_s, self.stray_m, self.blocked_s, self.off_road_m, self.comfort.window_s) <= 0:
            raise InvalidInput("Drive's times, distances and speeds must be above 0: spare_s, slow_m_s, stray_m, blocked_s, off_road_m, comfort.window_s.")  # fmt: skip
