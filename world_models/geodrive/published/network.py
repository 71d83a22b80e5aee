"""GeoDrive's two branches (arXiv 2505.22421, section 3.3): CogVideoX as it is, and a small encoder that tells it what was splatted.

The encoder is a copy of the first two blocks; its features are added to those of the base through linear maps that start
at zero, so that at the start of training the whole is the base, to the last bit.
"""
# pyright: reportArgumentType=false

import copy
from typing import Any

import torch
from diffusers.models.embeddings import get_3d_rotary_pos_embed
from diffusers.models.modeling_outputs import Transformer2DModelOutput
from diffusers.models.transformers.cogvideox_transformer_3d import CogVideoXTransformer3DModel
from diffusers.pipelines.cogvideo.pipeline_cogvideox import get_resize_crop_region_for_grid
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from bridge.errors import InvalidInput

BLOCKS = 2
"""How many of the base's blocks the encoder is a copy of."""
RENDER = "render"
"""The name by which splatted latents travel in `attention_kwargs`."""

Rotary = tuple[Tensor, Tensor]


class ConditionEncoder(nn.Module):
    """Noisy and splatted latents to one feature a block and token.

    `patch_embed` and `blocks` start as the base's; `zero` maps each block's feature [g] to what is added to the base [W g].
    Where the base's patch embedding takes fewer channels than noisy and splatted latents have together, it is widened by
    zeros; the base for pictures takes as many, and the picture's weights serve for the splat.
    """

    def __init__(self, base: CogVideoXTransformer3DModel, *, blocks: int = BLOCKS) -> None:
        super().__init__()
        count = len(base.transformer_blocks)
        if not 1 <= blocks <= count:
            raise InvalidInput(
                f"An encoder of {blocks} blocks cannot be copied from a base of {count}; give 1 to {count}."
            )
        width = base.config.num_attention_heads * base.config.attention_head_dim
        self.patch_embed = copy.deepcopy(base.patch_embed)
        if hasattr(base.patch_embed, "pos_embedding"):
            self.patch_embed.register_buffer("pos_embedding", base.patch_embed.pos_embedding, persistent=False)
        self.patch_embed.proj = _widened(base.patch_embed.proj, 2 * int(base.config.out_channels))
        self.blocks = nn.ModuleList(copy.deepcopy(base.transformer_blocks[index]) for index in range(blocks))
        self.zero = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        for linear in self.zero:
            nn.init.zeros_(linear.weight)
            nn.init.zeros_(linear.bias)
        self.to(base.patch_embed.proj.weight.dtype).requires_grad_(True)

    def forward(
        self,
        noisy: Tensor,
        render: Tensor,
        words: Tensor,
        emb: Tensor,
        rotary: Rotary | None,
        *,
        recompute: bool = False,
    ) -> list[Tensor]:
        """What is added, (b,tokens,width) for each block, of latents (b,f,c,h,w) each and the text (b,length,d)."""
        joint = self.patch_embed(words, torch.cat([noisy, render], dim=2))
        said, hidden = joint[:, : words.shape[1]], joint[:, words.shape[1] :]
        added = []
        for block, zero in zip(self.blocks, self.zero, strict=True):
            hidden, said = _run(block, hidden, said, emb, rotary, recompute)
            added.append(zero(hidden))
        return added


class DualBranch(CogVideoXTransformer3DModel):
    """CogVideoX's transformer with a condition encoder beside it, or without one as long as none was grown.

    Loads the base's weights under the base's names; the encoder's are kept apart (see checkpoint.py).
    """

    @property
    def encoder(self) -> ConditionEncoder | None:
        """The condition encoder, None before one was grown."""
        found: Any = self._modules.get("condition")
        return found

    def grow(self, *, blocks: int = BLOCKS) -> ConditionEncoder:
        """Gives the base a new encoder, and freezes the base."""
        if self.config.patch_size_t is not None or self.config.ofs_embed_dim is not None:
            raise InvalidInput("GeoDrive stands on CogVideoX 1.0 (CogVideoX-5b-I2V); this base is of version 1.5.")
        self.requires_grad_(False)
        encoder = ConditionEncoder(self, blocks=blocks)
        self.add_module("condition", encoder)
        return encoder

    def rotary(self, frames: int, height: int, width: int) -> Rotary | None:
        """Rotary positions of latents of this size, as the base was trained with them; None for a base without."""
        if not self.config.use_rotary_positional_embeddings:
            return None
        size = int(self.config.patch_size)
        grid = (height // size, width // size)
        crop = get_resize_crop_region_for_grid(
            grid, int(self.config.sample_width) // size, int(self.config.sample_height) // size
        )
        cosine, sine = get_3d_rotary_pos_embed(
            int(self.config.attention_head_dim), crop, grid, frames, device=self.patch_embed.proj.weight.device
        )
        return cosine, sine

    def forward(
        self,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor,
        timestep: Tensor,
        timestep_cond: Tensor | None = None,
        ofs: Tensor | None = None,
        image_rotary_emb: Rotary | None = None,
        attention_kwargs: dict[str, Any] | None = None,
        return_dict: bool = True,
    ) -> Any:
        """As the base's, with splatted latents (b or 1,f,c,h,w) in `attention_kwargs["render"]`; without them, the base's."""
        told = dict(attention_kwargs or {})
        render = told.pop(RENDER, None)
        encoder = self.encoder
        if render is None or encoder is None:
            return super().forward(
                hidden_states, encoder_hidden_states, timestep, timestep_cond, ofs, image_rotary_emb, told or None, return_dict
            )  # fmt: skip
        v = self._both(encoder, hidden_states, encoder_hidden_states, timestep, timestep_cond, image_rotary_emb, render)
        return Transformer2DModelOutput(sample=v) if return_dict else (v,)

    def _both(
        self, encoder: ConditionEncoder, latents: Tensor, words: Tensor, timestep: Tensor, timestep_cond: Tensor | None, rotary: Rotary | None,
        render: Tensor,
    ) -> Tensor:  # fmt: skip
        """v (b,f,c,h,w): block i of m adds what encoder block i * n // m says, d_i += W g (the paper's n is 2)."""
        batch, frames, _, height, width = latents.shape
        channels = int(self.config.out_channels)
        noisy = latents[:, :, :channels]
        if render.shape[1:] != noisy.shape[1:]:
            raise InvalidInput(
                f"Splatted latents are {tuple(render.shape[1:])} and noisy ones {tuple(noisy.shape[1:])}; expected them alike."
            )
        render = render.to(latents).expand(batch, -1, -1, -1, -1) if len(render) == 1 else render.to(latents)
        recompute = bool(self.gradient_checkpointing) and torch.is_grad_enabled()
        emb = self.time_embedding(self.time_proj(timestep).to(latents.dtype), timestep_cond)
        added = encoder(noisy, render, words, emb, rotary, recompute=recompute)

        joint = self.embedding_dropout(self.patch_embed(words, latents))
        said, hidden = joint[:, : words.shape[1]], joint[:, words.shape[1] :]
        for index, block in enumerate(self.transformer_blocks):
            hidden, said = _run(block, hidden, said, emb, rotary, recompute)
            hidden = hidden + added[index * len(added) // len(self.transformer_blocks)]
        out = self.proj_out(self.norm_out(self.norm_final(hidden), temb=emb))
        size = int(self.config.patch_size)
        grid = out.reshape(batch, frames, height // size, width // size, channels, size, size)
        return grid.permute(0, 1, 4, 2, 5, 3, 6).reshape(batch, frames, channels, height, width)


def _run(
    block: nn.Module, hidden: Tensor, said: Tensor, emb: Tensor, rotary: Rotary | None, recompute: bool
) -> tuple[Tensor, Tensor]:
    if recompute:
        found: Any = checkpoint(block, hidden, said, emb, rotary, use_reentrant=False)
        return found
    return block(hidden, said, emb, rotary)


def _widened(proj: nn.Conv2d, channels: int) -> nn.Conv2d:
    """The same map for more channels, the new ones counting nothing."""
    if proj.in_channels >= channels:
        if proj.in_channels > channels:
            raise InvalidInput(f"The base takes {proj.in_channels} channels, and {channels} were expected at most.")
        return copy.deepcopy(proj)
    kernel: Any = proj.kernel_size
    stride: Any = proj.stride
    with torch.device(proj.weight.device):
        wide = nn.Conv2d(channels, proj.out_channels, kernel, stride=stride, bias=proj.bias is not None)
    with torch.no_grad():
        wide.weight.zero_()
        wide.weight[:, : proj.in_channels].copy_(proj.weight)
        if wide.bias is not None and proj.bias is not None:
            wide.bias.copy_(proj.bias)
    return wide
