"""PDFs as Word documents."""

import io
import zipfile

import pytest

from hanlin.documents.formats.pages import paragraphs
from hanlin.documents.reading import read
from hanlin.documents.splicing import UnreadableError


def pdf(*lines: str) -> bytes:
    """Return a PDF with a page for each text of Latin letters."""
    pages = [
        "BT /F1 12 Tf 14 TL 72 720 Td "
        + " ".join(f"({line}) Tj T*" for line in page.split("\n"))
        + " ET"
        for page in lines
    ]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, page in enumerate(pages):
        objects.append(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {5 + 2 * number} 0 R>>"
        )
        objects.append(f"<</Length {len(page)}>>stream\n{page}\nendstream")
    body = "%PDF-1.4\n"
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj{one}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return (
        f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF"
    ).encode()


def document(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read("word/document.xml").decode()


def test_a_pdf_becomes_a_word_document_with_both_languages() -> None:
    found = read("a.pdf", pdf("A short title\nThe first line of a long paragraph goes on and\n"
                              "ends here.", "Second page."))  # fmt: skip
    assert [unit.text for unit in found.units] == [
        "A short title", "The first line of a long paragraph goes on and ends here.",
        "Second page.",
    ]  # fmt: skip
    targets = ["标题", "第一段 <&>。", None]
    both = document(found.build(targets, bilingual=True))
    assert both.count("<w:p>") == 5
    assert "第一段 &lt;&amp;&gt;。" in both
    assert both.count("pageBreakBefore") == 1
    alone = document(found.build(targets, bilingual=False))
    assert alone.count("<w:p>") == 3
    assert "The first line" not in alone
    again = read("b.docx", found.build(targets, bilingual=False))
    assert [unit.text for unit in again.units] == ["标题", "第一段 <&>。", "Second page."]


def test_pages_without_text_and_damaged_files_are_told_apart() -> None:
    with pytest.raises(UnreadableError, match="no-text"):
        read("a.pdf", pdf(""))
    with pytest.raises(UnreadableError, match="damaged"):
        read("a.pdf", b"%PDF-1.4 no")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A line that was hyphen-\nated by its printer and goes on.", 1),
        ("第一行写到这里就断了，后面还有\n第二行写完了。\n短。", 2),
        ("1. one item of a list here\n2. another item of the list", 2),
        ("", 0),
    ],
)
def test_lines_become_paragraphs(text: str, expected: int) -> None:
    found = list(paragraphs(text))
    assert len(found) == expected
    assert "hyphenated" in found[0] if "hyphen" in text else True
