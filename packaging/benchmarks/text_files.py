r"""Subtitles, XLIFF and Qt messages by real programs, translated, and read by these again.

    PYTHONPATH=app:models:resources:packaging/benchmarks .venv/bin/python \\
        packaging/benchmarks/text_files.py --tools FOLDER

``FOLDER`` has ffmpeg and translate-toolkit, which are no part of Hanlin (the latter is GPL):
``pip install --target FOLDER imageio-ffmpeg translate-toolkit``. Everything goes through
``hanlin translate`` and the starter. For each file: how many cues or units stand in it before
and after, whether times, styles, identifiers and sources are the same, and how many of them the
program that made it reads in the translation.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import PySide6

_CUES: Final = (
    ("00:01.000 --> 00:03.500", "我们的房子很大。"),
    ("00:04.000 --> 00:06.250", "我有一只<b>狗</b>和一只<i>猫</i>。"),
    ("00:07.000 --> 00:09.000", "孩子们喜欢花园。\n猫在椅子下面。"),
    ("01:00:10.000 --> 01:00:12.345", "谢谢你的帮助。"),
)
_MESSAGES: Final = (
    "谢谢你的帮助。",
    "孩子们喜欢花园。",
    "猫在椅子下面。",
    "我的老师住在北京。",
    "%d 只猫",
)
_TIMES: Final = re.compile(r"[\d:]+[.,]\d+[^\n\d]+[\d:]+[.,]\d+")
_CUE: Final = re.compile(r"-->|^Dialogue:", re.MULTILINE)
_STYLES: Final = re.compile(r"</?[bi]>|\{[^}]*\}")
_UNIT: Final = re.compile(r"<trans-unit [^>]*?id=\"([^\"]*)\"")
_SOURCE: Final = re.compile(r"<source[^>]*>(.*?)</source>", re.DOTALL)
_SECOND: Final = """\
import sys
from translate.storage import xliff2
made = xliff2.Xliff2File()
made.setsourcelanguage("zh")
for number, text in enumerate(sys.argv[2:]):
    made.addsourceunit(text).setid(f"text{number}")
made.savefile(sys.argv[1])
"""
"""XLIFF 2 by translate-toolkit's own storage: no converter of its writes that version."""
_SECOND_READ: Final = """\
import sys
from translate.storage import xliff2
read = xliff2.Xliff2File.parsefile(sys.argv[1])
print(read.gettargetlanguage(), sum(bool(unit.target) for unit in read.units))
"""
_SECOND_UNIT: Final = re.compile(r"<unit [^>]*?id=\"([^\"]*)\"")
_TARGET: Final = re.compile(r"<target[^>]*>[^<]+", re.DOTALL)
_QT: Final = Path(PySide6.__file__).parent
_QT_SOURCE: Final = re.compile(r"<source>(.*?)</source>", re.DOTALL)
_MESSAGE: Final = re.compile(r'^msgstr "[^"]+"', re.MULTILINE)


def main() -> None:
    """Make, translate, count, and read again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=Path, required=True)
    tools = parser.parse_args().tools.resolve()
    ffmpeg = next((tools / "imageio_ffmpeg" / "binaries").glob("ffmpeg-*"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for made in _subtitles(folder, ffmpeg):
            output, event = _translated(made, folder)
            before, after = made.read_text("utf-8"), output.read_text("utf-8")
            again = folder / f"{output.stem}.again.vtt"
            _run([ffmpeg, "-v", "error", "-y", "-i", output, again])
            _print(made, "ffmpeg", event, {
                "cues": [len(_CUE.findall(before)), len(_CUE.findall(after))],
                "same times": _TIMES.findall(before) == _TIMES.findall(after),
                "same styles": _STYLES.findall(before) == _STYLES.findall(after),
                "cues read again": len(_CUE.findall(again.read_text("utf-8"))),
            })  # fmt: skip
        made = _xliff(folder, tools)
        output, event = _translated(made, folder)
        before, after = made.read_text("utf-8"), output.read_text("utf-8")
        again = folder / "again.po"
        _tool(tools, "xliff2po", output, again)
        _print(made, "translate-toolkit", event, {
            "units": [len(_UNIT.findall(before)), len(_UNIT.findall(after))],
            "same identifiers": _UNIT.findall(before) == _UNIT.findall(after),
            "same sources": _SOURCE.findall(before) == _SOURCE.findall(after),
            "targets": len(_TARGET.findall(after)),
            "messages read again": len(_MESSAGE.findall(again.read_text("utf-8"))),
        })  # fmt: skip
        made = folder / "texts.xlf"
        _python(tools, _SECOND, made, *_MESSAGES)
        output, event = _translated(made, folder)
        before, after = made.read_text("utf-8"), output.read_text("utf-8")
        _print(made, "translate-toolkit, XLIFF 2", event, {
            "units": [len(_SECOND_UNIT.findall(before)), len(_SECOND_UNIT.findall(after))],
            "same identifiers": _SECOND_UNIT.findall(before) == _SECOND_UNIT.findall(after),
            "same sources": _SOURCE.findall(before) == _SOURCE.findall(after),
            "targets": len(_TARGET.findall(after)),
            "language and targets read again": _python(tools, _SECOND_READ, output).strip(),
        })  # fmt: skip
        made = _qt(folder)
        output, event = _translated(made, folder)
        before, after = made.read_text("utf-8"), output.read_text("utf-8")
        released = _run([_QT / "lrelease", output, "-qm", folder / "window.qm"])
        _print(made, "lupdate", event, {
            "messages": [len(_QT_SOURCE.findall(before)), len(_QT_SOURCE.findall(after))],
            "same sources": _QT_SOURCE.findall(before) == _QT_SOURCE.findall(after),
            "lrelease says": " ".join(released.split()).rpartition("Generated ")[2],
        })  # fmt: skip


def _subtitles(folder: Path, ffmpeg: Path) -> list[Path]:
    web = folder / "house.vtt"
    cues = "\n\n".join(f"{times}\n{text}" for times, text in _CUES)
    web.write_text(f"WEBVTT\n\n{cues}\n", encoding="utf-8")
    made = [folder / f"film.{kind}" for kind in ("srt", "ass", "vtt")]
    for one in made:
        _run([ffmpeg, "-v", "error", "-y", "-i", web, one])
    return made


def _xliff(folder: Path, tools: Path) -> Path:
    messages = "\n".join(f'msgid "{one}"\nmsgstr ""\n' for one in _MESSAGES)
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    po, xliff = folder / "strings.po", folder / "strings.xlf"
    po.write_text(header + messages, encoding="utf-8")
    _tool(tools, "po2xliff", po, xliff)
    return xliff


def _qt(folder: Path) -> Path:
    """Return the messages that Qt's own tool collects from a program's source."""
    calls = "".join(f'tr("{text}");' for text in (*_MESSAGES[:4], "打开 %1(&O)…"))
    source, made = folder / "window.cpp", folder / "window.ts"
    source.write_text(
        f"class W : public QObject {{ Q_OBJECT void f() {{ {calls} }} }};", encoding="utf-8"
    )
    _run([_QT / "lupdate", source, "-source-language", "zh_CN", "-target-language", "en",
          "-ts", made])  # fmt: skip
    return made


def _python(tools: Path, program: str, *words: str | Path) -> str:
    """Run a program that uses the tools' libraries."""
    environment = dict(os.environ) | {"PYTHONPATH": str(tools)}
    return _run([sys.executable, "-c", program, *words], environment)


def _tool(tools: Path, name: str, source: Path, target: Path) -> None:
    environment = dict(os.environ) | {"PYTHONPATH": str(tools)}
    command: list[str | Path] = [sys.executable, tools / "bin" / name, source, target]
    command.append("--progress=none")
    _run(command, environment)


def _run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, check=True, capture_output=True, timeout=300, env=environment)
    return done.stdout.decode()


def _translated(made: Path, folder: Path) -> tuple[Path, Mapping[str, object]]:
    command: list[str | Path] = [
        sys.executable, "-m", "hanlin", "--data-dir", folder / "data", "translate", made,
        "--from", "zh", "--to", "en", "--json",
    ]  # fmt: skip
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    event = json.loads(told.stdout.splitlines()[-1])
    return Path(event["output"]), event


def _print(
    made: Path, maker: str, event: Mapping[str, object], found: Mapping[str, object]
) -> None:
    told = {"sentences": event["sentences"], "problems": event["problems"]}
    print(json.dumps({"file": made.name, "made by": maker, **found, **told}), flush=True)


if __name__ == "__main__":
    main()
