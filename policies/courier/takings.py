"""What a second of a courier's time is worth, learned from what comes in."""

from policies.courier.situation import Situation

_GUESS_PER_S, _GUESS_WEIGHT_S = 0.008, 900.0
"""Before anything was earned; counts as much as so many seconds of experience."""


class Takings:
    """Income over time so far; money spent does not count."""

    def __init__(self) -> None:
        self._money: float | None = None
        self._earned, self._since_s, self._now_s = 0.0, 0.0, 0.0

    def look(self, now: Situation) -> None:
        """Notes what came in since the last look."""
        if self._money is None:
            self._since_s = now.now_s
        else:
            self._earned += max(now.me.money - self._money, 0.0)
        self._money, self._now_s = now.me.money, now.now_s

    @property
    def per_s(self) -> float:
        """Money for a second [$/s]."""
        elapsed = self._now_s - self._since_s
        return (_GUESS_PER_S * _GUESS_WEIGHT_S + self._earned) / (_GUESS_WEIGHT_S + elapsed)
