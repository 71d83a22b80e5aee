"""Plans made by hand, for tests of the builder: a harbor, a river town with a grid, a village on a hill."""

import numpy as np
from scipy import ndimage

from bridge.scene import Environment
from scene_gen.brief import Brief
from scene_gen.plan.artefacts import CELLS, Landmark, Look, Plan, PlannedWater


def _heights(letters: np.ndarray, size_m: float, *, level: float, depth: float, rise: float, seed: int) -> np.ndarray:
    """Heights (129,129) that go down into water cells and up away from them, with gentle hills."""
    n = 129
    at = np.minimum((np.arange(n) * CELLS / (n - 1)).astype(int), CELLS - 1)
    over = (letters == "#") & (np.roll(letters, 1, axis=0) == "W") & (np.roll(letters, -1, axis=0) == "W")
    wet = ((letters == "W") | over)[::-1][at][:, at]
    step = size_m / (n - 1)
    far, deep = ndimage.distance_transform_edt(~wet) * step, ndimage.distance_transform_edt(wet) * step
    rng = np.random.default_rng(seed)
    hills = ndimage.gaussian_filter(rng.normal(size=(n, n)), 14, mode="nearest")
    hills = (hills - hills.min()) / np.ptp(hills)
    dry = level + 1.2 + rise * (1 - np.exp(-far / 220)) * (0.5 + 0.8 * hills) + 0.01 * far
    height = np.where(wet, level - 0.4 - np.minimum(depth, 0.12 * deep), dry)
    return ndimage.gaussian_filter(height, 0.8).astype(np.float32)


HARBOR = """
FFFFFFGGGGAAAAAAGGGGGGFFFFFFFFHH
FFFFGGGGGGAAAAAAGGGGGGGFFFFFHHHH
FFGGGGGGGGAAAAAAGGYYYYGGGFFHHHHH
GGGGGGSSSSSGGGGGGGYYYYGGGGFFHHHH
GGGGSSSSSSSSSSGGGGYYYYGGGGFFFHHH
GGGSSSSSSSSSSSSSSSGGGGGGGGGFFFFF
GGSSSSSSSSSSSSSSSSSSGGGGGGGGFFFF
GGSSSSRRRRRRRRRSSSSSSGGAAAAAGFFF
GGSSRRRRRRRRRRRRRSSSSGGAAAAAGGFF
GGRRRRRRRRRRRRRRRRSSSGGAAAAAGGGF
GGRRRRRRRRRRPPPRRRRSSSGGAAAAAGGG
BGRRRRROOOOOPPPRRRRRSSGGAAAAAGGG
WBRRROOOOOOOPPPRRRRRRSSGGGGGGGGG
WWQOOOOOOOOOOORRRRRRRSSGGGGGGGGG
WWQQOOOOOVVVOOORRRRRRSSSGGYYYYGG
WWWQOOOOOVVVOOOCCRRRRRSSGGYYYYGG
WWWQQOOOOVVVOOCCCCRRRRSSGGYYYYGG
WWWWQOOOOOOOOOCCCCCRRRSSGGGGGGGG
WWWWQQOOOOOOCCCCCCRRRRSSGGGGGGGG
WWWWWQQOOOOCCCCCCCRRRSSSGGFFGGGG
WWWWWWQQOOOCCCCCRRRRRSSGGFFFFGGG
WWWWWWWQQQOOCCCRRRRRSSGGGFFFFGGG
WWWWWWWWWQQQQCCRRRRSSGGGGGFFGGGG
WWWWWWWWWWWWQQIIIIRSSGGGGGGGGGGG
WWWWWWWWWWWWWQQIIIIIIGGGGAAAAGGG
WWWWWWWWWWWWWWQIIIIIIGGGAAAAAGGG
WWWWWWWWWWWWWWQQIIIIIGGGAAAAAAGG
WWWWWWWWWWWWWWWBBIIIGGGGAAAAAAGG
WWWWWWWWWWWWWWWWBGGGGGGGAAAAAGGG
WWWWWWWWWWWWWWWWWBBGGGGGGGGGGGGG
WWWWWWWWWWWWWWWWWWBBGGGGGGGFFFFF
WWWWWWWWWWWWWWWWWWWBBBGGGGFFFFFF
"""


def harbor(size_m: float = 640.0, *, grid: float = 0.2, seed: int = 0) -> Plan:
    """A harbor town: sea in the south-west, quays, an old town, a square, suburbs, fields and woods."""
    lattice = tuple(HARBOR.split())
    letters = np.array([list(row) for row in lattice])
    scale = size_m / 640.0
    landmarks = (
        Landmark("pier", 3, (-190 * scale, -60 * scale), 260 * scale, clause=1),
        Landmark("lighthouse", 1, (-120 * scale, -200 * scale), 220 * scale, clause=2),
        Landmark("church", 1, (-110 * scale, 30 * scale), 120 * scale, clause=3),
        Landmark("fountain", 1, (-110 * scale, 20 * scale), 80 * scale),
        Landmark("crane", 2, (-190 * scale, -80 * scale), 200 * scale),
        Landmark("breakwater", 1, (-120 * scale, -240 * scale), 250 * scale),
        Landmark("castle", 1, (270 * scale, 260 * scale), 120 * scale, clause=4),
        Landmark("windmill", 1, (170 * scale, 130 * scale), 100 * scale),
    )
    return Plan(
        name="a harbor town",
        brief=Brief("a harbor town"),
        size_m=size_m,
        lattice=lattice,
        heights=_heights(letters, size_m, level=0.0, depth=8.0, rise=14.0 * scale**0.5, seed=seed),
        environment=Environment(),
        look=Look(grid=grid),
        waters=(PlannedWater("sea", 0.0),),
        landmarks=landmarks,
    )


RIVER = """
GGGGGGGGGGGGGGGGWWGGGGGGGGGGGGGG
GGGGGGGGGGGGGGGGWWWGGGGGGGGGGGGG
GGGAAAAAAGGGGGGGGWWGGGGFFFFFFGGG
GGGAAAAAAGGSSSSSGWWSSSSSFFFFFFGG
GGGAAAAAAGSSSSSSSWWSSSSSSSFFFFGG
GGGGGGGGGGSSRRRRRWWRRRRSSSSFFFGG
GGGGGGSSSSRRRRRRRWWRRRRRSSSGGGGG
GGGGSSSSRRRRRRRRRWWRRRRRRSSSGGGG
GGGSSSRRRRRRCCCCWWWCCRRRRRSSGGGG
GGGSSRRRRRRCCCCCWWCCCCRRRRSSGGGG
GGSSRRRRRRCCTTTCWWCTTCCRRRRSSGGG
GGSSRRRRRCCTTTTCWWCTTTCCRRRSSGGG
GGSRRRRRCCTTTTTCWWCTTTCCRRRSSGGG
GGSRRRRRCCTTVVTCWWCTTTCCRRRSSGGG
GGSRRRRRCCTTVVTCWWCTTCCRRRRSSGGG
#####################CCRRRR#####
GGSRRRRRCCCTTTCWWCCCCCPPPRRRSSGG
GGSRRRRRRCCCCCCWWCCCCPPPPRRRSSGG
GGSSRRRRRRCCCCCWWCCCRPPPPRRRSSGG
GGSSRRRRRRRRCCWWWCCRRRPPRRRSSGGG
GGGSSRRRRRRRRRWWCRRRRRRRRRRSSGGG
GGGSSSRRREEERRWWRRRRRRRRRRSSGGGG
GGGGSSSREEEEERWWRRRRRRRRRSSSGGGG
GGGGGSSSEEEEERWWRRRRRRRRSSSGGGGG
GGGGGGSSEEEEERWWIIIIIRRSSSGGGGGG
GGGGGGGGGEEEGWWWIIIIIIGGGGGGGGGG
GGFFFGGGGGGGGWWGIIIIIIGGGAAAAGGG
GFFFFFGGGGGGGWWGIIIIIGGGAAAAAAGG
GFFFFFFGGGGGGWWGGGGGGGGGAAAAAAGG
GGFFFFGGGGGGGWWGGGGGGGGGAAAAAAGG
GGGGGGGGGGGGWWWGGGGGGGGGGGGGGGGG
GGGGGGGGGGGGWWGGGGGGGGGGGGGGGGGG
"""


def river_city(size_m: float = 1200.0, *, grid: float = 0.9) -> Plan:
    """A city on a grid, on both banks of a river, with one road corridor across."""
    lattice = tuple(RIVER.split())
    letters = np.array([list(row) for row in lattice])
    return Plan(
        name="a river city",
        brief=Brief("a river city"),
        size_m=size_m,
        lattice=lattice,
        heights=_heights(letters, size_m, level=2.0, depth=4.0, rise=8.0, seed=3),
        environment=Environment(),
        look=Look(grid=grid),
        waters=(PlannedWater("river", 2.0),),
    )


def hill_village(size_m: float = 400.0) -> Plan:
    """A small village on a slope, without water."""
    rows = [["G"] * CELLS for _ in range(CELLS)]
    for i in range(12, 19):
        for j in range(11, 22):
            rows[i][j] = "R" if abs(i - 15) + abs(j - 16) > 3 else "O"
    for i in range(2, 8):
        for j in range(3, 12):
            rows[i][j] = "F"
    for i in range(21, 29):
        for j in range(16, 27):
            rows[i][j] = "A"
    x = np.linspace(-1, 1, 65)
    heights = 30 + 6 * np.add.outer(x, 0.4 * x)
    return Plan(
        name="a hill village",
        brief=Brief("a hill village"),
        size_m=size_m,
        lattice=tuple("".join(row) for row in rows),
        heights=heights.astype(np.float32),
        environment=Environment(),
        look=Look(grid=0.0),
        landmarks=(Landmark("chapel", 1, (-20.0, 110.0), 60.0, clause=0), Landmark("well", 1, None)),
    )
