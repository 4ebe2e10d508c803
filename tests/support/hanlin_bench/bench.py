"""The real window over the real services and store, with an engine that follows a script.

For tests of what a person sees. It is apart from ``hanlin_fakes`` because that
package is used where Qt is not installed.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QVariantAnimation
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from hanlin.bootstrap import Application, open_application
from hanlin.kernel import i18n, paths
from hanlin.kernel.clock import SystemClock
from hanlin.services.events import SessionState
from hanlin_bench.models import MODELS, write_models
from hanlin_fakes.engine import ScriptedEngine
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.chat.answer import AnswerView
from hanlin_ui.chat.more import MoreButton
from hanlin_ui.chat.question import QuestionView
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.interface import Interface
from hanlin_ui.library.sections import Section
from hanlin_ui.library.window import LibraryWindow
from hanlin_ui.main_window import MainWindow
from hanlin_ui.theme.looks import Looks
from hanlin_ui.workbench import Workbench

PATIENCE_MS = 60_000


class Bench:
    """An open window; ``close`` it at the end."""

    def __init__(
        self, qtbot: QtBot, root: Path, language: str = "en", models: Sequence[str] = MODELS
    ) -> None:
        i18n.install(root, "en")
        self.qtbot = qtbot
        self.engine = ScriptedEngine()
        self.folders = paths.under(root)
        if not self.folders.database.exists():
            write_models(self.folders, models)
        self.app: Application = open_application(
            self.folders, engine=self.engine, find_keyring=lambda: None
        )
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self.interface = Interface(application, Looks("light"))
        self.interface.set_language(language)
        self.window = MainWindow(SystemClock())
        # A test looks at once, on whatever computer.
        self.window.page.transcript.opening_seconds = math.inf
        self.tasks = Tasks()
        self.workbench = Workbench(self.window, self.app, self.tasks, self.interface)
        self.window.closing.connect(self.workbench.close)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.workbench.begin()
        self.until(lambda: self.app.session.status().state is SessionState.READY)

    def close(self) -> None:
        """Close window and program."""
        self.window.close()
        self.tasks.close()
        self.app.close()
        self.window.deleteLater()
        i18n.install(self.folders.data, "en")

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the event loop run until ``condition`` holds."""
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def come_to_rest(self) -> None:
        """Return when every view that is due is built and everything stands where it belongs."""
        transcript = self.window.page.transcript

        def rests() -> bool:
            due = (timer for timer in transcript.findChildren(QTimer) if not timer.interval())
            return not any(timer.isActive() for timer in due)

        self.until(rests)

    def write(self, text: str) -> None:
        """Type ``text`` (what no key stands for comes from the input method) and press Enter."""
        entry = self.window.page.composer.entry
        if text.isascii():
            QTest.keyClicks(entry, text)
        else:
            event = QInputMethodEvent()
            event.setCommitString(text)
            QApplication.sendEvent(entry, event)
        QTest.keyClick(entry, Qt.Key.Key_Return)

    def ask(self, text: str, *pieces: str) -> None:
        """Ask ``text`` and wait until the scripted answer is there."""
        before = len(self.answers())
        self.engine.enqueue(*pieces)
        self.write(text)
        self.until(lambda: len(self.answers()) == before + 1 and not self.is_answering())

    def is_answering(self) -> bool:
        """Tell whether the open conversation is being answered."""
        current = self.workbench.conversations.current
        return not current or self.app.chat.is_answering(current) or self._streaming()

    def answers(self) -> list[AnswerView]:
        """Return the answers on screen."""
        views = self.window.page.transcript.messages.views()
        return [view for view in views if isinstance(view, AnswerView)]

    def questions(self) -> list[QuestionView]:
        """Return the person's messages on screen."""
        views = self.window.page.transcript.messages.views()
        return [view for view in views if isinstance(view, QuestionView)]

    def titles(self) -> list[str]:
        """Return the titles in the sidebar."""
        return [one.title for one in self.window.sidebar.list.items.conversations()]

    def press(self, name: str, inside: QWidget | None = None) -> None:
        """Click the visible button that says ``name`` or is called so, once it stands still."""
        button = self.button(name, inside)
        # What unfolds is visible from its first pixel on, where nobody could hit it.
        self.until(lambda: not button.window().findChildren(QVariantAnimation))
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def button(self, name: str, inside: QWidget | None = None) -> QAbstractButton:
        """Return the button that says ``name`` or is called so, waiting until it is visible."""
        owner = inside or self.window
        named: list[QAbstractButton] = []

        def look() -> bool:
            named[:] = [
                button
                for button in owner.findChildren(QAbstractButton)
                if name in (button.text(), button.accessibleName()) and button.isVisible()
            ]
            return bool(named)

        self.until(look)
        return named[0]

    def more(self, view: AnswerView | QuestionView) -> MoreButton:
        """Return the three dots of a message, waiting for them."""
        self.until(lambda: bool(view.findChildren(MoreButton)))
        return view.findChildren(MoreButton)[0]

    def dialog(self, over: QWidget | None = None) -> QDialog:
        """Return the dialog that is open over a window, waiting for it."""
        owner = over or self.window
        found: list[QDialog] = []

        def look() -> bool:
            found[:] = [d for d in owner.findChildren(QDialog) if d.isVisible()]
            return bool(found)

        self.until(look)
        return found[0]

    def models_window(self, section: Section | None = None) -> LibraryWindow:
        """Return the models window, asking for it if ``section`` says where."""
        if section is not None:
            self.workbench.show_library(section)

        def shown() -> LibraryWindow | None:
            library = self.workbench.library
            window = library.window if library is not None else None
            return window if window is not None and window.isVisible() else None

        self.until(lambda: shown() is not None)
        window = shown()
        assert window is not None
        return window

    def message(self, over: QWidget | None = None) -> MessageDialog:
        """Return the message dialog that is open over a window, waiting for it."""
        dialog = self.dialog(over)
        assert isinstance(dialog, MessageDialog)
        return dialog

    def _streaming(self) -> bool:
        answers = self.answers()
        return bool(answers) and not answers[-1].is_final
