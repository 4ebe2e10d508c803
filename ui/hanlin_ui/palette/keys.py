"""Which keys do what: the program's choice, changed by a person's, kept as one setting."""

import json
from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence

from hanlin.kernel import jsonfile


def read(text: str) -> dict[str, str]:
    """Return the person's choices; nonsense is none."""
    try:
        found = jsonfile.parse(text.encode() or b"{}")
    except ValueError:
        return {}
    return {str(name): keys for name, keys in found.items() if isinstance(keys, str)}


def write(chosen: Mapping[str, str]) -> str:
    """Return the choices as they are kept."""
    return json.dumps(dict(sorted(chosen.items())))


def wear(actions: Mapping[str, QAction], text: str) -> None:
    """Give every action the keys that a person chose for it."""
    chosen = read(text)
    for name, action in actions.items():
        if name in chosen:
            action.setShortcut(QKeySequence(chosen[name]))


def is_typed(keys: QKeySequence) -> bool:
    """Tell whether the keys are what one writes, moves and leaves with: they do nothing else."""
    if keys.isEmpty():
        return False
    pressed = keys[0]  # type: ignore[index]  # PySide does not say that it can be
    held = pressed.keyboardModifiers() & ~Qt.KeyboardModifier.ShiftModifier
    return not held and not Qt.Key.Key_F1 <= pressed.key() <= Qt.Key.Key_F35


def conflict(actions: Mapping[str, QAction], name: str, keys: QKeySequence) -> QAction | None:
    """Return which other action has the keys already."""
    others = (action for other, action in actions.items() if other != name)
    return next((one for one in others if not keys.isEmpty() and keys in one.shortcuts()), None)
