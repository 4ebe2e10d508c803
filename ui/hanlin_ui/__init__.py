"""The window: everything that imports PySide6."""

import sys

import PySide6  # noqa: F401 - brings the module below along

# PySide6 reads the source of every module that is imported after it, to see whether it may
# have asked for another style of Qt's names, which none does here. That takes a twentieth of
# the way to the first paint, and Python keeps all that was read in memory.
_style = sys.modules.get("shibokensupport.feature")
if hasattr(_style, "_mod_uses_pyside"):
    setattr(_style, "_mod_uses_pyside", lambda _module: False)  # noqa: B010 - it has no stub
