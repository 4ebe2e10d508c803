"""The one command: ``cd models && python -m starter make all --train-python PYTHON``.

Runs in the program's environment. ``train`` calls `starter.training` in the training environment
(requirements.txt) by the interpreter that is named; ``all`` does that and then prints the figures.
"""

import argparse
import itertools
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from starter import card, chat, heldout, mixture
from starter import evaluate as evaluation


def show_data(seed: int, count: int) -> None:
    """Print samples as the trainer sees them."""
    for sample in itertools.islice(mixture.stream(seed), count):
        print("".join(text for text, _ in chat.pieces(sample)), end="\n\n")


def train(python: str, arguments: Sequence[str]) -> None:
    """Make tokenizer, weights and GGUF in the training environment."""
    subprocess.run([python, "-m", "starter.training", "all", *arguments], check=True)


def evaluate(report: Path | None, quick: int) -> None:
    """Print the figures; a whole evaluation also puts them into the card."""
    found = evaluation.run(card.MODEL, report, quick)
    if quick == 1:
        card.refresh(found)
    print(json.dumps(found, ensure_ascii=False))


def main(arguments: Sequence[str]) -> None:
    """Read the command line and do the steps; what it does not know goes to the training."""
    parser = argparse.ArgumentParser(prog="starter", description=__doc__)
    parser.add_argument("command", choices=["make"])
    steps = ("data", "heldout", "train", "evaluate", "all")
    parser.add_argument("step", nargs="?", choices=steps, default="all")
    parser.add_argument("--seed", type=int, default=2026, help="of the samples to show")
    parser.add_argument("--count", type=int, default=20, help="of the samples to show")
    parser.add_argument("--report", type=Path, help="file for figures and failures")
    parser.add_argument("--quick", type=int, default=1, help="evaluate every n-th item only")
    parser.add_argument("--train-python", default="python3", help="with PyTorch")
    given, others = parser.parse_known_args(arguments)
    if given.step == "data":
        show_data(given.seed, given.count)
    if given.step == "heldout":
        print(heldout.write(), "items")
    if given.step in ("train", "all"):
        train(given.train_python, others)
    if given.step in ("evaluate", "all"):
        evaluate(given.report, given.quick)


if __name__ == "__main__":
    main(sys.argv[1:])
