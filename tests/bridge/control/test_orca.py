"""Reciprocal avoidance: the velocity chosen is the allowed one nearest to the preferred one, and nobody meets."""

import numpy as np

from bridge.control.orca import chosen, half_planes


def test_the_chosen_velocity_is_the_best_allowed_one():
    rng = np.random.default_rng(1)
    count, planes = 60, 5
    preferred, top = rng.normal(size=(count, 2)), np.full(count, 1.5)
    angle = rng.uniform(0, 2 * np.pi, (count, planes))
    normal = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    point = normal * rng.uniform(-1.2, 0.5, (count, planes, 1))
    result = chosen(preferred, top, point, normal, np.ones((count, planes), bool))
    grid = np.stack(np.meshgrid(*2 * [np.linspace(-1.5, 1.5, 121)]), axis=-1).reshape(-1, 2)
    grid = grid[np.linalg.norm(grid, axis=1) <= 1.5]
    for row in range(count):
        allowed = (((grid[:, None] - point[row]) * normal[row]).sum(axis=-1) >= 0).all(axis=1)
        if allowed.any():
            assert (((result[row] - point[row]) * normal[row]).sum(axis=-1) > -1e-6).all()
            best = np.linalg.norm(grid[allowed] - preferred[row], axis=1).min()
            assert np.linalg.norm(result[row] - preferred[row]) < best + 0.03
    assert (np.hypot(*result.T) < 1.5 + 1e-9).all()


def test_nobody_near_means_going_as_one_likes():
    preferred = np.array([[1.0, 0.3]])
    none = np.zeros((1, 1, 2))
    np.testing.assert_allclose(chosen(preferred, np.array([2.0]), none, none, np.zeros((1, 1), bool)), preferred)


def test_two_who_meet_pass_without_touching():
    place = np.array([[-4.0, 0.02], [4.0, 0.0]])
    goal, velocity, nearest = place[::-1].copy(), np.zeros((2, 2)), np.inf
    for _ in range(120):
        way = goal - place
        preferred = 1.3 * way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1.3)
        other = [[1], [0]]
        u, normal = half_planes(
            place[other] - place[:, None], velocity[other] - velocity[:, None], np.full((2, 1), 0.6),
            share=np.full((2, 1), 0.5), horizon_s=2.5, step_s=0.1,
        )  # fmt: skip
        velocity = chosen(preferred, np.full(2, 1.6), velocity[:, None] + u, normal, np.ones((2, 1), bool))
        place = place + 0.1 * velocity
        nearest = min(nearest, float(np.linalg.norm(place[0] - place[1])))
    assert nearest > 0.599
    assert np.linalg.norm(place - goal, axis=1).max() < 0.3
