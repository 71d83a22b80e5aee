"""Numbers in words and digits: counts, ranges ("3 to 5", "about twenty"), measures, wind speeds and clock times."""

import math

from scene_gen.understand.items import Item
from scene_gen.understand.lexicon import Sense

HUGE = 10**12
_BEFORE = ("about", "at-least", "over", "at-most", "under", "up-to", "almost", "from")
_AFTER = ("about-after", "at-least-after", "at-most-after")
_STARTS = (*_BEFORE, "digits", "number", "dozen", "amount", "clock", "hour-before", "article", "fraction")
_SUFFIXES = ("st", "nd", "rd", "th", "s")
_BEFORE_NOON = ("dawn", "morning")
_AFTER_NOON = ("noon", "afternoon", "evening", "dusk", "night")


def read_amounts(items: list[Item]) -> list[Item]:
    """The items with each number phrase replaced by one item: "count" (with bounds), "measure" [m], "speed" or "hours"."""
    found: list[Item] = []
    at = 0
    while at < len(items):
        negative = _negative(items, at)
        if negative is not None:
            item, at = negative
            found.append(item)
            continue
        for read in (_clock, _measure, _count) if items[at].is_a(*_STARTS) else ():
            result = read(items, at, found)
            if result is not None:
                item, at = result
                found.append(item)
                break
        else:
            found.append(items[at])
            at += 1
    return found


def _negative(items: list[Item], at: int) -> tuple[Item, int] | None:
    """A number with a minus right before it: a count with bounds below zero, or a measure that is not understood."""
    if at + 1 >= len(items) or items[at].text not in ("-", "−") or not items[at + 1].is_a("digits"):
        return None
    apart = at == 0 or (items[at - 1].end < items[at].start and not items[at - 1].is_a("break", "digits", "number"))
    if not apart or items[at].end != items[at + 1].start:
        return None
    for read in (_clock, _measure, _count):
        result = read(items, at + 1, [])
        if result is not None:
            end = result[1]
            break
    else:
        return None
    if not result[0].is_a("count") and end < len(items) and items[end].value("attribute") == "wide":
        end += 1
    item = _merged(items, at, end, Sense("count", ""))
    item.text = items[at].text + " ".join(part.text for part in items[at + 1 : end])
    if result[0].is_a("count") and result[0].bounds is not None:
        item.bounds = (-max(result[0].bounds[0], 1), 0)
        item.quantity = float(item.bounds[0])
    else:
        item.means(())
    return item, end


def _merged(items: list[Item], start: int, end: int, sense: Sense) -> Item:
    """One item over items[start:end]."""
    first, last = items[start], items[end - 1]
    sure = min(item.confidence for item in items[start:end])
    guessed = any(item.guessed for item in items[start:end])
    text = " ".join(item.text for item in items[start:end])
    return Item(
        text, first.start, last.end, (sense,), first.language, confidence=sure, guessed=guessed, glued=first.glued
    )


def _digits(text: str, *, is_measure: bool) -> float:
    """The value of digits: separators before three digits group thousands; one more decides decimals in measures."""
    parts = list(text.replace(",", ".").split("."))
    if sum(map(len, parts)) > 15:
        return float(HUGE)
    if len(parts) == 1:
        return float(parts[0])
    grouped = all(len(part) == 3 for part in parts[1:]) and 1 <= len(parts[0]) <= 3
    if grouped and not (is_measure and len(parts) == 2 and ("." in text or parts[0] == "0")):
        return float("".join(parts))
    return float(".".join((parts[0], "".join(parts[1:]))))


def _number(items: list[Item], at: int, *, is_measure: bool = False) -> tuple[float, int] | None:
    """The number that begins at `at`, in digits or words, and where it ends."""
    if at >= len(items):
        return None
    first = items[at]
    if first.is_a("digits"):
        value, at = _digits(first.value("digits"), is_measure=is_measure), at + 1
        while at < len(items) and items[at].is_a("number") and _value(items[at]) >= 100:
            value, at = min(value * _value(items[at]), HUGE), at + 1
        return value, at
    total, current, begun = 0.0, 0.0, False
    while at < len(items):
        item, step = items[at], 1
        if begun and item.is_a("conjunction") and at + 1 < len(items) and items[at + 1].is_a("number"):
            if not _joins(current, _value(items[at + 1]), item.language, is_joined=True):
                break
            item, step = items[at + 1], 2
        if not item.is_a("number"):
            break
        value = _value(item)
        if value >= 100 and (begun or not total):
            if begun and current == 0 and total == 0:
                break
            current = min(max(current, 1.0) * value, HUGE)
            if value >= 1000:
                total, current = min(total + current, HUGE), 0.0
        elif not begun or _joins(current, value, item.language) or (total and current == 0):
            current += value
        else:
            break
        begun, at = True, at + step
    return (min(total + current, HUGE), at) if begun else None


def _value(item: Item) -> float:
    return float(item.value("number"))


def _joins(current: float, value: float, language: str, *, is_joined: bool = False) -> bool:
    """Whether a smaller number word goes on the number so far: twenty + five, hundred + twenty, Arabic five + twenty."""
    if value >= 100 or value == 0:
        return False
    rest = current % 100
    if current >= 100 and rest == 0:
        return True
    if is_joined and language == "en":
        return False
    if language == "ar" and 0 < rest < 10 and value >= 20 and value % 10 == 0:
        return True
    if language == "fr" and rest in (60, 80) and value < 20:
        return True
    return rest >= 20 and rest % 10 == 0 and value < 10


def _count(items: list[Item], at: int, found: list[Item]) -> tuple[Item, int] | None:
    begin = at
    words: list[str] = []
    if (
        items[at].is_a("article")
        and at + 1 < len(items)
        and (items[at + 1].is_a("dozen") or _is_hundred(items[at + 1]))
    ):
        at += 1
    while at < len(items) and items[at].is_a(*_BEFORE) and len(words) < 2:
        words.append(next(sense.what for sense in items[at].senses if sense.what in _BEFORE))
        at += 1
        if at < len(items) and items[at].is_a("article"):
            at += 1
    amount = items[at].value("amount") if at < len(items) else ""
    if words and amount and items[at].is_a(*_BEFORE):
        amount = ""
    first = _dozens(items, at)
    if first is None:
        if not amount and items[begin].is_a("amount"):
            at, amount = begin, items[begin].value("amount")
        if not amount:
            return None
        low, _, high = amount.partition("-")
        start, end, times = begin if words and at != begin else at, at + 1, 1
        if end < len(items) and (_is_hundred(items[end]) or items[end].is_a("dozen")):
            times = int(items[end].value("dozen") or items[end].value("number"))
            end += 1
        item = _merged(items, start, end, Sense("count", ""))
        item.bounds = (int(low) * times, int(high) * times if high else None)
        item.is_vague = not high
        return item, end
    value, at = first
    if at < len(items) and items[at].is_a("storey"):
        sense = (
            Sense("attribute", "tall")
            if value >= 4
            else Sense("attribute", "low")
            if value == 1
            else Sense("stop", "-")
        )
        return _merged(items, begin, at + 1, sense), at + 1
    if at < len(items) and _is_suffix(items, at):
        item = _merged(items, begin, at + 1, Sense("ordinal", ""))
        return item, at + 1
    is_round = any(item.is_a("dozen") and item.value("dozen") != "12" for item in items[begin:at])
    bounds = _bounded(round(value), words[-1] if words else "about" if is_round else "")
    second = _second(items, at, is_between="from" in words)
    if second is not None:
        other, at = second
        bounds = (round(min(value, other)), round(max(value, other)))
    while at < len(items) and items[at].is_a("classifier", *_AFTER):
        if not items[at].is_a("classifier"):
            if items[at].is_a("stop") and not items[at].is_a("about-after") and _noun_follows(items, at):
                break
            bounds = _bounded(round(value), next(s.what for s in items[at].senses if s.what in _AFTER))
        at += 1
    item = _merged(items, begin, at, Sense("count", ""))
    item.bounds, item.quantity = bounds, value
    return item, at


def _noun_follows(items: list[Item], at: int) -> bool:
    return at + 1 < len(items) and items[at + 1].is_noun and not items[at].is_a("at-most-after")


def _is_hundred(item: Item) -> bool:
    return item.is_a("number") and _value(item) >= 100


def _is_suffix(items: list[Item], at: int) -> bool:
    return items[at].text in _SUFFIXES and items[at].start == items[at - 1].end and items[at - 1].is_a("digits")


def _dozens(items: list[Item], at: int) -> tuple[float, int] | None:
    number = _number(items, at)
    value, end = number if number is not None else (1.0, at)
    if end < len(items) and items[end].is_a("dozen"):
        return min(value * float(items[end].value("dozen")), HUGE), end + 1
    return number


def _second(items: list[Item], at: int, *, is_between: bool) -> tuple[float, int] | None:
    """The upper end of a range whose lower end came just before `at`."""
    while at < len(items) and items[at].is_a("classifier"):
        at += 1
    joins = ("range", "dash", "or", "conjunction") if is_between else ("range", "dash", "or")
    if at + 1 < len(items) and items[at].is_a(*joins):
        return _dozens(items, at + 1)
    return None


def _bounded(n: int, word: str) -> tuple[int, int | None]:
    """Bounds of a count with the word that stands by it."""
    slack = max(1, round(0.2 * n))
    table: dict[str, tuple[int, int | None]] = {
        "about": (max(1, n - slack), n + slack),
        "about-after": (max(1, n - slack), n + slack),
        "at-least": (n, None),
        "at-least-after": (n, None),
        "over": (n + 1, None),
        "at-most": (0, n),
        "at-most-after": (0, n),
        "under": (0, max(n - 1, 0)),
        "up-to": (min(1, n), n),
        "almost": (max(0, n - slack), n),
    }
    return table.get(word, (n, n))


def _measure(items: list[Item], at: int, found: list[Item]) -> tuple[Item, int] | None:
    """A length, an area (as the side of its square) or a wind speed."""
    begin = at
    while at < len(items) and items[at].is_a(*_BEFORE) and at - begin < 2:
        at += 1
    if at < len(items) and items[at].is_a("amount") and items[at].value("amount") == "6-6":
        return None
    number = _number(items, at, is_measure=True)
    if number is None and at < len(items) and items[at].is_a("fraction"):
        number = float(items[at].value("fraction")), at + 1
    if number is None:
        return None
    value, at = number
    other = None
    if at + 1 < len(items) and _is_times(items[at]):
        other = _number(items, at + 1, is_measure=True)
    if other is not None:
        value, at = math.sqrt(max(value, 0.0) * max(other[0], 0.0)), other[1]
    if at >= len(items):
        return None
    unit = items[at]
    if unit.is_a("speed"):
        item = _merged(items, begin, at + 1, Sense("speed", repr(value * float(unit.value("speed")))))
    elif unit.is_a("area"):
        item = _merged(items, begin, at + 1, Sense("measure", repr(math.sqrt(value * float(unit.value("area"))))))
        item.means((*item.senses, Sense("across", "")))
    elif unit.is_a("unit"):
        metres = float(unit.value("unit"))
        end = at + 1
        if end < len(items) and items[end].text == "²":
            item = _merged(items, begin, end + 1, Sense("measure", repr(math.sqrt(value) * metres)))
            item.means((*item.senses, Sense("across", "")))
            return item, end + 1
        again = _number(items, end + 1, is_measure=True) if end + 1 < len(items) and _is_times(items[end]) else None
        if again is not None and again[1] < len(items) and items[again[1]].is_a("unit"):
            both = value * metres * again[0] * float(items[again[1]].value("unit"))
            item = _merged(items, begin, again[1] + 1, Sense("measure", repr(math.sqrt(both))))
            item.means((*item.senses, Sense("across", "")))
            return item, again[1] + 1
        item = _merged(items, begin, end, Sense("measure", repr(value * metres)))
        if other is not None:
            item.means((*item.senses, Sense("across", "")))
    else:
        return None
    return item, at + 1


def _is_times(item: Item) -> bool:
    return item.is_a("times") or item.text in ("x", "by", "на", "mal", "por", "par", "per", "乘", "かける")


def _clock(items: list[Item], at: int, found: list[Item]) -> tuple[Item, int] | None:
    """A time of day: 17:30, 5 pm, 6 Uhr, 18h30, a las 5, 下午5点."""
    begin = at
    item = items[at]
    has_word = False
    if item.is_a("hour-before") and at + 1 < len(items):
        number = items[at + 1].is_a("digits", "number", "clock")
        if not number:
            return None
        at, has_word = at + 1, True
        item = items[at]
    if item.is_a("clock"):
        hours, _, minutes = item.value("clock").partition(":")
        value, at, has_word = int(hours) + int(minutes) / 60, at + 1, True
    else:
        number = _number(items, at)
        if number is None or not 0 <= number[0] <= 24 or number[0] % 1:
            return None
        value, at = number
    if at < len(items) and items[at].is_a("hour"):
        at, has_word = at + 1, True
        minutes = _number(items, at)
        if minutes is not None and minutes[0] < 60 and value % 1 == 0:
            after = minutes[1]
            if after < len(items) and items[after].is_a("minute"):
                value, at = value + minutes[0] / 60, after + 1
            elif items[at].start == items[at - 1].end and items[at].is_a("digits"):
                value, at = value + minutes[0] / 60, after
        elif at < len(items) and items[at].is_a("half-hour"):
            value, at = value + 0.5, at + 1
    half = ""
    ahead = at
    while (
        ahead < len(items)
        and ahead - at < 3
        and items[ahead].is_a("stop", "relation", "definite", "of")
        and not items[ahead].is_a("half", "time")
    ):
        ahead += 1
    if at < len(items) and items[at].is_a("half"):
        half, at, has_word = items[at].value("half"), at + 1, True
    elif ahead < len(items) and items[ahead].is_a("time") and (has_word or (ahead > at and _is_small(found))):
        half, has_word = _half(items[ahead]), True
    if not half:
        for before in (found[-1:], found[-2:-1]):
            if before and before[0].is_a("half"):
                half, has_word = before[0].value("half"), True
                before[0].is_used = True
                break
            if has_word and before and before[0].is_a("time"):
                half = _half(before[0])
                break
            if not before or not before[0].is_a("stop", "of"):
                break
    if not has_word or not 0 <= value <= 24:
        return None
    if half == "pm" and value < 12:
        value += 12
    elif half == "am" and 12 <= value < 13:
        value -= 12
    return _merged(items, begin, at, Sense("hours", repr(round(value % 24, 3)))), at


def _is_small(found: list[Item]) -> bool:
    """Whether the word before a number can stand before an hour, as in "at 6 in the morning"."""
    return bool(found) and found[-1].is_a("relation", "stop", "of") and not found[-1].is_noun


def _half(item: Item) -> str:
    time = item.value("time")
    return "am" if time in _BEFORE_NOON else "pm" if time in _AFTER_NOON else ""
