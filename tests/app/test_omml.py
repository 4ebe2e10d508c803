"""Formulas as Word's own: LaTeX through the real child, and trees that no library would make."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from hanlin.formulas.client import FormulaClient
from hanlin.formulas.mathml import Node, NoFormulaError, from_wire
from hanlin.services.transfer.omml import NAMESPACE, omml


@pytest.fixture
def formulas() -> Iterator[FormulaClient]:
    client = FormulaClient()
    yield client
    client.close()


def outline(element: ET.Element) -> str:
    """Say in one line what a formula is made of; what a part looks like stands in brackets."""
    name = element.tag.rpartition("}")[2]
    if name == "t":
        return element.text or ""
    if name.endswith("Pr"):
        said = ("".join(one.attrib.values()) for one in element.iter() if one is not element)
        return f"[{' '.join(one for one in said if one)}]" if name != "rPr" else ""
    inside = "".join(map(outline, element))
    return inside if name in ("r", "oMath", "oMathPara") else f"{name}({inside})"


def translated(formula: Node | None, *, display: bool) -> str | None:
    made = None if formula is None else omml(formula, display=display)
    if made is None:
        return None
    named = f'<w xmlns:m="{NAMESPACE}" xmlns:w="w">{made}</w>'
    return outline(ET.fromstring(named)[0])  # noqa: S314 - our own


EXPECTED: dict[str, str | None] = {
    r"E=mc^2": "E=msSup([]e(c)sup(2))",
     r"\frac{a}{b}": "f([bar]num(a)den(b))",
     r"\binom{n}{k}": "d([( )]e(f([noBar]num(n)den(k))))",
     r"\sqrt[3]{x}+\sqrt{y}": "rad([]deg(3)e(x))+rad([1]deg()e(y))",
     r"\sum_{i=1}^{n} a_i = 1": "nary([∑ undOvr]sub(i=1)sup(n)e(sSub([]e(a)sub(i))))=1",
     r"\int_D f": "nary([∫ subSup 1]sub(D)sup()e(f))",
     r"\sin^2 x": "func([]fName(sSup([]e(sin)sup(2)))e(x))",
     r"\lim_{x\to 0} f": "func([]fName(limLow([]e(lim)lim(x→0)))e(f))",
     r"\left[ a \middle| b \right)": "d([[ | )]e(a)e(b))",
     r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}":
      "d([( )]e(m([1 1 center 1 center]mr(e(a)e(b))mr(e(c)e(d)))))",
     r"\begin{cases} x & 若 \\ y & 否 \end{cases}":
      "d([{]e(m([1 1 left 1 left]mr(e(x)e(若))mr(e(y)e(否)))))",
     r"\vec{v} \overline{AB} \underbrace{c}_{n}":
      "acc([\u20d7]e(v))bar([top]e(AB))limLow([]e(groupChr([⏟ bot top]e(c)))lim(n))",
     r"{}^{14}C": "sSup([]e(\u200b)sup(14))C",
     r"a \not= b \bmod 3": "a=\u0338b\u2005mod\u20053",
     r"a<b": "a<b", r"\label{式} 速度": "速度",
     r"\nonsense": None, r"\frac{1}{": None,
}  # fmt: skip


def test_latex_is_translated(formulas: FormulaClient) -> None:
    said = {
        latex: translated(formulas.mathml(latex, display=True), display=True) for latex in EXPECTED
    }
    assert said == EXPECTED


def test_a_formula_in_a_line_has_its_limits_beside(formulas: FormulaClient) -> None:
    said = translated(formulas.mathml(r"\sum_i^n a + \max_x b", display=False), display=False)
    assert said is not None
    assert "nary([∑ subSup]" in said
    assert "limLow" not in said


def node(name: str, *children: Node, text: str = "", **attributes: str) -> Node:
    return Node(name, text, attributes, children)


@pytest.mark.parametrize(
    "formula",
    [node("script", text="x"), node("mfrac", node("mi", text="x")), node("mtable"),
     node("mrow", node("mo", text="((", fence="true", form="prefix"), node("mi", text="x"),
          node("mo", text=")", fence="true", form="postfix"))],
)  # fmt: skip
def test_what_word_has_nothing_like_is_left(formula: Node) -> None:
    assert omml(formula, display=False) is None


def test_what_a_child_says_is_text_and_never_markup() -> None:
    evil = '"/><w:p>\x00</m:t>'
    letter = node("mi", text=evil, mathvariant=evil)
    cell = node("mtable", node("mtr", node("mtd", letter, columnalign=evil)))
    said = translated(node("mrow", letter, cell), display=False)
    assert said is not None
    assert said.count(evil.replace("\x00", "\ufffd")) == 2


@pytest.mark.parametrize(
    "message",
    [None, [], ["mi", "x"], ["mi", "x", [], []], ["mi", 1, {}, []], ["mi", "x", {}, [1]],
     ["mrow", "", {}, [["mi", "x", {}, []]] * 5_000]],
)  # fmt: skip
def test_anything_but_a_sane_tree_is_refused(message: object) -> None:
    with pytest.raises(NoFormulaError):
        from_wire(message)


def test_too_deep_a_tree_is_refused() -> None:
    tree: list[object] = ["mi", "x", {}, []]
    for _level in range(200):
        tree = ["mrow", "", {}, [tree]]
    with pytest.raises(NoFormulaError):
        from_wire(tree)
