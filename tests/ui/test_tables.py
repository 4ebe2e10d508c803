"""Wide tables: they keep their columns and scroll, also while they are being written."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hanlin_bench.bench import Bench
from hanlin_ui.chat.segments import ProseSegment
from hanlin_ui.chat.table import TableSegment, TableView

COLUMNS = 9
HEAD = "|" + "|".join(f" column number {n} " for n in range(COLUMNS)) + "|\n"
RULE = "|" + "---|" * COLUMNS + "\n"
ROW = "|" + " some words here |" * COLUMNS + "\n"
NARROW = "| a | b |\n|---|---|\n| 1 | 2 |\n"


def table(bench: Bench) -> TableView:
    found = [s for s in bench.answers()[-1]._body.segments() if isinstance(s, TableSegment)]
    assert len(found) == 1
    assert found[0].view is not None
    return found[0].view


def test_a_wide_table_scrolls_by_keyboard(bench: Bench) -> None:
    bench.ask("q", "before\n\n", HEAD, RULE, ROW, ROW, "\nafter")
    bench.come_to_rest()
    view = table(bench)
    kinds = [type(one) for one in bench.answers()[-1]._body.segments()]
    assert kinds == [ProseSegment, TableSegment, ProseSegment]
    bar = view.horizontalScrollBar()
    assert bar.maximum() > 0
    line = view.fontMetrics().lineSpacing()
    assert view.height() < 3 * 2 * line + bar.sizeHint().height(), "no cell is broken in lines"
    view.setFocus()
    assert bar.value() == 0
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert bar.value() > 0
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert bar.value() == 0


def test_a_narrow_table_runs_in_the_text(bench: Bench) -> None:
    bench.ask("q", "before\n\n", NARROW, "\nafter")
    bench.come_to_rest()
    assert [type(one) for one in bench.answers()[-1]._body.segments()] == [ProseSegment]


def test_a_table_that_grows_wide_while_it_is_written_stands_once(bench: Bench) -> None:
    pieces = [text[i : i + 7] for text in (HEAD + RULE + ROW * 3,) for i in range(0, len(text), 7)]
    bench.ask("q", *pieces)
    bench.come_to_rest()
    assert table(bench).toPlainText().count("column number 0") == 1
    assert len(bench.answers()[-1]._body.segments()) == 1
