"""The published GeoDrive's two branches: the base is left as it was, the encoder alone learns, and films come out of splats."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKLCogVideoX, CogVideoXDDIMScheduler, CogVideoXDPMScheduler, CogVideoXTransformer3DModel
from safetensors.torch import save_file

from bridge.errors import DamagedFile, InvalidInput, Unavailable
from world_models.geodrive.published import Published, make_published
from world_models.geodrive.published.checkpoint import (
    CONDITION,
    PROMPT,
    read_condition,
    read_scheduler,
    write_condition,
)
from world_models.geodrive.published.completer import PublishedCompleter
from world_models.geodrive.published.network import RENDER, ConditionEncoder, DualBranch
from world_models.geodrive.published.train import Film, Learner, Training

SIZES = {
    "num_attention_heads": 2, "attention_head_dim": 16, "in_channels": 8, "out_channels": 4, "time_embed_dim": 8,
    "text_embed_dim": 12, "num_layers": 4, "sample_width": 4, "sample_height": 4, "sample_frames": 5,
    "max_text_seq_length": 3, "use_rotary_positional_embeddings": True, "use_learned_positional_embeddings": True,
}  # fmt: skip
VAE = {
    "block_out_channels": [8, 8, 8, 8], "latent_channels": 4, "layers_per_block": 1, "norm_num_groups": 2,
    "sample_height": 32, "sample_width": 32,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def base(seed: int = 0, **sizes) -> DualBranch:
    torch.manual_seed(seed)
    return DualBranch(**{**SIZES, **sizes}).eval()


def condition(network: DualBranch) -> ConditionEncoder:
    assert network.encoder is not None
    return network.encoder


def given(channels: int = 8, *, batch: int = 2) -> dict:
    generator = torch.Generator().manual_seed(1)
    return {
        "hidden_states": torch.randn(batch, 2, channels, 4, 4, generator=generator),
        "encoder_hidden_states": torch.randn(batch, 3, 12, generator=generator),
        "timestep": torch.tensor([3, 900])[:batch],
        "image_rotary_emb": base().rotary(2, 4, 4),
    }


def render(batch: int = 1) -> dict:
    return {RENDER: torch.randn(batch, 2, 4, 4, 4, generator=torch.Generator().manual_seed(2))}


@pytest.mark.parametrize("channels", [8, 4], ids=["for pictures", "for words only"])
def test_a_new_encoder_leaves_the_base_as_it_was_to_the_last_bit(channels: int):
    network = base(in_channels=channels)
    stock = CogVideoXTransformer3DModel(**{**SIZES, "in_channels": channels}).eval()
    stock.load_state_dict(network.state_dict(), strict=True)
    network.grow()
    ran: list[bool] = []
    condition(network).register_forward_hook(lambda *_: ran.append(True))
    with torch.no_grad():
        expected = stock(**given(channels)).sample
        assert torch.equal(network(**given(channels), attention_kwargs=render()).sample, expected)
        assert torch.equal(network(**given(channels)).sample, expected)
    assert len(ran) == 1, "the encoder is asked where there is a splat, and only there"


def test_the_encoder_is_the_bases_first_two_blocks():
    network = base()
    encoder = network.grow()
    for index in range(2):
        mine, theirs = encoder.blocks[index].state_dict(), network.transformer_blocks[index].state_dict()
        assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    assert torch.equal(encoder.patch_embed.proj.weight, network.patch_embed.proj.weight)


def test_a_base_for_fewer_channels_is_widened_by_zeros():
    network = base(in_channels=4)
    wide = network.grow().patch_embed.proj.weight
    assert torch.equal(wide[:, :4], network.patch_embed.proj.weight)
    assert wide.shape[1] == 8
    assert not wide[:, 4:].any()


def test_the_first_half_of_the_base_is_told_by_the_first_block_and_the_second_by_the_second():
    """Four blocks and two encoder blocks: i * 2 // 4 is 0, 0, 1, 1."""
    network = base()
    encoder = network.grow()
    told: dict[int, torch.Tensor] = {}

    def watch(index: int):
        def keep(_block, taken, gave) -> None:
            told[index] = taken[0]
            told[index + 100] = gave[0]

        return keep

    for index, block in enumerate(network.transformer_blocks):
        block.register_forward_hook(watch(index))
    with torch.no_grad():
        for number, zero in enumerate(encoder.zero):
            zero.bias.fill_(1.0 + number)
        network(**given(), attention_kwargs=render())
    added = [float((told[index + 1] - told[index + 100]).mean()) for index in range(3)]
    assert added == pytest.approx([1.0, 1.0, 2.0], abs=1e-5)


def test_a_trained_encoder_hears_the_splat():
    network = base()
    with torch.no_grad():
        for zero in network.grow().zero:
            zero.weight.normal_(std=0.1)
        other = {RENDER: render()[RENDER] + 1.0}
        assert not torch.equal(
            network(**given(), attention_kwargs=render()).sample, network(**given(), attention_kwargs=other).sample
        )


def test_the_released_encoder_has_296_million_numbers():
    """A twentieth of CogVideoX-5b-I2V's 5,570 million: 2 x 132.2 for blocks, 13.0 for patches and words, 2 x 9.4 for what is added."""
    with torch.device("meta"):
        released = DualBranch(
            num_attention_heads=48, in_channels=32, num_layers=42, use_rotary_positional_embeddings=True,
            use_learned_positional_embeddings=True,
        )  # fmt: skip
        encoder = released.grow()
    assert round(sum(value.numel() for value in encoder.parameters()) / 1e6) == 296
    assert encoder.patch_embed.proj.weight.shape == (3072, 32, 2, 2)


def test_splatted_latents_of_another_size_are_refused():
    network = base()
    network.grow()
    with pytest.raises(InvalidInput, match="expected them alike"):
        network(**given(), attention_kwargs={RENDER: torch.zeros(1, 3, 4, 4, 4)})


def test_a_base_of_version_1_5_is_refused():
    network = DualBranch(**{**SIZES, "patch_size_t": 2, "use_learned_positional_embeddings": False})
    with pytest.raises(InvalidInput, match=r"CogVideoX 1\.0"):
        network.grow()


def _film(seed: int = 3) -> Film:
    generator = torch.Generator().manual_seed(seed)
    film = torch.randn(1, 2, 4, 4, 4, generator=generator)
    return Film(film, film[:, :1], film + 0.1, torch.randn(1, 3, 12, generator=generator))


def test_at_first_the_zero_maps_alone_have_gradients_and_then_the_whole_encoder():
    network = base()
    encoder = network.grow()
    learner = Learner(network, CogVideoXDDIMScheduler(), Training(rate=1e-2, precision="float32", recompute=False))
    learner.step(_film())
    moved = {
        name.split(".")[0] for name, value in encoder.named_parameters() if value.grad is not None and value.grad.any()
    }
    assert moved == {"zero"}
    learner.step(_film())
    silent = [name for name, value in encoder.named_parameters() if value.grad is None or not value.grad.any()]
    # The last block's words go nowhere, and keys' biases cancel in a softmax.
    assert all("norm2.linear" not in name for name in silent)
    assert {name.split(".")[0] for name, value in encoder.named_parameters() if value.grad is not None and value.grad.any()} == {
        "zero", "blocks", "patch_embed",
    }  # fmt: skip


def test_the_base_is_frozen():
    network = base()
    network.grow()
    before = {name: value.clone() for name, value in network.state_dict().items() if not name.startswith("condition.")}
    learner = Learner(network, CogVideoXDPMScheduler(), Training(rate=1e-2, precision="float32", recompute=False))
    for _ in range(2):
        learner.step(_film())
    after = network.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert all(value.grad is None for name, value in network.named_parameters() if not name.startswith("condition."))


def _losses(steps: int, *, recompute: bool) -> list[float]:
    network = base()
    network.grow()
    learner = Learner(network, CogVideoXDDIMScheduler(), Training(rate=1e-2, precision="float32", recompute=recompute))
    losses = []
    for _ in range(steps):
        learner.done = 0
        losses.append(learner.step(_film()))
    return losses


def test_the_loss_falls():
    losses = _losses(25, recompute=False)
    assert losses[-1] < 0.9 * losses[0], "the same film under the same noise"


def test_computing_activations_twice_changes_nothing():
    assert _losses(3, recompute=True) == pytest.approx(_losses(3, recompute=False), rel=1e-4)


def test_the_encoder_is_written_and_read_alone(tmp_path: Path):
    network, other = base(), base(seed=5)
    torch.nn.init.normal_(network.grow().zero[0].weight)
    write_condition(condition(network), tmp_path / CONDITION)
    read_condition(other.grow(), tmp_path / CONDITION)
    mine, theirs = condition(network).state_dict(), condition(other).state_dict()
    assert list(mine) == list(theirs)
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert (tmp_path / CONDITION).stat().st_size < 1.2 * 4 * sum(value.numel() for value in mine.values())


def test_an_encoder_of_another_base_is_refused(tmp_path: Path):
    write_condition(base(num_attention_heads=3).grow(), tmp_path / CONDITION)
    with pytest.raises(InvalidInput, match="instead of"):
        read_condition(base().grow(), tmp_path / CONDITION)
    (tmp_path / CONDITION).write_bytes(b"nothing")
    with pytest.raises(DamagedFile, match=CONDITION):
        read_condition(base().grow(), tmp_path / CONDITION)


def _weights(folder: Path, *, scheduler: type = CogVideoXDDIMScheduler) -> Path:
    network = base()
    network.save_pretrained(folder / "transformer")
    torch.manual_seed(1)
    AutoencoderKLCogVideoX(
        down_block_types=("CogVideoXDownBlock3D",) * 4, up_block_types=("CogVideoXUpBlock3D",) * 4, **VAE
    ).save_pretrained(folder / "vae")
    scheduler(prediction_type="v_prediction", timestep_spacing="trailing").save_pretrained(folder / "scheduler")
    words = torch.randn(1, 3, 12)
    save_file({"prompt": words, "negative": torch.zeros_like(words)}, folder / PROMPT)
    for zero in network.grow().zero:
        torch.nn.init.normal_(zero.weight, std=0.3)
    write_condition(condition(network), folder / CONDITION)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _weights(tmp_path_factory.mktemp("geodrive"))


@pytest.fixture(scope="module")
def completer(folder: Path) -> PublishedCompleter:
    return make_published(Published(folder, steps=2, device="cpu"))


@dataclass
class Cloud:
    """What a splat is to a completer."""

    rgb: np.ndarray
    depth: np.ndarray
    mask: np.ndarray


def _splats(count: int = 3, seed: int = 0) -> list[Cloud]:
    rng = np.random.default_rng(seed)
    return [
        Cloud(
            rng.integers(0, 256, (24, 40, 3), dtype=np.uint8), rng.uniform(2, 40, (24, 40)).astype(np.float32),
            rng.random((24, 40)) < 0.8,
        )
        for _ in range(count)
    ]  # fmt: skip


REFERENCE = np.random.default_rng(9).random((24, 40, 4)).astype(np.float32)


def test_splats_become_pictures_of_their_own_size(completer: PublishedCompleter):
    splats = _splats()
    rgb, depth = completer.completed(splats, REFERENCE, np.array([0.4, 0.8, 1.2], np.float32), seed=1)
    assert rgb.shape == (3, 24, 40, 3)
    assert rgb.dtype == np.uint8
    assert np.ptp(rgb) > 20
    np.testing.assert_array_equal(np.isfinite(depth[0]), splats[0].mask)
    assert (completer.height, completer.width) == (32, 32)


def test_the_same_seed_completes_the_same_and_another_splat_something_else(completer: PublishedCompleter):
    ahead = np.array([0.4, 0.8, 1.2], np.float32)
    one, again, other, elsewhere = (
        completer.completed(_splats(seed=splat), REFERENCE, ahead, seed=seed)[0]
        for splat, seed in ((0, 1), (0, 1), (0, 2), (3, 1))
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, elsewhere)


def test_more_pictures_than_the_base_makes_are_refused(completer: PublishedCompleter):
    with pytest.raises(InvalidInput, match="1 to 4 after the first"):
        completer.completed(_splats(5), REFERENCE, np.arange(5, dtype=np.float32), seed=0)


def test_dpm_samples_too(tmp_path: Path):
    made = make_published(Published(_weights(tmp_path, scheduler=CogVideoXDPMScheduler), steps=2, device="cpu"))
    one, again = (made.completed(_splats(), REFERENCE, np.zeros(3, np.float32), seed=4)[0] for _ in range(2))
    np.testing.assert_array_equal(one, again)


def test_rotary_positions_are_the_pipelines(completer: PublishedCompleter):
    transformer = completer._parts.transformer
    ours = transformer.rotary(2, 4, 4)
    theirs = completer._pipeline._prepare_rotary_positional_embeddings(32, 32, 2, torch.device("cpu"))
    assert ours is not None
    assert all(torch.equal(mine, other) for mine, other in zip(ours, theirs, strict=True))


def test_a_folder_that_lacks_something_says_what_is_expected_there(folder: Path, tmp_path: Path):
    for name in ("transformer", "vae", "scheduler"):
        (tmp_path / name).symlink_to(folder / name)
    with pytest.raises(Unavailable, match="tokenizer, text_encoder/config") as refused:
        make_published(Published(tmp_path))
    assert CONDITION in str(refused.value)
    assert "Nothing is downloaded" in str(refused.value)


def test_without_a_trained_encoder_it_has_to_be_asked_for(folder: Path, tmp_path: Path):
    for name in ("transformer", "vae", "scheduler", PROMPT):
        (tmp_path / name).symlink_to(folder / name)
    with pytest.raises(Unavailable, match=CONDITION):
        make_published(Published(tmp_path, device="cpu"))
    made = make_published(replace(Published(tmp_path, device="cpu"), untrained=True, steps=1))
    assert "without a trained encoder" in made.name


def test_a_scheduler_of_another_kind_is_refused(tmp_path: Path):
    (tmp_path / "scheduler_config.json").write_text('{"_class_name": "EulerDiscreteScheduler"}', encoding="utf-8")
    with pytest.raises(InvalidInput, match="CogVideoXDDIMScheduler"):
        read_scheduler(tmp_path / "scheduler_config.json")


def test_words_are_embedded_by_the_folders_own_text_encoder(folder: Path, tmp_path: Path):
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

    for name in ("transformer", "vae", "scheduler", CONDITION):
        (tmp_path / name).symlink_to(folder / name)
    words = Tokenizer(models.WordLevel({"<pad>": 0, "</s>": 1, "<unk>": 2, "rain": 3, "sun": 4}, unk_token="<unk>"))
    PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(str(tmp_path / "tokenizer"))
    sizes = T5Config(vocab_size=5, d_model=12, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
    T5EncoderModel(sizes).save_pretrained(str(tmp_path / "text_encoder"))
    films = [
        make_published(Published(tmp_path, steps=2, prompt=prompt, device="cpu")).completed(
            _splats(), REFERENCE, np.zeros(3, np.float32), seed=4
        )[0]
        for prompt in ("rain", "sun")
    ]
    assert not np.array_equal(*films)
