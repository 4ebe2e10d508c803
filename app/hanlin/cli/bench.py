"""``hanlin bench``: how fast a model is here, also beside llama.cpp's own llama-bench."""

import argparse
import platform
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from hanlin.bootstrap import open_models
from hanlin.cli.ask import add_model_argument, choose_model, positive
from hanlin.cli.output import Console
from hanlin.engine.launching import threads
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size
from hanlin.preparing import find_paths
from hanlin.services.bench import PROMPT, WRITTEN, Report, Speeds, Spread, measure, spread

_MAKER = Path(__file__).parents[3] / "packaging" / "benchmarks" / "engine.py"
_ROUNDS_ALONE = 3
_ROUNDS_IN_PAIRS = 9


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("bench", help=_("measure how fast a model is here"))
    add_model_argument(parser)
    parser.add_argument(
        "--against", type=Path, metavar="PATH", help=_("a llama-bench to compare with, in turns")
    )
    parser.add_argument(
        "--own",
        action="store_true",
        help=_("make a random model and llama-bench, and compare (in the source tree alone)"),
    )
    parser.add_argument("--rounds", type=positive, metavar="N", help=_("how often to measure"))
    parser.add_argument("--threads", type=positive, metavar="N", help=_("threads that compute"))
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Measure and print; return the exit code."""
    if arguments.own:
        return _run_own(arguments)
    usual = _ROUNDS_ALONE if arguments.against is None else _ROUNDS_IN_PAIRS

    def progress(done: int, total: int) -> None:
        console.status(_("Measuring: round {done} of {total}").format(done=done, total=total))

    with open_models(find_paths(arguments.data_dir)) as kit:
        model = choose_model(kit, arguments.model)
        report = measure(
            kit.engine,
            model.path,
            threads=threads(arguments.threads or 0, model.bytes),
            rounds=arguments.rounds or usual,
            against=arguments.against,
            progress=progress,
        )
    console.clear_status()
    if console.json_lines:
        console.value(_as_json(report))
    else:
        for line in _lines(report):
            console.line(line)
    return 0


def _run_own(arguments: argparse.Namespace) -> int:
    """Let the source tree's benchmark make what is missing, minutes, and measure with it.

    Raises KnownError in an installed program.
    """
    if not _MAKER.exists():
        raise KnownError(
            _("The bench's own model cannot be made here"),
            _("Only the source tree holds what makes it."),
            _("Measure with a model of “hanlin models list”: “hanlin bench --model ID”."),
        )
    words = ["--json"] if arguments.json else []
    for name in ("rounds", "threads"):
        if (value := getattr(arguments, name)) is not None:
            words += [f"--{name}", str(value)]
    return subprocess.run([sys.executable, str(_MAKER), "run", *words], check=False).returncode


def _as_json(report: Report) -> dict[str, object]:
    peer = report.peer
    ratios = {
        name: found
        for name, found in (
            ("prefill", report.ratios(_prefill)),
            ("decode", report.ratios(_decode)),
        )
        if found is not None
    }
    return {
        "model": report.model.name,
        "architecture": report.model.architecture,
        "parameters": report.model.parameters,
        "device": report.model.device,
        "system": f"{platform.system()} {platform.machine()}",
        "threads": report.threads,
        "prompt_tokens": report.prompt_tokens,
        "rounds": [asdict(each) for each in report.rounds],
        "prefill": spread([each.prefill for each in report.rounds]).median,
        "decode": spread([each.decode for each in report.rounds]).median,
        "first_token_ms": report.first_ms,
        "again_ms": report.again_ms,
        "cached": report.cached,
        "memory": report.memory,
        "peer": None if peer is None else asdict(peer),
        "ratios": {name: found.median for name, found in ratios.items()},
        "quartiles": {name: [found.low, found.high] for name, found in ratios.items()},
    }


def _lines(report: Report) -> list[str]:
    """Return the table a person reads."""
    model = report.model
    rows = [
        (_("model"), f"{model.name} ({model.architecture}, {model.parameters / 1e6:.0f} M)"),
        (_("computed by"), f"{model.device}, {report.threads}"),
        (
            _("reading {count} tokens").format(count=PROMPT),
            _per_second(spread([each.prefill for each in report.rounds])),
        ),
        (
            _("writing {count} tokens").format(count=WRITTEN),
            _per_second(spread([each.decode for each in report.rounds])),
        ),
        (_("first token"), f"{report.first_ms:.0f} ms"),
        (
            _("asked again"),
            _("{time:.0f} ms, {share:.0%} of the prompt not read again").format(
                time=report.again_ms, share=report.cached
            ),
        ),
        (_("memory"), size(report.memory)),
    ]
    if report.peer is not None:
        rows += _peer_rows(report)
    width = max(len(name) for name, _value in rows)
    return [f"{name:<{width}}  {value}" for name, value in rows]


def _peer_rows(report: Report) -> list[tuple[str, str]]:
    rows = []
    for name, of in ((_("reading, of llama-bench"), _prefill), (_("writing, of it"), _decode)):
        found = report.ratios(of)
        if found is not None:
            rows.append((name, f"{found.median:.3f} ({found.low:.3f} – {found.high:.3f})"))
    if report.peer is not None and report.peer.memory is not None:
        rows.append((_("memory of llama-bench"), size(report.peer.memory)))
    return rows


def _per_second(found: Spread) -> str:
    return _("{median:.1f} tokens a second ({low:.1f} – {high:.1f})").format(
        median=found.median, low=found.low, high=found.high
    )


def _prefill(speeds: Speeds) -> float:
    return speeds.prefill


def _decode(speeds: Speeds) -> float:
    return speeds.decode
