"""``dev.py build macos``: the disk image with Hanlin.app.

The bundle is PyInstaller's (hanlin.spec). Signed with the identity that the variable
HANLIN_CODESIGN_IDENTITY names; without one it is signed for this computer alone, and
others must be told to allow it. Notarising is the release workflow's work.
"""

import os
import platform
import shutil
import struct
import subprocess
import time
from pathlib import Path
from typing import Final

from devtools.console import Failure, follow, tell
from devtools.freezing import version
from devtools.places import BUILD, DIST, ROOT

ENTITLEMENTS: Final = ROOT / "packaging/macos/entitlements.plist"
_ICONS: Final = ROOT / "resources/hanlin_resources/icons"
_ICON_KINDS: Final = {b"icp4": 16, b"icp5": 32, b"ic07": 128, b"ic08": 256, b"ic09": 512}
_TRIES: Final = 5
_PAUSE: Final = 5.0


def build(_program: Path) -> Path:
    """Sign dist/Hanlin.app and put it into a disk image; return that. Raises Failure."""
    if platform.system() != "Darwin":
        raise Failure("The program for macOS is frozen on macOS.", 2)
    bundle = DIST / "Hanlin.app"
    identity = os.environ.get("HANLIN_CODESIGN_IDENTITY", "-")
    words = ["codesign", "--force", "--deep", "--options", "runtime", "--sign", identity]
    words += ["--entitlements", str(ENTITLEMENTS), str(bundle)]
    follow(words, "Signing", BUILD / "codesign.log")
    folder = BUILD / "dmg"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(bundle, folder / bundle.name, symlinks=True)
    (folder / "Applications").symlink_to("/Applications")
    target = DIST / f"hanlin-{version()}-macos-{os.uname().machine}.dmg"
    _image(folder, target)
    tell(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    return target


def _image(folder: Path, target: Path) -> None:
    words = ["hdiutil", "create", "-volname", "Hanlin", "-srcfolder", str(folder)]
    words += ["-format", "UDBZ", "-ov", str(target)]
    for attempt in range(_TRIES):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        # "Resource busy": the system's indexer still looks at the new volume.
        time.sleep(_PAUSE * (attempt + 1))
    raise Failure(f"hdiutil failed:\n{done.stderr}")


def information() -> dict[str, object]:
    """Return what Info.plist says of the program beyond PyInstaller's own words."""
    model = {
        "CFBundleTypeName": "GGUF language model",
        "CFBundleTypeRole": "Viewer",
        "LSHandlerRank": "Owner",
        "LSItemContentTypes": ["hanlin.gguf"],
    }
    kind = {
        "UTTypeIdentifier": "hanlin.gguf",
        "UTTypeDescription": "GGUF language model",
        "UTTypeConformsTo": ["public.data"],
        "UTTypeTagSpecification": {"public.filename-extension": ["gguf"]},
    }
    return {
        "CFBundleShortVersionString": version(),
        "CFBundleLocalizations": ["en", "zh-Hans"],
        "LSMinimumSystemVersion": "14.0",
        "NSHighResolutionCapable": True,
        "CFBundleDocumentTypes": [model],
        "UTImportedTypeDeclarations": [kind],
    }


def icon_file() -> bytes:
    """Return the program's icon as macOS keeps it: a list of pictures."""
    body = b""
    for kind, size in _ICON_KINDS.items():
        picture = (_ICONS / f"hanlin-{size}.png").read_bytes()
        body += kind + struct.pack(">I", 8 + len(picture)) + picture
    return b"icns" + struct.pack(">I", 8 + len(body)) + body
