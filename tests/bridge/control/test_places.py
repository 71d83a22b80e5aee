"""Addresses, names and points are found; what is unknown names the nearest."""

import numpy as np
import pytest

from bridge.control.places import Gazetteer
from bridge.errors import UnknownName
from tests.scenes import tiny_scene


@pytest.fixture(scope="module")
def places():
    return Gazetteer(tiny_scene())


def test_an_address_is_the_node_before_its_door(places):
    np.testing.assert_allclose(places.find("14 Quay Street").position, tiny_scene().navigation.nodes[1])


@pytest.mark.parametrize("said", ["14 quay street", " 14 Quay Street. "])
def test_addresses_are_read_as_people_write_them(places, said):
    np.testing.assert_allclose(places.find(said).position, places.find("14 Quay Street").position)


@pytest.mark.parametrize("name", ["house-1", "lamp-2", "pier-1", "spawn-person-1", "courier-1"])
def test_things_are_found_by_name(places, name):
    assert np.isfinite(places.find(name).position).all()


def test_a_point_is_a_place(places):
    np.testing.assert_allclose(places.find((3.0, -4.0)).position[:2], [3.0, -4.0])


def test_an_unknown_address_names_the_nearest_and_the_streets(places):
    with pytest.raises(UnknownName, match=r"Did you mean '14 Quay Street'.*Streets: Church Lane, Quay Street"):
        places.find("15 Quay Street")


@pytest.mark.parametrize("point", [(1.0,), (np.nan, 0.0), (1, 2, 3, 4)])
def test_what_is_no_point_is_refused(places, point):
    with pytest.raises(UnknownName, match="is no place"):
        places.find(point)
