"""Who a synthetic patient is: a name, an age, a category, and the identity that follows."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from random import Random

from fpdf import FPDF

from apps.patients.services import CategoryBasis, Identity, Signatures
from apps.simulation.moments import Today
from apps.simulation.people import Doctor, address

ADULT = 18
YEAR = 365
POSTAL_CODES = ("10025", "12207", "16501", "19901", "07030", "60614", "94110")


@dataclass(frozen=True, slots=True)
class Person:
    """A synthetic patient. `age` in years, this year or next; or `turns_adult_in` so many days."""

    given_name: str
    family_name: str
    age: int
    risk_category: str
    doctor: Doctor
    basis: str = ""
    guardian: str = ""
    representative: str = ""
    has_email: bool = True
    email_domain: str = "patients.example"
    turns_adult_in: int | None = None
    time_zone: str = "America/New_York"
    strength_mg: int = 25
    indication: str = "C90.00"
    is_kept_by_delegate: bool = False

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def is_tested(self) -> bool:
        """Whether the person is on the pregnancy path."""
        return self.risk_category in {"adult_frp", "child_frp"}

    @property
    def is_male(self) -> bool:
        return self.risk_category in {"adult_male", "child_male"}

    def signatures(self, at: datetime, *, patient_signs: bool = True) -> Signatures:
        """Those of both on an agreement; a guardian or representative signs for the patient."""
        signer, name, relationship = "patient", str(self), ""
        if self.guardian:
            signer, name, relationship = "guardian", self.guardian, "Parent"
        elif self.representative:
            signer, name = "representative", self.representative
            relationship = "Daughter, health care proxy"
        return Signatures(
            signer=signer,
            signer_name=name,
            signer_relationship=relationship,
            patient_signed_at=at if patient_signs else None,
            prescriber_signed_at=at,
            scan=signed_paper() if patient_signs else None,
        )


@cache
def signed_paper() -> bytes:
    """A scan as a practice attaches it, of a paper that says whose it is: nobody's."""
    paper = FPDF()
    paper.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    paper.add_page()
    paper.set_font("Helvetica", size=16)
    paper.multi_cell(0, text="Scan of a signed agreement.\nThe demo's: nobody signed it.")
    return bytes(paper.output())


def identity_of(person: Person, today: Today, random: Random) -> Identity:
    """Name, date of birth and contact: the same for the same seed and day."""
    email = address(person.given_name, person.family_name, person.email_domain)
    return Identity(
        given_name=person.given_name,
        family_name=person.family_name,
        born_on=_born_on(person, today, random),
        postal_code=random.choice(POSTAL_CODES),
        phone=f"{random.randint(201, 989)}-555-01{random.randint(0, 99):02d}",
        email=email if person.has_email else "",
        time_zone=person.time_zone,
    )


def basis_of(person: Person, today: Today) -> CategoryBasis | None:
    """Why a woman is not of reproductive potential, six years ago."""
    if not person.basis:
        return None
    return CategoryBasis(kind=person.basis, on=today.date(-6 * YEAR))


def _born_on(person: Person, today: Today, random: Random) -> date:
    if person.turns_adult_in is not None:
        coming = today.date(person.turns_adult_in)
        # Born on 29 February, one would turn adult on 1 March.
        day_of_month = min(coming.day, 28)
        return date(coming.year - ADULT, coming.month, day_of_month)
    return date(today.date(0).year - person.age - 1, random.randint(1, 12), random.randint(1, 28))
