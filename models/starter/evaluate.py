"""The figures: every held-out item through the GGUF and the program's own engine, greedy.

Needs the program, not PyTorch. Prints one table, returns what the card states. The hand-written set
is judged by its `kind` and `expect` fields as far as a program can; the rest is for people to read.
"""

import compileall
import importlib.util
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from hanlin.domain.conversation import Role
from hanlin.domain.generation import Turn
from hanlin.domain.tools import ToolCall
from starter import card, coding, heldout, scoring, sights, sums, topics
from starter.asked import Asker, tools_of
from starter.tallies import Tally

FOLDER = heldout.FILE.parent
LATER_SETS = ("second", "third")
IMPORTED = ("hanlin", "llama_cpp", "typing_extensions", "jinja2", "markupsafe")
"""What the engine's processes import besides Python itself."""
CHINESE_MARKS = "。！？"
SEED = 20_261_123
RESULTS = 60
PICTURES = {"new": 120, "held": 60, "other": 60}
"""How many pictures are drawn of what is known, of what was held out, of other things."""


def read(path: Path) -> list[dict[str, object]]:
    """Return the items of a JSON-lines file."""
    return [
        json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def today(entry: Mapping[str, object]) -> dict[str, object]:
    """Return a question on a topic with the answer that the topic has today.

    The set is never written again, but what is true of the program changes.
    """
    for file in ("guide.txt", "smalltalk.txt"):
        for intent in topics.intents(file):
            if intent.name == entry.get("intent"):
                # English answers hold Chinese names, but no Chinese full stop.
                chinese = not set(CHINESE_MARKS).isdisjoint(str(entry["expected"]))
                return {**entry, "expected": intent.answer(chinese=chinese)}
    return dict(entry)


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


def tool_results(asker: Asker, count: int) -> Tally:
    """Return how many of the calculator's results are told as they are, in a sum as typed.

    The call stands in the history as the template writes it, without a think block.
    """
    found = Tally()
    rng = Random(SEED)
    while found.total < count:
        item = sums.with_tool(rng)
        if len(item.turns) == 1:
            continue
        asked, told = item.turns
        call = ToolCall("calculator", json.dumps({"expression": item.label}))
        tools = tools_of({"tools": list(item.tools)})
        answer = asker.ask_with_result(asked.user, call, told.user, tools)
        good = scoring.same_text(answer.text, told.answer)
        found.note(f"{asked.user} -> {told.user}", told.answer, answer, good=good)
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


def handwritten(asker: Asker, path: Path) -> tuple[dict[str, Tally], float]:
    """Hand-written items by kind, those in range that were refused, and chrF of translations."""
    found: dict[str, Tally] = {}
    close: list[float] = []
    for entry in read(path):
        prompt, expect = str(entry["prompt"]), entry["expect"]
        if not isinstance(expect, dict):
            raise TypeError(f"{entry['id']}: expect must be an object")
        answer = asker.ask(prompt)
        wanted = json.dumps(expect, ensure_ascii=False)
        # The refusal names the real model, so in range it is a miss whatever it happens to hold.
        refused = bool(entry["in_range"]) and scoring.refused(answer.text)
        good = not refused and scoring.fits(expect, answer.text, ended=answer.ended)
        found.setdefault(str(entry["kind"]), Tally()).note(prompt, wanted, answer, good=good)
        if entry["in_range"]:
            kept = found.setdefault("in range: not refused", Tally())
            kept.note(prompt, wanted, answer, good=not refused)
        if "refs" in expect:
            close.append(
                max(scoring.chrf(answer.text, ref) for ref in scoring.texts(expect["refs"]))
            )
    return found, sum(close) / max(len(close), 1)


def refusals(asker: Asker, path: Path) -> Tally:
    """Hand-written questions beyond the model: right means the plain refusal."""
    found = Tally()
    for entry in read(path):
        answer = asker.ask(str(entry["prompt"]))
        good = scoring.refused(answer.text)
        found.note(str(entry["prompt"]), "(refusal)", answer, good=good)
    return found


def long_conversations(asker: Asker, entries: Sequence[Mapping[str, object]]) -> Tally:
    """Questions at the end of a history that grows to about the trained length."""
    found = Tally()
    history: list[Turn] = []
    for entry in [entry for entry in entries if entry["suite"] == "guide: new wordings"][:24]:
        prompt, expected = str(entry["prompt"]), str(entry["expected"])
        answer = asker.ask(prompt, history=history)
        found.note(prompt, expected, answer, good=scoring.same_text(answer.text, expected))
        history += [Turn(Role.USER, prompt), Turn(Role.ASSISTANT, answer.text)]
    return found


def compile_imports() -> None:
    """Give the engine's modules their bytecode, as every installed program has it.

    A worker in its sandbox cannot write it, and nobody else imports these modules.
    """
    for name in IMPORTED:
        spec = importlib.util.find_spec(name)
        for folder in spec.submodule_search_locations or () if spec else ():
            compileall.compile_dir(folder, quiet=2)
        if spec and spec.origin and not spec.submodule_search_locations:
            compileall.compile_file(spec.origin, quiet=2)


def cold_start(model: Path, times: int = 5) -> float:
    """Return the median milliseconds from no engine at all to the first token of an answer."""
    compile_imports()
    found: list[float] = []
    for _ in range(times):
        started = time.monotonic()
        with Asker(model) as asker:
            ready = time.monotonic()
            found.append(1000 * (ready - started) + asker.ask("你好").first_ms)
    return statistics.median(found)


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
    entries = [today(entry) for entry in read(heldout.FILE)[::quick]]
    hand: dict[str, Tally] = {}
    later: dict[str, dict[str, Tally]] = {}
    seen = sights.Sights()
    close = 0.0
    cold = cold_start(model)
    eyes = model.with_name(card.EYES.name)
    with Asker(model, eyes if eyes.is_file() else None) as asker:
        rows = generated(asker, entries)
        rows["thinking on (sample of all)"] = thinking(asker, entries)
        rows["fill in the middle"] = middles(asker)
        rows["at the end of a long conversation"] = long_conversations(asker, entries)
        rows["tool results"] = tool_results(asker, RESULTS // quick)
        if quick == 1:
            hand, close = handwritten(asker, FOLDER / "handwritten.jsonl")
            hand["beyond it: refused"] = refusals(asker, FOLDER / "handwritten_outside.jsonl")
            for name in LATER_SETS:
                later[name], _ = handwritten(asker, FOLDER / f"handwritten_{name}.jsonl")
        if eyes.is_file():
            seen = sights.run(asker, {name: n // quick for name, n in PICTURES.items()})
    every = {
        **rows,
        **{f"by hand: {name}": tally for name, tally in hand.items()},
        **{
            f"by hand, {which} set: {name}": tally
            for which, tallies in later.items()
            for name, tally in tallies.items()
        },
        **seen.suites,
        **seen.aspects,
        **seen.letters,
    }
    print(table(every))
    print(f"cold start of the engine to the first token: {cold:.0f} ms (median); chrF {close:.3f}")
    result: dict[str, object] = {
        "generated": figures(rows),
        "handwritten": figures(hand),
        **{f"handwritten: {which} set": figures(tallies) for which, tallies in later.items()},
        **({"pictures": figures(seen.suites)} if seen.suites else {}),
    }
    if report is not None:
        kept = {name: tally.failures or [] for name, tally in every.items()}
        everything = {**result, "chrf": close, "cold_start_ms": cold, "failures": kept}
        report.write_text(json.dumps(everything, ensure_ascii=False, indent=1), encoding="utf-8")
    return result
