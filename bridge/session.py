"""Who is connected and who owns what: sessions with leases, agents with one owner each, answers that are remembered.

All of it is data and rules, without network or clock of its own, and belongs to one thread.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from bridge.errors import NotAllowed, OverQuota, Refused, SessionEnded, UnknownName
from bridge.plugins import unknown_name
from bridge.ring import RingWriter

REMEMBERED = 4
"""How many answered steps of a session can be asked for again."""


@dataclass(eq=False)
class UnderWay:
    """A step that the engine has not answered yet, and the functions that are told its answer or error."""

    since: float
    waiting: list[Callable[[Any, BaseException | None], None]] = field(default_factory=list)

    def end(self, answer: Any, error: BaseException | None) -> None:
        """Tells all who wait."""
        waiting, self.waiting = self.waiting, []
        for tell in waiting:
            tell(answer, error)


@dataclass(eq=False)
class Session:
    """One client's seat. `token` is its secret name in calls; `resume_token` lets another connection take it up."""

    client_name: str
    is_observer: bool
    token: str
    resume_token: str
    since: int
    expires: float
    agents: dict[str, None] = field(default_factory=dict)
    last_sequence: int = 0
    answers: OrderedDict[int, Any] = field(default_factory=OrderedDict)
    under_way: dict[int, UnderWay] = field(default_factory=dict)
    ring: RingWriter | None = None
    lost: Exception | None = None
    """Why the engine did not come back from it, until it is told."""
    is_astray: bool = False
    """Whether steps may have been answered that nobody here knows of: the next number is whatever comes."""

    def lose(self, error: Exception) -> None:
        """The engine died while it was lent to this session."""
        self.lost, self.is_astray = error, True
        self.answers.clear()

    def remember(self, sequence: int, answer: Any) -> None:
        """Keeps an answer for a client that asks for it again."""
        self.last_sequence, self.is_astray = sequence, False
        self.answers[sequence] = answer
        while len(self.answers) > REMEMBERED:
            self.answers.popitem(last=False)

    def recall(self, sequence: int) -> Any | None:
        """The remembered answer, or None if this is the next step. Raises Refused for any other number."""
        if sequence in self.answers:
            return self.answers[sequence]
        if self.is_astray and sequence > self.last_sequence:
            return None
        if sequence != self.last_sequence + 1:
            why = "was answered long ago" if sequence <= self.last_sequence else "skips some"
            raise Refused(
                f"Step sequence {sequence} {why}; expected {self.last_sequence + 1}"
                + (f", or {self.last_sequence} again." if self.last_sequence else ".")
            )
        return None


class Sessions:
    """All seats of one server."""

    def __init__(self, *, lease_s: float, limit: int, clock: Callable[[], float]):
        self.lease_s, self.limit, self.clock = lease_s, limit, clock
        self._by_token: dict[str, Session] = {}
        self._by_resume: dict[str, Session] = {}
        self._owner: dict[str, Session] = {}
        self._ended: OrderedDict[str, str] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return len(self._by_token)

    def __contains__(self, session: Session) -> bool:
        return self._by_token.get(session.token) is session

    def create(self, client_name: str, *, is_observer: bool) -> Session:
        """A new seat."""
        if len(self._by_token) >= self.limit:
            raise OverQuota(f"{self.limit} sessions are open and this server takes no more. Close one, or try later.")
        self._count += 1
        made = Session(client_name, is_observer, secrets.token_urlsafe(18), secrets.token_urlsafe(18), self._count, 0.0)
        self._by_token[made.token] = self._by_resume[made.resume_token] = made
        self.renew(made)
        return made

    def resume(self, resume_token: str) -> Session:
        """The seat again, under a new token: whoever still has the old one has lost it."""
        found = self._by_resume.get(resume_token)
        if found is None:
            raise SessionEnded(f"No session can be resumed by that token: {_GONE} Connect without it.")
        self._forget(found.token, "was taken up by another connection")
        found.token = secrets.token_urlsafe(18)
        self._by_token[found.token] = found
        self.renew(found)
        return found

    def find(self, token: str) -> Session:
        """The session of a call, its lease renewed. Raises SessionEnded."""
        found = self._by_token.get(token)
        if found is None:
            why = self._ended.get(token)
            raise SessionEnded(f"This session {why}. Connect again." if why else f"This session is unknown: {_GONE}")
        self.renew(found)
        return found

    def controller(self, token: str, what: str) -> Session:
        """The session of a call that changes the world. Raises NotAllowed for observers."""
        found = self.find(token)
        if found.is_observer:
            raise NotAllowed(f"An observer may not {what}. Connect with role='controller'.")
        return found

    def claim(self, session: Session, agents: Iterable[str], known: Iterable[str]) -> None:
        """Gives all of the agents to a session, or none."""
        agents, known = tuple(agents), tuple(known)
        for agent in agents:
            if agent not in known:
                raise UnknownName(unknown_name("agent", agent, known))
            self.check_free(session, agent)
        session.agents.update(dict.fromkeys(agents))
        self._owner.update(dict.fromkeys(agents, session))

    def check_free(self, session: Session, agent: str) -> None:
        """Raises Refused if somebody else owns an agent."""
        owner = self._owner.get(agent)
        if owner is not None and owner is not session:
            raise Refused(f"Agent '{agent}' is held by {self.describe(owner)}. Wait, or take another agent.")

    def release(self, session: Session, agents: Iterable[str]) -> None:
        """Frees those of the agents that the session owns."""
        for agent in agents:
            if self._owner.get(agent) is session:
                del self._owner[agent], session.agents[agent]

    def forget_agents(self, gone: Iterable[str]) -> None:
        """Frees agents that are in the world no longer."""
        for agent in gone:
            if agent in self._owner:
                self.release(self._owner[agent], [agent])

    def owners(self) -> list[Session]:
        """Sessions that hold agents, the one that has been here longest first."""
        return sorted({id(s): s for s in self._owner.values()}.values(), key=lambda session: session.since)

    def check_host(self, session: Session, what: str) -> None:
        """While agents are held, only the session that has been here longest may change the world under all of them."""
        owners = self.owners()
        if owners and owners[0] is not session:
            raise Refused(f"Only {self.describe(owners[0])} may {what} while agents are held. Ask there, or wait.")

    def end(self, session: Session, why: str = "was closed") -> None:
        """Frees what a session holds; its later calls say why."""
        self.release(session, list(session.agents))
        self._forget(session.token, why)
        self._by_resume.pop(session.resume_token, None)
        if session.ring is not None:
            session.ring.close()
            session.ring = None

    def late_steps(self, limit_s: float) -> list[UnderWay]:
        """Steps that have been under way for longer than that."""
        start = self.clock() - limit_s
        return [step for s in self._by_token.values() for step in s.under_way.values() if step.since < start]

    def sweep(self) -> list[Session]:
        """Ends the sessions whose leases have run out, and returns them."""
        now = self.clock()
        late = [s for s in self._by_token.values() if s.expires < now and not s.under_way]
        for session in late:
            self.end(session, f"was silent for longer than its lease of {self.lease_s:g} s and has ended")
        return late

    def end_all(self) -> None:
        """Ends every session."""
        for session in list(self._by_token.values()):
            self.end(session, "ended with the server")

    def describe(self, session: Session) -> str:
        """A session as others may know it: client and expiry, never its token."""
        return f"'{session.client_name}', whose lease ends in {max(session.expires - self.clock(), 0.0):.1f} s"

    def renew(self, session: Session) -> None:
        """A sign of life."""
        session.expires = self.clock() + self.lease_s

    def _forget(self, token: str, why: str) -> None:
        self._by_token.pop(token, None)
        self._ended[token] = why
        while len(self._ended) > 1000:
            self._ended.popitem(last=False)


_GONE = "its lease ran out, or the server was started anew."
