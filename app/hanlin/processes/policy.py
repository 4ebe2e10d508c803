"""What a child may do to the computer, and how far the system enforces it: values.

Both travel between parent and child. Enforcing belongs to ``sandbox``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hanlin.kernel.i18n import _


@dataclass(frozen=True, slots=True)
class Policy:
    """What one child may touch besides Python and the system's libraries.

    ``read`` and ``write`` are files or folders (with all that is below them);
    ``write`` includes reading. ``allow_gpu`` opens the graphics devices. A path that
    does not exist when the child starts stays closed. ``local`` allows sockets of this
    computer (UNIX), over which a desktop's services are reached: only for a child that
    takes nothing foreign in.
    """

    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    network: bool = False
    allow_gpu: bool = False
    local: bool = False

    def arguments(self) -> Iterator[str]:
        """Return the command line words that carry this policy to a child."""
        for path in self.read:
            yield from ("--read", str(path.absolute()))
        for path in self.write:
            yield from ("--write", str(path.absolute()))
        if self.network:
            yield "--network"
        if self.allow_gpu:
            yield "--allow-gpu"
        if self.local:
            yield "--local"


class Gap(StrEnum):
    """Why a sandbox is not complete."""

    NONE = ""
    SYSTEM = "system"
    """This operating system offers nothing a program may use on itself (yet)."""
    MACHINE = "machine"
    """The filter is not written for this kind of processor."""
    KERNEL = "kernel"
    """The kernel is too old, or was built or started without the means."""
    REFUSED = "refused"
    """The kernel has the means but refused them: usually a container around us."""
    UNKNOWN = "unknown"
    """The child did not say."""


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """What holds in a child: True means enforced by the system, tried at the start.

    ``network`` is True when no connection can be opened. ``detail`` is for a report,
    not for a sentence.
    """

    filesystem: bool
    network: bool
    syscalls: bool
    gap: Gap = Gap.NONE
    detail: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything holds that can be asked for."""
        return self.filesystem and self.network and self.syscalls

    @property
    def reason(self) -> str:
        """Return why it is not complete, in the interface's language; empty when it is."""
        return "" if self.complete else _REASONS[self.gap]()

    def to_message(self) -> dict[str, object]:
        """Return the form that travels in a child's ``hello``."""
        return {
            "filesystem": self.filesystem,
            "network": self.network,
            "syscalls": self.syscalls,
            "gap": str(self.gap),
            "detail": self.detail,
        }

    @classmethod
    def from_message(cls, message: object) -> "SandboxReport":
        """Return the report a child sent; whatever is missing or odd counts as not enforced."""
        fields: Mapping[object, object] = message if isinstance(message, dict) else {}
        gap = fields.get("gap")
        detail = fields.get("detail")
        return cls(
            filesystem=fields.get("filesystem") is True,
            network=fields.get("network") is True,
            syscalls=fields.get("syscalls") is True,
            gap=next((known for known in Gap if known == gap), Gap.UNKNOWN),
            detail=detail if isinstance(detail, str) else "",
        )


_REASONS = {
    Gap.NONE: lambda: _("This helper was started with more rights on purpose."),
    Gap.SYSTEM: lambda: _("This operating system offers no sandbox the program can use yet."),
    Gap.MACHINE: lambda: _("The sandbox is not written for this kind of processor yet."),
    Gap.KERNEL: lambda: _("This Linux kernel is too old for the sandbox, or it is switched off."),
    Gap.REFUSED: lambda: _("The system refused the sandbox, as some containers do."),
    Gap.UNKNOWN: lambda: _("The helper did not say whether it is in a sandbox."),
}
