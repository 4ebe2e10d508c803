"""What can be done with what is attached: looked at, turned, cut, divided, read.

The chips themselves and whether they may be sent belong to ``attaching``.
"""

import functools
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu

from hanlin.domain.attachments import Attachment, AttachmentKind, Prepared, Thumbnail
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import _
from hanlin.services import attaching, scans
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.chat.attachments.pages_dialog import PagesDialog
from hanlin_ui.chat.attachments.viewer import Crop, PictureDialog
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.controllers import reading_pack, reading_pictures
from hanlin_ui.controllers.attachment_items import AttachmentItem, Tray
from hanlin_ui.desk import Desk
from hanlin_ui.dialogs.message import show_text

_PUT_IN = 100_000
"""Characters of a pasted text up to which it may be put into the field all the same."""


class Shaping(QObject):
    """Works on the items of a tray. ``work`` reads; nothing else waits for it."""

    def __init__(self, tray: Tray, page: ChatPage, desk: Desk, work: Tasks, owner: QObject) -> None:
        super().__init__(owner)
        self._tray = tray
        self._page = page
        self._desk = desk
        self._work = work
        self._busy: set[AttachmentItem] = set()
        """Those that are being looked at, or divided: a double click asks twice."""

    def menu(self, item: AttachmentItem, prepared: Prepared) -> QMenu:
        """Return what can be done with an attachment."""
        menu = QMenu(item.chip)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        kind = prepared.attachment.kind
        if kind is AttachmentKind.PICTURE:
            menu.addAction(_("Look at it, rotate or crop…"), lambda: self.edit(item))
            menu.addAction(_("Rotate left"), lambda: self._rotate(item, -1))
            menu.addAction(_("Rotate right"), lambda: self._rotate(item, 1))
            menu.addSeparator()
            self._offer_reading(menu, item)
            menu.addSeparator()
        elif kind is AttachmentKind.DOCUMENT:
            menu.addAction(_("Choose a part…"), lambda: self.choose_part(item))
            if prepared.attachment.mime == scans.PDF:
                menu.addAction(_("Attach its pages as pictures"), lambda: self.to_pictures(item))
            if prepared.unread():
                menu.addAction(_("Read its scanned pages"), lambda: self.read_pages(item))
        if 0 < len(item.text) <= _PUT_IN:
            menu.addAction(_("Put it into the message field"), lambda: self._put_in(item))
        menu.addAction(_("Remove"), lambda: self._tray.remove(item))
        return menu

    def open(self, item: AttachmentItem) -> None:
        """Show an item as large as it is."""
        if item.prepared is None:
            return
        if item.prepared.attachment.kind is AttachmentKind.PICTURE:
            self.edit(item)
        elif item.prepared.attachment.kind is AttachmentKind.DOCUMENT:
            self.choose_part(item)

    def edit(self, item: AttachmentItem) -> None:
        """Show a picture, to be turned and cut."""
        original = item.original
        if original is None or item in self._busy:
            return
        self._busy.add(item)
        task = self._work.run(self, lambda: attaching.seen(original))

        def show(seen: Thumbnail) -> None:
            name = original.attachment.name
            dialog = PictureDialog(name, seen, self._page.window(), editable=True)
            dialog.shaped.connect(lambda turn, crop: self._reshape(item, original, turn, crop))
            dialog.finished.connect(lambda _code: self._busy.discard(item))
            dialog.open()

        task.on_success(show).on_failure(lambda error: self._failed(item, error))

    def choose_part(
        self, item: AttachmentItem, then: Callable[[], object] | None = None, most: int = 0
    ) -> None:
        """Let the pages be chosen that are sent, ``most`` at once; do ``then`` with them."""
        prepared = item.prepared
        if prepared is None:
            return

        def weigh(first: int, last: int) -> Attachment:
            return attaching.chosen(prepared, first, last).attachment

        loaded = self._desk.app.session.status().loaded
        context = loaded.context if loaded else 0
        dialog = PagesDialog(prepared, weigh, context, self._page.window(), most=most)

        def choose(first: int, last: int) -> None:
            self._tray.put(item, attaching.chosen(prepared, first, last))
            if then is not None:
                then()

        dialog.chosen.connect(choose)
        dialog.open()

    def to_pictures(self, item: AttachmentItem) -> None:
        """Attach a document's pages as pictures; those without text, where others have some."""
        document = item.prepared
        if document is None:
            return
        pages = document.unread() or document.chosen()
        if len(pages) > scans.MOST_PICTURES:
            self.choose_part(item, lambda: self.to_pictures(item), scans.MOST_PICTURES)
            return
        # A message that is sent meanwhile waits for the pictures.
        self._tray.hold(item)
        task = self._work.run(self, lambda: scans.page_pictures(document, pages))

        def show(pictures: list[Prepared]) -> None:
            if not self._tray.has(item):
                return  # removed while its pages were drawn
            before = item
            for picture in pictures:
                before = self._tray.insert(before)
                before.original = picture
                self._tray.put(before, picture)
            if len(pages) < len(document.chosen()):
                self._tray.put(item, scans.shown(document, pages))
            else:
                item.prepared = document  # it goes because it is shown, nothing failed
                self._tray.remove(item)

        def keep(error: HanlinError) -> None:
            self._tray.put(item, document)
            self._desk.report(error)

        task.on_success(show).on_failure(keep)

    def read_pages(self, item: AttachmentItem) -> None:
        """Read the scanned pages of a document by the OCR pack, in their places."""
        document = self._tray.hold(item)
        if document is None:
            return
        data = self._desk.app.paths.data
        task = self._work.run(
            self,
            lambda: scans.read(
                data, document, lambda done, total: self._tray.progress(item, done, total)
            ),
        )

        def show(read: Prepared) -> None:
            item.original = read
            self._tray.put(item, read)

        task.on_success(show).on_failure(lambda error: self._unread(item, document, error))

    def open_sent(self, message_id: str, about: Attachment) -> None:
        """Show what went along with a message."""
        sent = self._desk.app.chat.attached
        if about.kind is AttachmentKind.DOCUMENT:
            word = _("Page {number}") if about.paged else _("Section {number}")
            text = "\n\n".join(
                f"— {word.format(number=number)} —\n\n{page}"
                for number, page in about.chosen(sent.pages(message_id, about.hash))
            )
            show_text(self._page.window(), about.name, _("What the model was given of it:"), text)
            return
        if about.kind is not AttachmentKind.PICTURE:
            return
        task = self._work.run(
            self, lambda: attaching.seen(Prepared(about, sent.content(message_id, about)))
        )
        task.on_success(
            lambda seen: PictureDialog(about.name, seen, self._page.window(), editable=False).open()
        ).on_failure(self._desk.report)

    def _failed(self, item: AttachmentItem, error: HanlinError) -> None:
        self._busy.discard(item)
        self._desk.report(error)

    def _unread(self, item: AttachmentItem, document: Prepared, error: HanlinError) -> None:
        self._tray.put(item, document)
        again = functools.partial(self.read_pages, item)
        reading_pack.report_unread(self._desk, self._page.window(), error, again)

    def _rotate(self, item: AttachmentItem, quarters: int) -> None:
        picture = item.prepared
        if picture is None:
            return

        def show(made: Prepared) -> None:
            item.original = made  # looked at the way it stands now
            self._tray.put(item, made)

        self._make(item, picture, lambda: attaching.reshaped(picture, quarters), show)

    def _reshape(self, item: AttachmentItem, picture: Prepared, turn: int, crop: Crop) -> None:
        self._make(
            item,
            picture,
            lambda: attaching.reshaped(picture, turn, crop),
            lambda made: self._tray.put(item, made),
        )

    def _make(
        self,
        item: AttachmentItem,
        picture: Prepared,
        work: Callable[[], Prepared],
        then: Callable[[Prepared], None],
    ) -> None:
        """Make another picture of one; a message sent meanwhile waits for it.

        What was cut away must not be sent because somebody was quick.
        """
        before = self._tray.hold(item) or picture

        def keep(error: HanlinError) -> None:
            self._tray.put(item, before)
            self._desk.report(error)

        self._work.run(self, work).on_success(then).on_failure(keep)

    def _offer_reading(self, menu: QMenu, item: AttachmentItem) -> None:
        trained = reading_pictures.prompts(self._desk.app.session.status().loaded)
        submit = self._page.composer.submit
        for what, label in reading_pictures.labels().items():
            if what in trained:
                menu.addAction(label, functools.partial(submit, trained[what]))
        if not trained:
            menu.addAction(reading_pictures.labels()["text"], lambda: self._recognise(item))

    def _recognise(self, item: AttachmentItem) -> None:
        """Put the text of a picture beside it; in its place where the model cannot see."""
        picture = item.prepared
        if picture is None:
            return
        data = self._desk.app.paths.data
        text = self._tray.insert(item)
        text.chip.show_reading(picture.attachment.name)
        task = self._work.run(self, lambda: reading_pictures.recognised(data, picture))

        def show(prepared: Prepared) -> None:
            text.original = prepared
            loaded = self._desk.app.session.status().loaded
            if loaded is not None and not loaded.sees:
                self._tray.remove(item)
            self._tray.put(text, prepared)  # after which what waits for it is sent

        def failed(error: HanlinError) -> None:
            self._tray.remove(text)
            again = functools.partial(self._recognise, item)
            reading_pack.report_unread(self._desk, self._page.window(), error, again)

        task.on_success(show).on_failure(failed)

    def _put_in(self, item: AttachmentItem) -> None:
        self._tray.remove(item)
        self._page.composer.setFocus()
        self._page.composer.entry.insertPlainText(item.text)
