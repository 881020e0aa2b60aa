"""What an examination has found: a row per check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..errors import one_line

__all__ = ["Finding", "Outcome"]


class Outcome(str, Enum):
    """How a check ended."""

    #: as it should be
    OK = "ok"
    #: it works, and something about it will be trouble
    WARNING = "warning"
    #: it does not work
    FAILED = "failed"
    #: not checked: the fact says why
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check.

    Args:
        check: what was checked: ``"settings"``, ``"machine"``, ``"trust"``, ``"dns"``, ``"proxy"``, ``"tcp"``,
            ``"tls"``, ``"rest"``, ``"clock"``, ``"route"``, ``"compression"``, ``"key"``, ``"signed"`` or ``"user"``.
        subject: of what: a host with its port, a product, a product and its route; may be empty.
        outcome: how it ended.
        fact: what was seen, in one line.
        meaning: what that means; empty where it is OK or was skipped.
        advice: what to do; likewise.
    """

    check: str
    subject: str
    outcome: Outcome
    fact: str
    meaning: str = ""
    advice: str = ""

    def __str__(self) -> str:
        name = f"{self.check} {self.subject}".rstrip()
        text = ". ".join(text for text in (self.fact, self.meaning, self.advice) if text)
        return one_line(f"{self.outcome.value}: {name}: {text}", 2000)

    def as_dict(self) -> dict[str, str]:
        """The fields as texts, for JSON."""
        return {
            "check": self.check,
            "subject": self.subject,
            "outcome": self.outcome.value,
            "fact": self.fact,
            "meaning": self.meaning,
            "advice": self.advice,
        }
