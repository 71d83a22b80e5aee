"""What agents are told: the words from a verb after an agent to the end of the clause, kept as they were written."""

from scene_gen.understand.items import Item


def read_instructions(items: list[Item]) -> None:
    """Set `instruction` of agents followed by what they do ("couriers delivering bread to the harbor")."""
    for at, item in enumerate(items):
        if not item.is_a("agent") or item.is_negated:
            continue
        verb = _verb_after(items, at)
        if verb is None:
            continue
        end = verb
        while end + 1 < len(items) and end - verb < 30 and not _ends(items, end + 1):
            end += 1
        item.instruction = (items[verb].start, items[end].end)
        for word in items[verb : end + 1]:
            if not word.senses or word.is_a("count", "attribute", "side"):
                word.is_used = True


def _verb_after(items: list[Item], at: int) -> int | None:
    """The place of the verb that begins an instruction; between it and the agent may be a vehicle and small words."""
    for ahead in range(at + 1, min(at + 7, len(items))):
        item = items[ahead]
        if item.is_a("act"):
            return ahead
        if item.is_a("break", "comma", "agent", "not"):
            return None
        if not item.is_a("stop", "definite", "article", "relation", "riding", "mood", "strength") and not item.is_a(
            "thing"
        ):
            return None
    return None


def _ends(items: list[Item], at: int) -> bool:
    """Whether an instruction ends before `at`: at a stop, a comma, or "and" with something new to be there."""
    item = items[at]
    if item.is_a("break", "comma", "but", "not"):
        return True
    follows = items[at + 1] if at + 1 < len(items) else None
    return item.is_a("conjunction") and follows is not None and follows.is_a("article", "count")
