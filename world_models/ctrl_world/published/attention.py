"""Cross attention to one token, without attention: the softmax over one key is 1, so that all that is left is to_out(to_v(token)).

Queries and keys are never computed, and while one chunk is sampled the vector of each layer is computed once for all steps.
"""
# diffusers and nn.Module do not tell their types.
# pyright: reportArgumentType=false, reportCallIssue=false, reportPrivateImportUsage=false, reportReturnType=false
# pyright: reportOptionalSubscript=false, reportOptionalCall=false

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from diffusers.models.attention_processor import Attention
from torch import Tensor, nn

from world_models.ctrl_world.published.config import TemporalAction


class OneToken:
    """Stands in for the attention of one `attn2`: over a picture (`along_time` False) or along time.

    The context has one token for each row of the hidden states, or f of them, of which row i of a picture takes i mod f
    and a row along time all f in their order.
    """

    def __init__(self, *, along_time: bool) -> None:
        self.along_time = along_time
        self.vectors: Tensor | None = None

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        """What is added to the hidden states (rows,n,c): (rows,1,c) or (rows,n,c)."""
        if self.vectors is not None:
            times = hidden_states.shape[0] // self.vectors.shape[0]
            return self.vectors.repeat_interleave(times, dim=0) if times > 1 else self.vectors
        if encoder_hidden_states is None:
            raise TypeError("Cross attention to a token was called without one.")
        context = encoder_hidden_states
        if not self.along_time and context.shape[1] > 1:
            rows = torch.arange(context.shape[0], device=context.device)
            context = context[rows, rows % context.shape[1]][:, None]
        return vector(attn, context)


def vector(attn: Attention, tokens: Tensor) -> Tensor:
    """What attention to one token each gives, (..., c) for tokens (..., d)."""
    return attn.to_out[0](attn.to_v(tokens)) / attn.rescale_output_factor


def cross_attentions(network: nn.Module) -> Iterator[tuple[Attention, bool]]:
    """Every cross attention of a UNet, and whether it runs along time."""
    for name, module in network.named_modules():
        if isinstance(module, Attention) and name.endswith(".attn2"):
            yield module, "temporal_transformer_blocks" in name


@contextmanager
def remembered(network: nn.Module, tokens: Tensor, temporal_action: TemporalAction) -> Iterator[None]:
    """Within, every layer uses the vectors of these tokens (b,f,d), whatever context it is given. One caller at a time."""
    processors = []
    for attn, along_time in cross_attentions(network):
        processor = attn.processor
        if not isinstance(processor, OneToken):
            continue
        if along_time:
            processor.vectors = vector(attn, tokens if temporal_action == "own" else tokens[:, :1])
        else:
            processor.vectors = vector(attn, tokens.flatten(0, 1)[:, None])
        processors.append(processor)
    try:
        yield
    finally:
        for processor in processors:
            processor.vectors = None
