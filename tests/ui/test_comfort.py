"""What a person chooses about looks is worn at once, by what is on screen already."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontDatabase, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QMenuBar,
    QPushButton,
)

from hanlin.settings.schema import SettingsSchema
from hanlin_bench.bench import Bench
from hanlin_ui.chat.code import CodeView
from hanlin_ui.chat.segments import ProseSegment, ProseView
from hanlin_ui.settings.dialog import SettingsDialog
from hanlin_ui.theme import appearance
from hanlin_ui.theme.palette import INK_CLEAR, PAPER, PAPER_CLEAR

ANSWER = "# Title\n\nsome words\n\n- one\n- two\n"


def prose(bench: Bench) -> ProseView:
    (first,) = (s for s in bench.answers()[-1]._body.segments() if isinstance(s, ProseSegment))
    assert first.view is not None
    return first.view


def sizes(view: ProseView) -> list[float]:
    """Return the sizes of the heading's and the paragraph's letters."""
    block, found = view.document().firstBlock(), []
    for _number in range(2):
        iterator = block.begin()
        style = iterator.fragment().charFormat()
        found.append(style.fontPointSize() or view.document().defaultFont().pointSizeF())
        block = block.next()
    return found


def test_text_grows_and_shrinks_with_the_keys_everywhere(bench: Bench) -> None:
    bench.ask("q", ANSWER)
    bench.come_to_rest()
    before, letters = sizes(prose(bench)), QApplication.font().pointSizeF()
    entry = bench.window.page.composer.entry
    QTest.keyClick(bench.window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    bench.until(lambda: bench.app.settings.text_percent == 110)
    bench.until(lambda: QApplication.font().pointSizeF() > letters)
    bench.come_to_rest()
    assert [round(now / was, 2) for now, was in zip(sizes(prose(bench)), before, strict=True)] == [
        1.1,
        1.1,
    ]
    assert round(entry.font().pointSizeF() / letters, 2) == 1.1
    question = bench.questions()[0]
    assert round(question._text.document().defaultFont().pointSizeF() / letters, 2) == 1.1
    QTest.keyClick(bench.window, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    bench.until(lambda: QApplication.font().pointSizeF() == letters)
    bench.come_to_rest()
    assert sizes(prose(bench)) == before


def test_what_stands_beside_words_grows_with_them(bench: Bench) -> None:
    buttons = [
        one
        for one in bench.window.findChildren(QAbstractButton)
        if not one.icon().isNull() and not isinstance(one.parent(), (QLineEdit, QMenuBar))
    ]
    before = {one: one.iconSize().width() for one in buttons}
    assert len({*before.values()}) > 2
    bench.app.settings.text_percent = 150
    bench.until(lambda: all(one.iconSize().width() > was for one, was in before.items()))
    assert all(one.iconSize().width() == round(1.5 * was) for one, was in before.items())
    for one in buttons:  # and is drawn so, as Qt makes no icon larger
        assert one.icon().availableSizes()[0].width() >= one.iconSize().width()
    send = next(one for one in buttons if one.property("role") == "send")
    assert send.height() == 54
    bench.ask("q", "```python\n1\n```\n")
    bench.come_to_rest()
    (code,) = bench.window.findChildren(CodeView)
    assert code._copy.iconSize().width() == 21


def first_ink(picture: QPixmap) -> int:
    """Return the column in which something is drawn first on the ground."""
    image = picture.toImage()
    ground = image.pixelColor(6, image.height() // 2).lightness()
    rows = range(image.height() // 4, 3 * image.height() // 4)
    return next(
        x
        for x in range(6, image.width())
        if any(abs(image.pixelColor(x, y).lightness() - ground) > 40 for y in rows)
    )


def test_the_left_side_has_one_edge(bench: Bench) -> None:
    bench.interface.dress()
    bench.ask("Hello", "Hello!")
    side, listed = bench.window.sidebar, bench.window.sidebar.list
    bench.until(lambda: listed.items.rowCount() > 1)
    modes = bench.window.modes.findChildren(QPushButton)
    parts = (*modes, side._new, side._trash, *side.findChildren(QLineEdit))
    boxes = (*parts, listed.viewport())
    assert len({one.mapTo(bench.window, QPoint(0, 0)).x() for one in boxes}) == 1
    rows = [listed.visualRect(listed.items.index(number, 0)) for number in range(2)]
    edges = [first_ink(one.grab()) for one in parts]
    edges += [first_ink(listed.viewport().grab(row)) for row in rows]
    assert max(edges) - min(edges) <= 2, edges


def test_the_size_stays_within_its_bounds(bench: Bench) -> None:
    setting = SettingsSchema.text_percent
    bench.app.settings.text_percent = setting.maximum
    bench.window.menus.larger_requested.emit()
    bench.window.menus.smaller_requested.emit()
    bench.until(lambda: bench.app.settings.text_percent == setting.maximum - setting.step)


def test_high_contrast_is_worn_in_both_themes(bench: Bench) -> None:
    bench.app.settings.high_contrast = True
    bench.until(lambda: appearance.current() == PAPER_CLEAR)
    bench.app.settings.appearance = "dark"
    bench.until(lambda: appearance.current() == INK_CLEAR)
    bench.app.settings.high_contrast = False
    bench.app.settings.appearance = "light"
    bench.until(lambda: appearance.current() == PAPER)


def test_compact_takes_less_room(bench: Bench) -> None:
    bench.ask("q", ANSWER)
    bench.come_to_rest()
    before = bench.answers()[0].height(), bench.questions()[0].height()
    bench.app.settings.density = "compact"
    bench.until(lambda: appearance.looks().compact)
    bench.until(lambda: bench.answers()[0].height() < before[0])
    bench.until(lambda: bench.questions()[0].height() < before[1])
    bench.app.settings.density = "comfortable"
    bench.until(lambda: (bench.answers()[0].height(), bench.questions()[0].height()) == before)


def test_nothing_blinks_with_reduced_motion(bench: Bench) -> None:
    assert QApplication.cursorFlashTime() > 0
    bench.app.settings.reduce_motion = True
    bench.until(lambda: QApplication.cursorFlashTime() == 0)
    bench.ask("q", "a", "b")
    assert bench.answers()[0].text() == "ab"
    bench.app.settings.reduce_motion = False
    bench.until(lambda: QApplication.cursorFlashTime() > 0)


def test_the_names_of_the_settings_pages_grow_with_the_text(bench: Bench) -> None:
    dialog = SettingsDialog(bench.app.settings, bench.window)
    dialog.open()
    (sections,) = dialog.findChildren(QListWidget)
    bench.app.settings.text_percent = 200
    bench.until(lambda: sections.sizeHintForColumn(0) > 150)
    bench.until(lambda: sections.viewport().width() >= sections.sizeHintForColumn(0))
    bench.app.settings.text_percent = 100
    bench.until(lambda: sections.width() == 150)
    dialog.close()


def test_a_font_of_this_computer_is_chosen_in_the_settings(bench: Bench) -> None:
    dialog = SettingsDialog(bench.app.settings, bench.window)
    dialog.open()
    editor = dialog.findChild(QComboBox, "font_family")
    assert isinstance(editor, QComboBox)
    assert editor.itemText(0) == "Hanlin's choice"
    family = QFontDatabase.families()[-1]
    editor.setCurrentIndex(editor.findData(family))
    editor.activated.emit(editor.currentIndex())
    bench.until(lambda: QApplication.font().families()[0] == family)
    bench.app.settings.font_family = ""
    bench.until(lambda: QApplication.font().families()[0] != family)
    dialog.close()
