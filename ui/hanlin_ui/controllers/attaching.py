"""What goes along with the next message: chips, each read aside, kept by conversation.

Where files and pictures come from is ``giving``'s, what can be done with them ``shaping``'s,
and whether they may be sent ``obstacles``'s.
"""

import functools
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from hanlin.domain.attachments import AttachmentKind, Prepared
from hanlin.kernel.errors import HanlinError, KnownError
from hanlin.kernel.i18n import Said, _
from hanlin.services import attaching
from hanlin.services.events import AnswerFinished, SessionChanged
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.chat.attachments.chip import AttachmentChip
from hanlin_ui.chat.attachments.strip import AttachmentStrip
from hanlin_ui.chat.entry import holds_files
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.controllers import giving
from hanlin_ui.controllers.attachment_items import AttachmentItem
from hanlin_ui.controllers.obstacles import Obstacles
from hanlin_ui.controllers.reading_faults import ReadingFaults
from hanlin_ui.controllers.recording import RecordingController
from hanlin_ui.controllers.shaping import Shaping
from hanlin_ui.desk import Desk

_BUSY_MS: Final = 1_000


class AttachingController(QObject):
    """Keeps the strip of the composer; each conversation has what was put to it."""

    model_wanted = Signal()
    """Another model is wanted, which can take what is attached."""
    changed = Signal()
    """Something else goes along than before."""
    _progressed = Signal(int, int, int)

    def __init__(self, page: ChatPage, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._desk = desk
        self._work = Tasks(self)
        """Reading takes seconds: nothing else waits for it."""
        self._numbers = itertools.count(1)
        self._pastes = itertools.count(1)
        self._conversation = ""
        self._items: dict[str, list[AttachmentItem]] = {}
        self._faults = ReadingFaults(page, desk.report)
        self.strip = AttachmentStrip(page.composer.entry)
        page.composer.add_above_entry(self.strip)
        self.recording = RecordingController(self)
        self.recording.recorded.connect(self._on_recorded)
        self.recording.failed.connect(desk.report)
        page.composer.add_above_entry(self.recording.bar)
        page.composer.attach.clicked.connect(self._show_menu)
        page.composer.entry.given.connect(self.take)
        page.composer.entry.long_pasted.connect(self.add_text)
        page.composer.entry.hands_on = True
        self._shaping = Shaping(self, page, desk, self._work, self)
        self._obstacles = Obstacles(self.strip, self._shaping, desk, self)
        self._obstacles.model_wanted.connect(self.model_wanted)
        messages = page.transcript.messages
        messages.thumbnails = desk.app.chat.attached.thumbnail
        messages.attachment_opened.connect(self._shaping.open_sent)
        self._progressed.connect(self._on_progress, Qt.ConnectionType.QueuedConnection)
        self._weighed_for: object = None
        self._again = QTimer(self)
        """Until a model that was too busy is asked again what things cost."""
        self._again.setSingleShot(True)
        self._again.setInterval(_BUSY_MS)
        self._again.timeout.connect(self._weigh_all)
        desk.events.listen(SessionChanged, lambda _event: self._on_session_changed())
        desk.events.listen(AnswerFinished, self._on_answer_finished)

    # For who sends

    @property
    def is_ready(self) -> bool:
        """Whether something is put to the conversation, and all of it is read."""
        here = self._here()
        return bool(here) and all(item.prepared is not None for item in here)

    def prepared(self) -> list[Prepared]:
        """Return what is read of what goes along."""
        return [item.prepared for item in self._here() if item.prepared is not None]

    def pending(self) -> list[Prepared]:
        """Return what goes along. Raises KnownError when it cannot go yet, or not at all."""
        items = self._here()
        if any(item.prepared is None for item in items):
            raise KnownError(
                _("Not sent yet"),
                _("A file is still being read."),
                _("Send again in a moment, or remove the file."),
            )
        self._check()
        if (refusal := self._obstacles.refusal) is not None:
            raise refusal.error()
        return [item.prepared for item in items if item.prepared is not None]

    def sent(self, conversation_id: str) -> None:
        """Let go of what went along with a message of the conversation ("" a new one)."""
        gone = self._items.pop(conversation_id, [])
        self._refresh()
        for item in gone:
            item.chip.deleteLater()

    def open(self, conversation_id: str) -> None:
        """Show what was put to the conversation, "" for a new one."""
        if any(item.prepared is None for item in self._here()):
            self._page.composer.take_back()
        self._conversation = conversation_id
        self._refresh()

    def follow(self, conversation_id: str) -> None:
        """Hear that the new conversation has been stored, and is this one."""
        if (items := self._items.pop("", None)) is not None:
            self._items[conversation_id] = items
        self.open(conversation_id)

    def close(self) -> None:
        """Read nothing more."""
        self._again.stop()
        self.recording.close()
        self._work.close()

    # Taking in

    def take(self, data: QMimeData) -> None:
        """Take what was dropped or pasted: files, or a picture as its bytes."""
        if paths := giving.files_of(data):
            self.add_files(paths)
        elif (picture := giving.picture_of(data)) is not None:
            self._add_bytes(*picture)

    def add_files(self, paths: Sequence[Path]) -> None:
        """Attach files, each as soon as it is read."""
        for path in paths:
            self._add(path.name, functools.partial(attaching.read_file, path))

    def add_text(self, text: str) -> None:
        """Attach a long text that was pasted: in the field it would be in the way."""
        self._add_text(_("Pasted text {number}.txt").format(number=next(self._pastes)), text)

    def _add_text(self, name: str, text: str) -> None:
        item = self._add(
            name, lambda tell: attaching.take(name, text.encode("utf-8", "replace"), tell)
        )
        item.text = text
        item.again = lambda: self._add_text(name, text)

    def choose_files(self) -> None:
        """Let files be chosen."""
        giving.choose_files(self._page.window(), self.add_files)

    def take_screenshot(self) -> None:
        """Attach a picture of the screen without this window, to be cut."""
        giving.take_screenshot(
            self._page.window(),
            lambda picture: self._add_bytes(*picture, self._shaping.edit),
            self._desk.report,
        )

    def record(self) -> None:
        """Record sound, and say at once when the model cannot hear it."""
        loaded = self._desk.app.session.status().loaded
        advice = ""
        if loaded is not None and not loaded.hears:
            name = loaded.name
            advice = Said(
                lambda: _("{model} cannot hear: to send it, choose a model that does.").format(
                    model=name
                )
            )
        self.recording.begin(advice)

    def _on_recorded(self, content: bytes) -> None:
        self._add_bytes(_("Recording.{suffix}").format(suffix="wav"), content)
        self._page.composer.setFocus()

    def _add_bytes(
        self, name: str, content: bytes, then: Callable[[AttachmentItem], None] | None = None
    ) -> None:
        self._add(name, lambda tell: attaching.take(name, content, tell), then)

    def _add(
        self,
        name: str,
        read: Callable[[attaching.Tell], Prepared],
        then: Callable[[AttachmentItem], None] | None = None,
    ) -> AttachmentItem:
        item = self.insert()
        item.again = lambda: self._add(name, read, then)
        item.chip.show_reading(name)
        task = self._work.run(
            self, lambda: read(lambda done, total: self.progress(item, done, total))
        )

        def ready(prepared: Prepared) -> None:
            item.original = prepared
            self.put(item, prepared)
            if then is not None and item in self._here():
                then(item)

        task.on_success(ready)
        task.on_failure(lambda error: self.fail(item, error))
        return item

    # The tray

    def insert(self, after: AttachmentItem | None = None) -> AttachmentItem:
        """Return a new item, that says that it is being read."""
        item = AttachmentItem(next(self._numbers), AttachmentChip(removable=True))
        item.chip.removed.connect(lambda: self.remove(item))
        item.chip.opened.connect(lambda: self._open(item))
        item.chip.changed_wanted.connect(lambda: self._offer(item))
        here = self._items.setdefault(self._conversation, [])
        items = next((there for there in self._items.values() if after in there), here)
        items.insert(items.index(after) + 1 if after in items else len(items), item)
        self._refresh()
        return item

    def put(self, item: AttachmentItem, prepared: Prepared) -> None:
        """Let ``prepared`` be what is sent of the item."""
        if not self.has(item):
            return  # removed while it was read
        item.prepared = prepared
        item.chip.show_attachment(prepared.attachment, prepared.thumbnail)
        self._refresh()
        self._weigh(item)
        self._tell_faults()
        awaited, item.awaited = item.awaited, False
        if awaited and self._page.window().focusWidget() is item.chip:
            self._shaping.open(item)

    def has(self, item: AttachmentItem) -> bool:
        """Return whether the item still stands: neither removed nor sent."""
        return any(item in items for items in self._items.values())

    def hold(self, item: AttachmentItem) -> Prepared | None:
        """Take back what is sent of the item while something else is made of it; return it."""
        held, item.prepared = item.prepared, None
        if held is not None:
            item.chip.show_reading(held.attachment.name)
            self._refresh()
        return held

    def remove(self, item: AttachmentItem) -> None:
        """Let go of an item."""
        if not self.has(item):
            return
        if item.prepared is None:
            self._page.composer.take_back()  # it was to be sent with what does not come
        held = self.strip.holder() is item.chip
        place = self._here().index(item) if held else 0
        for items in self._items.values():
            if item in items:
                items.remove(item)
        self._refresh()
        if held:
            self.strip.take_keyboard(place)
        item.chip.deleteLater()
        self._tell_faults()

    def fail(self, item: AttachmentItem, error: HanlinError) -> None:
        """Let go of an item that could not be read, and say why."""
        if self.has(item):
            self._faults.add(error, item.again)
            self.remove(item)

    def progress(self, item: AttachmentItem, done: int, total: int) -> None:
        """Show how far an item is read. From any thread."""
        self._progressed.emit(item.number, done, total)

    def refresh(self) -> None:
        """Say in the interface's language what stands in the way."""
        self._check()

    def _tell_faults(self) -> None:
        """Say what could not be read, once nothing is being read any more."""
        reading = any(item.prepared is None for items in self._items.values() for item in items)
        if not reading:
            self._faults.tell()

    def _weigh(self, item: AttachmentItem) -> None:
        """Show what it costs the loaded model in truth, which only its projector knows."""
        loaded, guessed = self._desk.app.session.status().loaded, item.prepared
        if loaded is None or guessed is None:
            return
        weigh = self._desk.app.session.weigh

        def show(known: Prepared | None) -> None:
            if known is None:
                self._again.start()
            elif item.prepared is guessed and known != guessed and self.has(item):
                item.prepared = known
                item.chip.show_attachment(known.attachment, known.thumbnail)
                self._check()

        if guessed.attachment.kind is not AttachmentKind.DOCUMENT:
            task = self._work.run(self, lambda: attaching.reckoned(guessed, loaded, weigh))
            task.on_success(show).on_failure(self._desk.report)

    def _weigh_all(self) -> None:
        for items in self._items.values():
            for item in items:
                self._weigh(item)

    def _open(self, item: AttachmentItem) -> None:
        """Show an item; one that is still being read is shown once it is."""
        item.awaited = item.prepared is None
        if item.awaited:
            item.chip.setFocus()
        else:
            self._shaping.open(item)

    def _offer(self, item: AttachmentItem) -> None:
        if item.prepared is not None:
            menu = self._shaping.menu(item, item.prepared)
            menu.popup(item.chip.mapToGlobal(QPoint(0, item.chip.height())))

    def _here(self) -> list[AttachmentItem]:
        return self._items.get(self._conversation, [])

    # What is shown of it

    def _refresh(self) -> None:
        items = self._here()
        self.strip.show_chips([item.chip for item in items])
        reading = any(item.prepared is None for item in items)
        self._page.composer.set_attached(attached=bool(items), reading=reading)
        self._check()

    def _check(self) -> None:
        self.changed.emit()
        self._obstacles.judge(self._conversation, self._here())

    def _show_menu(self) -> None:
        button = self._page.composer.attach
        menu = QMenu(button)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("Files…"), self.choose_files)
        clipboard = QGuiApplication.clipboard().mimeData()
        if holds_files(clipboard):
            menu.addAction(
                _("From the clipboard"), lambda: self.take(QGuiApplication.clipboard().mimeData())
            )
        menu.addAction(_("Picture of the screen"), self.take_screenshot)
        menu.addAction(_("Record sound"), self.record)
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _on_progress(self, number: int, done: int, total: int) -> None:
        for items in self._items.values():
            for item in items:
                if item.number == number and item.prepared is None:
                    item.chip.show_reading(item.chip.accessibleName(), done, total)

    def _on_session_changed(self) -> None:
        loaded = self._desk.app.session.status().loaded
        if loaded is not None and loaded != self._weighed_for:
            self._weighed_for = loaded
            self._weigh_all()
        self._check()

    def _on_answer_finished(self, event: AnswerFinished) -> None:
        if event.context_used:
            self._obstacles.remember(event.message.conversation_id, event.context_used)
        if event.message.conversation_id == self._conversation:
            self._check()
