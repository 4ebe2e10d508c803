"""What a person chose about looks and language, worn by the one QApplication."""

import logging
import sys
from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QLibraryInfo,
    QMessageLogContext,
    QtMsgType,
    QTranslator,
    qInstallMessageHandler,
)
from PySide6.QtGui import QIcon, QImageReader
from PySide6.QtWidgets import QApplication

from hanlin.kernel import i18n
from hanlin.preparing import use_language
from hanlin_resources import folder
from hanlin_ui.theme.appearance import Appearance
from hanlin_ui.theme.looks import Looks

_LARGEST_IMAGE_MB = 128
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_log = logging.getLogger("qt")


def make_application(arguments: Sequence[str]) -> QApplication:
    """Return the program's one QApplication, with its name and style."""
    qInstallMessageHandler(_on_qt_message)
    # The style by its name: an object of it would bring all of its enumerations, 20 ms of them.
    application = QApplication([sys.argv[0], "-style", "Fusion", *arguments])
    application.setApplicationName("hanlin")
    application.setDesktopFileName("hanlin")
    QImageReader.setAllocationLimit(_LARGEST_IMAGE_MB)
    icons = folder("icons")
    if (icons / "hanlin-256.png").is_file():
        symbol = QIcon(str(icons / "hanlin-256.png"))
        symbol.addFile(str(icons / "hanlin-48.png"))
        application.setWindowIcon(symbol)
    return application


class Interface:
    """Changes looks and language while the program runs. For the GUI thread."""

    def __init__(self, application: QApplication, looks: Looks, *, dressed: bool = True) -> None:
        """Speak, and wear ``looks``; not ``dressed``, the style sheet waits for :meth:`dress`."""
        self._application = application
        self._appearance = Appearance(application, looks, dressed=dressed)
        self._translator = QTranslator()
        self._speak()

    def dress(self) -> None:
        """Put on the style sheet that waited until the first window was built."""
        self._appearance.dress()

    def wear(self, looks: Looks) -> None:
        """Have colours, letters and gaps as they were chosen, in every widget at once."""
        self._appearance.wear(looks)

    def set_language(self, choice: str) -> None:
        """Speak one of our languages, or what the ``system`` speaks, in every widget at once."""
        use_language(choice)
        self._speak()
        for widget in self._application.topLevelWidgets():
            self._application.sendEvent(widget, QEvent(QEvent.Type.LanguageChange))

    def _speak(self) -> None:
        """Have Qt's words (copy, paste, open a file) and our name in the interface's language."""
        # What stands in a window's title already is not put behind it once more.
        self._application.setApplicationDisplayName(i18n._("Hanlin"))
        self._application.removeTranslator(self._translator)
        where = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        self._translator = QTranslator()
        if self._translator.load(f"qtbase_{i18n.current_language()}", where):
            self._application.installTranslator(self._translator)


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    _log.log(_LEVELS.get(kind, logging.WARNING), "%s: %s", context.category, message)
