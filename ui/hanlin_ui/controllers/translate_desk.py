"""What belongs to the translator beside its page: the glossaries and the queue of files."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from hanlin.domain.glossary import Glossary
from hanlin.domain.translation import Direction, FileJob, Tone
from hanlin.kernel.errors import from_os_error
from hanlin.kernel.files import write_atomically
from hanlin.kernel.i18n import _
from hanlin.services.translation import glossary_files
from hanlin.services.translation.queue import FilesChanged
from hanlin_ui.desk import Desk
from hanlin_ui.translate.files import FilesDialog
from hanlin_ui.translate.glossaries import GlossariesDialog, left_out
from hanlin_ui.translate.page import TranslatePage

_REDRAW_MS = 250
Listed = list[tuple[Glossary, bool]]


class TranslateDesk(QObject):
    """Opens the two dialogs and keeps them true."""

    def __init__(self, page: TranslatePage, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._desk = desk
        self._glossaries = desk.app.translation.glossaries
        self._queue = desk.app.files
        self.files: FilesDialog | None = None
        self.terms: GlossariesDialog | None = None
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self._list_files)
        page.files_requested.connect(self.show_files)
        page.glossaries_requested.connect(self.show_glossaries)
        desk.events.listen(FilesChanged, self._on_files_changed)

    def show_files(self) -> None:
        """Show the queue of files."""
        if self.files is None:
            self.files = FilesDialog(self._page.window())
            self.files.added.connect(self._on_added)
            self.files.asked.connect(self._on_asked)
        self._list_files()
        self.files.show()
        self.files.raise_()

    def show_glossaries(self) -> None:
        """Show the glossaries."""
        if self.terms is None:
            dialog = self.terms = GlossariesDialog(self._page.window())
            dialog.imported.connect(self._on_imported)
            dialog.exported.connect(self._on_exported)
            dialog.pasted.connect(lambda text: self._keep(_("My terms"), text.encode()))
            dialog.used.connect(lambda identity, on: self._use(identity, on=on))
            dialog.deleted.connect(self._on_deleted)
        self._list_glossaries()
        self.terms.show()
        self.terms.raise_()

    def _on_files_changed(self, _event: FilesChanged) -> None:
        if self.files is not None and not self._redraw.isActive():
            self._redraw.start()

    def _list_files(self) -> None:
        def show(jobs: list[FileJob]) -> None:
            if self.files is not None:
                self.files.show_jobs(jobs)

        task = self._desk.tasks.run(self, self._queue.store.all)
        task.on_success(show).on_failure(self._desk.report)

    def _on_added(self, paths: list[Path], both: bool) -> None:  # noqa: FBT001 - a Qt slot
        page = self._page
        source, target = page.source_language.code(), page.target_language.code()
        tone = Tone(page.tone.currentData() or "")
        self._desk.tasks.run(
            self, lambda: self._queue.add(paths, source, target, tone, bilingual=both)
        ).on_failure(self._desk.report)

    def _on_asked(self, wish: str, identity: str) -> None:
        work = {
            "pause": self._queue.pause,
            "resume": self._queue.resume,
            "remove": self._queue.remove,
        }[wish]
        self._desk.tasks.run(self, lambda: work(identity)).on_failure(self._desk.report)

    def _direction(self) -> Direction:
        page = self._page
        target = page.target_language.code() or "en"
        source = page.source_language.code() or page.direction.source
        return Direction(source or ("en" if target == "zh" else "zh"), target)

    def _on_imported(self, path: Path) -> None:
        def read() -> bytes:
            try:
                return path.read_bytes()
            except OSError as error:
                raise from_os_error(error, str(path)) from error

        task = self._desk.tasks.run(self, read)
        task.on_success(lambda content: self._keep(path.stem, content, path.name))
        task.on_failure(self._desk.report)

    def _keep(self, name: str, content: bytes, file: str = "") -> None:
        direction = self._direction()

        def keep() -> int:
            terms, problems = glossary_files.read(content, file or name)
            self._glossaries.create(name, direction, terms)
            return len(problems)

        def tell(problems: int) -> None:
            if self.terms is not None:
                self.terms.tell(left_out(problems) if problems else "")
            self._list_glossaries()

        self._desk.tasks.run(self, keep).on_success(tell).on_failure(self._desk.report)

    def _on_exported(self, identity: str, path: Path) -> None:
        def write() -> None:
            one = next(one for one in self._glossaries.all() if one.id == identity)
            try:
                content = glossary_files.write(one.terms, Direction(one.source, one.target))
                write_atomically(path, content)
            except OSError as error:
                raise from_os_error(error, str(path)) from error

        self._desk.tasks.run(self, write).on_failure(self._desk.report)

    def _use(self, identity: str, *, on: bool) -> None:
        self._desk.tasks.run(self, lambda: self._glossaries.use(identity, on=on)).on_failure(
            self._desk.report
        )

    def _on_deleted(self, identity: str) -> None:
        task = self._desk.tasks.run(self, lambda: self._glossaries.delete(identity))
        task.on_success(lambda _none: self._list_glossaries()).on_failure(self._desk.report)

    def _list_glossaries(self) -> None:
        def read() -> Listed:
            return [(one, self._glossaries.is_in_use(one.id)) for one in self._glossaries.all()]

        def show(listed: Listed) -> None:
            if self.terms is not None:
                self.terms.show_all(listed)

        self._desk.tasks.run(self, read).on_success(show).on_failure(self._desk.report)
