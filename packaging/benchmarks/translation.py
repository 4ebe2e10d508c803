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
from collections.abc import Iterator
from pathlib import Path

import hanlin_resources
from hanlin.bootstrap import open_application, open_engine
from hanlin.domain.glossary import Term
from hanlin.domain.translation import Direction, FileState, Tone
from hanlin.engine.base import LoadOptions
from hanlin.kernel import paths
from hanlin.services import asking
from hanlin.services.translation import measuring
from hanlin.services.translation.prompts import Family
from hanlin.services.translation.translator import RunMemory, Translating, Translator, Wish
from hanlin.services.translation.writing import EngineWriter
from starter import heldout, translating

SEED = 20_261_122
WAYS = (Direction("zh", "en"), Direction("en", "zh"))
_TERM = re.compile(r"^(.+?) (?:翻译成|translates to) (.+)$", re.MULTILINE)
_ITEMS = ("https://a.example/{}", "{{name{}}}", "%(n{})s", "<b{}>", "`code{}`", "me{}@a.example")
_DEADLINE = 900.0


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
    """Return how many required terms of held-out sentences are met, and whether misses are told."""
    dice = random.Random(SEED)  # noqa: S311 - so that figures can be repeated
    required = met = untold = tries = sentences = 0
    while sentences < number:
        way = dice.choice(WAYS)
        item = translating.glossary(dice, to_english=way.target == "en", held=True)
        prompt = item.turns[0].user
        pairs = tuple(Term(*match.groups()) for match in _TERM.finditer(prompt))
        one = translator.sentence(prompt.rstrip().splitlines()[-1], Wish(way, pairs))
        if not one.terms:
            continue
        sentences += 1
        required += len(one.terms)
        met += len(one.terms) - len(one.missed)
        tries += one.tries
        lacking = [term for term in one.terms if term.target.lower() not in one.target.lower()]
        untold += len(set(lacking) - set(one.missed))
    share = round(100 * met / required, 2)
    return {"what": "terms", "sentences": sentences, "required": required, "met": met,
            "percent": share, "misses not told": untold, "tries": tries}  # fmt: skip


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
        pairs = [heldout.unseen_sentence(dice) for _ in range(40 * max(1, number // 10))]
        sources = [folder / f"{part}.txt" for part in range(max(1, number // 10))]
        for part, source in enumerate(sources):
            lines = "".join(f"{pair.zh}\n" for pair in pairs[40 * part : 40 * part + 40])
            source.write_text(lines, encoding="utf-8")
        with open_application(paths.under(folder / "data"), find_keyring=lambda: None) as app:
            for source in sources:
                app.files.store.add(str(source), "", WAYS[0], Tone.DEFAULT, bilingual=False)
        killed = broken = 0
        while killed < number:
            command = [sys.executable, __file__, "--work", str(folder / "data")]
            child = subprocess.Popen(command, start_new_session=True)
            try:
                child.wait(dice.uniform(1.5, 5.0))
                break
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                killed += 1
            broken += sum(
                len(path.read_text(encoding="utf-8").splitlines()) != 40  # noqa: PLR2004 - see above
                for path in folder.glob("*.en.txt")
            )
        subprocess.run([sys.executable, __file__, "--work", str(folder / "data")], check=True)
        with open_application(paths.under(folder / "data"), find_keyring=lambda: None) as app:
            jobs = app.files.store.all()
            again = sum(job.done != job.total for job in jobs)
        made = list(folder.glob("*.en.txt"))
        return {"what": "kills", "kills": killed, "files": len(sources), "outputs": len(made),
                "broken outputs": broken, "files not whole": again}  # fmt: skip


def work(data: Path) -> None:
    """Be the program that is killed: go on with the queue until it is done."""
    with open_application(paths.under(data), find_keyring=lambda: None) as app:
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
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    if arguments.work is not None:
        work(arguments.work)
        return
    engine = open_engine()
    try:
        for _event in asking.load(
            engine, hanlin_resources.folder("starter") / "shutong.gguf", LoadOptions()
        ):
            pass
        using = Translating(Family.STARTER, "shutong", None, 1024)
        translator = Translator(EngineWriter(engine), using, RunMemory())
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
