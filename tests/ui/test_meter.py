"""The meter in the status line follows what is written and attached."""

import re
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from hanlin_bench.bench import Bench


def used(bench: Bench) -> int:
    """Return how many tokens the status line names; -1 while it names none."""
    labels = bench.window.status_line.findChildren(QLabel)
    found = (re.match(r"Context ([\d,]+) /", label.text()) for label in labels)
    return next((int(one.group(1).replace(",", "")) for one in found if one), -1)


def test_the_meter_counts_the_draft_and_what_is_attached(bench: Bench, tmp_path: Path) -> None:
    bench.until(lambda: used(bench) > 0)
    empty = used(bench)
    QTest.keyClicks(bench.window.page.composer.entry, "seven77")
    bench.until(lambda: used(bench) == empty + len("seven77"))
    path = tmp_path / "a.txt"
    path.write_text("many words " * 20)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    bench.window.files_given.emit(data)
    bench.until(lambda: used(bench) > empty + len("many words " * 20))
    bench.workbench.conversations.start_new()


def test_the_meter_names_nothing_while_no_model_is_in_memory(bench: Bench) -> None:
    bench.until(lambda: used(bench) > 0)
    session = bench.app.session
    bench.until(lambda: session._idle is not None)
    session._rest(session._idle)
    bench.until(lambda: used(bench) == -1)
    session.wake()
    bench.until(lambda: used(bench) > 0)
