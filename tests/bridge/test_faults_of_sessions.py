"""Faults of sessions and of scenes on their way: who is refused, with which words, and that the old world stays."""

import time
import zlib

import pytest

import bridge
from bridge.client import RemoteEngine
from bridge.deeds import Upload
from bridge.engine import Action, Velocity
from bridge.errors import (
    Cancelled,
    DamagedData,
    DamagedFile,
    InvalidInput,
    NewerFormat,
    NotAllowed,
    OverQuota,
    Refused,
    SessionEnded,
)
from bridge.formats.scene_folder import write_scene
from bridge.quotas import Quotas
from bridge.status import status_of
from bridge.v1 import engine_service_pb2 as pb
from tests.bridge.raw_calls import Raw, fails
from tests.bridge.serving import served, serving
from tests.scenes import tiny_scene


def test_another_major_version_is_refused():
    with (
        serving() as server,
        fails("FAILED_PRECONDITION", "The client speaks version 2.0 of the contract, this server 1."),
    ):
        Raw(server.address, version={"major": 2})


def test_a_lease_that_runs_out_frees_the_agents_and_says_so():
    with serving(lease_s=0.5) as server, Raw(server.address) as raw:
        raw.stub.ClaimAgents(pb.ClaimAgentsRequest(session=raw.seat.session, agents=["courier-1"]))
        with bridge.connect(server.address) as other:
            time.sleep(1.2)
            other.claim("courier-1")
            with fails("ABORTED", "was silent for longer than its lease of 0.5 s"):
                raw.step(1)


def test_a_client_that_only_thinks_keeps_its_lease():
    with served(lease_s=0.6) as afar:
        afar.claim("courier-1")
        time.sleep(1.5)
        assert afar.step({"courier-1": Action()}).tick == 1


def test_a_session_is_taken_up_with_its_agents_and_its_sequence_and_the_old_hands_let_go():
    with serving() as server:
        old = bridge.connect(server.address, client_name="old")
        old.step({"courier-1": Action(Velocity(1.0))})
        with bridge.connect(server.address, resume_token=old.resume_token) as new:
            assert new.step({"courier-1": Action(Velocity(1.0))}).tick == 2
            with pytest.raises(SessionEnded, match="was taken up by another connection"):
                old.step({})
        old.close()
        with pytest.raises(SessionEnded, match="No session can be resumed"):
            bridge.connect(server.address, resume_token="guess")


def test_an_unknown_session_is_aborted():
    with serving() as server, Raw(server.address) as raw, fails("ABORTED", "This session is unknown"):
        raw.step(1, session="guess")


def test_more_sessions_than_the_quota_are_refused_and_the_others_go_on():
    with serving(quotas=Quotas(sessions=2)) as server, Raw(server.address), Raw(server.address) as raw:
        with fails("RESOURCE_EXHAUSTED", "2 sessions are open"):
            Raw(server.address)
        assert raw.step(1).moment.tick == 1


def test_before_a_scene_and_before_a_reset_the_world_says_what_is_missing():
    with served(scene=False) as afar:
        for ask in (afar.state, afar.loaded, lambda: afar.step({}), lambda: afar.reset(seed=0)):
            with pytest.raises(Refused, match=r"[Ll]oad"):
                ask()
        afar.load(tiny_scene())
        with pytest.raises(Refused, match="Reset it first"):
            afar.step({})


@pytest.mark.parametrize(
    "path",
    ["../secret", "/etc", "town/../../secret", "..\\secret", "C:secret", "\\\\host\\share", "http://host/town", "out"],
)
def test_a_path_that_leaves_the_root_is_not_allowed(tmp_path, path):
    root = tmp_path / "scenes"
    write_scene(tiny_scene(), root / "town")
    write_scene(tiny_scene(), tmp_path / "secret")
    (root / "out").symlink_to(tmp_path / "secret")
    with served(scenes_root=root) as afar:
        before = afar.state_hash()
        with pytest.raises(NotAllowed, match=r"source\.path"):
            afar.load_path(path)
        assert afar.state_hash() == before
        assert "courier-1" in afar.load_path("town").agents


def cut_short(folder):
    path = folder / "scene.json"
    path.write_bytes(path.read_bytes()[:-100])


def flipped(folder):
    content = bytearray((folder / "geometry.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "geometry.npz").write_bytes(content)


def newer(folder):
    path = folder / "scene.json"
    path.write_text(path.read_text("utf-8").replace('"schema": 1', '"schema": 99'), "utf-8")


@pytest.mark.parametrize(
    ("damage", "kind", "code", "says"),
    [
        (cut_short, DamagedFile, "DATA_LOSS", r"not readable JSON \(.*line \d+ column \d+"),
        (flipped, DamagedFile, "DATA_LOSS", r"geometry\.npz .* its [0-9,]+ bytes have the SHA-256 [0-9a-f]{12}"),
        (newer, NewerFormat, "FAILED_PRECONDITION", r"has schema 99; this simbridge reads up to 1"),
    ],
)
def test_a_scene_that_is_damaged_or_of_a_later_version_leaves_the_old_world(tmp_path, damage, kind, code, says):
    write_scene(tiny_scene(), tmp_path / "town")
    damage(tmp_path / "town")
    with served(scenes_root=tmp_path) as afar:
        before = afar.state_hash()
        with pytest.raises(kind, match=says) as caught:
            afar.load_path("town")
        assert status_of(caught.value).name == code
        assert afar.state_hash() == before
        assert afar.step({}).tick == 1


def test_without_a_root_no_path_is_loaded():
    with served() as afar, pytest.raises(NotAllowed, match="loads no folders of its own"):
        afar.load_path("town")


def upload(afar: RemoteEngine, *parts: dict, files=2, size=100):
    source = {"session": afar._talk._session, "upload": {"files": files, "bytes": size}}
    requests = [pb.LoadSceneRequest(source=source), *(pb.LoadSceneRequest(chunk=part) for part in parts)]
    afar._wire.perform(Upload("LoadScene", requests, 5.0))


def piece(data=b"{}", file="scene.json", **more):
    return {"file": file, "data": data, "is_last": True, "crc32": zlib.crc32(data)} | more


@pytest.mark.parametrize(
    ("parts", "kind", "says"),
    [
        ([piece(is_last=False)], InvalidInput, "ended after 0 of 2 files and 2 of 100 bytes"),
        ([piece()], InvalidInput, "ended after 1 of 2 files"),
        ([], InvalidInput, "ended after 0 of 2 files"),
        ([piece(file="../evil")], InvalidInput, "chunk.file is '../evil'; expected one of scene.json"),
        ([piece(), piece()], InvalidInput, "came already"),
        ([piece(is_last=False), piece(file="geometry.npz")], InvalidInput, "not the file under way"),
        ([piece(b"a" * 101)], InvalidInput, "more bytes came than the 100"),
        ([piece(crc32=1)], DamagedData, "'scene.json' has the CRC .* 00000001 was announced"),
        ([piece(), piece(b"a" * 98, "geometry.npz")], InvalidInput, "is not a scene of simbridge"),
    ],
)
def test_an_upload_that_ends_half_way_or_is_not_sound_leaves_the_old_world(parts, kind, says):
    with served() as afar:
        before = afar.state_hash()
        with pytest.raises(kind, match=says):
            upload(afar, *parts)
        assert afar.state_hash() == before
        assert afar.step({}).tick == 1


def test_an_upload_over_quota_is_refused_by_its_announcement():
    says = r"source\.upload\.bytes: 2,000 bytes"
    with served(quotas=Quotas(upload_bytes=1000)) as afar, pytest.raises(OverQuota, match=says):
        upload(afar, size=2000)
    with served(quotas=Quotas(instances=5)) as afar, pytest.raises(OverQuota, match=r"scene: .* instances"):
        afar.load(tiny_scene())


def test_a_cancelled_upload_leaves_the_old_world():
    def slowly(afar):
        source = {"session": afar._talk._session, "operation": "big", "upload": {"files": 2, "bytes": 100}}
        yield pb.LoadSceneRequest(source=source)
        yield pb.LoadSceneRequest(chunk=piece())
        time.sleep(0.3)
        assert afar._wire.stub.Cancel(
            pb.CancelRequest(session=afar._talk._session, operation="big"), timeout=5
        ).was_running
        time.sleep(5)

    with served() as afar:
        before = afar.state_hash()
        with pytest.raises(Cancelled, match=r"Loading 'big' was cancelled. The world is as it was."):
            afar._wire.perform(Upload("LoadScene", slowly(afar), 5.0))
        assert afar.state_hash() == before
