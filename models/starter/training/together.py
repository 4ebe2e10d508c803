"""Eye and text model trained together: pictures in conversations, and the old text beside them.

Half of each step is `mixture`'s text, so that nothing is forgotten; the other half are
conversations with pictures. Each embedding that the eye makes takes one token's place.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from starter import asking, mixture, seeing
from starter.chat import Conversation, Kind, Turn, pieces
from starter.grammar import chance
from starter.training.model import Shape, Starter
from starter.training.optimiser import Optimiser
from starter.training.seeing import MICRO, Pool, Reader, stacked
from starter.training.sheets import Example, Stock
from starter.training.tokens import Encoder
from starter.training.tower import Eye, EyeShape, scaled
from starter.training.train import COMPILED_AFTER, Batch, Plan, batches

PLACE = "\ue000"
"""Stands for a picture in a turn's words; no person types it."""
TOGETHER = 160
"""Conversations that are made at a time, so that those of a batch are of one length."""
PICTURES = 128
"""In a step; of those that no conversation shows only the heads are asked."""
LONGEST = 420
QUESTIONS = (1, 1, 1, 1, 2, 3)
"""How many questions may be asked about one picture: later answers copy what was said before."""
SHOWN = 2
"""Tokens of conversations about pictures to each of the old text."""
ANSWERS_WEIGHT = 4.0
"""Weight of answers about pictures against that of the old text."""
READER_WEIGHT = 0.3
CHECKPOINT_SECONDS = 120.0
EYE_FACTOR = 1.2
"""The eye still has more to learn than the text model."""


@dataclass(frozen=True)
class Seen:
    """Conversations with pictures; `places` are the flat positions of the pictures' embeddings."""

    ids: Tensor
    positions: Tensor
    targets: Tensor
    pixels: Tensor
    told: Tensor
    middles: Tensor
    places: Tensor


def conversation(rng: Random, stock: Stock) -> tuple[Conversation, list[Example]]:
    """Return a conversation about pictures, and the pictures in their order."""
    if chance(rng, 0.07):
        first = seeing.without(rng)
        return Conversation([first], blocks_in_history=True), []
    if chance(rng, 0.03):
        alone = stock.example()
        wordless = seeing.question(alone.scene, rng, "describe", chinese=True)
        return Conversation([Turn(PLACE, wordless.answer)]), [alone]
    shown: list[Example] = []
    turns: list[Turn] = []
    for _ in range(2 if chance(rng, 0.15) else 1):
        shown.append(stock.example())
        chinese = chance(rng, 0.5)
        about = seeing.turns(shown[-1].scene, rng, rng.choice(QUESTIONS), chinese=chinese)
        turns += [Turn(placed(about[0].user, rng), about[0].answer), *about[1:]]
    if chance(rng, 0.2):
        turns += list(text_turns(rng))
    elif chance(rng, 0.1):
        turns = [*text_turns(rng), *turns]
    system = asking.framed("system", rng) if chance(rng, 0.1) else ""
    return Conversation(turns, system, blocks_in_history=chance(rng, 0.8)), shown


def text_turns(rng: Random) -> list[Turn]:
    """Return an exchange that has nothing to do with a picture."""
    while True:
        found = mixture.item(rng)
        if not (found.tools or found.system) and found.skill != "decline":
            return list(found.turns)


def placed(text: str, rng: Random) -> str:
    """Return the words with the picture's place: before them, seldom behind, in several ways."""
    return rng.choices(
        (f"{PLACE}{text}", f"{PLACE}\n{text}", f"{text}\n{PLACE}", f"{text}{PLACE}"),
        (70, 12, 10, 8),
    )[0]


def encoded(
    sample: Conversation, encoder: Encoder, tokens: int
) -> tuple[list[int], list[bool], list[int]]:
    """Return ids, whether each is learnt, and where pictures begin."""
    ids: list[int] = []
    learnt: list[bool] = []
    starts: list[int] = []
    for text, kind in pieces(sample):
        for number, part in enumerate(text.split(PLACE)):
            if number:
                starts.append(len(ids))
                ids += [1] * tokens
                learnt += [False] * tokens
            if part:
                found = encoder.piece(part, kind)
                ids += found
                learnt += [kind is Kind.ANSWER] * len(found)
    return ids, learnt, starts


@dataclass(frozen=True)
class Shown:
    """A conversation's ids, and its pictures."""

    ids: list[int]
    learnt: list[bool]
    starts: list[int]
    pictures: list[Example]


def drawn_conversation(encoder: Encoder, shape: EyeShape, rng: Random, stock: Stock) -> Shown:
    """Return a conversation that is not too long."""
    while True:
        sample, shown = conversation(rng, stock)
        ids, learnt, starts = encoded(sample, encoder, shape.tokens)
        if len(ids) <= LONGEST:
            return Shown(ids, learnt, starts, shown)


def produce(
    tokenizer: Path,
    shape: EyeShape,
    plan: Plan,
    pictures: Path,
    queue: "multiprocessing.Queue[tuple[np.ndarray, ...]]",
) -> None:
    """Make batches of about equal lengths without end, in a process of its own."""
    encoder, rng = Encoder(tokenizer), Random(plan.seed + 7)
    stock = Stock(pictures, plan.seed + 7)
    while True:
        stock.refresh()
        made = [drawn_conversation(encoder, shape, rng, stock) for _ in range(TOGETHER)]
        made.sort(key=lambda one: len(one.ids))
        groups: list[list[Shown]] = [[]]
        for one in made:
            if (len(groups[-1]) + 1) * len(one.ids) > SHOWN * plan.tokens_per_step:
                groups.append([])
            groups[-1].append(one)
        rng.shuffle(groups)
        for group in groups:
            if any(one.pictures for one in group):
                queue.put(batch(group, shape))


def batch(group: list[Shown], shape: EyeShape) -> tuple[np.ndarray, ...]:
    """Return the parts of a `Seen`."""
    length = -(-max(len(one.ids) for one in group) // 16) * 16
    rows = np.zeros((max(len(group), 2), length), dtype=np.int64)
    positions: list[int] = []
    places: list[int] = []
    for row, one in enumerate(group):
        rows[row, : len(one.ids)] = one.ids
        positions += [row * length + at for at in range(1, len(one.ids)) if one.learnt[at]]
        for start in one.starts:
            places += range(row * length + start, row * length + start + shape.tokens)
    at = np.array(positions, dtype=np.int64)
    pictures = [picture for one in group for picture in one.pictures]
    pixels, told, middles = stacked(pictures, shape)
    return rows, at - 1, rows.ravel()[at], pixels, told, middles, np.array(places)


def seen(tokenizer: Path, shape: EyeShape, plan: Plan, pictures: Path) -> Iterator[Seen]:
    """Batches of conversations with pictures."""
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[tuple[np.ndarray, ...]] = context.Queue(maxsize=24)
    arguments = (tokenizer, shape, plan, pictures, queue)
    context.Process(target=produce, args=arguments, daemon=True).start()
    while True:
        yield Seen(*(torch.from_numpy(part) for part in queue.get()))


@dataclass
class Both:
    """What is trained: text model, eye, and the heads that keep the eye honest."""

    model: Starter
    eye: Eye
    reader: Reader
    optimiser: Optimiser
    eye_optimiser: Optimiser
    seen: int
    seconds: float


def opened(text: Path, eye: Path) -> Both:
    """Return both as their checkpoints have them."""
    state, sight = torch.load(text, weights_only=False), torch.load(eye, weights_only=False)
    model = Starter(Shape(**dict(state["shape"].items())))
    model.load_state_dict(state["model"])
    optimiser = Optimiser(model)
    optimiser.load(state["optimiser"])
    tower = Eye(EyeShape(**sight["shape"]))
    tower.load_state_dict(sight["eye"])
    reader = Reader(tower.shape.out)
    reader.load_state_dict(sight["reader"], strict=False)
    heads = torch.nn.ModuleList((tower, reader))
    return Both(
        model, tower, reader, optimiser, Optimiser(heads, muon_rate=0.01, adam_rate=6e-4),
        state["tokens"], state["seconds"],
    )  # fmt: skip


def text_loss(both: Both, part: Batch) -> Tensor:
    """Return the loss of a batch of text."""
    with torch.autocast("cpu", torch.bfloat16):
        logits = both.model.logits(both.model(part.ids).flatten(0, 1)[part.positions])
    each = F.cross_entropy(logits.float(), part.targets, reduction="none")
    return (each * part.weights).sum() / part.weights.sum()


def filled(part: Seen, pool: Pool) -> tuple[Tensor, Tensor, Tensor]:
    """Return pixels, labels and middles of the conversations' pictures and of as many others."""
    others = pool.batch(PICTURES - len(part.pixels))
    own = (part.pixels, part.told, part.middles)
    pixels, told, middles = (torch.cat(pair) for pair in zip(own, others, strict=True))
    return pixels, told, middles


def picture_loss(
    both: Both, look: Callable[[Tensor], Tensor], part: Seen, pool: Pool
) -> tuple[Tensor, Tensor, float]:
    """Return the answers' loss, the heads' loss, and the share of right answer tokens."""
    pixels, told, middles = filled(part, pool)
    with torch.autocast("cpu", torch.bfloat16):
        embedded = torch.cat([look(some) for some in pixels.split(MICRO)])
        x = both.model.token_embd(part.ids).bfloat16().flatten(0, 1)
        asked = embedded.flatten(0, 1)[: len(part.places)]
        x = x.index_copy(0, part.places, asked.to(x.dtype))
        hidden = both.model.from_embeddings(x.view(*part.ids.shape, -1))
        logits = both.model.logits(hidden.flatten(0, 1)[part.positions])
    heads, _ = both.reader.loss(embedded, told, middles)
    right = (logits.argmax(-1) == part.targets).float().mean().item()
    return F.cross_entropy(logits.float(), part.targets), heads, right


@dataclass(frozen=True)
class Start:
    """What a training begins with: the tokenizer, two checkpoints, a folder of sheets."""

    tokenizer: Path
    text: Path
    eye: Path
    pictures: Path


def train(out: Path, start: Start, plan: Plan) -> None:
    """Train both for the planned minutes; ``last.pt`` and ``eye.pt`` land in `out`."""
    torch.manual_seed(plan.seed)
    torch.set_num_threads(1)
    both = opened(start.text, start.eye)
    for block in both.model.blk:
        block.compile(dynamic=True)

    @torch.compile(dynamic=False)
    def look(pixels: Tensor) -> Tensor:
        embedded: Tensor = both.eye(scaled(pixels))
        return embedded

    pool = Pool(Stock(start.pictures, plan.seed + 11), both.eye.shape)
    texts = batches(start.tokenizer, plan)
    started: float | None = None
    saved = time.monotonic()
    means = np.zeros(3)
    for step, part in enumerate(seen(start.tokenizer, both.eye.shape, plan, start.pictures)):
        if started is None and step == COMPILED_AFTER:
            started = time.monotonic()
        elapsed = time.monotonic() - started if started else 0.0
        if elapsed >= plan.minutes * 60:
            break
        written = next(texts)
        loss = text_loss(both, written)
        loss.backward()
        answers, heads, right = picture_loss(both, look, part, pool)
        (ANSWERS_WEIGHT * answers + READER_WEIGHT * heads).backward()
        factor = plan.factor(step, elapsed)
        both.optimiser.step(factor)
        both.eye_optimiser.step(factor * EYE_FACTOR)
        both.seen += written.tokens
        figures = np.array([loss.item(), answers.item(), right])
        means = 0.97 * means + 0.03 * figures if step else figures
        if step % 20 == 0:
            told = f"text {means[0]:.4f} pictures {means[1]:.4f} right {means[2]:.4f}"
            print(
                f"{elapsed / 60:6.1f} min step {step:5d} {told} rate {factor:.2f}",
                flush=True,
            )
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            saved = time.monotonic()
            save(out, both, plan, elapsed)
    save(out, both, plan, plan.minutes * 60)


def save(out: Path, both: Both, plan: Plan, elapsed: float) -> None:
    """Write both checkpoints so that a cut never leaves half a file."""
    text = {
        "model": both.model.state_dict(), "optimiser": both.optimiser.state(),
        "shape": both.model.shape.to_dict(), "tokens": both.seen,
        "seconds": both.seconds + elapsed, "seed": plan.seed,
    }  # fmt: skip
    partial = out / "last.pt.part"
    torch.save(text, partial)
    partial.replace(out / "last.pt")
    save_eye(out / "eye.pt", both)


def save_eye(path: Path, both: Both) -> None:
    """Write the eye's checkpoint, likewise."""
    eye = {
        "eye": both.eye.state_dict(), "reader": both.reader.state_dict(),
        "shape": both.eye.shape.to_dict(),
    }  # fmt: skip
    partial = path.with_suffix(".part")
    torch.save(eye, partial)
    partial.replace(path)
