"""The eye's training: first alone on what pictures show, then with the language model.

Alone, five small heads read the mean of the picture's embeddings; they are thrown away. What the
text model is taught besides is `mixture`'s and `starter.seeing`'s business.
"""

import itertools
import multiprocessing
import os
import queue
import time
from collections.abc import Callable
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
from starter.training.framing import letterbox
from starter.training.optimiser import Optimiser
from starter.training.tower import Eye, EyeShape, scaled
from starter.training.train import COMPILED_AFTER, Plan

FRESH = 64
"""Pictures that are drawn at a time."""
MOST_FRESH = 0.5
"""Share of a batch that is new at most."""
POOL = 60_000
LEAST_POOL = 1_024
MICRO = 64
"""Pictures that go through the tower together: more do not fit the processor's cache."""
MICROS = 4
MOVED = 5
"""Pixels of the tower's square by which a digit or a character is moved at most."""
SIGNS = (scenes.KINDS.index("digit"), scenes.KINDS.index("character"))
"""Kinds that may be neither turned nor mirrored."""
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
    """Draw labelled batches without end, in a process and a session of its own."""
    os.setsid()
    rng = Random(seed)
    while True:
        shown = [scenes.draw(rng) for _ in range(FRESH)]
        pictures = [drawn(scene, rng, shape) for scene in shown]
        pixels, middles = (np.stack(part) for part in zip(*pictures, strict=True))
        queue.put((pixels, np.array([labels(scene) for scene in shown]), middles))


class Pool:
    """Pictures that were drawn, given out again and again: drawing takes half as long as learning.

    What looks the same from every side is turned and mirrored, the rest moved a little, so that
    few come twice.
    """

    def __init__(self, seed: int, shape: EyeShape) -> None:
        context = multiprocessing.get_context("spawn")
        self._queue: multiprocessing.Queue[tuple[np.ndarray, ...]] = context.Queue(maxsize=64)
        arguments = (seed, shape, self._queue)
        context.Process(target=produce, args=arguments, daemon=True).start()
        self._rng = np.random.default_rng(seed)
        side, tokens = shape.side, shape.tokens
        self._pixels = np.zeros((POOL, side, side, 3), dtype=np.uint8)
        self._told = np.zeros((POOL, len(HEADS)), dtype=np.int64)
        self._middles = np.zeros((POOL, tokens), dtype=np.int64)
        self._drawn = 0
        while self._drawn < LEAST_POOL:
            self._take(self._queue.get())

    def _take(self, fresh: tuple[np.ndarray, ...]) -> None:
        at = self._drawn % POOL
        count = min(len(fresh[0]), POOL - at)
        for kept, new in zip((self._pixels, self._told, self._middles), fresh, strict=True):
            kept[at : at + count] = new[:count]
        self._drawn += count

    def _moved(self, image: np.ndarray) -> np.ndarray:
        x, y = self._rng.integers(0, 2 * MOVED + 1, 2)
        wider = np.pad(image, ((MOVED, MOVED), (MOVED, MOVED), (0, 0)), mode="edge")
        return wider[y : y + len(image), x : x + len(image)]

    @property
    def drawn(self) -> int:
        """How many pictures were drawn so far."""
        return self._drawn

    def batch(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return pixels, labels and middles; new pictures come first."""
        before = self._drawn
        while self._drawn - before < count * MOST_FRESH:
            try:
                self._take(self._queue.get_nowait())
            except queue.Empty:
                break
        fresh = min(self._drawn - before, count)
        picked = self._rng.integers(0, min(self._drawn, POOL), count)
        picked[:fresh] = np.arange(self._drawn - fresh, self._drawn) % POOL
        pixels, middles = self._pixels[picked], self._middles[picked]
        told = self._told[picked]
        rows = int(middles.shape[1] ** 0.5)
        for at in range(fresh, count):
            if told[at, 0] in SIGNS:
                pixels[at] = self._moved(pixels[at])
                middles[at] = IGNORED
                continue
            quarter, mirrored = self._rng.integers(0, 4), self._rng.integers(0, 2)
            grid = middles[at].reshape(rows, rows)
            image = np.rot90(pixels[at], quarter)
            grid = np.rot90(grid, quarter)
            if mirrored:
                image, grid = image[:, ::-1], grid[:, ::-1]
            pixels[at], middles[at] = image, grid.reshape(-1)
        return torch.from_numpy(pixels), torch.from_numpy(told), torch.from_numpy(middles)


class Reader(nn.Module):
    """The heads: one layer on the mean of a picture's embeddings, one on each embedding."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = nn.Linear(width, sum(HEADS.values()))
        self.middle = nn.Linear(width, len(scenes.KINDS) + 1)

    def loss(self, embedded: Tensor, told: Tensor, middles: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean loss over the heads, and each head's share of right answers."""
        scores = self.heads(embedded.float().mean(dim=1)).split(list(HEADS.values()), dim=-1)
        losses = [
            F.cross_entropy(each, told[:, place], ignore_index=IGNORED, reduction="sum")
            / (told[:, place] >= 0).sum().clamp(min=1)
            for place, each in enumerate(scores)
        ]
        right = [
            (each.argmax(-1) == told[:, place]).sum() / (told[:, place] >= 0).sum()
            for place, each in enumerate(scores)
        ]
        each = self.middle(embedded.float()).flatten(0, 1)
        losses.append(MIDDLES * F.cross_entropy(each, middles.flatten(), ignore_index=IGNORED))
        return torch.stack(losses).sum(), torch.stack(right)


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
    optimiser = Optimiser(both, muon_rate=0.01, adam_rate=6e-4)
    pool = Pool(plan.seed, shape)

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
                f"{elapsed / 60:5.1f} min step {step:5d} drawn {pool.drawn} loss {loss:.3f}"
                f" {told_right}",
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
