"""Flags of plug-ins in a command: told by the name before the dot."""

import pytest

from bridge.commands.plugin_flags import check, config, parted
from bridge.errors import InvalidInput, UnknownName
from bridge.plugins import unknown_name


def test_flags_with_a_name_go_to_the_plug_in_with_their_values():
    own, theirs = parted(
        ["town", "--llm.model", "qwen3", "--seeds", "3", "--llm.stream", "--navigate.agents=2", "--json"]
    )
    assert own == ["town", "--seeds", "3", "--json"]
    assert theirs == {"llm": ["--model", "qwen3", "--stream"], "navigate": ["--agents=2"]}


def test_a_path_with_a_dot_is_no_flag():
    assert parted(["./town.d", "--out", "../x.y"]) == (["./town.d", "--out", "../x.y"], {})


def test_a_plug_in_has_what_was_said_and_the_rest_as_it_is():
    found = config("bridge.tasks", "navigate", what="task", flags={"navigate": ["--limit-s", "60"]})
    assert (found.limit_s, found.agents) == (60.0, 1)


def test_wrong_flags_and_wrong_names_are_refused_with_what_there_is():
    with pytest.raises(InvalidInput, match=r"--navigate\..*\n(.|\n)*limit-hours"):
        config("bridge.tasks", "navigate", what="task", flags={"navigate": ["--limit-hours", "60"]})
    with pytest.raises(UnknownName, match="Did you mean 'navigate'"):
        config("bridge.tasks", "navigat", what="task", flags={})
    with pytest.raises(InvalidInput, match="Available: embedded, navigate, route"):
        check({"routes": ["--x"]}, ["navigate", "route", "embedded"])


def test_fields_of_fields_have_another_dot():
    flags = parted(["--delivery.agents", "3", "--delivery.transport.bus-stop-m", "150"])[1]
    found = config("bridge.tasks", "delivery", what="task", flags=flags)
    assert (found.agents, found.transport.bus_stop_m) == (3, 150.0)


def test_a_wrong_name_among_thousands_is_answered_in_one_line():
    said = unknown_name("thing", "lamp-77777", {f"lamp-{i}" for i in range(5000)})
    assert "Did you mean 'lamp-777'?" in said
    assert said.endswith(" and 4960 more.")
    assert unknown_name("engine", "x", {"a", "b"}).endswith("Available: a, b.")
