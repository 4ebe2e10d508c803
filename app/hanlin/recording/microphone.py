"""A recording under way: begun, listened to while it goes on, and made a sound file at its end."""

import io
import logging
import os
import sys
import tempfile
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.processes import command
from hanlin.processes.caller import Caller, CallError
from hanlin.processes.command import ChildCommand
from hanlin.processes.limits import Limits
from hanlin.processes.policy import Policy

RATE: Final = 16_000
"""Samples a second: what models that hear were trained with."""
LONGEST_SECONDS: Final = 30 * 60
_SAMPLE_BYTES: Final = 2
_MILLISECONDS: Final = 1000
_DEADLINE: Final = 30.0
"""Seconds: a sound system that hangs is given up; a busy computer needs ten."""
_MEMORY: Final = 1024 * 2**20
# Where the system's sound is found; a child's environment has nothing that is not named.
_FOUND_BY: Final = (
    "HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "PULSE_SERVER", "PULSE_COOKIE", "PULSE_SOURCE",
    "PULSE_RUNTIME_PATH", "ALSA_CONFIG_PATH",
)  # fmt: skip
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """Where a recording is: ``level`` is that of the last moment, from 0 to 1."""

    level: float
    milliseconds: int


class Microphone:
    """One recording. Calls block for a moment, and may come from any one thread after another."""

    def __init__(self, backends: Sequence[str] = ()) -> None:
        """Record nothing yet; ``backends`` of miniaudio in place of the system's."""
        self._backends = list(backends)
        self._samples = bytearray()
        self._caller = Caller(_command())

    def begin(self) -> None:
        """Start to record. Raises KnownError where there is no microphone."""
        message: dict[str, object] = {"command": "begin", "rate": RATE}
        try:
            received = self._caller.call({**message, "backends": self._backends}, seconds=_DEADLINE)
        except CallError as error:
            _log.warning("the recording child: %s", error)
            raise _missing() from error
        if "refused" in received.message:
            _log.info("no microphone: %s", received.message.get("detail"))
            raise _missing()

    def take(self) -> Heard:
        """Take in what was heard since the last time. Raises KnownError when it has ended."""
        return self._take("take")

    def finish(self) -> bytes:
        """Stop, and return all of it as a WAV file. Raises KnownError when it is empty."""
        try:
            self._take("end")
        except KnownError:
            if not self._samples:
                raise  # what was heard before it broke off is worth keeping
        if not self._samples:
            raise KnownError(
                _("Nothing was recorded"),
                _("The recording ended before the microphone had begun."),
                _("Record again, and wait until the level moves."),
            )
        target = io.BytesIO()
        with wave.open(target, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(_SAMPLE_BYTES)
            file.setframerate(RATE)
            file.writeframes(self._samples)
        return target.getvalue()

    def close(self) -> None:
        """Let go of the microphone; what was heard is forgotten."""
        self._caller.close()
        self._samples.clear()

    def _take(self, what: str) -> Heard:
        try:
            received = self._caller.call({"command": what}, seconds=_DEADLINE)
        except CallError as error:
            _log.warning("the recording child: %s", error)
            raise KnownError(
                _("The recording broke off"),
                _("The system's sound does not answer any more."),
                _("Look whether the microphone is still connected, then record again."),
            ) from error
        self._samples += received.payload
        level = received.message.get("level")
        length = len(self._samples) // _SAMPLE_BYTES * _MILLISECONDS // RATE
        return Heard(float(level) if isinstance(level, int | float) else 0.0, length)


def _missing() -> KnownError:
    return KnownError(
        _("No microphone"),
        _("The system offers no microphone to record with."),
        _("Connect one, or allow it in the system's settings, then try again."),
    )


def _command() -> ChildCommand:
    """Return the command of a child that may talk to the system's sound, and to nothing else."""
    policy = Policy(read=tuple(_settings()), write=tuple(_devices()), local=True)
    made = command.build("recording", policy, Limits(memory=_MEMORY))
    found = {name: os.environ[name] for name in _FOUND_BY if name in os.environ}
    return replace(made, environment={**made.environment, **found})


def _settings() -> Iterator[Path]:
    if sys.platform == "linux":
        yield from map(Path, ("/etc/pulse", "/etc/alsa", "/etc/asound.conf", "/usr/share/alsa"))
        yield from map(Path, ("/etc/machine-id", "/etc/passwd", "/proc/asound"))
        home = Path.home()
        yield from (home / ".config/pulse", home / ".asoundrc", home / ".pulse-cookie")


def _devices() -> Iterator[Path]:
    if sys.platform == "linux":
        yield from map(Path, ("/dev/snd", "/dev/shm"))  # noqa: S108 - the sound system's own
        if runtime := os.environ.get("PULSE_RUNTIME_PATH"):
            yield Path(runtime)
        elif runtime := os.environ.get("XDG_RUNTIME_DIR"):
            yield Path(runtime, "pulse")
        else:  # PulseAudio's way without one
            yield from Path(tempfile.gettempdir()).glob("pulse-*")
