"""Every dialog as a screen reader meets it: named, with words, the focus inside, left by Escape."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit
from pytestqt.qtbot import QtBot

import hanlin_ui
from hanlin.domain.attachments import Attachment, AttachmentKind, Prepared, Thumbnail
from hanlin.domain.glossary import Term
from hanlin.domain.translation import Direction
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.services.workspace.changes import Change, Proposal, Refusal
from hanlin_bench.bench import Bench
from hanlin_models.adoption import FoundModel
from hanlin_ui.chat import more
from hanlin_ui.chat.attachments.pages_dialog import PagesDialog
from hanlin_ui.chat.attachments.viewer import PictureDialog
from hanlin_ui.code.review import ReviewDialog
from hanlin_ui.controllers.translate_desk import TranslateDesk
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.library.adopting import AdoptDialog
from hanlin_ui.library.browse import BrowsePage
from hanlin_ui.library.sections import Section
from hanlin_ui.translate.page import TranslatePage

Open = Callable[[Bench], object]
SAID_BY = (
    QAccessible.Role.StaticText,
    QAccessible.Role.PushButton,
    QAccessible.Role.CheckBox,
    QAccessible.Role.ComboBox,
    QAccessible.Role.SpinBox,
    QAccessible.Role.EditableText,
    QAccessible.Role.List,
)
"""Kinds of things that a screen reader names; the others are frames around them."""


def trash(bench: Bench) -> None:
    bench.window.sidebar.list.delete_current()
    bench.until(lambda: bench.titles() == [])
    bench.press(_("Trash"))
    bench.until(lambda: len(bench.titles()) == 1)
    items = bench.window.sidebar.list.items
    bench.window.sidebar.list.select(items.conversations()[0].id)
    bench.press(_("Delete for good"))


def of_a_model(bench: Bench, button: str) -> None:
    window = bench.models_window(Section.HERE)
    (page,) = [page for page in window.findChildren(BrowsePage) if page.isVisible()]
    page.list.choose("alpha")
    bench.press(button, window)


def adopt(bench: Bench) -> None:
    found = FoundModel("LM Studio", "m", Path("/models/m.gguf"), 4)
    AdoptDialog(bench.window, [found], lambda _chosen: None).open()


def part(bench: Bench) -> None:
    about = Attachment("00", AttachmentKind.DOCUMENT, "合同.pdf", pages=2, paged=True)
    document = Prepared(about, b"", ("rent is 100", "term is a year"))
    PagesDialog(document, lambda _first, _last: about, 4096, bench.window).open()


def picture(bench: Bench) -> None:
    small = Thumbnail(2, 2, bytes(12))
    PictureDialog("cat.png", small, bench.window, editable=True).open()


def review(bench: Bench) -> None:
    change = Change("new.py", None, b"x = 1\n")
    ReviewDialog(bench.window, Proposal((change,), (Refusal("a", "a is no text."),))).open()


def token(bench: Bench) -> None:
    window = bench.models_window(Section.HUB)
    bench.press(_("Token…"), window)


def inspect(bench: Bench) -> None:
    bench.more(bench.answers()[0]).chosen.emit(more.INSPECT)


def translator(bench: Bench) -> TranslatePage:
    bench.window.menus.translation_requested.emit()
    bench.until(lambda: bool(bench.window.findChildren(TranslatePage)))
    return bench.window.findChildren(TranslatePage)[0]


def edit_glossary(bench: Bench) -> None:
    glossaries = bench.app.translation.glossaries
    one = glossaries.create("mine", Direction("en", "zh"), [Term("cat", "猫")])
    translator(bench)
    desk = bench.workbench.findChild(TranslateDesk)
    assert desk is not None
    desk.edit_glossary(one.id)
    bench.until(lambda: bool(all_dialogs()))


OPENERS: dict[str, Open] = {
    "palette": lambda bench: bench.window.menus.palette_requested.emit(),
    "keys": lambda bench: bench.window.menus.keys_requested.emit(),
    "assistants": lambda bench: bench.window.menus.assistants_requested.emit(),
    "inspector": inspect,
    "files to translate": lambda bench: translator(bench).files_requested.emit(),
    "glossaries": lambda bench: translator(bench).glossaries_requested.emit(),
    "editor of a glossary": edit_glossary,
    "settings": lambda bench: bench.window.menus.settings_requested.emit(),
    "shortcuts": lambda bench: bench.window.menus.shortcuts_requested.emit(),
    "about": lambda bench: bench.window.menus.about_requested.emit(),
    "report": lambda bench: bench.window.menus.report_requested.emit(),
    "about the model": lambda bench: bench.window.page.start.about_model_requested.emit(),
    "model file": lambda bench: bench.window.choose_model_file(),
    "error": lambda bench: bench.window.report(KnownError("title", "message", "hint")),
    "link": lambda bench: bench.window.page.transcript.messages.link_clicked.emit(
        "https://example.org"
    ),
    "delete for good": trash,
    "choices of a model": lambda bench: of_a_model(bench, _("Choices…")),
    "purposes of a model": lambda bench: of_a_model(bench, _("Keep for…")),
    "adopt": adopt,
    "token": token,
    "part of a document": part,
    "picture": picture,
    "review of changes": review,
}


def walk(face: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Yield what a screen reader finds below ``face`` and can be seen."""
    for number in range(face.childCount()):
        child = face.child(number)
        if child.isValid() and not child.state().invisible:
            yield child
            yield from walk(child)


def unsaid(dialog: QDialog) -> list[str]:
    """Return what in ``dialog`` a screen reader could not name."""
    return [
        f"{face.role().name} {type(face.object()).__name__}"
        for face in walk(QAccessible.queryAccessibleInterface(dialog))
        if face.role() in SAID_BY
        and not face.text(QAccessible.Text.Name).strip()
        and not face.text(QAccessible.Text.Value).strip()
        # Qt's own parts of a larger control, which has the name.
        and not face.object().objectName().startswith("qt_")
    ]


def all_dialogs() -> list[QDialog]:
    widgets = QApplication.topLevelWidgets()
    return [one for one in widgets if isinstance(one, QDialog) and one.isVisible()]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("name", list(OPENERS))
def test_a_dialog_can_be_read_and_left(
    qtbot: QtBot, tmp_path: Path, dialogs: object, name: str, language: str
) -> None:
    bench = Bench(qtbot, tmp_path / "bench", language)
    try:
        bench.ask("hello", "ok")
        OPENERS[name](bench)
        bench.until(lambda: bool(all_dialogs()))
        (dialog,) = all_dialogs()
        assert QAccessible.queryAccessibleInterface(dialog).text(QAccessible.Text.Name).strip()
        assert unsaid(dialog) == []
        faces = list(walk(QAccessible.queryAccessibleInterface(dialog)))
        assert sum(face.role() in SAID_BY for face in faces) >= 2, "the walk finds nothing"
        dialog.activateWindow()
        bench.until(lambda: dialog.isAncestorOf(QApplication.focusWidget() or dialog.window()))
        seen = set()
        for _step in range(60):
            widget = QApplication.focusWidget()
            assert widget is not None
            assert dialog.isAncestorOf(widget), f"Tab leaves the dialog for {widget}"
            seen.add(widget)
            QTest.keyClick(widget, Qt.Key.Key_Tab)
        assert len(seen) >= 1
        if isinstance(dialog, MessageDialog):
            usable = [one for one in dialog.buttons.buttons() if one.isEnabled()]
            assert len(seen) >= len(usable)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        bench.until(lambda: not all_dialogs())
    finally:
        bench.close()


def test_no_kind_of_dialog_is_forgotten() -> None:
    for module in pkgutil.walk_packages(hanlin_ui.__path__, "hanlin_ui."):
        importlib.import_module(module.name)
    ours = {kind.__name__ for kind in below(QDialog) if kind.__module__.startswith("hanlin_ui")}
    assert ours == {
        "AdoptDialog",
        "AssistantsDialog",
        "CommandPalette",
        "DefaultsDialog",
        "FilesDialog",
        "GlossariesDialog",
        "GlossaryEditor",
        "Inspector",
        "KeysDialog",
        "MessageDialog",
        "ModelFileDialog",
        "PagesDialog",
        "PictureDialog",
        "PurposesDialog",
        "ReviewDialog",
        "SettingsDialog",
        "TokenDialog",
    }, "open it in this file as well"


def below(kind: type[object]) -> Iterator[type[object]]:
    """Yield all subclasses of ``kind``."""
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


@pytest.mark.parametrize("name", ["assistants", "editor of a glossary"])
def test_escape_does_not_lose_what_was_written(bench: Bench, name: str) -> None:
    OPENERS[name](bench)
    bench.until(lambda: bool(all_dialogs()))
    (dialog,) = all_dialogs()
    line = next(one for one in dialog.findChildren(QLineEdit) if one.isVisible())
    QTest.keyClicks(line, "more")
    written = line.text()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    asked = bench.message(dialog)
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    bench.until(lambda: not asked.isVisible())
    assert dialog.isVisible()
    assert line.text() == written
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    bench.press(_("Discard"), bench.message(dialog))
    bench.until(lambda: not all_dialogs())
