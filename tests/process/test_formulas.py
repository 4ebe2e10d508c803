"""Formulas through the real child: what is drawn, what is refused, and that nothing hangs."""

from collections.abc import Iterator

import pytest

from hanlin.formulas.client import LONGEST, FormulaClient
from hanlin.formulas.shape import NoShapeError, Shape, from_wire, to_wire


@pytest.fixture
def client() -> Iterator[FormulaClient]:
    client = FormulaClient()
    yield client
    client.close()


WRITTEN = (
    r"\frac{-b\pm\sqrt{b^2-4ac}}{2a}",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}^{-1}",
    r"\begin{cases}x & x>0\\ -x & x\le 0\end{cases}",
    r"\begin{align}a&=b\\&=c\end{align}",
    r"\left\{\begin{array}{ll}x&y\\z&w\end{array}\right.",
    r"\boxed{\cancel{x}+\underbrace{a+b}_{n}}",
)


def test_what_models_write_is_drawn(client: FormulaClient) -> None:
    for source in WRITTEN:
        shape = client.draw(source, display=True)
        assert shape is not None, source
        assert shape.width > 0
        assert shape.ascent > 0
        assert len(shape.outline) > 10


def test_chinese_letters_are_left_to_the_window_in_their_places(client: FormulaClient) -> None:
    shape = client.draw(r"\text{速度}=\frac{路程}{时间}", display=True)
    assert shape is not None
    assert "".join(letter.text for letter in shape.letters) == "速度路程时间"
    assert shape.letters[2].base < 0 < shape.letters[4].base
    assert shape.letters[0].left < shape.letters[1].left < shape.letters[2].left


BROKEN = (
    "",
    r"\frac{1",
    r"\unknown{x}",
    r"\left(" * 200,
    "{" * 900 + "}" * 900,
    "x" * (LONGEST + 1),
    "▩",
    r"\def\a{\a\a}\a",
    r"\input{/etc/passwd}",
    r"\includegraphics{/etc/passwd}",
)


def test_what_is_broken_has_no_drawing(client: FormulaClient) -> None:
    for source in BROKEN:
        assert client.draw(source, display=False) is None, source


def test_a_formula_that_computes_too_long_ends_its_child_and_no_other(
    client: FormulaClient,
) -> None:
    assert client.draw("x" * LONGEST, display=False) is None
    assert client.draw("x", display=False) is not None


def test_a_child_that_lies_is_not_believed() -> None:
    sound = to_wire(Shape(1, 1, 1, (("M", (0.0, 0.0)), ("Z", ()))))
    assert from_wire(sound).width == 1
    for wrong in (
        {"box": [1, 1]},
        {"box": [1, 1, float("nan")]},
        {"box": [1, 1, 1e9]},
        {"commands": "X"},
        {"numbers": ["a", "b"]},
        {"numbers": [0] * 100_000},
        {"letters": [["a", 1]]},
        {"letters": 3},
    ):
        with pytest.raises(NoShapeError):
            from_wire({**sound, **wrong})
    with pytest.raises(NoShapeError):
        from_wire(None)
