"""Faults of trust: papers that are out of date, code that hides in data, clocks that jump; none of them is believed."""

import ast
import datetime
import logging
from pathlib import Path

import numpy as np
import pytest
import trustme

import bridge
from bridge.credentials import ServerTls
from bridge.errors import EngineUnavailable, NotAllowed, SessionEnded
from bridge.session import Sessions
from tests.bridge.serving import ROOT, serving

SOURCES = sorted(path for path in (ROOT / "bridge").rglob("*.py") if path.parent.name != "v1")
YESTERDAY = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """An authority, and a server's and a client's certificate of it that are out of date."""
    folder, authority = tmp_path_factory.mktemp("papers"), trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name, pair in (
        ("valid", authority.issue_cert("localhost")),
        ("expired", authority.issue_cert("localhost", not_before=YESTERDAY.replace(year=2020), not_after=YESTERDAY)),
    ):
        pair.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
        pair.private_key_pem.write_to_path(folder / f"{name}.key")
    return folder


def test_a_certificate_that_has_expired_ends_the_connection_with_the_reason(papers):
    tls = ServerTls(papers / "expired.pem", papers / "expired.key")
    with serving(tls=tls) as server, pytest.raises(EngineUnavailable, match=r"do not trust each other .*expired"):
        bridge.connect(server.address, tls=bridge.Tls(papers / "ca.pem"), timeout_s=5)


def test_a_client_whose_certificate_has_expired_is_not_let_in(papers):
    tls = ServerTls(papers / "valid.pem", papers / "valid.key", papers / "ca.pem")
    with serving(tls=tls) as server:
        with pytest.raises(EngineUnavailable):
            bridge.connect(
                server.address,
                tls=bridge.Tls(papers / "ca.pem", papers / "expired.pem", papers / "expired.key"),
                timeout_s=5,
            )
        with bridge.connect(
            server.address, tls=bridge.Tls(papers / "ca.pem", papers / "valid.pem", papers / "valid.key")
        ) as afar:
            assert afar.step({}).tick == 1


def test_neither_a_right_nor_a_wrong_token_nor_a_sessions_is_said_in_a_log_or_an_error(caplog):
    wrong = TOKEN[::-1]
    with caplog.at_level(logging.DEBUG), serving(token=TOKEN) as server:
        with pytest.raises(NotAllowed) as refused:
            bridge.connect(server.address, token=wrong)
        with bridge.connect(server.address, token=TOKEN) as afar:
            secrets = [TOKEN, wrong, afar.resume_token, afar._talk._session]
            with bridge.connect(server.address, token=TOKEN, resume_token=afar.resume_token) as again:
                secrets += [again.resume_token, again._talk._session]
                with pytest.raises(SessionEnded) as ended:
                    afar.step({})
                said = f"{refused.value}{ended.value}{again.info}{server.config}{afar!r}"
    assert all(len(secret) > 15 for secret in secrets)
    assert not [secret for secret in secrets if secret in caplog.text + said]


def test_a_session_that_was_not_given_cannot_be_guessed():
    with serving() as server, bridge.connect(server.address) as one, bridge.connect(server.address) as other:
        tokens = {one._talk._session, one.resume_token, other._talk._session, other.resume_token}
        assert len(tokens) == 4
        assert min(map(len, tokens)) >= 24  # 18 random bytes each


@pytest.fixture(scope="module")
def uses() -> dict[str, set[str]]:
    """Of every module: dotted names of all that is called, and "import NAME" of all that is imported."""
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        names = found.setdefault(str(path.relative_to(ROOT)), set())
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name)):
                    names.add(name)
                case ast.Call(func=ast.Attribute(value=ast.Name(id=of), attr=name)):
                    names.add(f"{of}.{name}")
                case ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name(id=of), attr=inner), attr=name)):
                    names.add(f"{of}.{inner}.{name}")
                case ast.Import(names=aliases):
                    names.update(f"import {alias.name}" for alias in aliases)
                case ast.ImportFrom(module=str(module), names=aliases):
                    names.update((f"import {module}", *(f"import {module}.{alias.name}" for alias in aliases)))
                case ast.keyword(arg="shell", value=ast.Constant(value=True)):
                    names.add("shell=True")
    return found


UNPACKERS = {f"import {name}" for name in ("pickle", "dill", "cloudpickle", "marshal", "shelve", "yaml", "joblib")}
RUNNERS = {"eval", "exec", "__import__", "os.system", "np.load", "shell=True"}
CLOCKS = {"time.time", "time.time_ns", "datetime.now", "datetime.datetime.now", "datetime.utcnow", "datetime.today"}


def test_no_module_runs_what_it_reads(uses):
    assert len(uses) > 100
    assert not {path: found for path, names in uses.items() if (found := names & (UNPACKERS | RUNNERS))}


def test_deadlines_and_leases_hang_on_no_clock_that_can_be_set(uses):
    """No module asks for the time of day but to write it into a log (time.strftime)."""
    assert "time.monotonic" in uses[str(Path("bridge", "simulation.py"))]
    forbidden = CLOCKS | {f"import {name}" for name in CLOCKS}
    assert not {path: found for path, names in uses.items() if (found := names & forbidden)}


def test_a_lease_lasts_as_long_as_its_clock_says_and_no_shorter():
    now = [1000.0]
    sessions = Sessions(lease_s=10.0, limit=4, clock=lambda: now[0])
    session = sessions.create("a", is_observer=False)
    for now[0] in np.arange(1000.0, 1200.0, 9.9):
        assert sessions.sweep() == []
        assert sessions.find(session.token) is session
    now[0] += 10.1
    assert sessions.sweep() == [session]
    with pytest.raises(SessionEnded, match=r"silent for longer than its lease of 10 s"):
        sessions.find(session.token)
