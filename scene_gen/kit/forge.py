"""Where the kit's forms are made: `python -m scene_gen.kit.forge` runs every recipe and writes the archive anew."""

from pathlib import Path

from bridge.meshes import extent
from bridge.riders import RIDING
from scene_gen.kit import forms
from scene_gen.kit.builder import Builder
from scene_gen.kit.catalog import TABLE, Entry, paints
from scene_gen.kit.forms import Form


def forged() -> tuple[list[Form], dict[str, int]]:
    """Every form of the kit, and which one each asset has: assets that differ in paint alone share theirs."""
    made: dict[tuple, int] = {}
    found: list[Form] = []
    of: dict[str, int] = {}
    for name, entry in TABLE.items():
        look = _look(entry)
        is_bare = entry.suffix == "bare"
        look |= entry.recipe.riding if entry.suffix == RIDING else {}
        key = (entry.recipe.kind, entry.recipe.build, tuple(look.items()), is_bare)
        if key not in made:
            made[key] = len(found)
            found.append(_made(entry, look, is_bare=is_bare))
        of[name] = made[key]
    return found, of


def _look(entry: Entry) -> dict:
    """The arguments of the recipe, with places to paint ("@body") for materials."""
    painted = paints(entry)
    return {key: f"@{key}" if key in painted else value for key, value in entry.variant.look.items()}


def _made(entry: Entry, look: dict, *, is_bare: bool) -> Form:
    builder = Builder(is_afloat=entry.recipe.is_afloat)
    entry.recipe.build(builder, **look, **({"is_bare": True} if is_bare else {}))
    lods, colliders = builder.finished()
    low, high = extent(lods[0])
    x, y, z = (float(v) for v in high - low)
    return Form(lods, colliders, (x, y, z), builder.light)


if __name__ == "__main__":
    target = Path(forms.__file__).with_name(forms.FILE)
    target.write_bytes(forms.packed(*forged()))
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
