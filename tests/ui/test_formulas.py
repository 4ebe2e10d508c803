"""Formulas in an answer: drawn once, painted as outlines, shown as source where they are broken."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from hanlin.formulas.client import FormulaClient
from hanlin.formulas.shape import Letter, Shape
from hanlin_ui.chat import formulas
from hanlin_ui.chat.body import MessageBody
from hanlin_ui.chat.formulas import FormulaHub
from hanlin_ui.chat.segments import ProseView

BAR = Shape(
    4.0,
    1.5,
    0.5,
    (("M", (0, -1.5)), ("L", (4, -1.5)), ("L", (4, 0.5)), ("L", (0, 0.5)), ("Z", ())),
    (Letter("速", 1.0, 0.0, 0.9),),
)


class Drawer(FormulaClient):
    """Draws a bar for everything that is not broken."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.held = threading.Event()

    def draw(self, source: str, *, display: bool) -> Shape | None:  # noqa: ARG002 - as there
        self.held.wait(10)
        self.asked.append(source)
        return None if "broken" in source else BAR


@pytest.fixture
def drawer(qtbot: QtBot) -> Iterator[Drawer]:
    drawer = Drawer()
    hub = FormulaHub(lambda: drawer)
    formulas.use(hub)
    yield drawer
    formulas.use(None)
    drawer.held.set()
    hub.close()


def shown(qtbot: QtBot, text: str) -> MessageBody:
    body = MessageBody()
    qtbot.addWidget(body)
    body.resize(600, 400)
    body.show()
    body.set_text(text)
    return body


def prose(body: MessageBody) -> ProseView:
    return body.findChildren(ProseView)[0]


def test_a_formula_gets_its_room_when_it_is_drawn_and_is_drawn_once(
    qtbot: QtBot, drawer: Drawer
) -> None:
    body = shown(qtbot, "a $x$ b $x$ and\n\n$$x$$")
    before = prose(body).height()
    drawer.held.set()
    qtbot.waitUntil(lambda: prose(body).height() > before)
    again = shown(qtbot, "$x$")
    again.grab()
    assert drawer.asked == ["x", "x"]  # one within the text, one that stands by itself


def test_a_formula_is_painted(qtbot: QtBot, drawer: Drawer) -> None:
    drawer.held.set()
    body = shown(qtbot, "$$x$$")
    hub = formulas.current()
    assert hub is not None
    qtbot.waitUntil(lambda: hub.drawing(formulas.Key("x", display=True)) is not None)
    picture = body.grab().toImage()
    dark = sum(
        picture.pixelColor(x, y).lightness() < 100
        for x in range(0, picture.width(), 2)
        for y in range(0, min(picture.height(), 60), 2)
    )
    assert dark > 200


def test_a_broken_formula_shows_its_source(qtbot: QtBot, drawer: Drawer) -> None:
    drawer.held.set()
    body = shown(qtbot, r"so $broken\frac{1$ and $x$ and $$broken$$ end")
    qtbot.waitUntil(lambda: r"$broken\frac{1$" in prose(body).toPlainText())
    qtbot.waitUntil(lambda: "$$broken$$ end" in prose(body).toPlainText())
    other = shown(qtbot, r"$broken\frac{1$")
    assert r"$broken\frac{1$" in prose(other).toPlainText()


def test_formulas_are_copied_as_their_sources(qtbot: QtBot, drawer: Drawer) -> None:
    drawer.held.set()
    body = shown(qtbot, "a $x$ b\n\n$$y$$")
    view = prose(body)
    view.selectAll()
    assert view.createMimeDataFromSelection().text() == "a $x$ b\n$$y$$"


def test_without_a_drawer_sources_are_shown(qtbot: QtBot) -> None:
    formulas.use(None)
    body = shown(qtbot, "a $x$")
    assert prose(body).toPlainText() == "a $x$"
