"""A program killed while it writes: no acknowledged message is lost, no schema is half a schema."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hanlin.domain.conversation import Part, PartKind, Role, Status
from hanlin.kernel.clock import SystemClock
from hanlin.store.connection import connect
from hanlin.store.conversations import Store
from hanlin.store.database import Database
from hanlin_fakes import victims

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL"),
    pytest.mark.timeout(600),
]
KILLS_WHILE_WRITING = 300
KILLS_WHILE_MIGRATING = 200
KILLS_WHILE_REVISING = 100


class Nursery:
    """Starts victims one after the other and listens to them."""

    def __init__(self, database: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hanlin_fakes.victims", str(database)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self._victim = 0

    def start(self, program: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(program + "\n")
        self._process.stdin.flush()

    def hear(self) -> list[str]:
        """Wait for the next line; ``["gone"]`` is the last of a victim."""
        assert self._process.stdout is not None
        words = self._process.stdout.readline().split()
        assert words, "the nursery died"
        if words[0] == "pid":
            self._victim = int(words[1])
            return self.hear()
        return words

    def kill(self) -> None:
        with suppress(ProcessLookupError):  # it may have come to its end by itself
            os.kill(self._victim, signal.SIGKILL)

    def close(self) -> None:
        self._process.communicate(timeout=30)


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    nursery = Nursery(tmp_path / "hanlin.db")
    yield nursery
    nursery.close()


@dataclass
class Promises:
    """What was acknowledged before the kill."""

    questions: set[str] = field(default_factory=set)
    answers: dict[str, int] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    commits: int = 0

    def note(self, words: list[str]) -> None:
        self.commits += 1
        match words:
            case ["question", identity]:
                self.questions.add(identity)
            case ["answer", identity]:
                self.answers[identity] = 0
            case ["grew", identity, length]:
                self.answers[identity] = int(length)
            case ["finished", identity]:
                self.finished.add(identity)

    def broken(self, store: Store) -> list[str]:
        """Return what the store does not keep."""
        wrong = [
            f"question {identity}"
            for identity in self.questions
            if store.message(identity).text() != victims.CHUNK
        ]
        for identity, length in self.answers.items():
            answer = store.message(identity)
            written = len(answer.text())
            # What was committed and not yet acknowledged may be there as well, whole.
            if not length <= written <= length + len(victims.CHUNK) or written % len(victims.CHUNK):
                wrong.append(f"answer {identity}: {written} of {length}")
            if identity in self.finished and answer.status is not Status.COMPLETE:
                wrong.append(f"answer {identity}: {answer.status}")
        return wrong


def kill_while_writing(nursery: Nursery, dice: random.Random) -> Promises:
    promises = Promises()
    nursery.start("write")
    for _number in range(dice.randint(1, 24)):
        promises.note(nursery.hear())
    time.sleep(dice.uniform(0, 0.004))  # not to wait for anything: the moment is to be random
    nursery.kill()
    while (words := nursery.hear()) != ["gone"]:
        promises.note(words)
    return promises


def test_no_acknowledged_message_is_lost_over_300_kills(nursery: Nursery, tmp_path: Path) -> None:
    dice = random.Random(300)
    commits = leftovers = 0
    for round_ in range(KILLS_WHILE_WRITING):
        promises = kill_while_writing(nursery, dice)
        with Store.open(tmp_path / "hanlin.db", victims.KEY, SystemClock()) as store:
            leftovers += store.mark_leftovers_interrupted()
            assert promises.broken(store) == []
            unfinished = set(promises.answers) - promises.finished
            for identity in unfinished:
                assert store.message(identity).status in (Status.INTERRUPTED, Status.COMPLETE)
            streaming = "SELECT count(*) FROM messages WHERE status = 'streaming'"
            assert store.database.read(streaming) == [(0,)]
            for conversation in store.conversations()[:1]:
                store.transcript(conversation.id)
            if round_ % 20 == 0 or round_ == KILLS_WHILE_WRITING - 1:
                assert store.database.problems() == []
        commits += promises.commits
    sys.stdout.write(
        f"{KILLS_WHILE_WRITING} kills: {commits} acknowledged commits, 0 lost,"
        f" {leftovers} answers marked interrupted\n"
    )
    assert commits > KILLS_WHILE_WRITING
    assert leftovers > 0


def test_a_tree_is_whole_over_100_kills_while_it_is_revised(
    nursery: Nursery, tmp_path: Path
) -> None:
    dice = random.Random(100)
    path = tmp_path / "hanlin.db"
    with Store.open(path, victims.KEY, SystemClock()) as store:
        source = store.create_conversation("source").id
        parent = None
        for number in range(12):
            role = Role.ASSISTANT if number % 2 else Role.USER
            text = (Part(PartKind.TEXT, f"{victims.CHUNK}{number}"),)
            parent = store.add_message(source, parent, role, Status.COMPLETE, text).id
        texts = [message.text() for message in store.transcript(source)]
    acts = 0
    for round_ in range(KILLS_WHILE_REVISING):
        nursery.start("revise")
        heard = [nursery.hear() for _number in range(dice.randint(1, 14))]
        time.sleep(dice.uniform(0, 0.004))  # the moment is to be random
        nursery.kill()
        while (words := nursery.hear()) != ["gone"]:
            heard.append(words)
        acts += len(heard)
        with Store.open(path, victims.KEY, SystemClock()) as store:
            store.mark_leftovers_interrupted()
            assert [message.text() for message in store.transcript(source)] == texts
            known = {conversation.id for conversation in store.conversations()}
            for identity in known - {source}:  # a branch is whole, or was cut by a deletion
                branched = [message.text() for message in store.transcript(identity)]
                assert branched in (texts, texts[:1])
            if heard[-1][0] in ("branched", "filed", "reopened"):
                assert heard[-1][1] in known or heard[-1][0] == "reopened"
            if round_ % 20 == 0 or round_ == KILLS_WHILE_REVISING - 1:
                assert store.database.problems() == []
    sys.stdout.write(f"{KILLS_WHILE_REVISING} kills: {acts} acts heard, every tree whole\n")
    assert acts > KILLS_WHILE_REVISING


def test_an_interrupted_migration_leaves_the_old_schema_or_the_new_over_200_kills(
    nursery: Nursery, tmp_path: Path
) -> None:
    dice = random.Random(200)
    path, original = tmp_path / "hanlin.db", tmp_path / "original.db"
    with Database(original, victims.KEY, SystemClock(), (victims.FIRST,)) as database:
        rows = [(f"note number {number} " * 4,) for number in range(500)]
        with database.transaction() as connection:
            connection.executemany("INSERT INTO notes (text) VALUES (?)", rows)
    texts = [text for (text,) in rows]
    duration = run_through(nursery, original, path)
    old = new = 0
    for _round in range(KILLS_WHILE_MIGRATING):
        fresh_copy(original, path)
        nursery.start("migrate")
        assert nursery.hear() == ["began"]
        time.sleep(dice.uniform(0, 1.2 * duration))  # the moment is to be random
        nursery.kill()
        while nursery.hear() != ["gone"]:
            pass
        if is_migrated(path, texts):
            new += 1
        else:
            old += 1
    sys.stdout.write(f"{KILLS_WHILE_MIGRATING} kills: {old} still old, {new} new, 0 mixed\n")
    assert old > 0
    assert new > 0


def fresh_copy(original: Path, path: Path) -> None:
    for leftover in path.parent.glob(f"{path.name}*"):
        if leftover.is_file() and leftover.suffix != ".reserve":
            leftover.unlink()
    shutil.copy(original, path)


def run_through(nursery: Nursery, original: Path, path: Path) -> float:
    """Return how long the migration takes when nobody is killed."""
    fresh_copy(original, path)
    nursery.start("migrate")
    assert nursery.hear() == ["began"]
    start = time.monotonic()
    assert nursery.hear() == ["done"]
    duration = time.monotonic() - start
    nursery.kill()
    assert nursery.hear() == ["gone"]
    return duration


def is_migrated(path: Path, texts: list[str]) -> bool:
    """Return which schema the file has; assert that it is the whole of it, and that it opens."""
    connection = connect(path, victims.KEY, read_only=True)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(notes)")]
    migrated = int(connection.pragma("user_version")) == 2
    stored = [text for (text,) in connection.execute("SELECT text FROM notes ORDER BY id")]
    indexes = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'index'")
    assert indexes.fetchall() == [(1 if migrated else 0,)]
    connection.close()
    assert columns == (["id", "text", "length"] if migrated else ["id", "text"])
    assert stored == ([text.upper() for text in texts] if migrated else texts)
    steps = (victims.FIRST, victims.SECOND)
    with Database(path, victims.KEY, SystemClock(), steps) as database:
        assert database.problems() == []
        found = database.read("SELECT text, length FROM notes ORDER BY id")
        assert found == [(text.upper(), len(text)) for text in texts]
    return migrated
