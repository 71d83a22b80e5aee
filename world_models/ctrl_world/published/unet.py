"""Stable Video Diffusion's UNet with one context token a frame: diffusers' blocks, walked through with each frame's own token."""
# diffusers and nn.Module do not tell their types.
# pyright: reportArgumentType=false, reportCallIssue=false, reportPrivateImportUsage=false, reportReturnType=false
# pyright: reportOptionalSubscript=false, reportOptionalCall=false

from collections.abc import Mapping
from typing import Any

import torch
from diffusers.models.attention_processor import AttnProcessor2_0
from diffusers.models.unets.unet_spatio_temporal_condition import UNetSpatioTemporalConditionModel
from torch import Tensor

from bridge.errors import InvalidInput
from world_models.ctrl_world.published.attention import OneToken, cross_attentions
from world_models.ctrl_world.published.config import TemporalAction


class FrameLevelUNet(UNetSpatioTemporalConditionModel):
    """The stock network, key for key; the context is one token a frame (paper, section 3.2) unless it is told otherwise."""

    one_token: bool = False
    temporal_action: TemporalAction = "first"

    def attend(self, *, one_token: bool, temporal_action: TemporalAction = "first") -> None:
        """Chooses how cross attention is computed: with `one_token` the exact short cut, for contexts of one token a frame.

        The released network shows its attention along time the oldest frame's token only; `temporal_action="own"` shows
        every frame its own, which takes the short cut and weights trained so.
        """
        if temporal_action == "own" and not one_token:
            raise InvalidInput('temporal_action="own" is there with one token a frame only; set one_token=True.')
        self.one_token, self.temporal_action = one_token, temporal_action
        for attn, along_time in cross_attentions(self):
            attn.set_processor(OneToken(along_time=along_time) if one_token else AttnProcessor2_0())

    def forward(  # type: ignore[override]
        self, sample: Tensor, c_noise: Tensor, tokens: Tensor, time_ids: Tensor, *, frame_level: bool = True
    ) -> Tensor:
        """v (b,f,4,h,w) for latents with their condition (b,f,8,h,w), noise levels (b,), and ids (b,3).

        `tokens` (b,f,d) are one a frame; with `frame_level=False` they are (b,s,d), the same for all frames. Height and
        width must be divisible by 2 for each time that the network halves them.
        """
        batch, frames = sample.shape[:2]
        self._check(sample, tokens, frame_level)
        context = self._context(tokens, frames, frame_level)
        emb = self._embedding(sample, c_noise, time_ids).repeat_interleave(frames, dim=0)
        still = torch.zeros(batch, frames, dtype=sample.dtype, device=sample.device)

        hidden = self.conv_in(sample.flatten(0, 1))
        skips = [hidden]
        for block in self.down_blocks:
            hidden, kept = block(hidden, emb, **_given(block, context), image_only_indicator=still)
            skips.extend(kept)
        hidden = self.mid_block(hidden, emb, encoder_hidden_states=context, image_only_indicator=still)
        for block in self.up_blocks:
            count = len(block.resnets)
            kept, skips = tuple(skips[-count:]), skips[:-count]
            hidden = block(
                hidden, temb=emb, res_hidden_states_tuple=kept, **_given(block, context), image_only_indicator=still
            )
        out = self.conv_out(self.conv_act(self.conv_norm_out(hidden)))
        return out.unflatten(0, (batch, frames))

    def _embedding(self, sample: Tensor, c_noise: Tensor, time_ids: Tensor) -> Tensor:
        """Noise level and ids, embedded (b,c)."""
        level = self.time_embedding(self.time_proj(c_noise).to(sample.dtype))
        ids = self.add_time_proj(time_ids.flatten()).reshape(len(time_ids), -1).to(level.dtype)
        return level + self.add_embedding(ids)

    def _context(self, tokens: Tensor, frames: int, frame_level: bool) -> Tensor:
        """What cross attention is given, one row a frame and item: (b*f,1,d), or (b*f,f,d) where time needs all of them."""
        if frame_level and self.temporal_action == "first":
            return tokens.flatten(0, 1)[:, None]
        return tokens.repeat_interleave(frames, dim=0)

    def _check(self, sample: Tensor, tokens: Tensor, frame_level: bool) -> None:
        least = 2 ** (len(self.down_blocks) - 1)
        if any(size % least for size in sample.shape[-2:]):
            raise InvalidInput(
                f"Latents of {sample.shape[-2]}x{sample.shape[-1]} cannot be halved evenly; expected multiples of {least}."
            )
        if frame_level and tokens.shape[1] != sample.shape[1]:
            raise InvalidInput(f"{tokens.shape[1]} tokens for {sample.shape[1]} frames; expected one a frame.")
        if not frame_level and tokens.shape[1] > 1 and self.one_token:
            raise InvalidInput(
                f"{tokens.shape[1]} tokens for all frames cannot take the short cut; call attend(one_token=False)."
            )


def frame_level_unet(
    sizes: Mapping[str, Any], *, one_token: bool = True, temporal_action: TemporalAction = "first"
) -> FrameLevelUNet:
    """A network of these sizes, with random weights."""
    unet = FrameLevelUNet(**sizes)
    unet.attend(one_token=one_token, temporal_action=temporal_action)
    return unet


def _given(block: Any, context: Tensor) -> dict[str, Tensor]:
    return {"encoder_hidden_states": context} if getattr(block, "has_cross_attention", False) else {}
