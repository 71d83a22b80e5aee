"""The published Ctrl-World from pictures to pictures, with small random weights of every part."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bridge.errors import InvalidInput, Unavailable
from bridge.imagination import Course, Past, Prediction
from tests.world_models import tiny_ctrl_world as tiny
from world_models.ctrl_world.published import Published, make_published
from world_models.ctrl_world.published.config import VIEWS
from world_models.ctrl_world.published.loop import Memory, seed_of
from world_models.ctrl_world.published.model import PublishedCtrlWorld


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublishedCtrlWorld]:
    folder = tiny.weights(tmp_path_factory.mktemp("weights"))
    made = make_published(Published(folder, steps=2, device="cpu"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def dreamt(model: PublishedCtrlWorld) -> Prediction:
    return model.predict(tiny.past(), tiny.course(6), samples=2, seed=3)


def test_it_pictures_every_moment_of_the_course_in_every_view(model: PublishedCtrlWorld, dreamt: Prediction):
    assert dreamt.rgb.shape == (2, 6, 3, model.info.height, model.info.width, 3)
    assert dreamt.rgb.dtype == np.uint8
    assert model.info.views == VIEWS
    assert np.ptp(dreamt.rgb) > 50


def test_the_same_seed_dreams_the_same_and_each_sample_its_own(model: PublishedCtrlWorld, dreamt: Prediction):
    again = model.predict(tiny.past(), tiny.course(6), samples=2, seed=3)
    np.testing.assert_array_equal(again.rgb, dreamt.rgb)
    assert not np.array_equal(dreamt.rgb[0], dreamt.rgb[1])


def test_one_sample_is_the_first_of_two(model: PublishedCtrlWorld, dreamt: Prediction):
    one = model.predict(tiny.past(), tiny.course(6), seed=3)
    assert np.abs(one.rgb[0].astype(int) - dreamt.rgb[0]).max() <= 1


def test_a_longer_course_begins_like_a_shorter_one(model: PublishedCtrlWorld, dreamt: Prediction):
    whole = tiny.course(6)
    short = Course(whole.times_s[:4], whole.body[:4], whole.gripper[:4])
    found = model.predict(tiny.past(), short, samples=2, seed=3)
    np.testing.assert_array_equal(found.rgb, dreamt.rgb[:, :4])


def test_where_the_tool_goes_changes_what_is_dreamt(model: PublishedCtrlWorld, dreamt: Prediction):
    course = tiny.course(6)
    elsewhere = model.predict(
        tiny.past(), replace(course, body=course.body + [0.1, 0, 0, 0, 0, 0, 0]), samples=2, seed=3
    )
    assert not np.array_equal(elsewhere.rgb, dreamt.rgb)


def test_the_instruction_changes_what_is_dreamt(model: PublishedCtrlWorld, dreamt: Prediction):
    told = model.predict(replace(tiny.past(), instruction="open the drawer"), tiny.course(6), samples=2, seed=3)
    assert not np.array_equal(told.rgb, dreamt.rgb)


def test_views_are_known_by_their_names_not_their_order(model: PublishedCtrlWorld, dreamt: Prediction):
    past = tiny.past()
    turned = [2, 0, 1]
    found = model.predict(
        replace(past, cameras=tuple(past.cameras[index] for index in turned), rgb=past.rgb[:, turned]), tiny.course(6),
        samples=2, seed=3,
    )  # fmt: skip
    np.testing.assert_array_equal(found.rgb, dreamt.rgb[:, :, turned])


def test_a_past_of_one_moment_is_enough(model: PublishedCtrlWorld):
    past = tiny.past(1)
    assert model.predict(past, tiny.course(1, after_s=0.0)).rgb.shape[:2] == (1, 1)


def test_nothing_to_do_is_nothing_dreamt(model: PublishedCtrlWorld):
    assert model.predict(tiny.past(), tiny.course(0)).rgb.shape[:2] == (1, 0)


def _blind(past: Past, course: Course) -> tuple[Past, Course]:
    return replace(past, cameras=past.cameras[:2], rgb=past.rgb[:, :2]), course


def _no_gripper(past: Past, course: Course) -> tuple[Past, Course]:
    return past, replace(course, gripper=None)


def _slow(past: Past, course: Course) -> tuple[Past, Course]:
    return past, replace(course, times_s=past.times_s[-1] + 2.0 * (1 + np.arange(len(course.times_s))))


def _removed(past: Past, course: Course) -> tuple[Past, Course]:
    return past, replace(course, removed=frozenset({"bowl"}))


@pytest.mark.parametrize(
    ("spoilt", "told"), [(_blind, "wrist"), (_no_gripper, "gripper"), (_slow, "apart"), (_removed, "other things")]
)
def test_what_does_not_fit_is_refused(model: PublishedCtrlWorld, spoilt, told: str):
    with pytest.raises(InvalidInput, match=told):
        model.predict(*spoilt(tiny.past(), tiny.course()))


def test_a_folder_without_weights_says_where_they_belong(tmp_path: Path):
    with pytest.raises(Unavailable, match=r"checkpoint\.pt"):
        make_published(Published(str(tmp_path)))
    with pytest.raises(InvalidInput, match="none come along"):
        make_published(Published(""))


def test_memory_shows_the_first_moment_twice_and_every_third_one_back_from_now():
    """After 15 more moments: now is 15, and -3, -6, -9, -12 from the end are 13, 10, 7 and 4."""
    memory = Memory()
    for moment in range(16):
        memory.keep(torch.full((1, 4, 1, 1), float(moment)), np.full(7, moment))
    latents, poses = memory.recalled()
    assert latents[0, :, 0, 0, 0].tolist() == [0, 0, 4, 7, 10, 13]
    assert poses[:, 0].tolist() == [0, 0, 4, 7, 10, 13]


def test_in_the_beginning_memory_shows_the_first_moment_only():
    memory = Memory()
    memory.keep(torch.zeros(1, 4, 1, 1), np.zeros(7))
    memory.keep(torch.ones(1, 4, 1, 1), np.ones(7))
    assert memory.recalled()[1][:, 0].tolist() == [0] * 6


def test_pictures_survive_the_way_to_latents_and_back_in_shape_and_order():
    network = tiny.network()
    rgb = torch.randint(0, 256, (5, 3, 8, 8, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    latents = network.encode(rgb)
    assert tuple(latents.shape[1:]) == network.latent_shape
    swapped = network.encode(rgb[:, [1, 0, 2]])
    rows = latents.shape[2] // 3
    torch.testing.assert_close(swapped[:, :, :rows], latents[:, :, rows : 2 * rows])
    assert network.decode(latents).shape == rgb.shape


def test_seeds_are_apart_by_name():
    assert len({seed_of(seed, chunk, sample) for seed in range(3) for chunk in range(3) for sample in range(3)}) == 27
