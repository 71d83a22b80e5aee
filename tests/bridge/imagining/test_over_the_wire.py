"""World models in processes of their own: what is asked and answered arrives as it was, and failures keep their names."""

from dataclasses import replace

import numpy as np
import pytest

from bridge import codec
from bridge.errors import (
    EngineFailed,
    EngineUnavailable,
    InvalidInput,
    NotAllowed,
    NotSupported,
    OutOfRange,
    UnknownName,
)
from bridge.imagining import RemoteModel
from bridge.imagining.host import ModelHost
from tests.bridge.imagining.asking import course, past
from tests.bridge.imagining.wishful import Config, Wishful
from tests.bridge.serving import serving

WISHFUL = "tests.bridge.imagining.wishful"


@pytest.fixture
def hosted():
    """Models of processes of their own, by flags."""
    hosts = []

    def host(*flags: str) -> ModelHost:
        hosts.append(ModelHost(WISHFUL, flags))
        hosts[-1].start()
        return hosts[-1]

    yield host
    for one in hosts:
        one.close()
        assert not one.is_up


def test_pasts_and_courses_arrive_as_they_were():
    asked, there = codec.asked(codec.request_of(past(), course(), samples=3, seed=7)), (past(), course())
    for got, sent in zip(asked[:2], there, strict=True):
        for name in ("times_s", "body", "gripper", "rgb", "depth", "labels"):
            if hasattr(sent, name):
                np.testing.assert_array_equal(getattr(got, name), getattr(sent, name), strict=True)
    assert asked[2:] == (3, 7)
    assert asked[0].instruction == "go on"
    assert (asked[0].things[0].name, asked[0].things[0].size_m) == ("cart", (4.0, 2.0, 1.5))
    assert asked[1].removed == {"bin"}
    np.testing.assert_array_equal(asked[1].others["cart"], course().others["cart"])


def test_what_is_not_known_does_not_arrive_as_something():
    bare = replace(past(), gripper=None, depth=None, labels=None, things=())
    got, way, samples, _ = codec.asked(codec.request_of(bare, replace(course(), gripper=None), samples=0, seed=0))
    assert (got.gripper, got.depth, got.labels, got.things, way.gripper, samples) == (None, None, None, (), None, 1)


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (lambda one: replace(one, body=one.body[:2]), r"past.body.shape is \(2, 7\); expected \(3, 7\)"),
        (lambda one: replace(one, body=one.body * 2), "quaternion is not of length 1"),
        (lambda one: replace(one, rgb=one.rgb[:, :1]), r"past.rgb.shape is \(3, 1, 6, 8, 3\)"),
        (lambda one: replace(one, times_s=one.times_s * np.nan), "expected a finite number"),
        (lambda one: replace(one, depth=one.depth[:, :, :3]), "past.depth.shape"),
        (lambda one: replace(one, cameras=()), "0 views"),
        (lambda one: replace(one, body=one.body + [1e7, 0, 0, 0, 0, 0, 0]), "beyond 1e"),
    ],
)
def test_a_past_that_makes_no_sense_is_refused(spoilt, message):
    with pytest.raises((InvalidInput, OutOfRange), match=message):
        codec.asked(codec.request_of(spoilt(past()), course(), samples=1, seed=0))


def test_no_request_asks_for_more_pictures_than_fit():
    with pytest.raises(InvalidInput, match="65 samples"):
        codec.asked(codec.request_of(past(), course(), samples=65, seed=0))


def test_a_model_answers_from_its_process_as_it_would_here(hosted):
    host = hosted("--shade", "3")
    model = RemoteModel(host.address, token=host.token)
    there = model.predict(past(), course(), samples=2, seed=4)
    here = Wishful(Config(shade=3)).predict(past(), course(), samples=2, seed=4)
    for name in ("times_s", "rgb", "depth", "success", "trust"):
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name), strict=True)
    np.testing.assert_array_equal(there.poses["cart"], here.poses["cart"])
    assert model.info == Wishful(Config()).info
    model.close()


def test_only_who_started_a_model_may_ask_it(hosted):
    host = hosted()
    with pytest.raises(NotAllowed, match="serves the server that started it alone"):
        RemoteModel(host.address)
    with pytest.raises(NotSupported, match=r"has wishful, and 'other' was asked for"):
        RemoteModel(host.address, token=host.token, name="other")


def test_errors_of_a_model_keep_their_names_and_surprises_are_told(hosted):
    for flag, kind, message in (("error", InvalidInput, "does not please"), ("surprise", EngineFailed, "ZeroDivision")):
        host = hosted("--fails", flag)
        model = RemoteModel(host.address, token=host.token)
        with pytest.raises(kind, match=message):
            model.predict(past(), course())
        model.close()


def test_a_model_that_cannot_be_made_says_why():
    with pytest.raises(InvalidInput, match="This model is made to fail"):
        ModelHost(WISHFUL, ("--fails", "at once")).start()
    with pytest.raises(UnknownName, match=r"No module named 'tests\.no_such'"):
        ModelHost("tests.no_such").start()


def test_a_model_that_has_ended_is_started_again_a_few_times(hosted):
    host = hosted("--fails", "crash")
    for _ in range(3):
        model = RemoteModel(host.address, token=host.token)
        with pytest.raises(EngineUnavailable):
            model.predict(past(), course())
        model.close()
        host.wait()
        host.start()
    model = RemoteModel(host.address, token=host.token)
    with pytest.raises(EngineUnavailable):
        model.predict(past(), course())
    model.close()
    host.wait()
    with pytest.raises(EngineUnavailable, match="ended 4 times and is not started again"):
        host.start()


def test_a_server_without_a_model_says_how_to_get_one():
    with serving() as server, pytest.raises(NotSupported):
        RemoteModel(server.address)
