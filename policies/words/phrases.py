"""The words for each thing that can be told: how a clause begins, in whatever form of the verb, and numbers in words."""

import re
from functools import cache

PHRASES: dict[str, tuple[str, ...]] = {
    "go": ("go to", "go back to", "go over to", "go", "walk to", "walk over to", "walk back to", "run to", "head to", "head for",
           "head over to", "move to", "travel to", "come to", "come back to", "get to", "get back to", "proceed to", "make your way to", "navigate to", "visit",
           "drive to", "ride to", "scoot to", "return to", "ride over to", "drive over to"),
    "ride_bus": ("take the bus to", "take a bus to", "ride the bus to", "ride a bus to", "catch the bus to", "go by bus to"),
    "switch": ("switch to", "change to", "set transport to", "walk", "ride the scooter", "use the scooter", "take the scooter",
               "drive the car", "use the car", "take the car", "use my scooter", "ride your scooter", "ride my scooter"),
    "follow": ("follow", "walk behind", "run after", "go after", "stay with", "stay behind", "tail"),
    "board": ("board", "get on", "get onto", "get in", "get into", "hop on", "mount", "climb on", "climb into", "ride"),
    "dismount": ("dismount", "get off", "get out", "get out of", "hop off", "climb off"),
    "deliver": ("deliver", "drop off", "bring", "take", "carry", "hand in", "leave"),
    "collect": ("pick up", "collect", "fetch", "grab", "get"),
    "put_down": ("put down", "lay down", "set down", "put", "drop"),
    "bid": ("bid", "place a bid", "make a bid", "offer", "make an offer", "bid on"),
    "accept": ("accept", "agree to", "say yes to"),
    "decline": ("decline", "reject", "refuse", "turn down", "say no to"),
    "view_orders": ("view orders", "view the orders", "look at the orders", "look at orders", "check the orders", "check orders",
                    "see the orders", "show the orders", "show me the orders", "list the orders", "look at the order board"),
    "share": ("share", "split"),
    "hand_over": ("hand over", "hand", "give", "pass"),
    "take_over": ("take over",),
    "post_request": ("post a request", "post request", "ask for help", "request help", "post a help request"),
    "confirm_request": ("confirm",),
    "buy": ("buy", "purchase", "order"),
    "use": ("use", "drink", "eat", "consume"),
    "rent": ("rent", "hire"),
    "return_rental": ("return the car", "return the rental", "return the rental car", "give back the car", "bring back the car",
                      "return the rented car"),
    "charge": ("charge", "recharge", "plug in"),
    "rest": ("rest", "take a rest", "have a rest", "take a break", "have a break", "relax", "recover", "sleep"),
    "say": ("say", "tell", "shout", "announce", "message"),
    "wait": ("wait", "stay", "hold on", "pause", "stop", "stand still", "do nothing"),
    "sit": ("sit on", "sit down on", "sit", "sit down"),
    "stand": ("stand up", "get up", "stand"),
    "open": ("open",),
    "close": ("close", "shut"),
}  # fmt: skip
"""By meaning; the longest phrase that fits the beginning of a clause counts."""
_IRREGULAR = {"going": "go", "went": "go", "gone": "go", "took": "take", "taken": "take", "brought": "bring", "bought": "buy",
              "ridden": "ride", "rode": "ride", "drove": "drive", "driven": "drive", "got": "get", "gave": "give", "given": "give",
              "said": "say", "told": "tell", "sat": "sit", "stood": "stand", "slept": "sleep", "ate": "eat", "eaten": "eat",
              "drank": "drink", "drunk": "drink", "ran": "run", "left": "leave", "made": "make", "came": "come", "held": "hold"}  # fmt: skip
_POLITE = re.compile(
    r"^(?:(?:please|now|first|second|third|next|also|just|quickly|immediately|kindly|again|so|ok|okay|well|courier|you|should"
    r"|must|have to|need to|can you|could you|would you|will you|i want you to|i would like you to|i'd like you to|let's"
    r"|try to|go and|go ahead and|start by|begin by|remember to|be sure to|make sure to|having|have|has|you've|we|he|she|it is time to"
    r"|to)\b[\s,:]*)+"
)
_TAIL = re.compile(
    r"[\s,]+(?:please|now|quickly|immediately|again|as well|too|instead|carefully|right away|as fast as you can)$"
)
_NUMBERS = dict(zip(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"], range(20), strict=True)) | {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
    "a": 1, "an": 1}  # fmt: skip
_NEGATED = re.compile(r"^(?:do not|don't|dont|never|avoid|no need to|under no circumstances)\b")
_CONDITION = re.compile(r"^(?:if|unless|when|whenever|while|as long as|in case)\b")


def is_negated(clause: str) -> bool:
    """Whether a clause says what not to do."""
    return bool(_NEGATED.match(_POLITE.sub("", clause)))


def is_condition(clause: str) -> bool:
    """Whether a clause says under which condition something shall be done."""
    return bool(_CONDITION.match(clause))


def meaning(clause: str) -> tuple[str, str, str]:
    """What a clause (small letters) tells to do, by which phrase, and its rest; ("", "", clause) if it begins with no verb."""
    bare = courteous(clause)
    first, _, more = bare.partition(" ")
    for form in dict.fromkeys((first, *_roots(first))):
        told = f"{form} {more}".rstrip()
        for phrase, found in _longest_first():
            if told == phrase or told.startswith(phrase + " "):
                return found, phrase, told[len(phrase) :].strip()
            verb, _, particle = phrase.partition(" ")  # "drop it off", "pick order-3 up"
            if particle in ("up", "off", "down", "over", "in") and form == verb:
                split = re.fullmatch(rf"(.+?) {particle}\b(.*)", more)
                if split and found in ("deliver", "collect", "put_down", "hand_over", "take_over"):
                    return found, phrase, f"{split.group(1)}{split.group(2)}".strip()
    return "", "", bare


def courteous(clause: str) -> str:
    """A clause without what is said for politeness or haste."""
    return _TAIL.sub("", _POLITE.sub("", clause.strip(" ,:")).strip())


@cache
def _longest_first() -> tuple[tuple[str, str], ...]:
    pairs = [(phrase, found) for found, phrases in PHRASES.items() for phrase in phrases]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _roots(word: str) -> tuple[str, ...]:
    """What a form of a verb may come from: delivering, delivers, delivered → deliver."""
    found = [_IRREGULAR[word]] if word in _IRREGULAR else []
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word[: -len(ending)]
            found += [stem, stem + "e"] + ([stem[:-1]] if len(stem) > 2 and stem[-1] == stem[-2] else [])
    return tuple(found)


def without_number(words: str) -> str:
    """Words without the number they begin with ("two coffees", "3 coffees")."""
    first, _, rest = words.partition(" ")
    return rest if rest and (first in _NUMBERS or re.fullmatch(r"\d+", first)) else words


def number(words: str) -> float | None:
    """The first number in some words: 9.5, $9.50, "twenty five", "half an hour"'s half; None without one."""
    found = re.search(r"\d+(?:\.\d+)?", words)
    if found:
        return float(found.group())
    total = None
    for word in re.findall(r"[a-z]+", words):
        if word in _NUMBERS and not (word in ("a", "an") and total is not None):
            value = _NUMBERS[word]
            total = value if total is None or word in ("a", "an") else total * 100 if value == 100 else total + value
        elif word == "half":
            return 0.5
        elif total is not None:
            break
    return None if total is None else float(total)


def duration_s(words: str) -> float | None:
    """How long "10 minutes", "half an hour", "90 s" or "a while" is; None where no time is told."""
    unit = re.search(
        r"\b(?P<h>hours?|h)\b|\b(?P<m>minutes?|mins?|m)\b|\b(?P<s>seconds?|secs?|s)\b|(?<=\d)(?P<u>[hms])\b", words
    )
    if not unit:
        return 60.0 if re.search(r"\b(a while|a moment|a bit)\b", words) else None
    each = {"h": 3600.0, "m": 60.0, "s": 1.0}[(unit.lastgroup or "s") if unit.lastgroup != "u" else unit.group()]
    many = number(words)
    return None if many is None else many * each


def percent(words: str) -> float | None:
    """The level that "to 80 %", "until full" or "half full" names; None without one."""
    found = re.search(r"(\d+(?:\.\d+)?)\s*(?:%|percent\b|per cent\b)?", words)
    if found:
        return float(found.group(1))
    if re.search(r"\bhalf\b", words):
        return 50.0
    return 100.0 if re.search(r"\b(full|fully|completely|recovered|rested|topped up)\b", words) else None
