"""The way PySide6 is imported: without what its first paint never asks it for.

PySide6 carries modules of Python in its libraries, packed, and compiles them from their source
at each start: that is a quarter of the way to an empty window. Most of them word the error of a
wrong argument or write stubs, so they are run when one of their names is first asked for.
"""

import sys
from importlib import machinery
from importlib.machinery import ModuleSpec
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object  # the abstract one brings more than a dozen modules along

_PARTS = ("errorhandler", "layout", "lib.enum_sig", "lib.pyi_generator", "lib.tool", "parser")
PUT_OFF: Final = frozenset(f"shibokensupport.signature.{part}" for part in _PARTS)
"""What PySide6 asks by name only; it looks into others, ``mapping`` for one, from C++."""


def import_pyside() -> None:
    """Import PySide6; where it goes another way than it did, all of it, as everybody does."""
    setattr(machinery, "ModuleSpec", _Spec)  # noqa: B010 - to mypy, a class is not to be replaced
    try:
        import PySide6  # noqa: F401, PLC0415 - this is the way
    finally:
        setattr(machinery, "ModuleSpec", ModuleSpec)  # noqa: B010 - see above
    # PySide6 reads the source of every module that is imported after it, to see whether it may
    # have asked for another style of Qt's names, which none does here. That takes a twentieth of
    # the way to the first paint, and Python keeps all that was read in memory.
    style = sys.modules.get("shibokensupport.feature")
    if hasattr(style, "_mod_uses_pyside"):
        setattr(style, "_mod_uses_pyside", lambda _module: False)  # noqa: B010 - it has no stub


class _Spec(ModuleSpec):
    """What PySide6's finder says about each of its packed modules."""

    def __init__(self, name: str, loader: Loader | None, **more: object) -> None:
        if loader is not None and name in PUT_OFF:
            loader = _Later(name, loader)
        super().__init__(name, loader, **more)  # type: ignore[arg-type]  # passed on as it came


class _Later(Loader):
    """Has its module run when the first of its names is asked for."""

    _running = RLock()
    """One for all, because they import each other, from whichever thread an error is in."""

    def __init__(self, name: str, loader: Loader) -> None:
        self._name = name
        self._loader = loader
        self._begun = False

    def create_module(self, _spec: ModuleSpec) -> None:
        """Let Python make it."""

    def exec_module(self, module: ModuleType) -> None:
        """Tell where its names are found."""

        def find(name: str) -> object:
            if not name.startswith("__"):  # those, the import system asks every module for
                self._run(module)
            try:
                return vars(module)[name]
            except KeyError:
                raise AttributeError(name) from None

        vars(module)["__getattr__"] = find

    def _run(self, module: ModuleType) -> None:
        with self._running:
            spec = module.__spec__
            if self._begun or spec is None:
                return
            self._begun = True
            moved, spec.name = spec.name, self._name  # PySide6 shows it as its own in between
            self._loader.exec_module(module)
            spec.name = moved
