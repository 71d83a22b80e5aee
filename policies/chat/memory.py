"""What an agent remembers of its decisions: the last ones word for word, the earlier ones counted up, and its own note."""

from collections import Counter, deque
from typing import Any

from policies.chat.answers import Answer


class Memory:
    """Keeps `most` decisions; those before are a running summary: how often each verb was chosen, and how often it failed."""

    def __init__(self, most: int) -> None:
        self._recent: deque[dict[str, Any]] = deque()
        self._most = most
        self._chosen: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._note = ""

    def decided(self, time_s: float, answer: Answer) -> None:
        """Remembers a decision."""
        did = " ".join(part for part in (answer.verb, answer.target) if part)
        entry: dict[str, Any] = {"t_s": round(time_s, 1), "did": did}
        entry |= {"args": dict(answer.args)} if answer.args else {}
        entry |= {"said": answer.say} if answer.say else {}
        self._note = answer.note or self._note
        self._recent.append(entry)
        while len(self._recent) > self._most:
            old = self._recent.popleft()
            verb = old["did"].split(" ", 1)[0]
            self._chosen[verb] += 1
            self._failed[verb] += "failed" in old

    def learned(self, failure: str) -> None:
        """Remembers why the last decision failed."""
        if failure and self._recent:
            self._recent[-1]["failed"] = failure[:300]

    def told(self) -> dict[str, Any]:
        """All of it, as a JSON document; empty at first."""
        earlier = {
            verb: f"{count} times" + (f", {self._failed[verb]} failed" if self._failed[verb] else "")
            for verb, count in sorted(self._chosen.items())
        }
        parts = {"your_note": self._note, "earlier": earlier, "last_decisions": list(self._recent)}
        return {name: part for name, part in parts.items() if part}
