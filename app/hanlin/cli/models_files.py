"""``hanlin models verify``, ``move``, ``adopt``, ``export``, ``import``: files of models."""

import argparse
from collections.abc import Callable
from pathlib import Path

from hanlin.bootstrap import ModelKit, open_files
from hanlin.cli.output import Console
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size


def add_parsers(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of the actions."""
    verifying = actions.add_parser("verify", help=_("compare every byte of a model"))
    verifying.add_argument("model", nargs="*", metavar="ID")
    verifying.add_argument("--json", action="store_true", help=_("print a JSON array"))
    moving = actions.add_parser("move", help=_("move a model's files to another folder"))
    moving.add_argument("model", metavar="ID")
    moving.add_argument("folder", type=Path)
    adopting = actions.add_parser("adopt", help=_("find models that other programs keep here"))
    adopting.add_argument("--all", action="store_true", help=_("add them all, without copying"))
    exporting = actions.add_parser("export", help=_("write models to a USB stick"))
    exporting.add_argument("folder", type=Path)
    exporting.add_argument("model", nargs="+", metavar="ID")
    exporting.add_argument("--installer", type=Path, help=_("take this file along"))
    importing = actions.add_parser("import", help=_("take models in from a USB stick"))
    importing.add_argument("folder", type=Path)


def verify(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Compare the files of some models, or of all; return 1 when one is wrong."""
    files = open_files(kit)
    known = kit.library.models()
    chosen = [kit.session.resolve(word) for word in arguments.model] or known
    rows = []
    good = True
    for model in chosen:
        words = _("Checking {name}").format(name=model.name)

        def tell(count: int, words: str = words) -> None:
            console.status(f"{words}: {size(count)}")

        for one in files.verify(model, tell):
            good &= one.outcome in ("same", "first")
            rows.append({"model": model.id, "path": str(one.path), "outcome": str(one.outcome)})
            if not console.json_lines:
                console.line(f"{one.path.name}: {one.words}")
    if console.json_lines:
        console.value(rows)
    return 0 if good else 1


def move(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Move a model's files and remember the new place."""
    model = kit.session.resolve(arguments.model)
    path = open_files(kit).move(model, arguments.folder, _progress(console))
    kit.session.remove(model.id)
    moved = kit.session.add(path)
    console.line(_("Moved {name}: {path}").format(name=moved.name, path=moved.path))
    return 0


def adopt(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Show what other programs keep, or add it in place."""
    files = open_files(kit)
    found = files.found_elsewhere()
    for one in found:
        console.line(f"{one.program}  {one.name}  {size(one.bytes)}  {one.path}")
        if arguments.all:
            kit.session.add(files.named_path(one))
    if not found:
        console.note(_("No other program keeps models here."))
    elif not arguments.all:
        console.note(_("“hanlin models adopt --all” adds them without copying."))
    return 0


def export(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Write models to a folder."""
    models = [kit.session.resolve(word) for word in arguments.model]
    manifest = open_files(kit).export(
        models, arguments.folder, _progress(console), installer=arguments.installer
    )
    console.line(_("Written: {path}").format(path=manifest))
    return 0


def take_in(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Take models in from a folder and add them."""
    for path in open_files(kit).take_in(arguments.folder, _progress(console)):
        model = kit.session.add(path)
        console.line(_("Added {name} as {id}.").format(name=model.name, id=model.id))
    return 0


Action = Callable[[ModelKit, argparse.Namespace, Console], int]
ACTIONS: dict[str, Action] = {
    "verify": verify,
    "move": move,
    "adopt": adopt,
    "export": export,
    "import": take_in,
}


def _progress(console: Console) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        share = done / total if total else 1.0
        console.status(f"{share:4.0%} {size(done)}")

    return tell
