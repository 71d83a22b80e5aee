"""Food on its way: it comes to room temperature, takes on smells, is jolted; numbers worked by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tasks.delivery import food
from bridge.tasks.delivery.config import Food

RULES = Food()


def item(dish: str, order: str = "order-1", **more) -> food.Item:
    return food.Item(f"{order}/{dish}", order, dish, food.DISHES[dish].serve_c, 0.0, **more)


def test_soup_in_the_open_loses_63_percent_of_its_warmth_in_half_an_hour():
    # k = 1/1800 s⁻¹: after 1800 s, 80 °C towards 22 °C leaves 58 / e = 21.3 above it.
    assert food.temperature(80.0, 1800.0 * RULES.cooling_per_s, RULES.room_c) == pytest.approx(22.0 + 58.0 / math.e)


@given(st.floats(-20, 90), st.floats(0, 5), st.floats(0, 5))
def test_cooling_in_two_stretches_is_cooling_in_one(start, a, b):
    twice = food.temperature(food.temperature(start, a, 22.0), b, 22.0)
    assert twice == pytest.approx(food.temperature(start, a + b, 22.0), abs=1e-9)


def test_ice_cream_warms_up_and_soup_cools_down_and_both_are_spoilt_at_room_temperature():
    for dish in ("ice-cream", "soup"):
        fresh = item(dish)
        old = food.carried(fresh, (), 7200.0, chill=20.0, jolt=0.0, food=RULES)
        assert food.warmth(fresh, RULES.room_c) == 1.0
        assert old.temp_c == pytest.approx(22.0, abs=1e-3)
        assert food.warmth(old, RULES.room_c) == 0.0


def test_cake_takes_on_the_smell_of_another_order_s_fish_but_not_of_its_own():
    cake = item("cake")
    # takes_smell 0.8 × smell 1.0 × 900 s / 1800 s = 0.4
    beside = food.carried(cake, [item("fish", "order-2")], 900.0, 0.0, 0.0, RULES)
    assert beside.smell == pytest.approx(0.4)
    assert food.carried(cake, [item("fish", "order-1")], 900.0, 0.0, 0.0, RULES).smell == 0.0


def test_what_is_fragile_is_damaged_most():
    cake, bread = (food.carried(item(dish), (), 60.0, 0.0, jolt=0.5, food=RULES) for dish in ("cake", "bread"))
    assert (cake.damage, bread.damage) == (pytest.approx(0.45), pytest.approx(0.05))


def test_the_stars_of_food_weigh_warmth_smell_and_damage_as_deliverybench_does():
    spoilt = item("soup", smell=1.0, damage=1.0)
    assert food.food_stars([item("soup")], RULES) == pytest.approx(5.0)
    assert food.food_stars([food.carried(spoilt, (), 0.0, 50.0, 0.0, RULES)], RULES) == pytest.approx(1.0, abs=1e-6)
    assert food.food_stars([item("soup", smell=1.0)], RULES) == pytest.approx(1 + 4 * 0.8)
    assert food.food_stars([item("soup"), item("soup", damage=1.0)], RULES) == pytest.approx(1 + 4 * 0.7)


@pytest.mark.parametrize(("ratio", "stars"), [(0.2, 5), (1.0, 5), (1.05, 4), (1.2, 3), (1.4, 2), (1.6, 1)])
def test_stars_for_time_fall_at_deliverybench_s_ratios(ratio, stars):
    assert food.time_stars(ratio) == stars


def test_a_late_customer_of_warm_food_gives_the_mean_with_halves_rounded_up():
    assert food.stars(0.9, [item("soup")], RULES) == 5
    assert food.stars(1.2, [item("soup")], RULES) == 4  # (3 + 5) / 2
    assert food.stars(1.05, [item("soup")], RULES) == 5  # 4.5
    assert food.stars(1.9, [item("soup")], RULES) == 3  # (1 + 5) / 2
