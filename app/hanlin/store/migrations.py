"""The database's schema and its history: numbered steps that are only ever appended.

A released step is never edited: a person's file was made by it. All pending steps
run in one transaction together with the new version number, after an encrypted
copy was put into the backups folder, so every interruption leaves the old version
or the new one, whole.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

from hanlin.kernel.clock import Clock
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.files import begin_private, make_private, sync_folder
from hanlin.kernel.i18n import _
from hanlin.store.connection import connect, translated

BACKUPS_KEPT = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the schema: SQL statements without transaction control."""

    sql: str


MIGRATIONS: tuple[Step, ...] = (
    # 1: conversations as trees of messages made of parts.
    # "seq" is the order of writing: it survives VACUUM, does not depend on a clock, and
    # gives a later search index its row numbers. "activity" orders the list of
    # conversations for the same reason. "writer" names the program that streams a message.
    # An answer grows by rows of "parts" that continue the one before.
    Step(
        """
        CREATE TABLE conversations (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            activity INTEGER NOT NULL,
            head_id TEXT,
            deleted_at INTEGER,
            FOREIGN KEY (id, head_id) REFERENCES messages (conversation_id, id)
                DEFERRABLE INITIALLY DEFERRED
        ) STRICT;
        CREATE INDEX conversations_by_activity ON conversations (activity);

        CREATE TABLE messages (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            parent_id TEXT,
            role TEXT NOT NULL,
            status TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            model TEXT,
            writer TEXT,
            UNIQUE (conversation_id, id),
            FOREIGN KEY (conversation_id, parent_id) REFERENCES messages (conversation_id, id)
                DEFERRABLE INITIALLY DEFERRED
        ) STRICT;
        CREATE INDEX messages_by_parent ON messages (conversation_id, parent_id);
        CREATE INDEX messages_being_written ON messages (status) WHERE status = 'streaming';

        CREATE TABLE parts (
            seq INTEGER PRIMARY KEY,
            message_seq INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            continues INTEGER NOT NULL DEFAULT 0,
            text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX parts_by_message ON parts (message_seq);
        """
    ),
    # 2: how long a thought took, row by row, because rows are never written again.
    Step("ALTER TABLE parts ADD COLUMN milliseconds INTEGER NOT NULL DEFAULT 0"),
    # 3: pins, folders, tags and drafts; messages that can be taken back after their deletion;
    # what an answer was asked with and what it took. The draft of '' is a new conversation's.
    Step(
        """
        ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversations ADD COLUMN folder TEXT NOT NULL DEFAULT '';
        CREATE TABLE tags (
            conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            tag TEXT NOT NULL,
            PRIMARY KEY (conversation_id, tag)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE drafts (
            conversation_id TEXT PRIMARY KEY,
            text TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER drafts_go_with_conversations AFTER DELETE ON conversations BEGIN
            DELETE FROM drafts WHERE conversation_id = old.id;
        END;
        ALTER TABLE messages ADD COLUMN deleted_at INTEGER;
        CREATE INDEX messages_deleted ON messages (deleted_at) WHERE deleted_at IS NOT NULL;
        CREATE TABLE reports (
            message_seq INTEGER PRIMARY KEY REFERENCES messages (seq) ON DELETE CASCADE,
            report TEXT NOT NULL
        ) STRICT;
        """
    ),
    # 4: the search's index, which holds words and no text. What is not in it is filled in
    # later (store.search): a step must not take minutes. The database itself sees to it that
    # nothing stays in the index that is deleted, and that what changes is indexed anew.
    Step(
        """
        ALTER TABLE messages ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversations ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX messages_to_index ON messages (seq) WHERE indexed = 0;
        CREATE INDEX conversations_to_index ON conversations (seq) WHERE indexed = 0;

        CREATE VIRTUAL TABLE found_messages USING fts5 (
            words, readings, initials, content = '', contentless_delete = 1, tokenize = 'ascii'
        );
        CREATE VIRTUAL TABLE found_titles USING fts5 (
            words, readings, initials, content = '', contentless_delete = 1, tokenize = 'ascii'
        );

        CREATE TRIGGER part_added AFTER INSERT ON parts
            WHEN (SELECT indexed FROM messages WHERE seq = new.message_seq)
        BEGIN
            UPDATE messages SET indexed = 0 WHERE seq = new.message_seq;
        END;
        CREATE TRIGGER part_changed AFTER UPDATE OF kind, text ON parts
            WHEN (SELECT indexed FROM messages WHERE seq = new.message_seq)
        BEGIN
            UPDATE messages SET indexed = 0 WHERE seq = new.message_seq;
        END;
        CREATE TRIGGER part_deleted AFTER DELETE ON parts
            WHEN (SELECT indexed FROM messages WHERE seq = old.message_seq)
        BEGIN
            UPDATE messages SET indexed = 0 WHERE seq = old.message_seq;
        END;
        CREATE TRIGGER message_deleted AFTER DELETE ON messages WHEN old.indexed
        BEGIN
            DELETE FROM found_messages WHERE rowid = old.seq;
        END;
        CREATE TRIGGER title_changed AFTER UPDATE OF title ON conversations WHEN old.indexed
        BEGIN
            UPDATE conversations SET indexed = 0 WHERE seq = new.seq;
        END;
        CREATE TRIGGER conversation_deleted AFTER DELETE ON conversations WHEN old.indexed
        BEGIN
            DELETE FROM found_titles WHERE rowid = old.seq;
        END;
        """
    ),
    # 5: what was translated: the memory (a machine's entry is known by its model, a
    # person's by "" ), glossaries, the history, and the queue of files with every sentence that
    # is done, so that a killed program goes on where it was.
    Step(
        """
        CREATE TABLE translation_memory (
            seq INTEGER PRIMARY KEY,
            source_language TEXT NOT NULL,
            target_language TEXT NOT NULL,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            length INTEGER NOT NULL,
            model TEXT NOT NULL,
            tone TEXT NOT NULL,
            used_at INTEGER NOT NULL,
            UNIQUE (source_language, target_language, source, model, tone)
        ) STRICT;
        CREATE INDEX translation_memory_by_length
            ON translation_memory (source_language, target_language, length);

        CREATE TABLE glossaries (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            project TEXT NOT NULL,
            source_language TEXT NOT NULL,
            target_language TEXT NOT NULL,
            in_use INTEGER NOT NULL DEFAULT 1
        ) STRICT;
        CREATE TABLE glossary_terms (
            seq INTEGER PRIMARY KEY,
            glossary_id TEXT NOT NULL REFERENCES glossaries (id) ON DELETE CASCADE,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            note TEXT NOT NULL
        ) STRICT;
        CREATE INDEX glossary_terms_by_glossary ON glossary_terms (glossary_id);

        CREATE TABLE translation_history (
            seq INTEGER PRIMARY KEY,
            source_language TEXT NOT NULL,
            target_language TEXT NOT NULL,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE translation_files (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            path TEXT NOT NULL,
            output TEXT NOT NULL,
            digest TEXT NOT NULL,
            source_language TEXT NOT NULL,
            target_language TEXT NOT NULL,
            tone TEXT NOT NULL,
            bilingual INTEGER NOT NULL,
            state TEXT NOT NULL,
            note TEXT NOT NULL,
            total INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE translation_file_sentences (
            file_id TEXT NOT NULL REFERENCES translation_files (id) ON DELETE CASCADE,
            unit INTEGER NOT NULL,
            place INTEGER NOT NULL,
            target TEXT NOT NULL,
            problems TEXT NOT NULL,
            PRIMARY KEY (file_id, unit, place)
        ) STRICT, WITHOUT ROWID;
        """
    ),
    # 6: a person's own assistants, and a copy of the one that a conversation goes by.
    Step(
        """
        CREATE TABLE assistants (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            body TEXT NOT NULL
        ) STRICT;
        ALTER TABLE conversations ADD COLUMN assistant TEXT NOT NULL DEFAULT '';
        """
    ),
    # 7: what is attached to messages. Branches share the bytes; they go with the last message
    # that has them.
    Step(
        """
        CREATE TABLE attachments (
            seq INTEGER PRIMARY KEY,
            hash TEXT NOT NULL UNIQUE,
            thumbnail BLOB NOT NULL,
            pages BLOB NOT NULL,
            content BLOB NOT NULL
        ) STRICT;
        CREATE TABLE message_attachments (
            message_seq INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
            hash TEXT NOT NULL,
            PRIMARY KEY (message_seq, hash)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX message_attachments_by_hash ON message_attachments (hash);
        CREATE TRIGGER attachment_left AFTER DELETE ON message_attachments
            WHEN NOT EXISTS (SELECT 1 FROM message_attachments WHERE hash = old.hash)
        BEGIN
            DELETE FROM attachments WHERE hash = old.hash;
        END;
        """
    ),
    # 8: how many styled passages of a translated file look like the words around them.
    Step("ALTER TABLE translation_files ADD COLUMN joined INTEGER NOT NULL DEFAULT 0"),
    # 9: which conversation of which program came over, and digests of its messages one behind
    # the other: the same file is taken in once, and what has grown there is noticed.
    Step(
        """
        CREATE TABLE imports (
            conversation_id TEXT PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
            source TEXT NOT NULL,
            messages BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX imports_by_source ON imports (source);
        """
    ),
)


def migrate(
    connection: apsw.Connection,
    path: Path,
    key: bytes,
    clock: Clock,
    steps: Sequence[Step] = MIGRATIONS,
) -> None:
    """Bring the database to the version of ``steps``.

    The caller sees to it that one program at a time does this. Raises KnownError: a newer
    program made it, or the disk refused; it is then unchanged.
    """
    with translated(path):
        before = _version(connection)
        _refuse_newer(before, len(steps), path)
        if before == len(steps):
            return
        if before > 0:
            back_up(connection, path, key, clock)
        # A step may rebuild a table that others refer to; references are checked at the end.
        connection.pragma("foreign_keys", 0)
        try:
            _run(connection, steps)
        finally:
            connection.pragma("foreign_keys", 1)


def _run(connection: apsw.Connection, steps: Sequence[Step]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in steps[_version(connection) :]:
            connection.execute(step.sql).fetchall()
        _check_references(connection)
        connection.pragma("user_version", len(steps))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _check_references(connection: apsw.Connection) -> None:
    if connection.execute("PRAGMA foreign_key_check").fetchall():
        raise apsw.CorruptError("a migration step left a broken reference")


def back_up(connection: apsw.Connection, path: Path, key: bytes, clock: Clock) -> Path:
    """Copy the database, encrypted, into the backups folder beside it; return the copy's path.

    The copy is opened and counted before it gets its name; the oldest copies beyond
    BACKUPS_KEPT are removed. Raises KnownError.
    """
    folder = path.with_name("backups")
    moment = datetime.datetime.fromtimestamp(clock.now_ms() / 1000, datetime.UTC)
    name = f"{path.stem}-v{_version(connection)}-{moment:%Y%m%d-%H%M%S-%f}.db"
    target, unfinished = folder / name, folder / f".{name}.tmp"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        make_private(folder, *folder.glob(f"{path.stem}-v*.db"))
        for leftover in folder.glob(".*.tmp*"):
            leftover.unlink()
        begin_private(unfinished)
        with translated(path):
            connection.execute("VACUUM INTO ?", (str(unfinished),))
        _verify(unfinished, key)
        unfinished.replace(target)
        sync_folder(folder)
        others = [copy for copy in folder.glob(f"{path.stem}-v*.db") if copy != target]
        for old in sorted(others, key=lambda copy: copy.stat().st_mtime_ns)[: 1 - BACKUPS_KEPT]:
            old.unlink()
    except OSError as error:
        raise from_os_error(error, str(folder)) from error
    return target


def _verify(copy: Path, key: bytes) -> None:
    connection = connect(copy, key, read_only=True)
    try:
        with translated(copy):
            if connection.pragma("quick_check") != "ok":
                raise apsw.CorruptError("the backup does not read back")
    finally:
        connection.close()


def _version(connection: apsw.Connection) -> int:
    return int(connection.pragma("user_version"))


def _refuse_newer(version: int, known: int, path: Path) -> None:
    if version > known:
        raise KnownError(
            _("The conversations are from a newer version"),
            _("A newer version of this program wrote {path}.").format(path=path),
            _("Install the newest version and start it again. The file was left as it is."),
        )
