"""The files of other programs, and our own, understood as conversations.

No real export of these programs was at hand; what is understood, and how it is known:

- Cherry Studio: messages and blocks as in its ``src/renderer/src/types/newMessage.ts``,
  within a backup's ``data.json`` with ``localStorage`` and ``indexedDB``, as it is described.
- Jan: ``threads/<id>/thread.json`` and ``messages.jsonl`` in the shape of OpenAI's threads,
  as it is described.
- LM Studio (closed): ``*.conversation.json`` with versions and steps, as converters read it.
- ChatGPT (closed): ``conversations.json``, a tree called ``mapping`` in each conversation,
  as converters read it.

Everything here may be damaged or hostile: a bad record is named in the report and the rest
comes over. Opening files is :mod:`hanlin.services.transfer.reading`'s business.
"""

import datetime
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from hanlin.domain.conversation import Role
from hanlin.domain.transfer import OURS, CarriedConversation, CarriedMessage, ImportReport
from hanlin.kernel.i18n import _

FORMAT: Final = "hanlin-conversation"
_ROLES: Final = {"user": Role.USER, "assistant": Role.ASSISTANT}
_OBEYED: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""No letters, but orders to a terminal, or to show what follows in another direction."""
_LONGEST_TITLE: Final = 200
_LONGEST_ID: Final = 200
_MOST_MESSAGES: Final = 100_000

Value = Any  # what json.loads gives; every use looks first


class _Damaged(Exception):
    """A record that is not what it should be."""


def conversations_of(value: Value, report: ImportReport) -> Iterator[CarriedConversation]:
    """Yield the conversations in a decoded file; what cannot be read is named in ``report``."""
    if isinstance(value, dict) and value.get("format") == FORMAT:
        report.program = OURS
        yield from _each(value.get("conversations"), _own, report)
    elif isinstance(value, dict) and isinstance(value.get("indexedDB"), dict):
        report.program = "Cherry Studio"
        yield from _cherry(value, report)
    elif isinstance(value, dict) and isinstance(value.get("messages"), list):
        report.program = "LM Studio"
        yield from _each([value], _lm_studio, report)
    elif isinstance(value, list) and all(isinstance(one, dict) for one in value[:1]):
        report.program = "ChatGPT"
        yield from _each(value, _chatgpt, report)
    elif isinstance(value, dict) and isinstance(value.get("mapping"), dict):
        report.program = "ChatGPT"
        yield from _each([value], _chatgpt, report)


def jan(thread: Value, lines: list[str], report: ImportReport) -> CarriedConversation | None:
    """Return a thread of Jan's, None when nothing of it can be read."""
    report.program = "Jan"
    title = _title(_maybe(thread).get("title"))
    messages: list[CarriedMessage] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            one = _dict(json.loads(line))
            role = _ROLES.get(_text(one.get("role")))
            if role is None:
                report.leave_out(_("system messages and tools"))
                continue
            said, thought = _jan_text(one.get("content"), report)
        except (ValueError, _Damaged, RecursionError):
            report.problems.append(
                _("“{title}”: line {number} cannot be read.").format(title=title, number=number)
            )
            continue
        before = messages[-1].id if messages else ""
        model = _text(_maybe(one.get("metadata")).get("modelId"))
        messages.append(
            CarriedMessage(
                f"{number}", before, role, said, thought, model, _time(one.get("created_at"))
            )
        )
    if not messages:
        return None
    source = _source("Jan", _maybe(thread).get("id"))
    return CarriedConversation(title, tuple(messages), source=source)


def _jan_text(content: Value, report: ImportReport) -> tuple[str, str]:
    said, thought = [], []
    for part in content if isinstance(content, list) else ():
        kind = _text(_dict(part).get("type"))
        text = _text(_maybe(part.get("text")).get("value"))
        if kind == "text":
            said.append(text)
        elif kind == "reasoning":
            thought.append(text)
        else:
            report.leave_out(_("pictures and files"))
    return "\n\n".join(said), "\n\n".join(thought)


def _each(
    values: Value,
    read: Callable[[Mapping[str, Value], ImportReport], CarriedConversation],
    report: ImportReport,
) -> Iterator[CarriedConversation]:
    for number, value in enumerate(values if isinstance(values, list) else (), 1):
        try:
            found = read(_dict(value), report)
        except (_Damaged, RecursionError):
            name = _text(_maybe(value).get("title")) or _("number {number}").format(number=number)
            report.problems.append(
                _("The conversation “{title}” cannot be read.").format(title=name[:_LONGEST_TITLE])
            )
            continue
        if found.messages:
            yield found
        else:
            report.leave_out(_("empty conversations"))


def _own(value: Mapping[str, Value], report: ImportReport) -> CarriedConversation:
    messages: list[CarriedMessage] = []
    known = {""}
    for one in _list(value.get("messages"))[:_MOST_MESSAGES]:
        role = _ROLES.get(_text(_maybe(one).get("role")))
        identity, parent = _text(_maybe(one).get("id")), _text(_maybe(one).get("parent"))
        if role is None or not identity or identity in known:
            report.problems.append(_named(value, len(messages)))
            continue
        known.add(identity)
        messages.append(
            CarriedMessage(
                identity,
                parent if parent in known else (messages[-1].id if messages else ""),
                role,
                _text(one.get("text")),
                _text(one.get("thinking")),
                _text(one.get("model")),
                _time(one.get("created_at")),
            )
        )
    return CarriedConversation(
        _title(value.get("title")),
        tuple(messages),
        _time(value.get("created_at")),
        _text(value.get("head")),
        _source(OURS, value.get("id")),
    )


def _chatgpt(value: Mapping[str, Value], report: ImportReport) -> CarriedConversation:
    nodes = _dict(value.get("mapping"))
    order = _from_the_root(nodes)
    kept: dict[str, str] = {}
    """Of each node the nearest one above it, or itself, that came over."""
    messages: list[CarriedMessage] = []
    for identity in order:
        node = _maybe(nodes[identity])
        above = kept.get(_text(node.get("parent")), "")
        kept[identity] = above
        message = node.get("message")
        if message is None:
            continue
        if not isinstance(message, dict):
            report.problems.append(_named(value, len(messages)))
            continue
        role = _ROLES.get(_text(_maybe(message.get("author")).get("role")))
        said, thought = _chatgpt_text(_maybe(message.get("content")), report)
        if role is None or not (said or thought):
            if role is None:
                report.leave_out(_("system messages and tools"))
            continue
        model = _text(_maybe(message.get("metadata")).get("model_slug"))
        messages.append(
            CarriedMessage(
                identity, above, role, said, thought, model, _time(message.get("create_time"))
            )
        )
        kept[identity] = identity
    head = kept.get(_text(value.get("current_node")), "")
    created = _time(value.get("create_time"))
    source = _source("ChatGPT", value.get("conversation_id") or value.get("id"))
    return CarriedConversation(_title(value.get("title")), tuple(messages), created, head, source)


def _from_the_root(nodes: Mapping[str, Value]) -> list[str]:
    """Return the ids of the tree's nodes, each behind its parent; circles are cut."""
    order, seen = [], set()
    waiting = [
        identity
        for identity, node in nodes.items()
        if _text(_maybe(node).get("parent")) not in nodes
    ][::-1]
    while waiting:
        identity = waiting.pop()
        if identity in seen or identity not in nodes:
            continue
        seen.add(identity)
        order.append(identity)
        children = _maybe(nodes[identity]).get("children")
        waiting += [_text(one) for one in reversed(children if isinstance(children, list) else [])]
    return order


def _chatgpt_text(content: Mapping[str, Value], report: ImportReport) -> tuple[str, str]:
    kind = _text(content.get("content_type"))
    if kind in ("text", "multimodal_text"):
        parts = content.get("parts")
        said = []
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, str):
                said.append(part)
            elif part is not None:
                report.leave_out(_("pictures and files"))
        return "\n".join(said).strip(), ""
    if kind == "code":
        return f"```\n{_text(content.get('text'))}\n```", ""
    if kind == "thoughts":
        thoughts = content.get("thoughts")
        listed = thoughts if isinstance(thoughts, list) else []
        return "", "\n\n".join(_text(_maybe(one).get("content")) for one in listed)
    if kind:
        report.leave_out(_("other kinds of messages"))
    return "", ""


def _lm_studio(value: Mapping[str, Value], report: ImportReport) -> CarriedConversation:
    messages: list[CarriedMessage] = []
    before, head = "", ""
    for number, one in enumerate(_list(value.get("messages"))[:_MOST_MESSAGES]):
        versions = _maybe(one).get("versions")
        if not isinstance(versions, list) or not versions:
            report.problems.append(_named(value, number))
            continue
        selected = one.get("currentlySelected")
        chosen = selected if isinstance(selected, int) and 0 <= selected < len(versions) else 0
        following = before
        for place, version in enumerate(versions):
            role = _ROLES.get(_text(_maybe(version).get("role")))
            if role is None:
                report.leave_out(_("system messages and tools"))
                continue
            said, thought = _lm_studio_text(version, report)
            identity = f"{number}.{place}"
            model = _text(_maybe(version.get("senderInfo")).get("senderName"))
            messages.append(CarriedMessage(identity, before, role, said, thought, model))
            following = identity if place == chosen or following == before else following
        before = head = following
    created = _time(value.get("createdAt"))
    return CarriedConversation(_title(value.get("name")), tuple(messages), created, head)


def _lm_studio_text(version: Mapping[str, Value], report: ImportReport) -> tuple[str, str]:
    said, thought = list[str](), list[str]()
    steps = version.get("steps")
    blocks = steps if isinstance(steps, list) else [version]
    for block in blocks:
        style = _text(_maybe(_maybe(block).get("style")).get("type"))
        content = _maybe(block).get("content")
        for part in content if isinstance(content, list) else ():
            if _text(_maybe(part).get("type")) == "text":
                (thought if style == "thinking" else said).append(_text(part.get("text")))
            else:
                report.leave_out(_("pictures and files"))
    return "".join(said), "".join(thought)


def _cherry(value: Mapping[str, Value], report: ImportReport) -> Iterator[CarriedConversation]:
    tables = _dict(value["indexedDB"])
    blocks: dict[str, list[Mapping[str, Value]]] = {}
    for block in _some(tables.get("message_blocks")):
        blocks.setdefault(_text(_maybe(block).get("messageId")), []).append(_maybe(block))
    titles = _cherry_titles(value.get("localStorage"))

    def topic(one: Mapping[str, Value], report: ImportReport) -> CarriedConversation:
        title = _title(titles.get(_text(one.get("id"))))
        messages: list[CarriedMessage] = []
        for message in _list(one.get("messages"))[:_MOST_MESSAGES]:
            known = _maybe(message)
            role = _ROLES.get(_text(known.get("role")))
            if role is None:
                report.problems.append(_named({"title": title}, len(messages)))
                continue
            said, thought = _cherry_text(blocks.get(_text(known.get("id")), []), report)
            said = said or _text(known.get("content"))  # of before version 1.3
            before = messages[-1].id if messages else ""
            model = _text(_maybe(known.get("model")).get("name"))
            created = _time(known.get("createdAt"))
            identity = f"{len(messages)}"
            messages.append(CarriedMessage(identity, before, role, said, thought, model, created))
        created = messages[0].created_at if messages else 0
        source = _source("Cherry Studio", one.get("id"))
        return CarriedConversation(title, tuple(messages), created, source=source)

    yield from _each(tables.get("topics"), topic, report)


def _cherry_text(blocks: list[Mapping[str, Value]], report: ImportReport) -> tuple[str, str]:
    said, thought = [], []
    for block in blocks:
        kind, text = _text(block.get("type")), _text(block.get("content"))
        if kind in ("main_text", "translation", "compact"):
            said.append(text)
        elif kind == "code":
            said.append(f"```{_text(block.get('language'))}\n{text}\n```")
        elif kind == "thinking":
            thought.append(text)
        elif kind not in ("unknown", "error"):
            report.leave_out(_("pictures and files"))
    return "\n\n".join(said), "\n\n".join(thought)


def _cherry_titles(storage: Value) -> dict[str, str]:
    """Return the topics' names, which lie in JSON within JSON within JSON."""
    try:
        kept = json.loads(_text(_maybe(storage).get("persist:cherry-studio")) or "{}")
        assistants = _maybe(json.loads(_text(_maybe(kept).get("assistants")) or "{}"))
    except (ValueError, RecursionError):
        return {}
    return {
        _text(_maybe(topic).get("id")): _text(_maybe(topic).get("name"))
        for assistant in _some(assistants.get("assistants"))
        for topic in _some(_maybe(assistant).get("topics"))
    }


def _named(conversation: Mapping[str, Value], number: int) -> str:
    title = _title(conversation.get("title") or conversation.get("name"))
    return _("“{title}”: message {number} cannot be read.").format(title=title, number=number + 1)


def _source(program: str, identity: Value) -> str:
    return f"{program}:{identity[:_LONGEST_ID]}" if identity and isinstance(identity, str) else ""


def _title(value: Value) -> str:
    return " ".join(_OBEYED.sub("", _text(value)).split())[:_LONGEST_TITLE]


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _dict(value: Value) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise _Damaged
    return value


def _list(value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise _Damaged
    return value


def _some(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _maybe(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _time(value: Value) -> int:
    """Return a moment in milliseconds: seconds, milliseconds or ISO 8601 are given."""
    if isinstance(value, str):
        try:
            moment = datetime.datetime.fromisoformat(value)
        except ValueError:
            return 0
        value = moment.replace(tzinfo=moment.tzinfo or datetime.UTC).timestamp()
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**14:
        return 0
    return int(value) if value > 10**11 else int(value * 1000)
