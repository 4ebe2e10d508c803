"""The program's children by kind, and the way into each of them.

The same entry serves the source tree (``python -m hanlin.processes.children
KIND``) and the frozen program (``hanlin-child KIND``). The modules are named,
not imported: a child imports its own and nothing else.
"""

import importlib
import sys
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, NoReturn, cast

from hanlin.processes import child

CHILDREN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "engine": "hanlin.engine.worker.__main__",
        "templates": "hanlin.templates.child",
        "snippets": "hanlin.snippets.child",
        "documents": "hanlin.documents.child",
        "opening": "hanlin.documents.opening.child",
        "recognising": "hanlin.documents.recognising.child",
        "recording": "hanlin.recording.child",
        "formulas": "hanlin.formulas.child",
        "symbols": "hanlin.symbols.child",
        "colours": "hanlin.colours.child",
        "fetcher": "hanlin_models.fetcher.__main__",
    }
)
"""Kind to module. The module's ``main(channel: Channel) -> int`` is the child's work."""


def main() -> NoReturn:
    """Become the child named by the first word of the command line."""
    kind, *arguments = sys.argv[1:] or [""]
    if kind not in CHILDREN:
        sys.exit(f"{kind!r} is none of: {', '.join(CHILDREN)}")
    load = partial(_load, CHILDREN[kind])
    child.run(kind, arguments, load, sees_pages=kind == "engine")


def _load(module: str) -> child.Main:
    return cast("child.Main", importlib.import_module(module).main)


if __name__ == "__main__":
    main()
