"""``dev.py build deb``: the package for Debian, Ubuntu and their relatives.

Everything of the program lies in /opt/hanlin; desktop, icons, file type and manual are
where the system looks for them. No script runs at installation: the system's own triggers
do what is to be done. What the binaries need is read off them.
"""

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from devtools.console import Failure, follow, tell
from devtools.environment import MAIN
from devtools.freezing import is_native_code, repeatable, time_of_commit, version
from devtools.places import BUILD, DIST, ROOT

LINUX: Final = ROOT / "packaging/linux"
ICONS: Final = ROOT / "resources/hanlin_resources/icons"
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
_PACKAGES: Final = {
    "ld-linux-x86-64.so.2": "libc6",
    "ld-linux-aarch64.so.1": "libc6",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libc.so.6": "libc6",
    "libdl.so.2": "libc6",
    "libdrm.so.2": "libdrm2",
    "libfontconfig.so.1": "libfontconfig1",
    "libgcc_s.so.1": "libgcc-s1",
    "libm.so.6": "libc6",
    "libmvec.so.1": "libc6",
    "libpthread.so.0": "libc6",
    "libresolv.so.2": "libc6",
    "librt.so.1": "libc6",
    "libstdc++.so.6": "libstdc++6",
    "libutil.so.1": "libc6",
    "libvulkan.so.1": "libvulkan1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb.so.1": "libxcb1",
    "libz.so.1": "zlib1g",
}
"""The libraries that the computer brings, by name, and the package that holds each."""
_COMPILERS: Final = {29: "11", 30: "12", 31: "13.1", 32: "13.2", 33: "14"}
"""GLIBCXX_3.4.x and the first libstdc++6 that has it."""
_CONTROL: Final = """\
Package: hanlin
Version: {version}
Architecture: {architecture}
Maintainer: The Hanlin authors <hanlin@localhost>
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: fonts-noto-cjk
Suggests: gnome-keyring | kwalletmanager, mesa-vulkan-drivers
Section: utils
Priority: optional
Description: assistant that talks with a language model on this computer
 Hanlin works without a network, an account or telemetry. Conversations are
 kept encrypted. A very small model is in the box; any GGUF file can be added,
 fetched with verification, or carried in on a USB stick.
 .
 翰林是只在本机工作的助手：不用账号，不联网，对话加密保存。
"""


def build(program: Path) -> Path:
    """Pack the frozen ``program``; return the package. Raises Failure."""
    if shutil.which("dpkg-deb") is None:
        raise Failure("dpkg-deb is missing: a .deb is made on Debian or Ubuntu.", 3)
    root = BUILD / "deb"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(program, root / "opt/hanlin", symlinks=True)
    link = root / "usr/bin/hanlin"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../opt/hanlin/hanlin")
    share(root / "usr/share")
    _documents(root / "usr/share")
    return pack(root, "hanlin", _CONTROL, dependencies(program))


def pack(root: Path, name: str, control: str, depends: Iterable[str]) -> Path:
    """Pack the tree ``root`` as the package ``name``; return it. Raises Failure.

    ``control`` has places for ``version``, ``architecture``, ``kilobytes`` and ``depends``.
    """
    architecture = _ARCHITECTURES[os.uname().machine]
    size = sum(file.lstat().st_size for file in root.rglob("*"))
    filled = control.format(
        version=version(),
        architecture=architecture,
        kilobytes=-(-size // 1024),
        depends=", ".join(depends),
    )
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/control").write_text(filled, encoding="utf-8")
    make_uniform(root)
    DIST.mkdir(exist_ok=True)
    target = DIST / f"{name}_{version()}_{architecture}.deb"
    # Every dpkg with a C library as new as Qt needs reads zstd, and xz takes minutes.
    packing = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z12", "--build"]
    log = BUILD / f"{name}-deb.log"
    follow([*packing, root, target], f"Packing {target.name}", log, environment=repeatable())
    tell(f"{target}: {target.stat().st_size / 1e6:.1f} MB, {size / 1e6:.0f} MB installed")
    return target


def share(folder: Path) -> None:
    """Put into ``folder`` (usr/share) what a desktop wants to know of the program."""
    place(LINUX / "hanlin.desktop", folder / "applications/hanlin.desktop")
    place(LINUX / "hanlin-mime.xml", folder / "mime/packages/hanlin.xml")
    day = datetime.fromtimestamp(time_of_commit(), UTC).date().isoformat()
    metainfo = (LINUX / "hanlin.metainfo.xml").read_text(encoding="utf-8")
    target = folder / "metainfo/hanlin.metainfo.xml"
    target.parent.mkdir(parents=True)
    target.write_text(_filled(metainfo, day), encoding="utf-8")
    for icon in ICONS.glob("hanlin-*.png"):
        size = icon.stem.rpartition("-")[2]
        place(icon, folder / f"icons/hicolor/{size}x{size}/apps/hanlin.png")


def place(source: Path, target: Path) -> None:
    """Copy a file, making the folders it lies in."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def make_uniform(root: Path) -> None:
    """Give all below ``root`` the rights of a package and the commit's date."""
    moment = time_of_commit()
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or (path.parent.name == "hanlin" and is_native_code(path))
            path.chmod(0o755 if runs or path.name == "AppRun" else 0o644)
        os.utime(path, (moment, moment), follow_symlinks=False)


def dependencies(program: Path, beside: Iterable[str] = ()) -> list[str]:
    """Return the packages that the binaries of ``program`` need, with the versions they need.

    ``beside`` names libraries that another package of ours holds. Raises Failure.
    """
    listings = [_listing(file) for file in sorted(program.rglob("*")) if is_native_code(file)]
    inside = {file.name for file in program.rglob("*")} | set(beside)
    for listing in listings:
        inside |= set(re.findall(r"^ *SONAME +(\S+)", listing, re.MULTILINE))
    packages: set[str] = set()
    c_library, compiler = (2, 0), 0
    for listing in listings:
        for name in set(re.findall(r"^ *NEEDED +(\S+)", listing, re.MULTILINE)) - inside:
            if name not in _PACKAGES:
                raise Failure(f"No package is known for {name}: see devtools/debian.py.")
            packages.add(_PACKAGES[name])
        versions = listing.partition("Version References:")[2]
        for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", versions):
            c_library = max(c_library, (int(major), int(minor)))
        for patch in re.findall(r"GLIBCXX_3\.4\.(\d+)", versions):
            compiler = max(compiler, int(patch))
    least = {"libc6": ".".join(map(str, c_library))}
    if compiler >= min(_COMPILERS):
        least["libstdc++6"] = _COMPILERS[compiler]
    return [f"{name} (>= {least[name]})" if name in least else name for name in sorted(packages)]


def _listing(file: Path) -> str:
    words = ["objdump", "-p", str(file)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def _documents(folder: Path) -> None:
    day = datetime.fromtimestamp(time_of_commit(), UTC).date().isoformat()
    for manual in (LINUX / "hanlin.1", LINUX / "zh_CN/hanlin.1"):
        language = manual.parent.relative_to(LINUX)
        text = _filled(manual.read_text(encoding="utf-8"), day)
        text = text.replace("@COMMANDS@", _commands(language.name or "en"))
        _compress(text, folder / "man" / language / "man1/hanlin.1.gz")
    notes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    _compress(notes, folder / "doc/hanlin/changelog.gz")
    copyright_file = folder / "doc/hanlin/copyright"
    copyright_file.write_text("\n".join(_copyright()), encoding="utf-8")


def _commands(language: str) -> str:
    """Return the manual's list of commands, as the program itself explains them."""
    words = [str(MAIN.python), "-m", "hanlin", "--language", language, "--help"]
    environment = {**os.environ, "COLUMNS": "1000"}
    done = subprocess.run(words, capture_output=True, encoding="utf-8", env=environment, check=True)
    found = re.findall(r"^ {4}(\w+) {2,}(.+)$", done.stdout, re.MULTILINE)
    return "\n".join(f".TP\n.B {name}\n{text}" for name, text in found)


def _copyright() -> Iterable[str]:
    yield "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
    yield "Upstream-Name: Hanlin"
    yield "Comment: The licences of the packages inside lie in /opt/hanlin/_internal/licences."
    yield "\nFiles: *\nCopyright: The Hanlin authors\nLicense: Apache-2.0"
    yield " On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.\n"


def _filled(text: str, day: str) -> str:
    return text.replace("@VERSION@", version()).replace("@DATE@", day)


def _compress(text: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # Neither a name nor a date inside: the same text gives the same bytes.
    target.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
