"""What the window tells of its own accord: notices that come and go, errors one at a time."""

import errno
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from hanlin.bootstrap import Application, open_application
from hanlin.kernel import jsonfile
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.events import EventBus
from hanlin.kernel.paths import Paths
from hanlin.services.events import NoticeCause, NoticePosted, NoticeWithdrawn
from hanlin.settings.store import Settings
from hanlin_bench.bench import Bench
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.widgets.notice import Notice


def test_a_refusal_before_the_window_is_there_is_told_in_it(
    qtbot: QtBot, tmp_path: Path, dialogs: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _content: object) -> None:
        raise from_os_error(PermissionError(errno.EACCES, ""), path.name)

    def opened(*folders: Paths, **given: object) -> Application:
        app = open_application(*folders, **given)  # type: ignore[arg-type]
        with monkeypatch.context() as patch:
            patch.setattr(jsonfile, "write", refuse)
            app.state.code_width = 300
        return app

    monkeypatch.setattr("hanlin_bench.bench.open_application", opened)
    bench = Bench(qtbot, tmp_path / "bench")
    bench.until(lambda: "will be forgotten" in bench.window.page.notice.text())
    bench.close()


def test_errors_are_told_one_at_a_time_and_none_twice(bench: Bench) -> None:
    first = KnownError("The engine stopped twice", "It ended with this model.")
    second = KnownError("Not found", "This conversation is not there any more.")
    for error in (first, first, second, first):
        bench.window.report(error)

    def shown() -> list[str]:
        dialogs = bench.window.findChildren(MessageDialog)
        return [dialog.windowTitle() for dialog in dialogs if dialog.isVisible()]

    assert shown() == ["The engine stopped twice"]
    bench.press("Close", bench.message())
    bench.until(lambda: shown() == ["Not found"])
    bench.press("Close", bench.message())
    bench.until(lambda: shown() == [])


def test_a_notice_goes_when_its_cause_is_over_and_shows_the_one_behind_it(bench: Bench) -> None:
    page = bench.window.page
    publish = bench.app.bus.publish
    publish(NoticePosted("no room left", NoticeCause.DISK))
    publish(NoticePosted("settings damaged", NoticeCause.FILES))
    publish(NoticePosted("starting again", NoticeCause.ENGINE))
    bench.until(lambda: page.notice.text() == "starting again")
    publish(NoticeWithdrawn(NoticeCause.ENGINE))
    bench.until(lambda: page.notice.text() == "settings damaged")
    bench.ask("an answer does not mend files", "ok")
    assert page.notice.text() == "settings damaged"
    bench.press("Close", page.notice)
    bench.until(lambda: page.notice.text() == "no room left")
    publish(NoticeWithdrawn(NoticeCause.DISK))
    bench.until(lambda: not page.notice.isVisible())


@pytest.mark.parametrize("name", ["settings", "window_state", "models"])
def test_a_damaged_file_is_told_in_the_window(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    first = Bench(qtbot, tmp_path)
    first.app.settings.appearance = "dark"
    first.close()
    damaged = first.folders.data / "models.json"
    if name != "models":
        damaged = getattr(first.folders, name)
    damaged.with_name(f"{damaged.name}.bak").write_bytes(damaged.read_bytes())
    damaged.write_bytes(b"{ half a")
    glance = Settings(first.folders.settings, EventBus(), glance=True)
    assert glance.note == ""
    bench = Bench(qtbot, tmp_path, "zh_CN")
    bench.until(bench.window.page.notice.isVisible)
    assert damaged.name in bench.window.page.notice.text()
    assert f"{damaged.name}.bad1" in bench.window.page.notice.text()
    bench.close()


def test_the_sign_of_a_notice_stands_beside_its_sentence(qtbot: QtBot) -> None:
    notice = Notice("The engine has stopped.", closable=True)
    qtbot.addWidget(notice)
    notice.set_action("Try again")
    notice.resize(600, notice.sizeHint().height())
    notice.show()
    parts = [*notice.findChildren(QLabel), *notice.focus_chain()]
    assert len(parts) == 4
    heights = [part.geometry().center().y() for part in parts]
    assert max(heights) - min(heights) <= 1


def test_what_will_be_forgotten_is_told_once_in_the_window(bench: Bench, tmp_path: Path) -> None:
    notice, in_the_way = bench.window.page.notice, tmp_path / "a file"
    in_the_way.write_text("where the folder should be")
    bench.app.state.path = in_the_way / "state.json"
    bench.ask("one", "ok")  # what is open is remembered
    bench.until(lambda: "will be forgotten" in notice.text() and str(in_the_way) in notice.text())
    bench.press("Close", notice)
    bench.workbench.conversations.start_new()
    bench.ask("two", "ok")
    assert not notice.isVisible()
