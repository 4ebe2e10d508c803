"""Export and import in the window, and the PDF that Qt draws."""

import json
import re
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from hanlin.domain.conversation import Role
from hanlin.domain.transfer import CarriedConversation, CarriedMessage
from hanlin_bench.bench import Bench
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


def test_the_open_conversation_is_written_and_read_again(bench: Bench, tmp_path: Path) -> None:
    bench.ask("天气", "很好")
    current = bench.workbench.conversations.current
    for kind in ("markdown", "html", "docx", "pdf", "json"):
        path = tmp_path / f"导出.{kind}"
        bench.workbench.transfer.write(current, kind, path)
        bench.until(path.exists)
    assert "很好" in (tmp_path / "导出.markdown").read_text(encoding="utf-8")
    bench.workbench.transfer.take_in(tmp_path / "导出.json")
    bench.until(lambda: bench.titles() == ["天气", "天气"])


def test_the_menu_asks_for_a_file(bench: Bench) -> None:
    bench.ask("天气/雨", "很好")
    bench.window.menus.export_requested.emit("pdf")
    dialog = bench.dialog()
    assert isinstance(dialog, QFileDialog)
    assert [Path(name).name for name in dialog.selectedFiles()] == ["天气 雨.pdf"]
    dialog.reject()


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
    report.accept()
    bench.until(lambda: "good" in bench.titles())
