"""From joint velocities to joint positions: a small network that knows how the real arm lags behind what it is told.

Policies trained on DROID speak in joint velocities at 15 Hz; Ctrl-World wants to know where the tool will be.
"""
# diffusers and nn.Module do not tell their types.
# pyright: reportArgumentType=false, reportCallIssue=false, reportPrivateImportUsage=false, reportReturnType=false
# pyright: reportOptionalSubscript=false, reportOptionalCall=false

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from bridge.errors import DamagedFile, InvalidInput

Array = NDArray[np.float64]
JOINTS, TOLD = 7, 15
"""Joints of the arm, and how many commands (1 s) go in at once."""
VELOCITY = np.array(
    [
        [-0.4077107, -0.79047304, -0.47850373, -0.8666644, -0.6729502, -0.5602032, -0.692411],
        [0.4900636, 0.7259861, 0.45910007, 0.79220384, 0.69864315, 0.648198, 0.810115],
    ]
)
CHANGE = np.array(
    [
        [-0.2801219, -0.397792, -0.22935797, -0.3351759, -0.42025003, -0.36825255, -0.450706],
        [0.2827909, 0.42184818, 0.33529875, 0.35958457, 0.375613, 0.44463825, 0.4697690],
    ]
)
"""1st and 99th percentile over DROID of commanded velocities and of the joints' change [rad], which belong to the released weights."""


class Adapter(nn.Module):
    """112 numbers (joints now, and 15 commands of 7) to 105 (15 changes of 7); named as the released one is."""

    def __init__(self, width: int = 512) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(JOINTS * (TOLD + 1), width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, JOINTS * TOLD)
        )  # fmt: skip

    def positions(self, joints: Array, velocities: Array) -> Array:
        """Joints (15,7) [rad] after each command, for joints (7,) now and commands (15,7) as DROID's policies give them."""
        if joints.shape != (JOINTS,) or velocities.shape != (TOLD, JOINTS):
            raise InvalidInput(
                f"Joints {joints.shape} and velocities {velocities.shape} were given; expected {(JOINTS,)} and {(TOLD, JOINTS)}."
            )
        scaled = 2.0 * (velocities - VELOCITY[0]) / (VELOCITY[1] - VELOCITY[0] + 1e-8) - 1.0
        weight = self.net[0].weight
        given = torch.from_numpy(np.concatenate([joints, scaled.ravel()])).to(weight)
        with torch.no_grad():
            found = self.net(given).double().cpu().numpy().reshape(TOLD, JOINTS)
        return joints + (found + 1.0) / 2.0 * (CHANGE[1] - CHANGE[0]) + CHANGE[0]


def read_adapter(path: Path) -> Adapter:
    """The adapter in a state dict. Raises InvalidInput for one that is of another shape, DamagedFile for none."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # torch raises whatever its readers do: OSError, RuntimeError, UnpicklingError, EOFError.
        raise DamagedFile(
            f"{path} cannot be read as an adapter's weights ({type(error).__name__}: {error}). Fetch it anew."
        ) from error
    adapter = Adapter()
    try:
        adapter.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise InvalidInput(
            f"{path} is no adapter of joint velocities ({error}). Expected net.0, net.2 and net.4 of 112-512-512-105."
        ) from error
    return adapter.eval()
