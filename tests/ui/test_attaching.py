"""Files in the composer: read, shown, weighed, refused before they are sent, seen when sent."""

import importlib.util
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu

import hanlin_resources
from hanlin.documents import pack
from hanlin.documents.recogniser import Recogniser
from hanlin.processes.caller import Caller, CallerDiedError
from hanlin.processes.process import ExitReport
from hanlin_bench.attaching import chips, file, given, ready
from hanlin_bench.bench import Bench
from hanlin_fakes.foreign_files import bomb, pdf, picture
from hanlin_models.catalogue import Catalogue
from hanlin_ui.chat.attachments.chip import AttachmentChip
from hanlin_ui.chat.attachments.viewer import PictureDialog


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


def test_what_is_removed_while_it_is_read_stays_away(bench: Bench, tmp_path: Path) -> None:
    bench.window.files_given.emit(given(file(tmp_path, "a.pdf", pdf(["rent is 100"] * 60))))
    QTest.keyClick(chips(bench)[0], Qt.Key.Key_Delete)
    bench.window.files_given.emit(given(file(tmp_path, "b.txt", b"words")))
    bench.until(ready(bench, 1))
    assert [chip.accessibleName() for chip in chips(bench)] == ["b.txt"]


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
