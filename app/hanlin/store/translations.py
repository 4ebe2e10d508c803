"""The translation memory and the history of translations on the disk.

What a person entered or corrected counts for every model, what a model wrote for that model
alone: the sentences of a small one must not answer for a large one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hanlin.domain.translation import Direction, Entry, Match, Tone
from hanlin.store.database import Database
from hanlin.store.records import storable

_CLOSE = 65
"""Percent below which two sentences have nothing to do with each other."""
_EXACT = 100
_CANDIDATES = 20_000
_KEPT_HISTORY = 500
_PERSON = ""
"""What stands in the place of a model for what a person wrote."""

_LEARN = """
    INSERT INTO translation_memory
        (source_language, target_language, source, target, length, model, tone, used_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET target = excluded.target, used_at = excluded.used_at
"""
_EXACTLY = """
    SELECT target FROM translation_memory
    WHERE source_language = ? AND target_language = ? AND source = ?
        AND (model = '' OR (model = ? AND tone = ?))
    ORDER BY model = '' DESC, used_at DESC LIMIT 1
"""
_NEAR = """
    SELECT source, target FROM translation_memory
    WHERE source_language = ? AND target_language = ? AND length BETWEEN ? AND ?
    ORDER BY length LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Past:
    """A translation of the history."""

    number: int
    direction: Direction
    source: str
    target: str
    created_at: int


class TranslationMemory:
    """Safe to use from any thread; raises HanlinError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def exact(self, direction: Direction, text: str, model: str, tone: Tone) -> str | None:
        """Return the translation of exactly this sentence: a person's, else this model's."""
        rows = self._database.read(
            _EXACTLY, (direction.source, direction.target, storable(text), model, tone.value)
        )
        return str(rows[0][0]) if rows else None

    def similar(self, direction: Direction, text: str) -> Match | None:
        """Return the closest entry that resembles the sentence without being it."""
        length = len(text)
        rows = self._database.read(
            _NEAR,
            (
                direction.source,
                direction.target,
                length * _CLOSE // 100,
                length * 100 // _CLOSE + 1,
                _CANDIDATES,
            ),
        )
        from rapidfuzz import fuzz, process  # noqa: PLC0415 - 3 MB that only a translator needs

        text = storable(text)
        others = {number: str(row[0]) for number, row in enumerate(rows) if row[0] != text}
        best = process.extractOne(text, others, scorer=fuzz.ratio, score_cutoff=_CLOSE)
        if best is None:
            return None
        source, target = rows[best[2]]
        return Match(str(source), str(target), min(int(best[1]), _EXACT - 1))

    def learn(self, direction: Direction, text: str, target: str, model: str, tone: Tone) -> None:
        """Keep what a model wrote."""
        self._database.write(_LEARN, self._row(Entry(direction, text, target), model, tone))

    def teach(self, entries: Iterable[Entry]) -> int:
        """Keep what a person wrote, corrected or imported; return how many entries."""
        rows = [self._row(entry, _PERSON, Tone.DEFAULT) for entry in entries]
        with self._database.transaction() as connection:
            connection.executemany(_LEARN, rows)
        return len(rows)

    def taught(self) -> list[Entry]:
        """Return what persons wrote, for a TMX file."""
        rows = self._database.read(
            "SELECT source_language, target_language, source, target FROM translation_memory"
            " WHERE model = '' ORDER BY seq"
        )
        return [
            Entry(Direction(str(one), str(other)), str(source), str(target))
            for one, other, source, target in rows
        ]

    def counts(self) -> tuple[int, int]:
        """Return how many entries persons gave, and how many models wrote."""
        rows = self._database.read(
            "SELECT coalesce(sum(model = ''), 0), coalesce(sum(model != ''), 0)"
            " FROM translation_memory"
        )
        return int(str(rows[0][0])), int(str(rows[0][1]))

    def clear(self, *, persons_too: bool = False) -> int:
        """Forget what models wrote, or everything; return how many entries."""
        where = "" if persons_too else " WHERE model != ''"
        return self._database.write(f"DELETE FROM translation_memory{where}")  # noqa: S608 - two constants

    def remember(self, direction: Direction, source: str, target: str) -> None:
        """Add to the history, which keeps the last ones; the same text replaces its last."""
        now = self._database.clock.now_ms()
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM translation_history WHERE source_language = ?"
                " AND target_language = ? AND source = ?",
                (direction.source, direction.target, storable(source)),
            )
            connection.execute(
                "INSERT INTO translation_history"
                " (source_language, target_language, source, target, created_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (direction.source, direction.target, storable(source), storable(target), now),
            )
            connection.execute(
                "DELETE FROM translation_history WHERE seq NOT IN"
                " (SELECT seq FROM translation_history ORDER BY seq DESC LIMIT ?)",
                (_KEPT_HISTORY,),
            )

    def history(self) -> list[Past]:
        """Return the last translations, the newest first."""
        rows = self._database.read(
            "SELECT seq, source_language, target_language, source, target, created_at"
            " FROM translation_history ORDER BY seq DESC"
        )
        return [
            Past(
                int(str(seq)), Direction(str(one), str(other)), str(source), str(target),
                int(str(when)),
            )
            for seq, one, other, source, target, when in rows
        ]  # fmt: skip

    def forget_history(self) -> None:
        """Delete the history."""
        self._database.write("DELETE FROM translation_history")

    def _row(self, entry: Entry, model: str, tone: Tone) -> Sequence[str | int]:
        source = storable(entry.source)
        return (
            entry.direction.source,
            entry.direction.target,
            source,
            storable(entry.target),
            len(source),
            model,
            tone.value,
            self._database.clock.now_ms(),
        )
