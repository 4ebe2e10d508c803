"""After a leg with pictures: how much of it the text model keeps, and an eye that fits the mix.

``python -m starter.training.adapting mix OLD NEW SHARE OUT`` goes a share of the way from one text
checkpoint to another, which keeps what the old one knew; ``… eye TEXT EYE OUT MINUTES TOKENIZER
PICTURES`` trains the eye alone on what a text model that stays as it is answers about pictures.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from starter.training import together
from starter.training.seeing import Pool
from starter.training.sheets import Stock
from starter.training.together import Start
from starter.training.tower import scaled
from starter.training.train import COMPILED_AFTER, Plan

RATE = 0.28
WARM_UP = 15
SEED = 2131
TOKENS = 2048


def mix(old: Path, new: Path, share: float, out: Path) -> None:
    """Write the checkpoint that lies a share of the way from `old` to `new`."""
    first, second = (torch.load(path, weights_only=False) for path in (old, new))
    for name, weight in first["model"].items():
        second["model"][name] = weight + share * (second["model"][name] - weight)
    torch.save(second, out)


def eye(start: Start, out: Path, minutes: float) -> None:
    """Train the eye for some minutes before a text model that does not change."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    both = together.opened(start.text, start.eye)
    both.model.requires_grad_(requires_grad=False)

    @torch.compile(dynamic=False)
    def look(pixels: Tensor) -> Tensor:
        embedded: Tensor = both.eye(scaled(pixels))
        return embedded

    plan = Plan(minutes=minutes, seed=SEED, tokens_per_step=TOKENS)
    pool = Pool(Stock(start.pictures, plan.seed + 11), both.eye.shape)
    started: float | None = None
    batches = together.seen(start.tokenizer, both.eye.shape, plan, start.pictures)
    for step, part in enumerate(batches):
        if step == COMPILED_AFTER:
            started = time.monotonic()
        left = 1 - (time.monotonic() - started) / (minutes * 60) if started else 1.0
        if left <= 0:
            break
        answers, heads, right = together.picture_loss(both, look, part, pool)
        (answers + together.READER_WEIGHT * heads).backward()
        both.eye_optimiser.step(RATE * min(1.0, (step + 1) / WARM_UP) * left)
        if step % 10 == 0:
            print(f"step {step} pictures {answers.item():.4f} right {right:.4f}", flush=True)
    together.save_eye(out, both)


def main(arguments: Sequence[str]) -> None:
    """Do what the first word says."""
    if arguments[0] == "mix":
        old, new, share, out = arguments[1:]
        mix(Path(old), Path(new), float(share), Path(out))
    else:
        text, sight, out, minutes, tokenizer, pictures = arguments[1:]
        start = Start(Path(tokenizer), Path(text), Path(sight), Path(pictures))
        eye(start, Path(out), float(minutes))


if __name__ == "__main__":
    main(sys.argv[1:])
