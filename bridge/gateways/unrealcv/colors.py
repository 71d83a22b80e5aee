"""The colours of object masks: UnrealCV's deterministic colour map, in the order of actors.

Channels take the values 0, 255, 127, 63, 191, 31, ...: ever finer halves. Colours come in shells: the k-th has those
whose greatest channel index is k.
"""

import itertools
from collections.abc import Iterator

from bridge.gateways.unrealcv.actors import Color


def channel_values() -> list[int]:
    """The values of one channel in the order in which they are used: 0, then the ends, middles, quarters, ..."""
    values, step = [0], 256
    while step >= 1:
        values += range(step - 1, 257, 2 * step)
        step //= 2
    return list(dict.fromkeys(value for value in values if value <= 255))


def color_map() -> Iterator[Color]:
    """Colours (red, green, blue), black first, each once: 16,777,216 of them."""
    values = channel_values()
    yield 0, 0, 0
    for shell in range(1, len(values)):
        for fixed in ((0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1), (1, 1, 0), (1, 1, 1)):
            channels = [(shell,) if is_fixed else range(shell) for is_fixed in fixed]
            for red, green, blue in itertools.product(*channels):
                yield values[red], values[green], values[blue]
