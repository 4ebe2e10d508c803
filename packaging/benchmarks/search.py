"""The figures of the search: `python packaging/benchmarks/search.py [--messages 100000]`.

Prints one JSON object: how long a search takes in an encrypted database of generated
Chinese and English conversations, by kind of query, how long the index takes to build,
and how large it is beside the text. The tests do not run this.

``--cold`` (Linux) searches when the file must come from the disk first: it is dropped from the
system's memory, the database is opened, the search's field gets the keyboard, somebody types
for ``--typing`` seconds, and then nothing more is typed for as long as the window waits. Both
are given, with what the window reads ahead meanwhile and without; each with how much came
from the disk during the searches, and how long each time's first search took.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

import checkout  # noqa: F401 - so that the tests' helpers are found
from hanlin.chinese import characters
from hanlin.domain.ids import new_id
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.events import EventBus
from hanlin.services.search import SearchService
from hanlin.store.conversations import Store
from hanlin.store.search import SearchIndex
from hanlin_bench.texts import COMMON, WORDS, generated

_TURNS = 20
_DROP: Final = """
import os, sys
os.posix_fadvise(os.open(sys.argv[1], os.O_RDONLY), 0, 0, os.POSIX_FADV_DONTNEED)
"""
_PAUSE: Final = 0.12
"""For so long nothing is typed before the window searches."""
_NEEDLES = ("天气预报", "重庆银行", "量子计算", "release notes", "kubernetes", "傅里叶变换")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20, help="searches of each kind")
    parser.add_argument("--folder", type=Path, help="keep the database there, to search again")
    parser.add_argument("--cold", action="store_true", help="with the file on the disk alone")
    parser.add_argument("--typing", type=float, default=0.5, help="seconds; for --cold")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = (arguments.folder or Path(folder)) / "hanlin.db"
        with Store.open(path, bytes(32), SystemClock()) as store:
            index = SearchIndex(store.database)
            result: dict[str, object] = {"messages": arguments.messages}
            if not store.conversations():
                result |= _build(store, index, arguments.messages)
            index.search("x")  # reads the table of characters
            if not arguments.cold:
                result["search"] = _searches(index, arguments.rounds)
            index.close()
        if arguments.cold:
            result["typing_seconds"] = arguments.typing
            for name, ahead in (("cold", False), ("cold_read_ahead", True)):
                result[name] = _cold(path, arguments, ahead=ahead)
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    return 0


def _build(store: Store, index: SearchIndex, messages: int) -> dict[str, object]:
    characters_written = _fill(store, messages)
    _settle(store)
    before = store.database.path.stat().st_size
    started = time.perf_counter()
    while index.index_some():
        pass
    building = time.perf_counter() - started
    _settle(store)
    return {
        "characters": characters_written,
        "index_seconds": round(building, 1),
        "index_messages_a_second": round(messages / building),
        "database_mb": round(before / 1e6, 1),
        "index_mb": round((store.database.path.stat().st_size - before) / 1e6, 1),
    }


def _fill(store: Store, messages: int) -> int:
    """Store generated conversations in one transaction; return how many characters."""
    dice = random.Random(1)  # noqa: S311 - texts to search, no secret
    total, conversation = 0, ""
    with store.database.transaction() as connection:
        for number in range(messages):
            now = 1_700_000_000_000 + number * 1000
            if number % _TURNS == 0:
                conversation = new_id(now)
                connection.execute(
                    "INSERT INTO conversations (id, title, created_at, updated_at, activity)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (conversation, generated(dice, 12), now, now, number),
                )
            text = generated(dice, 30 if number % 2 == 0 else dice.choice((80, 200, 600)))
            if dice.random() < 0.005:  # noqa: PLR2004 - one in two hundred
                text += dice.choice(_NEEDLES)
            total += len(text)
            connection.execute(
                "INSERT INTO messages (id, conversation_id, role, status, created_at)"
                " VALUES (?, ?, ?, 'complete', ?)",
                (new_id(now), conversation, ("user", "assistant")[number % 2], now),
            )
            connection.execute(
                "INSERT INTO parts (message_seq, kind, text) VALUES (?, 'text', ?)",
                (connection.last_insert_rowid(), text),
            )
    return total


def _settle(store: Store) -> None:
    store.database.read("PRAGMA wal_checkpoint(TRUNCATE)")


def _searches(index: SearchIndex, rounds: int) -> dict[str, object]:
    dice = random.Random(2)  # noqa: S311
    read = characters().read
    two = ["".join(dice.sample(COMMON[:200], 2)) for _round in range(rounds)]
    kinds: dict[str, list[str]] = {
        "needle": [dice.choice(_NEEDLES) for _round in range(rounds)],
        "two_common_characters": two,
        "one_character": [dice.choice(COMMON) for _round in range(rounds)],
        "pinyin": ["".join(read(word)) for word in (*two[: rounds // 2], "天气预报", "重庆银行")],
        "initials": ["tqyb", "cqyh", "lzjs"],
        "english_word": [dice.choice(WORDS) for _round in range(rounds)],
        "english_beginning": [dice.choice(WORDS)[:2] for _round in range(rounds)],
        "two_words": [f"{dice.choice(WORDS)} {word}" for word in two],
        "nothing": ["犇猋骉", "qqqzzz"],
    }
    pairs = {kind: [_time(index, query) for query in queries] for kind, queries in kinds.items()}
    taken = {kind: [wall for wall, _work in found] for kind, found in pairs.items()}
    work = [work for found in pairs.values() for _wall, work in found]
    every = [one for times in taken.values() for one in times]
    return {
        "p50_ms": round(1000 * statistics.median(every), 1),
        "p95_ms": round(1000 * statistics.quantiles(every, n=20)[-1], 1),
        "work_p95_ms": round(1000 * statistics.quantiles(work, n=20)[-1], 1),
        "longest_ms": round(1000 * max(every), 1),
        "median_ms_by_kind": {
            kind: round(1000 * statistics.median(times), 1) for kind, times in taken.items()
        },
        "longest_ms_by_kind": {kind: round(1000 * max(times), 1) for kind, times in taken.items()},
    }


def _cold(path: Path, arguments: argparse.Namespace, *, ahead: bool) -> dict[str, object]:
    """Search with a file that is not in memory; ``ahead``: as the window does."""
    firsts: list[float] = []
    for query in _NEEDLES:
        with _typed(path, arguments.typing, ahead=ahead) as index:
            firsts.append(_time(index, query)[0])
    with _typed(path, arguments.typing, ahead=ahead) as index:
        before = psutil.Process().io_counters().read_bytes
        found = _searches(index, arguments.rounds)
        read = psutil.Process().io_counters().read_bytes - before
    return {"first_ms": [round(1000 * one, 1) for one in firsts], "read_mb": read / 1e6} | found


@contextmanager
def _typed(path: Path, seconds: float, *, ahead: bool) -> Iterator[SearchIndex]:
    """Lend the search at the moment when somebody has typed what to look for."""
    # Another process: closing the file in this one would take the database's locks away.
    subprocess.run([sys.executable, "-c", _DROP, path], check=True)
    with Store.open(path, bytes(32), SystemClock()) as store:
        service = SearchService(store.database, EventBus())
        index = SearchIndex(store.database)
        index.remaining()  # the window asked for that long ago
        if ahead:
            service.read_ahead()
        time.sleep(seconds + _PAUSE)
        yield index
        index.close()
        service.close()


def _time(index: SearchIndex, query: str) -> tuple[float, float]:
    """Return the seconds, and those of them that the processor worked on it.

    The second figure is what the first would be on a computer that does nothing else.
    """
    started, worked = time.perf_counter(), time.thread_time()
    index.search(query)
    return time.perf_counter() - started, time.thread_time() - worked


if __name__ == "__main__":
    sys.exit(main())
