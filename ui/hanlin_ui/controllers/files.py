"""Notices what happened to models' files while the person was elsewhere: on coming back."""

import threading

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication

from hanlin.services.registry import ModelRegistry


class FilesController(QObject):
    """Looks each time the program comes to the front."""

    def __init__(self, registry: ModelRegistry, parent: QObject) -> None:
        super().__init__(parent)
        self._registry = registry
        self._looking: threading.Thread | None = None
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)  # noqa: S101 - there is a window
        application.applicationStateChanged.connect(self._on_state)

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state is not Qt.ApplicationState.ApplicationActive:
            return
        if self._looking is None or not self._looking.is_alive():
            # A thread of its own: a share that does not answer must hold nothing else up.
            self._looking = threading.Thread(
                target=self._registry.notice_files, name="files", daemon=True
            )
            self._looking.start()
