"""Formulas: LaTeX to outlines, in a sandboxed child of its own.

A formula is foreign text and its drawing a program that reads it, so it is laid out in a
process without files, network and much time (``child``, ``drawing``). What comes back is a
bounded list of numbers, checked by the parent (``client``), which any painter can draw: no
SVG reaches the window.
"""
