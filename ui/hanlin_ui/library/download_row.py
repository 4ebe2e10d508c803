"""One download as people see it: how far, how fast, from where, what went wrong, what to do."""

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout

from hanlin.domain.downloads import Download, DownloadState
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.i18n import _
from hanlin_models.downloads_progress import describe
from hanlin_ui.library import words
from hanlin_ui.library.details import main_key
from hanlin_ui.widgets.labels import plain_label
from hanlin_ui.widgets.tips import tip

_STOPPED = (DownloadState.PAUSED, DownloadState.FAILED)
_STEPS = 1000
_SECOND_MS = 1000


class DownloadRow(QFrame):
    """Shows one download and reports what is asked for."""

    asked = Signal(str, str)
    """What is asked for (pause, resume, up, down, remove, log, use), and the download's id."""

    def __init__(self, download: Download) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.identity = download.id
        self._download = download
        self._second = QTimer(self)
        """Runs while the download waits before trying again, and no longer."""
        self._second.setInterval(_SECOND_MS)
        self._second.timeout.connect(self._say_state)
        self._turns = (False, False)
        self._title = plain_label(download.wanted.title, "strong")
        self._state = plain_label("", "muted")
        self._note = plain_label("", "careful")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(5)
        self._bar.setRange(0, _STEPS)
        self._buttons = {
            key: self._button(key)
            for key in ("use", "pause", "resume", "up", "down", "log", "remove")
        }
        self._buttons["use"].setProperty("role", "primary")
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in self._buttons.values():
            row.addWidget(button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(6)
        for widget in (self._title, self._bar, self._state, self._note):
            layout.addWidget(widget)
        layout.addLayout(row)
        self.show_download(download)

    def show_download(self, download: Download) -> None:
        """Show where the download stands now."""
        self._download = download
        state = download.state
        failed = state is DownloadState.FAILED
        self._title.setText(download.wanted.title)
        said = self._say_state()
        self._note.setText(said if failed else download.note)
        self._note.setVisible(bool(self._note.text()))
        if state is not DownloadState.WAITING:
            self._second.stop()
        elif not self._second.isActive():
            self._second.start()
        self._bar.setVisible(state is not DownloadState.DONE)
        self._bar.setValue(round(_STEPS * download.done / download.total) if download.total else 0)
        self._bar.setAccessibleName(f"{download.wanted.title}: {said}")
        self._say()
        shown = {
            "use": state is DownloadState.DONE,
            "pause": download.active or state is DownloadState.QUEUED,
            "resume": state in _STOPPED,
            "up": any(self._turns),
            "down": any(self._turns),
            "log": bool(download.log),
            "remove": True,
        }
        self._show_buttons(shown)
        done = state is DownloadState.DONE
        self._buttons["remove"].setText(_("Take off the list") if done else _("Cancel"))
        self._buttons["resume"].setText(_("Try again") if failed else _("Go on"))

    def _say_state(self) -> str:
        """Say where it stands now, and return what of it is no figure."""
        state = self._download.state
        said = describe(self._download, SystemClock().monotonic())
        progress = words.progress(self._download) if state is not DownloadState.DONE else ""
        shown = (progress,) if state is DownloadState.FAILED else (said, progress)
        self._state.setText(" · ".join(part for part in shown if part))
        self._state.setVisible(bool(self._state.text()))
        return said

    def buttons(self) -> list[QPushButton]:
        """Return what the keyboard stops at, from left to right, also what is hidden now."""
        return list(self._buttons.values())

    def go_on(self) -> None:
        """Ask for the rest of what has stopped."""
        if not self._buttons["resume"].isHidden():
            self._buttons["resume"].click()

    def set_turns(self, *, earlier: bool, later: bool) -> None:
        """Say whether its turn can come earlier, or later; with no other it is not offered."""
        self._turns = (earlier, later)
        for key, possible in zip(("up", "down"), self._turns, strict=True):
            self._buttons[key].setEnabled(possible)

    def _show_buttons(self, shown: Mapping[str, bool]) -> None:
        """Show some; from one that goes the keyboard goes to the main one, never to Cancel.

        Space pressed twice on "Go on" would else throw the download away.
        """
        going = [button for key, button in self._buttons.items() if not shown[key]]
        held = self.window().focusWidget() in going
        for key in (key for key, wanted in shown.items() if wanted):
            self._buttons[key].show()
        if held:
            next(self._buttons[key] for key in self._buttons if shown[key]).setFocus()
        for button in going:
            button.hide()

    def _say(self) -> None:
        for key, text in (
            ("use", _("Use it now")),
            ("pause", _("Pause")),
            ("up", _("Earlier")),
            ("down", _("Later")),
            ("log", _("Log…")),
        ):
            self._buttons[key].setText(text)
        self._buttons["resume"].setToolTip(tip(main_key()))

    def _button(self, key: str) -> QPushButton:
        button = QPushButton()
        button.clicked.connect(lambda: self.asked.emit(key, self.identity))
        return button
