"""The program simbridge-fake-ue at its sockets: who gets in, what nonsense is answered with, how it ends. `pytest -m cpp`."""

import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from bridge.errors import EngineFailed, InvalidInput, Refused
from bridge.link import ERROR, MESSAGE, Link, error_of_payload
from bridge.v1 import link_pb2 as pb
from tests.bridge.unreal.fake_ue import fake_ue, program

pytestmark = [pytest.mark.cpp, pytest.mark.skipif(sys.platform == "win32", reason="it has no sockets there")]
SECRET = bytes([0x5A]) * 32
PATIENCE_S = 30.0


def asked(link: Link, order: pb.Order) -> tuple[int, bytes]:
    return link.exchange(order.SerializeToString(), PATIENCE_S)


def place(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


def closed(peer: socket.socket) -> bytes:
    """What comes until the other end closes."""
    peer.settimeout(PATIENCE_S)
    heard = b""
    while piece := peer.recv(1 << 16):
        heard += piece
    return heard


def test_both_halves_of_the_secret_are_shown_at_a_port(tmp_path):
    with fake_ue(token=tmp_path / "token") as running:
        link = Link.at(*place(running.address), SECRET, timeout_s=PATIENCE_S)
        kind, answer = asked(link, pb.Order(number=4, open=pb.OpenEngine(engine="unreal")))
        report = pb.Report.FromString(answer)
        assert (kind, report.number, report.engine.name) == (MESSAGE, 4, "simbridge-fake-ue")
        link.close()


def test_another_secret_is_shut_out_without_a_word(tmp_path):
    with (
        fake_ue(token=tmp_path / "token") as running,
        socket.create_connection(place(running.address), PATIENCE_S) as peer,
    ):
        peer.sendall(bytes(16))
        assert closed(peer) == b""


@pytest.mark.parametrize(
    "nonsense",
    [b"GET / HTTP/1.1\r\n\r\n", struct.pack("<IB", 0xFFFFFFFF, 0), struct.pack("<IB", 1, 9) + b"x", bytes([0xFF] * 64)],
    ids=["http", "4 GB", "kind 9", "ones"],
)
def test_nonsense_is_answered_and_closed_and_others_go_on(nonsense):
    with fake_ue() as running:
        link = plain(running.address)
        with socket.create_connection(place(running.address), PATIENCE_S) as peer:
            peer.sendall(nonsense)
            heard = closed(peer)
        length, kind = struct.unpack_from("<IB", heard)
        assert (kind, length) == (ERROR, len(heard) - 5)
        assert isinstance(error_of_payload(heard[5:]), InvalidInput)
        assert asked(link, pb.Order(number=1, open=pb.OpenEngine(engine="unreal")))[0] == MESSAGE
        link.close()


def plain(address: str) -> Link:
    """A link to a port that wants no secret."""
    return Link(socket.create_connection(place(address), PATIENCE_S))


def test_half_a_header_and_a_peer_that_stalls_hold_nobody_up():
    with fake_ue() as running, socket.create_connection(place(running.address), PATIENCE_S) as stalled:
        stalled.sendall(struct.pack("<IB", 1 << 26, 0)[:3])
        link = plain(running.address)
        assert asked(link, pb.Order(number=1, open=pb.OpenEngine(engine="unreal")))[0] == MESSAGE
        stalled.sendall(struct.pack("<IB", 1 << 26, 0)[3:] + b"a beginning")
        assert asked(link, pb.Order(number=2, stand_still=pb.StandStill()))[0] == MESSAGE
        link.close()


def test_ten_thousand_orders_at_once_are_answered_one_after_another():
    with fake_ue() as running:
        link = plain(running.address)
        asked(link, pb.Order(number=1, open=pb.OpenEngine(engine="unreal")))
        orders = [pb.Order(number=n, stand_still=pb.StandStill()).SerializeToString() for n in range(2, 10_002)]
        sent = b"".join(struct.pack("<IB", len(order), MESSAGE) + order for order in orders)
        peer = link._socket
        peer.settimeout(PATIENCE_S)
        peer.sendall(sent)
        heard, numbers = bytearray(), []
        while len(numbers) < len(orders):
            heard += peer.recv(1 << 16)
            while len(heard) >= 5 and len(heard) >= 5 + (size := struct.unpack_from("<I", heard)[0]):
                numbers.append(pb.Report.FromString(bytes(heard[5 : 5 + size])).number)
                del heard[: 5 + size]
        assert numbers == list(range(2, 10_002))
        link.close()


def test_one_commands_and_another_is_refused_until_it_is_gone():
    with fake_ue() as running:
        first, second = plain(running.address), plain(running.address)
        open_order = pb.Order(number=1, open=pb.OpenEngine(engine="unreal"))
        assert asked(first, open_order)[0] == MESSAGE
        kind, answer = asked(second, open_order)
        assert kind == ERROR
        assert isinstance(error_of_payload(answer), Refused)
        asked(first, pb.Order(number=2, close=pb.CloseEngine()))
        assert asked(second, open_order)[0] == MESSAGE
        kind, answer = asked(first, pb.Order(number=3, reset=pb.ResetWorld()))
        assert isinstance(error_of_payload(answer), Refused | EngineFailed)
        first.close()
        second.close()


def test_a_socket_that_nobody_answers_at_is_replaced_and_one_in_use_is_not():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "s")
        left = socket.socket(socket.AF_UNIX)
        left.bind(str(path))
        left.close()
        with fake_ue("--unix", str(path)) as running:
            assert running.address == f"unix:{path}"
            assert path.stat().st_mode & 0o077 == 0
            second = subprocess.run(
                [program(), "--unix", str(path)], capture_output=True, text=True, timeout=PATIENCE_S
            )
            assert second.returncode == 3
            assert str(path) in second.stderr
            link = Link.to(str(path), timeout_s=PATIENCE_S)
            assert asked(link, pb.Order(number=1, open=pb.OpenEngine(engine="unreal")))[0] == MESSAGE
            link.close()
        assert not path.exists()


def test_a_signal_ends_it():
    with fake_ue() as running:
        running.process.terminate()
        assert running.process.wait(PATIENCE_S) == 0


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ([], "--unix PATH or --port"),
        (["--port", "70000", "--no-token"], "0 to 65535"),
        (["--port", "0"], "--token-file"),
        (["--port", "0", "--host", "0.0.0.0", "--no-token"], "--token-file"),
        (["--port", "0", "--token-file", "/no/such/file"], "/no/such/file"),
        (["--prot", "0"], "--prot"),
    ],
)
def test_wrong_usage_is_told(flags, told):
    ended = subprocess.run([program(), *flags], capture_output=True, text=True, timeout=PATIENCE_S)
    assert ended.returncode == 2
    assert told in ended.stderr


def test_a_token_file_holds_64_hex_digits(tmp_path):
    for text in ("5a" * 31, "5a" * 33, "5g" * 32, ""):
        (tmp_path / "token").write_text(text)
        flags = ["--port", "0", "--token-file", str(tmp_path / "token")]
        ended = subprocess.run([program(), *flags], capture_output=True, text=True, timeout=PATIENCE_S)
        assert ended.returncode == 2
        assert "64 hex digits" in ended.stderr


def test_pictures_are_kept_for_people(tmp_path):
    from PIL import Image

    from bridge.conformance import proving_ground
    from bridge.engines import open_engine

    with fake_ue("--pictures", str(tmp_path)) as running:
        engine = open_engine("unreal", **running.options)
        loaded = engine.load(proving_ground())
        engine.reset(seed=1)
        camera = next(iter(loaded.cameras))
        (frame,) = engine.observe([camera], ["rgb"])
        (kept,) = tmp_path.glob("*.png")
        assert kept.name == f"00000000-{camera.replace('/', '-')}.png"
        np.testing.assert_array_equal(np.asarray(Image.open(kept)), frame.rgb)
        engine.close()
