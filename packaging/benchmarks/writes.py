"""How much is written while an answer streams: `python packaging/benchmarks/writes.py`.

An answer is appended once a second, so what one appending writes is what a second writes. It
is counted by the kernel (/proc/self/io, Linux), for the beginning and the end of a long
answer, in a short conversation and in one of ten thousand messages; checkpoints included.
Prints one JSON object. The tests do not run this.
"""

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

import checkout  # noqa: F401 - so that the tests' helpers are found
from hanlin.domain.conversation import Part, PartKind, Role, Status
from hanlin.domain.ids import new_id
from hanlin.kernel.clock import SystemClock
from hanlin.store.conversations import Store
from hanlin_bench.texts import generated

_LONG = 10_000


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of each stretch")
    parser.add_argument("--tokens", type=int, default=100, help="a second, of four bytes each")
    arguments = parser.parse_args()
    text = "tokn" * arguments.tokens
    result: dict[str, object] = {"tokens_a_second": arguments.tokens}
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as folder,
        Store.open(Path(folder) / "hanlin.db", bytes(32), SystemClock()) as store,
    ):
        for name, messages in (("short", 2), ("long", _LONG)):
            answer = _answer(store, messages)
            _settle(store)
            begun = _bytes_a_second(store, answer, text, arguments.seconds)
            store.extend_message(answer, [Part(PartKind.TEXT, "tokn" * 100_000)])
            _settle(store)
            grown = _bytes_a_second(store, answer, text, arguments.seconds)
            result[f"kb_a_second_in_a_{name}_conversation"] = {
                "at_the_beginning_of_the_answer": begun,
                "after_100000_tokens": grown,
            }
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0


def _answer(store: Store, messages: int) -> str:
    """Begin an answer in a conversation of ``messages`` messages; return its id."""
    dice = random.Random(1)  # noqa: S311 - texts, no secret
    conversation, parent = store.create_conversation("one").id, None
    with store.database.transaction() as connection:
        for number in range(messages - 1):
            identity = new_id(number)
            connection.execute(
                "INSERT INTO messages (id, conversation_id, parent_id, role, status, created_at,"
                " indexed) VALUES (?, ?, ?, ?, 'complete', ?, 1)",
                (identity, conversation, parent, ("user", "assistant")[number % 2], number),
            )
            connection.execute(
                "INSERT INTO parts (message_seq, kind, text) VALUES (?, 'text', ?)",
                (connection.last_insert_rowid(), generated(dice, 100)),
            )
            parent = identity
    return store.add_message(conversation, parent, Role.ASSISTANT, Status.STREAMING, ()).id


def _bytes_a_second(store: Store, answer: str, text: str, seconds: int) -> float:
    before = _written()
    for _second in range(seconds):
        store.extend_message(answer, [Part(PartKind.TEXT, text)])
    _settle(store)
    return round((_written() - before) / seconds / 1000, 1)


def _settle(store: Store) -> None:
    store.database.read("PRAGMA wal_checkpoint(TRUNCATE)")


def _written() -> int:
    facts = dict(
        line.split(": ") for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    )
    return int(facts["write_bytes"])


if __name__ == "__main__":
    sys.exit(main())
