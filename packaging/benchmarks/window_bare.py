"""The peer of the first paint: a bare PySide6 window, which ends once it is painted."""

import json
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow


class Window(QMainWindow):
    """An empty window of Hanlin's size."""

    painted = 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Note the time of the first paint and end."""
        super().paintEvent(event)
        if not self.painted:
            self.painted = time.monotonic()
            QTimer.singleShot(0, self.close)


application = QApplication([])
window = Window()
window.resize(1120, 760)
window.show()
application.exec()
print(json.dumps({"painted": window.painted}))
