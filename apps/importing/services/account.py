"""What is known while one patient is taken in: the operation, the parties, what is wrong so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from apps.core.command import Run
from apps.importing.layout import PROGRAM
from apps.importing.reading import Person, Problem, Row
from apps.importing.values import Moment
from apps.patients.models import Patient
from apps.providers.models import Pharmacy, Prescriber
from apps.rules.calendar import Calendar
from apps.rules.dates import Dated
from apps.rules.edition import Policy
from apps.rules.policy import policy_in_force, programs

UNKNOWN_PARTY = {
    "prescriber_npi": "no prescriber with this NPI is registered or imported",
    "pharmacy_npi": "no pharmacy with this NPI is registered or imported",
}


class Refused(Exception):
    """A record that is not taken in, and everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Parties:
    """The ids of all who are registered, by their National Provider Identifier."""

    prescribers: dict[str, UUID]
    pharmacies: dict[str, UUID]


@dataclass(slots=True)
class Account:
    """One patient on their way in. Problems are collected; any of them keeps the person out."""

    run: Run
    person: Person
    patient: Patient
    parties: Parties
    policy: Policy
    problems: list[Problem] = field(default_factory=list)

    @property
    def calendar(self) -> Calendar:
        """In which a date's least favorable instant is looked up."""
        return self.policy.calendar

    @property
    def category(self) -> str:
        """The patient's category now."""
        category: str = self.person.row["risk_category"]
        return category

    @property
    def is_female(self) -> bool:
        """Whether that category is one of the female ones."""
        return self.policy.categories[self.category].female

    def rows(self, file: str) -> list[Row]:
        """Their lines of one file."""
        return self.person.history.get(file, [])

    def wrong(self, row: Row, column: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(row.problem(column, message))

    def at(self, row: Row, column: str, kind: Dated) -> datetime:
        """The instant in a cell; of a date the least favorable one.

        Notes one in the future, or from before the patient was born.
        """
        said: Moment = row[column]
        at = said.instant(kind, self.calendar, self.run.now)
        self._within_life(row, column, at)
        return at

    def exactly(self, row: Row, column: str) -> datetime | None:
        """The instant in a cell that takes no mere date; None where it is empty."""
        at: datetime | None = row[column]
        if at is not None:
            self._within_life(row, column, at)
        return at

    def end_of(self, row: Row, column: str) -> datetime:
        """The last instant of a cell's day, or now on a day that is not over."""
        on: date = row[column]
        if on.toordinal() > self.calendar.day(self.run.now):
            self.wrong(row, column, "lies in the future")
        return min(self.calendar.end_of_day(on.toordinal()), self.run.now)

    def party(self, row: Row, column: str) -> UUID | None:
        """The prescriber or pharmacy of a cell; notes one that is unknown."""
        is_prescriber = column == "prescriber_npi"
        known = self.parties.prescribers if is_prescriber else self.parties.pharmacies
        found = known.get(row[column])
        if found is None:
            self.wrong(row, column, UNKNOWN_PARTY[column])
        return found

    def check_program(self, row: Row) -> None:
        """Notes a program that is not served here."""
        if row["program"] not in programs():
            self.wrong(row, "program", f"must be one of: {', '.join(programs())}")

    def check_known(self, row: Row, column: str, known: Iterable[str]) -> None:
        """Notes codes that the policy does not know."""
        unknown = sorted(set(row[column]) - set(known))
        if unknown:
            self.wrong(row, column, f"holds unknown codes: {', '.join(unknown)}")

    def refuse_if_wrong(self) -> None:
        """Raises Refused with every problem noted so far."""
        if self.problems:
            raise Refused(self.problems)

    def _within_life(self, row: Row, column: str, at: datetime) -> None:
        if at > self.run.now:
            self.wrong(row, column, "lies in the future")
        if at < self.calendar.start_of_day(self.person.row["born_on"].toordinal()):
            self.wrong(row, column, "lies before the patient was born")


def registered_parties() -> Parties:
    """Everybody whom a patient's lines may name."""
    return Parties(
        prescribers=dict(Prescriber.objects.values_list("npi", "pk")),
        pharmacies=dict(Pharmacy.objects.values_list("npi", "pk")),
    )


def open_account(run: Run, person: Person, patient: Patient, parties: Parties) -> Account:
    """An account under the policy that is in force now."""
    return Account(run, person, patient, parties, policy_in_force(PROGRAM, run.now))
