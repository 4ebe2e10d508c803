"""The recording child: samples of the microphone, by miniaudio through the system's sound.

It holds what was heard until it is asked for, a minute at most, and keeps nothing. Playing and
choosing among devices belong elsewhere: the system's own choice is recorded.
"""

import array
import sys
import threading
from collections.abc import Generator
from typing import Final

import miniaudio

from hanlin.processes import child
from hanlin.processes.channel import Channel, Message

_PERIOD_MS: Final = 40
_LONGEST_SECONDS: Final = 60
_SAMPLE_BYTES: Final = 2
_LOUDEST: Final = 32_768
# Never miniaudio's own choice: its last resort is a device that hears nothing, for ever.
_BACKENDS: Final = {
    "linux": (miniaudio.Backend.PULSEAUDIO, miniaudio.Backend.ALSA),
    "win32": (miniaudio.Backend.WASAPI, miniaudio.Backend.DSOUND, miniaudio.Backend.WINMM),
    "darwin": (miniaudio.Backend.COREAUDIO,),
}


def main(channel: Channel) -> int:
    """Answer until told to end; return the exit status."""
    work = _Work()
    return child.serve(channel, {"begin": work.begin, "take": work.take, "end": work.end})


class _Work:
    def __init__(self) -> None:
        self._device: miniaudio.CaptureDevice | None = None
        self._heard = bytearray()
        self._lock = threading.Lock()
        self._longest = 0

    def begin(self, message: Message, _payload: bytes) -> child.Answer:
        """Listen to the microphone, ``rate`` samples a second."""
        rate = message.get("rate")
        if not isinstance(rate, int):
            raise TypeError("rate is no number")
        self._longest = rate * _LONGEST_SECONDS * _SAMPLE_BYTES
        names = message.get("backends")
        chosen = (
            [miniaudio.Backend[str(name)] for name in names]
            if isinstance(names, list) and names
            else list(_BACKENDS.get(sys.platform, ()))
        )
        try:
            self._device = miniaudio.CaptureDevice(
                miniaudio.SampleFormat.SIGNED16,
                nchannels=1,
                sample_rate=rate,
                buffersize_msec=_PERIOD_MS,
                backends=chosen,
                app_name="Hanlin",
            )
            hearing = self._hear()
            next(hearing)
            self._device.start(hearing)
        except miniaudio.MiniaudioError as error:
            return {"refused": "no-microphone", "detail": str(error)[:500]}
        return {"by": self._device.backend}

    def take(self, _message: Message, _payload: bytes) -> child.Answer:
        """Answer with what was heard since the last time, and how loud it was, from 0 to 1."""
        with self._lock:
            heard, self._heard = bytes(self._heard), bytearray()
        samples = array.array("h")
        samples.frombytes(heard)
        peak = max(map(abs, samples), default=0)
        return {"level": peak / _LOUDEST}, heard

    def end(self, message: Message, payload: bytes) -> child.Answer:
        """Listen no more; answer with the last of what was heard."""
        if self._device is not None:
            self._device.close()
            self._device = None
        return self.take(message, payload)

    def _hear(self) -> Generator[bytes, bytes, None]:
        while True:
            data = yield b""
            with self._lock:
                if len(self._heard) + len(data) <= self._longest:
                    self._heard += data
