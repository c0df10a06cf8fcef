"""The prescription form of an authorization: the same words on the page, as PDF and as text."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from apps.core import numbers
from apps.papers.layout import Paper, Printing, day_text, instant_text
from apps.prescriptions.models import Authorization

TITLE: Final = "Prescription"
DAYS_SUPPLY: Final = "calendar days covered, rest days included"
REFILLS: Final = "None: no refills. Each supply needs a new authorization."
ISSUED: Final = "Issued"
OF_WHOM: Final = frozenset({"Patient", "Prescriber"})
Facts = list[tuple[str, str]]


def sections(authorization: Authorization, zone: tzinfo) -> Iterator[tuple[str, Facts]]:
    """What stands on the form, under its headings; an empty value is to be filled in by hand."""
    each, patient, prescriber = authorization, authorization.patient, authorization.prescriber
    yield (
        "Authorization",
        [
            ("Authorization number", numbers.grouped(each.number)),
            ("Risk category", each.get_risk_category_display()),
            ("Dispense not after", instant_text(each.expires_at, zone)),
        ],
    )
    yield (
        "Prescription",
        [
            ("Diagnosis (ICD-10-CM)", each.indication),
            ("Drug", f"{each.product.capitalize()} capsules"),
            ("Strength", f"{each.strength_mg.normalize():f} mg"),
            ("Directions", each.directions),
            ("Quantity", f"{each.quantity} capsules"),
            ("Days’ supply", f"{each.days_supply} days ({DAYS_SUPPLY})"),
            ("Refills", REFILLS),
        ],
    )
    yield (
        "Patient",
        [("Name", str(patient)), ("Date of birth", day_text(patient.born_on)), ("Address", "")],
    )
    yield (
        "Prescriber",
        [
            ("Name", prescriber.full_name),
            ("NPI", prescriber.npi),
            ("Phone", prescriber.phone),
            (ISSUED, instant_text(each.issued_at, zone)),
        ],
    )


def as_text(authorization: Authorization, zone: tzinfo) -> str:
    """The same to be pasted into an electronic prescription; what is to be filled in is left out.

    Number and category come first: they must survive where the receiving system cuts it off.
    """
    return "\n".join(
        f"{name}: {value}"
        for heading, facts in sections(authorization, zone)
        for label, value in facts
        if value
        for name in [_of_whom(heading, label)]
    )


def _of_whom(heading: str, label: str) -> str:
    """A label that stands without its heading: “Patient’s name”, “Prescriber’s NPI”."""
    if heading not in OF_WHOM or label == ISSUED:
        return label
    return f"{heading}’s {label if label.isupper() else label.lower()}"


def prescription(authorization: Authorization, printing: Printing, *, warning: str = "") -> bytes:
    """The form as PDF, to be signed by hand; `warning` says that nothing may be dispensed on it."""
    number = numbers.grouped(authorization.number)
    paper = Paper(TITLE, printing, number=f"Authorization {number}")
    if warning:
        paper.warning(warning)
    for heading, facts in sections(authorization, printing.zone):
        paper.heading(heading)
        paper.facts(facts)
    paper.to_sign(["Prescriber"])
    return paper.finished()
