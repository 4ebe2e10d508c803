"""The optimiser: Muon for the matrices, AdamW for the embedding and the norms.

Muon steps along the orthogonalised momentum, which learns these small matrices in about half the
tokens that AdamW needs; matrices of one shape are stacked so that a step costs few kernels.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypedDict

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
MATRIX = 2
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonalise(stack: Tensor, rounds: int = 5) -> Tensor:
    """Return the orthogonal matrices nearest to a stack, by Newton-Schulz in bfloat16."""
    a, b, c = NEWTON_SCHULZ
    x = stack.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(rounds):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).float()


class State(TypedDict):
    """Momenta by shape, and AdamW's own state."""

    muon: dict[torch.Size, Tensor]
    adam: dict[str, Any]


class Optimiser:
    """Muon and AdamW behind one `step`, with one learning-rate factor for both."""

    def __init__(self, model: nn.Module, muon_rate: float = 0.007, adam_rate: float = 2e-3) -> None:
        self._muon_rate, self._adam_rate = muon_rate, adam_rate
        self._groups: dict[torch.Size, list[nn.Parameter]] = defaultdict(list)
        others: list[nn.Parameter] = []
        for name, parameter in model.named_parameters():
            if parameter.ndim == MATRIX and not name.startswith("token_embd"):
                self._groups[parameter.shape].append(parameter)
            else:
                others.append(parameter)
        self._momentum = {
            shape: torch.zeros(len(group), *shape) for shape, group in self._groups.items()
        }
        self._adam = torch.optim.AdamW(others, lr=adam_rate, betas=(0.9, 0.97), weight_decay=0.0)
        self._parameters = list(model.parameters())

    def parameters(self) -> Iterable[nn.Parameter]:
        """All that is learnt."""
        return self._parameters

    @torch.no_grad()
    def step(self, factor: float) -> None:
        """Apply the gradients with both rates scaled by `factor`, then clear them."""
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        for shape, group in self._groups.items():
            momentum = self._momentum[shape]
            gradient = torch.stack([p.grad for p in group if p.grad is not None])
            momentum.lerp_(gradient, 1 - MOMENTUM)
            direction = orthogonalise(gradient.lerp(momentum, MOMENTUM))
            rate = self._muon_rate * factor * max(1.0, shape[0] / shape[1]) ** 0.5
            for parameter, update in zip(group, direction, strict=True):
                parameter.mul_(1 - 0.05 * self._muon_rate * factor).add_(update, alpha=-rate)
        for settings in self._adam.param_groups:
            settings["lr"] = self._adam_rate * factor
        self._adam.step()
        for parameter in self._parameters:
            parameter.grad = None

    def state(self) -> State:
        """Return what a checkpoint keeps."""
        return {"muon": self._momentum, "adam": self._adam.state_dict()}

    def load(self, state: State) -> None:
        """Go on from a checkpoint."""
        for shape, momentum in state["muon"].items():
            self._momentum[shape].copy_(momentum)
        self._adam.load_state_dict(state["adam"])
