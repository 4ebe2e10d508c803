"""Documents in the composer: a part of them, their scanned pages as pictures or read."""

import importlib.util
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel

from hanlin.documents.recogniser import Recogniser
from hanlin.domain.attachments import AttachmentKind
from hanlin.services import scans
from hanlin_bench.attaching import chips, file, give_eyes, given, kinds, ready
from hanlin_bench.bench import Bench
from hanlin_fakes.foreign_files import pdf
from hanlin_ui.chat.attachments.pages_dialog import PagesDialog


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
