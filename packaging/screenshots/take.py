"""Take the pictures of the program that lie beside this file, in the real window.

    xvfb-run -a -s "-screen 0 1280x860x24" .venv/bin/python packaging/screenshots/take.py

Each feature is photographed in Chinese on paper (light) and in English on ink (dark). The
window, its services and its database are the program's own; the answers follow a script,
except where the program's own model is shown, so that the pictures say what they are of.
``--all`` takes both languages in both themes, ``--only NAME`` some of them, ``--size`` another
window, ``--percent`` other letters, ``--out`` another folder.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/support"))

from PySide6.QtCore import QMimeData, QModelIndex, QPoint, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QListWidget, QWidget

from hanlin.domain.conversation import PartKind
from hanlin.domain.glossary import Term
from hanlin.domain.translation import Direction
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin_bench.bench import PATIENCE_MS, Bench
from hanlin_fakes.desktop import Desktop, eventually
from hanlin_fakes.foreign_files import pdf
from hanlin_ui.chat import more
from hanlin_ui.code.bar import ChangesBar
from hanlin_ui.interface import make_application
from hanlin_ui.library.sections import Section
from hanlin_ui.theme.looks import Looks
from hanlin_ui.translate.page import TranslatePage

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

FOLDER = Path(__file__).parent
FIRST = ("你好！", "翻译成英文：请把窗户关上。", "用 Python 判断一个数是不是偶数")
Made = TypeVar("Made")
BOTH = (("zh", "light"), ("en", "dark"))
ALL = (*BOTH, ("zh", "dark"), ("en", "light"))
REST = 0.5
"""Seconds for what fades and is redrawn."""


@dataclass(frozen=True)
class Texts:
    """What is said in the pictures."""

    model: str
    questions: tuple[str, ...]
    thought: str
    answer: str
    sum: str
    summed: str
    contract: tuple[str, ...]
    about_contract: tuple[str, str]
    fix: str
    source: str
    targets: tuple[str, ...]
    needle: str


ZH = Texts(
    model="示例模型",
    questions=("周末去杭州，两天怎么安排？", "春天适合读什么书？", "把周报改得简洁一点"),
    thought="两天：第一天西湖一圈，第二天龙井和灵隐。距离用勾股定理估算。",
    answer="""两天可以这样走，**不赶时间**：

| 时间 | 地点 | 怎么去 | 花费 |
|---|---|---|--:|
| 周六上午 | 断桥、白堤 | 步行 | 0 元 |
| 周六下午 | 苏堤、雷峰塔 | 骑车 | 40 元 |
| 周日上午 | 龙井村 | 公交 27 路 | 4 元 |

从断桥到雷峰塔的直线距离约为 $\\sqrt{2.4^2 + 1.8^2} = 3.0$ 公里。出发前：

- [x] 订好酒店
- [ ] 带伞

```python
def spent(tickets: list[int]) -> int:
    \"\"\"一共花了多少。\"\"\"
    return sum(tickets)
```

> 上有天堂，下有苏杭。
""",
    sum="算一下 348 乘 27",
    summed="348 × 27 = **9396**。",
    contract=("第一条 租金每月三千元，每月五日前支付。", "第二条 租期自二〇二六年三月一日起一年。"),
    about_contract=("租金是多少？", "每月**三千元**，每月五日前支付（第 1 页，第一条）。"),
    fix="加号写成了减号：",
    source="翰林院是唐代设立的机构。它起草诏书。学者们在那里读书。",
    targets=(
        "The Hanlin Academy was founded in the Tang dynasty. ",
        "It drafted imperial edicts. ",
        "Scholars read there.",
    ),
    needle="杭州",
)
EN = Texts(
    model="Sample model",
    questions=("Two days in Hangzhou: what should I see?", "A book for spring?", "My report"),
    thought="Two days: around West Lake first, then tea hills and temples. Distance by Pythagoras.",
    answer="""Two days are enough, **without a hurry**:

| When | Where | How | Cost |
|---|---|---|--:|
| Saturday morning | Broken Bridge, Bai Causeway | on foot | ¥0 |
| Saturday afternoon | Su Causeway, Leifeng Pagoda | bicycle | ¥40 |
| Sunday morning | Longjing village | bus 27 | ¥4 |

From the bridge to the pagoda it is about $\\sqrt{2.4^2 + 1.8^2} = 3.0$ km. Before you leave:

- [x] book a room
- [ ] pack an umbrella

```python
def spent(tickets: list[int]) -> int:
    \"\"\"Return what all tickets cost.\"\"\"
    return sum(tickets)
```

> Above there is heaven, below there are Suzhou and Hangzhou.
""",
    sum="What is 348 times 27?",
    summed="348 × 27 = **9396**.",
    contract=("1. The rent is 300 a month, due on the fifth.", "2. The term is one year."),
    about_contract=("How much is the rent?", "**300 a month**, due on the fifth (page 1)."),
    fix="The sign was wrong:",
    source="The Academy was founded in the Tang dynasty. It drafted edicts. Scholars read there.",
    targets=("翰林院创立于唐代。", "它起草诏书。", "学者们在那里读书。"),
    needle="Hangzhou",
)
CODE = "def add(a: int, b: int) -> int:\n    return a - b\n\n\nclass Till:\n    total = 0\n"
FIXED = CODE.replace("a - b", "a + b")


class Patience:
    """What a bench needs of a test's helper: to wait while the window lives."""

    def waitUntil(self, condition: Callable[[], object], timeout: int = PATIENCE_MS) -> None:
        """Let the window work until ``condition`` holds."""
        end = time.monotonic() + timeout / 1000
        while not condition():
            spin(0.01)
            if time.monotonic() > end:
                raise TimeoutError

    def waitExposed(self, window: QWidget) -> None:
        """Return when ``window`` is on the screen."""
        self.waitUntil(lambda: window.windowHandle().isExposed())


def there(made: Made | None) -> Made:
    """Return what was made just now."""
    if made is None:
        raise LookupError
    return made


def spin(seconds: float) -> None:
    """Let the window work for a while, and what is over go."""
    QTest.qWait(round(1000 * seconds))


class Stage:
    """A window in one language and one theme, and the camera before it."""

    def __init__(self, root: Path, language: str, looks: Looks, out: Path, size: QPoint) -> None:
        self.texts = ZH if language == "zh" else EN
        locale = "zh_CN" if language == "zh" else "en"
        self.bench = Bench(cast("QtBot", Patience()), root / "data", locale, (self.texts.model,))
        self.bench.interface.wear(looks)
        self.root = root
        self.out = out
        self.tag = f"{language}-{looks.choice}"
        self.window = self.bench.window
        self.window.resize(size.x(), size.y())
        self.window.move(0, 0)
        self.window.activateWindow()
        spin(REST)

    def shoot(self, name: str) -> None:
        """Take the picture ``name`` of the window with everything above it."""
        spin(REST)
        screen = QGuiApplication.primaryScreen().grabWindow(0)
        picture = screen.copy(self.window.geometry())
        picture.save(str(self.out / f"{name}-{self.tag}.png"))

    def wait(self, condition: Callable[[], object]) -> None:
        """Let the window work until ``condition`` holds."""
        self.bench.until(lambda: bool(condition()))

    def ask(self, question: str, *pieces: tuple[PartKind, str] | str) -> None:
        """Have a question answered."""
        self.bench.engine.enqueue(*pieces)
        before = len(self.bench.answers())
        self.window.page.composer.submit(question)
        self.wait(lambda: len(self.bench.answers()) > before and self.bench.answers()[-1].is_final)

    def file(self, name: str, content: bytes) -> Path:
        """Write a file to show."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    @contextmanager
    def dialog(self, name: str, wish: Callable[[], object]) -> Iterator[QDialog]:
        """Open a dialog by ``wish`` and take its picture; it is closed at the end."""
        wish()
        shown: list[QDialog] = []

        def look() -> bool:
            every = QApplication.topLevelWidgets()
            shown[:] = [one for one in every if isinstance(one, QDialog) and one.isVisible()]
            return bool(shown)

        self.wait(look)
        self.shoot(name)
        yield shown[0]
        shown[0].close()
        self.wait(lambda: not look())

    def dialogs(self, **wishes: Callable[[], object]) -> None:
        """Take the pictures of dialogs, each by what opens it."""
        for name, wish in wishes.items():
            with self.dialog(name.replace("_", "-"), wish):
                pass

    def page(self) -> TranslatePage:
        """Show the translator."""
        self.bench.workbench.show_translator()
        return self.window.translate_page

    def close(self) -> None:
        """Close window and program."""
        self.bench.interface.set_language("en")  # Qt's own words leave with it
        self.bench.close()


def menus(stage: Stage) -> None:
    """Show every menu from one button."""
    stage.window.head.open_menu()
    stage.shoot("menu")
    for popup in iter(QApplication.activePopupWidget, None):
        popup.close()


def inspect(stage: Stage) -> None:
    """Ask how the first answer came about."""
    stage.bench.more(stage.bench.answers()[0]).chosen.emit(more.INSPECT)


def talk(stage: Stage) -> None:
    """Show a conversation with everything that is drawn, and what is done with it."""
    texts, wishes = stage.texts, stage.window.menus
    for other in texts.questions[1:]:
        stage.bench.workbench.conversations.start_new()
        stage.ask(other, texts.summed)
    stage.bench.workbench.conversations.start_new()
    stage.ask(texts.questions[0], (PartKind.THINKING, texts.thought), texts.answer)
    stage.bench.come_to_rest()
    spin(4 * REST)  # formulas and colours come from processes of their own
    transcript = stage.window.page.transcript
    transcript.verticalScrollBar().setValue(0)
    stage.shoot("conversation")
    transcript.verticalScrollBar().setValue(transcript.verticalScrollBar().maximum())
    stage.shoot("conversation-end")
    stage.dialogs(
        palette=wishes.palette_requested.emit,
        inspector=lambda: inspect(stage),
        export=lambda: wishes.export_requested.emit("docx"),
        assistants=wishes.assistants_requested.emit,
        shortcuts=wishes.shortcuts_requested.emit,
        keys=wishes.keys_requested.emit,
        about=wishes.about_requested.emit,
        report=wishes.report_requested.emit,
        error=lambda: stage.window.report(
            KnownError(
                _("Hanlin is already running"),
                _("Another program window uses this data folder and does not answer."),
                _("Close it, or wait a moment and start again."),
            )
        ),
    )
    wishes.search_requested.emit()
    panel = stage.bench.workbench.search.panel
    panel.box.setText(texts.needle)
    stage.wait(panel.found.isVisible)
    stage.shoot("search")
    panel.box.clear()
    wishes.find_requested.emit()
    stage.bench.workbench.find.find(texts.needle, "")
    stage.shoot("find")


def act(stage: Stage) -> None:
    """Show a call of a tool, asked for and done, and a document that goes along."""
    texts, bench = stage.texts, stage.bench
    bench.app.settings.tools = True
    call = json.dumps({"name": "calculator", "arguments": {"expression": "348*27"}})
    bench.engine.enqueue((PartKind.TOOL_CALL, call))
    bench.engine.enqueue(texts.summed)
    stage.window.page.composer.submit(texts.sum)
    once = re.sub(r"\s*[(]&.[)]|&", "", _("Allow &once"))
    bench.button(once)
    stage.shoot("tool-asked")
    bench.press(once)
    stage.wait(lambda: bool(bench.answers()) and bench.answers()[-1].is_final)
    stage.shoot("tool-done")
    bench.workbench.conversations.start_new()
    data = QMimeData()
    paper = stage.file("租房合同.pdf" if texts is ZH else "lease.pdf", pdf(list(texts.contract)))
    data.setUrls([QUrl.fromLocalFile(str(paper))])
    stage.window.files_given.emit(data)
    stage.wait(bench.workbench.attaching.prepared)
    question, answer = texts.about_contract
    stage.window.page.composer.entry.setPlainText(question)
    stage.shoot("attached")
    stage.window.page.composer.entry.clear()
    stage.ask(question, answer)
    stage.shoot("attached-answered")
    picture = QImage(400, 120, QImage.Format.Format_RGB32)
    picture.fill(0xFFFFFF)
    stage.page().picture_given.emit(picture)
    with stage.dialog("ocr-pack", lambda: None):
        pass


def choose(stage: Stage) -> None:
    """Show the settings, page by page, and the models window."""
    stage.window.menus.settings_requested.emit()
    dialog = stage.bench.dialog()
    sections = dialog.findChildren(QListWidget)[0]
    for number in range(sections.count()):
        sections.setCurrentRow(number)
        stage.shoot(f"settings-{number + 1}")
    dialog.close()
    for section in Section:
        library = stage.bench.models_window(section)
        library.move(40, 40)
        stage.shoot(f"models-{section.value}")
    stage.bench.models_window().close()


def code(stage: Stage) -> None:
    """Show a folder of code, a file of it chosen, its change reviewed."""
    bench = stage.bench
    stage.file("project/src/till.py", CODE.encode())
    stage.file("project/src/receipt_printing_service.py", b"x = 1\n" * 400)
    stage.file("project/README.md", b"# Till\n")
    bench.workbench.show_workspace()
    stage.shoot("code-empty")
    there(bench.workbench.workspace).open_folder(stage.root / "project")
    panel = stage.window.code_panel
    stage.wait(lambda: panel.items.rowCount() > 0 and "≈" in panel.about_text())
    inside = panel.items.index(0, 0, QModelIndex())
    panel.tree.expand(inside)
    stage.wait(lambda: panel.items.rowCount(inside))
    panel.items.toggle(panel.items.index(1, 0, inside))
    bench.engine.enqueue(f"{stage.texts.fix}\n\n```python\n{FIXED}```")
    panel.asked.emit("fix")
    stage.wait(lambda: bool(bench.answers()) and bench.answers()[-1].is_final)
    stage.wait(stage.window.findChildren(ChangesBar)[0].isVisible)
    stage.shoot("code")
    with stage.dialog("code-review", lambda: bench.press(_("&Review changes…"))):
        pass
    bench.workbench.conversations.start_new()
    stage.window.show_mode("chat")


def translate(stage: Stage) -> None:
    """Show the translator: a text, a sentence of it, glossaries, files."""
    bench, texts, page = stage.bench, stage.texts, stage.page()
    stage.shoot("translator-empty")
    for target in texts.targets:
        bench.engine.enqueue(target.strip())
    page.set_text(texts.source)
    page.translate_requested.emit()
    stage.wait(lambda: len(page.done) == len(texts.targets))
    page.choose(1)
    stage.shoot("translator")
    terms = [Term("唐代", "Tang dynasty"), Term("诏书", "imperial edict"), Term("翰林院", "Hanlin")]
    one = bench.app.translation.glossaries.create("历史" if texts is ZH else "History",
                                                  Direction("zh", "en"), terms)  # fmt: skip
    stage.dialogs(
        glossaries=page.glossaries_requested.emit,
        glossary_editor=lambda: bench.workbench.translate_desk.edit_glossary(one.id),
    )
    bench.app.files.add([stage.file("报告.md", b"# \n"), stage.file("a.docx", b"PK")], "en", "zh")
    stage.dialogs(files=page.files_requested.emit)
    stage.window.show_mode("chat")


def ask_quickly(stage: Stage) -> None:
    """Show the small windows above other programs."""
    bench, texts = stage.bench, stage.texts
    bench.workbench.show_quick()
    stage.shoot("quick-empty")
    bench.engine.enqueue(texts.summed)
    bench.workbench.show_quick(texts.sum)
    quick = there(bench.workbench.quick).window
    stage.wait(lambda: quick.page.transcript.messages.views()[1:])
    stage.shoot("quick")
    quick.close()
    for target in texts.targets:
        bench.engine.enqueue(target.strip())
    bench.workbench.show_quick_translation(texts.source)
    small = there(bench.workbench.quick_translation).window
    small.move(280, 180)
    stage.wait(lambda: texts.targets[-1].strip() in small.target.toPlainText())
    stage.shoot("quick-translation")
    small.close()


SCENES = (menus, talk, act, choose, code, translate, ask_quickly)


def begin(root: Path, language: str, look: str, out: Path) -> None:
    """Show the program with its own model as it is met at first: nothing is scripted."""
    locale = "zh_CN.UTF-8" if language == "zh" else "en_US.UTF-8"
    desk = Desktop(root / "data", root, {"LANG": locale, "QT_QPA_PLATFORM": "xcb"})
    desk.choose(appearance=look)
    with desk.window() as window:
        window.wait_until_open()
        spin(3)
        keep(window.shot("first"), out / f"first-start-{language}-{look}.png")
        questions = ("hello", "Into Chinese: Please open the window.", "Python: is a number even?")
        for count, question in enumerate(FIRST if language == "zh" else questions):
            window.type(question)
            window.press("Return")
            wanted = 2 * count + 2

            def asked(wanted: int = wanted) -> bool:
                return len(desk.transcript()) == wanted

            eventually(asked, "it is asked")
            eventually(lambda: desk.answer("complete"), "an answer")
        keep(window.shot("shutong"), out / f"shutong-{language}-{look}.png")


def keep(picture: Path, place: Path) -> None:
    """Keep of a picture of the screen what shows the window."""
    image = QImage(str(picture))
    image.copy(0, 0, 1120, 760).save(str(place))


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="both languages in both themes")
    parser.add_argument("--only", nargs="*", default=[], help="names of scenes")
    parser.add_argument("--size", default="1120x760", help="of the window")
    parser.add_argument("--percent", type=int, default=100, help="size of the letters")
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    width, height = (int(number) for number in arguments.size.split("x"))
    arguments.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
    application = make_application(())
    application.setQuitOnLastWindowClosed(False)
    for language, look in ALL if arguments.all else BOTH:
        if not arguments.only or begin.__name__ in arguments.only:
            with tempfile.TemporaryDirectory() as root:
                begin(Path(root), language, look, arguments.out)
        for scene in SCENES:
            if arguments.only and scene.__name__ not in arguments.only:
                continue
            with tempfile.TemporaryDirectory() as root:
                looks = Looks(look, text_percent=arguments.percent)
                stage = Stage(Path(root), language, looks, arguments.out, QPoint(width, height))
                try:
                    scene(stage)
                finally:
                    stage.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
