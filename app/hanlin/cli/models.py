"""``hanlin models``: the models of this computer, and those that could come here."""

import argparse
from pathlib import Path

from hanlin.bootstrap import ModelKit, open_files, open_models
from hanlin.cli import models_files, models_online
from hanlin.cli.output import Console
from hanlin.domain.catalogue import Described
from hanlin.domain.models import Model, Origin
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size
from hanlin.preparing import find_paths


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("models", help=_("list, add, find, fetch or carry models"))
    actions = parser.add_subparsers(
        title=_("commands"), dest="action", required=True, metavar=_("COMMAND")
    )
    listing = actions.add_parser("list", help=_("show the models of this computer"))
    listing.add_argument("--catalogue", action="store_true", help=_("show what could be fetched"))
    listing.add_argument("--task", help=_("only models for this task, such as coding"))
    listing.add_argument("--json", action="store_true", help=_("print a JSON array"))
    adding = actions.add_parser("add", help=_("add a GGUF file, which stays where it is"))
    adding.add_argument("path", type=Path, metavar=_("FILE"), help=_("a GGUF file"))
    removing = actions.add_parser("rm", help=_("forget a model; its file stays"))
    removing.add_argument("model", metavar="ID", help=_("a model of “hanlin models list”"))
    removing.add_argument("--delete", action="store_true", help=_("delete all its files, too"))
    models_online.add_parsers(actions)
    models_files.add_parsers(actions)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Do what was asked; return the exit code."""
    with open_models(find_paths(arguments.data_dir)) as kit:
        action = arguments.action
        if action == "list" and arguments.catalogue:
            return models_online.show_catalogue(kit, arguments, console)
        if action in models_online.ACTIONS:
            return models_online.ACTIONS[action](kit, arguments, console)
        if action in models_files.ACTIONS:
            return models_files.ACTIONS[action](kit, arguments, console)
        _do_here(kit, arguments, console)
    return 0


def _do_here(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> None:
    if arguments.action == "add":
        model = kit.session.registry.add(arguments.path)
        console.line(_("Added {name} as {id}.").format(name=model.name, id=model.id))
    elif arguments.action == "rm":
        model = kit.session.registry.resolve(arguments.model)
        if arguments.delete:
            freed = open_files(kit).delete(model)
            kit.session.registry.remove(model.id)
            console.line(_("Deleted {name}: {size}.").format(name=model.name, size=size(freed)))
            return
        kit.session.registry.remove(model.id)
        console.line(_("Forgot {name}. Its file was not touched.").format(name=model.name))
    else:
        _print(kit, kit.library.models(), console)


def _print(kit: ModelKit, models: list[Model], console: Console) -> None:
    if console.json_lines:
        files = open_files(kit)
        console.value([_entry(model, files.describe(model)) for model in models])
        return
    width = max((len(model.id) for model in models), default=0)
    for model in models:
        note = _("(file is gone)") if model.missing else size(model.bytes)
        console.line(f"{model.id:<{width}}  {model.name}  {note}")
    if not models:
        console.note(_("No models yet. Add one with “hanlin models add PATH”."))


def _entry(model: Model, known: Described) -> dict[str, object]:
    entry = known.entry
    reason = _("(file is gone)") if model.missing else known.problem
    return {
        "id": model.id,
        "family": entry.family if entry is not None else model.architecture,
        "name": model.name,
        "tasks": [str(task) for task in entry.tasks] if entry is not None else [],
        "repo": known.repository or None,
        "file": model.path.name,
        "path": str(model.path),
        "bytes": model.bytes,
        "sha256": known.sha256 or None,
        "licence": known.licence or None,
        "runs": not reason,
        "reason": reason,
        "architecture": model.architecture,
        "starter": model.origin is Origin.STARTER,
        "missing": model.missing,
    }
