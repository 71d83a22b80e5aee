"""The small recogniser: its NumPy pass is that of torch, it survives its file, and what ships reads what it was made for."""

import numpy as np
import pytest

from bridge.errors import DamagedFile
from evaluation.measures import recogniser
from evaluation.measures.reading import BODY, read, told
from evaluation.measures.recogniser import LAYERS, WIDTHS, Recogniser, expected_pixel, load, save, shipped
from tests.evaluation.measures.scenes import CAMERA, clip

RGB = np.random.default_rng(1).integers(0, 256, (16, 24, 3), dtype=np.uint8)


def random_recogniser():
    rng = np.random.default_rng(0)
    weights = {}
    for name, fan_in, out, _ in LAYERS:
        weights[f"{name}.weight"] = (rng.standard_normal((out, fan_in, 3, 3)) / np.sqrt(9 * fan_in)).astype(np.float32)
        weights[f"{name}.bias"] = rng.standard_normal(out).astype(np.float32)
    weights["head.weight"] = rng.standard_normal((4, WIDTHS[0])).astype(np.float32)
    weights["head.bias"] = rng.standard_normal(4).astype(np.float32)
    return Recogniser(("", "still", "body"), ("still",), weights)


def test_the_pass_in_numpy_is_that_of_torch():
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install simbridge[world-models]")
    from evaluation.measures.training import network

    known = random_recogniser()
    net = network(4)
    weights = {**known.weights, "head.weight": known.weights["head.weight"][:, :, None, None]}
    net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    x = torch.from_numpy(np.moveaxis(RGB, -1, 0)[None].astype(np.float32) / 127.5 - 1.0)
    np.testing.assert_allclose(known.scores(RGB), net(x)[0].detach().numpy(), atol=1e-4)


def test_a_recogniser_survives_its_file(tmp_path):
    known = random_recogniser()
    save(known, tmp_path / "known.npz")
    again = load(tmp_path / "known.npz")
    assert (again.classes, again.points) == (known.classes, known.points)
    np.testing.assert_allclose(again.scores(RGB), known.scores(RGB), atol=0.05)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "none.npz").write_bytes(b"PK nothing")
    with pytest.raises(DamagedFile, match="no recogniser"):
        load(tmp_path / "none.npz")


def test_a_sharp_peak_is_where_it_is():
    scores = np.zeros((1, 8, 8), np.float32)
    scores[0, 2, 5] = 50.0
    np.testing.assert_allclose(expected_pixel(scores), [[5.5, 2.5]])


def test_labels_are_told_in_the_recognisers_classes():
    labels = np.array([[0, 1, 2, 255]], np.uint8)
    np.testing.assert_array_equal(told(labels, clip().seen.things, ("", "slides", BODY)), [[0, 0, 1, 2]])


def test_what_nobody_was_taught_is_not_read():
    of = clip().seen
    assert read("no-such-task", of.cameras, of.things, of.body, of.rgb) is None
    assert read("manipulate", (CAMERA,), of.things, of.body, of.rgb) is None


def test_what_ships_knows_the_table():
    known = shipped("manipulate")
    assert known is not None
    assert {"red-cube", "green-cube", "blue-cube", "can", "bowl", BODY} <= set(known.classes)
    assert recogniser.shipped("no-such-task") is None
