"""The released checkpoint fits key for key, and one that does not is told what is wrong with it."""

from pathlib import Path

import pytest
import torch

from bridge.errors import DamagedFile, InvalidInput, Unavailable
from tests.world_models import tiny_ctrl_world as tiny
from world_models.ctrl_world.published.checkpoint import check, empty, fill, read_folder, read_state
from world_models.ctrl_world.published.config import Sizes, read_sizes
from world_models.ctrl_world.published.network import parameter_count, shapes


@pytest.fixture(scope="module")
def released() -> dict[str, tuple[int, ...]]:
    return shapes(Sizes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.weights(tmp_path_factory.mktemp("weights"))


def test_the_unet_has_1428_tensors_and_1525_million_numbers(released: dict[str, tuple[int, ...]]):
    assert sum(name.startswith("unet.") for name in released) == 1428
    assert round(parameter_count(released, "unet") / 1e6, 2) == 1524.62


def test_the_action_encoder_has_2_million_numbers(released: dict[str, tuple[int, ...]]):
    names = [name for name in released if name.startswith("action_encoder.")]
    assert sorted(names) == [
        f"action_encoder.action_encode.{i}.{kind}" for i in (0, 2, 4) for kind in ("bias", "weight")
    ]
    assert parameter_count(released, "action_encoder") == 7 * 1024 + 1024 + 2 * (1024 * 1024 + 1024)


def test_the_other_parts_are_those_of_stable_video_diffusion_and_clip(released: dict[str, tuple[int, ...]]):
    """97.7 million for the VAE, 63.4 for ViT-B/32's text half, 632 for ViT-H/14's vision half, as their makers count."""
    counts = {
        part: round(parameter_count(released, part) / 1e6, 1) for part in ("vae", "text_encoder", "image_encoder")
    }
    assert counts == {"vae": 97.7, "text_encoder": 63.4, "image_encoder": 632.1}
    assert released["text_encoder.text_projection.weight"] == (512, 512)


def test_the_released_keys_and_shapes_fit(released: dict[str, tuple[int, ...]]):
    state = {name: torch.empty(shape, device="meta") for name, shape in released.items()}
    check(state, Sizes(), named="checkpoint.pt")
    fill(empty(Sizes()), state)


def test_keys_that_are_missing_strange_or_of_another_shape_are_all_told(released: dict[str, tuple[int, ...]]):
    state = {name: torch.empty(shape, device="meta") for name, shape in released.items()}
    del state["unet.conv_in.weight"], state["vae.quant_conv.bias"]
    state["unet.extra"] = torch.empty(1)
    state["unet.conv_out.bias"] = torch.empty(5)
    with pytest.raises(InvalidInput) as refused:
        check(state, Sizes(), named="checkpoint.pt")
    told = str(refused.value)
    assert "2 keys are missing: " in told
    assert "unet.conv_in.weight" in told
    assert "1 keys are not expected: unet.extra" in told
    assert "unet.conv_out.bias (5,) instead of (4,)" in told


def test_an_image_encoder_that_is_not_whole_is_not_taken_for_one(released: dict[str, tuple[int, ...]]):
    state = {name: torch.empty(shape, device="meta") for name, shape in released.items()}
    del state["image_encoder.visual_projection.weight"]
    with pytest.raises(InvalidInput, match=r"image_encoder\.visual_projection\.weight"):
        check(state, Sizes(), named="checkpoint.pt")


def test_what_was_written_is_read_again(folder: Path):
    before, after = tiny.network().state_dict(), read_folder(folder).network.state_dict()
    assert list(before) == list(after)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_nothing_is_left_without_a_value(folder: Path):
    network = read_folder(folder).network
    assert not any(value.is_meta for value in (*network.parameters(), *network.buffers()))


def test_safetensors_serve_as_well(folder: Path, tmp_path: Path):
    from safetensors.torch import save_file

    state = read_state(folder / "checkpoint.pt")
    save_file({name: value.contiguous() for name, value in state.items()}, tmp_path / "checkpoint.safetensors")
    again = read_state(tmp_path / "checkpoint.safetensors")
    assert all(torch.equal(state[name], again[name]) for name in state)


@pytest.mark.parametrize("absent", ["checkpoint.pt", "stat.json", "tokenizer"])
def test_a_folder_that_lacks_something_says_what_is_expected_there(folder: Path, tmp_path: Path, absent: str):
    for path in folder.iterdir():
        if path.name != absent:
            (tmp_path / path.name).symlink_to(path)
    with pytest.raises(Unavailable, match=absent) as refused:
        read_folder(tmp_path)
    assert "Nothing is downloaded" in str(refused.value)


def test_a_checkpoint_of_other_sizes_is_refused(folder: Path, tmp_path: Path):
    for path in folder.iterdir():
        if path.name != "sizes.json":
            (tmp_path / path.name).symlink_to(path)
    with pytest.raises(InvalidInput, match=r"shapes differ.*sizes\.json"):
        read_folder(tmp_path)


def test_a_checkpoint_cut_short_is_called_damaged(folder: Path, tmp_path: Path):
    whole = (folder / "checkpoint.pt").read_bytes()
    (tmp_path / "checkpoint.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DamagedFile, match=r"checkpoint\.pt"):
        read_state(tmp_path / "checkpoint.pt")


def test_a_file_with_something_else_in_it_is_refused(tmp_path: Path):
    torch.save([1, 2], tmp_path / "checkpoint.pt")
    with pytest.raises(InvalidInput, match="no state dict"):
        read_state(tmp_path / "checkpoint.pt")
    (tmp_path / "sizes.json").write_text('{"depth": 3}', encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"sizes\.json"):
        read_sizes(tmp_path / "sizes.json")
