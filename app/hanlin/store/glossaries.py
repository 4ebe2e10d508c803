"""Glossaries on the disk."""

from collections.abc import Sequence

import apsw

from hanlin.domain.glossary import Glossary, Term
from hanlin.domain.ids import new_id
from hanlin.domain.translation import Direction
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.store.database import Database
from hanlin.store.records import storable


class Glossaries:
    """Safe to use from any thread; raises HanlinError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Glossary]:
        """Return every glossary with its terms, by name."""
        rows = self._database.read(
            "SELECT id, name, source_language, target_language, project FROM glossaries"
            " ORDER BY name, seq"
        )
        return [
            Glossary(
                str(identity), str(name), str(source), str(target),
                self._terms(str(identity)), str(project),
            )
            for identity, name, source, target, project in rows
        ]  # fmt: skip

    def in_use(self, direction: Direction) -> tuple[Term, ...]:
        """Return the terms of the glossaries in use for this direction; earlier ones hold."""
        rows = self._database.read(
            "SELECT t.source, t.target, t.note FROM glossary_terms t"
            " JOIN glossaries g ON g.id = t.glossary_id"
            " WHERE g.in_use AND g.source_language = ? AND g.target_language = ?"
            " ORDER BY g.seq, t.seq",
            (direction.source, direction.target),
        )
        found: dict[str, Term] = {}
        for source, target, note in rows:
            found.setdefault(str(source).casefold(), Term(str(source), str(target), str(note)))
        return tuple(found.values())

    def is_in_use(self, glossary_id: str) -> bool:
        """Tell whether the glossary's terms are required."""
        rows = self._database.read("SELECT in_use FROM glossaries WHERE id = ?", (glossary_id,))
        return bool(rows and rows[0][0])

    def use(self, glossary_id: str, *, on: bool) -> None:
        """Require the glossary's terms, or stop to."""
        self._database.write("UPDATE glossaries SET in_use = ? WHERE id = ?", (on, glossary_id))

    def create(
        self, name: str, direction: Direction, terms: Sequence[Term] = (), project: str = ""
    ) -> Glossary:
        """Store a new glossary, which is in use at once."""
        identity = new_id(self._database.clock.now_ms())
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO glossaries (id, name, project, source_language, target_language)"
                " VALUES (?, ?, ?, ?, ?)",
                (identity, storable(name), storable(project), direction.source, direction.target),
            )
            _insert(connection, identity, terms)
        return Glossary(identity, name, direction.source, direction.target, tuple(terms), project)

    def change(self, glossary: Glossary) -> None:
        """Store the glossary as it is now. Raises KnownError when it was deleted."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE glossaries SET name = ?, project = ?, source_language = ?,"
                " target_language = ? WHERE id = ?",
                (
                    storable(glossary.name), storable(glossary.project),
                    glossary.source, glossary.target, glossary.id,
                ),
            )  # fmt: skip
            if not connection.changes():
                raise KnownError(
                    _("The glossary is gone"),
                    _("It was deleted meanwhile, perhaps in another window."),
                    _("Make a new one."),
                )
            connection.execute("DELETE FROM glossary_terms WHERE glossary_id = ?", (glossary.id,))
            _insert(connection, glossary.id, glossary.terms)

    def delete(self, glossary_id: str) -> None:
        """Delete a glossary; a missing one is no error."""
        self._database.write("DELETE FROM glossaries WHERE id = ?", (glossary_id,))

    def _terms(self, glossary_id: str) -> tuple[Term, ...]:
        rows = self._database.read(
            "SELECT source, target, note FROM glossary_terms WHERE glossary_id = ? ORDER BY seq",
            (glossary_id,),
        )
        return tuple(Term(str(source), str(target), str(note)) for source, target, note in rows)


def _insert(connection: apsw.Connection, glossary_id: str, terms: Sequence[Term]) -> None:
    connection.executemany(
        "INSERT INTO glossary_terms (glossary_id, source, target, note) VALUES (?, ?, ?, ?)",
        [
            (glossary_id, storable(term.source), storable(term.target), storable(term.note))
            for term in terms
        ],
    )
