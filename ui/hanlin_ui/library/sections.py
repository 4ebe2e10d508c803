"""The sections of the models window, by name."""

from enum import StrEnum


class Section(StrEnum):
    """A page of the window."""

    HERE = "here"
    RECOMMENDED = "recommended"
    CATALOGUE = "catalogue"
    HUB = "hub"
    DOWNLOADS = "downloads"
    CONNECTIONS = "connections"
