"""Sound: WAV, MP3, FLAC and OGG, decoded by miniaudio to what models hear."""

from collections.abc import Callable
from typing import Final

import miniaudio

from hanlin.documents.opening.opened import Refusing
from hanlin.documents.splicing import UnreadableError

_MOST_SECONDS: Final = 60 * 60
_MILLISECONDS: Final = 1000
_INFO: Final[dict[str, Callable[[bytes], miniaudio.SoundFileInfo]]] = {
    "audio/wav": miniaudio.wav_get_info,
    "audio/mpeg": miniaudio.mp3_get_info,
    "audio/flac": miniaudio.flac_get_info,
    "audio/ogg": miniaudio.vorbis_get_info,
}


class Sound(Refusing):
    """A sound file."""

    def __init__(self, content: bytes, mime: str) -> None:
        """Read its header only. Raises UnreadableError."""
        self._content = content
        self._mime = mime
        try:
            self._info = _INFO[mime](content)
        except (miniaudio.MiniaudioError, ValueError) as error:
            raise UnreadableError("damaged", str(error)) from error
        if self._info.duration > _MOST_SECONDS:
            raise UnreadableError("too-long", f"{self._info.duration} s")
        if self._info.duration <= 0:
            raise UnreadableError("empty")

    def facts(self) -> dict[str, object]:
        """Return how long it is."""
        return {
            "kind": "sound",
            "mime": self._mime,
            "milliseconds": round(self._info.duration * _MILLISECONDS),
        }

    def samples(self, rate: int) -> bytes:
        """Return it as one channel of floats."""
        try:
            heard = miniaudio.decode(
                self._content, miniaudio.SampleFormat.FLOAT32, nchannels=1, sample_rate=rate
            )
        except (miniaudio.MiniaudioError, ValueError) as error:
            raise UnreadableError("damaged", str(error)) from error
        if not heard.num_frames:
            raise UnreadableError("empty")
        return bytes(heard.samples.tobytes())
