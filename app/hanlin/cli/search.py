"""``hanlin search``: what was said where, in all conversations."""

import argparse
from collections.abc import Mapping

from hanlin.bootstrap import open_store
from hanlin.cli.output import Console
from hanlin.domain.conversation import Role
from hanlin.domain.search import Hit, Snippet
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _
from hanlin.preparing import find_paths
from hanlin.services.search import SearchService


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser(
        "search", help=_("search all conversations; pinyin and initials are understood too")
    )
    parser.add_argument("query", nargs="+", metavar=_("WORDS"), help=_("what to look for"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object per line"))


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print what is found, each conversation with its places; 1 when there is nothing."""
    query = " ".join(arguments.query)
    with open_store(find_paths(arguments.data_dir)) as store:
        search = SearchService(store.database, EventBus())
        try:
            search.index_all(
                lambda done, total: console.status(
                    _("Reading conversations: {done} of {total}").format(done=done, total=total)
                )
            )
            found = search.search(query)
        finally:
            search.close()
    console.clear_status()
    for first, messages in found.by_conversation():
        if console.json_lines:
            for hit in messages or [first]:
                console.event(_as_json(hit))
            continue
        console.line(f"{first.title.text or _('Untitled')}  ({first.conversation_id})")
        for hit in messages:
            who = _("You") if hit.role is Role.USER else _("Answer")
            console.line(f"    {who}: {_marked(hit.snippet)}")
    if not found.hits:
        console.note(_("Nothing was found for “{query}”.").format(query=query))
    elif found.more:
        console.note(_("There is more; these are the newest."))
    return 0 if found.hits else 1


def _marked(snippet: Snippet) -> str:
    text, shift = snippet.text, 0
    for start, end in snippet.marks:
        text = f"{text[: start + shift]}[{text[start + shift : end + shift]}]{text[end + shift :]}"
        shift += 2
    return text


def _as_json(hit: Hit) -> Mapping[str, object]:
    return {
        "conversation": hit.conversation_id,
        "title": hit.title.text,
        "message": hit.message_id,
        "role": hit.role.value if hit.role else None,
        "created_at": hit.created_at,
        "text": hit.snippet.text,
        "marks": [list(mark) for mark in hit.snippet.marks],
    }
