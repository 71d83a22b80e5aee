"""The palette: every material of the kit and of the buildings, linear-light colours."""

from dataclasses import replace

from bridge.scene import Material, Pattern


def _linear(hex_color: str) -> tuple[float, float, float]:
    channels = [int(hex_color[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    return tuple(round(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4, 5) for c in channels)  # type: ignore[return-value]


def _palette() -> dict[str, Material]:
    table: dict[str, Material] = {}

    def add(name: str, color: str, pattern: Pattern = "plain", roughness: float = 0.9, metallic: float = 0.0,
            glow: tuple[str, float] | None = None, at_night: bool = True) -> None:  # fmt: skip
        emission = tuple(round(c * glow[1], 5) for c in _linear(glow[0])) if glow else (0.0, 0.0, 0.0)
        table[name] = Material(name, _linear(color), roughness, metallic, emission, bool(glow) and at_night, pattern)  # type: ignore[arg-type]

    for name, color in (("white", "ece7dc"), ("cream", "e6d6b4"), ("yellow", "dfb867"), ("ochre", "c98f4e"),
                        ("rose", "cf8f80"), ("terracotta", "b8694a"), ("red", "9e3f36"), ("blue", "6d8fa8"),
                        ("navy", "3e5266"), ("green", "7f9a78"), ("mint", "a9c4b0"), ("grey", "a9a8a3"),
                        ("dark", "57534e"), ("sand", "d3b88c"), ("adobe", "bb8f66")):  # fmt: skip
        add(f"plaster-{name}", color, "plaster")
    for name, color in (
        ("red", "8d4a3a"),
        ("brown", "6f4a3a"),
        ("yellow", "b8935c"),
        ("dark", "4c3b37"),
        ("white", "cfc8bd"),
    ):
        add(f"brick-{name}", color, "brick")
    for name, color in (("grey", "8f8c85"), ("light", "bdb5a5"), ("warm", "a5937a"), ("dark", "66635f")):
        add(f"stone-{name}", color, "stone")
    for name, color in (("natural", "9a754e"), ("dark", "56412f"), ("white", "e4e0d6"), ("red", "8f3b30"),
                        ("blue", "57738a"), ("green", "5f7a60"), ("yellow", "d0ab5f"), ("weathered", "8a857c"),
                        ("black", "37332f")):  # fmt: skip
        add(f"planks-{name}", color, "planks")
    for name, color in (("light", "b9b6af"), ("grey", "94928d"), ("dark", "5c5b59")):
        add(f"concrete-{name}", color, "concrete", 0.85)
    for name, color in (
        ("grey", "8d9296"),
        ("blue", "4f6b82"),
        ("red", "8c4336"),
        ("green", "56705c"),
        ("white", "c9cbc9"),
        ("rust", "7e4d35"),
    ):
        add(f"corrugated-{name}", color, "corrugated", 0.55, 0.5)
    for name, color in (("blue", "4d6f8a"), ("green", "4f7a74"), ("bronze", "6d5a46"), ("dark", "2f3942")):
        add(f"curtain-wall-{name}", color, "curtain-wall", 0.15, 0.3)
    for name, color in (
        ("red", "9b4a36"),
        ("brown", "6e4a39"),
        ("dark", "4a4341"),
        ("orange", "b5623c"),
        ("blue", "3f5f80"),
    ):
        add(f"roof-tiles-{name}", color, "roof-tiles", 0.8)
    for name, color in (("slate", "4f5660"), ("grey", "6a6c6e"), ("wood", "75604a"), ("green", "55705f")):
        add(f"shingles-{name}", color, "shingles", 0.75)
    add("thatch", "a08a55", "thatch")
    add("roof-copper", "6fa391", "metal", 0.5, 0.4)
    add("roof-gravel", "8c8a85", "gravel")
    add("roof-metal", "7b8087", "corrugated", 0.45, 0.6)
    add("roof-gold", "d8a63a", "metal", 0.3, 0.9)
    add("glass", "3d4f5c", "glass", 0.08, 0.2)
    add("glass-lit", "6d6250", "glass", 0.3, 0.0, ("ffc778", 1.1))
    add("glass-lit-cool", "5f6670", "glass", 0.3, 0.0, ("bcd6ff", 0.6))
    add("glass-lit-teal", "3f6a70", "glass", 0.3, 0.0, ("4fd9e8", 0.8))
    add("glass-lit-magenta", "6a4562", "glass", 0.3, 0.0, ("f065c8", 0.8))
    add("shop-window", "46545c", "glass", 0.08, 0.1, ("ffd9a0", 1.3))
    for name, color in (
        ("brown", "5f4029"),
        ("green", "35523f"),
        ("blue", "34506b"),
        ("red", "7d2f2a"),
        ("white", "dedad0"),
        ("dark", "322c28"),
    ):
        add(f"door-{name}", color, "planks", 0.6)
    add("frame-white", "e9e6df", "plain", 0.6)
    add("frame-dark", "3c3a37", "plain", 0.6)
    add("frame-wood", "71543a", "planks", 0.7)
    for name, color in (("asphalt", "4a4b4d"), ("asphalt-wet", "38393b")):
        add(name, color, "asphalt")
    add("road-marking", "dcdad2", "plain", 0.7)
    add("crossing-marking", "e4e2db", "plain", 0.7)
    add("paving", "a7a199", "paving")
    add("paving-warm", "b39e85", "paving")
    add("paving-sand", "b79f78", "paving")
    add("cobble", "857e75", "cobble")
    add("cobble-sand", "a58c66", "cobble")
    add("curb", "b4b1aa", "concrete")
    add("curb-sand", "a8926d", "concrete")
    add("gravel", "a0937e", "gravel")
    add("dirt-road", "8f7354", "soil")
    add("packed-sand", "b8925f", "soil")
    add("quay-stone", "8d887e", "stone")
    add("deck-planks", "86705a", "planks")
    for name, color, pattern in (("grass", "647b3f", "grass"), ("lawn", "6c8a45", "grass"), ("dry-grass", "a79a58", "grass"),
                                 ("meadow", "738b46", "grass"), ("forest-floor", "4b5231", "grass"), ("sand", "d6bf8f", "sand"),
                                 ("desert-sand", "d3a867", "sand"), ("soil", "6f5439", "soil"), ("crops", "8c9a44", "crops"),
                                 ("crops-gold", "c2a04b", "crops"), ("rock", "7d766c", "rock"), ("red-rock", "a0623f", "rock"),
                                 ("snow", "eef2f6", "snow"), ("seabed", "6f6f58", "sand"), ("mud", "5b4a38", "soil")):  # fmt: skip
        add(name, color, pattern)  # type: ignore[arg-type]
    add("water-sea", "1d4a5e", "water", 0.05)
    add("water-river", "2c5a58", "water", 0.05)
    add("bark", "5c4d3d", "bark")
    add("bark-palm", "8a765b", "bark")
    add("bark-birch", "d8d4c8", "bark")
    for name, color in (("oak", "4c7030"), ("light", "6f9440"), ("dark", "2f5230"), ("pine", "3b673d"), ("shade", "2c4b30"), ("olive", "77835a"),
                        ("autumn-orange", "c2702a"), ("autumn-yellow", "cfa138"), ("autumn-red", "9d3d2a"),
                        ("blossom", "e3b3c2"), ("palm", "4f7a35"), ("palm-light", "6f9646"), ("cactus", "4f7a45"), ("dry", "8f7f4f")):  # fmt: skip
        add(f"foliage-{name}", color, "foliage")
    for name, color in (
        ("red", "b23a34"),
        ("yellow", "e0b23c"),
        ("blue", "3f6d9e"),
        ("white", "e6e4de"),
        ("pink", "d07a96"),
        ("violet", "7d5a94"),
    ):
        add(f"flowers-{name}", color, "foliage")
    for name, color in (("red", "a32a24"), ("blue", "24517f"), ("white", "e3e3df"), ("black", "1f2123"), ("silver", "a8acaf"),
                        ("green", "2f5f45"), ("yellow", "e2b021"), ("orange", "cc6a23"), ("teal", "2f7f80"), ("grey", "6b6f72"),
                        ("cream", "e0d5bb"), ("navy", "22304a"), ("brown", "5e4030")):  # fmt: skip
        add(f"paint-{name}", color, "plain", 0.35)
    add("steel", "9a9da0", "metal", 0.4, 0.9)
    add("iron-dark", "3a3b3d", "metal", 0.6, 0.7)
    add("rust", "7c4a2e", "metal", 0.9, 0.4)
    add("chrome", "c9ccce", "metal", 0.15, 1.0)
    add("brass", "b08d45", "metal", 0.3, 0.9)
    add("rubber", "222222", "plain", 0.95)
    add("plastic-grey", "77797b", "plain", 0.6)
    add("wood", "8c6a45", "planks", 0.8)
    add("wood-dark", "54402d", "planks", 0.8)
    add("wood-light", "b79467", "planks", 0.8)
    add("rope", "a8946a", "fabric")
    add("leather-brown", "5b3a26", "plain", 0.6)
    add("straw", "c6a85a", "thatch")
    for name, color in (("red", "b1382f"), ("white", "e9e5da"), ("blue", "3c648f"), ("green", "3f7450"), ("yellow", "deb24a"),
                        ("orange", "cf7434"), ("grey", "85837e"), ("brown", "6b5138"), ("black", "2a2a2b"), ("sail", "ece6d6")):  # fmt: skip
        add(f"fabric-{name}", color, "fabric")
    for name, color in (("light", "e0ac8a"), ("medium", "b97f58"), ("dark", "6f4630")):
        add(f"skin-{name}", color)
    for name, color in (("dark", "2d2119"), ("brown", "5a3d26"), ("blond", "b58f55"), ("grey", "8d8a86")):
        add(f"hair-{name}", color)
    for name, color in (
        ("brown", "6a4930"),
        ("white", "dcd6c9"),
        ("black", "2a2826"),
        ("tan", "b48e61"),
        ("grey", "86827c"),
    ):
        add(f"fur-{name}", color)
    add("head-lamp", "e9e6dc", "plain", 0.3, 0.0, ("fff3d6", 1.5))
    add("tail-lamp", "8f1f1a", "plain", 0.3, 0.0, ("ff3020", 0.9))
    add("lamp-glow", "efe3c4", "plain", 0.4, 0.0, ("ffcf8a", 3.0))
    add("lamp-glow-white", "e8ecef", "plain", 0.4, 0.0, ("e8f2ff", 3.0))
    add("beacon", "f2efe2", "plain", 0.3, 0.0, ("fff2c8", 6.0))
    add("signal-red", "c0261c", "plain", 0.4, 0.0, ("ff2a18", 1.6), False)
    add("signal-green", "1f9a4c", "plain", 0.4, 0.0, ("20ff70", 1.6), False)
    add("signal-amber", "d08a1c", "plain", 0.4, 0.0, ("ffa520", 1.2), False)
    for name, color in (
        ("pink", "ff3fa4"),
        ("cyan", "24e0ff"),
        ("violet", "9a4dff"),
        ("green", "3dff7a"),
        ("orange", "ff8a1f"),
        ("blue", "2f6bff"),
        ("yellow", "ffe23a"),
    ):
        add(f"neon-{name}", color, "plain", 0.4, 0.0, (color, 2.6), False)
    add("hologram", "2f6f80", "plain", 0.4, 0.0, ("5fe9ff", 0.9), False)
    add("sign-white", "ecebe6", "sign", 0.5)
    add("sign-blue", "2456a0", "sign", 0.5)
    add("sign-red", "b02a25", "sign", 0.5)
    add("sign-green", "28683f", "sign", 0.5)
    add("sign-yellow", "dcae28", "sign", 0.5)
    add("solar", "1c2b4a", "curtain-wall", 0.2, 0.4)
    return table


MATERIALS: dict[str, Material] = _palette()
"""Every material by name."""

_IN_SEASON: dict[str, dict[str, str]] = {
    "autumn": {
        "grass": "77743c",
        "lawn": "7c8442",
        "meadow": "8f8446",
        "forest-floor": "7a5630",
        "dry-grass": "a68f52",
        "crops": "97874a",
    },
    "winter": {"grass": "75734f", "lawn": "74794c", "meadow": "857f57", "forest-floor": "574a34", "crops": "7a6a4b"},
    "spring": {"grass": "688540", "lawn": "6f9446", "meadow": "7d9a4a", "crops": "7f9d46"},
}
"""Colours of what grows on the ground, where a season changes them."""


def in_season(material: Material, season: str) -> Material:
    """The material as it looks in a season: grass yellows in autumn."""
    color = _IN_SEASON.get(season, {}).get(material.name)
    return replace(material, base_color=_linear(color)) if color else material
