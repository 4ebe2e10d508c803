"""Tab among parts that come and go: from top to bottom as it looks, whatever was built first."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget


def stops_in(column: QWidget) -> list[QWidget]:
    """Return the parts of ``column`` that take the keyboard by Tab, from top to bottom."""
    stops = [part for part in column.findChildren(QWidget) if _takes_tab(part)]
    places = {id(part): part.mapTo(column, QPoint(0, 0)) for part in stops}
    stops.sort(key=lambda part: (places[id(part)].y(), places[id(part)].x()))
    return stops


def give_keyboard(part: QWidget, *, forward: bool) -> None:
    """Let ``part`` have the keyboard, as by Tab or by Shift+Tab."""
    reasons = Qt.FocusReason
    part.setFocus(reasons.TabFocusReason if forward else reasons.BacktabFocusReason)


def leave(area: QWidget, *, forward: bool) -> bool:
    """Give the keyboard to what comes behind, or before, ``area`` and all its parts."""
    part: QWidget | None = area
    while part is not None:
        part = part.nextInFocusChain() if forward else part.previousInFocusChain()
        if part is not None:
            # PySide takes it for a child of the one before, with which it would be forgotten.
            part.setParent(part.parentWidget())
        if part is area:
            return False
        if part is not None and _takes_tab(part) and not area.isAncestorOf(part):
            give_keyboard(part, forward=forward)
            return True
    return False


def _takes_tab(part: QWidget) -> bool:
    by_tab = bool(part.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return by_tab and part.isEnabled() and part.isVisible()
