r"""Word, PowerPoint and Excel files that LibreOffice made, translated, and opened by it again.

    PYTHONPATH=app:models:resources:packaging/benchmarks .venv/bin/python \\
        packaging/benchmarks/office_files.py [--pictures FOLDER]

Needs ``soffice`` (apt: libreoffice-writer-nogui, -impress-nogui, -calc-nogui). Everything goes
through ``hanlin translate`` and the starter. For each file: how many paragraphs, runs, cells,
slides and notes stand in it before and after, whether the styles of the runs are the same in the
same order, and whether LibreOffice opens the translation. ``--pictures`` needs ImageMagick, too,
and writes the first page before and after beside each other.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pypdfium2

_NAMES: Final = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{where}:1.0"'
    for name, where in {
        "office": "office", "style": "style", "text": "text", "table": "table", "draw": "drawing",
        "fo": "xsl-fo-compatible", "svg": "svg-compatible", "presentation": "presentation",
    }.items()
)  # fmt: skip
_DOCUMENT: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document {_NAMES} office:version="1.3" '
    'office:mimetype="application/vnd.oasis.opendocument.{kind}">{content}</office:document>'
)
_STYLES: Final = """
<style:style style:name="B" style:family="text">
 <style:text-properties fo:font-weight="bold" style:font-weight-asian="bold"/></style:style>
<style:style style:name="C" style:family="text">
 <style:text-properties fo:color="#c0392b" fo:font-style="italic"/></style:style>
<style:style style:name="H" style:family="paragraph"><style:text-properties
 fo:font-size="22pt" style:font-size-asian="22pt" fo:font-weight="bold"
 style:font-weight-asian="bold" fo:color="#1f4e79"/></style:style>
<style:style style:name="K" style:family="table-cell"><style:table-cell-properties
 fo:background-color="#dce6f1" fo:border="0.5pt solid #1f4e79" fo:padding="0.1cm"/></style:style>
<style:style style:name="L" style:family="table-cell"><style:table-cell-properties
 fo:border="0.5pt solid #1f4e79" fo:padding="0.1cm"/></style:style>
"""
_ROWS: Final = (("名字", "它在哪里？"), ("猫", "猫在椅子下面。"), ("狗", "狗在花园里。"))


def _table() -> str:
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell table:style-name="{"K" if not number else "L"}" '
            f'office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for number, row in enumerate(_ROWS)
    )
    columns = '<table:table-column table:number-columns-repeated="2"/>'
    return f'<table:table table:name="T">{columns}{rows}</table:table>'


def _frame(top: float, height: float, style: str, text: str) -> str:
    return (
        f'<draw:frame svg:x="2cm" svg:y="{top}cm" svg:width="22cm" svg:height="{height}cm">'
        f'<draw:text-box><text:p text:style-name="{style}">{text}</text:p></draw:text-box>'
        "</draw:frame>"
    )


_MIXED: Final = (
    '我有一只<text:span text:style-name="B">狗</text:span>和一只'
    '<text:span text:style-name="C">猫</text:span>。'
    '我的<text:span text:style-name="C">姐姐</text:span>喜欢'
    '<text:span text:style-name="B">喝茶</text:span>。'
)
_SLIDES: Final = "".join(
    f'<draw:page draw:name="p{number}" draw:master-page-name="M">{_frame(1, 3, "H", title)}'
    f"{_frame(5, 3, '', _MIXED)}{_frame(9, 3, '', body)}<presentation:notes>"
    f'<draw:frame presentation:class="notes" svg:x="2cm" svg:y="14cm" svg:width="16cm" '
    f'svg:height="9cm"><draw:text-box><text:p>{note}</text:p></draw:text-box></draw:frame>'
    "</presentation:notes></draw:page>"
    for number, (title, body, note) in enumerate(
        (
            ("我们的花园", "我们的房子很大。", "请慢慢说。"),
            ("这是我们的房子。", "孩子们喜欢花园。", "谢谢你的帮助。"),
        )
    )
)
_SOURCES: Final = {
    "docx": (
        "fodt",
        "text",
        (
            f"<office:automatic-styles>{_STYLES}</office:automatic-styles><office:body><office:text>"
            '<text:h text:style-name="H" text:outline-level="1">我们的花园</text:h>'
            f"<text:p>我们的房子很大。{_MIXED}</text:p>"
            "<text:p>孩子们喜欢花园<text:note text:note-class='footnote'><text:note-citation>1"
            "</text:note-citation><text:note-body><text:p>花园很漂亮。</text:p></text:note-body>"
            "</text:note>。</text:p><text:list><text:list-item><text:p>早上我喝咖啡。</text:p>"
            "</text:list-item><text:list-item><text:p>晚上我看书。</text:p></text:list-item>"
            f"</text:list>{_table()}<text:p>谢谢你的帮助。</text:p></office:text></office:body>"
        ),
    ),
    "pptx": (
        "fodp",
        "presentation",
        (
            f'<office:automatic-styles>{_STYLES}<style:page-layout style:name="P">'
            '<style:page-layout-properties fo:page-width="28cm" fo:page-height="15.75cm"/>'
            "</style:page-layout></office:automatic-styles><office:master-styles>"
            '<style:master-page style:name="M" style:page-layout-name="P"/></office:master-styles>'
            f"<office:body><office:presentation>{_SLIDES}</office:presentation></office:body>"
        ),
    ),
    "xlsx": (
        "fods",
        "spreadsheet",
        (
            f"<office:automatic-styles>{_STYLES}</office:automatic-styles><office:body>"
            f"<office:spreadsheet>{_table()}</office:spreadsheet></office:body>"
        ),
    ),
}
_COUNTED: Final[Mapping[str, Mapping[str, str]]] = {
    "docx": {"paragraphs": r"<w:p[ >]", "runs": r"<w:r[ >]", "cells": r"<w:tc[ >]",
             "notes": r"<w:footnote "},
    "pptx": {"paragraphs": r"<a:p[ >]", "runs": r"<a:r[ >]", "shapes": r"<p:sp[ >]"},
    "xlsx": {"cells": r"<c ", "strings": r"<si[ >]", "runs": r"<r>"},
}  # fmt: skip
_STYLE: Final = re.compile(r"<(w:rPr|a:rPr|rPr)\b.*?(?:/>|</\1>)| s=\"\d+\"", re.DOTALL)


def main() -> None:
    """Make, translate, count, and open again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="where pictures before and after go")
    pictures = parser.parse_args().pictures
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, (flat, mime, content) in _SOURCES.items():
            source = folder / f"house.{flat}"
            source.write_text(_DOCUMENT.format(kind=mime, content=content), encoding="utf-8")
            made = _office(source, kind, folder)
            command = [sys.executable, "-m", "hanlin", "--data-dir", str(folder / "data"),
                       "translate", str(made), "--to", "en", "--json"]  # fmt: skip
            told = subprocess.run(
                command, check=True, capture_output=True, text=True, env=dict(os.environ)
            )
            event = json.loads(told.stdout.splitlines()[-1])
            output = Path(event["output"])
            before, after = _counts(made, kind), _counts(output, kind)
            opened = _office(output, "pdf", folder / "after")
            result = {
                "file": made.name, "made by": "LibreOffice", "before": before, "after": after,
                "same styles": _styles(made) == _styles(output), "sentences": event["sentences"],
                "opened again": opened.stat().st_size > 0, "problems": event["problems"],
            }  # fmt: skip
            print(json.dumps(result, ensure_ascii=False), flush=True)
            if pictures is not None and kind != "xlsx":
                both = [_drawn(_office(made, "pdf", folder / "before")), _drawn(opened)]
                _beside(both, pictures / f"translated-{kind}.png")


def _office(source: Path, kind: str, folder: Path) -> Path:
    """Return the file as LibreOffice writes it in another format."""
    folder.mkdir(exist_ok=True)
    office = shutil.which("soffice") or sys.exit("soffice is not installed")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command: list[str | Path] = [
        office,
        profile,
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        folder,
        source,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder / f"{source.stem}.{kind}"


def _parts(file: Path) -> str:
    with zipfile.ZipFile(file) as package:
        names = sorted(name for name in package.namelist() if name.endswith(".xml"))
        return "".join(package.read(name).decode() for name in names)


def _counts(file: Path, kind: str) -> dict[str, int]:
    parts = _parts(file)
    with zipfile.ZipFile(file) as package:
        found = {"parts": len(package.namelist())}
    return found | {what: len(re.findall(tag, parts)) for what, tag in _COUNTED[kind].items()}


def _styles(file: Path) -> list[str]:
    return [match.group() for match in _STYLE.finditer(_parts(file))]


def _drawn(file: Path) -> Path:
    """Return the first page as a picture."""
    picture = file.with_suffix(".png")
    pypdfium2.PdfDocument(file)[0].render(scale=1.0).to_pil().save(picture)
    return picture


def _beside(both: list[Path], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    frame: list[str | Path] = ["-trim", "-bordercolor", "white", "-border", "24"]
    edge: list[str | Path] = ["-bordercolor", "#888", "-border", "1", "+append", target]
    command = ["convert", *both, *frame, *edge]

    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
