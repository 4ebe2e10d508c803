"""The OCR pack from files: known wheels alone, tried before they count, nothing half installed."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

import hanlin_resources
from hanlin.documents import pack
from hanlin.documents.recogniser import folder_of
from hanlin.kernel.errors import KnownError

PICTURE = b"picture"


class Reader:
    """In the place of the recogniser: reads 42 where the pack is whole."""

    def __init__(self, data: Path) -> None:
        self._folder = folder_of(data)

    def text(self, _name: str, content: bytes) -> str:
        assert content == PICTURE
        parts = ("rapidocr/__init__.py", "helper.py")
        return "42" if all((self._folder / part).is_file() for part in parts) else "?"

    def close(self) -> None:
        """Nothing runs."""


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack, "Recogniser", Reader)


def archive(files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return written.getvalue()


WHEELS = {
    "rapidocr-3.10-py3-none-any.whl": archive(
        {
            "rapidocr/__init__.py": b"new",
            "rapidocr-3.10.data/scripts/rapidocr": b"#!python",
            "../outside.py": b"no",
            "/absolute.py": b"no",
        }
    ),
    "helper-1.0-cp311-cp311-linux_x86_64.whl": archive({"helper-1.0.data/platlib/helper.py": b""}),
}
PINNED = {hashlib.sha256(content).hexdigest(): name for name, content in WHEELS.items()}


def chosen(folder: Path, form: str) -> list[Path]:
    folder.mkdir()
    if form == "zip":
        (folder / "pack.zip").write_bytes(archive(WHEELS))
        return [folder / "pack.zip"]
    for name, content in WHEELS.items():
        (folder / name).write_bytes(content)
    return [folder] if form == "folder" else sorted(folder.iterdir())


@pytest.mark.parametrize("form", ["zip", "folder", "wheels"])
def test_a_pack_is_installed_in_every_form(tmp_path: Path, form: str) -> None:
    data = tmp_path / "data"
    old = folder_of(data) / "rapidocr"
    old.mkdir(parents=True)
    (old / "gone.py").touch()
    pack.install(chosen(tmp_path / "in", form), data, PINNED, PICTURE)
    files = {path.relative_to(data / "packs") for path in data.rglob("*") if path.is_file()}
    assert files == {Path("ocr/rapidocr/__init__.py"), Path("ocr/helper.py")}
    assert not list(tmp_path.rglob("outside.py"))


def test_what_is_not_known_damaged_or_incomplete_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    kept = folder_of(data) / "rapidocr" / "__init__.py"
    kept.parent.mkdir(parents=True)
    kept.write_text("old")
    files = chosen(tmp_path / "in", "wheels")
    other = tmp_path / "other.whl"
    other.write_bytes(files[0].read_bytes() + b"\0")
    torn = tmp_path / "torn.zip"
    torn.write_bytes(archive(WHEELS)[:100])
    odd = bytearray(archive(WHEELS))
    odd[odd.index(b"PK\x01\x02") + 10] = 99  # a way of packing that nobody knows
    unknown = tmp_path / "unknown.zip"
    unknown.write_bytes(odd)
    empty = tmp_path / "empty"
    empty.mkdir()
    for wrong, title in (
        ([files[0], other], "A file is not the one that is known"),
        ([torn], "The pack cannot be read"),
        ([unknown], "The pack cannot be read"),
        ([empty], "There is no pack in it"),
        ([files[1]], "The pack that reads pictures does not work"),
        ([tmp_path / "gone.zip"], "Not found"),
    ):
        with pytest.raises(KnownError) as caught:
            pack.install(wrong, data, PINNED, PICTURE)
        assert caught.value.title == title
        assert kept.read_text() == "old"
        assert [path.name for path in (data / "packs").iterdir()] == ["ocr"]


def test_the_shipped_list_knows_what_the_pack_is_made_of() -> None:
    lock = (hanlin_resources.folder("packs") / "ocr.lock").read_text(encoding="utf-8")
    names = {name.split()[0] for name in pack.known(lock).values()}
    assert {"rapidocr", "onnxruntime", "numpy"} <= names
    assert all(len(digest) == 64 for digest in pack.known(lock))
