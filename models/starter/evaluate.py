"""The figures: every held-out item through the GGUF and the program's own engine, greedy.

Needs the program, not PyTorch. Prints one table, returns what the card states. The hand-written set
is judged by its `kind` and `expect` fields as far as a program can; the rest is for people to read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from starter import coding, heldout, scoring
from starter.asked import LIMIT, Answer, Asker

FOLDER = heldout.FILE.parent


@dataclass
class Tally:
    """How one suite went; `failures` keeps a few for the report."""

    right: int = 0
    total: int = 0
    unended: int = 0
    failures: list[dict[str, str]] | None = None

    def note(self, prompt: str, expected: str, answer: Answer, *, good: bool) -> None:
        """Count one answer."""
        self.total += 1
        self.right += good
        self.unended += not answer.ended
        if not good:
            self.failures = self.failures or []
            self.failures.append({"prompt": prompt, "expected": expected, "answer": answer.text})


def read(path: Path) -> list[dict[str, object]]:
    """Return the items of a JSON-lines file."""
    return [
        json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def generated(asker: Asker, entries: Sequence[Mapping[str, object]]) -> dict[str, Tally]:
    """Exact right or wrong per suite of the generated set."""
    found: dict[str, Tally] = {}
    for entry in entries:
        prompt = str(entry["prompt"])
        answer = (
            asker.ask_with_tools(entry)
            if "tools" in entry
            else asker.ask(prompt, system=str(entry.get("system", "")))
        )
        tally = found.setdefault(str(entry["suite"]), Tally())
        tally.note(prompt, str(entry["expected"]), answer, good=scoring.right(entry, answer.text))
    return found


def thinking(asker: Asker, entries: Sequence[Mapping[str, object]], every: int = 8) -> Tally:
    """Return a sample of the same items with thoughts switched on."""
    found = Tally()
    for entry in [
        entry for entry in entries if "tools" not in entry and entry["suite"] != "bad input"
    ][::every]:
        answer = asker.ask(str(entry["prompt"]), system=str(entry.get("system", "")), thinking=True)
        found.note(
            str(entry["prompt"]),
            str(entry["expected"]),
            answer,
            good=scoring.right(entry, answer.text),
        )
    return found


def middles(asker: Asker) -> Tally:
    """Each known function with its last line taken out and asked for; the tests decide."""
    found = Tally()
    for function in coding.functions():
        head, _, last = function.code.rpartition("\n")
        indent = last[: len(last) - len(last.lstrip())]
        answer = asker.complete(f"{head}\n{indent}", "\n")
        code = f"{head}\n{indent}{answer.text}"
        found.note(
            head, last.strip(), answer, good=scoring.passes(coding.fenced(code), function.test)
        )
    return found


def refusals(asker: Asker, path: Path) -> Tally:
    """Hand-written questions beyond the model: right means the plain refusal."""
    found = Tally()
    for entry in read(path):
        answer = asker.ask(str(entry["prompt"]))
        found.note(str(entry["prompt"]), "(refusal)", answer, good=scoring.refused(answer.text))
    return found


def table(rows: Mapping[str, Tally]) -> str:
    """Return the figures for people."""
    width = max(len(name) for name in rows)
    lines = [f"{'suite':{width}}  right  total    share  not ended"]
    for name, tally in rows.items():
        share = 100 * tally.right / max(tally.total, 1)
        lines.append(
            f"{name:{width}}  {tally.right:5d}  {tally.total:5d}  {share:6.1f}%  {tally.unended:9d}"
        )
    return "\n".join(lines)


def figures(rows: Mapping[str, Tally]) -> dict[str, dict[str, int]]:
    """Return the figures for the card."""
    return {name: {"right": tally.right, "total": tally.total} for name, tally in rows.items()}


def run(model: Path, report: Path | None = None, quick: int = 1) -> dict[str, object]:
    """All suites; `quick` takes every n-th item only. Writes failures and figures to `report`."""
    entries = read(heldout.FILE)[::quick]
    with Asker(model) as asker:
        rows = generated(asker, entries)
        rows["thinking on (sample of all)"] = thinking(asker, entries)
        rows["fill in the middle"] = middles(asker)
        hand: dict[str, Tally] = {}
        outside = FOLDER / "handwritten_outside.jsonl"
        if quick == 1 and outside.exists():
            hand["beyond it: refused"] = refusals(asker, outside)
        print(table({**rows, **hand}))
        print(f"load {asker.load_ms:.0f} ms; every answer limited to {LIMIT} tokens")
    result: dict[str, object] = {"generated": figures(rows), "handwritten": figures(hand)}
    if report is not None:
        kept = {name: tally.failures or [] for name, tally in {**rows, **hand}.items()}
        report.write_text(
            json.dumps({**result, "failures": kept}, ensure_ascii=False, indent=1), encoding="utf-8"
        )
    return result
