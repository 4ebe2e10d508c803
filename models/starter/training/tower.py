"""The eye: a plain vision transformer and a projector, as llama.cpp's ``janus_pro`` runs them.

Names follow GGUF's, and what enters is letterboxed exactly as mtmd does it, so that the trainer
and the engine see the same picture. What a picture shows is not this module's business.
"""

from dataclasses import asdict, dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

PAD = (127, 127, 127)


@dataclass(frozen=True)
class EyeShape:
    """The numbers that fix the tower; `ffn` differs from `width` so that no reader mixes them."""

    side: int = 96
    patch: int = 16
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


def letterbox(image: Image.Image, side: int) -> np.ndarray:
    """Return the picture on a grey square, uint8 (side, side, 3): mtmd's steps, in float32."""
    width, height = image.size
    if (width, height) == (side, side):
        return np.asarray(image)
    scale = min(np.float32(side) / np.float32(width), np.float32(side) / np.float32(height))
    fitted = tuple(
        min(int(np.ceil(np.float32(length) * scale)), side) for length in (width, height)
    )
    square = Image.new("RGB", (side, side), PAD)
    square.paste(
        image.resize(fitted, Image.Resampling.BICUBIC),
        ((side - fitted[0]) // 2, (side - fitted[1]) // 2),
    )
    return np.asarray(square)


def scaled(pixels: Tensor) -> Tensor:
    """Return uint8 (batch, side, side, 3) as the floats that the tower takes, -1..1, planar."""
    return (pixels.permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5


def gelu(x: Tensor) -> Tensor:
    """Apply the one activation of tower and projector."""
    return F.gelu(x, approximate="tanh")


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
        q, k, v = (
            layer(y).view(batch, length, self.heads, -1).transpose(1, 2)
            for layer in (self.attn_q, self.attn_k, self.attn_v)
        )
        scores = (q @ k.mT).float() * (width // self.heads) ** -0.5
        mixed = (torch.softmax(scores, dim=-1).to(v.dtype) @ v).transpose(1, 2)
        x = x + self.attn_out(mixed.reshape(batch, length, width))
        return x + self.ffn_down(gelu(self.ffn_up(self.ln2(x))))


class Vision(nn.Module):
    """Patches to states."""

    def __init__(self, shape: EyeShape) -> None:
        super().__init__()
        self.patch_embd = nn.Conv2d(3, shape.width, shape.patch, shape.patch)
        # Three dimensions, so that the optimiser takes it for what it is and no matrix.
        self.position_embd = nn.Parameter(torch.randn(1, shape.tokens, shape.width) * 0.02)
        self.blk = nn.ModuleList(EyeBlock(shape) for _ in range(shape.layers))
        self.post_ln = nn.LayerNorm(shape.width, shape.epsilon)

    def forward(self, pixels: Tensor) -> Tensor:
        """States of the patches, row by row."""
        x = self.patch_embd(pixels).flatten(2).transpose(1, 2) + self.position_embd
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
        embedded: Tensor = self.mm[1](gelu(self.mm[0](self.v(pixels))))
        return embedded
