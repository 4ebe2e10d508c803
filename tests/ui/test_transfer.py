"""Export and import in the window, and the PDF that Qt draws."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QTextEdit

from hanlin.documents.opener import OpenFile
from hanlin.domain.conversation import Role
from hanlin.domain.transfer import CarriedConversation, CarriedFile, CarriedMessage
from hanlin.formulas.client import FormulaClient
from hanlin.formulas.shape import Letter, Shape
from hanlin.kernel.clock import SystemClock
from hanlin.store.conversations import Store
from hanlin.store.transfer import take_in
from hanlin_bench.bench import Bench
from hanlin_fakes.foreign_files import picture
from hanlin_ui.pdf_text import readable
from hanlin_ui.printing import pdf


def test_a_pdf_embeds_the_fonts_of_its_glyphs() -> None:
    asked = CarriedMessage("1", "", Role.USER, "重庆的天气\n怎样？")
    told = CarriedMessage(
        "2", "1", Role.ASSISTANT, "# 多云\n\n```py\nx = 1\n```\n" + "很长。" * 4000
    )
    data = pdf(CarriedConversation("天气", (asked, told)))
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert re.search(rb"/FontFile\d?", data), "the glyphs are in the file"
    assert data.count(b"/Type /Page\n") > 2
    assert b"/ToUnicode" in data, "text can be copied out of it"


def test_figures_can_be_copied_out_of_a_pdf() -> None:
    told = CarriedMessage("2", "", Role.ASSISTANT, "You owe 2023.\n\n**You owe** 45\n\n`x = 67`")
    with OpenFile("a.pdf", pdf(CarriedConversation("Room 89", (told,)), Drawer)) as file:
        (read,) = file.texts(1, 1)
    assert all(one in read for one in ("Room 89", "owe 2023.", "owe 45", "67"))


@pytest.mark.skipif(sys.platform != "linux", reason="the fonts of other systems are others")
def test_chinese_is_read_out_of_a_pdf_as_it_was_written() -> None:
    common = "一人八又口土大女子小山工己干弓心文方日月木水火父犬田白目石立竹米色血衣见角言谷贝走车里金长门青面音风食马骨高户民页飞鬼齐鱼鸟黑鼠鼻齿龙"  # noqa: E501 - one row
    told = CarriedMessage("2", "", Role.ASSISTANT, f"{common} 〈书〉")
    data = pdf(CarriedConversation("文 a", (told,)), Drawer)
    with OpenFile("a.pdf", data) as file:
        (read,) = file.texts(1, 1)
    assert common in "".join(read.split())
    assert "〈书〉" in read
    assert b"<0009>" not in data, "a blank is no tab"


def test_only_what_glyphs_stand_for_is_changed_in_a_pdf() -> None:
    before = (
        b"x <2F00>\nbegincmap\n2 beginbfrange\n<2F00> <2F01> [<2F00> <4E8C> ]\n"
        b"<0009> <0009> <2F42>\nendbfrange\nendcmap\n<2F00>"
    )
    assert readable(before) == (
        b"x <2F00>\nbegincmap\n2 beginbfrange\n<2F00> <2F01> [<4E00> <4E8C> ]\n"
        b"<0009> <0009> <6587>\nendbfrange\nendcmap\n<2F00>"
    )


class Drawer(FormulaClient):
    """Draws a letter for everything that is not broken."""

    def draw(self, source: str, *, display: bool) -> Shape | None:  # noqa: ARG002 - as there
        bar = (("M", (0, -1.5)), ("L", (4, -1.5)), ("L", (4, 0.5)), ("L", (0, 0.5)), ("Z", ()))
        letter = Letter("速", 1.0, 0.0, 0.9)
        return None if "broken" in source else Shape(4.0, 1.5, 0.5, bar, (letter,))


def test_formulas_are_drawn_in_a_pdf_and_broken_ones_shown_as_they_were_written() -> None:
    text = "It is $E=mc^2$ and\n\n$$x^2$$\n\nand $broken$."
    told = CarriedMessage("1", "", Role.ASSISTANT, text)
    with OpenFile("a.pdf", pdf(CarriedConversation("t", (told,)), Drawer)) as file:
        (read,) = file.texts(1, 1)
    assert read.count("速") == 2
    assert "E=mc" not in read
    assert "$broken$" in read.replace(" ", "")


def test_a_command_that_draws_says_nothing_of_fonts() -> None:
    """The fonts of some computers lack a script of these: Qt lists all it tried."""
    source = (
        "from hanlin.domain.conversation import Role\n"
        "from hanlin.domain.transfer import CarriedConversation, CarriedMessage\n"
        "from hanlin_ui.printing import pdf\n"
        "told = CarriedMessage('1', '', Role.USER, 'क्षि ကျွန် ไทย')\n"
        "assert pdf(CarriedConversation('t', (told,))).startswith(b'%PDF-')\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", source],
        env=environment, capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    assert b"OpenType" not in ran.stderr


def test_a_pdf_shows_the_pictures_that_were_attached_and_names_the_rest() -> None:
    files = (
        CarriedFile("red.png", 900, "image/png", 30, 20, picture()),
        CarriedFile("odd.png", 900, "image/png", 30, 20, picture()[:40]),
        CarriedFile("a.txt", 7),
    )
    asked = CarriedMessage("1", "", Role.USER, "what?", files=files)
    with OpenFile("a.pdf", pdf(CarriedConversation("t", (asked,)), Drawer)) as file:
        (read,) = file.texts(1, 1)
        seen = file.picture(800).rgb
    assert all(name in read for name in ("red.png ·", "odd.png ·", "a.txt ·", "what?"))
    pixels = zip(seen[::3], seen[1::3], seen[2::3], strict=True)
    assert sum(red > 200 and green < 60 and blue < 60 for red, green, blue in pixels) > 100


def test_what_the_window_paints_beside_the_text_is_in_a_pdf() -> None:
    told = CarriedMessage("1", "", Role.ASSISTANT, "- [x] two\n- [ ] three\n")
    with OpenFile("a.pdf", pdf(CarriedConversation("t", (told,)), Drawer)) as file:
        (read,) = file.texts(1, 1)
    lines = [" ".join(line.split()) for line in read.splitlines()]
    assert {"☑ two", "☐ three"} <= set(lines)


def test_the_open_conversation_is_written_and_read_again(bench: Bench, tmp_path: Path) -> None:
    bench.ask("天气", "很好")
    current = bench.workbench.conversations.current
    for kind in ("markdown", "html", "docx", "pdf", "json"):
        path = tmp_path / f"导出.{kind}"
        bench.workbench.transfer.write(current, kind, path)
        bench.until(path.exists)
    notice = bench.window.page.notice
    bench.until(notice.isVisible)
    assert notice.property("role") == "good-news"
    assert "很好" in (tmp_path / "导出.markdown").read_text(encoding="utf-8")
    bench.app.chat.delete_forever(current)
    bench.until(lambda: bench.titles() == [])
    bench.workbench.transfer.take_in(tmp_path / "导出.json")
    bench.until(lambda: bench.titles() == ["天气"])
    bench.workbench.transfer.take_in(tmp_path / "导出.json")
    told = bench.message()
    box = told.findChild(QTextEdit)
    assert box is not None
    assert "Already here: 1" in box.toPlainText()
    told.accept()


def test_the_menu_asks_for_a_file(bench: Bench) -> None:
    bench.ask("天气/雨", "很好")
    bench.window.menus.export_requested.emit("pdf")
    dialog = bench.dialog()
    assert isinstance(dialog, QFileDialog)
    assert [Path(name).name for name in dialog.selectedFiles()] == ["天气 雨.pdf"]
    dialog.reject()


def test_a_conversation_that_is_not_open_is_exported_from_the_list(bench: Bench) -> None:
    bench.ask("天气/雨", "很好")
    bench.workbench.conversations.start_new()
    conversations = bench.window.sidebar.list
    shown = conversations.items.index_of(bench.app.chat.conversations()[0].id)
    where = conversations.visualRect(shown).center()
    conversations.customContextMenuRequested.emit(where)
    bench.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    export = next(one.menu() for one in menu.actions() if one.text() == "Export")
    assert isinstance(export, QMenu)
    next(one for one in export.actions() if one.text() == "HTML…").trigger()
    menu.close()
    dialog = bench.dialog()
    assert isinstance(dialog, QFileDialog)
    assert [Path(name).name for name in dialog.selectedFiles()] == ["天气 雨.html"]
    dialog.reject()


def test_what_a_command_takes_in_or_deletes_shows_in_the_open_window(bench: Bench) -> None:
    here = bench.app.store.database
    carried = CarriedConversation("Trip", (CarriedMessage("1", "", Role.USER, "去哪？"),))
    with Store.open(here.path, here.key, SystemClock()) as of_the_command:
        identity = take_in(of_the_command, carried, carried.title)
        bench.until(lambda: bench.titles() == ["Trip"])
        of_the_command.delete_forever(identity)
        bench.until(lambda: bench.titles() == [])


def test_what_did_not_come_over_is_told(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    content = {"content_type": "text", "parts": ["hi"]}
    message = {"author": {"role": "user"}, "content": content}
    node: dict[str, object] = {"message": message, "parent": None, "children": []}
    listed = [{"title": "good", "mapping": {"a": node}}, {"title": "bad", "mapping": 1}]
    path.write_text(json.dumps(listed), encoding="utf-8")
    bench.workbench.transfer.take_in(path)
    report = bench.message()
    assert report.windowTitle() == "Imported"
    bench.until(lambda: not bench.window.page.notice.isVisible())
    report.accept()
    bench.until(lambda: "good" in bench.titles())
