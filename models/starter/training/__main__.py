"""Tokenizer, weights, GGUF: ``cd models && python -m starter.training all --out FOLDER``."""

import argparse
import itertools
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from starter import card, chat, mixture
from starter.training import export, export_eye, seeing, sheets, together, tokens
from starter.training import train as training
from starter.training.tower import EyeShape

SAMPLES_FOR_TOKENIZER = 40_000


def make_tokenizer(out: Path, seed: int) -> None:
    """Train the tokenizer on samples of the stream."""
    samples = itertools.islice(mixture.stream(seed), SAMPLES_FOR_TOKENIZER)
    typed = (piece for sample in samples for piece in chat.pieces(sample))
    texts = (text for text, kind in typed if kind is not chat.Kind.TEMPLATE)
    tokens.train(texts).save(str(out / "tokenizer.json"))


def make_gguf(out: Path, machine: str) -> None:
    """Write the GGUF into the resources, and its card without figures."""
    card.RESOURCES.mkdir(parents=True, exist_ok=True)
    facts = export.export(out / "last.pt", out / "tokenizer.json", card.MODEL, card.TRAINED_CONTEXT)
    card.write(facts.parameters, {**facts.trained, "machine": machine}, {})
    print(json.dumps(facts.trained), card.MODEL.stat().st_size, "bytes")


def main(arguments: Sequence[str]) -> None:
    """Read the command line and do the steps."""
    parser = argparse.ArgumentParser(prog="starter.training", description=__doc__)
    parser.add_argument(
        "step",
        choices=("tokenizer", "train", "export", "all", "draw", "eye", "together", "eye-export"),
    )
    parser.add_argument("--out", type=Path, default=Path("starter-run"), help="for checkpoints")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--minutes", type=float, default=70.0, help="on one core")
    parser.add_argument(
        "--start", type=float, default=0.0, help="place in the rate's schedule, 0..1"
    )
    parser.add_argument("--decay-from", type=float, default=training.Plan.decay_from)
    parser.add_argument("--floor", type=float, default=training.Plan.floor, help="the last rate")
    parser.add_argument("--tokens", type=int, default=training.Plan.tokens_per_step, help="a step")
    parser.add_argument("--resume", type=Path, help="checkpoint of an earlier leg")
    parser.add_argument("--eye", type=Path, help="checkpoint of the eye")
    parser.add_argument("--pictures", type=Path, help="folder of drawings, for the eye")
    parser.add_argument("--shards", type=int, default=90, help="files of 1,000 drawings to make")
    parser.add_argument("--machine", default="", help="what it was trained on, for the card")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    plan = training.Plan(
        minutes=given.minutes,
        seed=given.seed,
        start=given.start,
        decay_from=given.decay_from,
        floor=given.floor,
        tokens_per_step=given.tokens,
    )
    if given.step == "draw":
        sheets.draw(given.out, given.seed, given.shards, EyeShape.side)
    if given.step == "eye":
        seeing.begin(plan, given.out, given.pictures, given.eye)
    if given.step == "together":
        start = together.Start(
            given.out / "tokenizer.json", given.resume, given.eye, given.pictures
        )
        together.train(given.out, start, plan)
    if given.step == "eye-export":
        print(export_eye.export(given.eye, given.out / "shutong.mmproj.gguf"), "parameters")
    if given.step in ("tokenizer", "all"):
        make_tokenizer(given.out, given.seed + 1)
    if given.step in ("train", "all"):
        training.train(given.out, given.out / "tokenizer.json", plan, given.resume)
    if given.step in ("export", "all"):
        make_gguf(given.out, given.machine)


if __name__ == "__main__":
    main(sys.argv[1:])
