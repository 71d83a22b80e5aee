"""A policy in the published Ctrl-World's dream: what it is shown, what becomes of what it says, and how rounds follow each other."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from bridge.errors import DamagedFile, InvalidInput
from tests.world_models import tiny_ctrl_world as tiny
from world_models.ctrl_world.published.adapter import CHANGE, VELOCITY, Adapter, read_adapter
from world_models.ctrl_world.published.interact import Interaction, Seen, Start, as_shown, interact
from world_models.ctrl_world.published.kinematics import flange
from world_models.ctrl_world.published.loop import Imaginer

HOME = np.array([0.0, -0.4, 0.0, -2.2, 0.0, 1.9, 0.8])


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def ideal() -> Adapter:
    """An adapter that moves every joint by a fifteenth of its first command's change a step, worked out by hand.

    SiLU(x) - SiLU(-x) = x, so two units with opposite weights pass a number on; the outputs are scaled back by hand.
    """
    adapter = Adapter(width=14)
    one, two, three = adapter.net[0], adapter.net[2], adapter.net[4]
    with torch.no_grad():
        for value in adapter.parameters():
            value.zero_()
        half = torch.from_numpy((VELOCITY[1] - VELOCITY[0]) / 2).float()
        middle = torch.from_numpy((VELOCITY[1] + VELOCITY[0]) / 2).float()
        for joint in range(7):
            for row, sign in ((joint, 1.0), (7 + joint, -1.0)):
                one.weight[row, 7 + joint] = sign * half[joint]
                one.bias[row] = sign * middle[joint]
                two.weight[row, joint], two.weight[row, 7 + joint] = sign, -sign
            for step in range(15):
                spread = (CHANGE[1] - CHANGE[0])[joint] / 2
                out = 7 * step + joint
                three.weight[out, joint] = (step + 1) / 15 / spread
                three.weight[out, 7 + joint] = -(step + 1) / 15 / spread
                three.bias[out] = float((0.0 - CHANGE[0][joint]) / spread - 1.0)
    return adapter


def test_velocities_become_positions():
    """0.3 rad/s held for a second is 0.02 rad after one command and 0.3 rad after fifteen."""
    positions = ideal().positions(HOME, np.tile([0.3, 0, 0, -0.15, 0, 0, 0], (15, 1)))
    np.testing.assert_allclose(positions[0] - HOME, [0.02, 0, 0, -0.01, 0, 0, 0], atol=1e-5)
    np.testing.assert_allclose(positions[-1] - HOME, [0.3, 0, 0, -0.15, 0, 0, 0], atol=1e-5)


def test_the_adapter_is_112_numbers_to_105():
    shapes = {name: tuple(value.shape) for name, value in Adapter().state_dict().items()}
    assert shapes["net.0.weight"] == (512, 112)
    assert shapes["net.2.weight"] == (512, 512)
    assert shapes["net.4.weight"] == (105, 512)


def test_an_adapter_is_read_as_it_was_written(tmp_path: Path):
    adapter = Adapter()
    torch.save(adapter.state_dict(), tmp_path / "adapter.pt")
    again = read_adapter(tmp_path / "adapter.pt")
    np.testing.assert_array_equal(
        again.positions(HOME, np.ones((15, 7))), adapter.positions(HOME, np.ones((15, 7)))
    )  # fmt: skip


def test_weights_of_something_else_are_refused(tmp_path: Path):
    torch.save({"net.0.weight": torch.zeros(2, 2)}, tmp_path / "adapter.pt")
    with pytest.raises(InvalidInput, match="112-512-512-105"):
        read_adapter(tmp_path / "adapter.pt")
    (tmp_path / "adapter.pt").write_bytes(b"nothing")
    with pytest.raises(DamagedFile, match=r"adapter\.pt"):
        read_adapter(tmp_path / "adapter.pt")


def _start(seed: int = 0) -> Start:
    rgb = np.random.default_rng(seed).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    return Start(rgb, HOME, 0.0)


def _closing(seen: Seen) -> np.ndarray:
    return np.tile([0.3, 0, 0, -0.15, 0, 0, 0, 1.0], (10, 1))


@pytest.fixture(scope="module")
def rounds() -> tuple[list[Interaction], list[Seen]]:
    shown: list[Seen] = []

    def policy(seen: Seen) -> np.ndarray:
        shown.append(seen)
        return _closing(seen)

    imaginer = Imaginer(tiny.network(), tiny.BOUNDS, steps=2)
    found = list(interact(imaginer, ideal(), _start(), policy, instruction="close", rounds=3, policy_skip_step=2))
    return found, shown


def test_every_round_begins_where_the_last_one_ended(rounds):
    found, shown = rounds
    assert len(found) == len(shown) == 3
    for before, after, seen in zip(found, found[1:], shown[1:], strict=False):
        np.testing.assert_array_equal(after.joints[0], before.joints[-1])
        np.testing.assert_array_equal(seen.joints, before.joints[-1])
        np.testing.assert_array_equal(seen.exterior, as_shown(before.rgb[-1, 1]))
        np.testing.assert_array_equal(seen.wrist, as_shown(before.rgb[-1, 2]))


def test_every_second_command_is_a_frame(rounds):
    """Two commands of 0.02 rad a frame."""
    found, _ = rounds
    np.testing.assert_allclose(found[0].joints[:, 0] - HOME[0], 0.04 * np.arange(5), atol=1e-5)


def test_poses_are_the_flanges_and_the_gripper_closes_no_further_than_told(rounds):
    found, _ = rounds
    np.testing.assert_allclose(found[0].poses[:, :3], flange(found[0].joints)[:, :3, 3])
    np.testing.assert_allclose(found[0].poses[:, 6], [0, 0.75, 0.75, 0.75, 0.75])


def test_what_the_policy_does_changes_the_dream():
    films = []
    for speed in (0.0, 0.3):
        imaginer = Imaginer(tiny.network(), tiny.BOUNDS, steps=1)

        def policy(seen: Seen, speed: float = speed) -> np.ndarray:
            return np.tile([speed, speed, 0, 0, 0, 0, 0, 0.0], (15, 1))

        films.append(next(interact(imaginer, ideal(), _start(), policy, rounds=1)).rgb)
    assert not np.array_equal(films[0], films[1])


@pytest.mark.parametrize("commands", [np.zeros((15, 7)), np.zeros((0, 8)), np.full((15, 8), np.nan)])
def test_a_policy_that_says_something_else_is_told_what_is_expected(commands: np.ndarray):
    imaginer = Imaginer(tiny.network(), tiny.BOUNDS, steps=1)
    with pytest.raises(InvalidInput, match="joint velocities and the gripper"):
        next(interact(imaginer, ideal(), _start(), lambda seen: commands))


def test_a_frame_takes_at_most_three_commands():
    imaginer = Imaginer(tiny.network(), tiny.BOUNDS, steps=1)
    with pytest.raises(InvalidInput, match="give 1 to 3"):
        next(interact(imaginer, ideal(), _start(), _closing, policy_skip_step=4))


def test_pictures_are_shown_in_a_square_with_bars():
    """16:9 in 224 pixels is 126 rows, with 49 black ones above and below."""
    shown = as_shown(np.full((192, 320, 3), 200, np.uint8))
    assert shown.shape == (224, 224, 3)
    assert (shown[49:175] == 200).all()
    assert not shown[:49].any()
    assert not shown[175:].any()
