"""Foreign files against the opening child: mutated pictures, hostile PDFs, a PDF of 300 pages.

    .venv/bin/python packaging/benchmarks/parsing.py [--pictures 4800] [--pdfs 200] [--pages 300]
        [--share 40]

Each file is opened as the window opens it, in a sandboxed child, and everything a message wants
of it is asked for. The window takes a child for each file; here ``--share`` files of one kind
come to the same child one after the other, because starting one costs a hundred times what a
small picture does (1 for as in the window). A child that ends is replaced, and a file that it
ended with is opened once more in a child of its own, which is what the window would have seen.
What counts is that each file ends in 25 seconds, with something or with a named reason. Children
that a signal ended (a crash, or a limit) are counted; this process lives as long as it prints,
and that it came to its end is its exit status.
"""

import argparse
import io
import logging
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from typing import Final

from PIL import Image

import checkout  # noqa: F401 - so that the tests' helpers are found
from hanlin.documents import opener
from hanlin.kernel.errors import KnownError
from hanlin.processes.caller import CallerDiedError
from hanlin.services import attaching
from hanlin_fakes.foreign_files import pdf

_SEED: Final = 9
_DEADLINE: Final = 25.0
_FORMS: Final = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
_LONGEST: Final = 2_000_000
_TELLS: Final = 200


class _Deaths(logging.Handler):
    """Counts children that a signal ended, also where nobody is told (a thumbnail of a PDF)."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        words = record.args if isinstance(record.args, tuple) else ()
        self.count += any(
            isinstance(word, CallerDiedError) and word.report.signal is not None for word in words
        )


def main() -> None:
    """Print what came of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=4_800)
    parser.add_argument("--pdfs", type=int, default=200)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--share", type=int, default=40)
    words = parser.parse_args()
    share = words.share
    _tell("mutated pictures", _pictures(words.pictures), words.pictures, share)
    _tell("hostile PDFs", _pdfs(words.pdfs), words.pdfs, share)
    if words.pages:
        _long(words.pages)


class _Shared:
    """A child that takes ``share`` files in turn, and then makes room for the next one."""

    def __init__(self, share: int) -> None:
        self._share = share
        self._left = 0
        self._file: opener.OpenFile | None = None

    def take(self, name: str, content: bytes) -> None:
        """Do with a file what attaching it does. Raises KnownError."""
        if self._file is None or not self._left:
            self.close()
            self._file = opener.OpenFile("first.txt", b"first")
            self._left = self._share
        self._left -= 1
        self._file.take(name, content)
        attaching.prepared(self._file, name, content)

    def close(self) -> None:
        """End the child."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _tell(what: str, files: Iterator[tuple[str, bytes]], total: int, share: int) -> None:
    ends: Counter[str] = Counter()
    times: list[float] = []
    deaths = _Deaths()
    told = logging.getLogger(opener.__name__)
    told.addHandler(deaths)
    shared = _Shared(share)
    for number, (name, content) in enumerate(files, 1):
        start = time.monotonic()
        try:
            died = deaths.count
            try:
                shared.take(name, content)
            except KnownError:
                if deaths.count == died:
                    raise
                attaching.take(name, content)
            ends["read"] += 1
        except KnownError as error:
            ends[error.message.replace(name, "…")] += 1
        times.append(time.monotonic() - start)
        if not number % _TELLS:
            print(f"  {number} of {total}", flush=True)
    told.removeHandler(deaths)
    shared.close()
    late = sum(1 for one in times if one > _DEADLINE)
    if not times:
        return
    print(
        f"{len(times)} {what}: {deaths.count} children ended by a signal,"
        f" {late} later than {_DEADLINE:.0f} s,"
        f" median {statistics.median(times):.2f} s, longest {max(times):.2f} s"
    )
    for reason, count in ends.most_common():
        print(f"  {count:5} {reason}")


def _pictures(count: int) -> Iterator[tuple[str, bytes]]:
    dice = random.Random(_SEED)  # noqa: S311 - repeatable
    seeds = []
    for form in _FORMS:
        target = io.BytesIO()
        picture = Image.effect_noise((96, 64), 60).convert("P" if form == "GIF" else "RGB")
        picture.save(target, form)
        seeds.append((form.lower(), target.getvalue()))
    for number in range(count):
        form, content = seeds[number % len(seeds)]
        yield f"{number}.{form}", mutated(dice, content)


def _pdfs(count: int) -> Iterator[tuple[str, bytes]]:
    dice = random.Random(_SEED)  # noqa: S311 - repeatable
    made = pdf([f"page {n} of a contract" for n in range(5)])
    nasty = (
        made.replace(b"/Count 5", b"/Count 2000000000"),
        made.replace(b"/MediaBox[0 0 612 792]", b"/MediaBox[0 0 9e9 9e9]"),
        made.replace(b"/Kids[4 0 R", b"/Kids[2 0 R"),
        made.replace(b"/Contents 5 0 R", b"/Contents 4 0 R"),
        made.replace(b"Tj ET", b"Tj " * 200_000 + b"ET", 1),
        made + bytes(_LONGEST),
        b"%PDF-1.7\n" + b"[" * 500_000,
        b"%PDF-1.7\n" + b"<</A " * 200_000,
    )
    for number in range(count):
        base = nasty[number] if number < len(nasty) else mutated(dice, made)
        yield f"{number}.pdf", base


def mutated(dice: random.Random, content: bytes) -> bytes:
    """Return ``content`` with bytes changed, cut out, doubled or torn off."""
    found = bytearray(content)
    for _ in range(dice.randint(1, 12)):
        place = dice.randrange(len(found))
        match dice.randrange(5):
            case 0:
                found[place] = dice.randrange(256)
            case 1:
                found[place : place + 4] = dice.choice((b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff"))
            case 2:
                del found[place : place + dice.randint(1, 30)]
            case 3:
                found[place:place] = found[place : place + dice.randint(1, 60)]
            case _ if dice.random() < 0.3:  # noqa: PLR2004
                del found[max(16, place) :]
        if not found:
            found += content[:16]
    return bytes(found)


def _long(pages: int) -> None:
    sentence = "The tenant pays the rent on the first day of each month. "
    body = pdf([f"{number}. {sentence * 40}" for number in range(1, pages + 1)])
    signs: list[float] = []
    start = time.monotonic()
    made = attaching.take("long.pdf", body, lambda _done, _total: signs.append(time.monotonic()))
    spent = time.monotonic() - start
    letters = sum(map(len, made.pages))
    gaps = [after - before for before, after in zip([start, *signs], signs, strict=False)]
    print(
        f"a PDF of {pages} pages and {letters:,} letters: {spent:.2f} s, {len(signs)} signs of"
        f" progress, the longest silence {max(gaps):.2f} s"
    )


if __name__ == "__main__":
    main()
