"""What goes into the frozen program, and what PyInstaller would bring along for nothing.

Facts behind the choices: packaging/design.md 8. Starting the program that came
out is the tests' work (tests/packaging).
"""

import importlib.util
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Final

from devtools.places import ROOT, SOURCE_ROOTS
from hanlin.processes.children import CHILDREN

Entry = tuple[str, str, str]
"""PyInstaller's triple: path in the bundle, path here (or a link's target), kind."""

IN_CHILDREN_ONLY: Final = (
    *(module.removesuffix(".__main__") for module in CHILDREN.values()),
    "hanlin.templates.environment",
    "hanlin.documents.formats",
    "hanlin.documents.reading",
    "hanlin.documents.opening",
    "hanlin.formulas.drawing",
)
# Nothing of ours asks for these; they come with a package that also holds what we use.
UNUSED: Final = (
    "tkinter",
    "unittest",
    "pydoc",
    "lib2to3",
    "apsw.shell",
    "apsw.speedtest",
    "apsw.tests",
    "hf_xet",  # downloads are plain HTTPS (design 6)
    "huggingface_hub.cli",
    "setuptools",
    "sqlite3",
    "readline",  # its library is under the GPL
    "crypt",
)
# The window opens no connection and starts no Python of its own; TLS is the fetcher's.
# What stays (urllib.request without TLS) is imported by keyring's helpers.
UNUSED_BY_WINDOW: Final = (
    *UNUSED,
    "llama_cpp",
    "numpy",
    "jinja2",
    "PIL",
    "pygments",
    "ssl",
    "ftplib",
    "smtplib",
    "xmlrpc",
    "http.server",
    "socketserver",
    "webbrowser",
    "asyncio",
    "multiprocessing",
)
# llama_cpp is used as a ctypes layer (design 4): its own package imports are not.
UNUSED_BY_CHILDREN: Final = (
    *UNUSED,
    "PySide6",
    "shiboken6",
    "hanlin_ui",
    "numpy",
    "diskcache",
    "llama_cpp.llama",
    "keyring",
    "apsw",
    # Brought by packages that also have a command line or plugins for pytest.
    "_pytest",
    "pytest",
    "pluggy",
    "rich",
    "click",
    "markdown_it",
    "doctest",
    "pdb",
    # Of Pillow: no picture in AVIF is taken, no words are drawn, no desktop is asked.
    "PIL._avif",
    "PIL._imagingft",
    "PIL._imagingtk",
)
LLAMA_MODULES: Final = (
    "llama_cpp.llama_cpp",
    "llama_cpp.mtmd_cpp",
    "llama_cpp._ctypes_extensions",
    "llama_cpp.llama_grammar",
)
# The OCR pack brings a Pillow of its own, but ours is loaded first: these are parts it asks for.
PACK_MODULES: Final = ("PIL.ImageDraw", "PIL.ImageFont")
# What a snippet may import (hanlin.snippets) is the standard library: nothing else asks for
# most of it, so it is named here. Not what starts programs, draws windows or serves.
_NOT_FOR_SNIPPETS: Final = re.compile(
    r"_|antigravity|this|idlelib|turtle|venv|ensurepip|lib2to3|distutils|test\b|pip|curses|dbm"
    r"|nis\b|spwd|ossaudiodev|rlcompleter"
    r"|ftplib|imaplib|poplib|smtp|nntplib|telnetlib|xmlrpc|wsgiref|webbrowser|cgi|msi"
)
_SNIPPET_PACKAGES: Final = (
    "collections",
    "concurrent",
    "email",
    "html",
    "importlib",
    "json",
    "xml",
)


# Plugins that a widgets program never loads; libqgtk3 alone would drag in all of GTK.
_UNUSED_PLUGINS: Final = re.compile(
    r"/plugins/(designer|egldeviceintegrations|generic|networkinformation|qmltooling|sqldrivers|tls"
    r"|wayland-graphics-integration-server)/"
    r"|platforms/libq(eglfs|linuxfb|minimal|minimalegl|vkkhrdisplay|vnc)\."
    r"|platformthemes/libqgtk3\."
    r"|imageformats/libq(icns|pdf|tga|tiff|wbmp)\."
    r"|wayland-shell-integration/lib(fullscreen-shell-v1|ivi-shell|qt-shell)\."
    r"|platforminputcontexts/libqtvirtualkeyboardplugin\."
)
# A libstdc++ older than the computer's own breaks its graphics driver (pyinstaller#5573), and
# libmvec is a part of the C library.
_FROM_THE_COMPUTER: Final = re.compile(
    r"^(libmvec|libstdc\+\+|libgcc_s|libGL|libGLX|libGLdispatch|libOpenGL|libEGL|libdrm|libfontconfig)[.-]"
)
# Their dictionaries and fonts; opencc's for Japanese serve no language of ours.
_DATA: Final = ("opencc", "ziamath", "ziafont", "latex2mathml")
_UNUSED_OPENCC: Final = re.compile(r"opencc/clib/(bin|include|lib64)/|/JP\w+\.ocd2$|jp2t|t2jp")
# Each package's own list of parts; ours is made for the whole program.
_UNUSED_DATA: Final = re.compile(r"\.dist-info/(sboms/|RECORD$)")
_LICENCE: Final = re.compile(r"(?i)licen[cs]e|copying|notice|copyright")
_LOCKED_NOT_INSIDE: Final = frozenset({"numpy", "hf-xet", "diskcache", "click"})
_OPENED: Final = ("libllama.", "libmtmd.")
_QT_TRANSLATION: Final = re.compile(r"translations/(?!qtbase_zh_(?:CN|TW)\.qm$)")


def own_modules(*packages: str) -> Iterator[str]:
    """Return the modules of ``packages`` but the children's own; some are imported by name."""
    for root in SOURCE_ROOTS:
        for file in sorted(root.rglob("*.py")):
            parts = file.relative_to(root).with_suffix("").parts
            if parts[0] not in packages:
                continue
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if not name.startswith(IN_CHILDREN_ONLY):
                yield name


def standard_library() -> Iterator[str]:
    """Return the modules of the standard library that a snippet may import."""
    from PyInstaller.utils.hooks import collect_submodules  # noqa: PLC0415 - only when freezing

    for name in sorted(sys.stdlib_module_names - set(UNUSED_BY_CHILDREN)):
        if not _NOT_FOR_SNIPPETS.match(name) and importlib.util.find_spec(name) is not None:
            yield name
    for package in _SNIPPET_PACKAGES:
        yield from collect_submodules(package)


def package_data() -> Iterator[Entry]:
    """Return the data files of packages that read some of their own."""
    from PyInstaller.utils.hooks import collect_data_files  # noqa: PLC0415 - only when freezing

    for package in _DATA:
        for source, folder in collect_data_files(package):
            entry = f"{folder}/{Path(source).name}"
            if not _UNUSED_OPENCC.search(entry):
                yield entry, source, "DATA"


def resources() -> Iterator[Entry]:
    """Return the program's data files."""
    root = ROOT / "resources"
    for file in sorted((root / "hanlin_resources").rglob("*")):
        if file.is_file() and file.suffix not in {".py", ".pyc", ".po"}:
            yield file.relative_to(root).as_posix(), str(file), "DATA"


def llama_libraries() -> Iterator[Entry]:
    """Return llama.cpp's libraries once each, and its modules for processors.

    The module for cards is a pack of its own (devtools/vulkan.py): most computers need none.

    The wheel holds three copies of each. On Linux a library that the program opens has the
    name it is opened by, the others the name they are linked by: two files would be two
    libraries with separate registries, and links do not survive a USB stick.
    """
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("llama-cpp-python is not installed")
    package = Path(spec.submodule_search_locations[0])
    for file in sorted((package / "lib").iterdir()):
        if sys.platform != "linux":
            yield f"llama_cpp/lib/{file.name}", str(file), "BINARY"
        elif re.search(r"\.so\.\d+$", file.name):
            opened = file.name.startswith(_OPENED)
            name = file.name.rsplit(".", 1)[0] if opened else file.name
            yield f"llama_cpp/lib/{name}", str(file), "BINARY"
            if file.name.startswith("libggml-base."):
                yield from _threads_of(file)
    for file in sorted((package.parent / "bin").glob("*ggml-cpu*")):
        yield f"llama_cpp/lib/{file.name}", str(file), "BINARY"


def _threads_of(library: Path) -> Iterator[Entry]:
    """Return the compiler's library for threads; not every computer has it."""
    from PyInstaller.depend.bindepend import get_imports  # noqa: PLC0415 - only there when freezing

    for name, path in get_imports(str(library)):
        if path and name.startswith("libgomp."):
            yield f"llama_cpp/lib/{PurePosixPath(name).name}", path, "BINARY"


def licences() -> Iterator[Entry]:
    """Return the licence texts of the packages that are inside, one folder each."""
    for file in sorted((ROOT / "packaging/licences").iterdir()):  # the wheel of Qt brings none
        yield f"licences/qt/{file.name}", str(file), "DATA"
    for name in _locked():
        distribution = metadata.distribution(name)
        for text in distribution.files or ():
            if "dist-info" in text.parts[0] and _LICENCE.search(text.name):
                path = str(distribution.locate_file(text))
                yield f"licences/{name}/{text.name}", path, "DATA"
    python = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
    for candidate in (python, Path(f"/usr/share/doc/python3.{sys.version_info.minor}/copyright")):
        if candidate.is_file():
            yield "licences/python/LICENSE", str(candidate), "DATA"
            return


def _locked() -> Iterator[str]:
    """Return the names of the locked packages that are installed here."""
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        entry = re.match(r"([A-Za-z0-9][\w.-]*)==", line)
        if entry and entry[1] not in _LOCKED_NOT_INSIDE:
            try:
                metadata.distribution(entry[1])
            except metadata.PackageNotFoundError:
                continue  # for another system
            yield entry[1]


def trimmed(entries: Iterable[Entry]) -> list[Entry]:
    """Return ``entries`` without unused plugins, and without libraries only those had needed."""
    kept = [entry for entry in entries if not _is_unused(entry[0])]
    if sys.platform != "linux":
        return kept
    # Each library finds its neighbours by itself; the links are for those that do not.
    kept = [entry for entry in kept if entry[2] != "SYMLINK"]
    needed = _reachable(entry for entry in kept if not _serves_others(entry))
    return [
        entry
        for entry in kept
        if not _serves_others(entry) or PurePosixPath(entry[0]).name in needed
    ]


def _is_unused(destination: str) -> bool:
    path = PurePosixPath(destination.replace("\\", "/"))
    return bool(
        _UNUSED_PLUGINS.search(str(path))
        or _FROM_THE_COMPUTER.match(path.name)
        or _QT_TRANSLATION.search(str(path))
        or _UNUSED_DATA.search(str(path))
    )


def _serves_others(entry: Entry) -> bool:
    """Tell whether ``entry`` is a library that is only there because something links to it."""
    destination, source, kind = entry
    system = source.startswith(("/lib/", "/lib64/", "/usr/lib/"))
    bundled = "/Qt/lib/" in destination or destination.startswith("pillow.libs/")
    return kind == "BINARY" and (system or bundled)


def _reachable(entries: Iterable[Entry]) -> set[str]:
    """Return the names of the libraries that ``entries`` need, directly or by others."""
    from PyInstaller.depend.bindepend import get_imports  # noqa: PLC0415 - only there when freezing

    names: set[str] = set()
    waiting = [source for _, source, kind in entries if kind in {"BINARY", "EXTENSION"}]
    while waiting:
        for name, path in get_imports(waiting.pop()):
            base = PurePosixPath(name).name
            if base not in names:
                names.add(base)
                if path:
                    waiting.append(path)
    return names
