"""A mind and a real server: `transformers serve` with a tiny random model, held to a schema and left free."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.engine import Skill
from bridge.formats.scene_folder import write_scene
from policies.llm import Config, make
from policies.verbs import usage
from tests.bridge.control.towns import hamlet
from tests.policies.seen import seen

pytestmark = pytest.mark.llm_server
_ENOUGH_S = 240.0
"""How long a loaded computer may take to import torch and make a model; an idle one takes 20 s."""


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "home" / "hub").mkdir(parents=True)
    surroundings = {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(folder / "home"),
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "tests.policies.schema_serve", str(folder / "tiny")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, env=os.environ | surroundings, cwd=root, **pipes) as server:
        late = threading.Timer(_ENOUGH_S, server.kill)
        late.start()
        said = []
        for line in server.stdout:
            said.append(line)
            if found := re.search(r"running on (http://[\d.]+:\d+)", line):
                break
        else:
            pytest.fail("The server ended before it listened:\n" + "".join(said[-40:]))
        late.cancel()
        drain = threading.Thread(target=server.stdout.read, daemon=True)  # a full pipe would hold the server up
        drain.start()
        yield {"base_url": f"{found.group(1)}/v1", "model": str(folder / "tiny")}
        server.stdin.close()
        server.wait(timeout=60)
        drain.join(timeout=60)


def asked(where: dict[str, str], observation, **more):
    """What a mind does at its first decision, and the report of it."""
    agent = make(Config(**where | more, timeout_s=_ENOUGH_S, decision_s=2 * _ENOUGH_S))
    agent.reset(seed=0, agent="courier-1", instruction="Earn as much as you can.")
    action = agent.act(observation)
    report = agent.report()
    agent.close()
    return action, report


def test_a_model_held_to_the_schema_decides(where):
    told = seen(notes={"me": {"energy_pct": 64.0}}, verbs={"rest": 'rest {"to_pct"}', "dance": 'dance {"s"}'})
    action, report = asked(where, told, max_tokens=800)
    assert isinstance(action.motion, Skill)
    assert action.motion.verb in usage(told)
    assert report["repairs"] == 0
    assert report["faults"] == {}
    assert report["prompt_tokens"] > 100
    assert report["completion_tokens"] > 10
    assert report["estimated"] == 0
    assert report["last_fault"] == "" or "that you know of" in report["last_fault"]  # the right form, a wrong name


def test_a_model_left_free_babbles_and_the_agent_waits(where):
    action, report = asked(where, seen(notes={}), schema="none", max_tokens=30)
    assert action.motion.verb == "wait"
    assert report["fallbacks"] == {"invalid": 1}
    assert (report["invalid"], report["corrections"], report["calls"]) == (2, 1, 2)


def test_answers_come_in_pieces(where):
    _, report = asked(where, seen(notes={}), stream=True, schema="none", max_tokens=10)
    assert report["faults"] == {}
    assert report["completion_tokens"] == 20
    assert report["estimated"] == 0


def test_a_model_that_is_not_there_is_told_in_the_report(where):
    action, report = asked(where, seen(notes={}), model="gpt-none")
    assert action.motion.verb == "wait"
    assert report["faults"] == {"rejected": 1}
    assert "gpt-none" in report["last_fault"]


def test_a_shift_by_command_ends_and_its_report_counts_what_the_model_did(where, tmp_path, capsys):
    """A random model knows nothing of couriers: what counts is that each answer is asked for, read, and told of."""
    write_scene(hamlet().scene, tmp_path / "town")
    arguments = (
        tmp_path / "town", "--couriers", 1, "--policy", "llm", "--hours", 0.02, "--engine", "kinematic", "--vehicles", 0,
        "--pedestrians", 0, "--out", tmp_path / "shift", "--llm.base-url", where["base_url"], "--llm.model", where["model"],
        "--llm.max-tokens", 300, "--llm.most-calls", 4, "--llm.timeout-s", _ENOUGH_S, "--llm.decision-s", _ENOUGH_S,
    )  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        main(["deliver", *map(str, arguments)])
    assert ended.value.code == 0
    results = json.loads((tmp_path / "shift/results.json").read_text())
    (report,) = results["reports"].values()
    assert results["ended"] == "over"
    assert 1 <= report["calls"] <= 5  # a second question goes with the first
    assert report["faults"] == {}
    assert report["completion_tokens"] > 10
    assert report["decisions"] == results["rows"]["courier-1"]["decisions"]
    assert f"{report['calls']} calls" in capsys.readouterr().out
