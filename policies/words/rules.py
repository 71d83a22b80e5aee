"""One rule for each thing that can be told; those for talking and waiting, and the table of all of them."""

import json
import re
from collections.abc import Callable

from bridge.engine import Skill
from policies.words.goods import buy, filled, rent, return_rental, use
from policies.words.moving import alone, board, done_to, go, ride_bus, switch
from policies.words.orders import bid, collect, deliver, on_order, put_down, with_somebody
from policies.words.phrases import duration_s, number
from policies.words.surroundings import Surroundings
from policies.words.told import Told, Unclear, told_skill


def skills(meaning: str, told: Told, around: Surroundings) -> list[Skill]:
    """What a clause comes to. Raises Unclear."""
    return RULES[meaning](told, around)


def _post_request(told: Told, around: Surroundings) -> list[Skill]:
    quoted = [kept.strip('"') for kept in told.text.marks(told.rest) if kept.startswith('"')]
    price = re.search(r"(?:\$|bounty (?:of )?|for )\s*\$?(\d+(?:\.\d+)?)", told.rest)
    if not quoted or not price:
        raise Unclear('a request needs its text in quotation marks and a bounty ("..." for $5)')
    return [told_skill(around, "post_request", text=quoted[0], bounty=float(price.group(1)))]


def _confirm(told: Told, around: Surroundings) -> list[Skill]:
    found = around.orders(told.words, around.board)
    if not found:
        raise Unclear(f"no request is known that '{told.words}' could mean")
    return [told_skill(around, "confirm_request", str(one["id"])) for one in found]


def _say(told: Told, around: Surroundings) -> list[Skill]:
    written = told.text.as_written(told.rest)
    quoted = re.findall(r'"([^"]*)"', written)
    text = re.sub(r'"[^"]*"', " ", written)
    to = ""
    if told.phrase in ("tell", "message"):
        found = re.match(r"(\S+)\s*(?:that\s+|to\s+|:\s*)?(.*)", text.strip(), re.S)
        to, text = (around.person(found.group(1)), found.group(2)) if found else ("", text)
        if not to:
            raise Unclear(f"nobody is known to {told.phrase} that")
    elif found := re.search(r"\bto\s+(\S+)\s*$", text):
        to = around.person(found.group(1))
        text = text[: found.start()] if to else text
    said = quoted[0] if quoted else re.sub(r"^(?:that|:)\s*", "", text.strip())
    if not said:
        raise Unclear("it does not say what to say")
    return [Skill("say", to, json.dumps({"text": said, "to": to or "all"}, ensure_ascii=False, sort_keys=True))]


def _wait(told: Told, around: Surroundings) -> list[Skill]:
    clock = re.search(r"\buntil (\d{1,2})[:.h](\d{2})\b", told.rest)
    if clock and isinstance(hour := around.clock.get("time_of_day_h"), (int, float)):
        seconds = ((int(clock.group(1)) + int(clock.group(2)) / 60 - hour) % 24) * 3600
    else:
        seconds = duration_s(told.rest)
        if seconds is None and (re.search(r"\buntil\b", told.rest) or number(told.rest) is not None):
            raise Unclear(f"'{told.words}' is no time to wait")
    return [told_skill(around, "wait", s=round(60.0 if seconds is None else seconds, 1))]


RULES: dict[str, Callable[[Told, Surroundings], list[Skill]]] = {
    "go": go, "ride_bus": ride_bus, "switch": switch, "follow": done_to("follow"), "board": board,
    "dismount": alone("dismount"), "deliver": deliver, "collect": collect, "put_down": put_down, "bid": bid,
    "accept": on_order("accept", also_board="accept_request"), "decline": on_order("decline"),
    "view_orders": alone("view_orders"), "share": with_somebody("share", "with", "with", "between"),
    "hand_over": with_somebody("hand_over", "to", "to"), "take_over": on_order("take_over"),
    "post_request": _post_request, "confirm_request": _confirm, "buy": buy, "use": use, "rent": rent,
    "return_rental": return_rental, "charge": filled("charge", "charger"), "rest": filled("rest", "rest"), "say": _say,
    "wait": _wait, "sit": done_to("sit", fetches=True), "stand": alone("stand"), "open": done_to("open", fetches=True),
    "close": done_to("close", fetches=True),
}  # fmt: skip
"""By meaning, as in phrases.PHRASES."""
