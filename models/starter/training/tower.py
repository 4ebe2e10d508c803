"""The eye: a plain vision transformer and a projector, as llama.cpp's ``janus_pro`` runs them.

Names follow GGUF's, and what enters is letterboxed exactly as mtmd does it, so that the trainer
and the engine see the same picture. What a picture shows is not this module's business.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class EyeShape:
    """The numbers that fix the tower; `ffn` differs from `width` so that no reader mixes them."""

    side: int = 96
    patch: int = 12
    width: int = 128
    layers: int = 4
    heads: int = 4
    ffn: int = 512
    hidden: int = 320
    out: int = 256
    epsilon: float = 1e-6

    @property
    def tokens(self) -> int:
        """How many tokens a picture takes."""
        return (self.side // self.patch) ** 2

    def to_dict(self) -> dict[str, float]:
        """Return the numbers, for a checkpoint."""
        return asdict(self)


def resized(state: dict[str, Tensor], old: EyeShape, new: EyeShape) -> dict[str, Tensor]:
    """Return an eye's weights for other patches: kernels and positions are scaled to fit."""
    if (old.side, old.patch) == (new.side, new.patch):
        return state
    kernels = state["v.patch_embd.weight"].view(-1, 3, old.patch, old.patch)
    positions = state["v.position_embd"][0].T.reshape(1, old.width, old.side // old.patch, -1)
    size = (new.patch, new.patch)
    rows = new.side // new.patch
    kernels = F.interpolate(kernels, size, mode="bilinear", antialias=True)
    positions = F.interpolate(positions, (rows, rows), mode="bicubic")
    return {
        **state,
        "v.patch_embd.weight": (kernels * (old.patch / new.patch) ** 2).flatten(1),
        "v.position_embd": positions.flatten(2).mT.contiguous(),
    }


def scaled(pixels: Tensor) -> Tensor:
    """Return uint8 (batch, side, side, 3) as the floats that the tower takes, -1..1, planar."""
    return (pixels.permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5


def activated(x: Tensor) -> Tensor:
    """Apply the one activation of tower and projector: SiLU, three times cheaper here than GELU."""
    return F.silu(x)


class EyeBlock(nn.Module):
    """One layer; attribute names are GGUF's."""

    def __init__(self, shape: EyeShape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.ln1 = nn.LayerNorm(width, shape.epsilon)
        self.ln2 = nn.LayerNorm(width, shape.epsilon)
        self.attn_q = nn.Linear(width, width)
        self.attn_k = nn.Linear(width, width)
        self.attn_v = nn.Linear(width, width)
        self.attn_out = nn.Linear(width, width)
        self.ffn_up = nn.Linear(width, shape.ffn)
        self.ffn_down = nn.Linear(shape.ffn, width)

    def forward(self, x: Tensor) -> Tensor:
        """Attention over all patches, then the feed-forward part."""
        batch, length, width = x.shape
        y = self.ln1(x)
        three = (self.attn_q, self.attn_k, self.attn_v)
        weight = torch.cat([layer.weight for layer in three])
        bias = torch.cat([layer.bias for layer in three])
        mixed_in = F.linear(y, weight, bias).view(batch, length, 3, self.heads, -1)
        q, k, v = mixed_in.permute(2, 0, 3, 1, 4)
        scores = (q @ k.mT).float() * (width // self.heads) ** -0.5
        mixed = (torch.softmax(scores, dim=-1).to(v.dtype) @ v).transpose(1, 2)
        x = x + self.attn_out(mixed.reshape(batch, length, width))
        return x + self.ffn_down(activated(self.ffn_up(self.ln2(x))))


class Vision(nn.Module):
    """Patches to states."""

    def __init__(self, shape: EyeShape) -> None:
        super().__init__()
        # The convolution of patches that do not overlap, as one product: far quicker backwards.
        self.patch = shape.patch
        self.patch_embd = nn.Linear(3 * shape.patch**2, shape.width)
        # Three dimensions, so that the optimiser takes it for what it is and no matrix.
        self.position_embd = nn.Parameter(torch.randn(1, shape.tokens, shape.width) * 0.02)
        self.blk = nn.ModuleList(EyeBlock(shape) for _ in range(shape.layers))
        self.post_ln = nn.LayerNorm(shape.width, shape.epsilon)

    def forward(self, pixels: Tensor) -> Tensor:
        """States of the patches, row by row."""
        batch, channels, side, _ = pixels.shape
        patch, rows = self.patch, side // self.patch
        cut = pixels.view(batch, channels, rows, patch, rows, patch).permute(0, 2, 4, 1, 3, 5)
        x = self.patch_embd(cut.reshape(batch, rows * rows, -1)) + self.position_embd
        for block in self.blk:
            x = block(x)
        normed: Tensor = self.post_ln(x)
        return normed


class Eye(nn.Module):
    """Pictures in, (batch, tokens, out) embeddings for the language model out."""

    def __init__(self, shape: EyeShape) -> None:
        super().__init__()
        self.shape = shape
        self.v = Vision(shape)
        self.mm = nn.ModuleList(
            (nn.Linear(shape.width, shape.hidden), nn.Linear(shape.hidden, shape.out))
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """Embed scaled pictures."""
        embedded: Tensor = self.mm[1](activated(self.mm[0](self.v(pixels))))
        return embedded
