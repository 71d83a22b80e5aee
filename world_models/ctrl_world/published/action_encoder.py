"""One context token a frame: a small network on the frame's pose, and the instruction's embedding added to all of them."""
# diffusers and nn.Module do not tell their types.
# pyright: reportArgumentType=false, reportCallIssue=false, reportPrivateImportUsage=false, reportReturnType=false
# pyright: reportOptionalSubscript=false, reportOptionalCall=false

import torch
from torch import Tensor, nn


class ActionEncoder(nn.Module):
    """Seven scaled numbers a frame to one token a frame (paper, section 3.2); the only weights that Stable Video Diffusion lacks."""

    def __init__(self, width: int = 1024, numbers: int = 7) -> None:
        super().__init__()
        self.action_encode = nn.Sequential(
            nn.Linear(numbers, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width)
        )
        for index in (0, 2):
            nn.init.kaiming_normal_(self.action_encode[index].weight, nonlinearity="relu")

    def forward(self, poses: Tensor, text: Tensor | None = None) -> Tensor:
        """Tokens (b,f,width) of poses (b,f,7). `text` (b,width/2) is written twice, one after the other, and added to each."""
        tokens = self.action_encode(poses)
        return tokens if text is None else tokens + torch.cat([text, text], dim=-1)[:, None]
