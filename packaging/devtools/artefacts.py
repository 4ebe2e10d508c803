"""``dev.py build WHAT...``: freeze once, pack it in every way asked for, try what came out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from devtools import appimage, debian, freezing, macos, portable, stages, windows
from devtools.console import Failure, tell
from devtools.system import Purpose

Packer = Callable[[Path], Path]
PACKERS: Final[Mapping[str, Packer]] = {
    "portable": portable.build,
    "deb": debian.build,
    "appimage": appimage.build,
    "windows": windows.build,
    "macos": macos.build,
}
_RUNTIME: Final = "--runtime"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made, and what it asks of the computer."""

    packers: Mapping[str, Packer]

    @property
    def purpose(self) -> Purpose:
        """What the computer is needed for."""
        purpose = Purpose.WINDOW | Purpose.TEST | Purpose.FREEZE
        return purpose | Purpose.PACK if self.packers.keys() & {"deb", "appimage"} else purpose


def order(words: Sequence[str]) -> Order:
    """Return what ``words`` ask for. Raises Failure (code 2) when they say nothing known."""
    rest, packers = list(words), dict[str, Packer]()
    while rest:
        word = rest.pop(0)
        if word not in PACKERS:
            raise Failure(
                f"What can be built: {', '.join(PACKERS)}, vulkan [--sdk FOLDER], ocr.", 2
            )
        packers[word] = PACKERS[word]
        if word == "appimage" and rest[:1] == [_RUNTIME] and rest[1:]:
            packers[word] = partial(appimage.build, runtime=Path(rest[1]).absolute())
            del rest[:2]
    if not packers:
        raise Failure(f"Say what to build: {', '.join(PACKERS)}, vulkan, ocr.", 2)
    return Order(packers)


def build(wanted: Order) -> int:
    """Make everything of ``wanted``; return the exit code of its trial. Raises Failure."""
    program = freezing.freeze()
    made = {name: pack(program) for name, pack in wanted.packers.items()}
    variables = {f"HANLIN_{name.upper()}": str(path) for name, path in made.items()}
    code = stages.run(["tests/packaging"], {"HANLIN_PROGRAM": str(program), **variables})
    for path in made.values():
        tell(str(path))
    return code
