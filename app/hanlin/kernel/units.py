"""How quantities are written for people."""


def size(count: int) -> str:
    """Return ``count`` bytes with three significant digits, in powers of 1000 as on a box."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:  # noqa: PLR2004 - the next value would print as 1000
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"
