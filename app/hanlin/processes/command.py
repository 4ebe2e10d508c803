"""Which command line starts a child, and in which environment.

In the source tree and when installed it is this Python with a module, in the
frozen program the executable beside ours. The environment is built from
nothing: what is not named here (proxies, tokens, PATH, HOME) no child sees.
"""

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import hanlin
from hanlin.processes.limits import Limits
from hanlin.processes.policy import Policy

_KEPT: Final = frozenset(
    {
        "LANG",
        "LANGUAGE",
        "TZ",
        "LD_LIBRARY_PATH",  # without it some Pythons do not start (Nix, environment modules)
        "SYSTEMROOT",  # without it Windows cannot even make random numbers
        "CUDA_VISIBLE_DEVICES",
        "HIP_VISIBLE_DEVICES",
        "VK_DRIVER_FILES",
        "VK_ICD_FILENAMES",
    }
)
WAIT: Final = "--wait"
"""The word for a child that imports its modules, then waits to hear which words bind it."""
BECOME: Final = "become"
"""The message with the words that a waiting child has been waiting for."""
_KEPT_PREFIXES: Final = ("LC_", "GGML_", "OMP_")


@dataclass(frozen=True, slots=True)
class ChildCommand:
    """How to start one child."""

    kind: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    words: tuple[str, ...] = ()
    """The end of ``argv`` that binds the child: its policy and its limits."""

    def waiting(self) -> "ChildCommand":
        """Return the command for a child that can become this one, or another with its words."""
        return replace(self, argv=(*self.program, WAIT), words=(WAIT,))

    def can_become(self, other: "ChildCommand") -> bool:
        """Return whether this is a waiting child of the same program in the same environment."""
        return self.words == (WAIT,) and (self.kind, self.program, self.environment) == (
            other.kind,
            other.program,
            other.environment,
        )

    @property
    def program(self) -> tuple[str, ...]:
        """Return the part of ``argv`` before the words."""
        return self.argv[: len(self.argv) - len(self.words)]


def build(
    kind: str,
    policy: Policy | None = None,
    limits: Limits | None = None,
    *,
    entry: str = "hanlin.processes.children",
    import_roots: Iterable[Path] = (),
) -> ChildCommand:
    """Return the command for the child ``kind``.

    ``entry`` is the module that starts it where the program is not frozen, and
    ``import_roots`` are folders it imports from besides ours.
    """
    limits = limits or Limits()
    words = (*(policy or Policy()).arguments(), *limits.arguments())
    environment = dict(_clean(os.environ))
    if limits.memory is not None:
        # Every thread would reserve 64 MB of address space for an arena of its own.
        environment["MALLOC_ARENA_MAX"] = "1"
    if getattr(sys, "frozen", False):
        program = Path(sys.executable)
        entrance = str(program.with_name(f"hanlin-child{program.suffix}"))
        return ChildCommand(kind, (entrance, kind, *words), environment, words)
    roots = [*_own_root(), *import_roots]
    if roots:
        environment["PYTHONPATH"] = os.pathsep.join(map(str, roots))
    python = (sys.executable, "-P", "-s", "-X", "utf8", "-m", entry)
    return ChildCommand(kind, (*python, kind, *words), environment, words)


def _own_root() -> Iterator[Path]:
    """Return the folder that holds our package, unless Python looks there anyway."""
    root = Path(hanlin.__file__).parent.parent
    if str(root) not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        yield root


def _clean(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in environment.items():
        if name.upper() in _KEPT or name.upper().startswith(_KEPT_PREFIXES):
            yield name, value
    yield "GGML_NO_BACKTRACE", "1"  # ggml would start a debugger on its own crash
