"""Recording in its child, in its sandbox: a real sound server where there is one."""

import array
import os
import shutil
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest

from hanlin.domain.attachments import AttachmentKind
from hanlin.kernel.errors import KnownError
from hanlin.recording.microphone import RATE, Microphone
from hanlin.services import attaching

PATIENCE = 60.0
TOOLS = ("pulseaudio", "pactl", "pacat")
LOUD = b"\x00\x40" * 16 + b"\x00\xc0" * 16
"""A wave of half the loudest level."""
MINUTES = 5
"""More than is waited for."""


def recorded(microphone: Microphone, milliseconds: int, above: float = -1.0) -> bytes:
    """Record that long, and until something louder than ``above`` was heard."""
    end = time.monotonic() + PATIENCE
    microphone.begin()
    loudest, length = -1.0, 0
    while length < milliseconds or loudest <= above:
        assert time.monotonic() < end, f"{length} ms, at most {loudest}"
        time.sleep(0.05)
        heard = microphone.take()
        loudest, length = max(loudest, heard.level), heard.milliseconds
    return microphone.finish()


def test_what_is_recorded_is_a_sound_that_can_be_attached() -> None:
    # A device that hears silence, in real time: the computer that tests has no other.
    with closing(Microphone(("NULL",))) as microphone:
        content = recorded(microphone, 300)
    with wave.open(BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        assert file.getnframes() >= RATE * 300 // 1000
    made = attaching.take("Recording.wav", content).attachment
    assert made.kind is AttachmentKind.SOUND
    assert made.milliseconds >= 300


def test_a_microphone_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    with (
        closing(Microphone(("PULSEAUDIO",))) as microphone,
        pytest.raises(KnownError, match="microphone"),
    ):
        microphone.begin()


def test_a_sound_system_that_ends_is_named() -> None:
    with closing(Microphone(("NULL",))) as microphone:
        microphone.begin()
        child = microphone._caller._child
        assert child is not None
        child.process.kill()
        with pytest.raises(KnownError, match="still connected"):
            microphone.take()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A PulseAudio of its own, whose microphone hears what is played in it."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing or sys.platform != "linux":
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: pulseaudio, pulseaudio-utils)")
    folder = tmp_path / "pulse"
    folder.mkdir()
    monkeypatch.setenv("PULSE_RUNTIME_PATH", str(folder))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{folder}/native")
    monkeypatch.setenv("PULSE_SOURCE", "room.monitor")
    server = subprocess.Popen(
        [
            shutil.which("pulseaudio") or "", "-n", "--daemonize=no", "--exit-idle-time=-1",
            "--use-pid-file=no",
            "-L", "module-null-sink sink_name=room",
            "-L", f"module-native-protocol-unix socket={folder}/native auth-anonymous=1",
        ],
        stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    try:
        end = time.monotonic() + PATIENCE
        while subprocess.run(
            [shutil.which("pactl") or "", "info"], capture_output=True, check=False
        ).returncode:
            assert time.monotonic() < end, "the sound server does not answer"
            assert server.poll() is None, "the sound server ended"
            time.sleep(0.1)
        yield
    finally:
        server.kill()
        server.wait()


@pytest.mark.usefixtures("room")
def test_a_real_sound_server_is_heard_from_inside_the_sandbox(tmp_path: Path) -> None:
    played = tmp_path / "loud.raw"
    played.write_bytes(LOUD * (RATE * MINUTES * 60 * 2 // len(LOUD)))
    player = subprocess.Popen(
        [
            shutil.which("pacat") or "", "--playback", "--raw", "--rate=16000",
            "--format=s16le", "--channels=1", str(played),
        ]
    )  # fmt: skip
    try:
        with closing(Microphone()) as microphone:
            content = recorded(microphone, 300, above=0.3)
            assert microphone._caller.sandbox().network
    finally:
        player.kill()
        player.wait()
    with wave.open(BytesIO(content)) as file:
        heard = array.array("h", file.readframes(file.getnframes()))
    assert max(heard) > 10_000
