"""The pool: work is done in other processes, and whatever happens to them is told of."""

import os
import time

import pytest

from evaluation.pool import Done, run

WORK = "tests.evaluation.work:obey"


def done(specs, **options) -> dict[int, Done]:
    return {one.index: one for one in run(WORK, specs, **{"workers": 2, "timeout_s": 60.0, **options})}


def test_work_is_done_once_each_in_other_processes():
    results = done([("give", str(i)) for i in range(7)] + [("process", "")])
    assert [results[i].result for i in range(7)] == [str(i) for i in range(7)]
    assert all(one.failure == "" and one.tries == 1 for one in results.values())
    assert results[7].result != str(os.getpid())


def test_work_whose_process_died_is_tried_once_more(tmp_path):
    results = done([("die once", str(tmp_path / "mark")), ("give", "a")])
    assert (results[0].result, results[0].tries) == ("recovered", 2)
    assert results[1].result == "a"


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("raise", "ValueError: no such street"),
        ("leave", "its process ended with exit code 7"),
        pytest.param("die", "killed by signal 9", marks=pytest.mark.skipif(os.name == "nt", reason="no signals there")),
    ],
)
def test_work_that_fails_twice_is_named_with_its_reason_and_the_rest_goes_on(order, reason):
    results = done([(order, "no such street"), *(("give", str(i)) for i in range(3))])
    assert reason in results[0].failure
    assert (results[0].result, results[0].tries) == (None, 2)
    assert [results[i].result for i in (1, 2, 3)] == ["0", "1", "2"]


def test_work_that_hangs_is_ended_at_its_deadline():
    results = done([("hang", ""), ("give", "a")], timeout_s=1.0)
    assert results[0].failure == "its process did not answer within 1 s and was ended"
    assert results[1].result == "a"


def test_a_function_that_cannot_be_imported_fails_all_work_instead_of_starting_processes_for_ever(capfd):
    results = list(run("tests.evaluation.nowhere:work", [1, 2], workers=1, timeout_s=60.0))
    assert [one.index for one in results] == [0, 1]
    assert all("no process could be started: its process ended with exit code 1" in one.failure for one in results)
    assert "ModuleNotFoundError" in capfd.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="asks after a process with a signal")
def test_processes_end_when_nobody_wants_more():
    results = run(WORK, [("process", ""), ("hang", "")], workers=2, timeout_s=600.0)
    first = next(results)
    results.close()
    deadline = time.monotonic() + 60
    while _runs(int(first.result)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError, OSError):
        return False
    return True
