"""The colours of code: asked of a child.

Pygments is Python that computes: in a thread of the window it takes the interpreter from the
window every tenth of a millisecond, and one expression of a lexer that meets the wrong text
keeps it for good. What comes back is a bounded list of numbers (``client``).
"""
