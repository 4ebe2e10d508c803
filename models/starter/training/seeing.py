"""The eye's training: first alone on what pictures show, then with the language model.

Alone, five small heads read the mean of the picture's embeddings; they are thrown away. What the
text model is taught besides is `mixture`'s and `starter.seeing`'s business.
"""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from starter import scenes
from starter.scenes import Scene
from starter.training.optimiser import Optimiser
from starter.training.sheets import Example, Stock
from starter.training.tower import Eye, EyeShape, resized, scaled
from starter.training.train import COMPILED_AFTER, Plan

REFRESHED_AFTER = 10_000
"""Pictures after which new drawings are looked for."""
MICRO = 64
"""Pictures that go through the tower together: more do not fit the processor's cache."""
MICROS = 4
IGNORED = -100
HEADS = {
    "kind": len(scenes.KINDS),
    "colour": len(scenes.COLOURS),
    "count": scenes.MOST,
    "digit": len(scenes.DIGITS),
    "character": len(scenes.CHARACTERS),
}
MIDDLES = 8.0
"""Weight of the patches' question: most of its answers are "nothing"."""
SAVE_SECONDS = 120.0


def labels(scene: Scene) -> list[int]:
    """Return what each head should say of a scene, `IGNORED` where the question has no sense."""
    known, shaped = scene.kind != "other", scene.kind in scenes.SHAPES
    return [
        scenes.KINDS.index(scene.kind),
        tuple(scenes.COLOURS).index(scene.colour) if known else IGNORED,
        scene.count - 1 if shaped else IGNORED,
        scenes.DIGITS.index(scene.text) if scene.kind == "digit" else IGNORED,
        scenes.CHARACTERS.index(scene.text) if scene.kind == "character" else IGNORED,
    ]


def patches(example: Example, shape: EyeShape) -> np.ndarray:
    """Return of each patch which kind of object has its middle there, 0 for none."""
    rows = shape.side // shape.patch
    found = np.zeros(shape.tokens, np.int64)
    if example.scene.kind == "other":
        return found
    for x, y, _ in example.middles[example.middles[:, 0] >= 0]:
        row, column = (min(max(int(at / shape.patch), 0), rows - 1) for at in (y, x))
        found[row * rows + column] = scenes.KINDS.index(example.scene.kind) + 1
    return found


def stacked(examples: Sequence[Example], shape: EyeShape) -> tuple[np.ndarray, ...]:
    """Return pixels, labels and the patches' middles of pictures."""
    return (
        np.stack([one.pixels for one in examples]),
        np.array([labels(one.scene) for one in examples]),
        np.stack([patches(one, shape) for one in examples]),
    )


class Pool:
    """Batches of pictures for the heads."""

    def __init__(self, stock: Stock, shape: EyeShape) -> None:
        self._stock, self._shape, self._given = stock, shape, 0

    def batch(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return pixels, labels and middles."""
        self._given += count
        if self._given % REFRESHED_AFTER < count:
            self._stock.refresh()
        examples = [self._stock.example() for _ in range(count)]
        pixels, told, middles = stacked(examples, self._shape)
        return torch.from_numpy(pixels), torch.from_numpy(told), torch.from_numpy(middles)


class Reader(nn.Module):
    """The heads: on the mean of a picture's embeddings, and twice on each embedding.

    Each embedding has to tell all of the picture by itself: a text model that looks anywhere then
    finds it. What only the mean told was read right by the heads and wrong by the text model.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = nn.Linear(width, sum(HEADS.values()))
        self.each = nn.Linear(width, sum(HEADS.values()))
        self.middle = nn.Linear(width, len(scenes.KINDS) + 1)

    def loss(self, embedded: Tensor, told: Tensor, middles: Tensor) -> tuple[Tensor, Tensor]:
        """Return the sum of the heads' losses, and the mean heads' shares of right answers."""
        embedded = embedded.float()
        scores = self.heads(embedded.mean(dim=1)).split(list(HEADS.values()), dim=-1)
        alone = self.each(embedded).flatten(0, 1).split(list(HEADS.values()), dim=-1)
        repeated = told.repeat_interleave(embedded.shape[1], dim=0)
        losses = [
            *missed(scores, told),
            *missed(alone, repeated),
            MIDDLES
            * F.cross_entropy(
                self.middle(embedded).flatten(0, 1), middles.flatten(), ignore_index=IGNORED
            ),
        ]
        right = [
            (each.argmax(-1) == told[:, place]).sum() / (told[:, place] >= 0).sum()
            for place, each in enumerate(scores)
        ]
        return torch.stack(losses).sum(), torch.stack(right)


def missed(scores: Sequence[Tensor], told: Tensor) -> list[Tensor]:
    """Return each head's loss, over the rows to which its question belongs."""
    return [
        F.cross_entropy(each, told[:, place], ignore_index=IGNORED, reduction="sum")
        / (told[:, place] >= 0).sum().clamp(min=1)
        for place, each in enumerate(scores)
    ]


@dataclass(frozen=True)
class Pair:
    """What the first stage trains."""

    eye: Eye
    reader: Reader


def begin(plan: Plan, out: Path, pictures: Path, resume: Path | None = None) -> Path:
    """Train the eye alone for the planned minutes; returns ``eye.pt``.

    An eye of other patches goes on as far as its weights fit; `pictures` is a folder of sheets.
    """
    torch.manual_seed(plan.seed)
    torch.set_num_threads(1)
    shape = EyeShape()
    pair = Pair(Eye(shape), Reader(shape.out))
    if resume:
        state = torch.load(resume, weights_only=False)
        pair.eye.load_state_dict(resized(state["eye"], EyeShape(**state["shape"]), shape))
        pair.reader.load_state_dict(state["reader"], strict=False)
    both = nn.ModuleList((pair.eye, pair.reader))
    optimiser = Optimiser(both, muon_rate=0.01, adam_rate=6e-4)
    pool = Pool(Stock(pictures, plan.seed), shape)

    @torch.compile(dynamic=False)
    def compute(pixels: Tensor, told: Tensor, middles: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast("cpu", torch.bfloat16):
            embedded = pair.eye(scaled(pixels))
        return pair.reader.loss(embedded, told, middles)

    started: float | None = None
    saved = time.monotonic()
    mean = np.zeros(len(HEADS))
    for step in itertools.count():
        if step == COMPILED_AFTER:
            started = time.monotonic()
        elapsed = time.monotonic() - started if started else 0.0
        if elapsed >= plan.minutes * 60:
            break
        parts = [compute_part(compute, pool) for _ in range(MICROS)]
        optimiser.step(plan.factor(step, elapsed))
        right = torch.stack([right for _, right in parts]).nanmean(dim=0)
        mean = 0.98 * mean + 0.02 * np.nan_to_num(right.numpy(), nan=1.0)
        if step % 20 == 0:
            told_right = " ".join(
                f"{name} {share / (1 - 0.98 ** (step + 1)):.3f}"
                for name, share in zip(HEADS, mean, strict=True)
            )
            loss = sum(loss for loss, _ in parts) / MICROS
            print(
                f"{elapsed / 60:5.1f} min step {step:5d} loss {loss:.3f} {told_right}",
                flush=True,
            )
        if time.monotonic() - saved > SAVE_SECONDS:
            saved = time.monotonic()
            save(out / "eye.pt", pair)
    save(out / "eye.pt", pair)
    return out / "eye.pt"


def compute_part(
    compute: Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]], pool: Pool
) -> tuple[float, Tensor]:
    """Add the gradients of some pictures; return their loss and the heads' shares right."""
    loss, right = compute(*pool.batch(MICRO))
    (loss / MICROS).backward()
    return loss.item(), right.detach()


def save(path: Path, pair: Pair) -> None:
    """Write a checkpoint so that a cut never leaves half a file."""
    partial = path.with_suffix(".part")
    torch.save(
        {
            "eye": pair.eye.state_dict(), "reader": pair.reader.state_dict(),
            "shape": pair.eye.shape.to_dict(),
        },
        partial,
    )  # fmt: skip
    partial.replace(path)
