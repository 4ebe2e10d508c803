"""What belongs to the translator beside its page: the glossaries and the queue of files."""

import functools
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from hanlin.bootstrap import open_documents
from hanlin.documents.opener import LARGEST_FILE
from hanlin.documents.recogniser import Recogniser, is_picture
from hanlin.domain.glossary import Glossary
from hanlin.domain.translation import Direction, FileJob, Tone
from hanlin.kernel.errors import HanlinError, from_os_error
from hanlin.kernel.files import read_whole, write_atomically
from hanlin.kernel.i18n import _
from hanlin.services.translation import glossary_files, memory_files, words
from hanlin.services.translation.queue import FilesChanged
from hanlin_ui.controllers import reading_pack
from hanlin_ui.controllers.giving import png
from hanlin_ui.desk import Desk
from hanlin_ui.translate.files import FilesDialog
from hanlin_ui.translate.glossaries import GlossariesDialog, left_out
from hanlin_ui.translate.glossary_editor import GlossaryEditor
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
        self._memory = desk.app.translation.memory
        self._queue = desk.app.files
        self.files: FilesDialog | None = None
        self.terms: GlossariesDialog | None = None
        self.editor: GlossaryEditor | None = None
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self._list_files)
        page.files_requested.connect(self.show_files)
        page.glossaries_requested.connect(self.show_glossaries)
        page.picture_given.connect(self._on_picture)
        page.files_given.connect(self._on_files)
        desk.events.listen(FilesChanged, self._on_files_changed)

    def _on_picture(self, picture: QImage) -> None:
        """Put the text of a pasted picture where texts are translated."""
        content = png(picture)
        self._recognise(_("The picture"), lambda: content)

    def _on_files(self, paths: list[Path]) -> None:
        """Read a picture that was dropped, put all other files into the queue."""
        if len(paths) == 1 and is_picture(paths[0].name):
            path = paths[0]
            self._recognise(path.name, lambda: read_whole(path, LARGEST_FILE))
            return
        self.show_files()
        if self.files is not None:
            self._on_added(paths, self.files.keeps_both())

    def _recognise(self, name: str, content: Callable[[], bytes]) -> None:
        data = self._desk.app.paths.data

        def read() -> str:
            with closing(Recogniser(data)) as recogniser:
                return recogniser.text(name, content())

        def show(text: str) -> None:
            if text:
                self._page.set_text(text)
                self._page.translate_requested.emit()
            else:
                self._page.tell(_("No text was found in the picture."))

        def fail(error: HanlinError) -> None:
            self._page.tell("")
            again = functools.partial(self._recognise, name, content)
            reading_pack.report_unread(self._desk, self._page.window(), error, again)

        self._page.tell(_("Reading the picture…"))
        self._desk.tasks.run(self, read).on_success(show).on_failure(fail)

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
            dialog.edited.connect(self.edit_glossary)
            dialog.memory_imported.connect(self._on_memory_imported)
            dialog.memory_exported.connect(self._on_memory_exported)
            dialog.memory_cleared.connect(self._on_memory_cleared)
        self._list_glossaries()
        self._count_memory()
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
        task = self._desk.tasks.run(self, lambda: read_whole(path, LARGEST_FILE))
        task.on_success(lambda content: self._keep(path.stem, content, path.name))
        task.on_failure(self._desk.report)

    def _keep(self, name: str, content: bytes, file: str = "") -> None:
        wanted = self._direction()

        def keep() -> int:
            found = glossary_files.read(content, file or name)
            self._glossaries.create(name, found.own(wanted), found.terms)
            return len(found.problems)

        def tell(problems: int) -> None:
            if self.terms is not None:
                self.terms.tell(left_out(problems) if problems else "")
            self._list_glossaries()

        self._desk.tasks.run(self, keep).on_success(tell).on_failure(self._desk.report)

    def _on_exported(self, identity: str, path: Path) -> None:
        def write() -> None:
            one = next(one for one in self._glossaries.all() if one.id == identity)
            _write(path, glossary_files.write(one.terms, Direction(one.source, one.target)))

        self._desk.tasks.run(self, write).on_failure(self._desk.report)

    def _use(self, identity: str, *, on: bool) -> None:
        self._desk.tasks.run(self, lambda: self._glossaries.use(identity, on=on)).on_failure(
            self._desk.report
        )

    def _on_deleted(self, identity: str) -> None:
        task = self._desk.tasks.run(self, lambda: self._glossaries.delete(identity))
        task.on_success(lambda _none: self._list_glossaries()).on_failure(self._desk.report)

    def edit_glossary(self, identity: str) -> None:
        """Open a glossary as a table."""

        def show(listed: list[Glossary]) -> None:
            one = next((one for one in listed if one.id == identity), None)
            if one is not None:
                self.editor = GlossaryEditor(one, self.terms or self._page.window())
                self.editor.saved.connect(self._on_edited_saved)
                self.editor.open()

        task = self._desk.tasks.run(self, self._glossaries.all)
        task.on_success(show).on_failure(self._desk.report)

    def _on_edited_saved(self, glossary: Glossary) -> None:
        task = self._desk.tasks.run(self, lambda: self._glossaries.change(glossary))
        task.on_success(lambda _none: self._list_glossaries()).on_failure(self._desk.report)

    def _on_memory_imported(self, path: Path) -> None:
        def read() -> int:
            with open_documents() as documents:
                entries, unknown = memory_files.read(
                    read_whole(path, LARGEST_FILE), path.name, documents
                )
            self._memory.teach(entries)
            return unknown

        def tell(unknown: int) -> None:
            if self.terms is not None:
                self.terms.tell(words.left_out(unknown) if unknown else "")
            self._count_memory()

        self._desk.tasks.run(self, read).on_success(tell).on_failure(self._desk.report)

    def _on_memory_exported(self, path: Path) -> None:
        def write() -> None:
            _write(path, memory_files.write(self._memory.taught()))

        self._desk.tasks.run(self, write).on_failure(self._desk.report)

    def _on_memory_cleared(self) -> None:
        task = self._desk.tasks.run(self, self._memory.clear)
        task.on_success(lambda _count: self._count_memory()).on_failure(self._desk.report)

    def _count_memory(self) -> None:
        def show(counts: tuple[int, int]) -> None:
            if self.terms is not None:
                self.terms.show_memory(*counts)

        task = self._desk.tasks.run(self, self._memory.counts)
        task.on_success(show).on_failure(self._desk.report)

    def _list_glossaries(self) -> None:
        def read() -> Listed:
            return [(one, self._glossaries.is_in_use(one.id)) for one in self._glossaries.all()]

        def show(listed: Listed) -> None:
            if self.terms is not None:
                self.terms.show_all(listed)

        self._desk.tasks.run(self, read).on_success(show).on_failure(self._desk.report)


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise from_os_error(error, str(path)) from error
