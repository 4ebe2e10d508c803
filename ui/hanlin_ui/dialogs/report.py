"""The text of a fault report: what ``hanlin doctor`` finds, and the newest lines of the log."""

from collections.abc import Sequence

from hanlin.bootstrap import open_hardware
from hanlin.engine.describing import describe
from hanlin.kernel.paths import Paths
from hanlin.vault import Vault


def report_text(paths: Paths, log_lines: Sequence[str]) -> str:
    """Return the report; takes seconds, for the engine's worker is asked. Any thread."""
    from hanlin.services.doctor import examine  # noqa: PLC0415 - 2 MB that few ever need

    vault = Vault(paths.keys, paths.database)
    findings = examine(paths, describe(), vault.keyring_name, open_hardware(paths).findings())
    lines = [f"{'ok' if one.ok else '!!'}  {one.name}: {one.value}" for one in findings]
    return "\n".join([*lines, "", *log_lines])
