"""The queue of files to be translated, and every sentence of them that is done."""

from collections.abc import Mapping

from hanlin.domain.ids import new_id
from hanlin.domain.translation import Direction, FileJob, FileState, Problem, Tone
from hanlin.store.database import Database, Row
from hanlin.store.records import storable

_SELECT = """
    SELECT id, path, output, digest, source_language, target_language, tone, bilingual, state,
        note, total,
        (SELECT count(*) FROM translation_file_sentences s WHERE s.file_id = f.id),
        (SELECT count(*) FROM translation_file_sentences s
            WHERE s.file_id = f.id AND s.problems != ''),
        joined
    FROM translation_files f
"""


class TranslationFiles:
    """Safe to use from any thread; raises HanlinError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[FileJob]:
        """Return the queue in its order."""
        return [_job(row) for row in self._database.read(f"{_SELECT} ORDER BY seq")]

    def find(self, job_id: str) -> FileJob | None:
        """Return a file of the queue, None when it was removed."""
        rows = self._database.read(f"{_SELECT} WHERE id = ?", (job_id,))
        return _job(rows[0]) if rows else None

    def next_waiting(self) -> FileJob | None:
        """Return the first file that waits."""
        rows = self._database.read(f"{_SELECT} WHERE state = 'waiting' ORDER BY seq LIMIT 1")
        return _job(rows[0]) if rows else None

    def add(
        self, path: str, output: str, direction: Direction, tone: Tone, *, bilingual: bool
    ) -> FileJob:
        """Put a file at the end of the queue. "" as a language is found out later."""
        now = self._database.clock.now_ms()
        job = FileJob(new_id(now), storable(path), storable(output), "", direction, tone, bilingual)
        self._database.write(
            "INSERT INTO translation_files (id, path, output, digest, source_language,"
            " target_language, tone, bilingual, state, note, total, created_at)"
            " VALUES (?, ?, ?, '', ?, ?, ?, ?, 'waiting', '', 0, ?)",
            (
                job.id, job.path, job.output, direction.source, direction.target, tone.value,
                bilingual, now,
            ),
        )  # fmt: skip
        return job

    def begin(self, job: FileJob) -> None:
        """Store what was found out about a file; another content begins anew."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM translation_file_sentences WHERE file_id = ? AND"
                " (SELECT digest FROM translation_files WHERE id = ?) != ?",
                (job.id, job.id, job.digest),
            )
            connection.execute(
                "UPDATE translation_files SET digest = ?, output = ?, source_language = ?,"
                " target_language = ?, total = ?, note = '',"
                " state = CASE state WHEN 'waiting' THEN 'running' ELSE state END WHERE id = ?",
                (
                    job.digest, storable(job.output), job.direction.source,
                    job.direction.target, job.total, job.id,
                ),
            )  # fmt: skip

    def set_state(self, job_id: str, state: FileState, note: str = "") -> None:
        """Change where a file stands."""
        self._database.write(
            "UPDATE translation_files SET state = ?, note = ? WHERE id = ?",
            (state.value, storable(note), job_id),
        )

    def set_joined(self, job_id: str, joined: int) -> None:
        """Keep how many styled passages look like the words around them."""
        self._database.write(
            "UPDATE translation_files SET joined = ? WHERE id = ?", (joined, job_id)
        )

    def requeue_interrupted(self) -> int:
        """Let files wait that were being translated when a program ended; return how many."""
        return self._database.write(
            "UPDATE translation_files SET state = 'waiting' WHERE state = 'running'"
        )

    def remove(self, job_id: str) -> None:
        """Take a file out of the queue; what was written stays."""
        self._database.write("DELETE FROM translation_files WHERE id = ?", (job_id,))

    def sentences(self, job_id: str) -> Mapping[tuple[int, int], str]:
        """Return the finished sentences of a file, by unit and place."""
        rows = self._database.read(
            "SELECT unit, place, target FROM translation_file_sentences WHERE file_id = ?",
            (job_id,),
        )
        return {(int(str(unit)), int(str(place))): str(target) for unit, place, target in rows}

    def keep(
        self, job_id: str, unit: int, place: int, target: str, problems: tuple[Problem, ...]
    ) -> None:
        """Keep a finished sentence."""
        self._database.write(
            "INSERT OR REPLACE INTO translation_file_sentences"
            " SELECT id, ?, ?, ?, ? FROM translation_files WHERE id = ?",
            (unit, place, storable(target), " ".join(problems), job_id),
        )


def _job(row: Row) -> FileJob:
    (
        identity,
        path,
        output,
        digest,
        source,
        target,
        tone,
        both,
        state,
        note,
        total,
        done,
        bad,
        joined,
    ) = row
    return FileJob(
        str(identity),
        str(path),
        str(output),
        str(digest),
        Direction(str(source), str(target)),
        Tone(str(tone)),
        bool(both),
        FileState(str(state)),
        str(note),
        int(str(total)),
        int(str(done)),
        int(str(bad)),
        int(str(joined)),
    )
