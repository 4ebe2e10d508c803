"""How a suite of questions went."""

from dataclasses import dataclass

from starter.asked import Answer


@dataclass
class Tally:
    """How one suite went; `failures` keeps a few for the report."""

    right: int = 0
    total: int = 0
    unended: int = 0
    failures: list[dict[str, str]] | None = None

    def note(self, prompt: str, expected: str, answer: Answer, *, good: bool) -> None:
        """Count one answer."""
        self.total += 1
        self.right += good
        self.unended += not answer.ended
        if not good:
            self.failures = self.failures or []
            self.failures.append({"prompt": prompt, "expected": expected, "answer": answer.text})
