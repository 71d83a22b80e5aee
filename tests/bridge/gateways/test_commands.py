"""How a line finds its command: UnrealCV's dispatcher, rule by rule."""

import re
from types import ModuleType

import pytest

from bridge.gateways.unrealcv.commands import CommandFailed, Commands, command


def commands_of(*told):
    """Commands of templates; each answers its template and arguments."""
    module = ModuleType("told")
    for index, template in enumerate(told):

        def answer(_stage, *arguments, template=template):
            return f"{template} {list(arguments)}"

        answer.__module__ = "told"
        setattr(module, f"answer_{index}", command(template, "")(answer))
    return lambda line: Commands([module]).answer(None, line).decode()


def test_text_takes_anything_without_a_space_nothing_too():
    ask = commands_of("vget /object/[str]/location")
    assert ask("vget /object/a.b-c_0/location") == "vget /object/[str]/location ['a.b-c_0']"
    assert ask("vget /object/a/b/location") == "vget /object/[str]/location ['a/b']"
    assert ask("vget /object//location") == "vget /object/[str]/location ['']"
    assert ask("vget /object/a b/location").startswith("error No handler")


def test_a_whole_number_may_be_missing_and_is_0_then():
    ask = commands_of("vget /camera/[uint]/fov")
    assert ask("vget /camera/12/fov") == "vget /camera/[uint]/fov [12]"
    assert ask("vget /camera//fov") == "vget /camera/[uint]/fov [0]"
    assert ask("vget /camera/-1/fov").startswith("error No handler")


@pytest.mark.parametrize(("text", "value"), [("5", 5.0), ("-5.25", -5.25), ("+.5", 0.5), ("007", 7.0)])
def test_a_number_is_what_unrealcv_reads(text, value):
    assert commands_of("vset /a [float]")(f"vset /a {text}") == f"vset /a [float] [{value}]"


@pytest.mark.parametrize("text", ["1e-05", "5.", "nan", "inf", "1,5", "--1", ""])
def test_a_number_has_no_exponent_and_digits_after_its_point(text):
    assert commands_of("vset /a [float]")(f"vset /a {text}") == f"error No handler found for URI 'vset /a {text}'"


def test_numbers_too_long_for_any_number_are_no_arguments():
    ask = commands_of("vset /a [float]", "vget /b/[uint]/c")
    assert ask("vset /a " + "9" * 400) == "error Argument Invalid"
    assert ask("vget /b/" + "9" * 5000 + "/c") == "error Argument Invalid"


def test_of_two_that_fit_the_last_registered_is_meant():
    ask = commands_of(
        "vget /camera/[uint]/[str] [str]", "vget /camera/[uint]/lit [str]", "vrun [str]", "vrun [str] [str]"
    )
    assert ask("vget /camera/0/lit png").startswith("vget /camera/[uint]/lit [str]")
    assert ask("vget /camera/0/other png").startswith("vget /camera/[uint]/[str] [str]")
    later = commands_of("vget /camera/[uint]/lit [str]", "vget /camera/[uint]/[str] [str]")
    assert later("vget /camera/0/lit png").startswith("vget /camera/[uint]/[str]")


def test_trailing_spaces_do_not_matter_but_as_an_empty_last_argument():
    ask = commands_of("vget /objects", "vget /camera/[uint]/lit [str]")
    assert ask("vget /objects   ") == "vget /objects []"
    assert ask("vget /camera/0/lit ") == "vget /camera/[uint]/lit [str] [0, '']"
    assert ask("vget /camera/0/lit").startswith("error No handler")


def test_only_the_end_is_anchored_and_the_verb_must_be_equal():
    ask = commands_of("vget /objects")
    assert ask("vget please vget /objects") == "vget /objects []"
    assert ask("xvget /objects") == "error No handler found for URI 'xvget /objects'"
    assert ask("vget /objects now").startswith("error No handler")


def test_verbs_and_paths_are_case_sensitive():
    ask = commands_of("vget /objects")
    assert ask("vget /Objects") == "error No handler found for URI 'vget /Objects'"
    assert ask("VGET /objects") == "error No handler found for URI 'VGET /objects'"


@pytest.mark.parametrize("line", ["", " ", "DisableAllScreenMessages", "vget", "vget ", "\0", "vget /objects\0"])
def test_what_is_no_command_is_answered(line):
    assert commands_of("vget /objects")(line) == f"error No handler found for URI '{line}'"


def test_what_returns_nothing_is_answered_ok_and_what_fails_error():
    module = ModuleType("told")

    def nothing(stage):
        return None

    def fails(stage):
        raise CommandFailed("Not Implemented")

    def raw(stage):
        return b"\x93"

    for function, template in ((nothing, "vset /a"), (fails, "vset /b"), (raw, "vget /c")):
        function.__module__ = "told"
        setattr(module, function.__name__, command(template, "")(function))
    commands = Commands([module])
    assert [commands.answer(None, line) for line in ("vset /a", "vset /b", "vget /c")] == [
        b"ok", b"error Not Implemented", b"\x93",
    ]  # fmt: skip


def test_the_quick_way_finds_what_trying_all_patterns_finds():
    templates = [
        "vget /a/[str]/b",
        "vset /a/[str] [float]",
        "vget /a/[uint]/b [str]",
        "vrun [str]",
        "vget /a/[str]/b [str]",
    ]
    ask = commands_of(*templates)
    words = ["vget", "/a/1/b", "/a//b", "vset", "/a/x", "2.5", "", "vrun", "/a/b"]
    kinds = {"str": "[^ ]*", "uint": "[0-9]*", "float": r"[-+]?[0-9]*[.]?[0-9]+"}
    for line in (" ".join(three) for three in __import__("itertools").product(words, repeat=3)):
        fits = [
            template
            for template in reversed(templates)
            if line.split(" ")[0] == template.split(" ")[0]
            and re.search(re.sub(r"\[(\w+)\]", lambda kind: kinds[kind[1]], template) + r" *\Z", line)
        ]
        assert ask(line).startswith(fits[0] + " [" if fits else "error No handler"), line
