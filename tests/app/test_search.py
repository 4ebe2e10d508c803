"""The search: what is found for what is typed, and an index that follows what is stored."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

import pytest

from hanlin.chinese import characters, script_of
from hanlin.domain.conversation import Message, Part, PartKind, Role, Status
from hanlin.domain.generation import Timings, Usage
from hanlin.domain.search import Findings
from hanlin.kernel.events import EventBus
from hanlin.services.events import AnswerFinished
from hanlin.services.search import SearchService
from hanlin.store import ahead
from hanlin.store.conversations import Store
from hanlin.store.migrations import MIGRATIONS
from hanlin.store.search import SearchIndex
from hanlin.store.words import parse
from hanlin_fakes.clock import FakeClock
from hanlin_fakes.house import KEY

FORECAST = "今天的天气预报怎么样？用Python写一个程序, Café ﬁne １２３"
BANK = "這裡是軟體的說明：銀行行長在重慶。" + "\n其他的話。" * 40 + "\n量子计算"


@pytest.fixture
def index(store: Store) -> Iterator[SearchIndex]:
    index = SearchIndex(store.database)
    yield index
    index.close()


def say(store: Store, conversation: str, text: str, role: Role = Role.USER) -> Message:
    parts = (Part(PartKind.TEXT, text),)
    return store.add_message(conversation, None, role, Status.COMPLETE, parts)


def index_all(index: SearchIndex) -> None:
    while index.index_some():
        pass
    assert index.remaining() == 0


def texts(found: Findings) -> list[str]:
    """Return what is marked in each message found, joined."""
    return [
        "|".join(hit.snippet.text[start:end] for start, end in hit.snippet.marks)
        for hit in found.hits
        if hit.message_id is not None
    ]


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("天气", "天气"),
        ("天", "天|天"),
        ("天氣", "天气"),
        ("气天", None),
        ("天气 程序", "天气|程序"),
        ("天气 上海", None),
        ("用Python写", "用Python写"),
        ("PYTHON", "Python"),
        ("pyth", "Pyth"),
        ("ython", None),
        ("cafe", "Café"),
        ("fi", None),
        ("123", "１２３"),
        ("tianqi", "天气"),
        ("tianqiyubao", "天气预报"),
        ("tianq", "天气"),
        ("tqyb", "天气预报"),
        ("tq", None),
        ('"今天的天气"', "今天的天气"),
        ('"今天的气"', None),
        ("\u202e天气\x00", "天气"),
    ],
)
def test_a_question_is_found_by(
    store: Store, index: SearchIndex, query: str, marked: str | None
) -> None:
    say(store, store.create_conversation("无题").id, FORECAST)
    index_all(index)
    assert texts(index.search(query)) == ([] if marked is None else [marked])


@pytest.mark.parametrize(
    ("query", "first"),
    [("软体", "軟體"), ("这里", "這裡"), ("yinhang", "銀行"), ("yinhanghangzhang", "銀行行長"),
     ("chongqing", "重慶"), ("zhongqing", None), ("liangzi", "量子")],
)  # fmt: skip
def test_traditional_text_is_found_by_simplified_words_and_by_the_right_reading(
    store: Store, index: SearchIndex, query: str, first: str | None
) -> None:
    say(store, store.create_conversation("无题").id, BANK, Role.ASSISTANT)
    index_all(index)
    assert texts(index.search(query)) == ([] if first is None else [first])


def test_a_snippet_shows_the_place_in_a_long_answer(store: Store, index: SearchIndex) -> None:
    say(store, store.create_conversation("无题").id, BANK, Role.ASSISTANT)
    index_all(index)
    (hit,) = index.search("量子").hits
    assert hit.snippet.text.startswith("…")
    assert hit.snippet.text.endswith("量子计算")
    assert "\n" not in hit.snippet.text


def test_titles_come_first_and_by_two_initials(store: Store, index: SearchIndex) -> None:
    weather = store.create_conversation("北京天气")
    say(store, weather.id, "在吗")
    other = store.create_conversation("别的")
    message = say(store, other.id, "北京")
    index_all(index)
    found = index.search("北京")
    assert [(hit.conversation_id, hit.message_id) for hit in found.hits] == [
        (weather.id, None),
        (other.id, message.id),
    ]
    assert [hit.title.text for hit in index.search("tq").hits] == ["北京天气"]
    assert [hit.title.text for hit in index.search("jing").hits] == ["北京天气"]


def test_the_index_follows_what_is_changed_and_deleted(store: Store, index: SearchIndex) -> None:
    conversation = store.create_conversation("旧题")
    question = say(store, conversation.id, "问题")
    growing = store.add_message(conversation.id, question.id, Role.ASSISTANT, Status.STREAMING, ())
    index_all(index)
    store.extend_message(growing.id, [Part(PartKind.TEXT, "半句")])
    assert index.index_some() == 0, "an answer is indexed when it is final"
    store.extend_message(growing.id, [Part(PartKind.TEXT, "话")], Status.COMPLETE)
    store.rename(conversation.id, "新题")
    index_all(index)
    assert texts(index.search("半句话")) == ["半句话"]
    assert [len(index.search(title).hits) for title in ("旧题", "新题")] == [0, 1]
    store.extend_message(growing.id, [Part(PartKind.TEXT, "的后半")])
    index_all(index)
    assert texts(index.search("话的后半")) == ["话的后半"]
    store.move_to_trash(conversation.id)
    assert index.search("半句").hits == ()
    store.delete_forever(conversation.id)
    assert store.database.read("SELECT count(*) FROM found_messages_docsize") == [(0,)]
    assert store.database.read("SELECT count(*) FROM found_titles_docsize") == [(0,)]
    assert store.database.problems() == []


def test_what_hangs_on_a_deleted_message_is_not_found(store: Store, index: SearchIndex) -> None:
    conversation = store.create_conversation("题")
    question = say(store, conversation.id, "天气一")
    parts = (Part(PartKind.TEXT, "天气二"),)
    store.add_message(conversation.id, question.id, Role.ASSISTANT, Status.COMPLETE, parts)
    other = say(store, conversation.id, "天气三")
    index_all(index)
    store.delete_message(question.id)
    assert [hit.message_id for hit in index.search("天气").hits] == [other.id]


def test_a_database_of_before_is_indexed_afterwards(tmp_path: Path) -> None:
    from hanlin.store.database import Database  # noqa: PLC0415 - an old one, once

    path = tmp_path / "hanlin.db"
    with Database(path, KEY, FakeClock(), MIGRATIONS[:2]) as old:
        old.write(
            "INSERT INTO conversations (id, title, created_at, updated_at, activity)"
            " VALUES ('c', '旧', 1, 1, 1)"
        )
        old.write(
            "INSERT INTO messages (id, conversation_id, role, status, created_at)"
            " VALUES ('m', 'c', 'user', 'complete', 1)"
        )
        old.write("INSERT INTO parts (message_seq, kind, text) VALUES (1, 'text', '很久以前')")
    with Store.open(path, KEY, FakeClock()) as store:
        index = SearchIndex(store.database)
        assert index.search("以前").unindexed == 1
        index_all(index)
        assert texts(index.search("以前")) == ["以前"]
        index.close()


def test_a_broken_row_spoils_only_itself(store: Store, index: SearchIndex) -> None:
    conversation = store.create_conversation("题")
    good, bad = say(store, conversation.id, "天气好"), say(store, conversation.id, "天气坏")
    store.database.write("UPDATE parts SET text = CAST(x'e5a4a9e6b094ff' AS TEXT) WHERE seq = 2")
    index_all(index)
    assert {hit.message_id for hit in index.search("天气").hits} == {good.id, bad.id}


def test_the_words_of_the_conversations_are_not_readable_in_the_file(
    store: Store, index: SearchIndex
) -> None:
    say(store, store.create_conversation("题").id, "unmistakableword " * 50)
    index_all(index)
    store.database.read("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"unmistakable" not in store.database.path.read_bytes()


@pytest.mark.parametrize("query", ["", "  ", '"', "!?。", "*", "a AND", "NEAR(", "-x^", "'" * 99])
def test_any_query_is_a_query(store: Store, index: SearchIndex, query: str) -> None:
    say(store, store.create_conversation("题").id, "anything")
    index_all(index)
    assert index.search(query).query == query


def test_readings_go_by_the_word() -> None:
    read = characters().read
    assert read("银行行长") == ["yin", "hang", "hang", "zhang"]
    assert read("行走") == ["xing", "zou"]
    assert read("天か") == ["tian", "0"]


def test_whatever_is_typed_as_it_sounds_is_marked() -> None:
    table, dice = characters(), random.Random(3)
    letters = "".join(table.readings)
    for word in ("行长", "银行", "了解", "一了百了", "重庆", "重心", "大会", "会计"):
        for letter in dice.sample(letters, 30):
            run = dice.choice((letter + word, word + letter))
            syllables = table.read(run)
            place = run.index(word)
            said = syllables[place : place + len(word)]
            for typed in ("".join(said), "".join(one[0] for one in said)):
                marks = parse(typed).marks(f"好, {run}。好")
                assert any(start <= 3 + place < end for start, end in marks), (run, typed)


@pytest.mark.parametrize(
    ("text", "script"),
    [("这个问题", "zh_CN"), ("這個問題", "zh_TW"), ("天下一人", "zh"), ("hello", "")],
)
def test_the_script_of_a_text(text: str, script: str) -> None:
    assert script_of(text) == script


def test_what_was_indexed_is_brought_to_its_place_before_an_answer_is_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a commit of the answer would have to."""
    settled = threading.Event()
    monkeypatch.setattr(store.database, "checkpoint", settled.set)
    conversation = store.create_conversation("title").id
    service = SearchService(store.database, EventBus())
    say(store, conversation, "今天天气很好")
    service.begin()
    assert settled.wait(30)
    assert len(service.search("天气").hits) == 1
    service.close()


def test_a_checkpoint_empties_the_log(store: Store) -> None:
    store.create_conversation("title")
    before = store.database.read("PRAGMA wal_checkpoint(NOOP)")[0]
    store.database.checkpoint()
    after = store.database.read("PRAGMA wal_checkpoint(NOOP)")[0]
    assert before[2] != before[1] == after[1] == after[2]


def test_a_search_finds_what_was_said_a_moment_ago(store: Store) -> None:
    conversation = store.create_conversation("title").id
    say(store, conversation, "今天天气很好")
    service = SearchService(store.database, EventBus())  # whose thread has indexed nothing
    findings = service.search("天气")
    assert (len(findings.hits), findings.unindexed) == (1, 0)
    service.close()


@pytest.mark.parametrize(("calm", "left"), [(3_600.0, 1), (0.0, 0)])
def test_right_behind_an_answer_the_index_leaves_the_disk_alone(
    store: Store, index: SearchIndex, monkeypatch: pytest.MonkeyPatch, calm: float, left: int
) -> None:
    monkeypatch.setattr("hanlin.services.search._CALM_SECONDS", calm)
    idle = threading.Event()
    monkeypatch.setattr(store.database, "checkpoint", idle.set)
    conversation = store.create_conversation("title").id
    bus = EventBus()
    service = SearchService(store.database, bus)
    service.begin()
    assert idle.wait(30)  # the title is indexed
    idle.clear()
    said = say(store, conversation, "今天天气很好")
    bus.publish(AnswerFinished(said, Usage(), Timings(), 0, 0, None))
    if not left:
        assert idle.wait(30)
    service.close()
    assert index.remaining() == left


@pytest.mark.parametrize("advised", [True, False])
def test_the_whole_file_is_read_ahead(
    store: Store, monkeypatch: pytest.MonkeyPatch, *, advised: bool
) -> None:
    piece = 1024
    taken: list[int] = []

    class Watched(FileIO):
        """The file, which notes what is read of it."""

        def read(self, size: int | None = -1) -> bytes:
            taken.append(self.tell())
            return super().read(size)

    monkeypatch.setattr(Path, "open", lambda one, *_mode, **_rest: Watched(one))
    monkeypatch.setattr(ahead, "_PIECE", piece)
    monkeypatch.setattr(os, "POSIX_FADV_WILLNEED", 3, raising=False)
    advise = lambda _file, start, *_rest: taken.append(start)  # noqa: E731 - one line
    monkeypatch.setattr(os, "posix_fadvise", advise, raising=False)
    if not advised:
        monkeypatch.delattr(os, "posix_fadvise")
    store.database.ahead.read(lambda: True)
    assert taken == list(range(0, store.database.path.stat().st_size, piece))
    assert len(taken) > 1


def test_a_very_large_file_is_not_read_ahead(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_LARGEST", 1024)
    monkeypatch.setattr(ahead, "_take", lambda _file, _start: pytest.fail("read"))
    store.database.ahead.read(lambda: True)


@pytest.mark.skipif(sys.platform == "win32", reason="its locks belong to the open file")
def test_reading_ahead_leaves_the_databases_locks_alone(store: Store) -> None:
    """Another program that got this one would take the log away, and with it what was said."""
    store.create_conversation("title")
    store.database.ahead.read(lambda: True)
    lock = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
"""
    path = str(store.database.path)
    ended = subprocess.run([sys.executable, "-c", lock, path], capture_output=True, check=False)
    assert b"BlockingIOError" in ended.stderr


def test_the_search_reads_ahead_once_and_not_beyond_its_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []
    there = threading.Event()

    def read(wanted: Callable[[], bool]) -> None:
        begun.append(True)
        there.set()
        while wanted():
            pass

    monkeypatch.setattr(store.database.ahead, "read", read)
    service = SearchService(store.database, EventBus())
    service.read_ahead()
    service.read_ahead()
    assert there.wait(30)
    service.close()
    service.read_ahead()
    assert begun == [True]
