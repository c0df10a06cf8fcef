"""What happened in the random lives: counted, told at the end, and nothing important missing."""

from collections import Counter
from typing import Final

# In a long run each of these must have come about, or the lives prove less than they say.
IMPORTANT: Final = (
    "18th birthday", "agreement renewed", "agreement withdrawn", "authorization cancelled",
    "back onto the pregnancy path", "bleeding reported", "breastfeeding", "case closed",
    "category change approved", "category change refused", "confirmation reversed",
    "contraception inadequate", "date-only test", "death", "death withdrawn",
    "dispense by the second pharmacy", "exception granted", "handed over", "intake accepted",
    "intake in effect at once", "intake refused", "intervention resolved", "late, authorized",
    "late, not authorized", "late, withdrawn", "nobody authorized", "outage", "partner pregnant",
    "pharmacy lapsed", "pharmacy renewed", "positive test", "records merged", "re-enrolled",
    "re-initiation", "requested by a colleague", "requested by a delegate", "returned to stock",
    "second loss", "shipment lost", "shipped", "standing lost", "standing regained",
    "supply stopped", "survey at risk", "surveys differ", "taken over", "therapy ended",
    "weak test", "withdrawn: attestation", "withdrawn: entry", "withdrawn: negative test",
    "withdrawn: positive test", "withdrawn: report", "indeterminate test",
)  # fmt: skip
# Each of these must have been the only thing that was wrong with something. L-AUT-4 never is: what
# has expired is issued no more (L-AUT-7), and no confirmation outlives it (L-DSP-3).
DECISIVE: Final = (
    "L-AUT-3", "L-AUT-5", "L-AUT-7", "L-CAT-1", "L-CON-2", "L-CON-3", "L-CON-6", "L-CON-7",
    "L-DSP-4", "L-DSP-5", "L-DSP-6", "L-DSP-9", "L-ENR-1", "L-ENR-2",
    "L-ENR-4", "L-ENR-5", "L-PRG-1", "L-PT-1", "L-PT-2", "L-PT-3", "L-PT-6", "L-PT-8", "L-SUR-2",
    "L-SUR-3", "L-SUR-4",
)  # fmt: skip
QUESTIONS: Final = ("authorize", "verify", "confirm", "dispense", "late")


class Tally:
    """How many lives, steps and events there were, and what was answered to each question."""

    def __init__(self) -> None:
        self.lives = 0
        self.steps: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.answers: Counter[tuple[str, bool]] = Counter()
        self.refusals: Counter[tuple[str, str]] = Counter()
        self.alone: Counter[tuple[str, str]] = Counter()

    def answered(self, question: str, *, allowed: bool, unmet: list[str]) -> None:
        self.answers[question, allowed] += 1
        self.refusals.update((question, rule) for rule in unmet)
        if len(unmet) == 1:
            self.alone.update((question, rule) for rule in unmet)

    def missing(self) -> list[str]:
        """What never came about: an event, or a yes or no to a question."""
        events = [each for each in IMPORTANT if not self.events[each]]
        rules = {rule for _, rule in self.alone}
        events += [f"refused for {each} alone" for each in DECISIVE if each not in rules]
        return events + [
            f"{question}: {'yes' if allowed else 'no'}"
            for question in QUESTIONS
            for allowed in (True, False)
            if not self.answers[question, allowed]
        ]

    def told(self) -> str:
        """Everything, a line for each question, then the events, the refusals and the steps."""
        lines = [f"{self.lives} lives, {sum(self.steps.values())} steps"]
        for question in QUESTIONS:
            yes, no = (self.answers[question, allowed] for allowed in (True, False))
            lines.append(f"{question}: {yes} yes, {no} no")
        lines.append(_line("events", self.events))
        lines.append(_line("refused for", _by_rule(self.refusals)))
        lines.append(_line("refused for this alone", _by_rule(self.alone)))
        lines.append(_line("steps", self.steps))
        return "\n".join(lines)


def _by_rule(counts: Counter[tuple[str, str]]) -> Counter[str]:
    return Counter({f"{rule} ({question})": n for (question, rule), n in counts.items()})


def _line(title: str, counts: Counter[str]) -> str:
    return f"{title}: " + ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))
