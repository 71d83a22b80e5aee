"""Unreal's own console: the few of its commands that mean something to a world without Unreal's renderer.

As in Unreal nothing of what they print is answered, and what nobody knows is answered `ok` like the rest.
"""

import re
from collections.abc import Callable, Sequence

from bridge.gateways.unrealcv.commands import CommandFailed, Function, command
from bridge.gateways.unrealcv.sights import LONGEST_SIDE, MOST_PIXELS
from bridge.gateways.unrealcv.stage import INVALID, Stage

MOST_WORDS = 6
SLOWEST, FASTEST = 0.01, 20.0
_FACTOR = re.compile(r"\d{0,9}[.]?\d{1,9}", re.ASCII)
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})(?:w|f|wf)?", re.ASCII | re.IGNORECASE)


def run(stage: Stage, *words: str) -> None:
    """One command of the console. Raises CommandFailed for a size that no viewport can have."""
    does = _KNOWN.get(words[0].lower())
    if does is not None:
        does(stage, words[1:])


def _set_resolution(stage: Stage, words: Sequence[str]) -> None:
    found = _SIZE.fullmatch(words[0]) if words else None
    if found is None:
        return
    width, height = int(found[1]), int(found[2])
    if not (1 <= width <= LONGEST_SIDE and 1 <= height <= LONGEST_SIDE and width * height <= MOST_PIXELS):
        raise CommandFailed(INVALID)
    stage.viewport_size = width, height


def _pause(stage: Stage, words: Sequence[str]) -> None:
    stage.clock.is_paused = not stage.clock.is_paused


def _restart(stage: Stage, words: Sequence[str]) -> None:
    stage.restart()


def _slow_motion(stage: Stage, words: Sequence[str]) -> None:
    """How fast time passes by the clock: Unreal's limits, but that it never stands still."""
    found = _FACTOR.fullmatch(words[0]) if words else None
    if found is not None:
        stage.clock.dilation = min(max(float(words[0]), SLOWEST), FASTEST)


def _view_mode(stage: Stage, words: Sequence[str]) -> None:
    if words and words[0].lower() in ("lit", "unlit"):
        stage.view_mode = words[0].lower()


_KNOWN: dict[str, Callable[[Stage, Sequence[str]], None]] = {
    "setres": _set_resolution, "r.setres": _set_resolution, "pause": _pause, "restartlevel": _restart,
    "viewmode": _view_mode, "slomo": _slow_motion,
}  # fmt: skip


def _running(verb: str, words: int) -> Function:
    @command(
        verb + " [str]" * words, "Runs a command of Unreal's console: setres, pause, slomo, restartlevel, viewmode."
    )
    def of_console(stage: Stage, *told: str) -> None:
        run(stage, *told)

    return of_console


run_1 = _running("vcmd", 1)
run_2, run_3, run_4, run_5, run_6 = (_running("vrun", words) for words in range(2, MOST_WORDS + 1))
