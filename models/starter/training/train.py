"""The training loop: batches of like length from the endless stream, a schedule on the wall clock.

A run can be cut at any checkpoint, and continued with other data: the state holds the optimiser.
"""

import math
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from starter import mixture
from starter.grammar import chance
from starter.training.model import Shape, Starter
from starter.training.optimiser import Optimiser
from starter.training.tokens import Encoder

POOL = 640
PROMPT_SHARE = 0.12
WARM_UP = 60
CHECKPOINT_SECONDS = 180
COMPILED_AFTER = 3
"""Steps before the clock starts: the first ones wait for the compiler."""


@dataclass(frozen=True)
class Plan:
    """How long to train and how the rate goes: constant, then linear to `floor` at the end."""

    minutes: float
    seed: int
    tokens_per_step: int = 4608
    decay_from: float = 0.55
    floor: float = 0.02
    start: float = 0.0

    def factor(self, step: int, elapsed: float) -> float:
        """Return the rate at a step, as a factor of the full one."""
        done = self.start + (1 - self.start) * min(elapsed / (self.minutes * 60), 1.0)
        if done <= self.decay_from:
            return min(1.0, (step + 1) / WARM_UP)
        rest = (1 - done) / (1 - self.decay_from)
        return min(1.0, (step + 1) / WARM_UP) * (self.floor + (1 - self.floor) * max(rest, 0.0))


@dataclass(frozen=True)
class Batch:
    """Ids (right-padded), the flat positions that are learnt, their targets, their weights."""

    ids: Tensor
    positions: Tensor
    targets: Tensor
    weights: Tensor

    @property
    def tokens(self) -> int:
        """The tokens without the padding."""
        return int((self.ids != 0).sum())


def batches(tokenizer: Path, plan: Plan) -> Iterator[Batch]:
    """Batches made by a process of their own, so that the trainer's core does nothing but train."""
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[Batch] = context.Queue(maxsize=24)
    producer = context.Process(target=produce, args=(tokenizer, plan, queue), daemon=True)
    producer.start()
    while True:
        yield Batch(*(torch.from_numpy(part) for part in queue.get()))


def produce(
    tokenizer: Path, plan: Plan, queue: "multiprocessing.Queue[tuple[np.ndarray, ...]]"
) -> None:
    """Pools of samples sorted by length, cut into batches of about equal token counts, shuffled."""
    encoder = Encoder(tokenizer)
    rng = Random(plan.seed + 1)
    stream = mixture.stream(plan.seed)
    limit = mixture.CONTEXT
    while True:
        pool = []
        while len(pool) < POOL:
            ids, learnt = encoder.sample(next(stream))
            pool.append((ids[:limit], learnt[:limit]))
        pool.sort(key=lambda sample: len(sample[0]))
        cut: list[list[tuple[list[int], list[bool]]]] = [[]]
        for sample in pool:
            if (len(cut[-1]) + 1) * len(sample[0]) > plan.tokens_per_step:
                cut.append([])
            cut[-1].append(sample)
        rng.shuffle(cut)
        for group in cut:
            queue.put(batch(group, rng))


def batch(group: list[tuple[list[int], list[bool]]], rng: Random) -> tuple[np.ndarray, ...]:
    """All answer tokens are learnt, and a random share of the prompts' at half their weight."""
    length = math.ceil(max(len(ids) for ids, _ in group) / 16) * 16
    # Never one row alone: the compiler would make kernels for that size only.
    rows = np.zeros((max(len(group), 2), length), dtype=np.int64)
    places: list[int] = []
    weights: list[float] = []
    for row, (ids, learnt) in enumerate(group):
        rows[row, : len(ids)] = ids
        for place in range(1, len(ids)):
            if learnt[place] or chance(rng, PROMPT_SHARE):
                places.append(row * length + place)
                weights.append(1.0 if learnt[place] else 0.5)
    positions = np.array(places, dtype=np.int64)
    return rows, positions - 1, rows.ravel()[positions], np.array(weights, dtype=np.float32)


def train(
    out: Path, tokenizer: Path, plan: Plan, resume: Path | None = None, *, compiled: bool = True
) -> Path:
    """Train for the planned minutes; checkpoints land in `out`, the newest as ``last.pt``."""
    torch.manual_seed(plan.seed)
    torch.set_num_threads(1)
    model = Starter(Shape(vocab=Encoder(tokenizer).size))
    optimiser = Optimiser(model)
    seen, seconds = 0, 0.0
    if resume:
        state = torch.load(resume, weights_only=False)
        model.load_state_dict(state["model"])
        optimiser.load(state["optimiser"])
        seen, seconds = state["tokens"], state["seconds"]

    if compiled:
        # One block compiled, not the whole network: a minute instead of six, and one graph for all.
        for block in model.blk:
            block.compile(dynamic=True)

    def compute(part: Batch) -> tuple[Tensor, Tensor]:
        with torch.autocast("cpu", torch.bfloat16):
            hidden = model(part.ids).flatten(0, 1)[part.positions]
            logits = model.logits(hidden)
        each = F.cross_entropy(logits.float(), part.targets, reduction="none")
        full = part.weights == 1.0
        return (each * part.weights).sum() / part.weights.sum(), (
            each.detach() * full
        ).sum() / full.sum().clamp(min=1)

    started: float | None = None
    saved = time.monotonic()
    mean = 0.0
    for step, part in enumerate(batches(tokenizer, plan)):
        if started is None and step == COMPILED_AFTER:
            started = time.monotonic()
        elapsed = time.monotonic() - started if started else 0.0
        if elapsed >= plan.minutes * 60:
            break
        loss, answers = compute(part)
        loss.backward()
        optimiser.step(plan.factor(step, elapsed))
        seen += part.tokens
        mean = 0.98 * mean + 0.02 * answers.item() if step else answers.item()
        if step % 10 == 0:
            told = f"{elapsed / 60:6.1f} min  step {step:5d}  {seen / 1e6:7.2f}M tokens"
            rate = plan.factor(step, elapsed)
            print(f"{told}  answer loss {mean:.4f}  rate {rate:.2f}", flush=True)
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            saved = time.monotonic()
            save(out / "last.pt", model, optimiser, seen, seconds + elapsed, plan)
    save(out / "last.pt", model, optimiser, seen, seconds + plan.minutes * 60, plan)
    return out / "last.pt"


def save(
    path: Path, model: Starter, optimiser: Optimiser, seen: int, seconds: float, plan: Plan
) -> None:
    """Write a checkpoint so that a cut never leaves half a file."""
    state = {
        "model": model.state_dict(), "optimiser": optimiser.state(), "shape": model.shape.to_dict(),
        "tokens": seen, "seconds": seconds, "seed": plan.seed,
    }  # fmt: skip
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(path)
