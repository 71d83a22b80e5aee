"""Commands to the game: pausing, levels, and the player's keyboard."""

import math

from bridge.gateways.unrealcv.cameras import pose_of_sight, put_sight
from bridge.gateways.unrealcv.commands import CommandFailed, command
from bridge.gateways.unrealcv.stage import INVALID, Stage
from bridge.gateways.unrealcv.sweeping import swept
from bridge.gateways.unrealcv.units import Triple, composed, turned

PAWN_M_S, TURN_DEG_S = 12.0, 45.0
"""How fast Unreal's default pawn flies, and turns."""
_FLIES: dict[str, Triple] = {
    "w": (1.0, 0.0, 0.0), "up": (1.0, 0.0, 0.0), "s": (-1.0, 0.0, 0.0), "down": (-1.0, 0.0, 0.0),
    "d": (0.0, -1.0, 0.0), "a": (0.0, 1.0, 0.0), "e": (0.0, 0.0, 1.0), "spacebar": (0.0, 0.0, 1.0),
    "q": (0.0, 0.0, -1.0), "c": (0.0, 0.0, -1.0), "leftcontrol": (0.0, 0.0, -1.0),
}  # fmt: skip
_TURNS = {"right": -1.0, "left": 1.0}
"""Which way keys turn, counter-clockwise seen from above."""
_LONGEST_S = 3600.0


@command("vset /action/game/pause", "Pauses the game: time stands still until it is resumed.")
def pause(stage: Stage) -> None:
    """For all clients."""
    stage.clock.is_paused = True


@command("vset /action/game/resume", "Lets a paused game go on.")
def resume(stage: Stage) -> None:
    """For all clients; one that ticks by itself gives that up."""
    stage.clock.is_paused = stage.clock.is_driven = False


@command("vget /action/game/is_paused", "Whether the game is paused: true or false.")
def is_paused(stage: Stage) -> str:
    """In Unreal's letters."""
    return "true" if stage.clock.is_paused else "false"


@command("vset /action/game/level [str]", "Opens a level: the one that there is begins anew.")
def level(stage: Stage, name: str) -> None:
    """Other towns are loaded by the server's own clients."""
    if name.casefold() != stage.level.casefold():
        raise CommandFailed(f"Can not find a level with name '{name}', there is '{stage.level}'")
    stage.restart()


@command("vset /action/input/enable", "Lets the keyboard move the player.")
def enable_input(stage: Stage) -> None:
    """As it is at the start."""
    stage.takes_input = True


@command("vset /action/input/disable", "Keeps the keyboard from moving the player.")
def disable_input(stage: Stage) -> None:
    """Commands still move it."""
    stage.takes_input = False


@command(
    "vset /action/keyboard [str] [float]", "Holds a key down for so many seconds: WASD, QE, arrows fly the player."
)
def keyboard(stage: Stage, key: str, seconds: float) -> None:
    """The player flies while time passes, as far as nothing is in the way; other keys move nothing."""
    if not 0.0 <= seconds <= _LONGEST_S:
        raise CommandFailed(INVALID)
    if stage.takes_input and (key.lower() in _FLIES or key.lower() in _TURNS):
        held = _Held(stage, key.lower(), seconds)
        stage.before_tick[:] = [mind for mind in stage.before_tick if not held.is_same_key(mind)]
        stage.before_tick.append(held)


@command("vset /action/eyes_distance [float]", "Unreal's stereo camera, which has no commands any more.")
def eyes_distance(stage: Stage, distance: float) -> None:
    """As the plug-in answers."""
    raise CommandFailed("Not Implemented")


class _Held:
    """A key that is held down: a step of the player before each tick."""

    def __init__(self, stage: Stage, key: str, seconds: float) -> None:
        self._key, self._left = key, max(1, round(seconds * stage.tick_rate_hz))
        self._end: Triple | None = None

    def is_same_key(self, other: object) -> bool:
        """Whether that is the same key: one that is pressed again is held from then on."""
        return isinstance(other, _Held) and other._key == self._key

    def __call__(self, stage: Stage) -> None:
        """One tick more of it."""
        if not stage.sights or not stage.takes_input:
            stage.before_tick.remove(self)
            return
        pose, tick_s = pose_of_sight(stage, stage.sights[0]), 1.0 / stage.tick_rate_hz
        if self._key in _TURNS:
            half = _TURNS[self._key] * TURN_DEG_S * tick_s
            put_sight(stage, 0, (*pose[:3], *composed(_yaw(half), (0.0, 0.0, 0.0, *pose[3:]))[3:]))
        else:
            x, y, z = turned(pose[3:], _FLIES[self._key])
            way = PAWN_M_S * tick_s
            if self._end is None:
                far = way * self._left
                self._end = swept(stage, pose[:3], (pose[0] + far * x, pose[1] + far * y, pose[2] + far * z))
            put_sight(stage, 0, (*_towards(pose[:3], self._end, way), *pose[3:]))
        self._left -= 1
        if self._left == 0:
            stage.before_tick.remove(self)


def _towards(here: Triple, there: Triple, way: float) -> Triple:
    gap = tuple(b - a for a, b in zip(here, there, strict=True))
    length = sum(share * share for share in gap) ** 0.5
    share = 1.0 if length <= way else way / length
    return here[0] + share * gap[0], here[1] + share * gap[1], here[2] + share * gap[2]


def _yaw(degrees: float) -> tuple[float, float, float, float, float, float, float]:
    half = math.radians(degrees) / 2
    return 0.0, 0.0, 0.0, math.cos(half), 0.0, 0.0, math.sin(half)
