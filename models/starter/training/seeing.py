"""The eye's training: first alone on what pictures show, then with the language model.

Alone, five small heads read the mean of the picture's embeddings; they are thrown away. What the
text model is taught besides is `mixture`'s and `starter.seeing`'s business.
"""

import multiprocessing
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from starter import scenes
from starter.scenes import Scene
from starter.training import drawing, elsewhere
from starter.training.optimiser import Optimiser
from starter.training.tower import Eye, EyeShape, letterbox, scaled
from starter.training.train import Plan

FRESH = 64
"""New pictures in a batch; as many more are taken from those that were shown before."""
POOL = 24_000
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


def drawn(scene: Scene, rng: Random, shape: EyeShape) -> tuple[np.ndarray, np.ndarray]:
    """Return a scene as the tower's square, and of each patch what has its middle there."""
    if scene.kind == "other":
        return letterbox(elsewhere.picture(rng), shape.side), np.zeros(shape.tokens, np.int64)
    found = drawing.picture(scene, rng)
    width, height = found.image.size
    longest, patches = max(width, height), shape.side // shape.patch
    middles = np.zeros(shape.tokens, np.int64)
    for x, y in found.middles:
        across = ((x - 0.5) * width / longest + 0.5) * patches
        down = ((y - 0.5) * height / longest + 0.5) * patches
        row, column = (min(max(int(at), 0), patches - 1) for at in (down, across))
        middles[row * patches + column] = scenes.KINDS.index(scene.kind) + 1
    return letterbox(found.image, shape.side), middles


def produce(
    seed: int, shape: EyeShape, queue: "multiprocessing.Queue[tuple[np.ndarray, ...]]"
) -> None:
    """Draw labelled batches without end, in a process of its own."""
    rng = Random(seed)
    while True:
        shown = [scenes.draw(rng) for _ in range(FRESH)]
        pictures = [drawn(scene, rng, shape) for scene in shown]
        pixels, middles = (np.stack(part) for part in zip(*pictures, strict=True))
        queue.put((pixels, np.array([labels(scene) for scene in shown]), middles))


def batches(seed: int, shape: EyeShape) -> Iterator[tuple[Tensor, ...]]:
    """Batches of pictures, labels and middles."""
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[tuple[np.ndarray, ...]] = context.Queue(maxsize=16)
    context.Process(target=produce, args=(seed, shape, queue), daemon=True).start()
    pool: deque[tuple[np.ndarray, ...]] = deque(maxlen=POOL // FRESH)
    rng = Random(seed)
    while True:
        fresh = queue.get()
        pool.append(fresh)
        picked = [rng.choice(pool) for _ in range(8)]
        share = [rng.sample(range(FRESH), FRESH // 8) for _ in picked]
        parts = [
            [fresh[side], *(old[side][chosen] for old, chosen in zip(picked, share, strict=True))]
            for side in range(len(fresh))
        ]
        yield tuple(torch.from_numpy(np.concatenate(part)) for part in parts)


class Reader(nn.Module):
    """The heads: one layer on the mean of a picture's embeddings, one on each embedding."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = nn.Linear(width, sum(HEADS.values()))
        self.middle = nn.Linear(width, len(scenes.KINDS) + 1)

    def loss(self, embedded: Tensor, told: Tensor, middles: Tensor) -> tuple[Tensor, list[float]]:
        """Return the mean loss over the heads, and each head's share of right answers."""
        scores = self.heads(embedded.float().mean(dim=1)).split(list(HEADS.values()), dim=-1)
        losses = [
            F.cross_entropy(each, told[:, place], ignore_index=IGNORED)
            for place, each in enumerate(scores)
        ]
        right = [
            ((each.argmax(-1) == told[:, place]).sum() / (told[:, place] >= 0).sum()).item()
            for place, each in enumerate(scores)
        ]
        each = self.middle(embedded.float()).flatten(0, 1)
        losses.append(MIDDLES * F.cross_entropy(each, middles.flatten()))
        return torch.stack(losses).sum(), right


@dataclass(frozen=True)
class Pair:
    """What the first stage trains."""

    eye: Eye
    reader: Reader


def begin(plan: Plan, out: Path, resume: Path | None = None) -> Path:
    """Train the eye alone for the planned minutes; returns ``eye.pt``."""
    torch.manual_seed(plan.seed)
    torch.set_num_threads(1)
    shape = EyeShape()
    pair = Pair(Eye(shape), Reader(shape.out))
    if resume:
        state = torch.load(resume, weights_only=False)
        pair.eye.load_state_dict(state["eye"])
        pair.reader.load_state_dict(state["reader"], strict=False)
    both = nn.ModuleList((pair.eye, pair.reader))
    optimiser = Optimiser(both, muon_rate=0.01)
    for block in pair.eye.v.blk:
        block.compile()
    started = saved = time.monotonic()
    mean = np.zeros(len(HEADS))
    for step, (pixels, told, middles) in enumerate(batches(plan.seed, shape)):
        elapsed = time.monotonic() - started
        if elapsed >= plan.minutes * 60:
            break
        with torch.autocast("cpu", torch.bfloat16):
            embedded = pair.eye(scaled(pixels))
        loss, right = pair.reader.loss(embedded, told, middles)
        loss.backward()
        optimiser.step(plan.factor(step, elapsed))
        mean = 0.98 * mean + 0.02 * np.nan_to_num(np.array(right), nan=1.0)
        if step % 20 == 0:
            told_right = " ".join(
                f"{name} {share / (1 - 0.98 ** (step + 1)):.3f}"
                for name, share in zip(HEADS, mean, strict=True)
            )
            print(
                f"{elapsed / 60:5.1f} min step {step:5d} loss {loss.item():.3f} {told_right}",
                flush=True,
            )
        if time.monotonic() - saved > SAVE_SECONDS:
            saved = time.monotonic()
            save(out / "eye.pt", pair)
    save(out / "eye.pt", pair)
    return out / "eye.pt"


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
