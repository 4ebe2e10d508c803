"""What the child that runs a snippet and its client agree on: names and sizes."""

from typing import Final

NAME: Final = "<snippet>"
"""What tracebacks call the snippet."""
OUTPUT: Final = ".output"
"""The file in the scratch folder that everything is printed into."""
LARGEST_FILE: Final = 4 * 2**20
"""Bytes of one file that a snippet writes, its output included."""
LARGEST_FOLDER: Final = 64 * 2**20
"""Bytes of all of them."""
