"""The queue of files: one after the other, paused and resumed, also by a crash."""

import hashlib
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hanlin.documents.client import DocumentClient
from hanlin.documents.opener import LARGEST_FILE
from hanlin.domain.translation import Direction, FileJob, FileState, Tone, Translation
from hanlin.engine.base import Engine
from hanlin.kernel.errors import HanlinError, UserCancelled, from_bug
from hanlin.kernel.events import EventBus
from hanlin.kernel.files import read_whole
from hanlin.services.translation import choosing
from hanlin.services.translation.files import FileOrder, FileTranslator, output_path
from hanlin.services.translation.service import TranslationService
from hanlin.services.translation.translator import Wish
from hanlin.services.writing import EngineWriter
from hanlin.store.database import Database
from hanlin.store.translation_files import TranslationFiles

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FilesChanged:
    """A file of the queue was added, removed, or moved on."""


class FileQueue:
    """Methods return at once, but for the disk, and may be called from any thread."""

    def __init__(
        self, database: Database, engine: Engine, service: TranslationService, bus: EventBus
    ) -> None:
        self.store = TranslationFiles(database)
        self._service = service
        self._bus = bus
        self._writer = EngineWriter(engine)
        self._wake = threading.Condition()
        self._working = ""
        """The id of the file at work; "" when it is to stop."""
        self._closing = False
        self._asked = 0
        """How often somebody asked for more."""
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Go on with what an earlier run left; for one window of a data folder."""
        self.store.requeue_interrupted()
        if self.store.next_waiting() is not None:
            self._go()

    def add(
        self,
        paths: Sequence[Path],
        source: str,
        target: str,
        tone: Tone = Tone.DEFAULT,
        *,
        bilingual: bool = False,
    ) -> None:
        """Put files at the end; "" as the source is found out for each."""
        for path in paths:
            self.store.add(str(path), "", Direction(source, target), tone, bilingual=bilingual)
        self._go()

    def pause(self, job_id: str) -> None:
        """Stop with a file until it is resumed; what is done is kept."""
        self.store.set_state(job_id, FileState.PAUSED)
        self._stop(job_id)

    def resume(self, job_id: str) -> None:
        """Go on with a file that was paused or failed."""
        self.store.set_state(job_id, FileState.WAITING)
        self._go()

    def remove(self, job_id: str) -> None:
        """Take a file out of the queue."""
        self.store.remove(job_id)
        self._stop(job_id)

    def close(self) -> None:
        """End the thread; the file at work goes on with the next start. Waits for it."""
        with self._wake:
            self._closing = True
            self._working = ""
            self._wake.notify_all()
            thread = self._thread
        self._writer.cancel()
        if thread is not None:
            thread.join()

    def _go(self) -> None:
        with self._wake:
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="files", daemon=True)
                self._thread.start()
            self._asked += 1
            self._wake.notify_all()
        self._bus.publish(FilesChanged())

    def _stop(self, job_id: str) -> None:
        with self._wake:
            if self._working == job_id:
                self._working = ""
                self._writer.cancel()
        self._bus.publish(FilesChanged())

    def _run(self) -> None:
        documents = DocumentClient()
        try:
            while (job := self._next()) is not None:
                kept = self._work(job, FileTranslator(documents))
                self._bus.publish(FilesChanged())
                if not kept:
                    self._rest()
        finally:
            documents.close()
            with self._wake:
                self._thread = None

    def _next(self) -> FileJob | None:
        """Wait for the next file and take it up; None when there will be no other."""
        with self._wake:  # who pauses a file comes before this or after it, never in between
            while not self._closing:
                if (job := self.store.next_waiting()) is not None:
                    self._working = job.id
                    return job
                self._wake.wait()
        return None

    def _rest(self) -> None:
        """Wait until somebody asks for more: the same file would only fail again."""
        with self._wake:
            asked = self._asked
            self._wake.wait_for(lambda: self._closing or self._asked != asked)

    def _work(self, job: FileJob, files: FileTranslator) -> bool:
        """Translate one file; whatever happens to it, the others have their turn.

        Returns False when not even its failure can be kept.
        """
        try:
            with self._service.holding():
                self._translate(job, files)
            self.store.set_state(job.id, FileState.DONE)
        except UserCancelled:
            return True
        except HanlinError as error:
            return self._fail(job, str(error))
        except Exception as error:  # noqa: BLE001 - one file must not end the thread of all
            _log.exception("a file was not translated")
            return self._fail(job, str(from_bug(error)))
        return True

    def _fail(self, job: FileJob, why: str) -> bool:
        if self._closing:  # what it needed was ended with the program
            return True
        try:
            self.store.set_state(job.id, FileState.FAILED, why)
        except HanlinError as error:  # a full disk may be what it failed for
            _log.warning("that a file failed is not kept: %s", error)
            return False
        return True

    def _translate(self, job: FileJob, files: FileTranslator) -> None:
        path = Path(job.path)
        content = read_whole(path, LARGEST_FILE)
        sample = files.sample(path.name, content)
        direction = choosing.direction_for(sample, job.direction.source, job.direction.target)
        # Chosen once: a run that was killed after writing writes the same file again.
        output = job.output or str(output_path(path, direction.target))
        translator = self._service.translator(
            direction, lambda: self._is_wanted(job.id), self._writer
        )
        # A model with another context breaks long sentences elsewhere: what was kept for places
        # of the old ones would stand at the wrong ones.
        places = hashlib.sha256(f"{translator.longest}\n".encode() + content).hexdigest()
        job = replace(job, digest=places, output=output, direction=direction)
        self.store.begin(replace(job, total=files.count(path.name, content, translator)))
        wish = Wish(direction, self._service.glossaries.in_use(direction), job.tone)
        made = files.translate(
            FileOrder(path.name, content, wish, job.bilingual),
            translator,
            before=lambda: self._service.give_way(lambda: self._is_wanted(job.id)),
            journal=_Journal(self, job.id),
        )
        if not self._is_wanted(job.id):
            raise UserCancelled
        files.write(Path(output), made.content, path)
        self.store.set_joined(job.id, made.joined)

    def _is_wanted(self, job_id: str) -> bool:
        return self._working == job_id and not self._closing

    def told(self) -> None:
        """Tell that a file moved on."""
        self._bus.publish(FilesChanged())


class _Journal:
    """What of one file is done, in the database."""

    def __init__(self, queue: FileQueue, job_id: str) -> None:
        self._queue = queue
        self._id = job_id

    def done(self) -> Mapping[tuple[int, int], str]:
        return self._queue.store.sentences(self._id)

    def keep(self, unit: int, place: int, translation: Translation) -> None:
        self._queue.store.keep(self._id, unit, place, translation.target, translation.problems)
        self._queue.told()
