r"""The translator with the starter in the box: quality, terms, marks, kills in a queue of files.

    PYTHONPATH=app:models:resources:packaging/benchmarks .venv/bin/python \\
        packaging/benchmarks/translation.py [--sentences N] [--terms N] [--texts N] [--kills N]

Sentences and glossaries are drawn from what the starter's training never sees
(``models/starter/heldout.py``). Everything goes through the whole workbench: memory, terms,
marks, checks, corrected tries. Each part prints one line of JSON.
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hanlin_resources
from hanlin.bootstrap import open_application, open_engine
from hanlin.domain.glossary import Term, missing, occurring
from hanlin.domain.translation import Direction, FileState, Problem, Tone
from hanlin.engine.base import LoadOptions
from hanlin.kernel import paths
from hanlin.services import asking
from hanlin.services.translation import measuring
from hanlin.services.translation.prompts import Family
from hanlin.services.translation.remembering import RunMemory
from hanlin.services.translation.translator import Translating, Translator, Wish
from hanlin.services.writing import EngineWriter
from hanlin.store.database import Database
from hanlin.store.translation_files import TranslationFiles
from starter import heldout, translating
from starter.lexicon import unambiguous

SEED = 20_261_122
WAYS = (Direction("zh", "en"), Direction("en", "zh"))
_TERM = re.compile(r"^(.+?) (?:翻译成|translates to) (.+)$", re.MULTILINE)
_ITEMS = ("https://a.example/{}", "{{name{}}}", "%(n{})s", "<b{}>", "`code{}`", "me{}@a.example")
_DEADLINE = 900.0
_LINES = 8
"""Sentences of each file of the queue."""
_LIFE = 30.0
"""Seconds after which a program is killed, whatever it has done."""


def quality(translator: Translator, number: int) -> Iterator[dict[str, object]]:
    """Yield chrF and BLEU of held-out sentences, in both directions."""
    for way in WAYS:
        dice = random.Random(SEED)  # noqa: S311 - so that figures can be repeated
        answers: list[str] = []
        references: list[str] = []
        for _ in range(number):
            pair = heldout.unseen_sentence(dice)
            chinese = way.source == "zh"
            source = pair.zh_source if chinese else pair.en_source
            answers.append(translator.sentence(source, Wish(way)).target)
            references.append(pair.en if chinese else pair.zh)
        bleu = measuring.bleu(answers, references, chinese=way.target == "zh")
        yield {
            "what": f"{way.source}-{way.target}",
            "sentences": number,
            "chrf": round(measuring.chrf(answers, references), 2),
            "bleu": round(bleu, 2),
        }


def terms(translator: Translator, number: int) -> dict[str, object]:
    """Return how many required terms of held-out sentences are met, and whether misses are told.

    One to three terms stand in each: one or two with a rendering that no dictionary has, and
    other words of the sentence with their own.
    """
    dice = random.Random(SEED)  # noqa: S311 - so that figures can be repeated
    required = met = mended = untold = tries = 0
    sizes = Counter[int]()
    while sizes.total() < number:
        way = dice.choice(WAYS)
        text, pairs = _with_terms(dice, way, dice.randint(1, 3))
        one = translator.sentence(text, Wish(way, pairs))
        if not one.terms:
            continue
        sizes[len(one.terms)] += 1
        required += len(one.terms)
        met += len(one.terms) - len(one.missed)
        mended += len(one.mended)
        tries += one.tries
        lacking = [term for term in one.terms if term.target.lower() not in one.target.lower()]
        untold += len(set(lacking) - set(one.missed))
    return {"what": "terms", "sentences": sizes.total(), "by terms": sorted(sizes.items()),
            "required": required, "met": met, "percent": round(100 * met / required, 2),
            "of these put in afterwards": mended, "misses not told": untold,
            "tries": tries}  # fmt: skip


def _with_terms(dice: random.Random, way: Direction, wanted: int) -> tuple[str, tuple[Term, ...]]:
    """Return a held-out sentence and its glossary of so many terms."""
    to_english = way.target == "en"
    known = [Term(*(pair if to_english else pair[::-1])) for pair in unambiguous()]
    while True:
        item = translating.glossary(dice, to_english=to_english, held=True)
        prompt, answer = item.turns[0].user, item.turns[0].answer
        text = prompt.rstrip().splitlines()[-1]
        folded = text.lower()
        given = [Term(*match.groups()) for match in _TERM.finditer(prompt)]
        pairs = [term for term in given if occurring([term], text)]
        bent = " ".join(term.source for term in pairs)
        others = [
            term
            # Few of them stand there: looked at first, for each has a pattern of its own.
            for term in occurring([one for one in known if one.source.lower() in folded], text)
            if not missing([term], answer) and not occurring([term], bent)
        ]
        dice.shuffle(others)
        if len(pairs + others) >= wanted:
            return text, tuple((pairs + others)[:wanted])


def marks(translator: Translator, number: int) -> dict[str, object]:
    """Return how many of 20 items in each text were lost or doubled."""
    dice = random.Random(SEED)  # noqa: S311 - so that figures can be repeated
    lost = doubled = 0
    for _ in range(number):
        items = [dice.choice(_ITEMS).format(f"{place:02}") for place in range(20)]
        text = "".join(f"猫和狗{item}" for item in items)
        target = translator.sentence(text, Wish(WAYS[0])).target
        lost += sum(target.count(item) == 0 for item in items)
        doubled += sum(target.count(item) > 1 for item in items)
    return {"what": "masked items", "texts": number, "lost": lost, "doubled": doubled}


def kills(number: int) -> dict[str, object]:
    """Return what became of a queue of files whose program was killed again and again."""
    dice = random.Random(SEED)  # noqa: S311 - so that figures can be repeated
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "translated.log"
        log.touch()
        sources = [folder / f"{part}.txt" for part in range(max(1, number))]
        for source in sources:
            lines = (f"{heldout.unseen_sentence(dice).zh}\n" for _ in range(_LINES))
            source.write_text("".join(lines), encoding="utf-8")
        with open_application(paths.under(folder / "data"), find_keyring=lambda: None) as app:
            for source in sources:
                app.files.store.add(str(source), "", WAYS[0], Tone.DEFAULT, bilingual=False)
        command = [sys.executable, __file__, "--work", str(folder / "data"), "--log", str(log)]
        killed = twice = broken = 0
        finished: set[str] = set()
        while killed < number:
            begin = log.stat().st_size
            child = subprocess.Popen(command, start_new_session=True)
            _wait_for_sentences(child, log, dice.randint(0, 9), begin)
            time.sleep(dice.uniform(0.0, 0.3))  # the moment of the kill is drawn, too
            if child.poll() is not None:
                break
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            killed += 1
            twice += _again(log, begin, finished)
            broken += _broken(folder)
            finished = _finished(folder / "data")
        begin = log.stat().st_size
        subprocess.run(command, check=True)
        twice += _again(log, begin, finished)
        broken += _broken(folder)
        with open_application(paths.under(folder / "data"), find_keyring=lambda: None) as app:
            unfinished = sum(job.state is not FileState.DONE for job in app.files.store.all())
        return {"what": "kills", "kills": killed, "files": len(sources),
                "outputs": len(list(folder.glob("*.en*.txt"))),
                "sentences": len(_finished(folder / "data")),
                "finished sentences translated again": twice, "broken outputs": broken,
                "files not whole": unfinished}  # fmt: skip


def _wait_for_sentences(
    child: "subprocess.Popen[bytes]", log: Path, count: int, begin: int
) -> None:
    """Wait until the program has kept so many sentences, or is slow, or over."""
    end = time.monotonic() + _LIFE
    while time.monotonic() < end and child.poll() is None:
        with log.open("rb") as file:
            file.seek(begin)
            if file.read().count(b"\n") >= count:
                return
        time.sleep(0.02)


def _again(log: Path, begin: int, finished: set[str]) -> int:
    """Return how many of the sentences that were just translated had been finished before."""
    with log.open(encoding="utf-8") as file:
        file.seek(begin)
        return len(finished & {line.strip() for line in file})


def _broken(folder: Path) -> int:
    """Return how many translated files are not whole."""
    return sum(
        len(path.read_text(encoding="utf-8").splitlines()) != _LINES
        for path in folder.glob("*.en*.txt")
    )


def _finished(data: Path) -> set[str]:
    """Return every sentence whose translation the database holds."""
    with open_application(paths.under(data), find_keyring=lambda: None) as app:
        return {
            f"{job.id} {unit} {place}"
            for job in app.files.store.all()
            for unit, place in app.files.store.sentences(job.id)
        }


class _LoggedFiles(TranslationFiles):
    """Writes down each sentence that was translated, before it is kept."""

    def __init__(self, database: Database, log: Path) -> None:
        super().__init__(database)
        self._log = log.open("a", encoding="utf-8", buffering=1)

    def keep(
        self, job_id: str, unit: int, place: int, target: str, problems: tuple[Problem, ...]
    ) -> None:
        """Write down, then keep."""
        self._log.write(f"{job_id} {unit} {place}\n")
        super().keep(job_id, unit, place, target, problems)


def work(data: Path, log: Path) -> None:
    """Be the program that is killed: go on with the queue until it is done."""
    with open_application(paths.under(data), find_keyring=lambda: None) as app:
        app.files.store = _LoggedFiles(app.store.database, log)
        app.session.start()
        app.files.begin()
        end = time.monotonic() + _DEADLINE
        rest = {FileState.WAITING, FileState.RUNNING}
        while rest & {job.state for job in app.files.store.all()} and time.monotonic() < end:
            time.sleep(0.1)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--terms", type=int, default=500)
    parser.add_argument("--texts", type=int, default=50)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--work", type=Path, help="inner: the program that is killed")
    parser.add_argument("--log", type=Path)
    arguments = parser.parse_args()
    if arguments.work is not None:
        work(arguments.work, arguments.log)
        return
    engine = open_engine()
    try:
        for _event in asking.load(
            engine, hanlin_resources.folder("starter") / "shutong.gguf", LoadOptions()
        ):
            pass
        using = Translating(Family.STARTER, "shutong", None, 1024)
        translator = Translator(EngineWriter(engine), using, RunMemory())
        if arguments.sentences:
            for line in quality(translator, arguments.sentences):
                print(json.dumps(line), flush=True)
        if arguments.terms:
            print(json.dumps(terms(translator, arguments.terms)), flush=True)
        if arguments.texts:
            print(json.dumps(marks(translator, arguments.texts)), flush=True)
    finally:
        engine.close()
    if arguments.kills:
        print(json.dumps(kills(arguments.kills)), flush=True)


if __name__ == "__main__":
    main()
