"""`scenegen --to`: a new town put into a server that runs; what is not taken stays on disk, and wrong words cost nothing."""

import bridge
from bridge.engine import Action, Velocity
from scene_gen.cli import Config, run
from tests.bridge.serving import serving

SMALL = {"size_m": 260.0, "export": ("none",), "renderer": "none", "quiet": True}


def test_a_server_that_does_not_answer_is_told_before_there_is_a_town(tmp_path, capsys):
    config = Config("a village", out=tmp_path / "new", to="localhost:1", quiet=True)
    assert run(config, ["..."]) == 3
    assert "No server answers" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_means_of_a_server_without_one_are_refused(tmp_path, capsys):
    assert run(Config("a village", out=tmp_path / "new", token_file=tmp_path / "token"), ["..."]) == 2
    assert "Give --to" in capsys.readouterr().err


def test_a_town_that_a_server_does_not_take_stays_on_disk(tmp_path, capsys):
    with serving(lease_s=30.0) as server, bridge.connect(server.address, client_name="Ada") as driver:
        driver.step({"courier-1": Action(Velocity(1.0))})
        config = Config("a small fishing village", out=tmp_path / "new", to=server.address, **SMALL)
        assert run(config, ["..."]) == 1
        said = capsys.readouterr().err
        assert "was made and written" in said
        assert "Ada" in said
    assert (tmp_path / "new/scene.json").is_file()


def test_a_town_is_loaded_and_begun_where_it_is_sent(tmp_path, capsys):
    with serving(lease_s=30.0) as server, bridge.connect(server.address, role="observer") as eve:
        config = Config("a small fishing village", out=tmp_path / "new", to=server.address, **{**SMALL, "quiet": False})
        assert run(config, ["..."]) == 0
        assert f"loaded       at {server.address}, on engine " in capsys.readouterr().err
        assert eve.state().tick == 0
        written = bridge.read_scene(tmp_path / "new")
        assert eve.instances() == written.instances()
