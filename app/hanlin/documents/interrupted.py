"""A child that was ended from outside while it read a file: the file is not to blame.

What is wrong with files themselves is said by who asks the child.
"""

from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _


class InterruptedReadingError(KnownError):
    """Nothing is known of the file yet; whoever shows this may offer to read it again."""


def interrupted(name: str) -> InterruptedReadingError:
    """Return the sentence for the file ``name``."""
    return InterruptedReadingError(
        _("Reading was interrupted"),
        _(
            "The part of the program that was reading {name} was ended from outside, by the "
            "system or by a person."
        ).format(name=name),
        _("The file may be fine: read it again. If memory is short, close other programs."),
    )
