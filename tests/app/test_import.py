"""Conversations into the program: our own files, and those of other programs, whose samples are
synthetic: made for these tests after the sources named in ``hanlin.services.transfer.foreign``.
"""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.transfer import ImportReport
from hanlin.kernel.errors import KnownError
from hanlin.services.transfer.service import TransferService, sentences
from hanlin.store.conversations import Store
from hanlin_fakes.carried import say

CHATGPT: list[dict[str, Any]] = [
    {
        "title": "Trip", "create_time": 1_700_000_000.5, "current_node": "d",
        "mapping": {
            "r": {"id": "r", "message": None, "parent": None, "children": ["s"]},
            "s": {"message": {"author": {"role": "system"}, "content": {"content_type": "text",
                  "parts": [""]}}, "parent": "r", "children": ["a"]},
            "a": {"message": {"author": {"role": "user"}, "create_time": 1_700_000_001,
                  "content": {"content_type": "multimodal_text", "parts": ["去哪？", {"x": 1}]}},
                  "parent": "s", "children": ["b", "d"]},
            "b": {"message": {"author": {"role": "assistant"}, "content": {"content_type": "text",
                  "parts": ["旧"]}}, "parent": "a", "children": []},
            "d": {"message": {"author": {"role": "assistant"}, "metadata": {"model_slug": "g"},
                  "content": {"content_type": "text", "parts": ["重庆"]}},
                  "parent": "a", "children": ["a"]},
            "e": {"message": 7, "parent": "d", "children": []},
        },
    },
    {"title": "broken", "mapping": 3},
]  # fmt: skip
CHATGPT[0]["mapping"]["d"]["children"].append("e")
CHERRY = {
    "time": 1, "version": 5,
    "localStorage": {"persist:cherry-studio": json.dumps({"assistants": json.dumps(
        {"assistants": [{"topics": [{"id": "t", "name": "Trip"}]}]})})},
    "indexedDB": {
        "topics": [{"id": "t", "messages": [
            {"id": "1", "role": "user", "createdAt": "2025-01-02T03:04:05.000Z", "blocks": ["x"]},
            {"id": "2", "role": "assistant", "model": {"name": "Qwen"}, "blocks": ["y", "z"]},
            {"id": "3", "role": "robot"}]}, None],
        "message_blocks": [
            {"id": "x", "messageId": "1", "type": "main_text", "content": "去哪？"},
            {"id": "y", "messageId": "2", "type": "thinking", "content": "想"},
            {"id": "z", "messageId": "2", "type": "main_text", "content": "重庆"},
            {"id": "w", "messageId": "2", "type": "image"}],
    },
}  # fmt: skip
LM_STUDIO = {
    "name": "Trip", "createdAt": 1_700_000_000_000,
    "messages": [
        {"versions": [{"type": "singleStep", "role": "user",
                       "content": [{"type": "text", "text": "去哪？"}]}], "currentlySelected": 0},
        {"versions": [
            {"type": "multiStep", "role": "assistant", "senderInfo": {"senderName": "qwen"},
             "steps": [{"type": "contentBlock", "content": [{"type": "text", "text": "旧"}]}]},
            {"type": "multiStep", "role": "assistant", "steps": [
                {"type": "contentBlock", "style": {"type": "thinking"},
                 "content": [{"type": "text", "text": "想"}]},
                {"type": "debugInfoBlock"},
                {"type": "contentBlock", "content": [{"type": "text", "text": "重庆"}]}]}],
         "currentlySelected": 1},
        "broken",
    ],
}  # fmt: skip
JAN = [
    {"role": "user", "content": [{"type": "text", "text": {"value": "去哪？"}}],
     "created_at": 1_700_000_000},
    {"role": "assistant", "content": [{"type": "reasoning", "text": {"value": "想"}},
     {"type": "text", "text": {"value": "重庆"}}, {"type": "image_url"}]},
]  # fmt: skip


def chatgpt(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "export.zip", "w") as archive:
        archive.writestr("conversations.json", json.dumps(CHATGPT))
        archive.writestr("chat.html", "x")
    return folder / "export.zip"


def cherry(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "cherry.zip", "w") as archive:
        archive.writestr("data.json", json.dumps(CHERRY))
    return folder / "cherry.zip"


def lm_studio(folder: Path) -> Path:
    path = folder / "1.conversation.json"
    path.write_text(json.dumps(LM_STUDIO), encoding="utf-8")
    return path


def jan(folder: Path) -> Path:
    thread = folder / "threads" / "t1"
    thread.mkdir(parents=True)
    (thread / "thread.json").write_text(json.dumps({"title": "Trip"}), encoding="utf-8")
    lines = [json.dumps(one) for one in JAN]
    (thread / "messages.jsonl").write_text("\n".join([*lines, '{"role": "us']), encoding="utf-8")
    return folder / "threads"


def test_our_own_file_brings_every_version_back(
    transfer: TransferService, store: Store, conversation: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    transfer.write(conversation, "json", path)
    before = [one.text() for one in store.transcript(conversation)]
    store.delete_forever(conversation)
    report = transfer.take_in(path)
    assert (report.conversations, report.messages, report.problems) == (1, 3, [])
    [copy] = store.conversations()
    path_there = store.transcript(copy.id)
    assert [one.text() for one in path_there] == before
    assert path_there[1].text(PartKind.THINKING) == "想\n想"
    assert len(store.siblings(path_there[1].id)) == 2
    assert store.database.problems() == []


@pytest.mark.parametrize(
    ("make", "program", "thinks", "problems"),
    [(chatgpt, "ChatGPT", False, 2), (cherry, "Cherry Studio", True, 2),
     (lm_studio, "LM Studio", True, 1), (jan, "Jan", True, 1)],
)  # fmt: skip
def test_other_programs_conversations_come_over(
    transfer: TransferService, store: Store, tmp_path: Path, make: Callable[[Path], Path],
    program: str,
    thinks: bool, problems: int,  # noqa: FBT001 - parameters of a test
) -> None:  # fmt: skip
    report = transfer.take_in(make(tmp_path))
    assert (report.program, report.conversations, len(report.problems)) == (program, 1, problems)
    assert "Trip" in report.problems[0]
    (one,) = store.conversations()
    assert one.title == "Trip"
    said = store.transcript(one.id)
    assert [(message.role, message.text()) for message in said] == [
        (Role.USER, "去哪？"),
        (Role.ASSISTANT, "重庆"),
    ]
    assert said[1].text(PartKind.THINKING) == ("想" if thinks else "")
    assert store.database.problems() == []
    assert all(sentences(report))


@pytest.mark.parametrize("make", [chatgpt, cherry, lm_studio, jan])
def test_a_conversation_comes_over_once(
    transfer: TransferService, store: Store, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    transfer.take_in(path)
    [here] = store.conversations()
    store.rename(here.id, "another title")
    store.delete_message(store.transcript(here.id)[-1].id)
    again = transfer.take_in(path)
    assert (again.conversations, again.messages, again.here, again.trashed) == (0, 0, 1, 0)
    assert "Already here: 1" in sentences(again)
    store.move_to_trash(here.id)
    assert transfer.take_in(path).trashed == 1
    store.delete_forever(here.id)
    assert transfer.take_in(path).conversations == 1
    assert store.database.problems() == []


def test_a_title_orders_nothing(transfer: TransferService, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "1.conversation.json"
    name = " Trip \x1b[31m\u202eexe.\u2066gnp\n\x00"
    path.write_text(json.dumps({**LM_STUDIO, "name": name}), encoding="utf-8")
    transfer.take_in(path)
    thread = jan(tmp_path) / "t1" / "thread.json"
    thread.write_text(json.dumps({"title": name}), encoding="utf-8")
    transfer.take_in(tmp_path / "threads")
    assert [one.title for one in store.conversations()] == ["Trip [31mexe.gnp"] * 2


def test_what_grew_since_comes_over_whole(
    transfer: TransferService, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "conversations.json"
    said = {"content_type": "text", "parts": ["去哪？"]}
    node = {"message": {"author": {"role": "user"}, "content": said}, "parent": None}
    nodes: dict[str, Any] = {"a": {**node, "children": []}}
    other = {"title": "other", "id": "2", "mapping": {"a": {**node, "children": []}}}
    listed = [{"title": "Trip", "id": "1", "mapping": nodes}, other]
    path.write_text(json.dumps(listed), encoding="utf-8")
    assert transfer.take_in(path).conversations == 2, "another id is another conversation"
    nodes["a"]["children"] = ["b"]
    nodes["b"] = {**node, "parent": "a", "children": []}  # the same words once more
    path.write_text(json.dumps(listed), encoding="utf-8")
    for grown, here in ((1, 1), (0, 2)):
        report = transfer.take_in(path)
        assert (report.conversations, report.grown, report.here) == (grown, grown, here)
    newest = store.conversations()[0]
    assert [one.text() for one in store.transcript(newest.id)] == ["去哪？", "去哪？"]
    assert len(store.conversations()) == 3


def test_our_own_file_is_not_taken_in_where_its_conversation_is(
    transfer: TransferService, store: Store, conversation: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    transfer.write(conversation, "json", path)
    assert transfer.take_in(path).here == 1
    say(store, conversation, None, Role.USER, "noch etwas")
    assert transfer.take_in(path).here == 1, "the file is only older"
    transfer.write(conversation, "json", path)
    store.move_to_trash(conversation)
    assert transfer.take_in(path).trashed == 1
    store.delete_forever(conversation)
    assert transfer.take_in(path).conversations == 1


def test_versions_of_chatgpt_and_lm_studio_stay(
    transfer: TransferService, store: Store, tmp_path: Path
) -> None:
    for make in (chatgpt, lm_studio):
        transfer.take_in(make(tmp_path))
    for one in store.conversations():
        answer = store.transcript(one.id)[-1]
        assert [version.text() for version in store.siblings(answer.id)] == ["旧", "重庆"]


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"{}", b"[]", b"[1, 2]", b"[" * 200_000, b"PK\x03\x04broken",
     b"\xff\xfe\x00",
     b'{"messages": [{"versions": [{}]}]}', b'[{"mapping": {"a": {"parent": "a"}}}]',
     b'{"indexedDB": {"topics": 5, "message_blocks": {}}}',
     b'{"format": "hanlin-conversation", "conversations": [{"messages": [{"id": 1}]}]}'],
)  # fmt: skip
def test_a_damaged_file_stores_nothing(
    transfer: TransferService, store: Store, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    try:
        report = transfer.take_in(path)
    except KnownError:
        report = ImportReport()
    assert report.conversations == 0
    assert store.conversations() == []


def test_a_bomb_is_refused(transfer: TransferService, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", b" " * 50_000_000)
    with pytest.raises(KnownError, match="unpacks"):
        transfer.take_in(path)
    assert store.conversations() == []


def test_what_is_whole_in_a_damaged_archive_comes_over(
    transfer: TransferService, store: Store, tmp_path: Path
) -> None:
    one = json.dumps({"messages": [{"versions": [_said("user", "完整")]}]})
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, kind in enumerate((zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_STORED)):
            archive.writestr(f"{number}.conversation.json", one, kind)
    content = bytearray(path.read_bytes())
    for kind in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        packed = content.index(f"{0 if kind == zipfile.ZIP_LZMA else 1}.conversation.json".encode())
        for place in range(packed + 25, packed + 60):
            content[place] ^= 0xFF
    path.write_bytes(content)
    report = transfer.take_in(path)
    assert (report.conversations, len(report.problems)) == (1, 2)
    [kept] = store.conversations()
    assert store.transcript(kept.id)[-1].text() == "完整"


def _said(role: str, text: str) -> dict[str, object]:
    return {"role": role, "content": [{"type": "text", "text": text}]}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_not_waited_for(transfer: TransferService, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(KnownError):
        transfer.take_in(tmp_path / "pipe.json")
