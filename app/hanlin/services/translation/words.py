"""What is wrong with a translation, in words."""

from hanlin.domain.translation import Problem, Translation
from hanlin.kernel.i18n import _, ngettext


def problem(which: Problem) -> str:
    """Return a sentence for a problem."""
    return {
        Problem.EMPTY: _("The model wrote nothing."),
        Problem.LANGUAGE: _("The answer is not in the language asked for."),
        Problem.ENDLESS: _("The answer did not end or is far too long."),
        Problem.REFUSED: _("The model says that it cannot translate this."),
        Problem.TOO_LONG: _("The sentence is too long for this model."),
        Problem.NUMBERS: _("The numbers differ: worth a look."),
        Problem.TERMS: _("A required term is missing."),
        Problem.MENDED: _("A required term was put in afterwards: worth a look."),
    }[which]


def sentence(one: Translation) -> str:
    """Return everything that is wrong with a translation, "" when nothing is."""
    named = (Problem.TERMS, Problem.MENDED)
    parts = [problem(which) for which in one.problems if which not in named]
    parts += [
        _("Not as the glossary says: {source} → {target}.").format(
            source=term.source, target=term.target
        )
        for term in one.missed
    ]
    parts += [
        _("Put in afterwards, as the glossary says: {source} → {target}.").format(
            source=term.source, target=term.target
        )
        for term in one.mended
    ]
    return " ".join(parts)


def left_out(count: int) -> str:
    """Return the sentence for pairs of a translation memory that were not taken over."""
    return ngettext(
        "{count} pair is in a language that is not known here and was left out.",
        "{count} pairs are in languages that are not known here and were left out.",
        count,
    ).format(count=count)


def joined(count: int) -> str:
    """Return the sentence for styles that a translated file does not have any more."""
    return ngettext(
        "{count} styled passage was joined with the text around it.",
        "{count} styled passages were joined with the text around them.",
        count,
    ).format(count=count)
