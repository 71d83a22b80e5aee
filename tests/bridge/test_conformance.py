"""The contract holds an engine to its word: ours keep it, here and from afar, and what does not is found out."""

import json
from dataclasses import replace

import numpy as np
import pytest

import bridge
from bridge.cli import main
from bridge.conformance import conform, proving_ground
from bridge.engine import EngineInfo
from bridge.engines import open_engine
from bridge.formats.scene_folder import read_scene
from bridge.formats.wellformed import check_scene
from bridge.worker import WorkerEngine
from tests.bridge.point_mass import PointMass
from tests.bridge.serving import serving

SMALLEST = 50
"""Fewer rules than this would not be the contract."""


def broken(engine) -> dict[str, str]:
    """What is found about each rule that an engine breaks."""
    return {verdict.name: verdict.found for verdict in conform(engine) if verdict.outcome == "broken"}


def test_the_proving_ground_is_a_sound_scene():
    check_scene(proving_ground())
    assert proving_ground().digest() == proving_ground().digest()


@pytest.mark.parametrize("renderer", ["auto", "rays"])
def test_the_embedded_engine_keeps_the_contract(renderer):
    verdicts = list(conform(open_engine("embedded", renderer=renderer)))
    assert [verdict for verdict in verdicts if verdict.outcome != "kept"] == []
    assert len(verdicts) >= SMALLEST


def test_the_embedded_engine_keeps_it_behind_grpc():
    with (
        serving(lambda: open_engine("embedded"), scene=False, lease_s=30.0) as server,
        bridge.connect(server.address) as afar,
    ):
        verdicts = list(conform(afar, onlooker=lambda: bridge.connect(server.address, role="observer")))
        assert [verdict for verdict in verdicts if verdict.outcome != "kept"] == []
        assert "company" in {verdict.topic for verdict in verdicts}


def test_the_embedded_engine_keeps_it_in_a_process_of_its_own():
    assert [verdict for verdict in conform(WorkerEngine("embedded")) if verdict.outcome != "kept"] == []


def test_every_rule_says_what_it_asks_for():
    verdicts = list(conform(PointMass()))
    assert all(verdict.rule.endswith(".") and len(verdict.rule) > 20 for verdict in verdicts)
    assert len({verdict.name for verdict in verdicts}) == len(verdicts)


def test_what_an_engine_does_not_offer_is_not_called_kept():
    engine = PointMass()
    engine.info = EngineInfo("blind", "1.0", capabilities=())
    outcomes = {verdict.topic: verdict.outcome for verdict in conform(engine)}
    assert outcomes["pictures"] == outcomes["editing"] == "not offered"


class Counting(PointMass):
    """Counts a tick too many."""

    def step(self, actions, ticks=1):
        return replace(super().step(actions, ticks), tick=self.tick + 1)


class Dicing(PointMass):
    """Has a random state that no seed sets."""

    def reset(self, *, seed):
        return super().reset(seed=np.random.default_rng().integers(1 << 30))


class Careless(PointMass):
    """Raises what happens to come up."""

    def step(self, actions, ticks=1):
        if ticks < 1:
            raise KeyError("ticks")
        return super().step(actions, ticks)


class Forgetful(PointMass):
    """Does not say that it was edited."""

    def edit(self, changes):
        return replace(super().edit(changes), revision=0)


class Late(PointMass):
    """Its pictures are of the tick before."""

    def observe(self, cameras, modalities=("rgb",)):
        return tuple(replace(frame, tick=frame.tick - 1) for frame in super().observe(cameras, modalities))


@pytest.mark.parametrize(
    ("engine", "rule", "found"),
    [
        (Counting(), "ticks_add_up", "after 1 ticks the state says 2"),
        (Dicing(), "the_same_episode_gives_the_same_states", "differs from tick 0 on"),
        (Careless(), "no_ticks_are_no_step", "expected an error of bridge.errors"),
        (Forgetful(), "edits_are_counted", "it is [0, 1, 1, 0]"),
        (Late(), "frames_come_as_they_were_asked_for", "a frame says"),
    ],
)
def test_mischief_is_found_out(engine, rule, found):
    assert found in broken(engine)[rule]


def test_the_command_prints_a_line_a_rule_and_fails_for_a_broken_one(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["conformance", "--engine", "tests.bridge.point_mass", "--json"])
    verdicts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert ended.value.code == 1
    assert {verdict["outcome"] for verdict in verdicts} == {"kept", "broken", "not offered"}


def test_the_proving_ground_can_be_written_as_a_town(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["conformance", "--ground", str(tmp_path / "ground")])
    assert not ended.value.code
    assert capsys.readouterr().out.strip() == str(tmp_path / "ground")
    assert read_scene(tmp_path / "ground").digest() == proving_ground().digest()
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as ended:
        main(["conformance", "--ground", str(tmp_path / "file" / "ground")])
    assert ended.value.code
    assert "--ground" in capsys.readouterr().err


def test_an_engine_and_an_address_are_one_too_many(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["conformance", "--engine", "embedded", "--address", "localhost:1"])
    assert ended.value.code == 2
    assert "Give one of them" in capsys.readouterr().err
