"""Files in the composer: read, shown, weighed, refused before they are sent, seen when sent."""

import importlib.util
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QMenu, QPushButton, QWidget

import hanlin_resources
from hanlin.documents import pack
from hanlin.documents.recogniser import Recogniser
from hanlin.domain.attachments import AttachmentKind
from hanlin.kernel.errors import KnownError
from hanlin.processes.caller import Caller, CallerDiedError
from hanlin.processes.process import ExitReport
from hanlin.services import scans
from hanlin_bench.bench import Bench
from hanlin_fakes.foreign_files import bomb, pdf, picture
from hanlin_models.catalogue import Catalogue
from hanlin_ui.chat.attachments.chip import AttachmentChip
from hanlin_ui.chat.attachments.pages_dialog import PagesDialog
from hanlin_ui.chat.attachments.viewer import PictureDialog


def chips(bench: Bench) -> list[AttachmentChip]:
    strip = bench.workbench.attaching.strip
    return [chip for chip in strip.findChildren(AttachmentChip) if chip.isVisible()]


def given(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def ready(bench: Bench, count: int) -> Callable[[], bool]:
    def look() -> bool:
        here = bench.workbench.attaching._here()
        return len(here) == count and all(item.prepared for item in here)

    return look


def file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_dropped_document_goes_along_and_is_shown(bench: Bench, tmp_path: Path) -> None:
    path = file(tmp_path, "合同.pdf", pdf(["rent is 100", "term is a year"]))
    bench.window.files_given.emit(given(path))
    bench.until(ready(bench, 1))
    assert [chip.accessibleName() for chip in chips(bench)] == ["合同.pdf"]
    bench.ask("how much is the rent", "100")
    bench.until(lambda: not chips(bench))
    assert "rent is 100" in bench.engine.asked[-1].turns[0].text
    shown = bench.questions()[0].findChildren(AttachmentChip)
    assert [chip.accessibleName() for chip in shown] == ["合同.pdf"]
    shown[0].opened.emit()
    dialog = bench.dialog()
    assert dialog.isVisible()
    dialog.close()


def test_a_blind_model_says_so_before_anything_is_sent(bench: Bench, tmp_path: Path) -> None:
    bench.window.files_given.emit(given(file(tmp_path, "cat.png", picture())))
    bench.until(ready(bench, 1))
    strip = bench.workbench.attaching.strip
    assert "cannot see" in strip.sentence()
    bench.write("what is it")
    dialog = bench.message()
    assert not bench.engine.asked
    dialog.close()
    QTest.keyClick(chips(bench)[0], Qt.Key.Key_Delete)
    bench.until(lambda: not strip.sentence() and not chips(bench))
    assert bench.window.page.composer.text() == "what is it"


def test_a_model_that_could_see_is_told_what_to_download(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue(hanlin_resources.folder("catalogue"))
    entry = next(one for one in catalogue if one.projector is not None and one.files)
    assert entry.projector is not None
    loaded = bench.app.session.status().loaded
    assert loaded is not None
    without = replace(loaded, path=Path(entry.files[0].name))
    notes = {
        "": entry.projector.name,
        "The projector “x.gguf” belongs to another model.": "belongs to another model",
    }
    for note, said in notes.items():
        status = replace(bench.app.session.status(), loaded=replace(without, senses_note=note))
        monkeypatch.setattr(bench.app.session, "status", lambda status=status: status)
        bench.window.files_given.emit(given(file(tmp_path, "cat.png", picture())))
        bench.until(ready(bench, 1))
        assert said in bench.workbench.attaching.strip.sentence()
        QTest.keyClick(chips(bench)[0], Qt.Key.Key_Delete)
        bench.until(lambda: not chips(bench))


def test_a_pasted_picture_becomes_a_chip_and_can_be_cut(bench: Bench) -> None:
    image = QImage(60, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    QGuiApplication.clipboard().setImage(image)
    bench.window.page.composer.entry.paste()
    bench.until(ready(bench, 1))
    QTest.keyClick(chips(bench)[0], Qt.Key.Key_Return)
    dialog = bench.dialog()
    assert isinstance(dialog, PictureDialog)
    bench.press("Rotate right", dialog)
    bench.press("Use", dialog)

    def turned() -> bool:
        (item,) = bench.workbench.attaching._here()
        return item.prepared is not None and item.prepared.attachment.height == 60

    bench.until(turned)


def menu_of(bench: Bench) -> QMenu:
    """Return the menu of the one chip, without a desktop to show it on."""
    (item,) = bench.workbench.attaching._here()
    assert item.prepared is not None
    return bench.workbench.attaching._shaping.menu(item, item.prepared)


def choose(menu: QMenu, label: str) -> None:
    next(action for action in menu.actions() if action.text() == label).trigger()


def test_the_text_of_a_picture_takes_its_place_for_a_blind_model(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recogniser, "__init__", lambda _self, _data: None)
    monkeypatch.setattr(Recogniser, "text", lambda _self, _name, _content: "Rent: 100")
    monkeypatch.setattr(Recogniser, "close", lambda _self: None)
    bench.window.files_given.emit(given(file(tmp_path, "bill.png", picture())))
    bench.until(ready(bench, 1))
    menu = menu_of(bench)
    assert "Read the table" not in [action.text() for action in menu.actions()]
    choose(menu, "Read the text")
    bench.until(lambda: [one.accessibleName() for one in chips(bench)] == ["bill.txt"])
    bench.until(ready(bench, 1))
    assert not bench.workbench.attaching.strip.sentence()
    bench.ask("how much", "100")
    assert "Rent: 100" in bench.engine.asked[-1].turns[0].text


def test_without_the_pack_it_is_installed_by_a_click_and_the_picture_read(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[Path] = []

    def install(files: list[Path], *_words: object) -> None:
        installed.extend(files)
        monkeypatch.setattr(Recogniser, "__init__", lambda _self, _data: None)
        monkeypatch.setattr(Recogniser, "text", lambda _self, _name, _content: "Rent: 100")
        monkeypatch.setattr(Recogniser, "close", lambda _self: None)

    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(pack, "install", install)
    bench.window.files_given.emit(given(file(tmp_path, "bill.png", picture())))
    bench.until(ready(bench, 1))
    choose(menu_of(bench), "Read the text")
    offer = bench.message()
    assert any("hanlin-ocr-" in label.text() for label in offer.findChildren(QLabel))
    assert [one.accessibleName() for one in chips(bench)] == ["bill.png"]
    bench.press("Choose the pack's file…", offer)
    (files,) = bench.window.findChildren(QFileDialog)
    files.filesSelected.emit([str(tmp_path / "hanlin-ocr.zip")])
    files.close()
    bench.until(lambda: [one.accessibleName() for one in chips(bench)] == ["bill.txt"])
    assert installed == [tmp_path / "hanlin-ocr.zip"]


def test_an_ocr_model_is_asked_with_its_trained_prompt(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = bench.app.session.status().loaded
    assert loaded is not None
    ocr = replace(loaded, path=Path("GLM-OCR-Q8_0.gguf"), sees=True)
    status = replace(bench.app.session.status(), loaded=ocr)
    monkeypatch.setattr(bench.app.session, "status", lambda: status)
    bench.window.files_given.emit(given(file(tmp_path, "table.png", picture())))
    bench.until(ready(bench, 1))
    bench.engine.enqueue("| a | b |")
    choose(menu_of(bench), "Read the table")
    bench.until(lambda: bool(bench.engine.asked))
    turn = bench.engine.asked[-1].turns[-1]
    assert turn.text == "Table Recognition:"
    assert [one.name for one in turn.media] == ["table.png"]


def test_what_a_picture_costs_is_what_the_projector_says(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = bench.app.session.status().loaded
    assert loaded is not None
    status = replace(bench.app.session.status(), loaded=replace(loaded, sees=True))
    monkeypatch.setattr(bench.app.session, "status", lambda: status)
    monkeypatch.setattr(bench.engine, "weigh", lambda _kind, width, height: 1000 * width + height)
    bench.window.files_given.emit(given(file(tmp_path, "cat.png", picture((30, 20)))))
    bench.until(ready(bench, 1))

    def known() -> bool:
        (item,) = bench.workbench.attaching._here()
        return item.prepared is not None and item.prepared.attachment.tokens == 30_020

    bench.until(known)


def test_a_part_of_a_long_document_is_chosen(bench: Bench, tmp_path: Path) -> None:
    long = ["word " * 900] * 30
    bench.window.files_given.emit(given(file(tmp_path, "book.pdf", pdf(long))))
    bench.until(ready(bench, 1))
    strip = bench.workbench.attaching.strip
    assert "do not fit" in strip.sentence()
    bench.press("Choose a part…")
    dialog: QDialog = bench.dialog()
    assert isinstance(dialog, PagesDialog)
    assert dialog.first.lineEdit().selectedText() == "1", "what is typed would stand beside it"
    dialog.last.setValue(2)
    bench.press("Use", dialog)
    bench.until(lambda: not strip.sentence())
    (sent,) = bench.workbench.attaching.pending()
    assert (sent.attachment.first, sent.attachment.last) == (1, 2)


def give_eyes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = bench.app.session.status().loaded
    assert loaded is not None
    status = replace(bench.app.session.status(), loaded=replace(loaded, sees=True))
    monkeypatch.setattr(bench.app.session, "status", lambda: status)
    monkeypatch.setattr(bench.engine, "weigh", lambda _kind, _width, _height: 36)


def kinds(bench: Bench) -> list[AttachmentKind]:
    sent = [item.prepared for item in bench.workbench.attaching._here()]
    return [one.attachment.kind for one in sent if one]


def test_a_scanned_document_becomes_pictures(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_eyes(bench, monkeypatch)
    bench.window.files_given.emit(given(file(tmp_path, "scan.pdf", pdf([None, None]))))
    bench.until(ready(bench, 1))
    bench.press("Attach pages as pictures")
    bench.until(ready(bench, 2))
    assert kinds(bench) == [AttachmentKind.PICTURE, AttachmentKind.PICTURE]


def test_more_scanned_pages_than_go_at_once_are_chosen(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_eyes(bench, monkeypatch)
    monkeypatch.setattr(scans, "MOST_PICTURES", 2)
    bench.window.files_given.emit(given(file(tmp_path, "scan.pdf", pdf([None] * 5))))
    bench.until(ready(bench, 1))
    bench.press("Attach pages as pictures")
    dialog: QDialog = bench.dialog()
    assert isinstance(dialog, PagesDialog)
    assert (dialog.first.value(), dialog.last.value()) == (1, 2)
    dialog.last.setValue(4)
    assert not bench.button("Use", dialog).isEnabled()
    dialog.first.setValue(3)
    bench.press("Use", dialog)
    bench.until(ready(bench, 2))
    names = [chip.accessibleName() for chip in chips(bench)]
    assert names == ["scan.pdf, page 3", "scan.pdf, page 4"]


def test_scanned_pages_among_others_are_not_left_out_in_silence(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_eyes(bench, monkeypatch)
    pages = ["rent is 100", None, "", None]
    bench.window.files_given.emit(given(file(tmp_path, "mixed.pdf", pdf(pages))))
    bench.until(ready(bench, 1))
    strip = bench.workbench.attaching.strip
    assert "Pages 2, 4 of mixed.pdf are pictures" in strip.sentence()
    assert bench.workbench.attaching.pending(), "it can be sent without them"
    bench.press("Attach pages as pictures")
    bench.until(ready(bench, 3))
    assert kinds(bench) == [AttachmentKind.DOCUMENT] + [AttachmentKind.PICTURE] * 2
    bench.until(lambda: not strip.sentence())


def test_scanned_pages_are_read_in_their_places_for_a_blind_model(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recogniser, "__init__", lambda _self, _data: None)
    monkeypatch.setattr(Recogniser, "text", lambda _self, _name, _content: "term is a year")
    monkeypatch.setattr(Recogniser, "close", lambda _self: None)
    bench.window.files_given.emit(given(file(tmp_path, "mixed.pdf", pdf(["rent is 100", None]))))
    bench.until(ready(bench, 1))
    bench.press("Read these pages")
    bench.until(lambda: ready(bench, 1)() and not bench.workbench.attaching.strip.sentence())
    bench.ask("how long", "a year")
    told = bench.engine.asked[-1].turns[0].text
    assert '<page number="1">\nrent is 100' in told
    assert '<page number="2">\nterm is a year' in told


def test_without_the_pack_a_scanned_document_stays_and_says_what_is_missing(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    bench.window.files_given.emit(given(file(tmp_path, "scan.pdf", pdf([None]))))
    bench.until(ready(bench, 1))
    bench.press("Read these pages")
    dialog = bench.message()
    assert any("hanlin-ocr-" in label.text() for label in dialog.findChildren(QLabel))
    dialog.close()
    bench.until(ready(bench, 1))
    assert "no text" in bench.workbench.attaching.strip.sentence()


def test_empty_pages_that_were_chosen_are_said(bench: Bench, tmp_path: Path) -> None:
    bench.window.files_given.emit(given(file(tmp_path, "a.pdf", pdf(["rent is 100", ""]))))
    bench.until(ready(bench, 1))
    strip = bench.workbench.attaching.strip
    assert not strip.sentence()
    QTest.keyClick(chips(bench)[0], Qt.Key.Key_Return)
    dialog: QDialog = bench.dialog()
    assert isinstance(dialog, PagesDialog)
    dialog.first.setValue(2)
    bench.press("Use", dialog)
    bench.until(lambda: "Nothing is on the chosen pages" in strip.sentence())
    bench.button("Choose a part…", strip)


def test_what_is_removed_while_it_is_read_stays_away(bench: Bench, tmp_path: Path) -> None:
    bench.window.files_given.emit(given(file(tmp_path, "a.pdf", pdf(["rent is 100"] * 60))))
    QTest.keyClick(chips(bench)[0], Qt.Key.Key_Delete)
    bench.window.files_given.emit(given(file(tmp_path, "b.txt", b"words")))
    bench.until(ready(bench, 1))
    assert [chip.accessibleName() for chip in chips(bench)] == ["b.txt"]


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


def test_every_bad_file_of_many_is_named_in_one_dialog(bench: Bench, tmp_path: Path) -> None:
    names = [f"bad {number}.png" for number in range(10)]
    bench.window.files_given.emit(given(*(file(tmp_path, name, b"no") for name in names)))
    dialog = bench.message()
    said = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    assert dialog.windowTitle() == "10 files cannot be attached"
    assert all(name in said for name in names[:6])
    assert "4 more." in said
    dialog.close()


def test_a_file_whose_reading_was_interrupted_is_read_again_by_enter(
    bench: Bench, tmp_path: Path
) -> None:
    good = file(tmp_path, "a.txt", "你好".encode())
    with pytest.MonkeyPatch.context() as patch:

        def killed(*_given: object, **_more: object) -> None:
            raise CallerDiedError(
                ExitReport(None, signal.SIGKILL, asked=False, fault="", last_lines=())
            )

        patch.setattr(Caller, "call", killed)
        bench.window.files_given.emit(given(good))
        dialog = bench.message()
    assert dialog.windowTitle() == "Reading was interrupted"
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    bench.until(ready(bench, 1))
    (attached,) = bench.workbench.attaching.pending()
    assert attached.pages == ("你好",)


def test_a_bad_file_is_named_and_the_rest_stays(bench: Bench, tmp_path: Path) -> None:
    good = file(tmp_path, "a.txt", "你好".encode("gb18030"))
    bad = file(tmp_path, "big.png", bomb())
    bench.window.files_given.emit(given(good, bad))
    dialog = bench.message()
    assert any("big.png" in label.text() for label in dialog.findChildren(QLabel))
    dialog.close()
    bench.until(ready(bench, 1))
    assert [chip.accessibleName() for chip in chips(bench)] == ["a.txt"]


def test_each_conversation_keeps_what_was_put_to_it(bench: Bench, tmp_path: Path) -> None:
    bench.ask("first", "one")
    first = bench.workbench.conversations.current
    bench.window.files_given.emit(given(file(tmp_path, "a.txt", b"words")))
    bench.until(ready(bench, 1))
    bench.window.sidebar.new_requested.emit()
    bench.until(lambda: not chips(bench))
    bench.workbench.conversations.open_stored(first)
    bench.until(lambda: len(chips(bench)) == 1)
