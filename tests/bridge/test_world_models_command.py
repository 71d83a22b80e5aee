"""`simbridge world-models` lists what there is, and says how to come by weights."""

import json

from bridge.commands import world_models


def test_every_world_model_is_listed_with_a_line_and_its_weights(capsys):
    assert world_models.run(world_models.Config(json=True)) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"copy-last", "constant-velocity", "oracle"} <= set(found)
    assert all(row["what"].endswith(".") and row["weights"] for row in found.values())
    assert found["copy-last"]["weights"] == "Needs no weights."


def test_a_model_that_learns_says_where_its_weights_come_from(tmp_path, monkeypatch):
    source = tmp_path / "__init__.py"
    source.write_text("class Training: ...\n", encoding="utf-8")
    monkeypatch.setattr(world_models, "_source", lambda name: source)
    assert "`simbridge train dreamer --data DIR`" in world_models.weights("dreamer")
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "small.safetensors").write_bytes(bytes(2_500_000))
    assert world_models.weights("dreamer") == "Weights here: small.safetensors (2.5 MB)."
