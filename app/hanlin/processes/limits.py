"""What a child may use up: memory, processor time, open files.

A limit makes a child fail alone; it is no protection against one that wants to
do harm, which is the sandbox's work. On Windows there are none but the job
object's (see windows_job).
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

if sys.platform != "win32":
    import resource


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one child; None leaves the system's.

    ``memory`` is bytes of address space: beyond it allocations fail (MemoryError).
    ``cpu_seconds`` is processor time of the whole life: beyond it the system ends it, by a
    signal of its own (SIGXCPU); a second later by one that nothing withstands.
    """

    memory: int | None = None
    cpu_seconds: int | None = None
    open_files: int | None = None

    def apply(self) -> None:
        """Bind this process. Raises OSError or ValueError when the system refuses."""
        if sys.platform != "win32":
            for kind, limit, more in (
                (resource.RLIMIT_CORE, 0, 0),  # a core file would hold conversations
                (resource.RLIMIT_AS, self.memory, 0),
                (resource.RLIMIT_CPU, self.cpu_seconds, 1),
                (resource.RLIMIT_NOFILE, self.open_files, 0),
            ):
                if limit is not None:
                    resource.setrlimit(kind, (limit, limit + more))

    def arguments(self) -> Iterator[str]:
        """Return the command line words that carry these limits to a child."""
        for option, limit in (
            ("--memory", self.memory),
            ("--cpu-seconds", self.cpu_seconds),
            ("--open-files", self.open_files),
        ):
            if limit is not None:
                yield from (option, str(limit))
