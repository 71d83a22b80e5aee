"""Certificates and tokens: who is let in, who is told why not, and what nobody gets to read."""

import contextlib
import logging
import os
import socket
import subprocess
import sys
import time

import grpc
import pytest
import trustme
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

import bridge
from bridge.commands import serve
from bridge.credentials import Access, ServerTls, read_token
from bridge.errors import EngineUnavailable, InvalidInput, NotAllowed
from bridge.knock import speaks_tls
from bridge.server import Config
from tests.bridge.serving import ROOT, serving, wait
from tests.bridge.test_bridge_processes import refused

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """Files of an authority, a server's and a client's certificate of it, and an authority that nobody knows."""
    folder = tmp_path_factory.mktemp("papers")
    ours, theirs = trustme.CA(), trustme.CA()
    for name, authority in (("ca", ours), ("other-ca", theirs)):
        authority.cert_pem.write_to_path(folder / f"{name}.pem")
    for name, pair in (
        ("server", ours.issue_cert("localhost", "127.0.0.1")),
        ("client", ours.issue_cert("client@example.org")),
        ("stranger", theirs.issue_cert("client@example.org")),
    ):
        pair.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
        pair.private_key_pem.write_to_path(folder / f"{name}.key")
    return folder


@contextlib.contextmanager
def guarded(papers, *, client_ca=None, **config):
    tls = ServerTls(papers / "server.pem", papers / "server.key", client_ca)
    with serving(tls=tls, **config) as server:
        yield server.address


def stepped(address, **how) -> int:
    with bridge.connect(address, timeout_s=10, **how) as afar:
        state, (frame,) = afar.step_and_observe({}, ["courier-1/front"], ["rgb"])
        afar.observe(["courier-1/front"], ["depth"])
        assert frame.rgb.max() == state.tick
        return state.tick


def test_a_client_that_trusts_the_authority_is_served(papers):
    with guarded(papers) as address:
        assert stepped(address, tls=bridge.Tls(papers / "ca.pem")) == 1


def test_the_asyncio_client_is_served_too(papers):
    async def talk(address):
        async with await bridge.connect_async(address, tls=bridge.Tls(papers / "ca.pem"), token=TOKEN) as afar:
            return (await afar.step({})).tick, len(await afar.observe(["courier-1/front"]))

    with guarded(papers, token=TOKEN) as address:
        assert wait(talk(address)) == (1, 1)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"tls": "other-ca"}, "do not trust each other .*CERTIFICATE_VERIFY_FAILED"),
        ({"tls": None}, "wants TLS, and this client came without"),
        ({"tls": "ca", "server_name": "elsewhere"}, "do not trust each other .*Hostname"),
    ],
)
def test_a_certificate_that_is_not_trusted_ends_the_connection_with_the_reason(papers, how, why):
    tls = how["tls"] and bridge.Tls(papers / f"{how['tls']}.pem", server_name=how.get("server_name", ""))
    with guarded(papers) as address, pytest.raises(EngineUnavailable, match=why):
        bridge.connect(address, tls=tls, timeout_s=5)


def test_who_comes_with_tls_to_a_server_without_is_told_so(papers):
    with serving() as server, pytest.raises(EngineUnavailable, match=r"speaks without TLS.* Connect without tls="):
        bridge.connect(server.address, tls=bridge.Tls(papers / "ca.pem"), timeout_s=5)


def test_who_comes_without_tls_to_a_server_with_it_is_told_so_by_the_asyncio_client_too(papers):
    with guarded(papers) as address, pytest.raises(EngineUnavailable, match="wants TLS, and this client came without"):
        wait(bridge.connect_async(address, timeout_s=5))


def test_where_nobody_is_nobody_wants_tls():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert not speaks_tls(f"127.0.0.1:{port}")


HANDSHAKES = """
import sys, bridge
from pathlib import Path
from bridge.credentials import ServerTls
from bridge.errors import EngineUnavailable
from tests.bridge.serving import serving
papers = Path(sys.argv[1])
for tls, mine in ((ServerTls(papers / "server.pem", papers / "server.key"), None), (None, bridge.Tls(papers / "ca.pem"))):
    with serving(tls=tls) as server:
        try:
            bridge.connect(server.address, tls=mine, timeout_s=5)
        except EngineUnavailable:
            print("refused")
"""


@pytest.mark.parametrize(("wish", "is_quiet"), [(None, True), ("INFO", False)])
def test_grpc_tells_the_terminal_of_handshakes_that_failed_only_if_it_is_asked_to(papers, wish, is_quiet):
    environment = {key: value for key, value in os.environ.items() if key != "GRPC_VERBOSITY"}
    done = subprocess.run(
        [sys.executable, "-c", HANDSHAKES, str(papers)],
        env=environment | ({"GRPC_VERBOSITY": wish} if wish else {}),
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.split() == ["refused", "refused"]
    assert ("andshake" not in done.stderr) == is_quiet, done.stderr


def test_a_server_may_ask_for_the_clients_certificate(papers):
    ca = papers / "ca.pem"
    with guarded(papers, client_ca=ca) as address:
        assert stepped(address, tls=bridge.Tls(ca, papers / "client.pem", papers / "client.key")) == 1
        for mine in ({}, {"certificate": papers / "stranger.pem", "key": papers / "stranger.key"}):
            with pytest.raises(EngineUnavailable):
                bridge.connect(address, tls=bridge.Tls(ca, **mine), timeout_s=5)


def test_a_missing_or_wrong_token_is_refused_at_once_on_every_call_but_health():
    with serving(token=TOKEN) as server:
        assert stepped(server.address, token=TOKEN) == 1
        for token in ("", TOKEN + "x", TOKEN[:-1] + "S"):
            start = time.monotonic()
            with pytest.raises(NotAllowed, match="asks for its token"):
                bridge.connect(server.address, token=token)
            assert time.monotonic() - start < 2
        with grpc.insecure_channel(server.address) as channel:
            assert health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5).status == 1
            for name in ("Step", "Observe", "LoadScene", "RenewSession"):
                call = channel.stream_stream(f"/bridge.v1.EngineService/{name}")(iter([b""]), timeout=5)
                assert call.code() is grpc.StatusCode.UNAUTHENTICATED


def test_the_token_is_in_no_log_and_no_repr(caplog):
    with caplog.at_level(logging.DEBUG), serving(token=TOKEN) as server:
        assert stepped(server.address, token=TOKEN) == 1
        assert TOKEN not in repr(server.config) + repr(Access(token=TOKEN)) + repr(Config(token=TOKEN))
    assert TOKEN not in caplog.text


def test_a_token_does_not_travel_where_others_can_read_it():
    with pytest.raises(NotAllowed, match="for everybody to read"):
        bridge.connect("192.0.2.1:50051", token=TOKEN)


def test_beyond_this_computer_both_certificate_and_token_are_asked_for(papers):
    tls = ServerTls(papers / "server.pem", papers / "server.key")
    for half in ({"tls": tls}, {"token": TOKEN}):
        refused("0.0.0.0:0", NotAllowed, "not both encryption and a token guard it", **half)
    with guarded(papers, token=TOKEN, address="0.0.0.0:0") as address:
        port = address.rpartition(":")[2]
        assert stepped(f"localhost:{port}", tls=bridge.Tls(papers / "ca.pem"), token=TOKEN) == 1


@pytest.mark.parametrize("content", ["short", "", "with spaces in it, and long", "ü" * 30])
def test_a_token_that_can_be_guessed_or_cannot_travel_is_refused_without_saying_it(tmp_path, content):
    path = tmp_path / "token"
    path.write_text(content, "utf-8")
    path.chmod(0o600)
    with pytest.raises(InvalidInput, match="printable ASCII characters") as caught:
        read_token(path)
    assert not content or content not in str(caught.value)


def test_a_token_file_is_its_owners_alone(tmp_path):
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o600)
    assert read_token(path) == TOKEN
    if sys.platform != "win32":
        path.chmod(0o640)
        with pytest.raises(NotAllowed, match=f"chmod 600 {path}"):
            read_token(path)
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_token(tmp_path / "missing")


def test_files_that_are_no_certificates_are_named(papers, tmp_path):
    (tmp_path / "junk.pem").write_text("junk")
    for tls, says in (
        (ServerTls(tmp_path / "missing.pem", papers / "server.key"), "missing.pem cannot be read"),
        (ServerTls(papers / "server.pem", tmp_path / "junk.pem"), "junk.pem holds no private key"),
    ):
        refused("localhost:0", InvalidInput, says, tls=tls)
    with pytest.raises(InvalidInput, match="expected both"):
        bridge.connect("localhost:1", tls=bridge.Tls(certificate=papers / "client.pem"))


@pytest.mark.parametrize("flags", [{"tls_cert": "server.pem"}, {"tls_key": "server.key"}, {"tls_client_ca": "ca.pem"}])
def test_half_of_the_certificates_flags_are_wrong_usage(papers, flags):
    with pytest.raises(InvalidInput, match="needs both --tls-cert and --tls-key"):
        serve._tls(serve.Config(papers, **{name: papers / file for name, file in flags.items()}))


def reflected(address, *metadata) -> list[str]:
    with grpc.insecure_channel(address) as channel:
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        (answer,) = stub.ServerReflectionInfo(iter([ask]), timeout=5, metadata=metadata)
        return [service.name for service in answer.list_services_response.service]


def test_calls_are_described_to_tools_but_not_in_production_and_not_without_the_token():
    with serving() as server:
        assert "bridge.v1.EngineService" in reflected(server.address)
    with serving(is_reflected=False) as server, pytest.raises(grpc.RpcError) as caught:
        reflected(server.address)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    with serving(token=TOKEN) as server:
        assert reflected(server.address, ("authorization", f"Bearer {TOKEN}"))
        with pytest.raises(grpc.RpcError) as caught:
            reflected(server.address)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Unix sockets")
def test_the_socket_of_a_server_may_be_encrypted_too(papers, tmp_path):
    with guarded(papers, address=f"unix:{tmp_path}/town.sock", token=TOKEN) as address:
        assert stepped(address, tls=bridge.Tls(papers / "ca.pem"), token=TOKEN) == 1
