"""``hanlin models list --catalogue``, ``search``, ``files``, ``pull`` and what belongs to them."""

import argparse
import getpass
import sys
import threading
from collections.abc import Callable

from hanlin.bootstrap import ModelKit, open_online
from hanlin.cli.output import Console, bar
from hanlin.domain.catalogue import CatalogueEntry, FitEstimate, Task
from hanlin.domain.downloads import Download, DownloadState, Wanted
from hanlin.domain.hub import Offer
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size

_POLL_SECONDS = 0.2


def add_parsers(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the words of the actions."""
    searching = actions.add_parser("search", help=_("look for GGUF models at the Hub"))
    searching.add_argument("words", nargs="+", metavar=_("WORDS"), help=_("what to look for"))
    searching.add_argument("--author", default="", metavar="NAME", help=_("only this owner's"))
    searching.add_argument(
        "--sort",
        choices=["downloads", "likes", "updated"],
        default="downloads",
        help=_("what comes first"),
    )
    searching.add_argument("--json", action="store_true", help=_("print a JSON array"))
    listing = actions.add_parser("files", help=_("show the models of a repository"))
    listing.add_argument("repository", metavar="OWNER/NAME")
    listing.add_argument("--json", action="store_true", help=_("print a JSON array"))
    looking = actions.add_parser("look", help=_("say whether a model at the Hub loads and fits"))
    looking.add_argument("repository", metavar="OWNER/NAME")
    looking.add_argument("--quantisation", "-q", default="", help=_("such as Q4_K_M"))
    pulling = actions.add_parser(
        "pull", help=_("fetch a model, verified; goes on where it stopped")
    )
    pulling.add_argument(
        "model", metavar="MODEL", help=_("a model of the catalogue, or OWNER/NAME at the Hub")
    )
    pulling.add_argument("--quantisation", "-q", default="", help=_("such as Q4_K_M"))
    pulling.add_argument("--no-projector", action="store_true", help=_("without its eyes"))
    pulling.add_argument("--json", action="store_true", help=_("print JSON lines"))
    actions.add_parser("token", help=_("store your token for the Hub (from standard input)"))
    record = actions.add_parser("connections", help=_("show every request ever made"))
    record.add_argument("--json", action="store_true", help=_("print a JSON array"))


def show_catalogue(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Print the catalogue, with what fits this computer."""
    online = open_online(kit, queue=False)
    try:
        entries = list(online.catalogue)
        if arguments.task:
            entries = online.catalogue.for_task(_task(arguments.task))
        rows = [(entry, online.fit(entry)) for entry in entries]
    finally:
        online.close()
    if console.json_lines:
        console.value([_entry(entry, estimate) for entry, estimate in rows])
        return 0
    width = max((len(entry.id) for entry, _estimate in rows), default=0)
    for entry, estimate in rows:
        mark = "*" if entry.recommended else " "
        console.line(f"{mark} {entry.id:<{width}}  {entry.name}: {entry.text}")
        said = entry.reason or estimate.words
        console.line(f"  {'':<{width}}  {said} {_licence(entry)}")
    return 0


def search(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Print repositories that match."""
    online = open_online(kit, queue=False)
    try:
        console.status(_("Asking the Hub…"))
        words = " ".join(arguments.words)
        found = online.hub.search(words, arguments.author, order=arguments.sort)
    finally:
        online.close()
    console.clear_status()
    if console.json_lines:
        console.value(
            [
                {
                    "repository": one.name,
                    "downloads": one.downloads,
                    "gated": one.gated,
                    "licence": one.licence,
                    "architecture": one.architecture,
                    "updated": one.updated,
                    "problem": one.problem,
                }
                for one in found
            ]
        )
        return 0
    for one in found:
        gated = _("wants agreement to its terms") if one.gated else ""
        notes = "  ".join(note for note in (one.licence, gated, one.problem) if note)
        console.line(f"{one.name}  {one.downloads}  {notes}")
    if not found:
        console.note(_("Nothing was found. Try fewer words."))
    return 0


def files(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Print the models of one repository, packing by packing."""
    online = open_online(kit, queue=False)
    try:
        console.status(_("Asking the Hub…"))
        listing = online.hub.listing(arguments.repository)
    finally:
        online.close()
    if console.json_lines:
        console.value([_offer(offer) for offer in listing.offers])
        return 0
    for offer in listing.offers:
        console.line(
            f"{offer.quantisation or '–':<12} {size(offer.bytes):>8}  {offer.label}  "
            f"{online.packing_words(offer.quantisation)}"
        )
    return 0


def look(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Print what the first bytes of a model say; return 1 when it cannot be used."""
    online = open_online(kit, queue=False)
    try:
        console.status(_("Asking the Hub…"))
        seen = online.look(arguments.repository, arguments.quantisation)
    finally:
        online.close()
    console.line(f"{seen.offer.label}  {size(seen.offer.bytes)}")
    console.line(seen.prospect.problem or _("The engine knows this kind of model."))
    for note in (*seen.prospect.notes, seen.estimate.words):
        console.line(note)
    return 0 if seen.prospect.loads else 1


def pull(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Fetch a model and wait for it."""
    online = open_online(kit, queue=False)
    try:
        wanted = online.wanted(
            arguments.model, arguments.quantisation, projector=not arguments.no_projector
        )
        if "/" not in arguments.model:  # its terms are read before the first byte comes
            console.note(_licence(online.catalogue.find(arguments.model)))
        return _follow(
            wanted, online.downloads.add, online.downloads.find, online.describe, console
        )
    finally:
        online.close()


def keep_token(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Store the Hub's token in the system's keyring; an empty line removes it."""
    del arguments
    online = open_online(kit, queue=False)
    try:
        terminal = sys.stdin.isatty()
        token = getpass.getpass(_("Token: ")) if terminal else sys.stdin.readline()
        online.account.keep(token)
    finally:
        online.close()
    console.note(_("Stored. It is sent to the Hub alone.") if token.strip() else _("Removed."))
    return 0


def show_connections(kit: ModelKit, arguments: argparse.Namespace, console: Console) -> int:
    """Print every request ever made, the newest first."""
    del arguments
    online = open_online(kit, queue=False)
    try:
        made = online.connections.connections()
    finally:
        online.close()
    rows = [
        {
            "time": one.time_ms,
            "host": one.host,
            "method": one.method,
            "status": one.status,
            "bytes": one.count,
            "purpose": one.purpose,
        }
        for one in made
    ]
    if console.json_lines:
        console.value(rows)
        return 0
    for row in rows:
        console.line("  ".join(str(value) for value in row.values()))
    if not rows:
        console.note(_("No request was ever made from here."))
    return 0


Action = Callable[[ModelKit, argparse.Namespace, Console], int]
ACTIONS: dict[str, Action] = {
    "search": search,
    "files": files,
    "look": look,
    "pull": pull,
    "token": keep_token,
    "connections": show_connections,
}


def _follow(
    wanted: Wanted,
    add: Callable[[Wanted], Download],
    find: Callable[[str], Download | None],
    describe: Callable[[Download], str],
    console: Console,
) -> int:
    """Show a download's progress until it ends; Ctrl+C keeps what came."""
    download = add(wanted)
    pause = threading.Event()
    told = ""
    while (now := find(download.id)) is not None:
        if now.state in (DownloadState.DONE, DownloadState.FAILED):
            break
        words = describe(now)
        if console.json_lines and (line := f"{now.state}{now.done}") != told:
            console.event(_progress(now))
            told = line
        console.status(f"{_bar(now)}  {words}")
        pause.wait(_POLL_SECONDS)
    if now is None or now.state is DownloadState.FAILED:
        said = describe(now) if now is not None else ""
        raise KnownError(_("This could not be fetched"), f"{wanted.title}: {said}")
    if console.json_lines:
        console.event(_progress(now))
    else:
        console.line(_("{name} is here and verified.").format(name=wanted.title))
    return 0


def _licence(entry: CatalogueEntry) -> str:
    return _("{what}: {reason}").format(what=entry.licence.name, reason=entry.licence.limits)


def _bar(download: Download) -> str:
    speed = f" {size(round(download.speed))}/s" if download.speed else ""
    return bar(download.done, download.total or 0) + speed


def _progress(download: Download) -> dict[str, object]:
    return {
        "event": "download",
        "state": str(download.state),
        "done": download.done,
        "total": download.total,
        "source": download.source,
        "cause": str(download.cause),
    }


def _entry(entry: CatalogueEntry, estimate: FitEstimate) -> dict[str, object]:
    file = entry.files[0] if entry.files else None
    return {
        "id": entry.id,
        "family": entry.family,
        "name": entry.name,
        "tasks": [str(task) for task in entry.tasks],
        "repo": entry.repository,
        "file": file.name if file else None,
        "bytes": file.bytes if file else None,
        "sha256": file.sha256 if file else None,
        "pinned": entry.pinned,
        "licence": entry.licence.name,
        "runs": entry.runs == "yes",
        "reason": entry.reason,
        "fit": str(estimate.verdict),
        "needed": estimate.needed,
        "recommended": entry.recommended,
        "superseded_by": entry.superseded_by,
    }


def _offer(offer: Offer) -> dict[str, object]:
    return {
        "label": offer.label,
        "quantisation": offer.quantisation,
        "bytes": offer.bytes,
        "complete": offer.complete,
        "files": [file.name for file in offer.files],
    }


def _task(word: str) -> Task:
    try:
        return Task(word)
    except ValueError as error:
        raise KnownError(
            _("No such task"), word, _("Tasks are: {tasks}").format(tasks=", ".join(Task))
        ) from error
