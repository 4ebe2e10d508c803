"""The figures of the search: `python packaging/benchmarks/search.py [--messages 100000]`.

Prints one JSON object: how long a search takes in an encrypted database of generated
Chinese and English conversations, by kind of query, how long the index takes to build,
and how large it is beside the text. The tests do not run this.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / name) for name in ("app", "resources")]

from hanlin.chinese import characters  # noqa: E402
from hanlin.domain.ids import new_id  # noqa: E402 - the path comes first
from hanlin.kernel.clock import SystemClock  # noqa: E402
from hanlin.store.conversations import Store  # noqa: E402
from hanlin.store.search import SearchIndex  # noqa: E402

_TURNS = 20
_COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能"
    "下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加"
    "量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与"
    "关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者"
    "最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少"
    "图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光"
    "门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采"
    "转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节"
    "话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际"
    "商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精"
    "值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住"
    "调满县局照参红细引听该铁价严"
)
_VOCABULARY = (
    "the model answer question weather python function return value list string error file "
    "data table query search index memory graphics card driver install version translate "
    "sentence summary letter meeting report budget travel hotel recipe children school "
    "history science number system window button language simple example because however "
    "important different "
)
_WORDS = _VOCABULARY.split()
_NEEDLES = ("天气预报", "重庆银行", "量子计算", "release notes", "kubernetes", "傅里叶变换")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20, help="searches of each kind")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hanlin.db"
        with Store.open(path, bytes(32), SystemClock()) as store:
            characters_written = _fill(store, arguments.messages)
            _settle(store)
            before = path.stat().st_size
            index = SearchIndex(store.database)
            started = time.perf_counter()
            while index.index_some():
                pass
            building = time.perf_counter() - started
            _settle(store)
            result = {
                "messages": arguments.messages,
                "characters": characters_written,
                "index_seconds": round(building, 1),
                "index_messages_a_second": round(arguments.messages / building),
                "database_mb": round(before / 1e6, 1),
                "index_mb": round((path.stat().st_size - before) / 1e6, 1),
                "search": _searches(index, arguments.rounds),
            }
            index.close()
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    return 0


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
                    (conversation, _text(dice, 12), now, now, number),
                )
            text = _text(dice, 30 if number % 2 == 0 else dice.choice((80, 200, 600)))
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


def _text(dice: random.Random, length: int) -> str:
    """Return about ``length`` characters; a character is the likelier the commoner it is."""
    pieces: list[str] = []
    size = 0
    while size < length:
        if dice.random() < 0.7:  # noqa: PLR2004 - seven in ten are Chinese
            count = dice.randint(4, 16)
            piece = "".join(
                _COMMON[int(len(_COMMON) * dice.random() ** 2)] for _letter in range(count)
            ) + dice.choice("，。？")
        else:
            count = dice.randint(3, 9)
            piece = " ".join(dice.choice(_WORDS) for _word in range(count)) + ". "
        pieces.append(piece)
        size += len(piece)
    return "".join(pieces)


def _settle(store: Store) -> None:
    store.database.read("PRAGMA wal_checkpoint(TRUNCATE)")


def _searches(index: SearchIndex, rounds: int) -> dict[str, object]:
    dice = random.Random(2)  # noqa: S311
    read = characters().read
    two = ["".join(dice.sample(_COMMON[:200], 2)) for _round in range(rounds)]
    kinds: dict[str, list[str]] = {
        "needle": [dice.choice(_NEEDLES) for _round in range(rounds)],
        "two_common_characters": two,
        "one_character": [dice.choice(_COMMON) for _round in range(rounds)],
        "pinyin": ["".join(read(word)) for word in (*two[: rounds // 2], "天气预报", "重庆银行")],
        "initials": ["tqyb", "cqyh", "lzjs"],
        "english_word": [dice.choice(_WORDS) for _round in range(rounds)],
        "english_beginning": [dice.choice(_WORDS)[:2] for _round in range(rounds)],
        "two_words": [f"{dice.choice(_WORDS)} {word}" for word in two],
        "nothing": ["犇猋骉", "qqqzzz"],
    }
    taken = {kind: [_time(index, query) for query in queries] for kind, queries in kinds.items()}
    every = [one for times in taken.values() for one in times]
    return {
        "p50_ms": round(1000 * statistics.median(every), 1),
        "p95_ms": round(1000 * statistics.quantiles(every, n=20)[-1], 1),
        "longest_ms": round(1000 * max(every), 1),
        "median_ms_by_kind": {
            kind: round(1000 * statistics.median(times), 1) for kind, times in taken.items()
        },
        "longest_ms_by_kind": {kind: round(1000 * max(times), 1) for kind, times in taken.items()},
    }


def _time(index: SearchIndex, query: str) -> float:
    started = time.perf_counter()
    index.search(query)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
