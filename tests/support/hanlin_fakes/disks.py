"""Disks in trouble: really full, really not to be written.

Where a machine cannot make such a disk, the test that asked for it is skipped and says so.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Put a disk of its own, ``size`` as mount takes it, under ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount(folder, "-t", "tmpfs", "-o", f"size={size}", "tmpfs")
    try:
        yield folder
    finally:
        _unmount(folder)


@contextmanager
def fat_stick(folder: Path, megabytes: int = 48) -> Iterator[Path]:
    """Put a real FAT32 disk, a file behind a loop device, under ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    image = folder.with_name(f"{folder.name}.img")
    _make_fat(image, megabytes)
    _mount(folder, "-t", "vfat", "-o", "loop", str(image))
    try:
        yield folder
    finally:
        _unmount(folder)


class FatImage:
    """A FAT32 disk in a file, which mtools write and read without a mount."""

    def __init__(self, image: Path) -> None:
        self._image = image

    def put(self, folder: Path) -> None:
        """Copy a folder onto it; fails at a name or a size that FAT cannot hold."""
        self._run("mcopy", "-i", str(self._image), "-s", str(folder), "::")

    def get(self, name: str, folder: Path) -> None:
        """Copy what lies under ``name`` into ``folder``."""
        folder.mkdir(parents=True)
        self._run("mcopy", "-i", str(self._image), "-s", f"::/{name}", str(folder))

    @staticmethod
    def _run(program: str, *words: str) -> None:
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [shutil.which(program) or program, *words],
            capture_output=True, text=True, check=False, env=environment, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


@contextmanager
def fat_image(image: Path, megabytes: int = 48) -> Iterator[FatImage]:
    """Make a FAT32 disk in the file ``image``."""
    if shutil.which("mcopy") is None:
        pytest.skip("there are no mtools here")
    _make_fat(image, megabytes)
    yield FatImage(image)
    image.unlink()


def _make_fat(image: Path, megabytes: int) -> None:
    make = shutil.which("mkfs.vfat", path=os.defpath + ":/usr/sbin:/sbin")
    if make is None:
        pytest.skip("there is no mkfs.vfat here")
    with image.open("wb") as file:
        file.truncate(megabytes * 2**20)
    subprocess.run([make, "-F", "32", str(image)], check=True, capture_output=True)


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Make ``folder``, with what is in it, impossible to write for this account."""
    if _is_root():  # permissions do not hold root back, a read-only mount does
        _mount(folder, "--bind", str(folder))
        try:
            _mount(folder, "-o", "remount,bind,ro")
            yield folder
        finally:
            _unmount(folder)
        return
    before = folder.stat().st_mode
    folder.chmod(0o500)
    try:
        yield folder
    finally:
        folder.chmod(before)


def fill(folder: Path, leave: int = 0) -> Path:
    """Fill the disk of ``folder`` up to ``leave`` bytes; return the file that does it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
        if leave:
            file.truncate(max(file.tell() - leave, 0))
    return ballast


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _mount(folder: Path, *options: str) -> None:
    if not sys.platform.startswith("linux") or not _is_root():
        pytest.skip("mounting a disk for the test needs root on Linux")
    program = shutil.which("mount") or pytest.skip("there is no mount command here")
    done = subprocess.run(
        [program, *options, str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"this machine does not mount disks for tests: {done.stderr.strip()}")


def _unmount(folder: Path) -> None:
    program = shutil.which("umount") or pytest.fail("mount without umount")
    subprocess.run([program, "--lazy", str(folder)], check=False)
