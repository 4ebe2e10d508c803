"""``hanlin fim``: what is missing between two texts, for editors and scripts; nothing stored."""

import argparse
from dataclasses import asdict

from hanlin.bootstrap import open_models
from hanlin.cli.ask import add_model_argument, choose_kept, load_model, positive
from hanlin.cli.output import Console
from hanlin.cli.reading import read_code
from hanlin.domain.filling import Gap, Made, made_for
from hanlin.domain.generation import GenerationOptions, Sampling
from hanlin.domain.models import Purpose
from hanlin.engine.base import Delta, Finished
from hanlin.kernel.i18n import _
from hanlin.preparing import find_paths
from hanlin.services.asking import fill

_MOST_TOKENS = 128


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("fim", help=_("fill in what is missing between two texts"))
    parser.add_argument(
        "--prefix", required=True, metavar="FILE", help=_("the text before the gap, - is stdin")
    )
    parser.add_argument("--suffix", metavar="FILE", help=_("the text after the gap, - is stdin"))
    add_model_argument(parser)
    parser.add_argument("--max-tokens", type=positive, metavar="N", help=_("end after N tokens"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object per line"))


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print what is missing, every blank of it; return the exit code."""
    suffix = read_code(arguments.suffix, may_be_empty=True) if arguments.suffix else ""
    gap = Gap(read_code(arguments.prefix, may_be_empty=True), suffix)
    with open_models(find_paths(arguments.data_dir)) as kit:
        model = choose_kept(kit, arguments.model, Purpose.CODING, console)
        loaded = load_model(kit, model, console)
        if loaded.fills and made_for(model.name, loaded.name) is Made.TALKING:
            sentence = _("{name} was made for talking. A base model completes better.")
            console.note(sentence.format(name=model.name))
        options = GenerationOptions(Sampling(temperature=0.0), arguments.max_tokens or _MOST_TOKENS)
        for event in fill(kit.engine, gap, options):
            if isinstance(event, Delta):
                if console.json_lines:
                    console.event({"event": "delta", "text": event.text})
                else:
                    console.write(event.text)
            elif isinstance(event, Finished) and console.json_lines:
                console.event(
                    {
                        "event": "done",
                        "reason": event.reason.value,
                        "format": loaded.fills,
                        "usage": asdict(event.usage),
                    }
                )
    return 0
