"""A world in near detail: physics moves whom something is near, everybody else keeps to a course, many ticks at once.

On courses bodies go exactly as they are told (see courses). Who comes near another body, a loose thing, a wall, water, a
cliff or a swinging door is handed to physics before they can touch, with the place and velocity they have, and taken back
when nothing is near or touches them any more. Who is handed over is decided for a beat of a few ticks at a time, at ticks
that do not depend on how long steps are, and anew when somebody is told something else.
"""

import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S
from bridge.engines.embedded.company import Company
from bridge.engines.embedded.compile import Compiled
from bridge.engines.embedded.courses import WALKER, WHEELS, Course
from bridge.engines.embedded.handed import Handed
from bridge.engines.embedded.led import LedWorld
from bridge.engines.embedded.motion import FALL, HOLD, MODE, ORDER
from bridge.engines.embedded.outlines import FREE

Array = NDArray[np.float64]
Slots = NDArray[np.int64]
Mask = NDArray[np.bool_]
BEAT = 5
"""Ticks between two looks at who is near whom."""
_STILL, _REST_M_S, _RESTS = 1e-9, 2e-3, 2
"""What moves at all; what is slower than this for two beats comes to rest."""
_AIR_M = 0.05
"""Who is higher above the ground than this falls."""


class NearWorld(LedWorld):
    """The world of the embedded engine with `detail` near. `go` advances it."""

    def use(self, compiled: Compiled) -> None:
        """Starts from a model's first state."""
        super().use(compiled)
        self._handed = Handed(self)
        self._company = Company(self, self._room, self.courses.rows)
        self._rests = np.zeros(len(self.slots), dtype=np.int64)
        self._is_told = True

    def enrol(self) -> None:
        """Lists anew who is there."""
        super().enrol()
        self._is_there = np.array([bool(name) for name in self.slots])
        self._is_told = True

    def survey(self) -> None:
        """Brings the geometry that rays see to where bodies are."""
        self._handed.survey()

    @property
    def handed(self) -> tuple[str, ...]:
        """Names of those whom physics moves at present."""
        return tuple(self.slots[slot] for slot in np.flatnonzero(self._handed.mask | self._is_fresh()))

    def begin_course(self, slot: int) -> None:
        """From now on a body goes another way than it would have gone."""
        super().begin_course(slot)
        self._is_told = True

    def awake(self, slots: Slots) -> Mask:
        """Which of these slots move, or are moved by physics."""
        if self.robots:
            return super().awake(slots)
        moves = np.zeros(len(self.slots), dtype=bool)
        moves[self._going()] = True
        return (moves | self._handed.mask)[slots]

    def live(self, slots: Slots) -> Mask:
        """Which of these slots are to be pushed: those handed over, unless somebody carries them."""
        if self.robots:
            return super().live(slots)
        live = self._handed.mask[slots]
        return live & ~np.isin(slots, list(self.follows)) if self.follows else live

    def go(self, ticks: int) -> None:
        """So many ticks; contacts are those of the last."""
        end = self.tick + ticks
        self.contacts.clear()
        self.motion.shorebound = shorebound = np.zeros(0, dtype=np.int64)
        while self.tick < end:
            if self.robots:
                self.advance(reports=self.tick + 1 == end)
            else:
                self._go_on(end)
            shorebound = np.union1d(shorebound, self.motion.shorebound)
        self.motion.shorebound = shorebound
        self.state.follow()

    def _go_on(self, end: int) -> None:
        """The rest of a beat by physics, if somebody is handed over; else up to the beat in which somebody will be."""
        beat = self.tick - self.tick % BEAT + BEAT
        if self.tick % BEAT == 0 or self._is_told:
            last = end + -end % BEAT
            course, free = self._decide(beat, last)
            clear = self.tick + int(free.min(initial=last - self.tick))
            until = min(end, clear - clear % BEAT)
        else:
            course, until = self.courses.ahead(self._on_course(), self.tick, beat - self.tick), min(end, beat)
        if self._handed.mask.any():
            until = min(end, beat)
            self._by_physics(course.part(~self._handed.mask[course.slots], until - self.tick), until, end)
        else:
            self._leap(course.part(np.arange(len(course.slots)), until - self.tick), until)

    def _decide(self, beat: int, last: int) -> tuple[Course, NDArray[np.int64]]:
        """Hands over whom something is near before `beat`, and takes back whom nothing is; the courses of all who go until
        `last`, and for how many ticks each of those is free (see Company).
        """
        mask, is_beat = self._handed.mask, self.tick % BEAT == 0
        fresh = self._is_fresh()
        mask |= fresh
        self.fresh.clear()
        self._is_told = False
        mask &= self._is_there
        if self.follows:
            mask[list(self.follows)] = False
        led = np.flatnonzero(mask)
        upright = led[self.role[led] != FREE]
        for slot in upright.tolist() if is_beat else ():
            self.courses.begin(slot, self.tick)
        ticks = (beat if mask.any() else last) - self.tick
        course = self.courses.ahead(np.union1d(self._going(), upright), self.tick, ticks)
        free = self._company.free_ticks(course, mask)
        near = np.zeros(len(mask), dtype=bool)
        near[course.slots[free < beat - self.tick]] = True
        before = mask.copy()
        if is_beat and len(led):
            self._take_back(led, near | fresh)
        mask |= near
        over = np.flatnonzero(mask & ~before)
        if len(over):
            self.courses.turn_wheels(over)
        self._handed.lull()
        return course, free

    def _take_back(self, led: Slots, needed: Mask) -> None:
        """Takes back those who touch nothing, stand on the ground and are not needed, and who came to rest."""
        mask = self._handed.mask
        slow = np.array([np.abs(self.state.share(slot)[1]).max() < _REST_M_S for slot in led.tolist()])
        told = (self.own[led, MODE] != HOLD) & (self.own[led, ORDER] != 0).any(axis=1)
        self._rests[led] = np.where(slow & ~told, self._rests[led] + 1, 0)
        rests = self._rests[led] >= _RESTS
        walks, rolls = led[self.role[led] == WALKER], led[self.role[led] == WHEELS]
        holds = needed.copy()
        holds[self._touching()] = True
        state = self.data.qpos[self.courses.rows[walks]]
        holds[walks] |= state[:, 2] > self.ground.height(state[:, :3]) + _AIR_M
        holds[rolls] |= self.own[rolls, FALL] != 0
        holds[led[self.role[led] == FREE]] = True
        back = led[rests | ~holds[led]]
        mask[back] = False
        self._rests[back] = 0
        for slot in led[rests].tolist():
            self.data.qvel[self._handed.dofs_of(slot)] = 0.0

    def _touching(self) -> Slots:
        """Who touched something in the last step of physics."""
        contact = self.data.contact
        owner = self.compiled.owner[contact.geom[contact.efc_address >= 0].reshape(-1)]
        return np.unique(owner[(owner >= 0) & (owner < len(self.slots))])

    def _by_physics(self, course: Course, until: int, end: int) -> None:
        """Those handed over move by physics, tick by tick, while the others, in nobody's way, keep to their courses."""
        data, dofs, begun = self.data, self.courses.dofs[course.slots], self.tick
        kept = data.qvel[dofs]
        self.motion.forget()
        self._handed.rouse()
        while self.tick < until:
            self._push_and_settle(reports=self.tick + 1 == end)
            self._handed.keep_awake()
        data.qvel[dofs] += kept
        woken = np.setdiff1d(self._handed.woken(), list(self.follows))
        self._handed.mask[woken] = True
        self._handed.stop()
        self._is_told |= bool(len(woken))
        self._arrive(course.part(~np.isin(course.slots, woken), until - begun))
        self.state.follow()
        self.gait.advance((until - begun) * TICK_S)

    def _leap(self, course: Course, until: int) -> None:
        """Everybody keeps to their course."""
        begun, self.tick = self.tick, until
        self.motion.shorebound = course.slots[:0]
        self._arrive(course)
        for _ in range(until - begun if self.doors.names else 0):
            self.doors.advance()
        self.state.follow()
        self.gait.advance((until - begun) * TICK_S)

    def _arrive(self, course: Course) -> None:
        """Writes down where those on courses are at the end of them, on the ground there."""
        slots = course.slots
        if not len(slots):
            return
        rows, dofs = self.courses.rows[slots], self.courses.dofs[slots]
        end = np.column_stack([course.xy[-1], self.data.qpos[rows[:, 2]], course.yaw[-1]])
        walks, rolls = course.role == WALKER, course.role == WHEELS
        if walks.any():
            end[walks, 2] = self.ground.height(end[walks, :3])
        if rolls.any():
            end[rolls, 2] = self.courses.land(slots[rolls], end[rolls], self.own)
            self.courses.lean(slots, course)
        self.data.qpos[rows] = end
        self.data.qvel[dofs[:, :2]] = course.velocity[-1]
        self.data.qvel[dofs[:, 2]] = 0.0
        self.data.qvel[dofs[:, 3]] = course.rate[-1]

    def _going(self) -> Slots:
        """Those that move or are told to, and that nobody carries; also by physics."""
        slots = self._upright
        rates = self.data.qvel[self.courses.dofs[slots]]
        told = (self.own[slots, MODE] != HOLD) & (self.own[slots, ORDER] != 0).any(axis=1)
        going = slots[told | (np.abs(rates) > _STILL).any(axis=1)]
        return going[~np.isin(going, list(self.follows))] if self.follows and len(going) else going

    def _on_course(self) -> Slots:
        going = self._going()
        return going[~self._handed.mask[going]]

    def _is_fresh(self) -> Mask:
        fresh = np.zeros(len(self.slots), dtype=bool)
        fresh[list(self.fresh)] = True
        return fresh

    def digest(self, more: bytes) -> int:
        """64 bits of everything that what happens next depends on; `more` is what else does."""
        order = self.order
        handed = self._handed.mask | self._is_fresh()
        return super().digest(more + self.courses.bytes(order) + handed[order].tobytes() + self._rests[order].tobytes())
