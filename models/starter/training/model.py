"""The network: Qwen3's architecture at a few million parameters.

Parameter names follow GGUF's tensor names, so that the exporter is one plain loop. RoPE rotates
halves (NEOX) and q/k are exported without any permutation. What belongs to optimisation or data
does not belong here.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    """The numbers that fix the network; every row size divides 32 so that Q8_0 fits."""

    vocab: int
    width: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 64
    ffn: int = 704
    rope_base: float = 10000.0
    epsilon: float = 1e-6
    context: int = 2048

    def to_dict(self) -> dict[str, float]:
        """Return the numbers, for a checkpoint."""
        return asdict(self)


class RMSNorm(nn.Module):
    """Root-mean-square norm with a learned scale, computed in float32."""

    def __init__(self, size: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        """Return the normed rows, in the type they came in."""
        return F.rms_norm(x.float(), (x.shape[-1],), self.weight, self.epsilon).to(x.dtype)


def linear(rows: int, columns: int, scale: float) -> nn.Linear:
    """Return a layer without bias, its weights drawn with a standard deviation."""
    layer = nn.Linear(columns, rows, bias=False)
    nn.init.normal_(layer.weight, std=scale)
    return layer


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """RoPE on halves."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class Block(nn.Module):
    """One transformer layer; attribute names are GGUF's."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, std = shape.width, 0.8 * shape.width**-0.5
        self.shape = shape
        self.attn_norm = RMSNorm(width, shape.epsilon)
        self.attn_q = linear(shape.heads * shape.head_dim, width, std)
        self.attn_k = linear(shape.kv_heads * shape.head_dim, width, std)
        self.attn_v = linear(shape.kv_heads * shape.head_dim, width, std)
        self.attn_q_norm = RMSNorm(shape.head_dim, shape.epsilon)
        self.attn_k_norm = RMSNorm(shape.head_dim, shape.epsilon)
        self.attn_output = linear(width, shape.heads * shape.head_dim, std / 2)
        self.ffn_norm = RMSNorm(width, shape.epsilon)
        self.ffn_gate = linear(shape.ffn, width, std)
        self.ffn_up = linear(shape.ffn, width, std)
        self.ffn_down = linear(width, shape.ffn, std / 2)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        """Attention, then the feed-forward part, each added to what came in."""
        batch, length, _ = x.shape
        shape = self.shape
        y = self.attn_norm(x)
        q = self.attn_q(y).view(batch, length, shape.kv_heads, -1, shape.head_dim)
        k = self.attn_k(y).view(batch, length, shape.kv_heads, 1, shape.head_dim)
        v = self.attn_v(y).view(batch, length, shape.kv_heads, shape.head_dim).transpose(1, 2)
        q = rotate(self.attn_q_norm(q), cos, sin).permute(0, 2, 3, 1, 4)
        k = rotate(self.attn_k_norm(k), cos, sin)[:, :, :, 0].permute(0, 2, 3, 1)
        # Written out instead of the fused kernel: its backward pass is four times slower here.
        # Query heads of one key-value head are stacked, so that keys are never copied.
        scores = (q.reshape(batch, shape.kv_heads, -1, shape.head_dim) @ k).view(
            batch, shape.kv_heads, -1, length, length
        )
        weights = torch.softmax(scores.float() * shape.head_dim**-0.5 + mask, dim=-1).to(v.dtype)
        mixed = weights.view(batch, shape.kv_heads, -1, length) @ v
        mixed = mixed.view(batch, shape.kv_heads, -1, length, shape.head_dim)
        mixed = mixed.permute(0, 3, 1, 2, 4).reshape(batch, length, -1)
        x = x + self.attn_output(mixed)
        y = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(y)) * self.ffn_up(y))


class Starter(nn.Module):
    """Token ids in, hidden states out; `logits` ties the head to the embedding."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocab, shape.width)
        nn.init.normal_(self.token_embd.weight, std=0.02)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = RMSNorm(shape.width, shape.epsilon)
        steps = torch.arange(0, shape.head_dim, 2).float() / shape.head_dim
        angles = torch.outer(torch.arange(shape.context).float(), shape.rope_base**-steps)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """Hidden states after the last norm, shape (batch, length, width)."""
        return self.from_embeddings(self.token_embd(ids))

    def from_embeddings(self, x: Tensor) -> Tensor:
        """Hidden states from what stands in the tokens' places: a picture has no ids."""
        length = x.shape[1]
        if torch.is_autocast_enabled("cpu"):
            x = x.bfloat16()
        # Broadcast over batch, key-value heads and the query heads of each.
        cos, sin = (table[:length, None, None].to(x.dtype) for table in (self.cos, self.sin))
        mask = torch.full((length, length), float("-inf")).triu(1)
        for block in self.blk:
            x = block(x, cos, sin, mask)
        return self.output_norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of every token, by the tied embedding."""
        return F.linear(hidden, self.token_embd.weight)

    def parameter_count(self) -> int:
        """How many numbers are learnt."""
        return sum(parameter.numel() for parameter in self.parameters())
