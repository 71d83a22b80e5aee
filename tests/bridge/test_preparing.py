"""A scene made ready before it is loaded: the world stays as it is, and nothing is done twice."""

import sys
from dataclasses import replace

import pytest

from bridge.engine import Action, Velocity
from bridge.engines import open_engine
from bridge.engines.embedded import world
from bridge.errors import EngineCrashed, EngineFailed, InvalidInput, InvalidScene, NotSupported
from bridge.formats.scene_folder import read_scene, scene_files, write_scene
from bridge.scene import Agent
from bridge.uploads import Upload, pieces
from bridge.v1 import engine_service_pb2 as engine_pb
from bridge.v1 import link_pb2 as pb
from bridge.worker import Supervision, WorkerEngine
from bridge.worker.answering import Answering
from tests.bridge.embedded_town import embedded_town
from tests.bridge.point_mass import PointMass
from tests.bridge.serving import served
from tests.scenes import tiny_scene

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")
WALK = {"courier-1": Action(Velocity(1.0, 0.0))}


def refused(*args, **more):
    raise AssertionError("done a second time")


class Ready(PointMass):
    """Keeps the names of what it was asked to prepare."""

    def __init__(self):
        super().__init__()
        self.prepared = []

    def prepare(self, scene):
        self.prepared.append(scene.name)


def test_what_was_prepared_is_what_a_load_would_have_made(monkeypatch):
    town = embedded_town()
    with open_engine("embedded") as prepared, open_engine("embedded") as plain:
        prepared.prepare(town)
        plain.load(town)
        monkeypatch.setattr(world, "compile_world", refused)
        assert prepared.load(town).agents == tuple(agent.name for agent in town.agents)
        prepared.reset(seed=0), plain.reset(seed=0)
        for _ in range(3):
            prepared.step(WALK, 5), plain.step(WALK, 5)
        assert prepared.state_hash() == plain.state_hash()


def test_preparing_leaves_the_world_that_runs():
    with open_engine("embedded") as engine:
        engine.load(embedded_town())
        engine.reset(seed=0)
        before = engine.step(WALK, 5)
        engine.prepare(tiny_scene())
        assert engine.step({}, 1).tick == before.tick + 1
        assert engine.step({}, 1).names == before.names


def test_another_scene_than_the_prepared_is_made_anew_even_if_it_is_equal():
    with open_engine("embedded") as engine:
        engine.prepare(replace(embedded_town(), agents=()))
        assert "courier-1" in engine.load(embedded_town()).agents


def test_a_load_checks_what_was_not_prepared():
    with open_engine("embedded") as engine:
        engine.prepare(embedded_town())
        with pytest.raises(InvalidScene):
            engine.load(replace(embedded_town(), bounds=(0.0, 0.0, 0.0, 0.0)))


def test_what_cannot_be_loaded_cannot_be_prepared_either():
    robot = Agent("arm-1", "panda", "foot", embedded_town().agents[0].pose)
    with open_engine("kinematic") as engine, pytest.raises(NotSupported, match="has no joints"):
        engine.prepare(replace(embedded_town(), agents=(robot,)))
    engine = open_engine("embedded")
    engine.close()
    with pytest.raises(EngineFailed):
        engine.prepare(embedded_town())


@pytest.mark.parametrize(("most", "prepared"), [(0, []), (3, []), (10_000, ["tiny"])])
def test_no_world_is_made_of_a_scene_that_the_server_will_refuse(tmp_path, most, prepared):
    engine, town = Ready(), replace(tiny_scene(), name="tiny")
    write_scene(town, tmp_path)
    assert len(town.instances()) > 3
    far = Answering(lambda name, options: engine)
    far.answer(pb.Order(open=pb.OpenEngine(engine="ready")).SerializeToString())
    order = pb.Order(read=pb.LoadFolder(path=str(tmp_path), most_instances=most))
    report = pb.Report.FromString(far.answer(order.SerializeToString())[5:])
    assert report.scene.scene_digest == town.digest()
    assert engine.prepared == prepared


@posix
def test_a_scene_that_kills_the_engine_while_it_is_prepared_kills_it_once_and_leaves_the_world_to_be_reset(tmp_path):
    with served(lambda: WorkerEngine("tests.bridge.point_mass", {}, Supervision(crash_folder=tmp_path))) as afar:
        with pytest.raises(EngineCrashed, match="died in read"):
            afar.load(replace(tiny_scene(), name="deadly to prepare"))
        assert afar.reset(seed=0).names == ("courier-1", "courier-2")
        assert len(list(tmp_path.iterdir())) == 1


def test_layers_are_not_looked_at_when_their_digest_is_compared_elsewhere(tmp_path):
    write_scene(tiny_scene(), tmp_path)
    path = tmp_path / "scene.json"
    path.write_text(path.read_text("utf-8").replace('"name": "tiny"', '"name": "other"'), "utf-8")
    with pytest.raises(InvalidInput, match="'name' is not what was written"):
        read_scene(tmp_path)
    assert read_scene(tmp_path, checks_layers=False).digest() != tiny_scene().digest()


def test_what_is_sent_from_memory_is_what_would_be_written(tmp_path):
    files = scene_files(tiny_scene())
    write_scene(tiny_scene(), tmp_path / "written")
    size = sum(map(len, files.values()))
    with Upload(tmp_path, files=len(files), size=size, limit=size) as upload:
        for request in list(pieces(engine_pb.SceneSource(), files))[1:]:
            chunk = request.chunk
            upload.add(chunk.file, chunk.data, is_last=chunk.is_last, crc32=chunk.crc32)
        for name in files:
            assert (upload.path / name).read_bytes() == (tmp_path / "written" / name).read_bytes()
