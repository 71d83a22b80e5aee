"""Training the small Ctrl-World: a tiny one learns a toy in seconds, through the command; what it learns from is what was seen."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from bridge.cli import main
from bridge.errors import InvalidInput
from tests.world_models.ctrl_world.toys import SHAPE, clip
from world_models.autoencoder import Autoencoder, Shape, pictures_from_rgb, rgb_from_pictures
from world_models.clips import write_shard
from world_models.ctrl_world import Config, Training, make, train
from world_models.ctrl_world.mini import weights
from world_models.ctrl_world.training import reading
from world_models.ctrl_world.training.footage import batch, footage, moments
from world_models.ctrl_world.training.predictor import Lesson, loss_of
from world_models.ctrl_world.training.score import scored
from world_models.reel import reel
from world_models.training_loop import Stage, fit, stream

CPU = torch.device("cpu")
TOLD = {"device": CPU, "precision": torch.float32}


def quiet(line: str) -> None:
    pass


@pytest.fixture(scope="module")
def toys():
    """Clips to learn from and others, and an autoencoder that knows their two colours."""
    film, held = reel(clip(seed) for seed in range(24)), reel(clip(seed) for seed in range(100, 106))
    torch.manual_seed(0)
    autoencoder = Autoencoder(Shape(SHAPE.latents, SHAPE.widths))
    from world_models.ctrl_world.training.stages import pictures_loss

    return film, held, autoencoder, pictures_loss(film, CPU, torch.float32, count=16)


def test_pictures_come_back_from_bytes_as_they_were():
    rgb = np.arange(2 * 8 * 8 * 3, dtype=np.uint8).reshape(2, 8, 8, 3)
    assert (rgb_from_pictures(pictures_from_rgb(rgb)) == rgb).all()


@pytest.mark.parametrize(("height", "width"), [(64, 64), (96, 160)])
def test_latents_are_an_eighth_of_the_size_of_any_picture(height, width):
    model = Autoencoder(Shape(4, (8, 8, 16)))
    latents = model.encode(torch.zeros(2, 3, height, width))
    assert latents.shape == (2, 4, height // 8, width // 8)
    assert model.decode(latents).shape == (2, 3, height, width)


def test_standardised_latents_have_unit_spread(toys):
    film, _, autoencoder, _ = toys
    pictures = pictures_from_rgb(film.rgb[:64, 0])
    autoencoder.standardise(pictures)
    latents = autoencoder.encode(pictures)
    torch.testing.assert_close(latents.std((0, 2, 3)), torch.ones(SHAPE.latents), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(latents.mean((0, 2, 3)), torch.zeros(SHAPE.latents), rtol=0, atol=1e-4)


def test_a_tiny_model_learns_that_the_cube_goes_with_the_tool_and_the_no_action_variant_does_not(toys, tmp_path):
    film, held, autoencoder, pictures = toys
    fit(autoencoder, pictures, Stage("autoencoder", steps=80, rate=6e-3, warm_up=5), folder=tmp_path, say=quiet)
    autoencoder.standardise(pictures_from_rgb(film.rgb[:, 0]))
    predictor = weights.networks(SHAPE).predictor
    learn, judge = footage(film, autoencoder, SHAPE), footage(held, autoencoder, SHAPE)
    lesson = Lesson(batch=8, untold=0.2, blur=0.1, pure=1.0)
    fit(
        predictor,
        loss_of(learn, lesson, **TOLD),
        Stage("predictor", steps=150, rate=6e-3, warm_up=10, average=0.95),
        folder=tmp_path,
        say=quiet,
    )
    told = scored(predictor, autoencoder, judge, precision=torch.float32, length=6, steps=0)
    untold = scored(predictor, autoencoder, judge, precision=torch.float32, length=6, steps=0, is_told=False)
    for horizon in range(6):
        assert told.dream[:, horizon].mean() < 0.7 * told.copy[:, horizon].mean()
        assert told.dream[:, horizon].mean() < 0.7 * untold.dream[:, horizon].mean()


def test_every_lesson_can_be_taught_at_once(toys):
    film, _, autoencoder, _ = toys
    predictor = weights.networks(SHAPE).predictor
    lesson = Lesson(batch=8, shortcuts=0.5, own=0.8, masked=0.5)
    loss = loss_of(footage(film, autoencoder, SHAPE), lesson, **TOLD)(predictor, stream(0, "lesson"), 0.0)
    loss.backward()
    assert torch.isfinite(loss)
    assert all(p.grad is not None for p in predictor.parameters())


def test_a_batch_holds_what_came_before_and_after_and_nothing_beyond_a_clips_end(toys):
    film, _, autoencoder, _ = toys
    learn = footage(film, autoencoder, SHAPE)
    last = int(film.starts[1]) - 2  # one frame follows
    taught = batch(learn, SHAPE, np.array([last, 3]))
    assert taught.rows[0, SHAPE.context - 1 :].tolist() == [last, last + 1, last + 1]
    assert taught.rows[1, SHAPE.context - 1 :].tolist() == [3, 4, 5]
    assert (taught.weights[0, 1] == 0).all()
    assert (taught.weights[0, 0] >= 1).all()
    torch.testing.assert_close(taught.new[1], learn.latents[4:6])


def test_no_moment_is_the_last_of_its_clip():
    film = reel(clip(seed, frames) for seed, frames in enumerate((3, 5)))
    assert moments(film).tolist() == [0, 1, 3, 4, 5, 6]


def test_clips_of_other_views_are_refused():
    other = clip(1)
    with pytest.raises(InvalidInput, match="one task and size"):
        reel([clip(0), replace(other, seen=replace(other.seen, rgb=other.seen.rgb[:, :, :16]))])
    with pytest.raises(InvalidInput, match="no clips of two frames"):
        reel([])


def test_platts_scaling_finds_the_odds_that_were_twisted():
    rng = np.random.default_rng(0)
    odds = rng.normal(0, 2, 20_000)
    done = (rng.random(len(odds)) < 1 / (1 + np.exp(-(0.5 * odds + 1.0)))).astype(float)
    slope, offset = reading.platt(odds, done)
    assert (slope, offset) == (pytest.approx(0.5, abs=0.03), pytest.approx(1.0, abs=0.05))
    _, before = reading.reliability(1 / (1 + np.exp(-odds)), done)
    _, after = reading.reliability(1 / (1 + np.exp(-(slope * odds + offset))), done)
    assert after < 0.02 < before


def test_the_truth_of_yaw_means_nothing_for_a_bowl_or_a_tilted_cube():
    seen = clip(0)
    tilted = replace(seen.seen.things[0], poses=np.tile([0.5, 0, 0.75, 0.7071, 0.7071, 0, 0], (8, 1)))
    true = reading.truth(reel([seen, replace(seen, seen=replace(seen.seen, things=(tilted, seen.seen.things[1])))]))
    assert (true.turns[:8, 0] == torch.tensor([1.0, 0.0])).all()
    assert (true.turns[8:, 0] == 0).all()
    assert (true.turns[:, 1] == 0).all()


def test_the_command_trains_and_what_it_trains_can_be_used(tmp_path, capsys):
    data, out = tmp_path / "data", tmp_path / "out"
    write_shard(data / "clips-0.npz", [clip(seed) for seed in range(5)])
    few = [f"--ctrl-world.{stage}-steps=2" for stage in ("autoencoder", "predictor", "reader")]
    command = [
        "train",
        "ctrl-world",
        "--data",
        str(data),
        "--out",
        str(out),
        *few,
        "--ctrl-world.few-steps=2",
        "--ctrl-world.batch=2",
    ]
    command += ["--ctrl-world.dim=32", "--ctrl-world.layers=2", "--ctrl-world.held-out=0.2"]
    with pytest.raises(SystemExit) as ended:
        main(command)
    said = capsys.readouterr()
    assert ended.value.code == 0, said.err
    assert said.out.strip() == str(out / weights.FILE)
    model, seen = make(Config(weights=str(out), doubts=1)), clip(9)
    answer = model.predict(seen.past(1), seen.course(1, 3))
    assert answer.rgb.shape == (1, 3, 1, 32, 32, 3)
    assert model.info.weights.startswith("ctrl-world-mini ")
    assert (out / "predictor.checkpoint").is_file()


def test_two_processes_train_one_model(tmp_path):
    write_shard(tmp_path / "clips-0.npz", [clip(seed) for seed in range(4)])
    few = {f"{stage}_steps": 2 for stage in ("autoencoder", "predictor", "few", "reader")}
    settings = Training(**few, batch=4, dim=32, layers=2, held_out=0.25, processes=2)
    said = []
    path = train(settings, tmp_path, tmp_path / "out", said.append)
    assert weights.load(path).shape.dim == 32
    assert said[-1].startswith("finished: ")
    assert not (tmp_path / "out" / "meeting").exists()


def test_what_cannot_be_trained_says_why(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["train", "copy-last", "--data", str(tmp_path)])
    assert ended.value.code == 2
    assert "learns nothing" in capsys.readouterr().err
    with pytest.raises(InvalidInput, match="no shards"):
        train(Training(), tmp_path, tmp_path / "out", quiet)
    with pytest.raises(InvalidInput, match="held_out between 0 and 1"):
        Training(held_out=1.5)


def test_without_torch_the_model_is_configured_and_says_what_to_install():
    import subprocess
    import sys

    code = (
        "import sys\nsys.modules['torch'] = None\nfrom world_models import ctrl_world\n"
        "try: ctrl_world.make(ctrl_world.Config())\nexcept Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Unavailable")
    assert done.stdout.strip().endswith('pip install "simbridge[world-models]"')
