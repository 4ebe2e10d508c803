"""What may stand nowhere in the sources, and why: found in the syntax, not by text search."""

import ast
from collections.abc import Iterator

from hanlin_rules.sources import FETCHER, is_inside

_CALLS = {
    "setHtml": "text of a model or a file could hang Qt or open files (design 7)",
    "insertHtml": "text of a model or a file could hang Qt or open files (design 7)",
    "appendHtml": "text of a model or a file could hang Qt or open files (design 7)",
    "fromHtml": "text of a model or a file could hang Qt or open files (design 7)",
    "setMarkdown": "text of a model could hang Qt or open files (design 7)",
    "insertMarkdown": "text of a model could hang Qt or open files (design 7)",
    "fromMarkdown": "text of a model could hang Qt or open files (design 7)",
    "itemAt": "PySide keeps the item that Qt deletes, and takes what lies there later for it",
}
_IMPORTS = {
    "pickle": "it runs code found in data (design 3)",
    "marshal": "it trusts its data",
    "shelve": "it is pickle",
    "multiprocessing": "children are started by hanlin.processes (design 3)",
    "concurrent.futures.process": "children are started by hanlin.processes (design 3)",
    "sqlite3": "the database is always encrypted (design 5)",
    "PySide6.QtWebEngineCore": "no second browser (design 7)",
    "PySide6.QtWebEngineWidgets": "no second browser (design 7)",
    "PySide6.QtQml": "widgets draw without a GPU driver (design 7)",
    "PySide6.QtQuick": "widgets draw without a GPU driver (design 7)",
    "PySide6.QtMultimedia": "it lives in the large Addons (design 8)",
    "PySide6.QtPdf": "it lives in the large Addons (design 8)",
}
_NETWORK = (
    "socket",
    "socketserver",
    "ssl",
    "http",
    "urllib.request",
    "ftplib",
    "smtplib",
    "asyncio",
)
_LOCAL_ONLY = frozenset({"QLocalServer", "QLocalSocket", "socketpair"})
"""Names of those modules that never leave the computer."""


def breaches(module: str, source: str) -> list[str]:
    """Return what in the ``source`` of ``module`` is forbidden: "line: what: why"."""
    found = [
        f"{line}: {what}"
        for node in ast.walk(ast.parse(source))
        for line, what in _breaches_of(module, node)
    ]
    return sorted(found, key=lambda text: int(text.split(":")[0]))


def _breaches_of(module: str, node: ast.AST) -> Iterator[tuple[int, str]]:
    match node:
        case ast.Import():
            for alias in node.names:
                yield from _of_import(module, node.lineno, alias.name, "")
        case ast.ImportFrom(module=str(origin)):
            for alias in node.names:
                yield from _of_import(module, node.lineno, origin, alias.name)
        case ast.Attribute(attr=name) if name in _CALLS:
            yield node.lineno, f"{name}: {_CALLS[name]}"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="os"), attr="system" | "popen" as name)):
            yield node.lineno, f"os.{name}: a shell reads its words"
        case ast.Call(func=ast.Attribute(attr="setToolTip"), args=[said]) if not _is_ours(said):
            yield (
                node.lineno,
                "setToolTip: a foreign text could be markup, say tip(text) (design 7)",
            )
        case ast.keyword(arg="shell", value=ast.Constant(value=True)):
            yield node.lineno, "shell=True: a shell reads its words"


def _is_ours(said: ast.expr) -> bool:
    """Tell whether a text is the program's own, or made harmless by ``tip``."""
    match said:
        case ast.Constant():
            return True
        case ast.IfExp(body=one, orelse=other):
            return _is_ours(one) and _is_ours(other)
        case ast.Call(func=ast.Name(id="_" | "ngettext" | "tip")):
            return True
    return False


def _of_import(module: str, line: int, origin: str, name: str) -> Iterator[tuple[int, str]]:
    whole = f"{origin}.{name}" if name else origin
    for forbidden, why in _IMPORTS.items():
        if is_inside(whole, forbidden):
            yield line, f"{forbidden}: {why}"
    if name in _LOCAL_ONLY:
        return
    if any(is_inside(whole, door) for door in _NETWORK) and not is_inside(module, FETCHER):
        yield line, f"{whole}: only the fetcher may talk to the network (design 3)"
    if is_inside(whole, "PySide6.QtNetwork"):
        yield (
            line,
            f"{whole}: the window talks to no network, QLocalServer and QLocalSocket excepted",
        )
