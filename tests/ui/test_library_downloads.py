"""The page of downloads as a person sees it, from the click to the model in use."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from hanlin.domain.downloads import Download, DownloadState, Happening, Wanted, WantedFile
from hanlin_bench.bench import Bench
from hanlin_bench.library import REPOSITORY, page_of, row, says
from hanlin_fakes.gguf_models import write_random
from hanlin_hub.authority import Authority
from hanlin_hub.server import Fault, Server, servers
from hanlin_hub.shelf import Repository, sha256
from hanlin_hunters.qt import Dialogs
from hanlin_ui.library.download_row import DownloadRow
from hanlin_ui.library.downloads_page import DownloadsPage
from hanlin_ui.library.sections import Section
from hanlin_ui.library.window import LibraryWindow


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
    bench.app.session.registry.notice_files()  # as when the window comes to the front
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
