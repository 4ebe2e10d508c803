"""The Hub in the models window: searching, its token, and every connection that is made."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QRadioButton

from hanlin_bench.bench import Bench
from hanlin_bench.library import REPOSITORY, cards, page_of, says
from hanlin_hub.server import Fault, Server
from hanlin_hub.shelf import Repository
from hanlin_models.account import HubAccount
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.library.connections import ConnectionsPage
from hanlin_ui.library.sections import Section
from hanlin_ui.library.window import LibraryWindow


def type_into(window: LibraryWindow, name: str, text: str) -> QLineEdit:
    found = [line for line in window.findChildren(QLineEdit) if line.accessibleName() == name]
    assert len(found) == 1
    found[0].setText(text)
    return found[0]


def search(bench: Bench, text: str) -> LibraryWindow:
    window = bench.models_window(Section.HUB)
    line = type_into(window, "What to look for at the Hub", text)
    QTest.keyClick(line, Qt.Key.Key_Return)
    return window


@pytest.mark.loopback
def test_nothing_connects_before_a_search(online_bench: Bench, hub: Server) -> None:
    window = online_bench.models_window(Section.HUB)
    for section in Section:
        window.show_page(section)
    assert hub.seen == []


@pytest.mark.loopback
def test_a_repository_is_found_looked_into_and_fetched(online_bench: Bench, hub: Server) -> None:
    bench = online_bench
    window = search(bench, "small")
    bench.until(lambda: [one.key for one in cards(window)] == [REPOSITORY])
    bench.press("Look at its files", window)
    bench.until(lambda: "The engine knows this kind of model" in says(window))
    radios = [one for one in window.findChildren(QRadioButton) if one.isVisible()]
    next(one for one in radios if one.text().startswith("Q8_0 · large")).click()
    bench.press("Get", window)
    bench.until(lambda: window.current_page() == Section.DOWNLOADS)
    bench.until(lambda: "Here and verified" in says(window))
    assert (bench.folders.models / REPOSITORY / "m-Q8_0.gguf").is_file()
    bench.until(lambda: bool(bench.button("Use it now", bench.window.page.notice)))
    bench.press("Use it now", bench.window.page.notice)
    bench.until(lambda: "m-Q8_0" in str(bench.app.session.status().model))
    assert not bench.window.page.notice.isVisible()


@pytest.mark.loopback
def test_what_wants_agreement_is_explained_and_can_be_hidden(
    online_bench: Bench, hub: Server
) -> None:
    hub.shelf.add(Repository("good/Closed-GGUF", {"c-Q4_K_M.gguf": b"GGUF"}, gated=True))
    window = search(online_bench, "closed")
    online_bench.until(lambda: [one.label for one in cards(window)] == ["wants agreement"])
    assert "make a token of your account" in says(window)
    online_bench.press("Without terms", window)
    assert cards(window) == []
    assert "filtered out" in page_of(window).empty_text()


@pytest.mark.loopback
def test_a_kind_the_engine_does_not_know_says_so(online_bench: Bench, hub: Server) -> None:
    odd = Repository("good/Odd-GGUF", {"o-Q4_K_M.gguf": b"GGUF"}, architecture="telechat")
    hub.shelf.add(odd)
    window = search(online_bench, "odd")
    online_bench.until(lambda: "filtered out" in page_of(window).empty_text())
    online_bench.press("Only what runs here", window)
    assert "telechat" in says(window)


@pytest.mark.loopback
def test_a_search_that_fails_says_why_and_the_window_lives(
    online_bench: Bench, hub: Server
) -> None:
    hub.faults = [Fault(status=403, only_files=False)]
    window = search(online_bench, "small")
    message = online_bench.message(window)
    online_bench.press("Close", message)
    hub.faults = []
    window = search(online_bench, "small")
    online_bench.until(lambda: len(cards(window)) == 1)


@pytest.mark.loopback
def test_every_request_is_on_the_page_of_connections(online_bench: Bench, hub: Server) -> None:
    bench = online_bench
    window = search(bench, "small")
    bench.until(lambda: len(cards(window)) == 1)
    window.show_page(Section.CONNECTIONS)
    page = window.findChildren(ConnectionsPage)[0]
    bench.until(lambda: page.items.rowCount() == len(hub.seen))
    assert bench.app.connections.count == len(hub.seen)
    assert 'search for "small"' in page.items.text()
    assert hub.address.removeprefix("https://") in page.items.text()


@pytest.mark.loopback
def test_never_connect_is_a_switch_that_holds(online_bench: Bench, hub: Server) -> None:
    window = online_bench.models_window(Section.CONNECTIONS)
    online_bench.button("Never connect", window).click()
    window = search(online_bench, "small")
    message = online_bench.message(window)
    assert "Never connect" in " ".join(one.text() for one in message.findChildren(QLabel))
    online_bench.press("Close", message)
    assert hub.seen == []


@pytest.mark.loopback
def test_a_token_that_cannot_be_kept_says_so(online_bench: Bench, hub: Server) -> None:
    window = online_bench.models_window(Section.HUB)
    online_bench.press("Token…", window)
    dialog = online_bench.message(window)
    dialog.findChildren(QLineEdit)[0].setText("hf_secret")
    online_bench.press("Store", dialog)
    online_bench.until(lambda: "keyring" in _titles(window))
    for one in window.findChildren(MessageDialog):
        one.close()


@pytest.mark.loopback
def test_enter_in_an_empty_line_keeps_the_stored_token(online_bench: Bench, hub: Server) -> None:
    window = online_bench.models_window(Section.HUB)
    online_bench.press("Token…", window)
    dialog = online_bench.message(window)
    stored: list[str] = []
    line = dialog.findChildren(QLineEdit)[0]
    dialog.accepted.connect(lambda: stored.append(line.text()))
    for text in ("", " ", "hf_secret"):
        line.setText(text)
        QTest.keyClick(line, Qt.Key.Key_Return)
    assert stored == ["hf_secret"]
    online_bench.until(lambda: "keyring" in _titles(window))
    for one in window.findChildren(MessageDialog):
        one.close()


@pytest.mark.loopback
@pytest.mark.parametrize("token", ["hf_old", ""])
def test_the_token_dialog_says_whether_one_is_stored(
    online_bench: Bench, hub: Server, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setattr(HubAccount, "token", lambda _account: token)
    window = online_bench.models_window(Section.HUB)
    online_bench.press("Token…", window)
    dialog = online_bench.message(window)
    remove = online_bench.button("Remove", dialog)
    line = dialog.findChildren(QLineEdit)[0]
    online_bench.until(lambda: remove.isEnabled() is bool(token))
    online_bench.until(lambda: ("One is stored" in line.placeholderText()) is bool(token))
    assert "hf_old" not in line.placeholderText()
    dialog.close()


def _titles(window: LibraryWindow) -> str:
    labels = (
        label.text()
        for dialog in window.findChildren(MessageDialog)
        if dialog.isVisible()
        for label in dialog.findChildren(QLabel)
    )
    return "\n".join(text for text in labels if "no keyring" in text)


@pytest.mark.loopback
def test_what_was_found_is_ordered_and_filtered_by_task_and_size(
    online_bench: Bench, hub: Server
) -> None:
    new = Repository(
        "good/Eyes-4B-GGUF", {}, task="image-text-to-text", updated="2026-11-20T00:00:00.000Z"
    )
    hub.shelf.add(new)
    hub.shelf.add(Repository("good/Giant-2000B-GGUF", {}, downloads=900))
    window = search(online_bench, "gguf")

    def shown() -> list[str]:
        return [one.title for one in cards(window)]

    online_bench.until(lambda: shown() == ["Small-GGUF", "Eyes-4B-GGUF"])
    boxes = {box.accessibleName(): box for box in window.findChildren(QComboBox)}
    boxes["Order"].setCurrentIndex(2)
    assert shown() == ["Eyes-4B-GGUF", "Small-GGUF"]
    boxes["What it is for"].setCurrentIndex(2)
    assert shown() == ["Eyes-4B-GGUF"]
    boxes["What it is for"].setCurrentIndex(0)
    online_bench.press("Only what runs here", window)
    assert [one.label for one in cards(window)].count("too large for this computer") == 1
    assert len(hub.seen) == 1
