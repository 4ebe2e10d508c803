"""``hanlin code``: explain, fix, test and review files, or what comes on standard input."""

import argparse
import sys
from pathlib import Path

from hanlin.bootstrap import open_models
from hanlin.cli.ask import add_model_argument, choose_kept, load_model, positive
from hanlin.cli.output import Console
from hanlin.cli.reading import STDIN, read_code
from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.generation import GenerationOptions, Sampling, StopReason, Turn
from hanlin.domain.models import Purpose
from hanlin.engine.base import Delta, Finished
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.preparing import find_paths
from hanlin.services import coding
from hanlin.services.asking import answer
from hanlin.services.coding import CodeAction
from hanlin.services.workspace.git import staged_diff
from hanlin.services.workspace.languages import language_of


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("code", help=_("explain, fix, test or review code"))
    words = [str(action) for action in CodeAction]
    parser.add_argument("action", choices=words, help=_("what is wanted of the code"))
    parser.add_argument(
        "files",
        nargs="*",
        default=[STDIN],
        metavar="FILE",
        help=_("files with code, or - for standard input; a diff is reviewed as a change"),
    )
    parser.add_argument("--to", metavar="LANGUAGE", help=_("the language to convert to"))
    add_model_argument(parser)
    parser.add_argument("--max-tokens", type=positive, metavar="N", help=_("end after N tokens"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object per line"))


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Do what is wanted with one file after the other; return the exit code."""
    action = CodeAction(arguments.action)
    if action is CodeAction.CONVERT and not arguments.to:
        raise KnownError(
            _("The language is missing"),
            _("It is not said which language to convert to."),
            _("Say it with --to, for example --to rust."),
        )
    if action is CodeAction.COMMIT and arguments.files == [STDIN] and sys.stdin.isatty():
        texts = [(STDIN, staged_diff(Path.cwd()))]
    else:
        texts = [(name, read_code(name)) for name in arguments.files]
    with open_models(find_paths(arguments.data_dir)) as kit:
        model = choose_kept(kit, arguments.model, Purpose.CODING, console)
        loaded = load_model(kit, model, console)
        sampling = model.defaults.over(model.sampling or loaded.sampling or Sampling())
        options = GenerationOptions(sampling, arguments.max_tokens)
        for name, text in texts:
            shown = "" if name == STDIN else Path(name).name
            if len(texts) > 1 and not console.json_lines:
                console.line(f"# {name}")
            language = language_of(name)
            wanted = coding.request(action, text, language, shown, arguments.to or "")
            for event in answer(kit.engine, [Turn(Role.USER, wanted)], options):
                _print(console, name, event)
    return 0


def _print(console: Console, name: str, event: object) -> None:
    if isinstance(event, Delta):
        if console.json_lines:
            kind = event.kind.value
            console.event({"event": "delta", "file": name, "kind": kind, "text": event.text})
        elif event.kind is PartKind.TEXT:
            console.write(event.text)
        else:
            console.status(_("Thinking…"))
    elif isinstance(event, Finished):
        if console.json_lines:
            console.event({"event": "done", "file": name, "reason": event.reason.value})
            return
        console.end_line()
        if event.reason is StopReason.CONTEXT:
            console.note(_("The context is full: the answer ends here."))
