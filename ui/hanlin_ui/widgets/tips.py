"""Tooltips that show a text as it is.

Qt takes a tooltip that looks like markup for markup: the name of a file, of a model or of an
assistant could open pictures, on Windows also those of other computers (design 7).
"""


def tip(text: str) -> str:
    """Return what shows ``text``, whatever is in it, as a tooltip."""
    if "<" not in text and "&" not in text:
        return text
    from html import escape  # noqa: PLC0415 - its list of all entities is not for the first paint

    lines = "<br>".join(escape(line) for line in text.split("\n"))
    return f"<qt>{lines}</qt>"
