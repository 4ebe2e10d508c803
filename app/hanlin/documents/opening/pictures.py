"""Pictures: opened by Pillow, upright, without transparency, and small enough for a model."""

import io
from typing import Final

from PIL import Image, ImageOps

from hanlin.documents.opening.opened import Raw, Refusing, View
from hanlin.documents.splicing import UnreadableError
from hanlin.domain.attachments import Encoded

_FORMATS: Final = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "ICO")
_MOST_PIXELS: Final = 100_000_000
"""More do not fit the child's memory while they are turned and made smaller."""
_LONGEST_PNG: Final = 1_500_000
"""Bytes. Above it is a photo, of which nobody sees what JPEG leaves out."""
_QUALITY: Final = 95
_QUARTER: Final = 90
_OPAQUE: Final = "RGB"
# What is too large is refused by its size in the header, see below.
Image.MAX_IMAGE_PIXELS = None


class Picture(Refusing):
    """A picture file; of a moving one the first moment."""

    def __init__(self, content: bytes) -> None:
        """Read the header only. Raises UnreadableError."""
        try:
            self._file = Image.open(io.BytesIO(content), formats=_FORMATS)
        except (OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError) as error:
            raise UnreadableError("damaged", str(error)) from error
        width, height = self._file.size
        if width * height > _MOST_PIXELS:
            raise UnreadableError("too-many-pixels", f"{width}x{height}")
        if not width * height:
            raise UnreadableError("empty")
        self._mime = Image.MIME.get(self._file.format or "", "")
        self._upright: Image.Image | None = None

    def facts(self) -> dict[str, object]:
        """Return the size as it is seen."""
        picture = self._whole()
        return {
            "kind": "picture",
            "mime": self._mime,
            "width": picture.width,
            "height": picture.height,
        }

    def picture(self, view: View) -> Raw:
        """Return the picture, turned, cut and made smaller."""
        return raw(shaped(self._whole(), view))

    def encoded(self, view: View) -> Encoded:
        """Return it as PNG, or as JPEG where that is much smaller."""
        return file_of(shaped(self._whole(), view))

    def _whole(self) -> Image.Image:
        if self._upright is None:
            try:
                self._file.load()
                self._upright = _on_white(ImageOps.exif_transpose(self._file))
            except MemoryError as error:
                raise UnreadableError("too-many-pixels") from error
            except Exception as error:  # whatever a damaged file makes of the decoder
                raise UnreadableError("damaged", str(error)) from error
        return self._upright


def shaped(picture: Image.Image, view: View) -> Image.Image:
    """Return the picture as ``view`` wants it."""
    if view.turn % 4:
        picture = picture.rotate(-_QUARTER * (view.turn % 4), expand=True)
    left, top, right, bottom = (min(1.0, max(0.0, share)) for share in view.crop)
    box = (
        round(left * picture.width),
        round(top * picture.height),
        round(right * picture.width),
        round(bottom * picture.height),
    )
    if box != (0, 0, *picture.size) and box[0] < box[2] and box[1] < box[3]:
        picture = picture.crop(box)
    longer = max(picture.size)
    if longer > view.side:
        size = [max(1, round(one * view.side / longer)) for one in picture.size]
        picture = picture.resize((size[0], size[1]), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return picture


def raw(picture: Image.Image) -> Raw:
    """Return the picture's pixels."""
    return Raw(picture.width, picture.height, picture.tobytes())


def file_of(picture: Image.Image) -> Encoded:
    """Return the picture as a file with nothing but its pixels."""
    target = io.BytesIO()
    picture.save(target, "PNG")
    if target.tell() <= _LONGEST_PNG:
        return Encoded("image/png", *picture.size, target.getvalue())
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=_QUALITY, subsampling=0)
    return Encoded("image/jpeg", *picture.size, target.getvalue())


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the picture in red, green and blue; what is transparent is white, as on paper."""
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        picture = _in_bytes(picture)
    if "transparency" in picture.info or picture.mode in ("LA", "PA", "RGBA", "La", "RGBa"):
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert(_OPAQUE)
    # A copy, so that nothing of the file (comments, places, colour profiles) goes on with it.
    plain = picture.convert(_OPAQUE)
    plain.info.clear()
    return plain


def _in_bytes(picture: Image.Image) -> Image.Image:
    """Return a picture of thousands of greys with 256, from its darkest to its lightest."""
    fine = picture.convert("F")
    shades = [float(one) for one in fine.getextrema() if not isinstance(one, tuple)]
    low, high = (shades[0], shades[-1]) if shades else (0.0, 255.0)
    span = max(high - low, 1.0) / 255.0
    return fine.point(lambda value: value * (1.0 / span) - low / span).convert("L")
