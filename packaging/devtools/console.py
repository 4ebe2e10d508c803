"""What dev.py says, how it shows that long work goes on, and how it ends."""

import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from devtools.places import ROOT

_QUIET_INTERVAL: Final = 30.0
"""Seconds between two signs of life when nobody watches a terminal."""
_TERMINAL_INTERVAL: Final = 1.0
_LINES_OF_A_FAILURE: Final = 40


class Failure(Exception):
    """dev.py cannot go on: ``message`` for the person, ``code`` for the shell."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def tell(text: str) -> None:
    """Print ``text`` at once, also into a pipe."""
    print(text, flush=True)


def clock(seconds: float) -> str:
    """Return a duration as people write it: 4 s, 2 min 05 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def follow(
    command: Sequence[str | Path],
    doing: str,
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    progress: Callable[[str], str | None] = lambda _line: None,
) -> None:
    """Run ``command`` in the checkout's root and show that ``doing`` goes on.

    Its output goes into ``log``. ``progress`` may turn a line of it into a few words
    ("120 of 440 files"). Raises Failure with the last lines of the log when the command fails.
    """
    started = time.monotonic()
    tail: deque[str] = deque(maxlen=_LINES_OF_A_FAILURE)
    state = ""
    finished = threading.Event()

    def show_life() -> None:
        terminal = sys.stdout.isatty()
        while not finished.wait(_TERMINAL_INTERVAL if terminal else _QUIET_INTERVAL):
            words = f"  {doing}: {clock(time.monotonic() - started)}{state}"
            if terminal:
                print(f"\r{words:<78}", end="", flush=True)
            else:
                tell(words)

    shower = threading.Thread(target=show_life, name="progress", daemon=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            [str(word) for word in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=environment,
            cwd=ROOT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        shower.start()
        for line in process.stdout or ():
            file.write(line)
            tail.append(line.rstrip())
            if words := progress(line):
                state = f", {words}"
        code = process.wait()
    finished.set()
    shower.join()
    if sys.stdout.isatty():
        print("\r" + " " * 78 + "\r", end="", flush=True)
    took = clock(time.monotonic() - started)
    if code:
        tell("\n".join(tail))
        raise Failure(f"{doing} failed after {took}; the whole output is in {log}.")
    tell(f"  {doing}: done in {took}")
