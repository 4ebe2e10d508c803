"""The window has the model that is kept for code or pictures answer them, and says so."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QToolButton

from hanlin.services.events import SessionState
from hanlin_bench.bench import Bench
from hanlin_fakes.foreign_files import picture
from hanlin_fakes.gguf_models import write_scripted

CODING = "This question is answered by beta, which you keep for programming."


def said(bench: Bench) -> str:
    """Return the sentence above the composer."""
    notice = bench.window.page.notice
    return notice.text() if notice.isVisible() else ""


def model(bench: Bench) -> str:
    """Return the model that the status line names."""
    return bench.window.status_line.findChildren(QToolButton)[0].text()


def loads(bench: Bench) -> list[str]:
    return [path.stem for path, _options in bench.engine.loads]


def ask_about_code(bench: Bench, answer: str) -> None:
    """Ask while the page for code is in sight."""
    bench.workbench.show_workspace()
    bench.until(bench.window.code_panel.isVisible)
    bench.ask("fix it", answer)
    assert bench.answers()[-1].text() == answer


def test_a_question_beside_the_folder_is_answered_by_the_model_for_programming(
    bench: Bench,
) -> None:
    bench.app.settings.model_for_coding = "beta"
    ask_about_code(bench, "fixed")
    assert said(bench).startswith(CODING)
    bench.until(lambda: model(bench).startswith("beta · for programming"))
    bench.workbench._show_mode("chat")
    bench.ask("hello", "hi")
    assert said(bench) == ""
    bench.until(lambda: model(bench).startswith("alpha"))
    assert loads(bench) == ["alpha", "beta", "alpha"]


def test_a_model_chosen_in_the_menu_answers_questions_on_code_too(bench: Bench) -> None:
    bench.app.settings.model_for_coding = "beta"
    bench.window.menus.model_chosen.emit("alpha")
    bench.until(lambda: loads(bench) == ["alpha", "alpha"])
    ask_about_code(bench, "fixed")
    assert loads(bench) == ["alpha", "alpha"]
    assert said(bench) == ""
    bench.window.sidebar.new_requested.emit()
    bench.until(lambda: not bench.answers())
    ask_about_code(bench, "fixed")
    assert loads(bench)[-1] == "beta"


def test_the_model_for_programming_completes(bench: Bench) -> None:
    bench.app.settings.model_for_coding = "beta"
    bench.window.page.composer.begin("def f():")
    bench.engine.enqueue(" return 1")
    bench.window.menus.named_actions()["complete_requested"].trigger()
    bench.until(lambda: bench.window.page.composer.text().endswith("return 1"))
    assert loads(bench) == ["alpha", "beta"]


def test_pictures_go_to_the_model_for_pictures_instead_of_being_refused(
    bench: Bench, tmp_path: Path
) -> None:
    seer = bench.app.session.registry.add(write_scripted(tmp_path / "sees.gguf", ["unused"]))
    bench.app.settings.model_for_pictures = seer.id
    cat = tmp_path / "cat.png"
    cat.write_bytes(picture())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(cat))])
    bench.window.files_given.emit(data)
    strip = bench.workbench.attaching.strip
    sentence = f"{seer.name}, which you keep for pictures, will answer."
    bench.until(lambda: strip.sentence() == sentence)
    bench.ask("what is it", "a cat")
    assert said(bench).startswith(f"This question is answered by {seer.name}")
    assert loads(bench) == ["alpha", "sees"]
    bench.window.sidebar.new_requested.emit()
    bench.ask("hello", "hi")
    bench.until(lambda: bench.app.session.status().state is SessionState.READY)
    assert loads(bench) == ["alpha", "sees", "alpha"]
