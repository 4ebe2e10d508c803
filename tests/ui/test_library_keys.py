"""The models window by the keyboard alone: one key for the main button, and focus that stays."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from hanlin.domain.downloads import Download, DownloadState, Wanted, WantedFile
from hanlin_bench.bench import Bench
from hanlin_ui.library.details import Action, Choice, Details, DetailsPanel
from hanlin_ui.library.download_row import DownloadRow
from hanlin_ui.library.downloads_page import DownloadsPage
from hanlin_ui.library.sections import Section

FILE = WantedFile("m-Q4_K_M.gguf", 10, "0" * 64)
LOOK = Details("good/m", actions=(Action("look", "Look at its files", primary=True),))
ASKING = Details("good/m", actions=(Action("look", "Asking…", enabled=False),))
GET = Details(
    "good/m",
    choices=(Choice("q4", "Q4"), Choice("q8", "Q8")),
    chosen="q4",
    actions=(Action("other", "Other"), Action("get", "Get", primary=True)),
)


def shown(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.addWidget(widget)
    with qtbot.waitActive(widget):
        widget.show()
        widget.activateWindow()


def download(state: DownloadState) -> Download:
    return Download("1", Wanted("Small", "good/m", (FILE,)), state, 5, 10)


def said(widget: QWidget | None) -> str:
    assert isinstance(widget, QAbstractButton)
    return widget.text()


def test_ctrl_enter_is_the_main_button_of_what_is_shown(qtbot: QtBot) -> None:
    panel = DetailsPanel()
    acted: list[str] = []
    panel.acted.connect(lambda action, _choice: acted.append(action))
    shown(qtbot, panel)
    for details, wanted in ((None, []), (LOOK, ["look"]), (ASKING, []), (GET, ["get"])):
        acted.clear()
        panel.show_details(details)
        QTest.keyClick(panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert acted == wanted


def test_the_keyboard_stays_in_the_details_while_they_change(qtbot: QtBot) -> None:
    panel = DetailsPanel()
    panel.show_details(LOOK)
    shown(qtbot, panel)
    panel.findChildren(QAbstractButton)[0].setFocus()
    panel.show_details(ASKING)
    assert panel.window().focusWidget() is panel, "no button can be pressed"
    panel.show_details(GET)
    assert said(panel.window().focusWidget()) == "Other"


def test_arrows_go_through_the_quantisations_although_each_shows_other_details(
    qtbot: QtBot,
) -> None:
    panel = DetailsPanel()
    chosen: list[str] = []

    def choose(key: str) -> None:
        chosen.append(key)
        panel.show_details(Details("good/m", choices=GET.choices, chosen=key))

    panel.choice_made.connect(choose)
    panel.show_details(GET)
    shown(qtbot, panel)
    panel.findChildren(QRadioButton)[0].setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
        held = QApplication.focusWidget()
        assert held is not None
        QTest.keyClick(held, key)
    assert chosen == ["q8", "q4"]
    assert said(QApplication.focusWidget()) == "Q4"


def test_a_page_that_is_turned_to_does_not_get_the_keyboard_into_its_first_field(
    bench: Bench,
) -> None:
    window = bench.models_window(Section.HUB)
    window.findChildren(QLineEdit)[0].setFocus()
    window.show_page(Section.DOWNLOADS)
    assert window.focusWidget().accessibleName() == "Sections", "not the limit of the speed"


def test_from_a_button_that_goes_the_keyboard_never_goes_to_cancel(qtbot: QtBot) -> None:
    row = DownloadRow(download(DownloadState.RUNNING))
    shown(qtbot, row)
    for before, after, state in (
        ("Pause", "Go on", DownloadState.PAUSED),
        ("Go on", "Pause", DownloadState.RUNNING),
        ("Pause", "Use it now", DownloadState.DONE),
    ):
        next(one for one in row.findChildren(QAbstractButton) if one.text() == before).setFocus()
        row.show_download(download(state))
        assert said(row.window().focusWidget()) == after


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (DownloadState.PAUSED, [("resume", "1")]),
        (DownloadState.FAILED, [("resume", "1")]),
        (DownloadState.RUNNING, []),
        (DownloadState.DONE, []),
    ],
)
def test_ctrl_enter_goes_on_with_what_has_stopped(
    qtbot: QtBot, state: DownloadState, wanted: list[tuple[str, str]]
) -> None:
    page = DownloadsPage()
    asked: list[tuple[str, str]] = []
    page.asked.connect(lambda what, identity: asked.append((what, identity)))
    page.set_downloads([download(state)])
    shown(qtbot, page)
    QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked == wanted
