"""``hanlin models verify``, ``move``, ``adopt``, ``export``, ``import``: files of models."""

import argparse
from collections.abc import Callable
from pathlib import Path

from hanlin.bootstrap import ModelKit, open_files
from hanlin.cli.output import Console, bar
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size
from hanlin.services import purposes
from hanlin.settings import travelling


def add_parsers(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of the actions."""
    verifying = actions.add_parser("verify", help=_("compare every byte of a model"))
    verifying.add_argument(
        "model", nargs="*", metavar="ID", help=_("models of “hanlin models list”; without: all")
    )
    verifying.add_argument("--json", action="store_true", help=_("print a JSON array"))
    moving = actions.add_parser("move", help=_("move a model's files to another folder"))
    moving.add_argument("model", metavar="ID", help=_("a model of “hanlin models list”"))
    moving.add_argument("folder", type=Path, metavar=_("FOLDER"), help=_("where to"))
    adopting = actions.add_parser("adopt", help=_("find models that other programs keep here"))
    adopting.add_argument("--all", action="store_true", help=_("add them all, without copying"))
    exporting = actions.add_parser("export", help=_("write models to a USB stick"))
    exporting.add_argument("folder", type=Path, metavar=_("FOLDER"), help=_("where to"))
    exporting.add_argument(
        "model", nargs="+", metavar="ID", help=_("a model of “hanlin models list”")
    )
    exporting.add_argument(
        "--installer", type=Path, metavar=_("FILE"), help=_("take this file along")
    )
    importing = actions.add_parser("import", help=_("take models in from a USB stick"))
    importing.add_argument("folder", type=Path, metavar=_("FOLDER"), help=_("where from"))
    importing.add_argument(
        "--settings", action="store_true", help=_("take over the settings that came along, too")
    )


def verify(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Compare the files of some models, or of all; return 1 when one is wrong."""
    files = open_files(kit)
    known = kit.library.models()
    chosen = [kit.session.registry.resolve(word) for word in arguments.model] or known
    rows = []
    good = True
    for model in chosen:
        words = _("Checking {name}").format(name=model.name)
        parts = files.files_of(model)
        total = sum(path.stat().st_size for path in parts if path.is_file())

        def tell(count: int, total: int = total, words: str = words) -> None:
            console.status(f"{bar(count, total)}  {words}")

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
    model = kit.session.registry.resolve(arguments.model)
    path = open_files(kit).move(model, arguments.folder, _progress(console))
    moved = kit.session.registry.relocate(model, path)
    purposes.follow(kit.settings, model.id, moved.id)
    console.line(_("Moved {name}: {path}").format(name=moved.name, path=moved.path))
    return 0


def adopt(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Show what other programs keep, or add it in place."""
    files = open_files(kit)
    found = files.found_elsewhere()
    for one in found:
        console.line(f"{one.program}  {one.name}  {size(one.bytes)}  {one.path}")
        if arguments.all:
            kit.session.registry.add(files.named_path(one))
    if not found:
        console.note(_("No other program keeps models here."))
    elif not arguments.all:
        console.note(_("“hanlin models adopt --all” adds them without copying."))
    return 0


def export(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Write models to a folder."""
    models = [kit.session.registry.resolve(word) for word in arguments.model]
    files = open_files(kit)
    manifest = files.export(
        models, arguments.folder, _progress(console), installer=arguments.installer
    )
    for path in (manifest, *files.beside(arguments.folder)):
        console.line(_("Written: {path}").format(path=path))
    return 0


def take_in(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Take models in from a folder and add them; settings only if they are asked for."""
    files = open_files(kit)
    for taken in files.take_in(arguments.folder, _progress(console)):
        model = kit.session.registry.add(taken.path)
        kit.session.registry.set_defaults(model.id, taken.defaults)
        console.line(_("Added {name} as {id}.").format(name=model.name, id=model.id))
    wanted = travelling.changes(kit.settings, files.settings_in(arguments.folder))
    if not wanted:
        return 0
    if arguments.settings:
        travelling.take_over(kit.settings, wanted)
        console.line(_("These settings were taken over:"))
    else:
        console.note(_("Settings came along. “--settings” would change these here:"))
    for change in wanted:
        (console.line if arguments.settings else console.note)(f"  {change.words}")
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
    return lambda done, total: console.status(bar(done, total))
