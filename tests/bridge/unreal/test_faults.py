"""What goes wrong between simbridge and Unreal, and what is said of it: not up, slow, strange, late, gone."""

import contextlib
import functools
import socket
import struct
import sys
import threading

import numpy as np
import pytest

from bridge.address import Address
from bridge.conformance import proving_ground
from bridge.engine import Action, Paint, Velocity
from bridge.engines import open_engine
from bridge.errors import (
    DamagedData,
    EngineFailed,
    EngineUnavailable,
    InvalidInput,
    InvalidScene,
    NotAllowed,
    NotSupported,
    Refused,
    SimbridgeError,
    TooLate,
)
from bridge.link import MESSAGE, framed, framed_error
from bridge.types import Camera, Pose
from bridge.unreal import Channel, Reach, reach
from bridge.v1 import link_pb2 as pb
from bridge.worker import answering
from tests.bridge.unreal.far_end import far_end

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")
FORWARD = {"walker-1": Action(Velocity(1.0))}


def kinematic():
    return open_engine("kinematic")


@pytest.fixture
def unreal(tmp_path):
    """An engine on the proving ground, and its far end."""
    with far_end(kinematic, tmp_path) as end, open_engine("unreal", step_timeout_s=20.0, **end.options) as engine:
        engine.load(proving_ground())
        engine.reset(seed=0)
        yield engine, end


def of(kind, tells):
    """An end that answers one kind of order by something else."""
    return lambda what, answer: tells(answer) if what == kind else answer


def changed(answer, change) -> bytes:
    """The answer with its report changed."""
    report = pb.Report.FromString(answer[5:])
    change(report)
    return framed(MESSAGE, report.SerializeToString())


# ---- not up, and slow: never the same words


def test_where_nobody_listens_unreal_is_not_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(
        EngineUnavailable,
        match=rf"not up at 127.0.0.1:{port}: nobody listens.*simbridge-fake-ue --port {port} --no-token",
    ):
        open_engine("unreal", engine_address=f"127.0.0.1:{port}")
    with pytest.raises(EngineUnavailable, match="there is no such socket") as failed:
        open_engine("unreal", engine_address=f"unix:{tmp_path}/none")
    assert failed.value.hop == "engine"
    assert failed.value.exit_code == 3


def test_a_host_that_nobody_knows_is_named():
    where = Reach(Address("no-such-host.invalid", 50061), bytes(32))
    with pytest.raises(EngineUnavailable, match=r"by the name 'no-such-host.invalid'"):
        Channel(where).open()


@pytest.mark.parametrize("has_token", [False, True])
def test_who_takes_connections_and_says_nothing_is_slow(tmp_path, has_token):
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text("ab" * 32)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        options = {"engine_address": f"127.0.0.1:{listening.getsockname()[1]}", "token_file": str(token) * has_token}
        with pytest.raises(TooLate, match=r"slow or stuck|is starting, or stuck"):
            open_engine("unreal", connect_timeout_s=0.3, **options)


def test_a_step_that_takes_too_long_says_so_and_the_world_begins_anew(tmp_path):
    with far_end(kinematic, tmp_path) as end, open_engine("unreal", step_timeout_s=0.5, **end.options) as engine:
        engine.load(proving_ground())
        engine.reset(seed=0)
        is_over = threading.Event()
        end.misbehave = of("advance", lambda answer: is_over.wait(30) and None)
        with pytest.raises(TooLate, match=r"took 'step' and did not answer within 0.7 s. It is up, and slow"):
            engine.step({})
        end.misbehave = lambda what, answer: answer
        is_over.set()
        with pytest.raises(EngineFailed, match="was lost when the connection broke"):
            engine.step({})
        assert engine.reset(seed=0).tick == 0


# ---- who may come in


def test_another_token_is_not_let_in(tmp_path):
    with far_end(kinematic, tmp_path, by_port=True) as end:
        other = tmp_path / "other"
        other.touch(mode=0o600)
        other.write_text("00" * 32)
        with pytest.raises(NotAllowed, match="not the same token"):
            open_engine("unreal", engine_address=end.address, token_file=str(other))
        with pytest.raises(EngineUnavailable, match="Perhaps it asks for a token"):
            open_engine("unreal", engine_address=end.address)
        with open_engine("unreal", **end.options) as engine:
            assert engine.info.name == "unreal"


@pytest.mark.parametrize("text", ["short-but-16-chars", "zz" * 32, "ab" * 31, "ab " * 21 + "a"])
def test_a_token_is_64_hex_digits_and_never_in_the_message(tmp_path, text):
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text(text)
    with pytest.raises(InvalidInput) as refused:
        reach("localhost:50061", token)
    assert text not in str(refused.value)


def test_other_computers_are_reached_with_a_token_alone():
    with pytest.raises(NotAllowed, match="is on another computer"):
        reach("10.0.0.7:50061")
    with pytest.raises(InvalidInput, match="nobody said where it listens"):
        open_engine("unreal")


# ---- strange answers


@pytest.mark.parametrize(
    "bytes_sent",
    [
        struct.pack("<IB", (1 << 32) - 1, 0),
        struct.pack("<IB", 4, 9) + b"abcd",
        struct.pack("<IB", 3, 0) + b"\xff" * 3,
        struct.pack("<IB", 0, 3),
        framed(MESSAGE, pb.Report(number=4_000_000).SerializeToString()),
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_damaged_data_and_ends_the_line(unreal, bytes_sent):
    engine, end = unreal
    end.misbehave = of("advance", lambda answer: bytes_sent)
    with pytest.raises(DamagedData, match="Is it the plug-in of this simbridge that listens there"):
        engine.step({})
    end.misbehave = lambda what, answer: answer
    with pytest.raises(EngineFailed, match="lost"):
        engine.state_hash()
    assert engine.reset(seed=0).tick == 0
    assert engine.step({}).tick == 1


def test_an_answer_without_a_state_is_none(unreal):
    engine, end = unreal
    end.misbehave = of("advance", lambda answer: changed(answer, lambda report: report.ClearField("state")))
    with pytest.raises(DamagedData, match="without a state"):
        engine.step({})


def test_a_table_of_another_shape_is_unreals_fault(unreal):
    engine, end = unreal
    end.misbehave = of("advance", lambda answer: changed(answer, lambda report: report.state.poses.shape.append(1)))
    with pytest.raises(DamagedData, match=r"with what cannot be: state.poses.shape is \(3, 7, 1\)"):
        engine.step({})
    end.misbehave = of(
        "stand_still", lambda answer: changed(answer, lambda report: report.seen[0].parts[0].shape.append(1))
    )
    engine.reset(seed=0)
    with pytest.raises(DamagedData, match="'observe' with what cannot be"):
        engine.observe(["walker-1/front"], ["rgb"])


def test_whatever_unreal_answers_is_understood_or_told_in_words(unreal):
    """Reports with bytes changed, cut or put in between: an error of ours or an answer, and never anything else."""
    engine, end = unreal
    rng, eye = np.random.default_rng(0), Camera("eye", 16, 12, 1.0, Pose(np.array([0.0, 0.0, 3.0])))

    def spoilt(what, answer):
        made = bytearray(answer[5:])
        for _ in range(int(rng.integers(3))):
            at = int(rng.integers(len(made) + 1))
            match int(rng.integers(3)):
                case 0:
                    made[at : at + 1] = rng.bytes(1)
                case 1:
                    del made[at:]
                case 2:
                    made[at:at] = rng.bytes(3)
        return framed(answer[4], bytes(made))

    calls = (
        functools.partial(engine.step, FORWARD, 2),
        functools.partial(engine.observe, [eye], ["depth", "segmentation"]),
        engine.state_hash,
        functools.partial(engine.load, proving_ground()),
    )
    went_well = 0
    for number in range(32):
        end.misbehave = spoilt
        with contextlib.suppress(SimbridgeError):
            calls[number % 4]()
            went_well += 1
        end.misbehave = lambda what, answer: answer
        assert engine.reset(seed=0).tick == 0
    assert 0 < went_well < 32


def test_a_body_that_is_nowhere_is_named(unreal):
    engine, end = unreal
    nowhere = np.full((3, 7), np.nan).tobytes()
    end.misbehave = of(
        "advance", lambda answer: changed(answer, lambda report: setattr(report.state.poses, "data", nowhere))
    )
    with pytest.raises(EngineFailed, match="'walker-1' is nowhere"):
        engine.step({})
    end.misbehave = lambda what, answer: answer
    with pytest.raises(EngineFailed, match="has come to harm"):
        engine.step({})
    engine.reset(seed=0)
    assert engine.step({}).tick == 1


def test_a_level_that_runs_by_itself_is_noticed(unreal):
    engine, end = unreal
    end.misbehave = of(
        "advance", lambda answer: changed(answer, lambda report: setattr(report.state.moment, "tick", 9))
    )
    with pytest.raises(EngineFailed, match="asked for 2 ticks from tick 0 on, and is at tick 9"):
        engine.step({}, 2)


def test_other_ticks_than_ours_are_refused(tmp_path):
    with far_end(kinematic, tmp_path) as end:
        end.misbehave = of("open", lambda answer: changed(answer, lambda report: setattr(report.engine, "tick_s", 0.5)))
        with pytest.raises(NotSupported, match=r"ticks of 0.5 s"):
            open_engine("unreal", **end.options)


# ---- the line breaks


def test_a_broken_line_loses_the_world_and_a_reset_makes_another(unreal):
    engine, end = unreal
    before = engine.step(FORWARD, 10)
    end.misbehave = of("advance", lambda answer: None)
    with pytest.raises(EngineUnavailable, match="broke in 'step'"):
        engine.step({})
    end.misbehave = lambda what, answer: answer
    for call in (
        functools.partial(engine.step, {}),
        engine.state_hash,
        functools.partial(engine.observe, ["overview"]),
    ):
        with pytest.raises(EngineFailed, match="was lost"):
            call()
    assert end.opened == 1
    after = engine.reset(seed=0)
    assert end.opened == 2
    assert after.epoch > before.epoch
    assert after.tick == 0
    assert engine.step({}).tick == 1


def test_while_unreal_is_down_a_reset_says_so_and_later_goes_well(tmp_path):
    with far_end(kinematic, tmp_path) as end:
        engine = open_engine("unreal", **end.options)
        engine.load(proving_ground())
        engine.reset(seed=0)
        end.misbehave = lambda what, answer: None
        with pytest.raises(EngineUnavailable):
            engine.step({})
    with pytest.raises(EngineUnavailable, match="Unreal is not up"):
        engine.reset(seed=0)
    (tmp_path / "far").unlink()
    with far_end(kinematic, tmp_path):
        assert engine.reset(seed=0).tick == 0
        engine.close()


def test_a_piece_that_is_refused_leaves_the_world_as_it_was(unreal):
    engine, end = unreal
    engine.step(FORWARD, 5)
    before = engine.state_hash()
    end.misbehave = of("part", lambda answer: framed_error(InvalidScene("the wall is crooked")))
    with pytest.raises(InvalidScene, match="crooked"):
        engine.load(proving_ground())
    assert engine.state_hash() == before
    assert engine.step({}).tick == 6


def test_a_load_that_breaks_off_is_made_good_by_the_reset(unreal):
    engine, end = unreal
    end.misbehave = of("part", lambda answer: None)
    with pytest.raises(EngineUnavailable, match=r"broke in 'load \(part\)'"):
        engine.load(proving_ground())
    end.misbehave = lambda what, answer: answer
    assert engine.reset(seed=0).tick == 0


def test_a_scene_that_arrives_as_another_is_not_taken(unreal):
    engine, end = unreal
    end.misbehave = of("end", lambda answer: changed(answer, lambda report: report.scene.agents.append("stranger")))
    with pytest.raises(EngineFailed, match="has loaded something else"):
        engine.load(proving_ground())


# ---- frames of another moment


def one_tick_back(answer: bytes, field: str = "tick") -> bytes:
    def change(report):
        for part in report.seen[0].parts:
            setattr(part.moment, field, getattr(part.moment, field) - 1)

    return changed(answer, change)


def test_a_frame_of_another_tick_is_asked_for_again(unreal):
    engine, end = unreal
    engine.step({}, 3)
    looks = []

    def late(answer):
        looks.append(answer)
        return one_tick_back(answer) if len(looks) < 4 else answer

    end.misbehave = of("stand_still", late)
    (frame,) = engine.observe(["walker-1/front"], ["rgb"])
    assert frame.tick == 3
    assert len(looks) == 4


def test_a_frame_that_stays_late_is_refused(unreal):
    engine, end = unreal
    engine.step({}, 3)
    end.misbehave = of("stand_still", one_tick_back)
    with pytest.raises(Refused, match=r"pictures of tick 3, and still shows tick 2"):
        engine.observe(["walker-1/front"], ["rgb"])
    end.misbehave = lambda what, answer: answer
    assert engine.observe(["walker-1/front"], ["rgb"])[0].tick == 3


@pytest.mark.parametrize("field", ["revision", "epoch"])
def test_a_frame_from_before_an_edit_or_a_reset_is_late_too(unreal, field):
    engine, end = unreal
    engine.edit([Paint("wall-1", (0.0, 1.0, 0.0))])
    end.misbehave = of("stand_still", lambda answer: one_tick_back(answer, field))
    with pytest.raises(Refused, match="after 0 edits" if field == "revision" else "still shows world"):
        engine.observe(["walker-1/front"], ["rgb"])


def test_where_shared_memory_does_not_reach_frames_travel(monkeypatch, unreal):
    engine, end = unreal
    (laid,) = engine.observe(["walker-1/front"], ["depth"])
    expected = np.array(laid.depth)

    def nowhere(*_, **__):
        raise InvalidInput("Shared memory cannot be opened here.")

    monkeypatch.setattr(answering.RingWriter, "attached", nowhere)
    engine._looks._is_proven = False
    engine._looks.close()
    count = len(end.orders)
    (travelled,) = engine.observe(["walker-1/front"], ["depth"])
    assert len(end.orders) - count == 2
    np.testing.assert_array_equal(travelled.depth, expected)
    engine.observe(["walker-1/front"], ["depth"])
    assert len(end.orders) - count == 3
