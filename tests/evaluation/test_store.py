"""The store of finished episodes: what was added is kept, whatever happened afterwards."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import DamagedFile
from evaluation.store import Store


def test_records_are_there_again_in_their_order(tmp_path):
    with Store(tmp_path / "rows.jsonl") as store:
        store.add({"key": "a", "rows": [1]})
        store.add({"key": "b", "rows": ["Hägar\n"]})
    with Store(tmp_path / "rows.jsonl") as store:
        assert list(store) == [{"key": "a", "rows": [1]}, {"key": "b", "rows": ["Hägar\n"]}]
        assert "a" in store
        assert "c" not in store


def test_the_last_record_of_a_key_counts(tmp_path):
    with Store(tmp_path / "rows.jsonl") as store:
        store.add({"key": "a", "failure": "died"})
        store.add({"key": "a", "failure": ""})
    with Store(tmp_path / "rows.jsonl") as store:
        assert len(store) == 1
        assert store["a"]["failure"] == ""


@settings(max_examples=30)
@given(cut=st.integers(1, 60))
def test_a_file_cut_anywhere_keeps_every_whole_line_and_goes_on(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("cut") / "rows.jsonl"
    with Store(path) as store:
        for key in "abcd":
            store.add({"key": key, "value": 1})
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    kept = whole[:-cut].count(b"\n")
    with Store(path) as store:
        assert [record["key"] for record in store] == list("abcd")[:kept]
        assert store.torn_bytes == len(whole) - cut - len(whole) // 4 * kept
        store.add({"key": "e", "value": 1})
    assert [json.loads(line)["key"] for line in path.read_bytes().splitlines()] == [*"abcd"[:kept], "e"]


def test_a_last_line_of_zeros_is_dropped_too(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"key":"a"}\n' + bytes(12) + b"\n")
    with Store(path) as store:
        assert [record["key"] for record in store] == ["a"]


def test_a_damaged_line_in_the_middle_is_named(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"key":"a"}\nrubbish\n{"key":"b"}\n')
    with pytest.raises(DamagedFile, match="line 2 is no record"):
        Store(path)


def test_two_processes_do_not_write_at_once(tmp_path):
    path = tmp_path / "rows.jsonl"
    script = f"from pathlib import Path\nfrom evaluation.store import Store\nStore(Path({str(path)!r}))"
    with Store(path):
        other = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": os.getcwd()}
        )  # fmt: skip
        assert "Refused" in other.stderr
        assert "open in another process" in other.stderr


def test_what_json_has_no_word_for_is_refused_and_leaves_the_file_as_it_was(tmp_path):
    with Store(tmp_path / "rows.jsonl") as store:
        with pytest.raises(ValueError, match="not JSON compliant"):
            store.add({"key": "a", "value": float("nan")})
        assert len(store) == 0
    assert (tmp_path / "rows.jsonl").read_bytes() == b""
