"""The one command: ``cd models && python -m starter make all --out FOLDER``.

``data`` shows samples, ``heldout`` writes the generated held-out set, ``tokenizer``, ``train`` and
``export`` need the training environment (requirements.txt), ``evaluate`` needs the program instead.
"""

import argparse
import itertools
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from starter import card, chat, heldout, mixture

SAMPLES_FOR_TOKENIZER = 40_000


def show_data(seed: int, count: int) -> None:
    """Print samples as the trainer sees them."""
    for sample in itertools.islice(mixture.stream(seed), count):
        print("".join(text for text, _ in chat.pieces(sample)), end="\n\n")


def make_tokenizer(out: Path, seed: int) -> None:
    from starter.training import tokens

    samples = itertools.islice(mixture.stream(seed), SAMPLES_FOR_TOKENIZER)
    texts = (
        text
        for sample in samples
        for text, kind in chat.pieces(sample)
        if kind is not chat.Kind.TEMPLATE
    )
    tokens.train(texts).save(str(out / "tokenizer.json"))


def make_weights(out: Path, minutes: float, seed: int, start: float, resume: Path | None) -> None:
    from starter.training import train

    plan = train.Plan(minutes=minutes, seed=seed, start=start)
    train.train(out, out / "tokenizer.json", plan, resume)


def make_gguf(out: Path, machine: str) -> None:
    from starter.training import export

    card.RESOURCES.mkdir(parents=True, exist_ok=True)
    facts = export.export(out / "last.pt", out / "tokenizer.json", card.MODEL, card.TRAINED_CONTEXT)
    card.write(facts.parameters, {**facts.trained, "machine": machine}, {})
    print(json.dumps(facts.trained), card.MODEL.stat().st_size, "bytes")


def evaluate(report: Path | None, quick: int, python: str) -> None:
    """Figures in this interpreter, or in the program's when another one is named."""
    if python:
        command = [python, "-m", "starter", "make", "evaluate", "--quick", str(quick)]
        subprocess.run([*command, *(["--report", str(report)] if report else [])], check=True)
        return
    from starter import evaluate as figures

    found = figures.run(card.MODEL, report, quick)
    if quick == 1:
        card.refresh(found)
    print(json.dumps(found, ensure_ascii=False))


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="starter", description=__doc__)
    parser.add_argument("command", choices=["make"])
    steps = ("data", "heldout", "tokenizer", "train", "export", "evaluate", "all")
    parser.add_argument("step", nargs="?", choices=steps, default="all")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("starter-run"),
        help="folder for the tokenizer and checkpoints",
    )
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--minutes", type=float, default=70.0, help="of training, on one core")
    parser.add_argument(
        "--start",
        type=float,
        default=0.0,
        help="place in the rate's schedule, 0 to 1, for a later leg",
    )
    parser.add_argument("--resume", type=Path, help="checkpoint of an earlier leg")
    parser.add_argument("--machine", default="", help="what it was trained on, for the card")
    parser.add_argument("--report", type=Path, help="file for figures and failures")
    parser.add_argument("--quick", type=int, default=1, help="evaluate every n-th item only")
    parser.add_argument(
        "--python", default="", help="the program's interpreter, for the evaluation"
    )
    parser.add_argument("--count", type=int, default=20, help="samples to show")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    step = given.step
    if step == "data":
        show_data(given.seed, given.count)
    if step == "heldout":
        print(heldout.write(), "items")
    if step in ("tokenizer", "all"):
        make_tokenizer(given.out, given.seed + 1)
    if step in ("train", "all"):
        make_weights(given.out, given.minutes, given.seed, given.start, given.resume)
    if step in ("export", "all"):
        make_gguf(given.out, given.machine)
    if step in ("evaluate", "all"):
        evaluate(given.report, given.quick, given.python)


if __name__ == "__main__":
    main(sys.argv[1:])
