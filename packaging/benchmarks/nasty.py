"""Ten thousand nasty answers in the conversation that shows them: crashes, stalls, opened files.

``.venv/bin/python packaging/benchmarks/nasty.py [COUNT] [--processes 2] [--minutes M]`` prints one
JSON object. The answers stand in conversations of eight, half of which stream, a thousand and more
tokens a second, while the others are opened and read upwards. Formulas and colours come from their
real children. A stall is how much processor time the event loop was held for by one turn, so that
other programs on the computer do not count; the longest turn by the clock is told beside that of
an event loop that does nothing else (``window_gaps.py``). A file and a port of the benchmark's
own, which the pictures name, tell whether anybody came for them; the kernel tells of the file.
``--only KIND`` makes answers of that kind alone, each as large as it gets; ``--first N`` begins
with answer N: every number has its own dice.
"""

import argparse
import gc
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

import psutil
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

import checkout  # noqa: F401 - so that the tests' helpers are found
from hanlin.colours.client import ColourClient
from hanlin.domain.conversation import Message, Part, PartKind, Role, Status
from hanlin.formulas.client import FormulaClient
from hanlin.kernel.clock import SystemClock
from hanlin_ui import pauses
from hanlin_ui.chat import colouring, formulas
from hanlin_ui.chat.transcript import Transcript
from hanlin_ui.interface import Interface, make_application
from hanlin_ui.theme.looks import Looks
from nasty_answers import Decoys, nasty

WATCHED: Final = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "webbrowser.open")
OUR_CHILDREN: Final = ("colours", "formulas")
IN_ONE: Final = 8
"""Answers of one conversation."""
PIECE: Final = 130
"""Letters of the first pieces of a stream: a thousand tokens a second, every 33 ms."""
SLOW_PIECES: Final = 6
"""After these each piece is twice as large as the one before."""
SHOWN: Final = 0.05
"""Seconds of work after which an answer that still has some left is gone on from."""
TURNS: Final = 16
"""Turns of the event loop that one look gets, at most."""
WIDTH: Final = 900
HEIGHT: Final = 700
HALF: Final = 0.5
CALM: Final = 2
"""Turns in which nothing was done, after which nothing is left to do."""
NOTHING: Final = 0.0003
SHOWN_WORST: Final = 8
WARM: Final = "warm\n\n```py\nx = 1\n```\n\n|a|\n|-|\n|b|\n\n$x$"
BESIDE: Final = Path(__file__).with_name("window_gaps.py")


@dataclass(frozen=True)
class Answer:
    """One of them, as it is stored."""

    number: int
    kinds: str
    message: Message


@dataclass
class Found:
    """What happened to the answers."""

    work: list[tuple[float, int, str]] = field(default_factory=list)
    """Of each answer: the processor time of its longest turn in ms, its number and its kinds."""
    clock: float = 0.0
    opened: Counter[str] = field(default_factory=Counter)
    complaints: Counter[str] = field(default_factory=Counter)


class Watcher(logging.Handler):
    """Notes what is opened, and which of our children did not answer."""

    def __init__(self, found: Found) -> None:
        super().__init__(logging.WARNING)
        self._found = found
        logging.getLogger("hanlin").addHandler(self)
        sys.addaudithook(self._hear)

    def emit(self, record: logging.LogRecord) -> None:
        """Count what a client complains of."""
        self._found.complaints[record.getMessage()[:80]] += 1

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in WATCHED:
            return
        words = arguments[1] if event == "subprocess.Popen" else ()
        if isinstance(words, Sequence) and set(OUR_CHILDREN) & set(words):
            return
        self._found.opened[event] += 1


class Reader:
    """A conversation on screen, and a person who reads it."""

    def __init__(self, application: QApplication, found: Found) -> None:
        self._application = application
        self._found = found
        self._transcript = Transcript(SystemClock())
        self._transcript.resize(WIDTH, HEIGHT)
        self._transcript.show()
        self._worst = 0.0

    def stream(self, answers: Sequence[Answer]) -> None:
        """Let the answers come one after the other; of half, the beginning is looked at, too."""
        messages = self._transcript.messages
        self._do(lambda: self._transcript.show_messages([]))
        for answer in answers:
            message = answer.message
            begun = replace(message, status=Status.STREAMING, parts=())
            self._do(partial(self._transcript.add, begun))
            self._look(1)
            for piece in _pieces(message.text()):
                grown = [(PartKind.TEXT, piece)]
                self._do(partial(messages.append, begun.id, grown))
                self._look(1)
            self._do(partial(messages.finish, message))
            self._look()
            if random.Random(answer.number).random() < HALF:  # noqa: S311 - to be repeated
                self._scroll_to(answer, 0.0)
                self._do(self._transcript.scroll_to_bottom)
                self._look()
            self._count(answer)

    def read(self, answers: Sequence[Answer]) -> None:
        """Open a conversation of these answers, and read it upwards."""
        self._do(lambda: self._transcript.show_messages([one.message for one in answers]))
        self._look()
        for answer in reversed(answers):
            self._scroll_to(answer, HALF)
            self._scroll_to(answer, 0.0)
            self._count(answer)

    def _scroll_to(self, answer: Answer, share: float) -> None:
        for _try in range(TURNS):
            shown = False

            def reveal() -> None:
                nonlocal shown
                shown = self._transcript.reveal(answer.message.id, share)

            self._do(reveal)
            self._look()
            if shown:
                return

    def _look(self, most: int = TURNS) -> None:
        """Let the event loop have its turns, until it has nothing left to do."""
        calm, spent = 0, 0.0
        for _turn in range(most):
            worked = self._do(self._pass)
            spent += worked
            calm = calm + 1 if worked < NOTHING else 0
            if spent > SHOWN or calm >= CALM:
                return

    def _pass(self) -> None:
        """Be one turn of the event loop, which also frees what nobody needs any more."""
        self._application.processEvents()
        self._application.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _do(self, work: Callable[[], object]) -> float:
        """Do in one turn of the event loop what it or a signal would; return the seconds."""
        began, clock = time.thread_time(), time.monotonic()
        work()
        worked = time.thread_time() - began
        self._worst = max(self._worst, worked)
        self._found.clock = max(self._found.clock, time.monotonic() - clock)
        return worked

    def _count(self, answer: Answer) -> None:
        self._found.work.append((1000 * self._worst, answer.number, answer.kinds))
        self._worst = 0.0


def _pieces(text: str) -> list[str]:
    """Return ``text`` as a fast model streams it, the end of a long one in large pieces."""
    pieces: list[str] = []
    place, size = 0, PIECE
    while place < len(text):
        pieces.append(text[place : place + size])
        place += size
        if len(pieces) > SLOW_PIECES:
            size *= 2
    return pieces


def made(number: int, dice: random.Random, decoys: Decoys, only: str) -> Answer:
    """Return answer ``number`` as the engine and the database would give it."""
    text, kinds = nasty(dice, decoys, only)
    # Half characters become what they become on their way out of the engine.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    message = Message(
        str(number), "c", None, Role.ASSISTANT, Status.COMPLETE, 0, (Part(PartKind.TEXT, text),)
    )
    return Answer(number, "+".join(kinds), message)


def run(application: QApplication, decoys: Decoys, arguments: argparse.Namespace) -> Found:
    """Show the answers of this part; return what happened."""
    found = Found()
    reader = Reader(application, found)
    warm = Message("w", "c", None, Role.ASSISTANT, Status.COMPLETE, 0, (Part(PartKind.TEXT, WARM),))
    reader.read([Answer(0, "", warm)])
    found.work.clear()
    found.clock = 0.0
    pauses.shorten()  # as backstage does
    pauses.Collector(application)
    Watcher(found)
    part, parts = arguments.part
    numbers = range(arguments.first, arguments.first + arguments.count)
    until = time.monotonic() + 60 * arguments.minutes
    for block in range(part, -(-len(numbers) // IN_ONE), parts):
        if time.monotonic() > until:
            break
        answers = [
            made(number, random.Random(f"{arguments.seed}/{number}"), decoys, arguments.only)  # noqa: S311 - to be repeated
            for number in numbers[block * IN_ONE : (block + 1) * IN_ONE]
        ]
        (reader.stream if block // parts % 2 else reader.read)(answers)
        gc.collect()  # the calm moment of the program's own collector, which nobody waits for
    return found


def part(arguments: argparse.Namespace) -> dict[str, object]:
    """Be one of the processes: show the answers of a part, and return what happened."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = make_application(())
    looks = Interface(application, Looks("light"))
    drawing, colours = formulas.FormulaHub(FormulaClient), colouring.ColourHub(ColourClient)
    formulas.use(drawing)
    colouring.use(colours)
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        decoys = Decoys(Path(folder))
        decoys.prove()
        files = {one.path for one in process.open_files()}
        found = run(application, decoys, arguments)
        left = {one.path for one in process.open_files()} - files
        touched = decoys.touched()
    drawing.close()
    colours.close()
    del looks
    return {
        "work": found.work,
        "clock_ms": 1000 * found.clock,
        "decoys_touched": touched,
        "opened": dict(found.opened),
        "files_left_open": sorted(left),
        "complaints": dict(found.complaints),
        "resident_mb": round(process.memory_info().rss / 1e6, 1),
    }


def whole(arguments: argparse.Namespace) -> dict[str, object]:
    """Have the parts shown by processes of their own, an idle event loop beside them."""
    began = time.monotonic()
    idle = subprocess.Popen(
        [sys.executable, str(BESIDE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert idle.stdin is not None  # noqa: S101 - it is a pipe
    idle.stdin.write("begin\n")
    idle.stdin.flush()
    words = [sys.executable, __file__, *sys.argv[1:]]
    parts = [
        subprocess.Popen(
            [*words, "--part", str(number), str(arguments.processes)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(arguments.processes)
    ]
    outputs = [one.communicate()[0] for one in parts]
    beside = json.loads(idle.communicate()[0])
    ended = [one.returncode for one in parts]
    results = [json.loads(output) for output in outputs if output]
    work = sorted((tuple(one) for result in results for one in result["work"]), reverse=True)
    longest: dict[str, float] = defaultdict(float)
    for ms, _number, kinds in work:
        for kind in set(kinds.split("+")):
            longest[kind] = max(longest[kind], round(ms, 1))
    return {
        "answers": len(work),
        "seconds": round(time.monotonic() - began),
        "crashes": sum(code != 0 for code in ended),
        "decoys_touched": sum(result["decoys_touched"] for result in results),
        "opened": [result["opened"] for result in results],
        "files_left_open": [result["files_left_open"] for result in results],
        "complaints": [result["complaints"] for result in results],
        "resident_mb": [result["resident_mb"] for result in results],
        "p50_ms": round(work[len(work) // 2][0], 1),
        "p99_ms": round(work[len(work) // 100][0], 1),
        "longest_ms": [(round(ms, 1), number, kinds) for ms, number, kinds in work[:SHOWN_WORST]],
        "longest_with_each_kind_ms": dict(sorted(longest.items(), key=lambda one: -one[1])),
        "longest_by_the_clock_ms": [round(result["clock_ms"], 1) for result in results],
        "idle_beside": {key: beside[key] for key in ("p99_ms", "longest_ms")},
    }


def main() -> int:
    """Draw the answers and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="ends it early")
    parser.add_argument("--only", default="")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--part", type=int, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    result = part(arguments) if arguments.part else whole(arguments)
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
