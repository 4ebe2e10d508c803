"""What is attached, by the keyboard: its stops and keys, and Enter while a file is still read."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from hanlin.domain.attachments import AttachmentKind
from hanlin.kernel.errors import KnownError
from hanlin_bench.attaching import chips, file, give_eyes, given, kinds, ready
from hanlin_bench.bench import Bench
from hanlin_fakes.foreign_files import pdf, picture
from hanlin_ui.chat.attachments.pages_dialog import PagesDialog


def test_enter_while_a_file_is_read_sends_both_once_it_is(bench: Bench, tmp_path: Path) -> None:
    path = file(tmp_path, "a.pdf", pdf(["rent is 100"] * 60))
    bench.engine.enqueue("100")
    bench.window.files_given.emit(given(path))
    composer = bench.window.page.composer
    composer.set_text("how much")
    QTest.keyClick(composer.entry, Qt.Key.Key_Return)
    bench.until(lambda: bool(bench.engine.asked))
    assert "rent is 100" in bench.engine.asked[-1].turns[-1].text


@pytest.mark.parametrize("pages", [[None] * 4, ["rent is 100", None, None]])
def test_enter_while_pages_become_pictures_sends_them_too(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: list[str | None]
) -> None:
    give_eyes(bench, monkeypatch)
    bench.window.files_given.emit(given(file(tmp_path, "scan.pdf", pdf(pages))))
    bench.until(ready(bench, 1))
    composer = bench.window.page.composer
    composer.set_text("how much")
    bench.press("Attach pages as pictures")
    QTest.keyClick(composer.entry, Qt.Key.Key_Return)
    said = bench.message()  # the model of the tests is blind
    assert kinds(bench).count(AttachmentKind.PICTURE) == pages.count(None)
    said.accept()


@pytest.mark.parametrize("how", ["Escape", "another word", "the file is bad", "another place"])
def test_enter_while_a_file_is_read_can_be_taken_back(
    bench: Bench, tmp_path: Path, how: str
) -> None:
    composer = bench.window.page.composer
    content = b"%PDF-1.7" if how == "the file is bad" else pdf(["rent is 100"] * 60)
    bench.window.files_given.emit(given(file(tmp_path, "a.pdf", content)))
    composer.set_text("how much")
    QTest.keyClick(composer.entry, Qt.Key.Key_Return)
    items = bench.workbench.attaching._here()
    match how:
        case "Escape":
            QTest.keyClick(composer.entry, Qt.Key.Key_Escape)
        case "another word":
            QTest.keyClicks(composer.entry, " is")
        case "another place":
            bench.workbench.attaching.open("elsewhere")
    bench.until(lambda: not items or all(item.prepared for item in items))
    if how == "the file is bad":
        bench.message().accept()
    bench.workbench.attaching.open("")
    bench.come_to_rest()
    assert (composer.text()[:8], bench.engine.asked) == ("how much", [])


def test_tab_goes_from_the_field_to_what_is_attached(bench: Bench, tmp_path: Path) -> None:
    entry = bench.window.page.composer.entry
    for number, name in enumerate(("a.txt", "b.txt"), 1):
        bench.window.files_given.emit(given(file(tmp_path, name, b"words")))
        bench.until(ready(bench, number))
    order: list[str] = []
    stop: QWidget | None = entry.nextInFocusChain()
    while stop is not None and len(order) < 7:
        if stop.isVisible() and stop.focusPolicy() & Qt.FocusPolicy.TabFocus:
            order.append(stop.accessibleName())
        stop = stop.nextInFocusChain()
    assert [name for name in order[:6] if name in ("a.txt", "b.txt")] == ["a.txt", "b.txt"]
    assert order[0] == "a.txt"
    assert order[3] == "b.txt"


def test_a_key_goes_to_what_is_attached_and_arrows_along_it(bench: Bench, tmp_path: Path) -> None:
    names = ["a.png", "b.txt", "c.txt"]
    strip, entry = bench.workbench.attaching.strip, bench.window.page.composer.entry
    bench.window.menus.attached_requested.emit()
    assert bench.window.focusWidget() is entry, "nothing is attached"
    contents = (picture(), b"words", b"words")
    files = [file(tmp_path, *pair) for pair in zip(names, contents, strict=True)]
    bench.window.files_given.emit(given(*files))
    bench.until(ready(bench, 3))

    def after(key: Qt.Key) -> str:
        QTest.keyClick(bench.window.focusWidget(), key)
        now = bench.window.focusWidget()
        return now.text() if isinstance(now, QPushButton) else now.accessibleName()

    bench.window.menus.attached_requested.emit()
    keys = Qt.Key
    steps = [keys.Key_Left, keys.Key_Right, keys.Key_Right, keys.Key_Right, keys.Key_Home]
    assert [after(key) for key in steps] == ["a.png", "b.txt", "c.txt", "c.txt", "a.png"]
    assert after(keys.Key_End) == "c.txt"
    assert after(keys.Key_Up) == "Choose a model…", "what the sentence offers"
    bench.window.menus.attached_requested.emit()
    assert after(keys.Key_Escape) == entry.accessibleName()
    bench.window.menus.attached_requested.emit()
    # What is removed leaves the keyboard where the next one is, the last one to the text.
    assert [after(keys.Key_Delete) for _ in names] == ["b.txt", "c.txt", entry.accessibleName()]
    assert not strip.sentence()


def test_what_is_removed_elsewhere_leaves_the_keyboard_where_it_is(
    bench: Bench, tmp_path: Path
) -> None:
    bench.window.files_given.emit(given(file(tmp_path, "a.pdf", b"%PDF-1.7")))
    bench.window.sidebar.list.setFocus()
    bench.message().accept()
    assert not chips(bench)
    assert bench.window.focusWidget() is bench.window.sidebar.list


@pytest.mark.parametrize("stays", [True, False])
def test_enter_on_what_is_being_read_opens_it_once_it_is(
    bench: Bench, tmp_path: Path, *, stays: bool
) -> None:
    bench.window.files_given.emit(given(file(tmp_path, "a.pdf", pdf(["rent is 100"] * 60))))
    bench.window.menus.attached_requested.emit()
    QTest.keyClick(chips(bench)[0], Qt.Key.Key_Return)
    if stays:
        assert isinstance(bench.dialog(), PagesDialog)
        bench.dialog().close()
        return
    bench.window.page.composer.setFocus()
    bench.until(ready(bench, 1))
    bench.come_to_rest()
    assert not bench.window.findChildren(PagesDialog), "it would open under somebody's hands"


def test_what_is_cut_away_is_not_sent_by_a_quick_enter(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_eyes(bench, monkeypatch)
    bench.window.files_given.emit(given(file(tmp_path, "cat.png", picture((60, 30)))))
    bench.until(ready(bench, 1))
    (item,) = bench.workbench.attaching._here()
    bench.workbench.attaching._shaping._rotate(item, 1)
    with pytest.raises(KnownError):
        bench.workbench.attaching.pending()
    bench.until(ready(bench, 1))
    (sent,) = bench.workbench.attaching.pending()
    assert (sent.attachment.width, sent.attachment.height) == (30, 60)
