"""Logging: a rotating file, and the last lines in memory for a report.

Texts of conversations, titles and prompts are never logged, by whoever logs. What is
redacted here is what slips into messages and traces by itself: the person's home
folder, keys and tokens.
"""

import contextlib
import logging
import logging.handlers
import re
from collections import deque
from pathlib import Path

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_FILE_BYTES = 1_000_000
_FILES_KEPT = 3
_LINES_KEPT = 200
_SECRETS = (
    (re.compile(r"\b(hf|sk)[_-][A-Za-z0-9_-]{8,}"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 [token]"),
    (re.compile(r"\b[0-9a-fA-F]{64,}\b"), "[key]"),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}="), "[key]"),
)


def redact(text: str, home: Path | None = None) -> str:
    """Return ``text`` without keys, tokens and the name of the person's home folder."""
    for secret, word in _SECRETS:
        text = secret.sub(word, text)
    folder = str(home if home is not None else Path.home())
    if len(folder) > 1:  # a home folder "/" is nobody's name
        text = re.sub(re.escape(folder) + r"(?![\w-])", "~", text)
    return text


class LogBook:
    """The log of one process, from :func:`start` to :meth:`close`."""

    def __init__(self, handlers: list[logging.Handler], lines: deque[str]) -> None:
        self._handlers = handlers
        self._lines = lines

    def last_lines(self) -> list[str]:
        """Return the newest lines, redacted, oldest first. Any thread."""
        return list(self._lines)

    def close(self) -> None:
        """Stop logging and close the file."""
        root = logging.getLogger()
        for handler in self._handlers:
            root.removeHandler(handler)
            handler.close()
        self._handlers = []


def start(folder: Path, name: str, level: int = logging.INFO) -> LogBook:
    """Log to ``folder/NAME.log`` and into memory.

    A folder that cannot be written leaves only the memory, and a disk that fills up
    loses lines: logging never stops the program.
    """
    lines: deque[str] = deque(maxlen=_LINES_KEPT)
    handlers: list[logging.Handler] = [_Memory(lines)]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handlers.append(_File(folder / f"{name}.log"))
    except OSError as error:
        lines.append(redact(f"no log file: {error}"))
    root = logging.getLogger()
    root.setLevel(level)
    formatter = _Redacting(_FORMAT)
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    return LogBook(handlers, lines)


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _Memory(logging.Handler):
    def __init__(self, lines: deque[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


class _File(logging.handlers.RotatingFileHandler):
    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8")

    def close(self) -> None:
        """Close the file, losing the lines that a full disk did not take."""
        with contextlib.suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:
        """Lose the line: a full disk is told where it matters, not here."""
