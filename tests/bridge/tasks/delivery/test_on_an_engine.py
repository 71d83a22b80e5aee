"""Delivery on the embedded engine: what the task changes can be made, and what couriers do is read back from physics."""

import json

import numpy as np
import pytest

from bridge.control.seeds import stream
from bridge.engine import Action, Move, Skill, Velocity
from bridge.frames import quat_from_yaw
from bridge.tasks.delivery import Config, make
from bridge.tasks.delivery.config import Body, Demand
from bridge.types import Pose
from tests.bridge.control.towns import hamlet, loaded_engine, where

ONE = "courier-1"


class Running:
    """A shift on the embedded engine, stepped by hand."""

    def __init__(self, config: Config) -> None:
        self.engine, self.task = loaded_engine(), make(config)
        self.engine.reset(seed=1)
        self.shift, changes, _ = self.task.setup(hamlet().scene, stream(1, "task"))
        self.state = self.engine.edit(changes)

    def put(self, name: str, xy) -> None:
        level = where(self.state, name)[2]
        x, y = np.asarray(xy)[:2]
        ground = float(hamlet().scene.terrain.height_at((x, y)))
        self.state = self.engine.edit(
            [Move(name, Pose(np.array([x, y, max(level, ground) + 0.05]), quat_from_yaw(0.0)))]
        )

    def step(self, action: Action, ticks: int = 10) -> None:
        is_physical = not (isinstance(action.motion, Skill) and action.motion.verb in self.task.verbs)
        before, self.state = self.state, self.engine.step({ONE: action} if is_physical else {ONE: Action()}, ticks)
        self.shift, _, _ = self.task.advance(self.shift, before, {ONE: action}, self.state)
        if changes := self.task.changes(self.shift):
            self.state = self.engine.edit(changes)


@pytest.fixture
def running():
    made = []

    def begin(**options) -> Running:
        made.append(Running(Config(agents=2, hours=0.5, demand=Demand(orders_per_agent_h=0.0), **options)))
        return made[-1]

    yield begin
    for one in made:
        one.engine.close()


def test_a_bought_scooter_is_mounted_and_ridden_and_its_battery_drains(running):
    run = running()
    places = run.shift.world.places
    run.put(ONE, places.doors[places.services["dealer"][0]])
    run.step(Action(Skill("buy", "", json.dumps({"item": "scooter"}))))
    scooter = run.shift.couriers[ONE].scooter
    assert scooter in run.state.names
    for _ in range(10):
        run.step(Action())  # it settles on the ground
    run.put(ONE, where(run.state, scooter)[:2] + [0.9, 0.0])
    ride = Action(Skill("ride", scooter))
    assert run.task.refuses(run.shift, run.state, ONE, ride) == ""
    for _ in range(8):
        run.step(ride)
    assert run.shift.riding == {ONE: scooter}
    for _ in range(15):
        run.step(Action(Velocity(3.0)))
    metres = run.shift.gauges.metres[0]
    assert metres[1] > 2.0
    assert run.shift.gauge(ONE, "battery") == pytest.approx(100.0 - 0.04 * metres[1])


def test_who_collapses_wakes_up_at_the_hospital_s_door(running):
    run = running(body=Body(begin_pct=0.2))
    for _ in range(60):
        run.step(Action(Velocity(1.5)))
        if run.shift.busy:
            break
    hospital = run.shift.world.places.services["hospital"][0]
    door = run.shift.world.places.doors[hospital]
    assert np.linalg.norm(where(run.state, ONE)[:2] - door[:2]) < 2.0
    for _ in range(10):
        run.step(Action())
    assert abs(where(run.state, ONE)[2] - door[2]) < 0.5
    assert run.shift.couriers[ONE].tally.collapses == 1


def test_a_rented_car_comes_and_goes(running):
    run = running()
    places = run.shift.world.places
    run.put(ONE, places.doors[places.services["rental"][0]])
    run.step(Action(Skill("rent")))
    car = run.shift.couriers[ONE].car
    assert car in run.state.names
    run.step(Action())
    run.step(Action(Skill("return_rental")))
    assert not run.shift.failures
    assert car not in run.state.names
    run.step(Action())
