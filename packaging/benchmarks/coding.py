"""What the program does with code, counted: `python packaging/benchmarks/coding.py`.

Prints one JSON object: twelve ways out of the snippet sandbox, held-out functions of the starter
completed by the window's completer (their tests decide), held-out sums asked in conversations
with the program's own tools (the call must be well-formed and have the sum's value), and 200
generated changes (see ``diffs.py``). Counts, not times: the machine may be busy.
"""

import argparse
import json
import queue
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from checkout import ROOT
from hanlin.bootstrap import Application, open_application
from hanlin.domain.conversation import PartKind
from hanlin.domain.filling import Gap
from hanlin.domain.tools import Decision, Outcome, ToolCall, ToolResult
from hanlin.kernel import paths
from hanlin.services.events import AnswerFinished, SessionState, ToolAsked
from hanlin.services.tools.calculator import CalculationError, calculate
from hanlin.snippets.client import Ending, run
from hanlin_fakes import escapes
from starter import scoring

HELD_OUT = ROOT / "models" / "starter" / "heldout" / "generated.jsonl"
PATIENCE = 600.0
LEAST_COMPLETED: Final = 0.8
LEAST_CALLED: Final = 0.95
_FENCE: Final = "```python\n"

Entry = dict[str, Any]


def main() -> int:
    """Count and print; the exit status says whether every figure is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take only each N-th item")
    every = parser.parse_args().every
    held = [json.loads(line) for line in HELD_OUT.read_text(encoding="utf-8").splitlines()]

    def items(suite: str) -> list[Entry]:
        return [entry for entry in held if entry["suite"] == suite][::every]

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        refused = sum(map(_is_refused, [root] * len(escapes.ESCAPES), escapes.ESCAPES))
        with open_application(paths.under(root / "data"), find_keyring=lambda: None) as app:
            _load(app)
            completed = _shares(items("functions"), lambda entry: _is_completed(app, entry))
            called = _shares(items("tool calls"), _caller(app))
    command = [sys.executable, str(Path(__file__).with_name("diffs.py")), "200"]
    changes = subprocess.run(command, capture_output=True, text=True, check=False)
    figures = {
        "escapes refused": refused,
        "escapes": len(escapes.ESCAPES),
        "functions completed": completed,
        "calls right": called,
        "changes": json.loads(changes.stdout),
    }
    print(json.dumps(figures, ensure_ascii=False, indent=1))
    met = (
        refused == len(escapes.ESCAPES)
        and completed["share"] >= LEAST_COMPLETED
        and called["share"] >= LEAST_CALLED
    )
    return 0 if met and changes.returncode == 0 else 1


def _shares(entries: list[Entry], is_right: Callable[[Entry], bool]) -> dict[str, Any]:
    wrong = [entry["prompt"] for entry in entries if not is_right(entry)]
    count = len(entries)
    right = count - len(wrong)
    return {"right": right, "of": count, "share": round(right / count, 3), "wrong": wrong}


def _is_refused(root: Path, escape: str) -> bool:
    with tempfile.TemporaryDirectory(dir=root) as folder, escapes.world(Path(folder)) as place:
        ran = run(escapes.ESCAPES[escape].format(**place))
        kept = escapes.TREASURE not in ran.output and escapes.untouched(place)
    return kept and ran.ending is Ending.RAISED


def _load(app: Application) -> None:
    ready: queue.SimpleQueue[SessionState] = queue.SimpleQueue()
    app.session.on_change(lambda status: ready.put(status.state))
    app.session.start()
    while ready.get(timeout=PATIENCE) is not SessionState.READY:
        pass


def _is_completed(app: Application, entry: Entry) -> bool:
    """Take the last line out of the function and have it written again; its test decides."""
    code = str(entry["expected"]).split(_FENCE)[1].split("\n```")[0]
    head, _newline, last = code.rpartition("\n")
    indent = last[: len(last) - len(last.lstrip())]
    gap = Gap(f"{head}\n{indent}", "\n")
    written = app.completer.complete(gap, lambda _text: None).text
    return scoring.passes(f"{_FENCE}{gap.prefix}{written}\n```", str(entry["test"]))


def _caller(app: Application) -> Callable[[Entry], bool]:
    """Return what asks a sum in a conversation of its own and looks at the call."""
    asked: queue.SimpleQueue[ToolAsked | AnswerFinished] = queue.SimpleQueue()
    app.bus.subscribe(ToolAsked, asked.put)
    app.bus.subscribe(AnswerFinished, asked.put)
    app.chat.offer_tools(wanted=True)

    def calls(entry: Entry) -> bool:
        wanted = scoring.called(str(entry["expected"])) or {}
        app.chat.send(None, str(entry["prompt"]), temporary=True)
        while not isinstance(event := asked.get(timeout=PATIENCE), AnswerFinished):
            app.chat.decide(event.message_id, event.number, Decision.ONCE)
        parts = event.message.parts
        first = next((part for part in parts if part.kind is PartKind.TOOL_CALL), None)
        result = next((part for part in parts if part.kind is PartKind.TOOL_RESULT), None)
        if first is None or result is None or ToolCall.read(first.text).name != wanted.get("name"):
            return False
        told = ToolResult.read(result.text)
        return told.outcome is Outcome.DONE and told.text == _value(wanted)

    return calls


def _value(wanted: Mapping[str, object]) -> str:
    arguments = wanted.get("arguments")
    try:
        return calculate(str(arguments["expression"])) if isinstance(arguments, dict) else ""
    except (KeyError, CalculationError):
        return ""


if __name__ == "__main__":
    sys.exit(main())
