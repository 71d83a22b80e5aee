"""One episode: a task, an engine, everyday life in the streets and a policy for each agent, step by step to the end."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.control import Town
from bridge.control.seeds import stream
from bridge.engine import Action, Engine
from bridge.errors import EngineFailed, InvalidInput, SimbridgeError, UsageError
from bridge.imagination import Instructed
from bridge.observation import Observation, observation
from bridge.scene import Scene
from bridge.sensors.outfits import sized_camera
from bridge.tasks.episodes import View
from bridge.tasks.task import LivingTask, Outcome, PeopledTask, PlacedTask, Task
from bridge.types import AgentState, Camera, Frame, WorldState
from evaluation.diary import Diary
from evaluation.minds import Answer, Mind
from evaluation.result import EpisodeResult
from evaluation.streets import FINE_TICKS, Life, Streets
from evaluation.wards import Ward
from policies.policy import Policy

_MOST_HOURS = 24.0


@dataclass(frozen=True)
class Settings:
    """How an episode is run. An agent decides at the latest `patience_s` after it did, and not sooner than `pause_s` after
    something was refused. A policy has `decision_s` of wall clock for an answer; then its agent waits. `coarse` lets bodies
    on open ways go without being looked at ten times a second; None decides by the engine. `trace_s` is how often places
    are noted. `view` is what cameras show at decisions, in its size if the rollout loads the scene; `cameras` of a recording are looked through once a step."""

    patience_s: float = 30.0
    pause_s: float = 2.0
    decision_s: float = 120.0
    coarse: bool | None = None
    trace_s: float = 1.0
    view: View | None = None
    cameras: tuple[str, ...] = ()


OnStep = Callable[[WorldState, Mapping[str, Outcome]], None]


def rollout(
    task: Task[Any],
    scene: Scene,
    engine: Engine,
    minds: Mapping[str, Policy],
    *,
    seed: int,
    ambient: Life | None = None,
    hours: float | None = None,
    record: str | Path | None = None,
    on_step: OnStep | None = None,
    settings: Settings | None = None,
    town: Town | None = None,
    names: Mapping[str, str] | None = None,
) -> EpisodeResult:
    """Runs one episode and tells what came of it. The same seed, minds and engine give the same result.

    `minds` has a policy for each of `task.agents(scene)`. It ends when the task is over for all, or after `hours` of
    simulated time. `ambient` brings traffic and pedestrians, unless the task brings its own or a place without streets.
    With a `town` the engine holds the scene already, and what is known of it is used again; otherwise the engine loads it. `record` is the file of a recording. `on_step` is shown
    the state and the outcomes after every step. `names` are what the policies are called, by agent, for the result.

    Policies that raise or stall are counted in their agents' rows; an engine that fails ends the episode with what there
    is. Raises InvalidInput for minds that do not fit, and what loading, resetting and setting up raise.
    """
    settings = settings or Settings()
    agents = task.agents(scene)
    if set(agents) != set(minds):
        raise InvalidInput(f"There are minds for {sorted(minds)}, but {sorted(agents)} take part. Give one to each.")
    most_s = 3600.0 * (_MOST_HOURS if hours is None else hours)
    if not 0 < most_s <= 3600.0 * _MOST_HOURS:
        raise InvalidInput(
            f"An episode of {hours} hours was asked for. Ask for more than 0 and at most {_MOST_HOURS:g}."
        )
    cameras: Mapping[str, Camera] = {}
    if town is None:
        cameras = engine.load(scene).cameras
        town = Town(scene)
    names = names or {agent: type(minds[agent]).__name__ for agent in agents}
    with _recorded(engine, scene, record, settings, task, names) as engine:
        episode = _Episode(task, town, engine, minds, seed=seed, ambient=ambient, settings=settings, cameras=cameras)
        try:
            episode.run(most_s, on_step)
        finally:
            episode.close()
        return episode.result(names)


@contextlib.contextmanager
def _recorded(
    engine: Engine, scene: Scene, path: str | Path | None, settings: Settings, task: Task, names: Mapping[str, str]
) -> Iterator[Engine]:
    """The engine, recorded meanwhile if a file is given."""
    if path is None:
        yield engine
        return
    from bridge.recording import Recorder

    recorder = Recorder(engine, scene=scene)
    recorder.describe(task=_name(task), policies=names)
    recorder.start(path, cameras=settings.cameras)
    try:
        yield recorder
    finally:
        recorder.stop()


def _name(task: Task) -> str:
    return type(task).__name__.lower()


class _Episode:
    """The episode under way."""

    def __init__(
        self, task: Task[Any], town: Town, engine: Engine, minds: Mapping[str, Policy], *, seed: int,
        ambient: Life | None, settings: Settings, cameras: Mapping[str, Camera],
    ) -> None:  # fmt: skip
        self.cameras = cameras
        self.task, self.scene, self.engine, self.seed, self.settings = task, town.scene, engine, seed, settings
        self.begun_s, self.begun_cpu_s = time.perf_counter(), time.process_time()
        self.agents = task.agents(self.scene)
        coarse = settings.coarse if settings.coarse is not None else "leaps" in engine.info.capabilities
        self.is_living, self.is_peopled = isinstance(task, LivingTask), isinstance(task, PeopledTask)  # dear to ask
        bare = isinstance(task, PeopledTask | PlacedTask)  # it brings what is about itself, or there is no street
        self.streets = Streets(town, None if bare else ambient, seed=seed, coarse=coarse and not bare)
        engine.reset(seed=seed)
        self.task_state, changes, briefings = task.setup(self.scene, stream(seed, "task"))
        self.streets.meet(changes)
        self.state = engine.edit([*changes, *self.streets.spawns()])
        self.wards = {agent: Ward(agent, town) for agent in self.agents}
        self.diary = Diary(self.agents, every_s=settings.trace_s)
        self.instructions = dict(briefings)
        if isinstance(engine, Instructed):
            engine.instruct(briefings)
        self.ended, self.failure = "", ""
        self.minds = {agent: Mind(agent, minds[agent]) for agent in self.agents}
        self.reports: dict[str, Mapping[str, Any]] = {}
        for agent, mind in self.minds.items():
            told = int(stream(seed, "mind", agent).integers(1 << 31))
            answer = mind.begin(seed=told, instruction=briefings.get(agent, ""), timeout_s=settings.decision_s)
            self._note(self.wards[agent], answer)
        self._learn()
        self.diary.look(self.state)

    def run(self, most_s: float, on_step: OnStep | None) -> None:
        """Step by step to the end."""
        end_s = self.state.time_s + most_s
        while not self.ended:
            try:
                outcomes = self._step(end_s)
            except EngineFailed as error:
                self.ended, self.failure = "engine", f"{type(error).__name__}: {error}"
                self.diary.note(self.state.time_s, "", "engine failed", {"why": self.failure})
                return
            if on_step is not None:
                on_step(self.state, outcomes)
            if all(ward.is_over for ward in self.wards.values()):
                self.ended = "over"
            elif self.state.time_s >= end_s - 1e-9:
                self.ended = "time"

    def _step(self, end_s: float) -> Mapping[str, Outcome]:
        """Lets all who are due decide, tells everybody what to do, and judges what came of it."""
        state, wards = self.state, self.wards
        led = [ward.controller for ward in wards.values() if ward.controller is not None]
        ticks = self.streets.ticks(state, led, end_s=end_s)
        orders = self.streets.lead(led, state, ticks)
        if self.is_peopled:
            orders |= self.task.leads(self.task_state, state)
        own = {agent.name: agent for agent in state.agents}
        for ward in wards.values():
            ward.look(own.get(ward.agent) or AgentState(ward.agent), state.time_s)
        due = [ward for ward in wards.values() if ward.is_due(state.time_s, self.settings.patience_s)]
        decided = self._decide(due, orders)
        fresh = [ward.controller for ward in due if ward.controller is not None and ward.agent in decided]
        orders |= self.streets.lead(fresh, state, ticks, others=False)
        if any(ward.doing in ("motion", "engine") for ward in wards.values()):
            ticks = min(ticks, FINE_TICKS)
        after = self._told(orders, decided, ticks)
        self.task_state, outcomes, briefings = self.task.advance(self.task_state, state, decided, after)
        self.instructions |= briefings
        self.state = after
        for agent in briefings:
            wards[agent].news = wards[agent].news or briefings[agent]
        if self.is_living and (changes := self.task.changes(self.task_state)):
            self.streets.meet(changes)
            self.state = self.engine.edit(changes)
        self._learn()
        self._judge(outcomes)
        self.diary.look(self.state)
        return outcomes

    def _decide(self, due: list[Ward], orders: dict[str, Action]) -> dict[str, Action]:
        """What was decided by those who are due; `orders` gets what the engine is told of it at once."""
        decided: dict[str, Action] = {}
        told = self.task.tells(self.task_state, self.state) if due else {}
        frames = self._frames(due)
        asked = []
        for ward in due:
            ward.count("decisions")
            if self.minds[ward.agent].ask(self._observation(ward, told, frames)):
                ward.messages = ()
                asked.append(ward)
            else:
                self._wait(ward, Answer(None, "The policy was still thinking.", is_late=True), orders)
        deadline = time.monotonic() + self.settings.decision_s
        for ward in asked:
            answer = self.minds[ward.agent].answer(max(deadline - time.monotonic(), 0.0))
            if answer.action is None:
                self._wait(ward, answer, orders)
            else:
                self._take(ward, answer.action, decided, orders)
        return decided

    def _take(self, ward: Ward, action: Action, decided: dict[str, Action], orders: dict[str, Action]) -> None:
        """Hands a decision to whoever carries it out, or tells the agent why nobody does."""
        now_s, task = self.state.time_s, self.task
        reason = task.refuses(self.task_state, self.state, ward.agent, action)
        if not reason:
            meant = action
            if self.is_living:
                meant = task.means(self.task_state, self.state, ward.agent, action)
            if ward.doing not in ("", "motion") and meant.motion == ward.skill:
                ward.news, ward.since_s = "", now_s  # it goes on with what it does
                if action.say:
                    decided[ward.agent] = Action(None, say=action.say)
                return
            try:
                order = ward.begin(meant, self.state, task.verbs)
            except SimbridgeError as error:
                reason = str(error)
            else:
                decided[ward.agent] = action
                if order is not None:
                    orders[ward.agent] = order
                if ward.doing == "":
                    ward.not_before_s = now_s + self.settings.pause_s
                return
        ward.count("refused")
        self.diary.note(now_s, ward.agent, "refused", {"why": reason})
        ward.news = ""
        ward.fail(reason, now_s, pause_s=self.settings.pause_s)
        orders[ward.agent] = Action()

    def _wait(self, ward: Ward, answer: Answer, orders: dict[str, Action]) -> None:
        """An agent whose policy did not decide goes on with what it does, or stands, and is asked again later."""
        self._note(ward, answer)
        ward.news, ward.since_s = "", self.state.time_s
        ward.not_before_s = self.state.time_s + self.settings.pause_s
        if ward.doing in ("", "motion"):
            ward.doing = ""
            orders[ward.agent] = Action()

    def _note(self, ward: Ward, answer: Answer) -> None:
        """Counts a policy that raised or was late."""
        if answer.trouble:
            kind = "mind_timeouts" if answer.is_late else "mind_errors"
            ward.count(kind)
            self.diary.note(self.state.time_s, ward.agent, kind.replace("_", " "), {"why": answer.trouble})

    def _told(self, orders: dict[str, Action], decided: dict[str, Action], ticks: int) -> WorldState:
        """The state after a step; decisions that the engine does not take are refused, and the rest is carried out."""
        try:
            return self.engine.step(orders, ticks)
        except UsageError as error:
            mine = [agent for agent in decided if agent in orders and f"'{agent}'" in str(error)] or list(decided)
            if not mine:
                raise
            for agent in mine:
                decided.pop(agent)
                orders[agent] = Action()
                self.wards[agent].count("refused")
                self.diary.note(self.state.time_s, agent, "refused", {"why": str(error)})
                self.wards[agent].fail(str(error), self.state.time_s, pause_s=self.settings.pause_s)
            return self._told(orders, decided, ticks)

    def _learn(self) -> None:
        """What agents learn from their task, if it goes on by itself."""
        if self.is_living:
            for ward in self.wards.values():
                if not ward.is_over:
                    ward.learn(self.task.affairs(self.task_state, ward.agent))
        else:
            for ward in self.wards.values():
                if ward.doing == "task" and ward.since_s < self.state.time_s:
                    ward.doing = ""

    def _judge(self, outcomes: Mapping[str, Outcome]) -> None:
        for agent, outcome in outcomes.items():
            ward = self.wards[agent]
            self.diary.judged(self.state.time_s, agent, outcome)
            if (outcome.terminated or outcome.truncated) and not ward.is_over:
                ward.is_over, ward.doing, ward.controller = True, "", None
                self.streets.stop(agent)

    def _observation(self, ward: Ward, told: Mapping[str, Any], frames: Mapping[str, Frame]) -> Observation:
        agent = ward.agent
        return observation(
            self.state, agent, frames=[frames[agent]] if agent in frames else (), messages=ward.messages,
            instruction=self.instructions.get(agent, ""), told=told.get(agent), verbs=self.task.verbs,
            notes=self.task.shows(self.task_state, self.state, agent), doing=ward.verb, failure=ward.failure,
        )  # fmt: skip

    def _frames(self, due: list[Ward]) -> dict[str, Frame]:
        """What the cameras of those who decide show."""
        view = self.settings.view
        if view is None or not due:
            return {}
        cameras = [
            sized_camera(ward.agent, view.camera, self.cameras, width=view.width, height=view.height) for ward in due
        ]
        found = self.engine.observe(cameras, view.modalities)
        return dict(zip((ward.agent for ward in due), found, strict=True))

    def close(self) -> None:
        """Lets the policies go, having asked what they counted."""
        for agent, mind in self.minds.items():
            report, unreported = mind.report()
            if report:
                self.reports[agent] = report
            for trouble in (unreported, mind.close()):
                if trouble:
                    self.diary.note(self.state.time_s, agent, "mind errors", {"why": trouble})

    def result(self, names: Mapping[str, str]) -> EpisodeResult:
        """What came of it."""
        counts = {agent: ward.counts for agent, ward in self.wards.items()}
        info = self.engine.info
        return EpisodeResult(
            scene=self.scene.name, scene_digest=self.scene.digest(), task=_name(self.task),
            engine=f"{info.name} {info.version}", seed=self.seed, policies=dict(names), ticks=self.state.tick,
            simulated_s=self.state.time_s, rows=self.diary.rows(counts), events=self.diary.events(),
            traces=self.diary.traces(), ended=self.ended, failure=self.failure,
            state_hash=0 if self.ended == "engine" else self.engine.state_hash(),
            wall_s=time.perf_counter() - self.begun_s, cpu_s=time.process_time() - self.begun_cpu_s,
            reports=self.reports,
        )  # fmt: skip
