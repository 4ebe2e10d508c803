"""What counts as right, per suite: exact text, the refusal, an equal tool call, passed tests.

Nothing here runs a model. Functions written by the model run in a child with limits of its own.
"""

import ast
import json
import re
import resource
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Mapping

from starter.items import REFUSAL_EN, REFUSAL_ZH, is_chinese

LIMIT_SECONDS = 5
SANE = 600
FENCE = re.compile(r"```(?:python)?\n(.*?)```", re.S)
CALL = re.compile(r"<tool_call>\n(.*?)\n</tool_call>", re.S)


def refused(answer: str) -> bool:
    """Whether the answer ends in one of the two sentences that the window knows."""
    return answer.rstrip().endswith((REFUSAL_ZH, REFUSAL_EN))


def same_text(answer: str, expected: str) -> bool:
    """Whether two texts are equal but for the space around them."""
    return answer.strip() == expected.strip()


def called(answer: str) -> Mapping[str, object] | None:
    """Return the tool call in an answer, None when there is none or it is not well-formed."""
    match = CALL.search(answer)
    if match is None:
        return None
    try:
        found = json.loads(match[1])
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def passes(answer: str, test: str) -> bool:
    """Whether the answer's code makes `test` true, in a child with narrow limits."""
    match = FENCE.search(answer)
    if match is None:
        return False
    code = match[1]
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    program = f"{code}\nif not ({test}):\n    raise SystemExit(1)\n"
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = subprocess.run(
                [sys.executable, "-I", "-c", program],
                cwd=folder,
                capture_output=True,
                timeout=LIMIT_SECONDS,
                preexec_fn=_limits,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
    return result.returncode == 0


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_SECONDS, LIMIT_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (512 * 2**20, 512 * 2**20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def right(entry: Mapping[str, object], answer: str) -> bool:
    """Whether `answer` is right for an entry of the generated set."""
    expected, suite = str(entry["expected"]), str(entry["suite"])
    if suite == "decline":
        return refused(answer)
    if suite == "functions":
        return passes(answer, str(entry["test"]))
    if suite == "tool calls":
        return called(answer) is not None and called(answer) == called(expected)
    if suite == "bad input":
        return same_text(answer, expected) or (refused(answer) and refused(expected))
    return same_text(answer, expected)


def normal(text: str) -> str:
    """Return the text without what does not matter: case, closing marks, full width, space."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return re.sub(r"\s+", " ", folded).strip(" .。!?,，\"“”'")


def chrf(answer: str, reference: str, longest: int = 6, beta: float = 2.0) -> float:
    """Return chrF, 0 to 1: the F-score of character sequences up to `longest`."""
    scores: list[float] = []
    left, right_text = answer.replace(" ", ""), reference.replace(" ", "")
    for size in range(1, longest + 1):
        ours = Counter(left[i : i + size] for i in range(len(left) - size + 1))
        theirs = Counter(right_text[i : i + size] for i in range(len(right_text) - size + 1))
        if not ours or not theirs:
            continue
        common = (ours & theirs).total()
        precision, recall = common / ours.total(), common / theirs.total()
        weighted = beta**2 * precision + recall
        scores.append((1 + beta**2) * precision * recall / weighted if weighted else 0.0)
    return sum(scores) / len(scores) if scores else 0.0


def texts(value: object) -> list[str]:
    """Return a list of strings from a JSON value; nothing gives none."""
    return [str(entry) for entry in value] if isinstance(value, list) else []


def fits(expect: Mapping[str, object], answer: str, *, ended: bool) -> bool:
    """Whether an answer has what a hand-written item asks for; see `heldout/README.md`."""
    lowered = answer.casefold()
    if "refs" in expect:
        return normal(answer) in {normal(reference) for reference in texts(expect["refs"])}
    if "tests" in expect:
        return passes(answer, " and ".join(f"({test})" for test in texts(expect["tests"])))
    if "value" in expect:
        return str(expect["value"]) in re.findall(r"-?\d+(?:\.\d+)?", answer)
    if "answer_lang" in expect:
        return bool(answer) and is_chinese(answer) == (expect["answer_lang"] == "zh")
    if "sane" in expect:
        return ended and 0 < len(answer) <= SANE
    some, every = texts(expect.get("any")), texts(expect.get("all"))
    unwanted = texts(expect.get("not"))
    return (
        (not some or any(part.casefold() in lowered for part in some))
        and all(part.casefold() in lowered for part in every)
        and not any(part.casefold() in lowered for part in unwanted)
    )
