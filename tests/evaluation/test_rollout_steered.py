"""Episodes of tasks that lead others or bring a place of their own: judged the same here and over gRPC."""

from bridge.engine import Action, Drive
from bridge.engines import open_engine
from bridge.tasks import drive, manipulate
from evaluation import Life, rollout
from policies import drive_expert, manipulate_expert
from tests.bridge.control.towns import hamlet
from tests.bridge.serving import served
from tests.evaluation.errands import Script, do

ABOUT = Life(vehicles=5, pedestrians=5)


def test_a_drive_brings_its_own_traffic_and_is_judged_the_same_over_grpc():
    task = drive.make(drive.Config(least_m=30.0, most_m=40.0, vehicles=2, pedestrians=2))
    results = []
    with open_engine("embedded") as here, served(lambda: open_engine("embedded"), scene=False) as there:
        for engine in (here, there):
            mind = drive_expert.make(drive_expert.Config())
            results.append(rollout(task, hamlet().scene, engine, {"ego-1": mind}, seed=1, ambient=ABOUT))
    row = results[0].rows["ego-1"]
    assert (row["ended"], row["success"]) == ("arrived", True)
    assert row["score"] > 0.99
    assert results[0].rows == results[1].rows
    assert results[0].digest() == results[1].digest()
    assert results[0].state_hash == results[1].state_hash


def test_work_at_a_table_runs_where_there_is_no_street():
    task = manipulate.make(manipulate.Config(skill="drawer"))
    with open_engine("embedded") as engine:
        mind = manipulate_expert.make(manipulate_expert.Config())
        result = rollout(task, task.place(), engine, {"panda": mind}, seed=1, ambient=ABOUT)
    assert result.ended == "over"
    assert result.rows["panda"]["success"]


def test_a_car_that_is_told_to_sit_hears_why_it_cannot_and_runs_out_of_time():
    task = drive.make(drive.Config(least_m=30.0, most_m=40.0, vehicles=0, pedestrians=0, spare_s=3.0, slow_m_s=50.0))
    script = Script([do("sit", "bench-1")])
    with open_engine("kinematic") as engine:
        result = rollout(task, hamlet().scene, engine, {"ego-1": script}, seed=1)
    assert result.rows["ego-1"]["refused"] >= 1
    assert result.rows["ego-1"]["ended"] == "time"
    assert "Drive(throttle, steer, brake)" in script.seen[1].failure


def test_an_infraction_is_an_event_of_the_episode():
    task = drive.make(drive.Config(least_m=60.0, most_m=80.0, vehicles=0, pedestrians=0, spare_s=10.0, slow_m_s=50.0))
    with open_engine("embedded") as engine:
        full_throttle = Script([Action(Drive(1.0))] * 200)
        result = rollout(task, hamlet().scene, engine, {"ego-1": full_throttle}, seed=1)
    row = result.rows["ego-1"]
    assert (row["collision_static"], row["collisions"]) == (1, 1)  # it leaves the road in the first bend, for a wall
    assert row["score"] < 0.65 * row["progress"]
    assert row["off_road_m"] > 1.0
    assert [event.kind for event in result.events if event.agent == "ego-1"] == ["collision_static"]
