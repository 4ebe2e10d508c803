"""The window: everything that imports PySide6."""

from hanlin_ui.lean import import_pyside

import_pyside()
