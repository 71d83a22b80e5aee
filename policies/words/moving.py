"""Rules for going somewhere, by whatever way, and for what is done to one thing."""

from collections.abc import Callable

from bridge.engine import Skill
from policies.words.surroundings import Surroundings, bare
from policies.words.told import BY, Told, Unclear, known_place, mode_in, switched, there, told_skill


def go(told: Told, around: Surroundings) -> list[Skill]:
    by = BY.search(told.rest)
    where = told.text.back(BY.sub("", told.rest))
    mode = "walk" if by and by.group(1) == "foot" else by.group(1) if by else mode_in(told.phrase)
    if mode == "bus" and around.has("ride_bus"):
        return [told_skill(around, "ride_bus", to=known_place(around, where))]
    return [*(switched(around, mode) if mode else []), told_skill(around, "go_to", known_place(around, where))]


def ride_bus(told: Told, around: Surroundings) -> list[Skill]:
    return [told_skill(around, "ride_bus", to=known_place(around, told.words))]


def switch(told: Told, around: Surroundings) -> list[Skill]:
    if told.phrase == "walk" and told.rest:
        return go(told, around)
    mode = mode_in(f"{told.phrase} {told.words}")
    if not mode:
        raise Unclear(f"'{told.words}' is no way to travel")
    where = told.cut("to")[1]
    return [
        told_skill(around, "set_transport", mode=mode),
        *([told_skill(around, "go_to", known_place(around, where))] if where else []),
    ]


def board(told: Told, around: Surroundings) -> list[Skill]:
    if bare(told.words) in ("scooter", "car") and around.has("set_transport"):
        return [told_skill(around, "set_transport", mode=bare(told.words))]
    return done_to("board")(told, around)


def done_to(verb: str, *, fetches: bool = False) -> Callable[[Told, Surroundings], list[Skill]]:
    """A rule for a verb of the world that is done to one thing."""

    def rule(told: Told, around: Surroundings) -> list[Skill]:
        name = around.person(told.words) or around.place(told.words) or bare(told.words)
        if not name:
            raise Unclear(f"it does not say what to {verb}")
        return [*(there(around, name) if fetches else []), told_skill(around, verb, name)]

    return rule


def alone(verb: str) -> Callable[[Told, Surroundings], list[Skill]]:
    """A rule for a verb that needs no more words."""
    return lambda told, around: [told_skill(around, verb)]
