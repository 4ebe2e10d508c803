"""Hanlin, an offline desktop assistant for Chinese open-weight language models."""

__version__ = "0.1.0"
