"""Programs that write conversations until they are killed, and say what they were promised.

Run as ``python -m hanlin_fakes.victims DATABASE``. For each line ``write``,
``revise`` or ``migrate`` on standard input it forks a child that does so, because importing
anew for each of some hundred kills would take minutes. The child reports each commit that returned:

``pid N``, ``began``, ``question ID``, ``answer ID``, ``grew ID LENGTH``, ``finished ID``, ``done``

The parent says ``gone`` when the child is dead.
"""

import os
import signal
import sys
import traceback
from pathlib import Path

from hanlin.domain.conversation import Part, PartKind, Role, Status
from hanlin.kernel.clock import SystemClock
from hanlin.store.conversations import Store
from hanlin.store.database import Database
from hanlin.store.filing import Filing
from hanlin.store.migrations import Step

KEY = bytes(range(32))
CHUNK = "字" * 40
CHUNKS = 6
FIRST = Step("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
SECOND = Step(
    "ALTER TABLE notes ADD COLUMN length INTEGER;"
    "UPDATE notes SET length = length(text), text = upper(text);"
    "CREATE INDEX notes_by_length ON notes (length)"
)


def say(*words: object) -> None:
    """Print one line, at once and in one piece."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def write(path: Path) -> None:
    """Ask and answer for ever."""
    store = Store.open(path, KEY, SystemClock())
    say("began")
    conversation = store.create_conversation("kills").id
    parent: str | None = None
    while True:
        text = (Part(PartKind.TEXT, CHUNK),)
        question = store.add_message(conversation, parent, Role.USER, Status.COMPLETE, text)
        say("question", question.id)
        answer = store.add_message(conversation, question.id, Role.ASSISTANT, Status.STREAMING, ())
        say("answer", answer.id)
        for count in range(1, CHUNKS + 1):
            store.extend_message(answer.id, (Part(PartKind.TEXT, CHUNK),))
            say("grew", answer.id, count * len(CHUNK))
        store.extend_message(answer.id, (), Status.COMPLETE)
        say("finished", answer.id)
        parent = answer.id


def revise(path: Path) -> None:
    """Branch, delete, take back and draft in the conversation used last, for ever."""
    store = Store.open(path, KEY, SystemClock())
    filing = Filing(store)
    say("began")
    source = store.conversations()[-1]
    number = 0
    while True:
        number += 1
        path_of = store.transcript(source.id)
        branched = store.branch(path_of[-1].id)
        say("branched", branched.id)
        first = store.transcript(branched.id)[1]
        head = store.delete_message(first.id)
        say("deleted", first.id)
        store.bring_back(first.id, head)
        say("back", first.id)
        filing.keep_draft(branched.id, f"{CHUNK}{number}")
        filing.tag(branched.id, ["a", str(number)])
        say("filed", branched.id)
        store.reopen_message(store.transcript(branched.id)[-1].id)
        say("reopened", branched.id)
        store.delete_forever(branched.id)
        say("gone_for_good", branched.id)


def migrate(path: Path) -> None:
    """Open the database with a newer schema."""
    say("began")
    Database(path, KEY, SystemClock(), (FIRST, SECOND)).close()
    say("done")
    signal.pause()  # so that its number is its own until it is killed


def main() -> None:
    """Fork one child per line of standard input."""
    path = Path(sys.argv[1])
    programs = {"write": write, "migrate": migrate, "revise": revise}
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                say("pid", os.getpid())
                programs[line.strip()](path)
            finally:
                traceback.print_exc()
                os._exit(1)
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main()
