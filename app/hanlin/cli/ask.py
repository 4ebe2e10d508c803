"""``hanlin ask``: one question, one answer, nothing stored."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from hanlin.bootstrap import ModelKit, open_models
from hanlin.cli.output import Console
from hanlin.domain.attachments import AttachmentKind, Prepared
from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.generation import GenerationOptions, Sampling, StopReason, Turn
from hanlin.domain.models import Model
from hanlin.engine.base import Delta, Finished, LoadedModel, LoadProgressed
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.preparing import find_paths
from hanlin.services.asking import answer, load_by_ladder
from hanlin.services.attached import media_of, text_of
from hanlin.services.attaching import read_file, refusal


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("ask", help=_("answer one question and store nothing"))
    parser.add_argument("prompt", help=_("the question, or - to read it from standard input"))
    add_model_argument(parser)
    for option, what in (
        ("--file", _("read a document, picture or sound before; may be repeated")),
        ("--image", _("look at a picture before; may be repeated")),
        ("--audio", _("listen to a sound before; may be repeated")),
    ):
        parser.add_argument(
            option, metavar="FILE", type=Path, action="append", dest="files", help=what
        )
    parser.add_argument("--system", metavar="TEXT", help=_("a system prompt"))
    parser.add_argument("--max-tokens", type=positive, metavar="N", help=_("end after N tokens"))
    parser.add_argument("--seed", type=int, metavar="N", help=_("the same seed, the same answer"))
    parser.add_argument("--temperature", type=float, metavar="T", help=_("0: always the same"))
    parser.add_argument("--thinking", choices=["on", "off"], help=_("think before answering"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object per line"))


def add_model_argument(parser: argparse.ArgumentParser) -> None:
    """Add the choice of a model."""
    parser.add_argument(
        "--model", metavar="ID|PATH", help=_("a model of “hanlin models list”, or a GGUF file")
    )


def positive(text: str) -> int:
    """Parse a number above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(_("must be at least 1"))
    return number


def choose_model(kit: ModelKit, wanted: str | None) -> Model:
    """Return the model named on the command line, the last one, or the starter."""
    if wanted:
        model = kit.library.find(wanted)
        if model is None:
            model = kit.library.inspect(wanted)
    else:
        last = kit.state.last_model
        model = kit.library.find(last) if last else None
        if model is None or model.missing:
            model = next((m for m in kit.library.models() if not m.missing), None)
    if model is None:
        raise KnownError(
            _("No model is chosen"),
            _("There is no model on this computer yet."),
            _("Add one with “hanlin models add PATH”."),
        )
    return model


def load_model(kit: ModelKit, model: Model, console: Console) -> LoadedModel:
    """Load the model in the best way this computer has, telling how it goes."""
    hardware = kit.hardware
    if hardware.needs_trial(model.path, kit.settings):
        console.status(_("The graphics card is tried out, once: a moment…"))
    options = hardware.options(model, kit.settings)
    ladder = hardware.ladder(model.path, kit.settings)
    events = load_by_ladder(kit.engine, model.path, options, ladder, console.note)
    while isinstance(event := next(events), LoadProgressed):
        console.status(
            _("Loading {name}: {percent} %").format(
                name=model.name, percent=int(event.fraction * 100)
            )
        )
    hardware.remember_threads(event.model, options)
    if event.model.template_note:
        console.note(event.model.template_note)
    return event.model


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Answer the question; return the exit code."""
    prompt = sys.stdin.read() if arguments.prompt == "-" else arguments.prompt
    turns = [Turn(Role.SYSTEM, arguments.system)] if arguments.system else []
    attached = _read_files(arguments.files or (), console)
    texts = [text_of(one.attachment, one.pages) for one in attached if one.pages]
    media = tuple(
        media_of(one) for one in attached if one.attachment.kind is not AttachmentKind.DOCUMENT
    )
    turns.append(Turn(Role.USER, "\n\n".join([*texts, prompt]), media=media))
    with open_models(find_paths(arguments.data_dir)) as kit:
        model = choose_model(kit, arguments.model)
        loaded = load_model(kit, model, console)
        if (problem := refusal(attached, loaded)) is not None:
            raise problem.error()
        advice = model.sampling or loaded.sampling
        sampling = model.defaults.over(advice or Sampling())
        return _print_answer(kit, console, turns, _options(arguments, sampling))


def _read_files(paths: Sequence[Path], console: Console) -> list[Prepared]:
    attached: list[Prepared] = []
    for path in paths:

        def tell(done: int, total: int, name: str = path.name) -> None:
            console.status(
                _("Reading {name}: page {page} of {pages}").format(
                    name=name, page=done, pages=total
                )
            )

        one = read_file(path, tell)
        attached.append(one)
        if console.json_lines:
            console.event({"event": "attached", **asdict(one.attachment)})
    return attached


def _options(arguments: argparse.Namespace, sampling: Sampling) -> GenerationOptions:
    if arguments.seed is not None:
        sampling = replace(sampling, seed=arguments.seed)
    if arguments.temperature is not None:
        sampling = replace(sampling, temperature=arguments.temperature)
    thinking = None if arguments.thinking is None else arguments.thinking == "on"
    return GenerationOptions(sampling, arguments.max_tokens, thinking)


def _print_answer(
    kit: ModelKit, console: Console, turns: list[Turn], options: GenerationOptions
) -> int:
    thinking = False
    for event in answer(kit.engine, turns, options):
        if isinstance(event, Delta):
            if console.json_lines:
                console.event({"event": "delta", "kind": event.kind.value, "text": event.text})
            elif event.kind is PartKind.TEXT:
                console.write(event.text)
            elif not thinking:
                thinking = True
                console.status(_("Thinking…"))
        elif isinstance(event, Finished):
            if console.json_lines:
                console.event(
                    {
                        "event": "done",
                        "reason": event.reason.value,
                        "usage": asdict(event.usage),
                        "timings": asdict(event.timings),
                    }
                )
            else:
                console.end_line()
                if event.reason is StopReason.CONTEXT:
                    console.note(_("The context is full: the answer ends here."))
    return 0
