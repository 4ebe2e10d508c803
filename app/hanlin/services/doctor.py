"""What this computer offers the program: one finding per line, fit to paste into a report.

Findings name no file, no title and no text of a conversation; paths inside the
person's home are shortened. The engine's own facts come from its worker.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil

from hanlin import __version__
from hanlin.engine.describing import EngineFacts
from hanlin.kernel.i18n import _, ngettext
from hanlin.kernel.paths import Paths
from hanlin.kernel.units import size
from hanlin.processes.policy import SandboxReport
from hanlin.services import hardware

LIBRARIES = (
    "PySide6-Essentials",
    "llama-cpp-python",
    "keyring",
    "platformdirs",
    "apsw-sqlite3mc",
    "cryptography",
    "Jinja2",
    "markdown-it-py",
    "Pygments",
)
_DISK_RESERVE = 2 * 10**9
_SHORT_COMMAND = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact. ``essential`` ones keep the program from working when they are not ``ok``."""

    name: str
    value: str
    ok: bool = True
    hint: str = ""
    essential: bool = False


def examine(
    paths: Paths,
    engine: EngineFacts,
    keyring_name: Callable[[], str],
    graphics: Sequence[hardware.Finding] = (),
) -> list[Finding]:
    """Return the findings. ``keyring_name`` names the usable keyring, or returns "".

    ``graphics`` are the modules for graphics cards with what their trials gave.
    """
    return [
        Finding("hanlin", f"{__version__}, Python {platform.python_version()}"),
        Finding(_("system"), f"{platform.system()} {platform.release()}, {platform.machine()}"),
        _libraries(),
        *_engine(engine),
        _graphics(graphics),
        _memory(),
        _disk(paths),
        _fonts(),
        _input_method(os.environ),
        _keyring(keyring_name()),
    ]


def _libraries() -> Finding:
    versions, missing = [], []
    for name in LIBRARIES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding(
            _("libraries"),
            _("missing: {names}").format(names=", ".join(missing)),
            ok=False,
            hint=_("Run “python3 packaging/dev.py sync”, or install the program again."),
            essential=True,
        )
    return Finding(_("libraries"), ", ".join(versions))


def _engine(facts: EngineFacts) -> list[Finding]:
    described = facts.described
    if described is None:
        return [
            Finding(
                _("engine"),
                _("the engine did not start: {reason}").format(reason=facts.error),
                ok=False,
                hint=_("Install the program again; if that does not help, report it."),
                essential=True,
            )
        ]
    return [
        Finding(
            _("CPU module"),
            described.cpu_module or _("built for this one processor (pip's own build)"),
        ),
        _sandbox(facts.sandbox),
    ]


def _graphics(found: Sequence[hardware.Finding]) -> Finding:
    name = _("graphics card")
    if not found:
        return Finding(name, _("none that this build can use; the processor computes"))
    failed = [each for each in found if each.failed]
    text = "; ".join(
        f"{each.sentence} ({each.verdict.detail})"
        if each.verdict and each.failed
        else each.sentence
        for each in found
    )
    hint = _("Update the graphics driver, then run “hanlin doctor --try-graphics”.")
    return Finding(name, text, ok=not failed, hint=hint if failed else "")


def _sandbox(report: SandboxReport | None) -> Finding:
    name = _("sandbox of the engine")
    if report is not None and report.complete:
        return Finding(name, _("on: no network, no files but the model"))
    reason = report.reason if report is not None else ""
    return Finding(name, reason or _("unknown"), ok=False)


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    return Finding(
        _("memory and processor"),
        _("{free} of {total} free, {cores}").format(
            free=size(memory.available),
            total=size(memory.total),
            cores=ngettext("{count} core", "{count} cores", cores).format(count=cores),
        ),
    )


def _disk(paths: Paths) -> Finding:
    folder = next((p for p in (paths.data, *paths.data.parents) if p.exists()), Path.home())
    free = shutil.disk_usage(folder).free
    writable = os.access(folder, os.W_OK)
    value = _("{free} free for the data folder").format(free=size(free))
    if not writable:
        return Finding(
            _("disk"),
            _("the data folder cannot be written"),
            ok=False,
            hint=_("Change its permissions, or choose another one with --data-dir."),
            essential=True,
        )
    if free < _DISK_RESERVE:
        return Finding(_("disk"), value, ok=False, hint=_("Free some space before adding models."))
    return Finding(_("disk"), value)


def _fonts() -> Finding:
    name = _("Chinese font")
    if sys.platform in ("win32", "darwin"):
        return Finding(name, _("part of the system"))
    families = _output("fc-list", ":lang=zh", "family")
    if families is None:
        return Finding(
            name,
            _("could not be looked up: fontconfig's fc-list is missing"),
            ok=False,
            hint=_("On Debian and Ubuntu: sudo apt-get install fontconfig"),
        )
    found = sorted({line.split(",")[0].strip() for line in families.splitlines() if line.strip()})
    if not found:
        return Finding(
            name,
            _("none found: Chinese text will show as boxes"),
            ok=False,
            hint=_("On Debian and Ubuntu: sudo apt-get install fonts-noto-cjk"),
        )
    return Finding(name, ", ".join(found[:3]))


def _input_method(environment: Mapping[str, str]) -> Finding:
    name = _("Chinese input")
    if sys.platform in ("win32", "darwin"):
        return Finding(name, _("part of the system"))
    running = sorted(
        {
            process.info["name"]
            for process in psutil.process_iter(["name"])
            if (process.info["name"] or "").startswith(("fcitx", "ibus-daemon"))
        }
    )
    module = environment.get("QT_IM_MODULE", "")
    if not running:
        return Finding(
            name,
            _("no input method is running (fcitx5 or ibus)"),
            ok=False,
            hint=_("Install and start fcitx5 or ibus to type Chinese."),
        )
    value = ", ".join(running)
    return Finding(name, f"{value}, QT_IM_MODULE={module}" if module else value)


def _keyring(backend: str) -> Finding:
    name = _("system keyring")
    if not backend:
        return Finding(
            name,
            _("none: conversations are encrypted, but the key lies beside them"),
            ok=False,
            hint=_("Set up GNOME Keyring or KWallet to protect them."),
        )
    return Finding(name, backend)


def _output(*command: str) -> str | None:
    """Return what the command prints, None when it cannot be run."""
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *command[1:]],
            capture_output=True,
            text=True,
            timeout=_SHORT_COMMAND,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout
