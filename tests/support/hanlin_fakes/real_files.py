r"""Files that real programs made, kept in ``tests/data/papers`` so that tests need none of them.

    PYTHONPATH=tests/support .venv/bin/python -m hanlin_fakes.real_files

makes them anew with LibreOffice, poppler, ImageMagick, img2pdf, espeak-ng, lame and flac (Debian:
libreoffice-writer-nogui, -impress-nogui, -calc-nogui, poppler-utils, imagemagick, img2pdf,
espeak-ng, lame, flac), and writes the programs' versions beside them. Files made up by us, good
and hostile, are ``foreign_files``.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

PAPERS: Final = Path(__file__).parents[2] / "data" / "papers"
LETTER: Final = (
    ("租赁合同", "月租金为三千二百元，每月五日前支付。", "The deposit is 6,400 yuan."),
    ("违约责任", "迟付一日，按日加收万分之五。", "Page two: notice is given thirty days ahead."),
)
"""Title, a Chinese and an English sentence of each page."""
ROWS: Final = (("项目", "单价", "数量"), ("大米", "5.5", "20"), ("茶叶", "128", "3"))
SLIDES: Final = (("春季计划", "三月开工，六月完成。"), ("Budget", "Forty thousand in all."))
SPOKEN: Final = "Rent is due."
"""What the voice of the sounds says."""
PASSWORD: Final = "open sesame"  # noqa: S105 - of a file that is there to be refused

_NAMES: Final = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{where}:1.0"'
    for name, where in {
        "office": "office", "style": "style", "text": "text", "table": "table", "draw": "drawing",
        "fo": "xsl-fo-compatible", "svg": "svg-compatible",
    }.items()
)  # fmt: skip
_SCANNED_DPI: Final = 72
_OPENED_WITH: Final = {
    "EncryptFile": {"type": "boolean", "value": "true"},
    "DocumentOpenPassword": {"type": "string", "value": PASSWORD},
}


def _document(kind: str, content: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {_NAMES} office:version="1.3" '
        f'office:mimetype="application/vnd.oasis.opendocument.{kind}">{content}</office:document>'
    )


def _letter(pages: Sequence[tuple[str, str, str]]) -> str:
    styles = (
        '<style:style style:name="N" style:family="paragraph"><style:paragraph-properties '
        'fo:break-before="page"/></style:style>'
    )
    body = "".join(
        f"<text:p{' text:style-name=' + chr(34) + 'N' + chr(34) if number else ''}>{title}</text:p>"
        f"<text:p>{chinese}</text:p><text:p>{english}</text:p>"
        for number, (title, chinese, english) in enumerate(pages)
    )
    return _document(
        "text",
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body>",
    )


def _table() -> str:
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in ROWS
    )
    table = f'<table:table table:name="账单">{rows}</table:table>'
    return _document(
        "spreadsheet",
        f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>",
    )


def _talk() -> str:
    pages = "".join(
        f'<draw:page draw:name="p{number}" draw:master-page-name="M">'
        + "".join(
            f'<draw:frame svg:x="2cm" svg:y="{1 + 5 * place}cm" svg:width="22cm" '
            f'svg:height="3cm"><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>'
            for place, text in enumerate(slide)
        )
        + "</draw:page>"
        for number, slide in enumerate(SLIDES)
    )
    return _document(
        "presentation",
        '<office:automatic-styles><style:page-layout style:name="P"><style:page-layout-properties '
        'fo:page-width="28cm" fo:page-height="15.75cm"/></style:page-layout>'
        '</office:automatic-styles><office:master-styles><style:master-page style:name="M" '
        'style:page-layout-name="P"/></office:master-styles>'
        f"<office:body><office:presentation>{pages}</office:presentation></office:body>",
    )


def _run(*words: str, folder: Path) -> str:
    program = shutil.which(words[0])
    if program is None:
        raise SystemExit(f"{words[0]} is not installed")
    environment = {**os.environ, "HOME": str(folder)}
    done = subprocess.run(
        [program, *words[1:]], cwd=folder, env=environment, check=True, capture_output=True,
        text=True, timeout=300,
    )  # fmt: skip
    return done.stdout + done.stderr


def _convert(source: Path, form: str, name: str) -> None:
    """Let LibreOffice write ``source`` as ``form`` under another name."""
    folder = source.parent / "made"
    _run(
        "soffice", "--headless", "--convert-to", form, "--outdir", str(folder), str(source),
        folder=source.parent,
    )  # fmt: skip
    (made,) = folder.iterdir()
    made.rename(PAPERS / name)


def _make_documents(folder: Path) -> None:
    sources = {
        "letter.fodt": _letter(LETTER),
        "blank.fodt": _letter([("", "", "")]),
        "table.fods": _table(),
        "talk.fodp": _talk(),
    }
    for name, text in sources.items():
        (folder / name).write_text(text, encoding="utf-8")
    letter = folder / "letter.fodt"
    _convert(letter, "docx", "letter.docx")
    _convert(letter, "pdf", "letter.pdf")
    _convert(letter, "html:XHTML Writer File", "letter.html")
    blank = folder / "blank.fodt"
    _convert(blank, f"pdf:writer_pdf_Export:{json.dumps(_OPENED_WITH)}", "locked.pdf")
    _convert(blank, "pdf", "empty.pdf")
    _convert(folder / "table.fods", "xlsx", "table.xlsx")
    _convert(folder / "talk.fodp", "pptx", "talk.pptx")


def _make_scan(folder: Path) -> None:
    """Let a scanner have the letter: grey, a little askew, with its noise, and no text."""
    _run(
        "pdftoppm", "-r", str(_SCANNED_DPI), "-gray", "-png", str(PAPERS / "letter.pdf"), "page",
        folder=folder,
    )  # fmt: skip
    pages: list[str] = []
    for number, page in enumerate(sorted(folder.glob("page*.png"))):
        seen = page.with_suffix(".jpg")
        _run(
            "convert", page.name, "-background", "gray97", "-rotate", str(0.8 - 1.4 * number),
            "-attenuate", "0.06", "-seed", "9", "+noise", "Gaussian", "-colorspace", "Gray",
            "-density", str(_SCANNED_DPI), "-units", "PixelsPerInch", "-quality", "30", seen.name,
            folder=folder,
        )  # fmt: skip
        pages.append(seen.name)
    _run("img2pdf", "--output", str(PAPERS / "scan.pdf"), *pages, folder=folder)


def _make_speech(folder: Path) -> None:
    wave, mp3, flac = (str(PAPERS / f"speech.{suffix}") for suffix in ("wav", "mp3", "flac"))
    _run("espeak-ng", "-v", "en", "-s", "450", "-w", wave, SPOKEN, folder=folder)
    _run("lame", "--quiet", "-b", "32", wave, mp3, folder=folder)
    _run("flac", "--silent", "--force", "--best", "-o", flac, wave, folder=folder)


def main() -> None:
    """Make all of them anew."""
    PAPERS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make_documents(folder)
        _make_scan(folder)
        _make_speech(folder)
        versions = {
            program: _run(*words, folder=folder).strip().splitlines()[0]
            for program, words in {
                "LibreOffice": ("soffice", "--version"), "poppler": ("pdftoppm", "-v"),
                "ImageMagick": ("convert", "--version"), "img2pdf": ("img2pdf", "--version"),
                "espeak-ng": ("espeak-ng", "--version"), "lame": ("lame", "--version"),
                "flac": ("flac", "--version"),
            }.items()
        }  # fmt: skip
    text = json.dumps(versions, indent=1, ensure_ascii=False)
    (PAPERS / "made_by.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
