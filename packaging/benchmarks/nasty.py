"""Ten thousand nasty answers through the view that draws them: crashes, stalls, opened files.

``.venv/bin/python packaging/benchmarks/nasty.py [COUNT] [SEED] [SECONDS]`` prints one JSON line.
Every answer is made by dice: nesting, tables, lines of 500 kB, broken formulas, SVG, pictures of
other computers and shares, half characters, marks that turn the direction round. A stall is how
much processor time the event loop was held for by one piece of work, so that other programs on
the computer do not count. SECONDS ends it early.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

ROOT = Path(__file__).resolve().parents[2]
for _name in ("app", "ui", "models", "resources", "tests/support"):
    sys.path.insert(0, str(ROOT / _name))

from hanlin_ui.chat.body import MessageBody  # noqa: E402 - after the paths
from hanlin_ui.interface import make_application  # noqa: E402

OPENED: list[str] = []
WATCHED = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "webbrowser.open")
LONG = 500_000
WORDS = ("a", "字", "😀", "\u202e", "\u0301", "\0", "\ud83d", "\u200b", "<b>", "&amp;")
SHOWN = 0.6
"""Seconds at most for which one answer is looked at."""


def makers(dice: random.Random) -> dict[str, Callable[[], str]]:
    """Return what makes each kind of nastiness, by a name."""
    number = dice.randint(1, 400)
    word = dice.choice(WORDS)
    table = "|" + "a|" * number + "\n|" + "-|" * number + "\n" + ("|" + "b|" * number + "\n") * 20
    pictures = (
        f"![p](file:///etc/passwd) ![u](//server/share/{number}.png) ![h](http://127.0.0.1:9/x)"
    )
    formula = f"$\\frac{{{'{' * number}$ $$\\left({'(' * number}$$ $\\input{{/etc/passwd}}$"
    return {
        "quote": lambda: "> " * number + "quoted",
        "list": lambda: "\n".join("  " * depth + "- item" for depth in range(number // 4)),
        "brackets": lambda: "[" * number * 5 + "x" + "]" * number * 5,
        "stars": lambda: "*" * number * 20 + "x" + "_" * number * 20,
        "table": lambda: table,
        "line": lambda: word * dice.randint(1, LONG // len(word.encode("utf-8", "replace"))),
        "svg": lambda: "```svg\n<svg onload='x'><image href='file:///etc/passwd'/></svg>\n```",
        "pictures": lambda: pictures,
        "html": lambda: f"<img src='\\\\\\\\server\\\\share'><table>{'<tr><td>' * number}",
        "formula": lambda: formula,
        "dollars": lambda: "$" * number + "x" + "$" * dice.randint(0, 9),
        "escapes": lambda: "\\(" * number + "x" + "\\)" * number,
        "ticks": lambda: "`" * number + "code" + "`" * dice.randint(0, number),
        "footnotes": lambda: "[^1]" * number + "\n\n[^1]: " + "[^1]" * number,
        "code": lambda: f"```{word * 9}\n{word * dice.randint(1, 40_000)}\n",
        "numbers": lambda: "\n".join(f"{n}. {word}" for n in range(number)),
        "any": lambda: "".join(chr(dice.randrange(0x20, 0x2FFFF)) for _n in range(number * 9)),
    }


def nasty(dice: random.Random) -> tuple[str, str]:
    """Return one answer, and of which kinds it is."""
    known = makers(dice)
    kinds = [dice.choice(list(known)) for _part in range(dice.randint(1, 3))]
    return "\n\n".join(known[kind]() for kind in kinds), "+".join(kinds)


def main() -> int:
    """Draw the answers and print what happened."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1  # noqa: PLR2004 - the second word
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = make_application(())
    sys.addaudithook(lambda event, _arguments: OPENED.append(event) if event in WATCHED else None)
    process = psutil.Process()
    area = QScrollArea()
    area.setWidgetResizable(True)
    column = QWidget()
    layout = QVBoxLayout(column)
    body = MessageBody()
    layout.addWidget(body)
    layout.addStretch()
    area.setWidget(column)
    area.resize(780, 600)
    area.show()
    body.set_text("warm\n\n```py\nx = 1\n```\n\n|a|\n|-|\n|b|")
    application.processEvents()
    files = len(process.open_files())
    stalls: list[tuple[float, int, str]] = []
    budget = float(sys.argv[3]) if len(sys.argv) > 3 else float("inf")  # noqa: PLR2004
    last = time.monotonic() + budget
    for number in range(count):
        if time.monotonic() > last:
            break
        text, kinds = nasty(random.Random(f"{seed}/{number}"))  # noqa: S311 - to be repeated
        worst = 0.0
        try:
            text.encode()
        except UnicodeEncodeError:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        body.show_only(0, 600)
        began = time.thread_time()
        body.set_text(text)
        worst = time.thread_time() - began
        end = began + SHOWN
        for _turn in range(12):
            turn = time.thread_time()
            application.processEvents()
            worst = max(worst, time.thread_time() - turn)
            if turn > end:
                break
        stalls.append((worst, number, kinds))
    stalls.sort(reverse=True)
    ordered = [seconds for seconds, *_which in stalls]
    print(
        json.dumps(
            {
                "answers": len(stalls),
                "sockets_and_programs": len(OPENED),
                "files_left_open": len(process.open_files()) - files,
                "connections": len(process.net_connections(kind="inet")),
                "p50_ms": round(1000 * ordered[len(ordered) // 2], 1),
                "p99_ms": round(1000 * ordered[len(ordered) // 100], 1),
                "longest_ms": [(round(1000 * s), n, kinds) for s, n, kinds in stalls[:6]],
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
