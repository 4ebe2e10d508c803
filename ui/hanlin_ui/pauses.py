"""What Python itself would do to the smoothness of the window, kept short.

Called once, when the program behind the window is open. Not for the widgets' own work.
The collector rests from the launcher's first import on (see ``hanlin.preparing``).
"""

import gc
import sys
from typing import Final

_SWITCH_SECONDS: Final = 0.0001


def shorten() -> None:
    """Make the pauses of the interpreter short; changes the whole process.

    A full garbage collection walks over all objects: 40 ms and more once everything is
    imported. What is there now stays, so the collector need not look at it again.
    A thread that computes lets others in every 5 ms, and the window's thread waits so
    long at each of the many calls in which Qt has let the interpreter go.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.freeze()
    gc.enable()
