"""Driving as pure functions: seeded routes, progress, each infraction, comfort worked by hand, and the score they make."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.control.signals import AMBER_S, CLEAR_S, GREEN_S
from bridge.engine import Action, Drive, Skill, Spawn, Velocity
from bridge.errors import InvalidInput, InvalidScene
from bridge.frames import quat_from_yaw
from bridge.robots.tabletop import tabletop_scene
from bridge.tasks.drive import Config, comfort, make
from bridge.tasks.drive.ahead import FAR_M, WAYPOINTS_M
from bridge.types import AgentState, Contacts, WorldState
from tests.bridge.control.towns import hamlet

EGO = "ego-1"
QUIET = Config(vehicles=0, pedestrians=0)


@pytest.fixture(scope="module")
def task():
    return make(QUIET)


@pytest.fixture(scope="module")
def begun(task):
    return task.setup(hamlet().scene, np.random.default_rng(0))[0]


def driving(ride, arc_m, *, time_s=0.0, speed=5.0, aside_m=0.0, touching=(), others=()) -> WorldState:
    """The ego on its route, `aside_m` to the left of it; `others` stand at points (name, xy)."""
    route = ride.route
    ahead = route.headings[min(int(np.searchsorted(route.arc_m, arc_m)), len(route.arc_m) - 1)]
    at = route.at(arc_m) + aside_m * np.array([-ahead[1], ahead[0]])
    turn = quat_from_yaw(np.arctan2(ahead[1], ahead[0]))
    poses = [np.array([*at, route.z[0], *turn]), *(np.array([*xy, route.z[0], 1.0, 0, 0, 0]) for _, xy in others)]
    velocities = np.zeros((len(poses), 6))
    velocities[0, :2] = speed * ahead
    contacts = Contacts(tuple((EGO, name) for name in touching), np.zeros((len(touching), 3)), np.ones(len(touching)))
    names = (EGO, *(name for name, _ in others))
    return WorldState(round(time_s / 0.02), time_s, names, np.array(poses), velocities, contacts, (AgentState(EGO),))


def step(task, state, first, second):
    state, outcomes, _ = task.advance(state, first, {}, second)
    return state, outcomes[EGO]


def placed(begun, **changed):
    return replace(begun, rides={EGO: replace(begun.rides[EGO], **changed)}, begun_s=0.0)


def test_the_same_seed_is_the_same_drive_and_another_seed_another():
    task = make(Config())
    (one, spawned, _), (same, again, _), (other, _, _) = (
        task.setup(hamlet().scene, np.random.default_rng(seed)) for seed in (4, 4, 5)
    )
    assert [(c.name, c.asset, *c.pose.position) for c in spawned] == [
        (c.name, c.asset, *c.pose.position) for c in again
    ]
    np.testing.assert_array_equal(one.rides[EGO].route.points, same.rides[EGO].route.points)
    assert not np.array_equal(one.rides[EGO].route.points[0], other.rides[EGO].route.points[0])


def test_a_route_keeps_to_lanes_of_the_length_asked_for_and_nobody_begins_on_top_of_another():
    task = make(Config(least_m=60.0, most_m=120.0, agents=2))
    for seed in range(4):
        state, changes, _ = task.setup(hamlet().scene, np.random.default_rng(seed))
        cars = np.array([c.pose.position[:2] for c in changes if isinstance(c, Spawn) and "pedestrian" not in c.name])
        apart = np.linalg.norm(cars[:, None] - cars, axis=2) + 100 * np.eye(len(cars))
        assert apart.min() > 8.0
        for ride in state.rides.values():
            assert 60.0 <= ride.route.length_m <= 121.0
            assert np.diff(ride.route.arc_m).max() < 2.0
            assert max(state.street.roads.off_m(point) for point in ride.route.points) < 0.01


def test_every_metre_of_the_route_is_rewarded_once(task, begun):
    ride = begun.rides[EGO]
    after, outcome = step(task, begun, driving(ride, 10.0), driving(ride, 13.0, time_s=0.1))
    assert outcome.reward == pytest.approx(0.1 * 13.0, abs=0.01)  # from its first sample, where it began
    back, outcome = step(task, after, driving(ride, 13.0, time_s=0.1), driving(ride, 12.0, time_s=0.2))
    assert outcome.reward == 0.0
    _, outcome = step(task, back, driving(ride, 12.0, time_s=0.2), driving(ride, 14.0, time_s=0.3))
    assert outcome.reward == pytest.approx(0.1 * 1.0, abs=0.01)


def test_arriving_terminates_with_all_of_the_score(task, begun):
    ride = begun.rides[EGO]
    end = ride.route.length_m
    state = placed(begun, done_m=end - 4.0, driven_m=end - 4.0)
    _, outcome = step(task, state, driving(ride, end - 4.0, time_s=30.0), driving(ride, end - 1.5, time_s=30.5))
    assert (outcome.terminated, outcome.truncated, outcome.info["ended"]) == (True, False, "arrived")
    assert outcome.info["score"] == pytest.approx(1.0)
    assert outcome.reward == pytest.approx(10.0 + 0.1 * 2.5, abs=0.01)


@pytest.mark.parametrize(
    ("touched", "kind"),
    [("courier-1", "collision_person"), ("bench-1", "collision_static"), ("van-9", "collision_vehicle")],
)
def test_a_collision_counts_by_what_is_hit_once_while_it_lasts(task, begun, touched, kind):
    ride = begun.rides[EGO]
    state = replace(begun, street=replace(begun.street, kinds={**begun.street.kinds, "van-9": "vehicle"}))
    last = driving(ride, 5.0)
    for time_s in (0.1, 0.2, 1.5):
        now = driving(ride, 5.0, time_s=time_s, touching=(touched, "terrain"))
        state, outcome = step(task, state, last, now)
        last = now
        assert outcome.info["infractions"] == 1
    assert dict(state.rides[EGO].counts) == {kind: 1}
    _, outcome = step(task, state, driving(ride, 5.0, time_s=9.0), driving(ride, 5.0, time_s=9.1, touching=(touched,)))
    assert outcome.info["infractions"] == 2


def test_the_ground_is_no_collision(task, begun):
    ride = begun.rides[EGO]
    road = next(part.name for part in hamlet().scene.parts if part.semantic == "road")
    _, outcome = step(task, begun, driving(ride, 5.0), driving(ride, 5.5, time_s=0.1, touching=(road, "terrain")))
    assert outcome.info["infractions"] == 0


def test_penalties_multiply_as_in_the_carla_leaderboard(begun):
    ride = replace(begun.rides[EGO], counts={"collision_person": 1, "collision_vehicle": 2, "red_light": 1})
    assert ride.penalty == pytest.approx(0.5 * 0.6 * 0.6 * 0.7)
    half = replace(ride, done_m=ride.route.length_m / 2, driven_m=100.0, off_road_m=10.0, wrong_lane_m=15.0)
    assert half.score == pytest.approx(0.5 * 0.126 * 0.75)


def test_a_red_light_counts_when_the_bumper_passes_it_and_no_other_colour_does(task, begun):
    ride, signals = begun.rides[EGO], begun.street.signals
    turn, line = int(ride.route.turns[0]), float(ride.route.arc_m[ride.route.entries[0]])
    phase = signals.turn_phase.copy()
    phase[turn] = 0
    lit = replace(begun, street=replace(begun.street, signals=replace(signals, turn_phase=phase)))
    offset, nose = float(signals.turn_offset_s[turn]), ride.half_m[0]
    state = replace(lit, rides={EGO: replace(ride, done_m=line - nose - 0.5)}, begun_s=0.0)
    for since, count in ((1.0, 0), (GREEN_S + 1.0, 0), (GREEN_S + AMBER_S + CLEAR_S + 1.0, 1)):
        time_s = offset + since
        first, second = (driving(ride, line - nose + off, time_s=time_s + 0.1 * (off > 0)) for off in (-0.5, 0.5))
        after, _ = step(task, state, first, second)
        assert after.rides[EGO].counts.get("red_light", 0) == count
        told = task.tells(state, replace(first, time_s=time_s))[EGO]["signal"]
        np.testing.assert_allclose(
            told, [0.5, (0, 1, 2)[(1.0, GREEN_S + 1.0).index(since) if count == 0 else 2]], atol=1e-6
        )


def test_speeding_counts_once_for_each_time_that_it_lasts(task, begun):
    ride = begun.rides[EGO]
    state, arc, last = begun, 5.0, driving(ride, 5.0, speed=14.0)
    for index in range(1, 40):
        arc += 0.2
        speed = 14.0 if index < 20 or index > 25 else 3.0
        now = driving(ride, arc, time_s=0.1 * index, speed=speed)
        state, _ = step(task, state, last, now)
        last = now
    assert state.rides[EGO].counts == {"speeding": 2}


def test_the_way_off_the_lanes_and_against_them_is_measured(task, begun):
    ride = begun.rides[EGO]
    where = next(
        arc for arc in np.arange(5.0, ride.route.length_m, 1.0)
        if not begun.street.roads.lanes.is_turn[ride.route.edge[int(np.searchsorted(ride.route.arc_m, arc))]]
        and begun.street.roads.is_against(driving(ride, arc, aside_m=2.8).poses[0, :2], ride.route.headings[int(np.searchsorted(ride.route.arc_m, arc))])
    )  # fmt: skip
    state = placed(begun, done_m=where)
    for aside, name in ((-6.0, "off_road_m"), (2.8, "wrong_lane_m")):
        after, _ = step(
            task, state, driving(ride, where, aside_m=aside), driving(ride, where + 1.0, time_s=0.1, aside_m=aside)
        )
        assert getattr(after.rides[EGO], name) == pytest.approx(1.0, abs=0.25)
    on, _ = step(task, state, driving(ride, where), driving(ride, where + 1.0, time_s=0.1))
    assert (on.rides[EGO].off_road_m, on.rides[EGO].wrong_lane_m) == (0.0, 0.0)


def test_who_stands_for_too_long_or_strays_is_out_and_time_up_truncates(task, begun):
    ride = begun.rides[EGO]
    for change, why, is_truncated in (
        ({"still_s": 0.0}, "blocked", False),
        ({}, "strayed", False),
        ({"limit_s": 90.0}, "time", True),
    ):
        aside = 40.0 if why == "strayed" else 0.0
        states = (
            driving(ride, 5.0, time_s=t, speed=0.0 if why == "blocked" else 3.0, aside_m=aside) for t in (89.9, 90.0)
        )
        after, outcome = step(task, placed(begun, done_m=5.0, **change), *states)
        assert (outcome.info["ended"], outcome.truncated, outcome.terminated) == (why, is_truncated, not is_truncated)
        assert outcome.info["success"] is False
        assert task.advance(after, driving(ride, 5.0), {}, driving(ride, 5.0, time_s=91.0))[1] == {}


@pytest.mark.parametrize(
    ("push_m_s2", "turn", "is_eased"), [(2.3, 0.0, True), (2.6, 0.0, False), (-4.0, 0.0, True), (-4.2, 0.0, False)]
)  # fmt: skip
def test_ease_is_bounded_as_in_nuplan(push_m_s2, turn, is_eased):
    ease, eased = comfort.begun(), True
    for time_s in np.arange(0.0, 3.0, 0.1):
        ease, eased = comfort.felt(ease, np.array([time_s, 20.0 + push_m_s2 * time_s, 0.0, turn]), Config().comfort)
    assert eased is is_eased
    assert ease.most_forward_m_s2 == pytest.approx(abs(push_m_s2))
    assert ease.most_jerk_m_s3 == pytest.approx(0.0, abs=1e-9)


def test_a_bend_is_felt_sideways_and_a_jolt_as_jerk():
    ease = comfort.begun()
    for time_s in np.arange(0.0, 2.0, 0.1):
        ease, eased = comfort.felt(ease, np.array([time_s, 10.0, 0.0, 0.5]), Config().comfort)
    assert ease.most_lateral_m_s2 == pytest.approx(10.0 * 0.5)  # v times yaw rate, above 4.89
    assert not eased
    ease = comfort.begun()
    for time_s in np.arange(0.0, 4.0, 0.1):
        speed = 10.0 - 3.0 * max(time_s - 2.0, 0.0)  # 3 m/s2 of braking all at once, within half a second: 6 m/s3
        ease, _ = comfort.felt(ease, np.array([time_s, speed, 0.0, 0.0]), Config().comfort)
    assert ease.most_jerk_m_s3 == pytest.approx(6.0, rel=0.05)
    assert 0.6 < ease.share < 1.0


def test_how_often_one_looks_hardly_changes_what_is_felt():
    most = []
    for step_s in (0.02, 0.1):
        ease = comfort.begun()
        for time_s in np.arange(0.0, 8.0, step_s):
            sample = np.array([time_s, 8.0 + 2.0 * np.sin(time_s), 0.0, 0.3 * np.sin(0.7 * time_s)])
            ease, _ = comfort.felt(ease, sample, Config().comfort)
        most.append([ease.most_forward_m_s2, ease.most_lateral_m_s2, ease.most_jerk_m_s3])
    np.testing.assert_allclose(*most, rtol=0.08)


def test_the_way_on_is_told_in_the_car_s_frame(task, begun):
    ride = begun.rides[EGO]
    state = placed(begun, done_m=10.0, aside_m=0.0)
    told = task.tells(state, driving(ride, 10.0))[EGO]
    points = told["waypoints"].reshape(-1, 2)
    assert points.shape == (len(WAYPOINTS_M), 2)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1)[0], 2.0, atol=0.1)
    assert (points[:4, 0] > 0).all()
    assert told["speed"][0] == pytest.approx(5.0)
    assert told["left"][0] == pytest.approx(ride.route.length_m - 10.0)
    assert told["ahead"][0] == FAR_M
    assert told["lane"][1] == pytest.approx(0.0, abs=0.05)


def test_what_stands_on_the_route_is_told_with_its_distance_from_the_bumper(task, begun):
    ride = begun.rides[EGO]
    stone = ride.route.at(30.0)
    told = task.tells(placed(begun, done_m=10.0), driving(ride, 10.0, others=(("stone", stone),)))[EGO]
    # 20 m from middle to middle, less half a car and what a stranger of half a metre and half a car's width cover.
    assert 14.0 < told["ahead"][0] < 20.0 - ride.half_m[0]
    assert told["ahead"][1] == 0.0


def test_all_that_is_told_keeps_within_its_bounds(task, begun):
    for arc in np.linspace(0.0, begun.rides[EGO].route.length_m, 12):
        for aside in (0.0, 80.0, -300.0):
            told = task.tells(placed(begun, done_m=arc, aside_m=aside), driving(begun.rides[EGO], arc, aside_m=aside))[
                EGO
            ]
            assert set(told) == set(task.told)
            for name, value in told.items():
                low, high = np.array(task.told[name]).T
                assert value.shape == low.shape
                assert ((value >= low) & (value <= high)).all(), name


def test_cars_refuse_what_legs_and_hands_do(task, begun):
    state = driving(begun.rides[EGO], 5.0)
    assert "cannot 'sit'" in task.refuses(begun, state, EGO, Action(Skill("sit", "bench-1")))
    for motion in (Drive(0.5), Velocity(2.0), Skill("wait"), None):
        assert task.refuses(begun, state, EGO, Action(motion)) == ""


def test_a_learner_s_numbers_are_pedals_and_wheel(task, begun):
    state = driving(begun.rides[EGO], 5.0)
    assert task.controlled(state, EGO, (0.5, -0.2)).motion == Drive(0.5, -0.2, 0.0)
    assert task.controlled(state, EGO, (-0.5, 0.0)).motion == Drive(0.0, 0.0, 0.5)


def test_a_car_whose_ride_is_over_brakes(begun):
    task = make(QUIET)
    over = placed(begun, ended="arrived")
    assert task.leads(over, driving(begun.rides[EGO], 5.0))[EGO].motion == Drive(brake=1.0)


@pytest.mark.parametrize(
    "wrong", [{"agents": 0}, {"least_m": 100.0, "most_m": 50.0}, {"blocked_s": 0.0}, {"vehicles": -1}]
)
def test_numbers_that_mean_nothing_are_refused(wrong):
    with pytest.raises(InvalidInput, match=r"Give at least one agent|must be above 0"):
        make(Config(**wrong))


def test_a_place_without_cars_and_a_town_too_small_say_so(task):
    with pytest.raises(InvalidScene, match="has no car to drive"):
        task.setup(tabletop_scene(), np.random.default_rng(0))
    with pytest.raises(InvalidScene, match=r"room for \d+ of 40 cars"):
        make(replace(QUIET, agents=40)).setup(hamlet().scene, np.random.default_rng(0))
