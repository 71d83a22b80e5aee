"""How fast one really gets on by scooter: learned from the ways gone, since roads are longer than footpaths, and full."""

from dataclasses import dataclass

from policies.courier.situation import Situation

_LEAST_M, _TRUST_M, _TRUST_SHARE = 40.0, 150.0, 0.6
"""Shorter ways teach nothing; what is told of a scooter's pace counts, by that share, as much as so many metres gone."""


@dataclass
class _Leg:
    address: str
    begun_s: float
    metres: float
    is_ridden: bool


class Legs:
    """The ways of one courier, from where it sets out (getting on the scooter included) until it is there."""

    def __init__(self) -> None:
        self._leg: _Leg | None = None
        self._metres, self._seconds = 0.0, 0.0

    def set_out(self, now: Situation, address: str, metres: float) -> None:
        """Notes that it is on its way; going on with the same way is no new one."""
        if self._leg is None or self._leg.address != address:
            self._leg = _Leg(address, now.now_s, metres, now.is_on_scooter)

    def arrived(self, now: Situation, address: str) -> None:
        """Learns from a way that it got to the end of."""
        leg, self._leg = self._leg, None
        if leg is not None and leg.is_ridden and leg.address == address and leg.metres >= _LEAST_M:
            self._metres += leg.metres
            self._seconds += max(now.now_s - leg.begun_s, 1.0)

    def scooter_m_s(self, told_m_s: float) -> float:
        """Metres of footway for a second by scooter, by what is told of its pace and what was gone."""
        return (_TRUST_M + self._metres) / (_TRUST_M / (_TRUST_SHARE * told_m_s) + self._seconds)
