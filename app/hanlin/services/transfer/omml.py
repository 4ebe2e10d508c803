"""A formula as Word's own, which can be changed there: MathML to Office's mathematical markup.

Written by hand: what latex2mathml writes of MathML are some twenty elements, and no package
that translates them is looked after. What is not among them is left to the caller, who has
the formula's source.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hanlin.formulas.mathml import Node
from hanlin.services.transfer.markup import attribute, text

NAMESPACE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_FONT: Final = '<w:rPr><w:rFonts w:ascii="Cambria Math" w:hAnsi="Cambria Math"/></w:rPr>'
_NOTHING: Final = "\N{ZERO WIDTH SPACE}"
"""Stands where Word would show an empty box."""
_LARGE: Final = frozenset("∑∏∐⋃⋂⋁⋀⨁⨂⨀⨄⨆")
_INTEGRALS: Final = frozenset("∫∬∭⨌∮∯∰")
_RELATIONS: Final = frozenset("=<>≤≥≠≈≡∼≃≅∝→←↔⇒⇐⇔↦∈∉⊂⊆⊃⊇,;")
"""End what an operator with limits is of."""
_BELOW: Final = frozenset(("lim", "max", "min", "sup", "inf", "det", "gcd", "Pr"))
_OPENING: Final = frozenset("([{|‖⟨⌈⌊")
_CLOSING: Final = frozenset(")]}|‖⟩⌉⌋")
_ACCENTS: Final[Mapping[str, str]] = {
    "^": "\u0302", "ˆ": "\u0302", "\u0302": "\u0302", "~": "\u0303", "\u0303": "\u0303",
    "´": "\u0301", "`": "\u0300", "˙": "\u0307", "¨": "\u0308", "\u20db": "\u20db",
    "˘": "\u0306", "ˇ": "\u030c", "˚": "\u030a", "→": "\u20d7", "←": "\u20d6", "↔": "\u20e1",
}  # fmt: skip
_BARS: Final = frozenset("¯―‾_\u0332")
_BRACES: Final = frozenset("⏞⏟⎴⎵⏜⏝")
_VARIANTS: Final[Mapping[str, str]] = {
    "normal": '<m:sty m:val="p"/>',
    "italic": '<m:sty m:val="i"/>',
    "bold": '<m:sty m:val="b"/>',
    "bold-italic": '<m:sty m:val="bi"/>',
    "double-struck": '<m:scr m:val="double-struck"/><m:sty m:val="p"/>',
    "script": '<m:scr m:val="script"/><m:sty m:val="p"/>',
    "fraktur": '<m:scr m:val="fraktur"/><m:sty m:val="p"/>',
    "sans-serif": '<m:scr m:val="sans-serif"/><m:sty m:val="p"/>',
    "monospace": '<m:scr m:val="monospace"/><m:sty m:val="p"/>',
}
_STROKES: Final = (
    ("horizontalstrike", "strikeH"),
    ("verticalstrike", "strikeV"),
    ("updiagonalstrike", "strikeBLTR"),
    ("downdiagonalstrike", "strikeTLBR"),
)
_SPACES: Final = ((1.5, "\u2003\u2003"), (0.8, "\u2003"), (0.4, "\u2002"), (0.1, "\u2009"))
"""From how many widths of the font on which characters make as much room."""
_NAMED_SPACES: Final = {"thinmathspace": 0.167, "mediummathspace": 0.222, "thickmathspace": 0.278}
_LAST_OF_PLANE: Final = "\uffff"
"""Behind it are letters that are bold or calligraphic by themselves."""
_STROKE: Final = "\N{COMBINING LONG SOLIDUS OVERLAY}"
_BESIDE: Final = "\N{FOUR-PER-EM SPACE}"


class _UntranslatableError(Exception):
    """There is nothing like it."""


def omml(formula: Node, *, display: bool) -> str | None:
    """Return a formula as it stands in a paragraph; None for what cannot be translated.

    ``display``: it has a line of its own.
    """
    try:
        said = f"<m:oMath>{_Translator(limits_below=display).inside((formula,))}</m:oMath>"
    except _UntranslatableError:
        return None
    return f"<m:oMathPara>{said}</m:oMathPara>" if display else said


class _Translator:
    def __init__(self, *, limits_below: bool) -> None:
        self._limits_below = limits_below
        self._elements: Mapping[str, Callable[[Node], str]] = {
            **dict.fromkeys(("math", "mrow", "mstyle", "mpadded", "mtd"), self._group),
            "mi": self._letters,
            "mn": self._letters,
            "mo": self._letters,
            "mtext": lambda node: _run(node.text, "<m:nor/>"),
            "mspace": _space,
            "mfrac": self._fraction,
            "msqrt": lambda node: _root("", self.inside(node.children)),
            "mroot": self._root,
            "msub": self._script,
            "msup": self._script,
            "msubsup": self._script,
            "mover": self._over,
            "munder": self._under,
            "munderover": self._both,
            "mtable": self._table,
            "mphantom": lambda node: _made(
                "phant", '<m:show m:val="0"/>', ("e", self.inside(node.children))
            ),
            "menclose": self._enclosed,
        }

    def row(self, nodes: Sequence[Node]) -> str:
        """Return what stands side by side, each with what belongs to it."""
        said, place = list[str](), 0
        while place < len(nodes):
            node, behind = nodes[place], nodes[place + 1 :]
            place += 1
            if _sign(node) in _OPENING and behind and behind[0].name == "mtable":
                closing = _sign(behind[1]) if len(behind) > 1 else ""
                closed = closing in _CLOSING and closing != ""
                ends = (_sign(node), closing if closed else "")
                said.append(self._fence(ends, [behind[:1]]))
                place += 2 if closed else 1
            elif _is_stroke(node) and behind and _sign(behind[0]):
                said.append(_run(f"{_sign(behind[0])}{_STROKE}"))
                place += 1
            elif operand := self._of_operator(node, behind):
                said.append(self._operator(node, operand))
                place += len(operand)
            elif _is_function(node) and behind and behind[0].name not in ("mo", "mspace", "mtext"):
                name = self.inside((node,))
                said.append(_made("func", "", ("fName", name), ("e", self.inside(behind[:1]))))
                place += 1
            else:
                said.append(self._one(node))
        return "".join(said)

    def inside(self, nodes: Sequence[Node]) -> str:
        """Return what stands in a place that must not be empty."""
        return self.row(nodes) or _run(_NOTHING)

    def _one(self, node: Node) -> str:
        if node.name not in self._elements:
            raise _UntranslatableError(node.name)
        return self._elements[node.name](node)

    def _group(self, node: Node) -> str:
        inside = node.children
        if len(inside) > 1 and _is_fence(inside[0], "prefix") and _is_fence(inside[-1], "postfix"):
            parts: list[list[Node]] = [[]]
            middle = ""
            for one in inside[1:-1]:
                if one.attributes.get("fence") == "true" and "form" not in one.attributes:
                    middle = one.text
                    parts.append([])
                else:
                    parts[-1].append(one)
            return self._fence((inside[0].text, inside[-1].text), parts, middle)
        return self.row(inside)

    def _letters(self, node: Node) -> str:
        variant = _VARIANTS.get(node.attributes.get("mathvariant", ""))
        if variant is None:
            upright = node.name == "mi" and (len(node.text) > 1 or node.text > _LAST_OF_PLANE)
            named = node.name == "mo" and node.text.isalpha()
            variant = _VARIANTS["normal"] if upright or named else ""
        beside = _BESIDE if node.name == "mo" and node.text == "mod" else ""
        return _run(f"{beside}{node.text}{beside}", variant)

    def _fraction(self, node: Node) -> str:
        above, below = self._parts(node, 2)
        kind = "noBar" if node.attributes.get("linethickness") == "0" else "bar"
        return _made("f", f'<m:type m:val="{kind}"/>', ("num", above), ("den", below))

    def _root(self, node: Node) -> str:
        inside, degree = self._parts(node, 2)
        return _root(degree, inside)

    def _script(self, node: Node) -> str:
        if _is_limit(node) and self._limits_below and node.name == "msub":
            return self._under(node)
        base, *raised = self._parts(node, 3 if node.name == "msubsup" else 2)
        names = {"msub": ("sub",), "msup": ("sup",), "msubsup": ("sub", "sup")}[node.name]
        kind = {"msub": "sSub", "msup": "sSup", "msubsup": "sSubSup"}[node.name]
        return _made(kind, "", ("e", base), *zip(names, raised, strict=True))

    def _over(self, node: Node) -> str:
        base, above = self._parts(node, 2)
        sign = _sign(node.children[1])
        if sign in _ACCENTS and _sign(node.children[0]) == "":
            return _made("acc", f'<m:chr m:val="{_ACCENTS[sign]}"/>', ("e", base))
        if sign in _BARS:
            return _made("bar", '<m:pos m:val="top"/>', ("e", base))
        if sign in _BRACES:
            return _brace(sign, "top", base)
        return _made("limUpp", "", ("e", base), ("lim", above))

    def _under(self, node: Node) -> str:
        base, below = self._parts(node, 2)
        sign = _sign(node.children[1])
        if sign in _BARS:
            return _made("bar", '<m:pos m:val="bot"/>', ("e", base))
        if sign in _BRACES:
            return _brace(sign, "bot", base)
        return _made("limLow", "", ("e", base), ("lim", below))

    def _both(self, node: Node) -> str:
        base, below, above = self._parts(node, 3)
        return _made(
            "limUpp", "", ("e", _made("limLow", "", ("e", base), ("lim", below))), ("lim", above)
        )

    def _of_operator(self, node: Node, behind: Sequence[Node]) -> Sequence[Node]:
        """Return what a sum or an integral with limits is of; nothing for anything else."""
        limited = node.name in ("msub", "msup", "msubsup", "munder", "mover", "munderover")
        if not limited or not node.children or _sign(node.children[0]) not in _LARGE | _INTEGRALS:
            return ()
        end = next((n for n, one in enumerate(behind) if _sign(one) in _RELATIONS), len(behind))
        return behind[:end]

    def _operator(self, node: Node, operand: Sequence[Node]) -> str:
        sign = _sign(node.children[0])
        below, above = "", ""
        if node.name in ("msubsup", "munderover"):
            _base, below, above = self._parts(node, 3)
        elif node.name in ("msup", "mover"):
            _base, above = self._parts(node, 2)
        else:
            _base, below = self._parts(node, 2)
        beside = sign in _INTEGRALS or not self._limits_below
        looks = (
            f'<m:chr m:val="{attribute(sign)}"/>'
            f'<m:limLoc m:val="{"subSup" if beside else "undOvr"}"/>'
            + ("" if below else '<m:subHide m:val="1"/>')
            + ("" if above else '<m:supHide m:val="1"/>')
        )
        return _made("nary", looks, ("sub", below), ("sup", above), ("e", self.inside(operand)))

    def _table(self, node: Node) -> str:
        rows = [row.children for row in node.children]
        width = max(map(len, rows), default=0)
        if not width:
            raise _UntranslatableError(node.name)
        told = [cell.attributes.get("columnalign") for cell in max(rows, key=len)]
        sides = [side if side in ("left", "right") else "center" for side in told]
        columns = "".join(
            f'<m:mc><m:mcPr><m:count m:val="1"/><m:mcJc m:val="{side}"/></m:mcPr></m:mc>'
            for side in sides
        )
        lines = "".join(
            "<m:mr>"
            + "".join(f"<m:e>{self.row(row[n : n + 1])}</m:e>" for n in range(width))
            + "</m:mr>"
            for row in rows
        )
        return f'<m:m><m:mPr><m:plcHide m:val="1"/><m:mcs>{columns}</m:mcs></m:mPr>{lines}</m:m>'

    def _enclosed(self, node: Node) -> str:
        notation = node.attributes.get("notation", "").split()
        sides = ("hideTop", "hideBot", "hideLeft", "hideRight") if "box" not in notation else ()
        wanted = [*sides, *(ours for theirs, ours in _STROKES if theirs in notation)]
        looks = "".join(f'<m:{one} m:val="1"/>' for one in wanted)
        return _made("borderBox", looks, ("e", self.inside(node.children)))

    def _fence(
        self, ends: tuple[str, str], parts: Sequence[Sequence[Node]], middle: str = ""
    ) -> str:
        if max(map(len, (*ends, middle))) > 1:
            raise _UntranslatableError(ends)
        looks = (
            f'<m:begChr m:val="{attribute(ends[0])}"/>'
            + (f'<m:sepChr m:val="{attribute(middle)}"/>' if middle else "")
            + f'<m:endChr m:val="{attribute(ends[1])}"/>'
        )
        return _made("d", looks, *(("e", self.inside(part)) for part in parts))

    def _parts(self, node: Node, count: int) -> list[str]:
        if len(node.children) != count:
            raise _UntranslatableError(node.name)
        return [self.inside((one,)) for one in node.children]


def _run(said: str, looks: str = "") -> str:
    if not said:
        return ""
    style = f"<m:rPr>{looks}</m:rPr>" if looks else ""
    return f'<m:r>{style}{_FONT}<m:t xml:space="preserve">{text(said)}</m:t></m:r>'


def _made(name: str, looks: str, *parts: tuple[str, str]) -> str:
    inside = "".join(f"<m:{part}>{said}</m:{part}>" for part, said in parts)
    return f"<m:{name}><m:{name}Pr>{looks}</m:{name}Pr>{inside}</m:{name}>"


def _root(degree: str, inside: str) -> str:
    looks = "" if degree else '<m:degHide m:val="1"/>'
    return _made("rad", looks, ("deg", degree), ("e", inside))


def _brace(sign: str, side: str, base: str) -> str:
    looks = f'<m:chr m:val="{attribute(sign)}"/><m:pos m:val="{side}"/>'
    far = "bot" if side == "top" else "top"
    return _made("groupChr", f'{looks}<m:vertJc m:val="{far}"/>', ("e", base))


def _space(node: Node) -> str:
    width = node.attributes.get("width", "")
    try:
        wide = _NAMED_SPACES.get(width) or float(width.removesuffix("em"))
    except ValueError:
        return ""  # narrower, or in units of print
    return _run(next((signs for least, signs in _SPACES if wide >= least), ""))


def _sign(node: Node) -> str:
    """Return the sign that a node is, "" for one that is anything else."""
    while node.name in ("mrow", "mstyle") and len(node.children) == 1:
        node = node.children[0]
    return node.text if node.name == "mo" else ""


def _is_fence(node: Node, side: str) -> bool:
    return (
        node.name == "mo"
        and node.attributes.get("fence") == "true"
        and node.attributes.get("form") == side
    )


def _is_function(node: Node) -> bool:
    """Tell whether it is a name such as sin, alone or with an index or exponent."""
    if node.name in ("msub", "msup", "msubsup", "munder") and node.children:
        node = node.children[0]
    named = node.name in ("mi", "mo") and len(node.text) > 1 and node.text[0].isascii()
    return named and node.text[0].isalpha() and node.text != "mod"


def _is_stroke(node: Node) -> bool:
    """Tell whether it is what crosses out the sign behind it."""
    return node.name == "mpadded" and [one.text for one in node.children] == ["⧸"]


def _is_limit(node: Node) -> bool:
    base = node.children[0] if node.children else node
    return base.name in ("mi", "mo") and base.text.split("\u2006")[0].split("\u2009")[-1] in _BELOW
