"""Pictures of a lent engine come in parts while they are packed, and mean what they mean in one piece."""

import sys

import numpy as np
import pytest

import bridge
from bridge.codec import Album
from bridge.deeds import Exchange
from bridge.errors import EngineFailed
from bridge.formats.scene_folder import write_scene
from bridge.link import ERROR, MORE, Link
from bridge.packing import rgb_from_jpeg
from bridge.sightings import ArrivingFrames
from bridge.sockets import NOWHERE
from bridge.v1 import engine_service_pb2 as pb
from bridge.v1 import link_pb2, types_pb2
from bridge.worker import answering
from tests.bridge.lending.borrowing import FORWARD, FRONT, borrow, by_server, in_a_worker, is_lent
from tests.bridge.point_mass import PointMass, eye
from tests.bridge.serving import serving
from tests.scenes import tiny_scene

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="engines in other processes are lent on Linux and macOS"
)


LARGE = (320, 640)
"""Large enough to be packed in stripes: 204,800 px."""


@pytest.fixture
def far(way):
    """A server and a client far away, whose cameras are large."""
    with (
        serving(in_a_worker({"size": LARGE, "idle_cores": 1}, watchdog_s=20), **way) as server,
        bridge.connect(server.address, frames="jpeg", timeout_s=30) as far,
    ):
        yield server, far


def parts_by_engine(driver, monkeypatch) -> list[bytes]:
    """The parts of answers that come from the engine's own socket before their ends, from now on."""
    found, exchange = [], Link.exchange

    def noted(self, *args, more=None, **options):
        return exchange(self, *args, more=more and (lambda part: found.append(part) or more(part)), **options)

    monkeypatch.setattr(Link, "exchange", noted)
    return found


def test_large_pictures_come_in_parts_while_they_are_packed(far, monkeypatch):
    _, driver = far
    cameras, modalities, parts = [*FRONT, "courier-2/front"], ["rgb", "depth"], parts_by_engine(driver, monkeypatch)
    while not parts:
        state, seen = driver.step_and_observe(FORWARD, cameras, modalities)
        for frame in seen:
            assert (frame.tick, frame.rgb.shape, frame.depth.max()) == (state.tick, (*LARGE, 3), np.inf)
            assert (frame.rgb == state.tick).all()
            assert not frame.rgb.flags.writeable
    assert len(parts) == 2 * (3 + 1) - 1  # three stripes and a depth each, of which the last is the end of the answer
    assert driver.step(FORWARD).tick == state.tick + 1


def test_pictures_come_before_the_state_so_that_they_are_unpacked_while_it_is_made(far, monkeypatch):
    _, driver = far
    parts = parts_by_engine(driver, monkeypatch)
    while not parts:
        state, _ = driver.step_and_observe(FORWARD, FRONT, ["rgb"])
    told = [pb.StepResponse.FromString(part) for part in parts]
    assert [len(part.frames) for part in told] == [1, 1]
    assert not any(part.HasField("state") or part.HasField("moment") or part.sequence for part in told)
    assert state.names == driver.step(FORWARD).names


def test_looks_come_in_parts_too(far, monkeypatch):
    _, driver = far
    parts = parts_by_engine(driver, monkeypatch)
    while not parts:
        tick = driver.step(FORWARD).tick
        (seen,) = driver.observe([eye("wide", width=640, height=480)], ["rgb"])
        assert (seen.tick, seen.rgb.shape, seen.rgb.max()) == (tick, (480, 640, 3), tick)
    assert len(parts) == 3


def test_where_no_core_is_idle_the_answer_comes_in_one(way, monkeypatch):
    with (
        serving(in_a_worker({"size": LARGE, "idle_cores": -1}, watchdog_s=20), **way) as server,
        bridge.connect(server.address, frames="jpeg", timeout_s=30) as driver,
    ):
        parts, heard = parts_by_engine(driver, monkeypatch), by_server(server, monkeypatch)
        tick = borrow(server, driver, cameras=FRONT, modalities=["rgb", "depth"])
        for number in range(1, 21):
            _, (seen,) = driver.step_and_observe(FORWARD, FRONT, ["rgb", "depth"])
            assert (seen.tick, seen.rgb.max(), seen.depth.shape) == (tick + number, tick + number, LARGE)
        assert len(heard) < tick + 20
        assert parts == []


def test_frames_in_shared_memory_are_told_of_in_one_message(monkeypatch):
    with (
        serving(in_a_worker({"idle_cores": 1}, watchdog_s=20)) as server,
        bridge.connect(server.address, frames="shared", timeout_s=30) as near,
    ):
        parts, heard = parts_by_engine(near, monkeypatch), by_server(server, monkeypatch)
        cameras = [*FRONT, "courier-2/front"]
        tick = borrow(server, near, cameras=cameras, modalities=["rgb", "depth"])
        for number in range(1, 21):
            _, seen = near.step_and_observe(FORWARD, cameras, ["rgb", "depth"])
            assert [frame.rgb.max() for frame in seen] == [tick + number] * 2
        assert len(heard) < tick + 20
        assert parts == []


def test_who_does_not_take_parts_has_the_answer_in_one(far, monkeypatch):
    server, driver = far
    parts, step = parts_by_engine(driver, monkeypatch), driver._wire._sockets.step

    def as_before(request, *rest):
        request.in_parts = False
        return step(request, *rest)

    driver._wire._sockets.step = as_before
    heard, tick = by_server(server, monkeypatch), borrow(server, driver, cameras=FRONT, modalities=["rgb"])
    for number in range(1, 21):
        _, (seen,) = driver.step_and_observe(FORWARD, FRONT, ["rgb"])
        assert (seen.tick, seen.rgb.max()) == (tick + number, tick + number)
    assert len(heard) < tick + 20
    assert parts == []


def test_an_answer_in_parts_that_was_cut_is_asked_for_again_and_made_once(far, monkeypatch):
    server, driver = far
    exchange, parts = Link.exchange, []

    def cut(self, *args, more=None, **options):
        def gone(part):
            more(part)
            parts.append(part)
            raise ConnectionResetError

        return exchange(self, *args, more=more and gone, **options)

    monkeypatch.setattr(Link, "exchange", cut)
    heard, tick = by_server(server, monkeypatch), 0
    while not parts:
        tick += 1
        _, (seen,) = driver.step_and_observe(FORWARD, FRONT, ["rgb"])
        assert (seen.tick, seen.rgb.min(), seen.rgb.max()) == (tick, tick, tick)
    assert len(parts) == 1
    assert heard[-1] == tick  # the server told what it had from the engine
    assert driver.step(FORWARD).tick == tick + 1


def test_parts_remembered_are_told_together(far, monkeypatch):
    server, driver = far
    parts, sent, step = parts_by_engine(driver, monkeypatch), [], driver._wire._sockets.step
    driver._wire._sockets.step = lambda request, *rest: (sent.append(request), step(request, *rest))[1]
    while not parts:
        _, (before,) = driver.step_and_observe(FORWARD, FRONT, ["rgb"])
    parts.clear()
    for is_asked_of_server in (False, True):
        if is_asked_of_server:
            driver._wire._sockets._lent = NOWHERE
        frames = ArrivingFrames(lambda: Album([(FRONT[0], LARGE)], ["rgb"]))
        answer = driver._wire.perform(Exchange(sent[-1], 20.0, frames))
        packed = b"".join(part.data for part in answer.frames)
        assert (len(answer.frames), parts) == (3, [])
        np.testing.assert_array_equal(frames.frames()[0].rgb, before.rgb)
        np.testing.assert_array_equal(rgb_from_jpeg(packed, (*LARGE, 3)), before.rgb)
    assert not is_lent(server)


class Lobby:
    """Doors that nobody has to come in by."""

    def open_door(self, path: str) -> None:
        """Anywhere."""

    def shut_port(self) -> None:
        """There is none."""


def test_a_step_that_fails_after_some_parts_was_made_once_and_its_failure_is_told_again(tmp_path, monkeypatch):
    engine = PointMass(size=LARGE)
    far = answering.Answering(lambda name, options: engine, Lobby())
    monkeypatch.setattr(answering, "idle_cores", lambda: 1)
    write_scene(tiny_scene(), tmp_path)
    look = {"session": "s", "cameras": FRONT, "modalities": [types_pb2.MODALITY_RGB], "packing": types_pb2.PACKING_JPEG}
    licence = link_pb2.Licence(step=pb.StepRequest(sequence=1, **look), max_ticks=1, socket="door")
    for order in (
        link_pb2.Order(open=link_pb2.OpenEngine(engine="points")),
        link_pb2.Order(load=link_pb2.LoadFolder(path=str(tmp_path))),
        link_pb2.Order(reset=link_pb2.ResetWorld(seed=0)),
        link_pb2.Order(advance=link_pb2.Advance(ticks=1), licence=licence),
    ):
        assert far.answer(order.SerializeToString())[4] != ERROR

    def fails():
        raise EngineFailed("No hash today.")

    monkeypatch.setattr(engine, "state_hash", fails)
    request = pb.StepRequest(sequence=2, ticks=1, in_parts=True, wants_hash=True, **look).SerializeToString()
    first = list(far.answer_client(request))
    assert [message[4] for message in first] == [MORE, MORE, ERROR]  # the third stripe was to come with the hash
    assert list(far.answer_client(request)) == first[-1:]
    assert engine.tick == 2
    report = link_pb2.Report.FromString(far.answer(link_pb2.Order(take_back={}).SerializeToString())[5:])
    assert [(one.sequence, one.failure.message) for one in report.returned.answers] == [(2, "No hash today.")]
