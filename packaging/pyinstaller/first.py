"""What runs first in the frozen window program, before PyInstaller's own hook for PySide6.

That one imports PySide6 at every start, also for a command without a window. Whoever imports
it first says how much of it is imported.
"""

import hanlin_ui  # noqa: F401
