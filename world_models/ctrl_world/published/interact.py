"""A policy acts in what Ctrl-World imagines: it sees two dreamt pictures, says joint velocities, and sees what comes of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from world_models.ctrl_world.published.adapter import JOINTS, TOLD, Adapter
from world_models.ctrl_world.published.config import FUTURE
from world_models.ctrl_world.published.kinematics import flange
from world_models.ctrl_world.published.loop import STRIDE, Imaginer, Memory, seed_of
from world_models.ctrl_world.published.poses import numbers_from_flange

Array = NDArray[np.float64]
Pictures = NDArray[np.uint8]
SHOWN_PX = 224
_EXTERIOR, _WRIST = 1, 2
_CAMERA = (180, 320)


@dataclass(frozen=True, eq=False)
class Seen:
    """What a policy is shown: two pictures uint8 (224,224,3) as DROID's policies expect them, joints (7,) [rad], the gripper 0 open to 1 closed."""

    exterior: Pictures
    wrist: Pictures
    joints: Array
    gripper: float
    instruction: str


class JointPolicy(Protocol):
    """Says what to do for the next second."""

    def __call__(self, seen: Seen) -> Array:
        """Commands (k,8) at 15 Hz: joint velocities as DROID scales them, and where the gripper shall be."""
        ...


@dataclass(frozen=True, eq=False)
class Start:
    """How it begins: pictures uint8 (3,H,W,3) in the network's order of views, joints (7,) [rad], the gripper 0 open to 1 closed."""

    rgb: Pictures
    joints: Array
    gripper: float


@dataclass(frozen=True, eq=False)
class Interaction:
    """What one round brought: `rgb` uint8 (5,3,H,W,3) of the moments of `joints` (5,7) and `poses` (5,7), the first being now.

    The last is where the next round begins.
    """

    rgb: Pictures
    joints: Array
    poses: Array


def interact(
    imaginer: Imaginer,
    adapter: Adapter,
    start: Start,
    policy: JointPolicy,
    *,
    instruction: str = "",
    text: torch.Tensor | None = None,
    rounds: int = 12,
    policy_skip_step: int = 2,
    gripper_max: float = 0.75,
    seed: int = 0,
) -> Iterator[Interaction]:
    """Rounds of policy and dream, as they come.

    Each round asks for one second, carries out `policy_skip_step` commands a frame, and imagines four frames. Poses are
    the flange's in the arm's base frame. `text` is the instruction's embedding, None to leave it out; the gripper closes
    to `gripper_max` at most, as grippers in the training data did when something was between the fingers.
    """
    if not 1 <= policy_skip_step <= (TOLD - 1) // STRIDE:
        raise InvalidInput(
            f"policy_skip_step={policy_skip_step} does not fit {TOLD} commands; give 1 to {(TOLD - 1) // STRIDE}."
        )
    network = imaginer.network
    memory = Memory()
    joints, gripper = np.asarray(start.joints, dtype=np.float64), float(start.gripper)
    memory.keep(network.encode(torch.from_numpy(start.rgb[None])), numbers_from_flange(flange(joints), gripper))
    shown = start.rgb
    for number in range(rounds):
        commands = np.asarray(policy(_seen(shown, joints, gripper, instruction)), dtype=np.float64)
        way, grips = _way(adapter, joints, gripper, commands, gripper_max)
        way, grips = way[::policy_skip_step][:FUTURE], grips[::policy_skip_step][:FUTURE]
        poses = numbers_from_flange(flange(way), grips)
        latents = imaginer.imagine(memory, poses, text, seeds=[seed_of(seed, number, 0)])
        film = network.decode(latents[0]).cpu().numpy()
        yield Interaction(film, way, poses)
        shown, joints, gripper = film[-1], way[-1], float(grips[-1])


def _way(
    adapter: Adapter, joints: Array, gripper: float, commands: Array, gripper_max: float
) -> tuple[Array, NDArray[np.float64]]:
    """Joints (15,7) and grippers (15,), now first. Fewer than 15 commands go on with their last one."""
    if commands.ndim != 2 or commands.shape[1] != JOINTS + 1 or not len(commands) or not np.isfinite(commands).all():
        raise InvalidInput(
            f"The policy gave {commands.shape} numbers. Expected (k, {JOINTS + 1}) finite ones: joint velocities and the gripper."
        )
    told = commands[np.minimum(np.arange(TOLD), len(commands) - 1)]
    positions = adapter.positions(joints, told[:, :JOINTS])
    grips = np.clip(told[:, JOINTS], 0.0, gripper_max)
    return np.concatenate([joints[None], positions])[:TOLD], np.concatenate([[gripper], grips])[:TOLD]


def _seen(rgb: Pictures, joints: Array, gripper: float, instruction: str) -> Seen:
    return Seen(as_shown(rgb[_EXTERIOR]), as_shown(rgb[_WRIST]), joints, gripper, instruction)


def as_shown(rgb: Pictures) -> Pictures:
    """A dreamt picture (H,W,3) as a policy of DROID is shown a real one: 16:9, then fitted into a square with black bars."""
    picture = torch.from_numpy(rgb).movedim(-1, 0)[None].float()
    wide = torch.nn.functional.interpolate(picture, _CAMERA, mode="bilinear")
    height = round(SHOWN_PX * _CAMERA[0] / _CAMERA[1])
    small = torch.nn.functional.interpolate(wide, (height, SHOWN_PX), mode="bilinear", antialias=True)[0]
    square = np.zeros((SHOWN_PX, SHOWN_PX, 3), np.uint8)
    top = (SHOWN_PX - height) // 2
    square[top : top + height] = small.round().clamp(0, 255).to(torch.uint8).movedim(0, -1).numpy()
    return square
