"""The models window as a person sees it: what is here, what fits, what is fetched."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from hanlin.domain.downloads import Download, DownloadState, Happening, Wanted, WantedFile
from hanlin.domain.generation import TokenBias
from hanlin.domain.models import ModelDefaults
from hanlin.engine import backends
from hanlin.engine.trials import Outcome, Verdict
from hanlin.kernel import paths
from hanlin.services.events import CardsTried
from hanlin.services.hardware import Hardware
from hanlin_bench.bench import Bench
from hanlin_fakes.engine import ScriptedEngine
from hanlin_fakes.gguf_models import write_random
from hanlin_hub.authority import Authority
from hanlin_hub.server import Fault, Server, servers
from hanlin_hub.shelf import Repository, Shelf, sha256
from hanlin_hunters.qt import Dialogs
from hanlin_models.account import HubAccount
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.library import here, services
from hanlin_ui.library.adopting import AdoptDialog
from hanlin_ui.library.bias_field import BiasField
from hanlin_ui.library.browse import BrowsePage
from hanlin_ui.library.cards import Card
from hanlin_ui.library.connections import ConnectionsPage
from hanlin_ui.library.defaults_dialog import DefaultsDialog
from hanlin_ui.library.download_row import DownloadRow
from hanlin_ui.library.downloads_page import DownloadsPage
from hanlin_ui.library.sections import Section
from hanlin_ui.library.window import LibraryWindow

REPOSITORY = "good/Small-GGUF"


def page_of(window: LibraryWindow) -> BrowsePage:
    found = [page for page in window.findChildren(BrowsePage) if page.isVisible()]
    assert len(found) == 1
    return found[0]


def cards(window: LibraryWindow) -> list[Card]:
    return page_of(window).list.items.cards()


def card(window: LibraryWindow, key: str) -> Card:
    return next(one for one in cards(window) if one.key == key)


def says(window: LibraryWindow) -> str:
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def row(window: LibraryWindow) -> DownloadRow:
    rows = window.findChildren(DownloadsPage)[0].rows()
    assert len(rows) == 1
    return rows[0]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tls")


@pytest.fixture
def hub(tmp_path: Path, authority: Authority) -> Iterator[Server]:
    shelf = Shelf()
    data = write_random(tmp_path / "m.gguf").read_bytes()
    shelf.add(Repository(REPOSITORY, {"m-Q4_K_M.gguf": data, "m-Q8_0.gguf": data + bytes(64)}))
    server = Server(authority, shelf)
    folders = paths.under(tmp_path / "bench")
    settings = {
        "own_source": server.address,
        "model_sources": "own",
        "extra_authorities": str(authority.certificate),
    }
    folders.settings.parent.mkdir(parents=True)
    folders.settings.write_text(json.dumps(settings))
    with servers(server):
        yield server


@pytest.fixture
def online_bench(qtbot: QtBot, tmp_path: Path, hub: Server, dialogs: Dialogs) -> Iterator[Bench]:
    opened = Bench(qtbot, tmp_path / "bench")
    yield opened
    opened.close()


def test_what_is_here_is_shown_with_the_one_in_use(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    assert {one.title for one in cards(window)} >= {"alpha", "beta"}
    assert card(window, "alpha").label == "in use"
    page_of(window).list.choose("beta")
    bench.press("Use it now", window)
    bench.until(lambda: card(window, "beta").label == "in use")


def test_a_file_that_vanished_is_named(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    (bench.folders.models / "beta.gguf").unlink()
    bench.workbench.session.select("beta")
    bench.message().close()
    bench.until(lambda: card(window, "beta").label == "the file is gone")


def test_deleting_asks_first_and_takes_every_file(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    page_of(window).list.choose("beta")
    bench.press("Delete the files…", window)
    bench.press("Delete 1 file", bench.message(window))
    bench.until(lambda: all(one.key != "beta" for one in cards(window)))
    bench.until(lambda: not (bench.folders.models / "beta.gguf").exists())


def test_a_model_is_kept_for_a_task_and_the_menu_says_so(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    page_of(window).list.choose("beta")
    bench.press("Keep for…", window)
    dialog = bench.message(window)
    bench.button("Programming", dialog).click()
    bench.button("Conversation, when the program starts", dialog).click()
    bench.press("Keep", dialog)
    bench.until(lambda: "for programming" in card(window, "beta").facts)

    def named() -> list[str]:
        return [action.text() for action in bench.window.menus.model_menu.actions()]

    bench.until(lambda: "beta  –  for conversation, for programming" in named())
    bench.app.session.start()
    bench.until(lambda: card(window, "beta").label == "in use")


def test_models_of_other_programs_are_offered_and_used_where_they_lie(
    bench: Bench, sandboxed_home: Path
) -> None:
    there = sandboxed_home / ".lmstudio" / "models" / "maker" / "pack"
    there.mkdir(parents=True)
    write_random(there / "nice-Q4_K_M.gguf")
    window = bench.models_window(Section.HERE)
    bench.press("From other programs…", window)
    dialog = bench.message(window)
    assert isinstance(dialog, AdoptDialog)
    assert [model.program for model in dialog.ticked()] == ["LM Studio"]
    bench.press("Add", dialog)
    bench.until(lambda: any(one.title == "nice-Q4_K_M" for one in cards(window)))
    assert bench.app.session.resolve("nice-Q4_K_M").path == there / "nice-Q4_K_M.gguf"
    # Adding ends a moment after the card came, and one piece of work goes on at a time.
    bench.until(lambda: not window.work.isVisible())
    bench.press("From other programs…", window)
    bench.until(lambda: bench.message(window).windowTitle() == "Nothing new was found")
    bench.message(window).close()


def test_a_model_is_verified_written_to_a_stick_and_taken_in_elsewhere(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick, folder = tmp_path / "stick", tmp_path / "mine"
    stick.mkdir()
    folder.mkdir()
    bench.app.session.add(write_random(folder / "mine.gguf"))
    window = bench.models_window(Section.HERE)
    bench.until(lambda: any(one.title == "mine" for one in cards(window)))
    page_of(window).list.choose(bench.app.session.resolve("mine").id)
    bench.press("Verify", window)
    assert bench.message(window).windowTitle() == "Verified"
    bench.message(window).close()
    monkeypatch.setattr(here, "choose_folder", lambda _parent, _title, then: then(stick))
    settings = bench.app.settings
    settings.idle_minutes = 15
    bench.press("Export to USB…", window)
    bench.until(lambda: any(d.windowTitle() == "The model was written" for d in dialogs_of(window)))
    bench.message(window).close()
    settings.idle_minutes = 0
    bench.press("Import from USB…", window)
    bench.until(lambda: sum(one.title == "mine" for one in cards(window)) == 2)
    bench.until(lambda: any(d.windowTitle() == "Settings came along" for d in dialogs_of(window)))
    assert settings.idle_minutes == 0
    bench.press("Take them over", bench.message(window))
    bench.until(lambda: settings.idle_minutes == 15)
    taken = [one for one in bench.app.session.models() if one.name == "mine"][-1]
    assert taken.path.read_bytes() == (folder / "mine.gguf").read_bytes()
    bench.until(lambda: "here twice" in card(window, taken.id).facts)
    page_of(window).list.choose(taken.id)  # both are called alike
    bench.until(lambda: f"here again as {folder / 'mine.gguf'}" in says(window))


def dialogs_of(window: LibraryWindow) -> list[MessageDialog]:
    return [one for one in window.findChildren(MessageDialog) if one.isVisible()]


def test_a_models_own_choices_are_kept_and_followed(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    page_of(window).list.choose("alpha")
    bench.press("Choices…", window)
    dialog = bench.message(window)
    assert isinstance(dialog, DefaultsDialog)
    spins = {spin.accessibleName(): spin for spin in dialog.findChildren(QDoubleSpinBox)}
    assert spins["Temperature"].text() == "not set"
    spins["Temperature"].setValue(0.3)
    spins["Context length"].setValue(2048)
    [words] = dialog.findChildren(BiasField)
    [keep] = [one for one in dialog.findChildren(QPushButton) if one.text() == "Keep"]
    for written, correct in (("however=-5\nwhat", False), ("however=-5\n#7=3", True)):
        words.setPlainText(written)
        assert keep.isEnabled() is correct
        assert words.problem.isVisible() is not correct
    bench.press("Keep", dialog)
    bench.until(lambda: bench.app.session.resolve("alpha").defaults.context == 2048)
    bench.until(lambda: bench.engine.loads[-1][1].context == 2048)
    bench.ask("hello", "ok")
    sampling = bench.engine.asked[-1].options.sampling
    assert sampling.temperature == 0.3
    assert sampling.bias == (TokenBias(-1, -5.0, "however"), TokenBias(7, 3.0))


def test_the_memory_is_that_of_the_context_that_was_chosen(bench: Bench, tmp_path: Path) -> None:
    window = bench.models_window(Section.HERE)
    model = bench.app.session.add(write_random(tmp_path / "long.gguf"))
    bench.until(lambda: any(one.key == model.id for one in cards(window)))
    page_of(window).list.choose(model.id)
    bench.until(lambda: "for a context of 8,192 tokens" in says(window))
    bench.app.settings.context = 4096
    bench.until(lambda: "for a context of 4,096 tokens" in says(window))
    bench.app.session.set_defaults(model.id, ModelDefaults(context=2048))
    bench.until(lambda: "for a context of 2,048 tokens" in says(window))


def test_tab_goes_from_the_sections_to_the_bar_the_cards_and_the_buttons(bench: Bench) -> None:
    window = bench.models_window(Section.CATALOGUE)
    window.activateWindow()
    bench.until(lambda: QApplication.activeWindow() is window)
    seen = []
    for _press in range(6):
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(type(focused).__name__)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    sections, *bar, listed, button = seen
    assert (sections, listed, button) == ("Sections", "CardList", "QPushButton")
    assert bar == ["QComboBox", "QLineEdit", "QCheckBox"]


def test_the_catalogue_says_what_cannot_be_used_and_why(bench: Bench) -> None:
    window = bench.models_window(Section.CATALOGUE)
    bench.press("Only what runs here", window)
    refused = [one for one in cards(window) if one.label == "cannot be used here"]
    assert len(refused) >= 10
    assert all(one.text for one in refused)
    page_of(window).list.choose(refused[0].key)
    assert refused[0].text in says(window)


def test_recommended_has_a_heading_per_task_and_one_model_each(bench: Bench) -> None:
    window = bench.models_window(Section.RECOMMENDED)
    listed = cards(window)
    assert [bool(one.key) for one in listed] == [False, True] * (len(listed) // 2)


def test_the_window_speaks_chinese_at_once(bench: Bench) -> None:
    window = bench.models_window(Section.CATALOGUE)
    bench.interface.set_language("zh_CN")
    assert any("千问" in one.text for one in cards(window))


def test_how_a_model_suits_this_computer_follows_the_language(bench: Bench) -> None:
    window = bench.models_window(Section.HERE)
    bench.app.session.select("beta")  # of the one in use nothing of the kind is said
    page_of(window).list.choose("shutong")
    bench.until(lambda: "Fits: it needs" in says(window))
    bench.app.settings.language = "zh_CN"
    bench.until(lambda: "可以运行：" in says(window))
    assert "Fits" not in says(window)


def test_a_file_that_changed_meanwhile_is_shown_when_the_window_comes_back(
    bench: Bench, qapp: QApplication, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    path = write_random(tmp_path / "files" / "small.gguf")
    bench.app.session.add(path)
    bench.app.session.notice_files()
    window = bench.models_window(Section.HERE)
    bench.until(lambda: any(one.title == "small" for one in cards(window)))
    os.utime(path, (1, 1))
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    bench.until(lambda: any(one.label == "the file has changed" for one in cards(window)))
    path.unlink()
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    bench.until(lambda: any(one.label == "the file is gone" for one in cards(window)))


def test_the_measured_speed_stands_in_every_label(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ScriptedEngine()
    engine.enqueue("!", "!", "!", seconds_per_piece=0.02)
    monkeypatch.setattr(services, "open_engine", lambda: engine)
    window = bench.models_window(Section.RECOMMENDED)
    assert any(one.label.startswith("perhaps ") for one in cards(window))
    bench.press("Measure the speed of this computer (20 seconds)", window)
    bench.until(lambda: any(one.label.startswith("about ") for one in cards(window)))
    assert "a second on this computer" in says(window)
    assert not (bench.folders.data / "probe.gguf").exists()


def test_a_card_that_passed_its_trial_changes_what_fits(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "libggml-vulkan.so").write_bytes(b"")
    window = bench.models_window(Section.RECOMMENDED)
    before = {one.title for one in cards(window)}
    hardware = Hardware(
        tmp_path / "hardware.json",
        tmp_path / "starter.gguf",
        find=lambda: backends.find([tmp_path / "modules"]),
        try_out=lambda _module, _starter: Verdict(Outcome.GOOD, "A card", memory=80 * 10**9),
    )
    hardware.try_new()
    bench.app.kit.hardware = hardware
    bench.app.bus.publish(CardsTried())
    bench.until(lambda: "80 GB free on its graphics card" in says(window))
    assert {one.title for one in cards(window)} != before
    window.show_page(Section.CATALOGUE)
    assert any(one.label == "fits the graphics card" for one in cards(window))


def fetch_and_use(bench: Bench, hub: Server) -> LibraryWindow:
    """Fetch the small model, wait until it is verified and use it; return the models window."""
    window = bench.models_window(Section.DOWNLOADS)
    data = hub.shelf.repositories[REPOSITORY].files["m-Q4_K_M.gguf"]
    library = bench.workbench.library
    assert library is not None
    file = WantedFile("m-Q4_K_M.gguf", len(data), sha256(data))
    library.fetch(Wanted("Small Q4_K_M", REPOSITORY, (file,)))
    bench.until(lambda: "Here and verified" in says(window))
    bench.press("Use it now", row(window))
    return window


@pytest.mark.loopback
def test_a_download_is_shown_from_the_click_to_its_use(online_bench: Bench, hub: Server) -> None:
    bench = online_bench
    window = fetch_and_use(bench, hub)
    bench.until(lambda: bench.app.session.status().model is not None)
    bench.until(lambda: "m-Q4_K_M" in str(bench.app.session.status().model))
    bench.press("Log…", row(window))
    log = bench.message(window).findChildren(QPlainTextEdit)[0].toPlainText()
    assert "Downloading from" in log
    assert "Here and verified" in log
    bench.message(window).close()


@pytest.mark.loopback
def test_a_download_goes_from_the_list_when_its_file_was_deleted_elsewhere(
    online_bench: Bench, hub: Server
) -> None:
    bench = online_bench
    window = fetch_and_use(bench, hub)
    bench.until(lambda: "m-Q4_K_M" in str(bench.app.session.status().loaded))
    model = bench.app.session.status().model
    assert model is not None
    model.path.unlink()
    bench.app.session.notice_files()  # as when the window comes to the front
    bench.until(lambda: window.findChildren(DownloadsPage)[0].rows() == [])


@pytest.mark.loopback
def test_of_a_model_that_was_fetched_and_deleted_nothing_stays(
    online_bench: Bench, hub: Server
) -> None:
    bench = online_bench
    window = fetch_and_use(bench, hub)
    bench.until(lambda: "m-Q4_K_M" in str(bench.app.session.status().model))
    window.show_page(Section.HERE)
    bench.until(lambda: page_of(window).list.current_key() != "")
    model = bench.app.session.status().model
    assert model is not None
    page_of(window).list.choose(model.id)
    bench.press("Delete the files…", window)
    bench.press("Delete 1 file", bench.message(window))
    bench.until(lambda: window.findChildren(DownloadsPage)[0].rows() == [])
    assert not (bench.folders.models / "good").exists()
    assert bench.folders.models.is_dir()
    bench.until(lambda: "shutong" in str(bench.app.session.status().loaded))


@pytest.mark.loopback
def test_a_download_that_fails_says_what_to_do(online_bench: Bench, hub: Server) -> None:
    bench = online_bench
    window = bench.models_window(Section.DOWNLOADS)
    library = bench.workbench.library
    assert library is not None
    library.fetch(Wanted("Absent", REPOSITORY, (WantedFile("absent.gguf", 10, "0" * 64),)))
    bench.until(lambda: "The repository has no such file." in says(window))
    assert bench.button("Try again", window).isVisible()
    assert bench.app.kit.paths.data.joinpath("downloads.json").exists()


@pytest.mark.loopback
def test_an_unfinished_download_waits_for_the_person_after_a_restart(
    qtbot: QtBot, tmp_path: Path, hub: Server, dialogs: Dialogs
) -> None:
    hub.bytes_per_second = 20_000
    data = hub.shelf.repositories[REPOSITORY].files["m-Q4_K_M.gguf"]
    first = Bench(qtbot, tmp_path / "bench")
    window = first.models_window(Section.DOWNLOADS)
    library = first.workbench.library
    assert library is not None
    file = WantedFile("m-Q4_K_M.gguf", len(data), sha256(data))
    library.fetch(Wanted("Small", REPOSITORY, (file,)))
    first.until(lambda: "Downloading from" in says(window))
    first.close()
    hub.bytes_per_second = 0
    again = Bench(qtbot, tmp_path / "bench")
    try:
        window = again.models_window(Section.DOWNLOADS)
        again.until(lambda: "Paused" in says(window))
        again.press("Go on", window)
        again.until(lambda: "Here and verified" in says(window))
    finally:
        again.close()
    assert DownloadState.DONE in (tmp_path / "bench" / "data" / "downloads.json").read_text()


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
def test_a_source_that_breaks_is_named_and_another_goes_on(
    online_bench: Bench, hub: Server, authority: Authority, tmp_path: Path
) -> None:
    bench = online_bench
    data = write_random(tmp_path / "large.gguf", dim=512).read_bytes()
    hub.shelf.add(Repository("good/Large-GGUF", {"l-Q4_K_M.gguf": data}))
    mirror = Server(authority, hub.shelf)
    with servers(mirror):
        bench.app.settings.own_source = f"{hub.address};{mirror.address}"
        # A taste goes well, then half of the file comes, then nothing any more.
        cut = Fault(cut_after=len(data) // 2)
        hub.faults = [Fault(), cut, *[Fault(status=503) for _number in range(50)]]
        mirror.bytes_per_second = len(data) // 3
        window = bench.models_window(Section.DOWNLOADS)
        library = bench.workbench.library
        assert library is not None
        file = WantedFile("l-Q4_K_M.gguf", len(data), sha256(data))
        library.fetch(Wanted("Large", "good/Large-GGUF", (file,)))
        bench.until(lambda: "Going on from" in says(window))
        assert hub.address.removeprefix("https://") in says(window)
        bench.until(lambda: "Here and verified" in says(window))
    fetched = bench.folders.models / "good" / "Large-GGUF" / "l-Q4_K_M.gguf"
    assert fetched.read_bytes() == data


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


def test_only_a_download_with_others_has_a_turn_to_change(bench: Bench) -> None:
    page = DownloadsPage()
    bench.qtbot.addWidget(page)
    files = (WantedFile("m.gguf", 9, None),)
    first, second, third = (
        Download(name, Wanted(name, f"a/{name}", files), DownloadState.QUEUED, 0, 9)
        for name in ("one", "two", "three")
    )
    done = replace(third, state=DownloadState.DONE)

    def offered() -> list[list[str]]:
        return [
            [one.text() for one in each.findChildren(QPushButton)
             if one.isVisibleTo(each) and one.isEnabled() and one.text() in ("Earlier", "Later")]
            for each in page.rows()
        ]  # fmt: skip

    page.set_downloads([first, done])
    assert offered() == [[], []]
    page.set_downloads([first, second, done])
    assert offered() == [["Later"], ["Earlier"], []]
    page.set_downloads([first, second, third])
    assert offered() == [["Later"], ["Earlier", "Later"], ["Earlier"]]
    page.set_downloads([first, replace(second, state=DownloadState.RUNNING), third])
    assert offered() == [[], ["Later"], ["Earlier"]]


def test_what_goes_on_stands_above_what_is_finished(bench: Bench) -> None:
    page = DownloadsPage()
    bench.qtbot.addWidget(page)
    old, new, paused, running, waiting = (
        Download(name, Wanted(name, f"a/{name}", (WantedFile("m.gguf", 9, None),)), state)
        for name, state in (
            ("old", DownloadState.DONE),
            ("new", DownloadState.DONE),
            ("paused", DownloadState.PAUSED),
            ("running", DownloadState.RUNNING),
            ("waiting", DownloadState.QUEUED),
        )
    )
    old, new = (
        replace(one, log=(Happening(time_ms, "Here"),)) for one, time_ms in ((old, 1), (new, 2))
    )
    page.set_downloads([old, new, paused])
    page.set_downloads([old, new, paused, running, waiting])
    names = [each.identity for each in page.rows()]
    assert names == ["running", "paused", "waiting", "new", "old"]
    stop: QWidget | None = page.rows()[0].buttons()[-1]
    met = ["running"]
    for _number in range(100):  # as Tab goes
        stop = stop.nextInFocusChain() if stop is not None else None
        above = stop.parentWidget() if stop is not None else None
        if isinstance(above, DownloadRow) and above.identity != met[-1]:
            met.append(above.identity)
    assert met[:5] == names
