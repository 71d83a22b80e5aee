"""From rows of agents to one number an episode."""

import pytest

from evaluation.metrics import METRICS, flattened, measured, metrics_of

A = {
    "agent": "a", "profit": 10.0, "delivered": 3, "failed": 1, "on_time": 2, "stars_mean": 4.0,
    "distance_m": {"walk": 100.0, "scooter": 400.0}, "energy_used_pct": 20.0,
}  # fmt: skip
B = {
    "agent": "b", "profit": 4.0, "delivered": 0, "failed": 0, "on_time": 0, "stars_mean": None,
    "distance_m": {"walk": 300.0, "scooter": 0.0}, "energy_used_pct": 30.0,
}  # fmt: skip


def metric(name, rows=(A, B)):
    return next(one for one in metrics_of([rows]) if one.name == name)


def value(name, rows=(A, B)):
    found = measured(metric(name, rows), rows)
    return None if found is None else found.value


def test_means_are_over_agents_and_totals_their_sum():
    assert value("profit") == 7.0
    assert value("delivered") == 3.0


def test_rates_are_of_all_trials_not_means_of_rates():
    assert value("success_rate") == pytest.approx(3 / 4)
    assert value("on_time_rate") == pytest.approx(2 / 3)


def test_energy_efficiency_is_orders_by_a_whole_battery_of_stamina():
    assert value("energy_efficiency") == pytest.approx(100 * 3 / 50)


def test_agents_without_a_value_are_left_out_and_an_episode_without_any_has_none():
    assert value("stars_mean") == 4.0
    assert measured(metric("stars_mean"), [B]) is None
    assert measured(metric("on_time_rate"), [B]) is None


def test_nested_columns_are_flattened_and_summed():
    assert flattened(A)["distance_m.all"] == 500.0
    assert value("distance_m.all") == 400.0
    assert value("distance_m.walk") == 200.0
    assert metric("distance_m.walk").unit == "m"
    assert metric("distance_m.walk").label == "Distance, walk"


def test_a_column_nobody_knows_is_shown_with_the_unit_of_its_name():
    rows = [{"agent": "a", "jerk_rms_m": 2.0, "fell": True}, {"agent": "b", "jerk_rms_m": 4.0, "fell": False}]
    jerk, fell = metrics_of([rows])
    assert (jerk.name, jerk.label, jerk.unit, jerk.better, jerk.how) == (
        "jerk_rms_m",
        "Jerk rms",
        "m",
        "neither",
        "mean",
    )
    assert (fell.how, measured(fell, rows).value) == ("rate", 0.5)


def test_success_and_spl_of_a_navigation_task_are_known():
    rows = [{"agent": "a", "success": True, "spl": 0.8, "collisions": 1}]
    assert [one.name for one in metrics_of([rows])] == ["success", "spl", "collisions"]


def test_names_of_metrics_are_unique():
    assert len({one.name for one in METRICS}) == len(METRICS)
