"""Whatever clients say, in any order: it is answered, and the world goes on."""

import random
import re

import pytest

from tests.bridge.gateways.test_templates import CALLS, PLUG_IN

WORDS = [
    "x",
    "png",
    "bmp",
    "npy",
    "a.png",
    "BP_CarA_C",
    "BP_CourierA_C",
    "lit",
    "basic",
    "Orthographic",
    "",
    "base",
    "W",
]
WHOLE = ["0", "1", "2", "3", "40", "9", "", "255"]
NUMBERS = ["0", "1", "-1", "100", "-3000.5", "820", "212", "1500", "1e5", "0.5", "-90", "99999999", "9" * 400]


@pytest.mark.parametrize("seed", range(8))
def test_any_commands_in_any_order_are_answered(ask, seed):
    rng = random.Random(seed)
    for _ in range(50):
        for sight in ask.stage.sights:
            sight.width, sight.height = 48, 32
        ask.stage.viewport_size = 48, 32
        names = [actor.name for actor in ask.stage.actors()]
        fill = {"str": [*WORDS, *rng.choices(names, k=3 * len(WORDS))], "uint": WHOLE, "float": NUMBERS}
        template = rng.choice([*PLUG_IN, *CALLS])
        line = re.sub(r"\[(str|uint|float)\]", lambda kind, fill=fill: rng.choice(fill[kind[1]]), template)
        assert ask.bytes(line), line
        if rng.random() < 0.2:
            ask.stage.tick(1)
