"""How long a conversation takes to open: `python packaging/benchmarks/opening.py`.

Fills an encrypted database with 100,000 messages, ten thousand of them in one conversation,
opens some conversations in the real window (off screen), and prints one JSON object: the
milliseconds from the choice to the moment when all that is seen is drawn. The tests do not
run this.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

import checkout  # noqa: F401 - so that the tests' helpers are found
from hanlin.bootstrap import open_application
from hanlin.domain.conversation import Role
from hanlin.domain.ids import new_id
from hanlin.kernel import paths
from hanlin.kernel.clock import SystemClock
from hanlin.store.conversations import Store
from hanlin_bench.models import write_models
from hanlin_bench.texts import generated, markdown_answer
from hanlin_fakes.engine import ScriptedEngine
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.chat.body import MessageBody
from hanlin_ui.interface import Interface, make_application
from hanlin_ui.main_window import MainWindow
from hanlin_ui.theme.looks import Looks
from hanlin_ui.workbench import Workbench

_LONG = 10_000
_TURNS = 20
_ANSWERS = 200
_PATIENCE = 30.0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=10, help="conversations that are opened")
    parser.add_argument("--folder", type=Path, help="keep the data there, to open them again")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = make_application(())
    with tempfile.TemporaryDirectory() as folder:
        folders = paths.under(arguments.folder or Path(folder))
        write_models(folders)
        app = open_application(folders, engine=ScriptedEngine(), find_keyring=lambda: None)
        if not app.store.conversations():
            fill(app.store, arguments.messages)
        known = [one.id for one in reversed(app.store.conversations())]
        window, tasks = MainWindow(SystemClock()), Tasks()
        workbench = Workbench(window, app, tasks, Interface(application, Looks("light")))
        window.closing.connect(workbench.close)
        window.resize(1120, 760)
        window.show()
        workbench.begin()
        _settle(application, 2.0)
        dice = random.Random(1)  # noqa: S311 - which ones to open
        some = [
            _open(application, window, workbench, dice.choice(known[:-1]))
            for _ in range(arguments.rounds)
        ]
        long = [
            (
                _open(application, window, workbench, known[0]),
                _open(application, window, workbench, known[-1]),
            )[1]
            for _ in range(arguments.rounds // 2)
        ]
        result = {
            "messages": arguments.messages,
            "conversations": len(known),
            "any_ms": _facts(some),
            f"with_{_LONG}_messages_ms": _facts(long),
        }
        window.close()
        tasks.close()
        app.close()
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0


def fill(store: Store, messages: int, longest: int = _LONG) -> None:
    """Store generated conversations, the last one of ``longest`` messages."""
    dice = random.Random(1)  # noqa: S311 - texts to show, no secret
    lengths = [_TURNS] * ((messages - longest) // _TURNS) + [longest]
    answers = [markdown_answer(dice) for _number in range(_ANSWERS)]
    questions = [generated(dice, 30) for _number in range(_ANSWERS)]
    with store.database.transaction() as connection:
        for number, length in enumerate(lengths):
            now = 1_700_000_000_000 + number * 60_000
            conversation = new_id(now)
            connection.execute(
                "INSERT INTO conversations (id, title, created_at, updated_at, activity)"
                " VALUES (?, ?, ?, ?, ?)",
                (conversation, generated(dice, 12), now, now, number),
            )
            parent = None
            for place in range(length):
                role = Role.ASSISTANT if place % 2 else Role.USER
                text = dice.choice(answers if place % 2 else questions)
                identity = new_id(now + place)
                connection.execute(
                    "INSERT INTO messages (id, conversation_id, parent_id, role, status,"
                    " created_at) VALUES (?, ?, ?, ?, 'complete', ?)",
                    (identity, conversation, parent, role, now + place),
                )
                connection.execute(
                    "INSERT INTO parts (message_seq, kind, text) VALUES (?, 'text', ?)",
                    (connection.last_insert_rowid(), text),
                )
                parent = identity
            connection.execute(
                "UPDATE conversations SET head_id = ?, indexed = 1 WHERE id = ?",
                (parent, conversation),
            )
        # A part that is added has its message indexed: that work is not what is measured here.
        connection.execute("UPDATE messages SET indexed = 1")


def _open(
    application: QApplication, window: MainWindow, workbench: Workbench, conversation_id: str
) -> tuple[float, float]:
    """Open it as a click does; return the seconds until nothing is left to draw.

    And those of them that the processor worked for the window, which is what the first would
    be on a computer that does nothing else.
    """
    began, worked = time.perf_counter(), time.thread_time()
    workbench.conversations.open_stored(conversation_id)
    _draw_seen(application, window)
    took = time.perf_counter() - began, time.thread_time() - worked
    _settle(application, 0.3)
    return took


def _draw_seen(application: QApplication, window: MainWindow) -> None:
    """Let the event loop work until every part of an answer that is seen has its view."""
    end = time.monotonic() + _PATIENCE
    application.processEvents()
    while not _is_drawn(window) and time.monotonic() < end:
        application.processEvents()
    application.processEvents()  # paints it


def _is_drawn(window: MainWindow) -> bool:
    transcript = window.page.transcript
    if transcript.is_opening():
        return False
    height = transcript.viewport().height()
    for body in transcript.findChildren(MessageBody):
        top = body.mapTo(transcript.viewport(), QPoint(0, 0)).y()
        if top < height and top + body.height() > 0 and not body.is_read():
            return False
        for segment in body.segments():
            seen = top + segment.top < height and top + segment.top + segment.height > 0
            if seen and segment.view is None:
                return False
    return bool(transcript.messages.views())


def _settle(application: QApplication, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(0.005)


def _facts(pairs: list[tuple[float, float]]) -> dict[str, float]:
    seconds, work = zip(*pairs, strict=True)
    return {
        "work_median": round(1000 * statistics.median(work), 1),
        "work_longest": round(1000 * max(work), 1),
        "median": round(1000 * statistics.median(seconds), 1),
        "longest": round(1000 * max(seconds), 1),
        "rounds": len(seconds),
    }


if __name__ == "__main__":
    sys.exit(main())
