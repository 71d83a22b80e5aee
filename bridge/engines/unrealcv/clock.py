"""How time passes in Unreal while we step it: tick by tick where the server can, else by the wall clock between two pauses.

A tick comes at the end of the frame in which it is asked for, and two asked for in one frame may be one: so that a frame
ends between them, as many other lines follow each as a frame takes.
"""

import logging
import time
from dataclasses import dataclass
from typing import Literal

from bridge.engine import TICK_S
from bridge.errors import NotSupported
from bridge.unrealcv.answers import all_ok
from bridge.unrealcv.channel import A_FRAME, Channel
from bridge.unrealcv.dialect import FRAME_RATE, TICK, TICK_LENGTH, Tongue

PAUSE, RESUME = "vset /action/game/pause", "vset /action/game/resume"
_log = logging.getLogger("bridge.unrealcv")
_MOST_AT_ONCE = 250
"""Longer ticks than of 5 s are told as several: nobody else is heard while one passes."""
_WORTH_SAYING = 0.5
"""From which part of a step's time on a step that lasted longer or shorter is told."""


@dataclass
class Clock:
    """The time of one episode. `asked_s` were to pass, `ran_s` passed in the game; both are the same where it ticks."""

    kind: Literal["tick", "wall"]
    sets_length: bool
    sets_rate: bool
    asked_s: float = 0.0
    ran_s: float = 0.0
    length: int = 0

    def begin(self) -> list[str]:
        """What makes the world wait for us."""
        self.asked_s = self.ran_s = 0.0
        self.length = 1
        rate = [f"vset /action/set_fixed_frame_rate {1 / TICK_S:.6f}"] if self.sets_rate else []
        length = [f"vset /action/tick_intervel {TICK_S:.6f}"] if self.sets_length else []
        return [*rate, *length, PAUSE]

    def tick_lines(self, ticks: int, *, is_ours: bool) -> list[str]:
        """What lets so many ticks pass. Our gateway divides a long tick into ours, and carries all out in its order."""
        if not is_ours or not self.sets_length:
            return [*["vset /action/tick"], *A_FRAME] * ticks
        lines = []
        while ticks:
            now = min(ticks, _MOST_AT_ONCE)
            if now != self.length:
                lines.append(f"vset /action/tick_intervel {now * TICK_S:.6f}")
            lines.append("vset /action/tick")
            self.length, ticks = now, ticks - now
        return lines

    def passed(self, ticks: int) -> None:
        """So many ticks have passed by `tick_lines`."""
        self.asked_s += ticks * TICK_S
        self.ran_s = self.asked_s

    def run(self, channel: Channel, ticks: int, timeout_s: float) -> None:
        """Lets the game run for the time of so many ticks, and pauses it; notes how long that was."""
        wanted = ticks * TICK_S
        all_ok([RESUME], channel.ask([RESUME], timeout_s))
        began = time.monotonic()
        time.sleep(wanted)
        all_ok([PAUSE], channel.ask([PAUSE], timeout_s))
        ran = time.monotonic() - began
        self.asked_s += wanted
        self.ran_s += ran
        if abs(ran - wanted) > _WORTH_SAYING * wanted:
            _log.info("a step of %.3f s lasted %.3f s in the game", wanted, ran)

    def time_of(self, tick: int) -> float:
        """When a tick was: its own time where the server ticks; else how long the game has run, which is not quite that."""
        return tick * TICK_S if self.kind == "tick" else self.ran_s


def clock_of(tongue: Tongue, wanted: Literal["auto", "tick", "wall"]) -> Clock:
    """The clock that a server allows. Raises NotSupported for ticks where it cannot tick."""
    can_tick = tongue.has(TICK)
    if wanted == "tick" and not can_tick:
        raise NotSupported(
            "This server does not tick on command ('vset /action/tick' is not among its commands). Leave the clock on auto: "
            "the game then runs by the wall clock and is paused between steps."
        )
    kind = "tick" if can_tick and wanted != "wall" else "wall"
    return Clock(kind, tongue.has(TICK_LENGTH) and kind == "tick", tongue.has(FRAME_RATE))
