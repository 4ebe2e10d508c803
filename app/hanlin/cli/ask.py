"""``hanlin ask``: one question, one answer, nothing stored."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from hanlin.bootstrap import ModelKit, open_models
from hanlin.cli import choosing
from hanlin.cli.output import Console
from hanlin.cli.reading import STDIN, read_words
from hanlin.domain.attachments import AttachmentKind, Prepared
from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.generation import Form, GenerationOptions, Sampling, StopReason, Turn
from hanlin.domain.models import Model, Purpose
from hanlin.engine.base import Delta, Finished, LoadedModel, LoadProgressed, Looping
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.preparing import find_paths
from hanlin.services import scans
from hanlin.services.asking import answer, load_by_ladder
from hanlin.services.attached import media_of, text_of
from hanlin.services.attaching import read_file, reckoned, refusal


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("ask", help=_("answer one question and store nothing"))
    parser.add_argument(
        "prompt",
        nargs="+",
        metavar=_("QUESTION"),
        help=_("the question, or - to read it from standard input"),
    )
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
    parser.add_argument("--thinking", choices=["on", "off"], help=_("think before answering"))
    parser.add_argument(
        "--thinking-budget", type=positive, metavar="N", help=_("answer after N tokens of thought")
    )
    parser.add_argument(
        "--effort", default="", metavar="WORD", help=_("how much to think, in the model's word")
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json-schema", metavar="FILE", type=Path, help=_("hold the answer to a JSON schema")
    )
    form.add_argument(
        "--grammar", metavar="FILE", type=Path, help=_("hold the answer to a grammar (GBNF)")
    )
    choosing.add_arguments(parser)
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


def choose_model(kit: ModelKit, wanted: str | None, purpose: Purpose = Purpose.CHAT) -> Model:
    """Return the model named on the command line, the one kept for ``purpose``, or the last one.

    Without any of them it is the starter.
    """
    if wanted:
        model = kit.library.find(wanted)
        if model is None:
            model = kit.library.inspect(wanted)
    else:
        model = kit.session.registry.model_for(purpose)
    if model is None:
        raise KnownError(
            _("No model is chosen"),
            _("There is no model on this computer yet."),
            _("Add one with “hanlin models add PATH”."),
        )
    return model


def choose_kept(kit: ModelKit, wanted: str | None, purpose: Purpose, console: Console) -> Model:
    """Return the model as ``choose_model`` does, and say so when it is one kept for this."""
    model = choose_model(kit, wanted, purpose)
    kept = kit.session.registry.kept(purpose)
    if not wanted and kept is not None and kept.id == model.id:
        said = {
            Purpose.CODING: _("Answered by {name}, which is kept for programming."),
            Purpose.PICTURES: _("Answered by {name}, which is kept for pictures."),
        }[purpose]
        console.note(said.format(name=model.name))
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
    words = " ".join(arguments.prompt)
    prompt = read_words(console) if words == STDIN else words
    form = _form(arguments)
    attached = _read_files(arguments.files or (), console)
    with open_models(find_paths(arguments.data_dir)) as kit:
        if any(one.attachment.kind is AttachmentKind.PICTURE for one in attached):
            model = choose_kept(kit, arguments.model, Purpose.PICTURES, console)
        else:
            model = choose_model(kit, arguments.model)
        loaded = load_model(kit, model, console)
        shown = _with_scanned_pages(attached, loaded, kit.paths.data, console)
        attached = [reckoned(one, loaded, kit.engine.weigh) or one for one in shown]
        if (problem := refusal(attached, loaded)) is not None:
            raise problem.error()
        advice = model.sampling or loaded.sampling
        sampling = model.defaults.over(advice or Sampling())
        turns = _turns(prompt, arguments.system or "", attached)
        return _print_answer(kit, console, turns, _options(arguments, sampling, form))


def _turns(prompt: str, system: str, attached: Sequence[Prepared]) -> list[Turn]:
    texts = [text_of(one.attachment, one.pages) for one in attached if one.pages]
    media = tuple(
        media_of(one) for one in attached if one.attachment.kind is not AttachmentKind.DOCUMENT
    )
    asked = Turn(Role.USER, "\n\n".join([*texts, prompt]), media=media)
    return [Turn(Role.SYSTEM, system), asked] if system else [asked]


def _with_scanned_pages(
    attached: Sequence[Prepared], loaded: LoadedModel, data: Path, console: Console
) -> list[Prepared]:
    """Show scanned pages to a model that sees, or read them by the OCR pack. Raises KnownError."""
    made: list[Prepared] = []
    for one in attached:
        pages = one.unread()
        if not pages:
            made.append(one)
        elif loaded.sees:
            if one.has_text():
                made.append(scans.shown(one, pages))
            made += scans.page_pictures(one, pages[: scans.MOST_PICTURES])
            if len(pages) > scans.MOST_PICTURES:
                console.note(
                    _("Only the first {count} scanned pages of {name} are shown.").format(
                        count=scans.MOST_PICTURES, name=one.attachment.name
                    )
                )
        else:
            made.append(_read_scanned(one, data, console))
    return made


def _read_scanned(document: Prepared, data: Path, console: Console) -> Prepared:
    try:
        return scans.read(data, document)
    except KnownError as error:
        if not document.has_text():
            raise
        console.note(str(error))  # the rest of it can be read
        return document


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


def _options(
    arguments: argparse.Namespace, sampling: Sampling, form: Form | None
) -> GenerationOptions:
    thinking = None if arguments.thinking is None else arguments.thinking == "on"
    return GenerationOptions(
        choosing.over(arguments, sampling),
        arguments.max_tokens,
        thinking,
        form=form,
        thinking_budget=arguments.thinking_budget,
        effort=arguments.effort,
    )


def _form(arguments: argparse.Namespace) -> Form | None:
    """Return what the answer is held to."""
    if arguments.json_schema is not None:
        return Form(json_schema=_read_form(arguments.json_schema))
    if arguments.grammar is not None:
        return Form(grammar=_read_form(arguments.grammar))
    return None


def _read_form(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KnownError(
            _("The form of the answer cannot be read"),
            str(error),
            _("Name a text file with a JSON schema, or with a grammar."),
        ) from error


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
        elif isinstance(event, Looping):
            if console.json_lines:
                console.event({"event": "looping"})
            else:
                console.note(_("This answer goes round in circles. Ctrl+C stops it."))
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
