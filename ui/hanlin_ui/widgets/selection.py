"""Places in a text field, counted as Python counts characters; Qt counts UTF-16 units."""

from PySide6.QtWidgets import QPlainTextEdit


def selected(field: QPlainTextEdit) -> tuple[int, int]:
    """Return the characters between which something is selected, alike without a selection."""
    cursor = field.textCursor()
    units = field.toPlainText().encode("utf-16-le", "surrogatepass")
    first, last = (
        len(units[: 2 * at].decode("utf-16-le", "replace"))
        for at in (cursor.selectionStart(), cursor.selectionEnd())
    )
    return first, last
