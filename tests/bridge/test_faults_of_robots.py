"""Faults of robots that users bring: damaged, endless or hostile descriptions end in words, and soon."""

import itertools
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.cli import main
from bridge.engines import open_engine
from bridge.errors import InvalidInput, Refused
from bridge.recording import record
from bridge.robots.description import Robot, built_in, read_robot
from bridge.robots.placing import bring
from tests.bridge.embedded_town import embedded_town
from tests.bridge.robots_by_hand import ARM, ROVER, URDF

SHAPED = re.sub(r'<mesh filename="[^"]*"/>', '<box size="0.5 0.1 0.1"/>', URDF)
"""The URDF without files beside it."""
LAUGHS = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in itertools.pairwise("abcdefghij"))
BOMB = f'<!DOCTYPE robot [<!ENTITY a "ha">{LAUGHS}]>'
FILE = '<!DOCTYPE robot [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


def written(folder, text, name):
    (folder / name).write_text(text, "utf-8")
    return folder / name


def many(counts, inside='<geom size="0.1"/>'):
    for count in counts:
        inside = f'<replicate count="{count}">{inside}</replicate>'
    return f"<mujoco><worldbody><body><freejoint/>{inside}</body></worldbody></mujoco>"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.urdf", f'{BOMB}<robot name="&j;"/>', "declares the entity 'a'"),
        ("a.xml", f'{BOMB}<mujoco model="&j;"/>', "declares the entity 'a'"),
        ("a.urdf", f'{FILE}<robot name="x">&a;</robot>', "declares the entity 'a'"),
        ("a.xml", f"{FILE}<mujoco>&a;</mujoco>", "declares the entity 'a'"),
        ("a.urdf", f'<robot name="x">{"<link>" * 5000}{"</link>" * 5000}</robot>', "nests more than 400 elements"),
        ("a.xml", f"<mujoco><worldbody>{'<body>' * 5000}{'</body>' * 5000}</worldbody></mujoco>", "nests more than"),
        ("a.xml", many([1000, 1000, 1000]), "more than 50,000 elements, copies included"),
        ("a.xml", many([10**30]), "more than 50,000 elements"),
        ("a.xml", many([1], '<composite type="particle" count="500 500 500"/>'), "more than 50,000 elements"),
        ("a.xml", '<mujoco><include file="a.xml"/></mujoco>', "already included"),
        ("a.xml", ARM.replace('pos="0 0 0.1"', 'pos="0 nan 0.1"'), r"has a NaN in pos of <body>, line 8 of a\.xml"),
        ("a.xml", ARM.replace('pos="0 0 0.1"', 'pos="0 1e999 0.1"'), "number is too large"),
        ("a.urdf", SHAPED.replace('value="5"', 'value="NaN"'), "has a NaN in value of <mass>"),
    ],
)  # fmt: skip
def test_a_description_that_would_never_end_or_is_no_number_is_refused(tmp_path, name, text, says):
    with pytest.raises(InvalidInput, match=says):
        read_robot(written(tmp_path, text, name))


def test_what_is_included_counts_as_often_as_it_is_included(tmp_path):
    written(tmp_path, "<mujocoinclude>" + '<geom size="0.1"/>' * 600 + "</mujocoinclude>", "b.xml")
    text = many([100], '<include file="b.xml"/>')
    with pytest.raises(InvalidInput, match="more than 50,000 elements"):
        read_robot(written(tmp_path, text, "a.xml"))


def test_two_files_that_include_each_other_are_named(tmp_path):
    written(tmp_path, '<mujocoinclude><include file="a.xml"/></mujocoinclude>', "b.xml")
    with pytest.raises(InvalidInput, match="already included"):
        read_robot(written(tmp_path, '<mujoco><include file="b.xml"/></mujoco>', "a.xml"))


def test_files_that_include_files_without_end_are_refused(tmp_path):
    for number in range(40):
        written(tmp_path, f'<mujocoinclude><include file="{number + 1}.xml"/></mujocoinclude>', f"{number}.xml")
    with pytest.raises(InvalidInput, match="files within files, more than 16 deep"):
        read_robot(written(tmp_path, '<mujoco><include file="0.xml"/></mujoco>', "a.xml"))


def test_a_file_larger_than_any_description_is_not_read(tmp_path):
    path = written(tmp_path, ARM, "a.xml")
    with path.open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(InvalidInput, match="at most 33,554,432 are read"):
        read_robot(path)


@pytest.mark.parametrize("name", [*built_in()])
def test_robots_that_come_along_are_not_too_much(name):
    assert read_robot(name).name


def test_a_town_with_a_robot_whose_description_is_not_here_is_refused_and_a_recording_of_it_asks_for_it(
    tmp_path, capsys
):
    path = written(tmp_path, ARM, "mine.xml")
    scene = bring(embedded_town(), read_robot(path))
    with (
        open_engine("embedded") as engine,
        pytest.raises(Refused, match=r"'reacher', whose description .* --robot FILE"),
    ):
        engine.load(scene)
    with record(open_engine("embedded", robot=str(path)), tmp_path / "a.mcap") as engine:
        engine.load(scene)
        engine.reset(seed=0)
        engine.step({}, 3)
    moved = path.rename(tmp_path / "moved.xml")
    for flags, code, says in (
        ((), 2, "There is no file"),
        (("--robot", str(tmp_path / "gone.xml")), 2, "There is no file"),
        (("--robot", str(moved)), 0, "3 ticks, every state hash the same"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["replay", str(tmp_path / "a.mcap"), *flags])
        said = capsys.readouterr()
        assert (ended.value.code, says in " ".join((said.out + said.err).split())) == (code, True), said


NUMBERS = st.sampled_from(["0", "-1", "1e-300", "1e300", "inf", "nan", "99999999999", "", "x", "0 0 0 0 0 0 0 0 0"])
WORDS = re.compile(r'"[^"]*"')


@st.composite
def damaged(draw, text: str) -> str:
    """A description with bytes flipped, pieces cut, dropped or said twice, and numbers that mean nothing."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        upto = min(at + draw(st.integers(1, 80)), len(text))
        match draw(st.sampled_from(["number", "number", "cut", "drop", "twice", "swap"])):
            case "number" if quoted := list(WORDS.finditer(text)):
                place = draw(st.sampled_from(quoted))
                text = f'{text[: place.start()]}"{draw(NUMBERS)}"{text[place.end() :]}'
            case "cut":
                text = text[:at]
            case "drop":
                text = text[:at] + text[upto:]
            case "twice":
                text = text[:upto] + text[at:]
            case _:
                text = text[:at] + draw(st.sampled_from(["<", ">", '"', "&", "\0", "é", "/", "<body>"])) + text[upto:]
    return text


@pytest.mark.parametrize(("name", "text"), [("a.xml", ARM), ("a.xml", ROVER), ("a.urdf", SHAPED)])
def test_a_damaged_description_is_a_robot_or_refused_and_never_anything_else(tmp_path, monkeypatch, name, text):
    monkeypatch.chdir(tmp_path)  # where MuJoCo writes what it warns of

    @settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(damaged(text))
    def check(changed):
        path = written(tmp_path, changed, name)
        try:
            found = read_robot(path)
        except InvalidInput:
            return
        assert isinstance(found, Robot)

    check()
