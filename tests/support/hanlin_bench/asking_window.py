"""A program that opens the real window, asks one question as a person does, and closes it.

Run as ``python -m hanlin_bench.asking_window QUESTION`` with a data folder whose last
model is to answer. Prints the answer. What is wrong with the window is no business of
its: it is there for tests that watch the processes from outside.
"""

import sys

from PySide6.QtCore import QMetaObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hanlin import bootstrap, preparing
from hanlin.kernel.paths import Paths
from hanlin.services.events import AnswerFinished, SessionState
from hanlin_ui import application
from hanlin_ui.chat.entry import TextEntry
from hanlin_ui.main_window import MainWindow

_LOOK_MS = 50


class _Person(QTimer):
    """Types the question once the model is there, and closes the window once it is answered."""

    def __init__(self, question: str) -> None:
        super().__init__()
        self.answer: str | None = None
        self._question = question
        self._app: bootstrap.Application | None = None
        self._asked = False
        self.setInterval(_LOOK_MS)
        self.timeout.connect(self._look)

    def open(self, paths: Paths) -> bootstrap.Application:
        """Build the program as the window does; on its background thread."""
        self._app = bootstrap.open_application(paths)
        self._app.bus.subscribe(AnswerFinished, self._on_answered)
        QMetaObject.invokeMethod(self, "start", Qt.ConnectionType.QueuedConnection)
        return self._app

    def _on_answered(self, event: AnswerFinished) -> None:
        self.answer = event.message.text()

    def _look(self) -> None:
        window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        ready = self._app is not None and self._app.session.status().state is SessionState.READY
        if self.answer is not None:
            self.stop()
            window.close()
        elif ready and not self._asked:
            self._asked = True
            entry = next(e for e in window.page.findChildren(TextEntry) if e.isVisible())
            QTest.keyClicks(entry, self._question)
            QTest.keyClick(entry, Qt.Key.Key_Return)


def main(question: str) -> int:
    """Run the window; return its exit code, or 1 when there is no answer."""
    person = _Person(question)
    paths = preparing.prepare(())
    code = application.run(paths, opener=lambda: person.open(paths))
    if person.answer is None:
        return 1
    sys.stdout.write(person.answer + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
