"""The program's own first paint: it ends once its window is painted."""

import json
import sys
import time
from unittest import mock

from hanlin.__main__ import main
from hanlin.kernel.clock import Clock
from hanlin_ui import application
from hanlin_ui.main_window import MainWindow

painted: list[float] = []


class Window(MainWindow):
    """Notes the time of its first paint and closes."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.first_painted.connect(self._on_painted)

    def _on_painted(self) -> None:
        painted.append(time.monotonic())
        self.close()


with mock.patch.object(application, "MainWindow", Window):
    main(["--data-dir", sys.argv[1]])
print(json.dumps({"painted": painted[0]}))
