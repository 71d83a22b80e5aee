"""Which words belong together: what a place is made of, roofs and walls, and places shared by things that "and" joins."""

import pytest

from scene_gen.brief import Brief
from scene_gen.understand import understand


def read(prompt: str) -> Brief:
    return understand(prompt, encoder="none")


def made_of(prompt: str) -> list[str]:
    return [kind.value for kind in read(prompt).made_of]


@pytest.mark.parametrize(
    "prompt",
    ["a village of wooden cabins in a pine forest, first snow", "a wooden cabin village", "cabins in the forest",
     "a hamlet made of old cabins", "un pueblo de cabañas", "un village de chalets", "ein Dorf aus Holzhütten",
     "ein Hüttendorf im Wald", "uma vila de cabanas", "un villaggio di capanne di legno", "деревня из деревянных хижин",
     "деревня деревянных хижин", "قرية أكواخ", "قرية من الأكواخ الخشبية", "लकड़ी की झोपड़ियों का गाँव", "小木屋村庄",
     "森林里的小木屋", "丸太小屋の村", "오두막 마을", "통나무 오두막의 마을"],
)  # fmt: skip
def test_a_village_of_cabins_is_made_of_cabins_in_every_language(prompt: str):
    assert made_of(prompt) == ["cabin"]


@pytest.mark.parametrize(
    "prompt",
    ["a village with two cabins", "a village with a cabin", "a cabin in the forest", "a village with cabins", "no cabins",
     "a village of three cabins", "a village of houses", "a castle town", "деревня с хижинами", "a lighthouse near cottages"],
)  # fmt: skip
def test_some_cabins_in_a_village_are_not_what_it_is_made_of(prompt: str):
    assert made_of(prompt) == []


def test_a_place_is_made_of_several_kinds_or_of_things_that_are_no_houses():
    assert made_of("a city of temples and skyscrapers") == ["temple", "skyscraper"]
    assert made_of("a village of tents") == ["tent"]


@pytest.mark.parametrize(
    "prompt",
    ["stone houses with red roofs", "stone houses, the roofs are red", "maisons de pierre aux toits rouges", "casas de piedra con tejados rojos",
     "Steinhäuser mit roten Dächern", "casas de pedra com telhados vermelhos", "case di pietra con tetti rossi",
     "каменные дома с красными крышами", "بيوت حجرية بأسقف حمراء", "लाल छत वाले पत्थर के घर", "红屋顶的石头房子",
     "赤い屋根の石の家", "빨간 지붕의 돌집"],
)  # fmt: skip
def test_red_roofs_colour_the_roofs_and_not_the_walls_in_every_language(prompt: str):
    (houses,) = read(prompt).things
    assert (houses.kind, set(houses.attributes)) == ("house", {"stone", "red-roofed"})
    assert [material.value for material in read(prompt).materials] == ["stone"]


@pytest.mark.parametrize(
    ("prompt", "kind", "attributes"),
    [
        ("red brick houses", "house", ("red", "brick")),
        ("red brick houses with slate roofs", "house", ("red", "brick", "slate-roofed")),
        ("houses with red roofs and white walls", "house", ("red-roofed", "white")),
        ("red-roofed houses", "house", ("red-roofed",)),
        ("a white village with blue roofs", "building", ("white", "blue-roofed")),
        ("a church with a green roof", "church", ("green-roofed",)),
        ("cottages with thatched roofs", "cottage", ("thatched-roofed",)),
    ],
)
def test_adjectives_belong_to_the_part_they_stand_by(prompt: str, kind: str, attributes: tuple[str, ...]):
    (thing,) = read(prompt).things
    assert (thing.kind, thing.attributes) == (kind, attributes)


def relations(prompt: str) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(wish.subject, wish.predicate, wish.objects) for wish in read(prompt).relations}


@pytest.mark.parametrize(
    "prompt",
    ["a lighthouse and a chapel on the hill", "on the hill a lighthouse and a chapel", "un faro y una capilla en la colina",
     "ein Leuchtturm und eine Kapelle auf dem Hügel", "маяк и часовня на холме", "丘の上の灯台と礼拝堂", "언덕 위의 등대와 예배당"],
)  # fmt: skip
def test_things_joined_by_and_share_their_place(prompt: str):
    assert relations(prompt) == {("lighthouse", "on", ("hill",)), ("chapel", "on", ("hill",))}


def test_a_comma_after_another_place_begins_anew():
    both = {("lighthouse", "on", ("hill",)), ("chapel", "on", ("hill",))}
    assert both < relations("stone houses by a lake, a lighthouse and a chapel on the hill")
    assert both == relations("a fishing village, a lighthouse and a chapel on the hill")


def test_boats_and_a_crane_both_lie_by_the_pier():
    assert relations("two boats and a crane by the pier") == {("boat", "near", ("pier",)), ("crane", "near", ("pier",))}


def test_a_thing_with_two_places_has_both():
    assert relations("a church on the hill next to the market") == {
        ("church", "on", ("hill",)),
        ("church", "near", ("market",)),
    }


@pytest.mark.parametrize(
    ("prompt", "alone"),
    [
        ("twenty houses and a church on the hill", "church"),
        ("a boat and a church on the hill", "church"),
        ("three boats and a lighthouse north of the pier", "lighthouse"),
        ("a school, a market and a lighthouse on the hill", "lighthouse"),
        ("a forest and a cabin on the hill", "cabin"),
    ],
)
def test_what_is_all_over_town_or_cannot_stand_there_does_not_share_the_place(prompt: str, alone: str):
    assert {subject for subject, _, _ in relations(prompt)} == {alone}


def test_what_does_not_share_a_place_is_named():
    assert (
        "the place of 'church' is read as its own: 'boat' may stand anywhere"
        in read("a boat and a church on the hill").notes
    )
    assert not any("its own" in note for note in read("a lighthouse and a chapel on the hill").notes)


def test_each_thing_keeps_the_place_that_was_said_of_it():
    assert relations("a church by the river and a castle on the hill") == {
        ("church", "near", ("river",)),
        ("castle", "on", ("hill",)),
    }


@pytest.mark.parametrize(
    ("words", "count", "attributes"),
    [
        ("ten red-roofed houses", (10, 10), ("red-roofed",)),
        ("a village with three white-walled red-roofed houses", (3, 3), ("white", "red-roofed")),
        ("twelve whitewashed houses", (12, 12), ("white",)),
        ("two stone-walled slate-roofed houses", (2, 2), ("stone", "slate-roofed")),
        ("houses with whitewashed walls and blue roofs", (2, None), ("white", "blue-roofed")),
    ],
)
def test_compounds_of_walls_and_roofs_are_adjectives_and_leave_the_count(words, count, attributes):
    brief = read(words)
    (houses,) = brief.things
    assert (houses.kind, (houses.least, houses.most), houses.attributes) == ("house", count, attributes)


@pytest.mark.parametrize("words", ["a walled town", "a stone-walled town", "a fortified village"])
def test_a_walled_town_has_a_wall(words):
    assert "town-wall" in [thing.kind for thing in read(words).things]
