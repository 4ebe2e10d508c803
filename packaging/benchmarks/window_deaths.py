"""The window over an engine that dies again and again: the ``--window`` of ``faults.py deaths``.

The real window and everything behind it live in this process and on its one GUI thread,
so whatever would end the window ends the count. Questions go the composer's way, and
what an answer's view shows is compared with what is stored.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication

from deaths import Victim
from hanlin.bootstrap import open_application
from hanlin.kernel import paths
from hanlin.kernel.clock import SystemClock
from hanlin.services.events import AnswerFinished
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.chat.answer import AnswerView
from hanlin_ui.interface import Interface, make_application
from hanlin_ui.main_window import MainWindow
from hanlin_ui.theme.looks import Looks
from hanlin_ui.workbench import Workbench


class WindowVictim(Victim):
    """The program with its window."""

    workbench: Workbench
    window: MainWindow

    def pause(self) -> None:
        """Let the window do its work."""
        QApplication.processEvents()
        time.sleep(0.002)

    def say(self, text: str) -> None:
        """Send from a new conversation, as the composer does."""
        self.workbench.chat.open("")
        self.workbench.chat.send(text)

    def shows(self, end: AnswerFinished) -> bool:
        """Return whether that is so, and the window shows the answer as it is stored."""

        def seen() -> list[str]:
            found = self.window.page.transcript.messages.views()
            answers = [view for view in found if isinstance(view, AnswerView)]
            return [v.text() for v in answers if v.message_id == end.message.id and v.is_final]

        self.until(lambda: bool(seen()))
        kept = super().shows(end)
        return kept and seen() == [self.app.store.message(end.message.id).text()]


@contextmanager
def in_a_window(folder: Path, model: Path) -> Iterator[Victim]:
    """Open the window on an empty data folder; close it as a person does."""
    application = make_application(())
    with open_application(paths.under(folder), find_keyring=lambda: None) as app:
        window, tasks = MainWindow(SystemClock()), Tasks()
        workbench = Workbench(window, app, tasks, Interface(application, Looks("light")))
        window.closing.connect(workbench.close)
        window.show()
        workbench.begin()
        victim = WindowVictim(app, model)
        victim.workbench, victim.window = workbench, window
        yield victim
        window.close()
        tasks.close()
