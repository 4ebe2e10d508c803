"""The architectures the model library calls known are those of the engine that is installed."""

from pathlib import Path

import llama_cpp

from hanlin_models import architectures


def test_the_known_kinds_are_those_of_the_engine() -> None:
    library = Path(llama_cpp.__file__).parent / "lib"
    files = [file for file in library.glob("*llama*") if file.is_file()]
    contents = b"".join(file.read_bytes() for file in files)
    assert files
    assert [name for name in architectures.KNOWN if name.encode() + b"\0" not in contents] == []
