"""Every text of the chat window follows the language, also one that is on screen at the time."""

import errno
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from hanlin.kernel import i18n
from hanlin.kernel.errors import from_os_error
from hanlin.kernel.i18n import Said, _, joined, said_again
from hanlin.services.events import NoticePosted
from hanlin_bench.bench import Bench
from hanlin_fakes.foreign_files import pdf
from hanlin_models.adoption import FoundModel
from hanlin_ui.chat import more
from hanlin_ui.dialogs.message import ask
from hanlin_ui.library.adopting import AdoptDialog
from hanlin_ui.library.browse import BrowsePage
from hanlin_ui.library.defaults_dialog import DefaultsDialog
from hanlin_ui.library.purposes import PurposesDialog
from hanlin_ui.library.sections import Section
from hanlin_ui.library.token import TokenDialog

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
ANSWER = "\n".join(
    (
        "An answer.",
        "```python",
        *(f"x = {number}" for number in range(80)),
        "```",
        "| a | b |",
        "|---|---|",
        f"| {'long ' * 30} | {'wide ' * 30} |",
    )
)


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path, dialogs: object) -> Iterator[Bench]:
    """Return an open window in Chinese."""
    opened = Bench(qtbot, tmp_path / "bench", "zh_CN")
    yield opened
    opened.close()


def speak(bench: Bench, language: str) -> None:
    bench.app.settings.language = language
    bench.until(lambda: i18n.current_language() == language)


def said(window: QWidget) -> Iterator[str]:
    """Yield what the window says to eyes and ears, each with where it stands."""
    for widget in (window, *window.findChildren(QWidget)):
        texts = [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
        if isinstance(widget, QLabel | QAbstractButton):
            texts.append(widget.text())
        if isinstance(widget, QLineEdit):
            texts.append(widget.placeholderText())
        owner = type(widget.parent()).__name__
        yield from (f"{owner} > {type(widget).__name__}: {text}" for text in texts)


def chinese(bench: Bench) -> list[str]:
    return [text for text in said(bench.window) if CHINESE.search(text)]


def attach(bench: Bench, path: Path) -> None:
    path.write_bytes(pdf(["rent is 100", "term is a year"]))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    bench.window.files_given.emit(data)
    items = bench.workbench.attaching._here
    bench.until(lambda: bool(items()) and all(item.prepared for item in items()))


def test_what_is_on_screen_follows_the_language(bench: Bench, tmp_path: Path) -> None:
    bench.ask("first", "ok")
    bench.window.sidebar.list.delete_current()  # an offer to take it back
    bench.until(lambda: bench.titles() == [])
    bench.ask("hello", ANSWER)
    top = bench.window.page.transcript.verticalScrollBar()

    def question_is_seen() -> bool:
        top.setValue(0)  # again: as long as there is nothing to scroll, the end is followed
        return bool(bench.questions())

    bench.until(question_is_seen)
    bench.questions()[0].edit()
    attach(bench, tmp_path / "contract.pdf")
    bench.window.menus.find_requested.emit()
    QTest.keyClicks(bench.window.focusWidget(), "nowhere")
    bench.window.menus.search_requested.emit()
    QTest.keyClicks(bench.workbench.search.panel.box, "nowhere")
    bench.until(bench.workbench.search.panel.note.isVisible)
    bench.window.page.transcript.messages.link_clicked.emit("ftp://example.org")  # a notice
    bench.until(bench.window.page.notice.isVisible)
    assert len(chinese(bench)) > 40, "the walk finds nothing"
    speak(bench, "en")
    bench.come_to_rest()
    bench.until(lambda: not chinese(bench))  # what is reckoned anew comes a moment later
    assert bench.window.page.notice.text() == "This kind of address is not opened from here."


def test_what_is_recorded_follows_the_language(bench: Bench) -> None:
    bar = bench.workbench.attaching.recording.bar
    bar.begin(Said(lambda: _("Nothing was found.")))
    speak(bench, "en")
    bench.until(lambda: not chinese(bench))
    bar.show_heard(0.5, 1_000)
    assert bar.hint() == "Nothing was found."


def test_a_sentence_that_waits_behind_another_follows_too(bench: Bench) -> None:
    for words in (lambda: _("Nothing was found."), lambda: _("Not found")):
        bench.app.bus.publish(NoticePosted(Said(words)))
    bench.until(bench.window.page.notice.isVisible)
    speak(bench, "en")
    assert bench.window.page.notice.text() == "Not found"


def test_an_error_follows_in_its_dialog_and_in_a_notice(bench: Bench) -> None:
    error = from_os_error(PermissionError(errno.EACCES, ""), "state.json")
    bench.app.bus.publish(NoticePosted(str(error)))
    bench.window.report(error)
    dialog = bench.message()
    assert CHINESE.search(dialog.windowTitle())
    speak(bench, "en")
    bench.until(lambda: not chinese(bench))
    assert dialog.windowTitle() == "The file system refused"
    assert "state.json may not be written or read by this account." in "".join(said(dialog))
    assert bench.window.page.notice.text().startswith("state.json may not be written")
    dialog.accept()


@pytest.mark.parametrize(
    "name", ["inspector", "choices for a model", "purposes", "adopting", "token", "question"]
)
def test_a_dialog_follows_that_leaves_the_menus_free(
    bench: Bench, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner: QWidget = bench.window
    if name == "inspector":
        bench.ask("hello", "ok")
        bench.more(bench.answers()[0]).chosen.emit(more.INSPECT)
    elif name == "question":
        ask(bench.window, _("Not found"), _("Nothing was found."), _("Delete"), lambda: None)
    elif name == "purposes":
        model = replace(bench.app.session.registry.models()[0], name="alpha")
        PurposesDialog(bench.window, model, (), lambda _kept: None).open()
    elif name == "adopting":
        found = FoundModel("LM Studio", "m", Path("/models/m.gguf"), 4)
        AdoptDialog(bench.window, [found], lambda _chosen: None).open()
    elif name == "token":
        owner = bench.models_window(Section.HUB)
        controller = bench.workbench.library
        assert controller is not None
        desk = controller._library
        assert desk is not None
        monkeypatch.setattr(desk.online.account, "token", lambda: "hf_stored")
        TokenDialog(owner, desk).open()
    else:
        DefaultsDialog(
            bench.window, bench.app.session.registry.models()[0], lambda _kept: None
        ).open()
    dialog = bench.dialog(owner)

    def chinese_words() -> list[str]:
        texts = (dialog.windowTitle(), *(text for text in said(dialog) if "QTabBar >" not in text))
        return [text for text in texts if CHINESE.search(text)]

    bench.until(lambda: len(chinese_words()) > 2)
    if name == "token":
        bench.until(lambda: _("One is stored; another takes its place") in str([*said(dialog)]))
    speak(bench, "en")
    bench.until(lambda: not chinese_words())
    dialog.reject()


def test_an_offer_that_was_being_looked_for_follows_too(bench: Bench) -> None:
    found = bench.workbench.welcome._look()
    speak(bench, "en")
    bench.until(lambda: not chinese(bench))
    bench.workbench.welcome._show(found)
    assert not chinese(bench)


def test_the_starters_name_follows_wherever_it_is_shown(bench: Bench) -> None:
    bench.workbench.session.select("shutong")
    bench.until(lambda: "shutong" in str(bench.app.session.status().loaded))
    bench.ask("hello", "ok")
    window = bench.models_window(Section.HERE)

    def shown() -> list[bool]:
        name = {"en": "Shutong", "zh_TW": "書童"}.get(i18n.current_language(), "书童")
        labels = bench.answers()[0].findChildren(QLabel)
        pages = window.findChildren(BrowsePage)
        cards = [one for page in pages for one in page.list.items.cards()]
        return [
            name in {one.text() for one in labels},
            name in {one.title for one in cards},
            name in {one.text() for one in bench.window.menus.model_menu.actions()},
            any(name in text for text in said(bench.window.status_line)),
            name in {one.name for one in bench.workbench.palette.commands()},
        ]

    for language in ("zh_CN", "en", "zh_TW", "zh_CN"):
        speak(bench, language)
        bench.until(lambda: all(shown()))


def test_a_text_of_several_parts_follows_with_each(bench: Bench) -> None:
    odd = from_os_error(OSError(errno.EIO, "Input/output error"), _("Not found"))
    parts = _(", ").join((_("Not found"), "plain"))
    lines = joined("\n", (_("Not found"), "plain"))
    assert all(CHINESE.search(text) for text in (odd.message, parts, lines))
    speak(bench, "en")
    assert said_again(odd.message) == "Not found: Input/output error"
    assert said_again(parts) == "Not found, plain"
    assert said_again(lines) == "Not found\nplain"


def test_a_text_is_said_again_as_often_as_asked(bench: Bench) -> None:
    once = Said(lambda: _("Not found"))
    speak(bench, "en")
    twice = said_again(once)
    speak(bench, "zh_CN")
    assert (twice, said_again(twice)) == ("Not found", once)
    assert said_again("plain") == "plain"
