"""Which language a file is written in, by its name: for the fence around it and for its symbols."""

from pathlib import PurePosixPath
from typing import Final

_SUFFIXES: Final = {
    "python": ("py", "pyi", "pyw"),
    "javascript": ("js", "mjs", "cjs", "jsx"),
    "typescript": ("ts", "mts", "cts"),
    "tsx": ("tsx",),
    "rust": ("rs",),
    "go": ("go",),
    "c": ("c", "h"),
    "cpp": ("cpp", "cc", "cxx", "hpp", "hh", "hxx"),
    "csharp": ("cs",),
    "java": ("java",),
    "kotlin": ("kt", "kts"),
    "scala": ("scala",),
    "swift": ("swift",),
    "ruby": ("rb",),
    "php": ("php",),
    "perl": ("pl", "pm"),
    "lua": ("lua",),
    "r": ("r",),
    "dart": ("dart",),
    "bash": ("sh", "bash", "zsh"),
    "powershell": ("ps1",),
    "batch": ("bat", "cmd"),
    "sql": ("sql",),
    "html": ("html", "htm"),
    "vue": ("vue",),
    "css": ("css", "scss", "less"),
    "xml": ("xml", "svg", "ui", "qrc"),
    "json": ("json",),
    "yaml": ("yaml", "yml"),
    "toml": ("toml",),
    "ini": ("ini", "cfg", "conf"),
    "markdown": ("md", "markdown"),
    "rst": ("rst",),
    "text": ("txt", "csv", "tsv", "log"),
    "cmake": ("cmake",),
    "proto": ("proto",),
    "diff": ("diff", "patch"),
}
_LANGUAGES: Final = {
    suffix: language for language, suffixes in _SUFFIXES.items() for suffix in suffixes
}
_NAMES: Final = {"Makefile": "makefile", "Dockerfile": "dockerfile", "CMakeLists.txt": "cmake"}


def language_of(path: str) -> str:
    """Return the language of the file called ``path``, "" for an unknown one."""
    name = PurePosixPath(path)
    return _NAMES.get(name.name) or _LANGUAGES.get(name.suffix.removeprefix(".").lower(), "")
