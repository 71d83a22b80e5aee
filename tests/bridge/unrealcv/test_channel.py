"""The connection to an UnrealCV server: batches in order, and every way in which the other end can fail."""

import socket
import threading
import time

import pytest

from bridge.errors import DamagedData, EngineUnavailable, InvalidInput, TooLate
from bridge.unrealcv.channel import connect
from tests.bridge.unrealcv.fake_unreal import FakeUnreal, Quirks
from tests.bridge.unrealcv.fake_world import FakeWorld

PATIENCE_S = 30.0


@pytest.fixture
def world():
    made = FakeWorld()
    for index in range(50):
        made.add(f"Thing_{index}", (index, 0, 0))
    return made


def test_a_batch_is_written_at_once_and_answered_in_order(world):
    lines = [f"vget /object/thing_{index % 50}/location" for index in range(400)]
    with FakeUnreal(world) as unreal, connect(unreal.address, PATIENCE_S) as channel:
        answers = channel.ask(lines, PATIENCE_S)
        assert answers == [f"{index % 50:.3f} 0.000 0.000".encode() for index in range(400)]
        assert unreal.peak <= 32


def test_names_are_found_in_any_case_and_trailing_spaces_do_no_harm(world):
    with FakeUnreal(world) as unreal, connect(unreal.address, PATIENCE_S) as channel:
        assert channel.ask(["vget /object/THING_3/location  "], PATIENCE_S) == [b"3.000 0.000 0.000"]


def test_the_server_says_what_it_is_called(world):
    with FakeUnreal(world) as unreal, connect(unreal.address, PATIENCE_S) as channel:
        assert channel.project == "FakeCity"


def test_after_its_first_tcp_client_the_unix_socket_is_found(world):
    with FakeUnreal(world) as unreal:
        connect(unreal.address, PATIENCE_S).close()
        assert unreal.uds_ready.wait(PATIENCE_S)
        with connect(unreal.address, PATIENCE_S) as channel:
            assert channel.where == f"unix:{unreal.path}"
            assert channel.ask(["vget /objects"], PATIENCE_S)[0].startswith(b"Thing_0 Thing_1 ")


def test_a_server_that_takes_tcp_no_more_is_told_from_a_slow_one():
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(EngineUnavailable, match=r"serves TCP once"):
        connect(f"127.0.0.1:{silent.getsockname()[1]}", 0.2)


def test_fault_35_no_server_at_all_names_the_hop_and_what_to_start():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(EngineUnavailable, match=rf"127.0.0.1:{port} \(.*--unrealcv 9000"):
        connect(f"127.0.0.1:{port}", PATIENCE_S)


def test_a_second_client_is_told_that_there_is_one_already():
    with socket.create_server(("127.0.0.1", 0)) as busy:

        def refuse() -> None:
            busy.accept()[0].close()

        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(EngineUnavailable, match=r"serves one client|dropped the connection"):
            connect(f"127.0.0.1:{busy.getsockname()[1]}", PATIENCE_S)
        thread.join(PATIENCE_S)


def test_another_service_at_the_port_is_told_as_such():
    quirks = Quirks(greeting=b"220 mail.example.org")
    with FakeUnreal(quirks=quirks) as unreal, pytest.raises(EngineUnavailable, match="no UnrealCV server"):
        connect(unreal.address, PATIENCE_S)


@pytest.mark.parametrize(
    ("then", "error", "says"),
    [
        ("garbage", DamagedData, "0x50545448"),  # HTTP, little-endian
        ("huge", DamagedData, "4,294,967,295 bytes"),
        ("half", DamagedData, "amid a message"),
        ("close", EngineUnavailable, "closed the connection"),
        ("other id", DamagedData, "77777:ok"),
    ],
)
def test_fault_36_a_broken_answer_ends_the_connection(world, then, error, says):
    with FakeUnreal(world, quirks=Quirks(after=5, then=then)) as unreal, connect(unreal.address, PATIENCE_S) as channel:
        with pytest.raises(error, match=says):
            channel.ask(["vget /objects"] * 10, PATIENCE_S)
        assert not channel.is_open
        with pytest.raises(EngineUnavailable, match="is closed"):
            channel.ask(["vget /objects"], PATIENCE_S)


def test_fault_38_a_server_that_says_nothing_is_left_at_the_deadline(world):
    quirks = Quirks(after=3, then="hang")
    with FakeUnreal(world, quirks=quirks) as unreal, connect(unreal.address, PATIENCE_S) as channel:
        began = time.monotonic()
        with pytest.raises(TooLate, match="up but slow: 3 of 4 answers"):
            channel.ask(["vget /objects"] * 4, 0.2)
        assert time.monotonic() - began < PATIENCE_S


def test_ten_thousand_lines_do_not_jam_either_end(world):
    with FakeUnreal(world, quirks=Quirks(frame_s=0.0)) as unreal, connect(unreal.address, PATIENCE_S) as channel:
        assert len(set(channel.ask(["vget /objects"] * 10_000, PATIENCE_S))) == 1


@pytest.mark.parametrize("address", ["nowhere", "localhost:99999", ""])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(InvalidInput):
        connect(address, 1.0)
