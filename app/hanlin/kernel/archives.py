"""What zipfile raises over an archive that is damaged or was made to do harm.

Its documentation names one exception of a dozen. What an archive is for and how much of it
may be unpacked is the business of those who open it.
"""

import lzma
import struct
import zipfile
import zlib
from typing import Final

DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,  # bzip2's, and a place before the beginning
    EOFError,
    KeyError,
    IndexError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)
