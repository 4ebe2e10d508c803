"""What goes along with the next message: files, pictures of the clipboard, the screen."""

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QMimeData,
    QObject,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QMenu

from hanlin.domain.attachments import Attachment, AttachmentKind, Prepared, Thumbnail
from hanlin.kernel.errors import HanlinError, KnownError
from hanlin.kernel.i18n import _
from hanlin.services import attaching
from hanlin.services.attaching import Obstacle, Refusal
from hanlin.services.events import AnswerFinished, SessionChanged
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.chat.attachments.chip import AttachmentChip
from hanlin_ui.chat.attachments.pages_dialog import PagesDialog
from hanlin_ui.chat.attachments.strip import AttachmentStrip
from hanlin_ui.chat.attachments.viewer import Crop, PictureDialog
from hanlin_ui.chat.entry import holds_files
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.controllers import reading_pictures
from hanlin_ui.controllers.recording import RecordingController
from hanlin_ui.desk import Desk
from hanlin_ui.dialogs.files import file_dialog
from hanlin_ui.dialogs.message import show_text

_PICTURE_FORMATS: Final = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp")
"""What other programs put into the clipboard; the first one found is taken as its bytes."""
_PUT_IN: Final = 100_000
"""Characters of a pasted text up to which it may be put into the field all the same."""
_HIDING_MS: Final = 400
"""Until the window is gone from the screen that is taken."""


@dataclass(eq=False)
class _Item:
    """One chip: what it was made of, and what of that is sent."""

    number: int
    chip: AttachmentChip
    text: str = ""
    """What it was pasted as, if it was."""
    original: Prepared | None = None
    prepared: Prepared | None = None


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
        self._attached = desk.app.chat.attached
        self._work = Tasks(self)
        """Reading takes seconds: nothing else waits for it."""
        self._numbers = itertools.count(1)
        self._pastes = itertools.count(1)
        self._conversation = ""
        self._items: dict[str, list[_Item]] = {}
        self._used: dict[str, int] = {}
        self._refusal: Refusal | None = None
        self.strip = AttachmentStrip()
        self.strip.help_requested.connect(self._help)
        page.composer.add_above_entry(self.strip)
        self.recording = RecordingController(self)
        self.recording.recorded.connect(self._on_recorded)
        self.recording.failed.connect(desk.report)
        page.composer.add_above_entry(self.recording.bar)
        page.composer.attach.clicked.connect(self._show_menu)
        page.composer.entry.given.connect(self.take)
        page.composer.entry.long_pasted.connect(self.add_text)
        page.composer.entry.hands_on = True
        page.transcript.thumbnails = self._attached.thumbnail
        page.transcript.attachment_opened.connect(self._open_sent)
        self._progressed.connect(self._on_progress, Qt.ConnectionType.QueuedConnection)
        self._weighed_for: object = None
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
        if self._refusal is not None:
            raise self._refusal.error()
        return [item.prepared for item in items if item.prepared is not None]

    def sent(self, conversation_id: str) -> None:
        """Let go of what went along with a message of the conversation ("" a new one)."""
        gone = self._items.pop(conversation_id, [])
        self._refresh()
        for item in gone:
            item.chip.deleteLater()

    def open(self, conversation_id: str) -> None:
        """Show what was put to the conversation, "" for a new one."""
        self._conversation = conversation_id
        self._refresh()

    def follow(self, conversation_id: str) -> None:
        """Hear that the new conversation has been stored, and is this one."""
        if (items := self._items.pop("", None)) is not None:
            self._items[conversation_id] = items
        self.open(conversation_id)

    def close(self) -> None:
        """Read nothing more."""
        self.recording.close()
        self._work.close()

    # Taking in

    def take(self, data: QMimeData) -> None:
        """Take what was dropped or pasted: files, or a picture as its bytes."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            self.add_files(paths)
            return
        for form in _PICTURE_FORMATS:
            if data.hasFormat(form):
                name = _("Picture.{suffix}").format(suffix=form.rpartition("/")[2])
                self._add_bytes(name, bytes(data.data(form).data()))
                return
        image = data.imageData()  # the system's own form of a picture, which is no file
        if isinstance(image, QImage) and not image.isNull():
            self._add_bytes(_("Picture.{suffix}").format(suffix="png"), _png(image))

    def add_files(self, paths: Sequence[Path]) -> None:
        """Attach files, each as soon as it is read."""
        for path in paths:
            self._add(path.name, functools.partial(attaching.read_file, path))

    def add_text(self, text: str) -> None:
        """Attach a long text that was pasted: in the field it would be in the way."""
        name = _("Pasted text {number}.txt").format(number=next(self._pastes))
        item = self._add(
            name, lambda tell: attaching.take(name, text.encode("utf-8", "replace"), tell)
        )
        item.text = text

    def choose_files(self) -> None:
        """Let files be chosen."""
        dialog = file_dialog(self._page.window(), _("Attach files"), _("Attach"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(
            [
                _("Everything that can be read")
                + " (*.png *.jpg *.jpeg *.gif *.bmp *.webp *.tif *.tiff *.pdf *.docx *.pptx *.xlsx"
                " *.odt *.ods *.odp *.epub *.html *.htm *.md *.txt *.csv *.json *.xml *.log *.py"
                " *.js *.ts *.c *.cpp *.h *.java *.go *.rs *.sql *.yaml *.toml *.wav *.mp3 *.flac"
                " *.ogg)",
                _("All files") + " (*)",
            ]
        )
        dialog.filesSelected.connect(lambda names: self.add_files([Path(name) for name in names]))
        dialog.open()

    def take_screenshot(self) -> None:
        """Attach a picture of the screen without this window, to be cut."""
        window = self._page.window()
        window.hide()

        def shoot() -> None:
            image = window.screen().grabWindow(0).toImage()
            window.show()
            window.activateWindow()
            if image.isNull():
                self._desk.report(
                    KnownError(
                        _("No picture of the screen"),
                        _("This desktop does not let programs take one."),
                        _("Take it with the desktop's own key, then paste it here."),
                    )
                )
                return
            self._add_bytes(_("Screenshot.png"), _png(image), self._edit)

        QTimer.singleShot(_HIDING_MS, self, shoot)

    def record(self) -> None:
        """Record sound, and say at once when the model cannot hear it."""
        loaded = self._desk.app.session.status().loaded
        advice = ""
        if loaded is not None and not loaded.hears:
            advice = _("{model} cannot hear: to send it, choose a model that does.").format(
                model=loaded.name
            )
        self.recording.begin(advice)

    def _on_recorded(self, content: bytes) -> None:
        self._add_bytes(_("Recording.{suffix}").format(suffix="wav"), content)
        self._page.composer.setFocus()

    def _add_bytes(
        self, name: str, content: bytes, then: Callable[[_Item], None] | None = None
    ) -> None:
        self._add(name, lambda tell: attaching.take(name, content, tell), then)

    def _add(
        self,
        name: str,
        read: Callable[[attaching.Tell], Prepared],
        then: Callable[[_Item], None] | None = None,
    ) -> _Item:
        item = self._new_item()
        item.chip.show_reading(name)
        number = item.number
        task = self._work.run(
            self,
            lambda: read(lambda done, total: self._progressed.emit(number, done, total)),
        )

        def ready(prepared: Prepared) -> None:
            item.original = prepared
            self._set(item, prepared)
            if then is not None and item in self._here():
                then(item)

        task.on_success(ready)
        task.on_failure(lambda error: self._failed(item, error))
        self._refresh()
        return item

    def _new_item(self, after: _Item | None = None) -> _Item:
        item = _Item(next(self._numbers), AttachmentChip(removable=True))
        item.chip.removed.connect(lambda: self._remove(item))
        item.chip.opened.connect(lambda: self._open(item))
        item.chip.changed_wanted.connect(lambda: self._offer(item))
        items = self._items.setdefault(self._conversation, [])
        items.insert(items.index(after) + 1 if after in items else len(items), item)
        return item

    # What can be done with a chip

    def _set(self, item: _Item, prepared: Prepared) -> None:
        item.prepared = prepared
        item.chip.show_attachment(prepared.attachment, prepared.thumbnail)
        self._check()
        self._weigh(item)

    def _weigh(self, item: _Item) -> None:
        """Show what it costs the loaded model in truth, which only its projector knows."""
        loaded, guessed = self._desk.app.session.status().loaded, item.prepared
        if loaded is None or guessed is None:
            return
        weigh = self._desk.app.session.weigh

        def show(known: Prepared) -> None:
            if item.prepared is guessed and known != guessed:
                item.prepared = known
                item.chip.show_attachment(known.attachment, known.thumbnail)
                self._check()

        if guessed.attachment.kind is not AttachmentKind.DOCUMENT:
            task = self._work.run(self, lambda: attaching.reckoned(guessed, loaded, weigh))
            task.on_success(show).on_failure(self._desk.report)

    def _on_session_changed(self) -> None:
        loaded = self._desk.app.session.status().loaded
        if loaded is not None and loaded != self._weighed_for:
            self._weighed_for = loaded
            for items in self._items.values():
                for item in items:
                    self._weigh(item)
        self._check()

    def _failed(self, item: _Item, error: HanlinError) -> None:
        self._remove(item)
        self._desk.report(error)

    def _remove(self, item: _Item) -> None:
        for items in self._items.values():
            if item in items:
                items.remove(item)
        self._refresh()
        item.chip.deleteLater()
        self._page.composer.setFocus()

    def _offer(self, item: _Item) -> None:
        if item.prepared is not None:
            menu = self._menu(item, item.prepared)
            menu.popup(item.chip.mapToGlobal(QPoint(0, item.chip.height())))

    def _menu(self, item: _Item, prepared: Prepared) -> QMenu:
        """Return what can be done with an attachment."""
        menu = QMenu(item.chip)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        kind = prepared.attachment.kind
        if kind is AttachmentKind.PICTURE:
            menu.addAction(_("Look at it, rotate or crop…"), lambda: self._edit(item))
            menu.addAction(_("Rotate left"), lambda: self._reshape(item, -1))
            menu.addAction(_("Rotate right"), lambda: self._reshape(item, 1))
            menu.addSeparator()
            self._offer_reading(menu, item)
            menu.addSeparator()
        elif kind is AttachmentKind.DOCUMENT:
            menu.addAction(_("Choose a part…"), lambda: self._choose_part(item))
            if prepared.attachment.mime == "application/pdf":
                menu.addAction(_("Attach its pages as pictures"), lambda: self._to_pictures(item))
        if 0 < len(item.text) <= _PUT_IN:
            menu.addAction(_("Put it into the message field"), lambda: self._put_in(item))
        menu.addAction(_("Remove"), lambda: self._remove(item))
        return menu

    def _offer_reading(self, menu: QMenu, item: _Item) -> None:
        trained = reading_pictures.prompts(self._desk.app.session.status().loaded)
        submit = self._page.composer.submit
        for what, label in reading_pictures.labels().items():
            if what in trained:
                menu.addAction(label, functools.partial(submit, trained[what]))
        if not trained:
            menu.addAction(reading_pictures.labels()["text"], lambda: self._recognise(item))

    def _recognise(self, item: _Item) -> None:
        """Put the text of a picture beside it; in its place where the model cannot see."""
        picture = item.prepared
        if picture is None:
            return
        data = self._desk.app.paths.data
        text = self._new_item(item)
        text.chip.show_reading(picture.attachment.name)
        task = self._work.run(self, lambda: reading_pictures.recognised(data, picture))

        def show(prepared: Prepared) -> None:
            text.original = prepared
            self._set(text, prepared)
            loaded = self._desk.app.session.status().loaded
            if loaded is not None and not loaded.sees:
                self._remove(item)

        task.on_success(show).on_failure(lambda error: self._failed(text, error))
        self._refresh()

    def _put_in(self, item: _Item) -> None:
        self._remove(item)
        self._page.composer.entry.insertPlainText(item.text)

    def _open(self, item: _Item) -> None:
        if item.prepared is None:
            return
        if item.prepared.attachment.kind is AttachmentKind.PICTURE:
            self._edit(item)
        elif item.prepared.attachment.kind is AttachmentKind.DOCUMENT:
            self._choose_part(item)

    def _edit(self, item: _Item) -> None:
        original = item.original
        if original is None:
            return
        task = self._work.run(self, lambda: attaching.seen(original))

        def show(seen: Thumbnail) -> None:
            name = original.attachment.name
            dialog = PictureDialog(name, seen, self._page.window(), editable=True)
            dialog.shaped.connect(lambda turn, crop: self._shape(item, turn, crop))
            dialog.open()

        task.on_success(show).on_failure(self._desk.report)

    def _reshape(self, item: _Item, quarters: int) -> None:
        if item.prepared is not None:
            prepared = item.prepared
            task = self._work.run(self, lambda: attaching.reshaped(prepared, quarters))
            task.on_success(lambda made: self._set(item, made)).on_failure(self._desk.report)

    def _shape(self, item: _Item, turn: int, crop: Crop) -> None:
        original = item.original
        if original is not None:
            task = self._work.run(self, lambda: attaching.reshaped(original, turn, crop))
            task.on_success(lambda made: self._set(item, made)).on_failure(self._desk.report)

    def _choose_part(self, item: _Item) -> None:
        prepared = item.prepared
        if prepared is None:
            return

        def weigh(first: int, last: int) -> Attachment:
            return attaching.chosen(prepared, first, last).attachment

        loaded = self._desk.app.session.status().loaded
        context = loaded.context if loaded else 0
        dialog = PagesDialog(prepared, weigh, context, self._page.window())
        dialog.chosen.connect(
            lambda first, last: self._set(item, attaching.chosen(prepared, first, last))
        )
        dialog.open()

    def _to_pictures(self, item: _Item) -> None:
        prepared = item.prepared
        if prepared is None:
            return
        task = self._work.run(self, lambda: attaching.page_pictures(prepared))

        def replace(pictures: list[Prepared]) -> None:
            before = item
            for picture in pictures:
                before = self._new_item(before)
                before.original = picture
                self._set(before, picture)
            self._remove(item)

        task.on_success(replace).on_failure(self._desk.report)

    # What was sent

    def _open_sent(self, message_id: str, about: Attachment) -> None:
        if about.kind is AttachmentKind.DOCUMENT:
            pages = self._attached.pages(message_id, about.hash)
            word = _("Page {number}") if about.paged else _("Section {number}")
            text = "\n\n".join(
                f"— {word.format(number=number)} —\n\n{page}"
                for number, page in about.chosen(pages)
            )
            show_text(self._page.window(), about.name, _("What the model was given of it:"), text)
            return
        if about.kind is not AttachmentKind.PICTURE:
            return
        task = self._work.run(
            self,
            lambda: attaching.seen(Prepared(about, self._attached.content(message_id, about))),
        )
        task.on_success(
            lambda seen: PictureDialog(about.name, seen, self._page.window(), editable=False).open()
        ).on_failure(self._desk.report)

    # Inside

    def _here(self) -> list[_Item]:
        return self._items.get(self._conversation, [])

    def _refresh(self) -> None:
        items = self._here()
        self.strip.show_chips([item.chip for item in items])
        self._page.composer.set_attached(bool(items))
        self._check()

    def _check(self) -> None:
        ready = self.prepared()
        self.changed.emit()
        loaded = self._desk.app.session.status().loaded
        used = self._used.get(self._conversation, 0)
        self._refusal = attaching.refusal(ready, loaded, used)
        if self._refusal is None:
            self.strip.say("")
            return
        actions = {
            Obstacle.BLIND: _("Choose a model…"),
            Obstacle.DEAF: _("Choose a model…"),
            Obstacle.SCANNED: _("Attach pages as pictures"),
            Obstacle.ROOM: _("Choose a part…") if self._documents() else "",
        }
        self.strip.say(str(self._refusal.error()), actions[self._refusal.obstacle])

    def _documents(self) -> list[_Item]:
        return [
            item
            for item in self._here()
            if item.prepared and item.prepared.attachment.kind is AttachmentKind.DOCUMENT
        ]

    def _help(self) -> None:
        if self._refusal is None:
            return
        if self._refusal.obstacle is Obstacle.SCANNED:
            for item in self._documents():
                if item.prepared and item.prepared.attachment.hash == self._refusal.hash:
                    self._to_pictures(item)
        elif self._refusal.obstacle is Obstacle.ROOM:
            largest = max(
                self._documents(),
                key=lambda item: item.prepared.attachment.tokens if item.prepared else 0,
                default=None,
            )
            if largest is not None:
                self._choose_part(largest)
        else:
            self.model_wanted.emit()

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

    def _on_answer_finished(self, event: AnswerFinished) -> None:
        if event.context_used:
            self._used[event.message.conversation_id] = event.context_used
        if event.message.conversation_id == self._conversation:
            self._check()


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
