"""The program's own source files, found and read; what may stand in them is in ``forbidden``."""

from collections.abc import Iterator
from pathlib import Path

PACKAGES = {
    "hanlin": "app/hanlin",
    "hanlin_ui": "ui/hanlin_ui",
    "hanlin_models": "models/hanlin_models",
    "hanlin_resources": "resources/hanlin_resources",
}
"""The import packages and where they lie in the checkout."""
ROOT = Path(__file__).resolve().parents[3]

RUN_IN_CHILDREN = (
    "hanlin.engine.worker",
    "hanlin.templates.child",
    "hanlin.templates.environment",
    "hanlin.formulas.child",
    "hanlin.formulas.drawing",
    "hanlin.documents.child",
    "hanlin.documents.reading",
    "hanlin.documents.splicing",
    "hanlin.documents.formats",
    "hanlin.documents.opening",
    "hanlin.documents.recognising",
    "hanlin.recording.child",
    "hanlin.snippets.child",
    "hanlin.symbols.child",
)
"""Modules that only child processes import: the window must never load what they load."""
WINDOWS_ONLY = ("hanlin.processes.windows_job",)
"""Modules that refuse to be imported elsewhere."""
FETCHER = "hanlin_models.fetcher"


def modules(*packages: str, root: Path = ROOT) -> Iterator[tuple[str, Path]]:
    """Return name and file of every module in ``packages`` (all of ours when none is named)."""
    for package in packages or PACKAGES:
        folder = root / PACKAGES[package]
        for file in sorted(folder.rglob("*.py")):
            parts = file.relative_to(folder.parent).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def is_inside(module: str, *packages: str) -> bool:
    """Tell whether ``module`` is one of ``packages`` or lies in one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)
