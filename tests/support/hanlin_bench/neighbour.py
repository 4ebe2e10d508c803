"""Another program on the same display: something in its clipboard, or files that are dragged out.

    python -m hanlin_bench.neighbour clipboard PICTURE
    python -m hanlin_bench.neighbour text TEXT
    python -m hanlin_bench.neighbour drag FILE…

Run as a process of its own, so that what a window is given comes over the display as from any
program. It says on a line when it is ready, and how each drag ended; it runs until it is killed.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

from hanlin_fakes.desktop import NEIGHBOUR, NEIGHBOUR_SIDE


class Neighbour(QLabel):
    """A small window; with files, a press and a move drag them out of it."""

    def __init__(self, files: Sequence[Path]) -> None:
        super().__init__("drag me" if files else "copied")
        self._files = files
        self.setWindowTitle(NEIGHBOUR)
        self.setGeometry(0, 0, NEIGHBOUR_SIDE, NEIGHBOUR_SIDE)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the files while a button is held."""
        if not (self._files and event.buttons() & Qt.MouseButton.LeftButton):
            return
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in self._files])
        drag = QDrag(self)
        drag.setMimeData(data)
        # Whom it is over takes it: before, letting go of it would be in vain.
        drag.actionChanged.connect(welcomed)
        # It is let go of when the other side has fetched what was in it, after the drop.
        drag.destroyed.connect(lambda: say("fetched"))
        if drag.exec(Qt.DropAction.CopyAction) is not Qt.DropAction.CopyAction:
            say("refused")


def welcomed(action: Qt.DropAction) -> None:
    """Say that what is dragged would be taken where it is."""
    if action is Qt.DropAction.CopyAction:
        say("welcome")


def say(word: str) -> None:
    """Tell whoever started this program."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> int:
    """Do what the words say until somebody ends it."""
    application = QApplication(sys.argv)
    what, *names = sys.argv[1:]
    window = Neighbour([Path(name) for name in names] if what == "drag" else [])
    window.show()
    if what == "clipboard":
        data = QMimeData()
        data.setData("image/png", QByteArray(Path(names[0]).read_bytes()))
        QGuiApplication.clipboard().setMimeData(data)
    elif what == "text":
        QGuiApplication.clipboard().setText(" ".join(names))
    say("ready")
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
