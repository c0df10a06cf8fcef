"""What was done with one patient in a random life, and what the rules page calls it: its terms.

Plain records that the test tells of. Nothing here knows the engine, its facts or the database.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("America/New_York")
DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
PREGNANCY_PATH: Final = {"adult_frp", "child_frp"}
FEMALE: Final = PREGNANCY_PATH | {"adult_fnrp", "child_fnrp"}
HIGHLY_EFFECTIVE: Final = {
    "tubal_ligation", "iud", "hormonal_combined_pill", "hormonal_patch", "hormonal_injection",
    "hormonal_ring", "hormonal_implant", "partner_vasectomy",
}  # fmt: skip
ADDITIONAL: Final = {"male_condom", "diaphragm", "cervical_cap"}


def day(instant: datetime) -> date:
    """The date in the program's zone."""
    return instant.astimezone(ZONE).date()


def last_instant(on: date) -> datetime:
    """The end of a day in the program's zone."""
    return datetime.combine(on, time(23, 59, 59, 999999), ZONE)


def first_instant(on: date) -> datetime:
    """The beginning of a day in the program's zone."""
    return datetime.combine(on, time(), ZONE)


def months_after(on: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    index = on.year * 12 + on.month - 1 + months
    for candidate in range(on.day, 0, -1):
        try:
            return date(index // 12, index % 12 + 1, candidate)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


Basis = tuple[str, date]
OVERRIDABLE: Final = {"L-DSP-5", "L-ENR-4", "L-SUR-2"}


@dataclass
class Test:
    collected_at: datetime
    resulted_at: datetime
    result: str
    sensitivity: float = 25
    withdrawn_at: datetime | None = None

    @property
    def counts(self) -> bool:
        return self.result == "negative" and self.sensitivity <= 50 and not self.withdrawn_at


@dataclass
class Contraception:
    attested_at: datetime
    recorded_at: datetime
    methods: frozenset[str]
    abstinence: bool
    lapse: bool
    since: date | None
    withdrawn_at: datetime | None = None

    @property
    def is_adequate(self) -> bool:
        two = bool(self.methods & HIGHLY_EFFECTIVE) and bool(self.methods & ADDITIONAL)
        return not self.lapse and (self.abstinence or two)


@dataclass
class Case:
    reported_at: datetime
    subject: str = "patient"
    closed_at: datetime | None = None
    outcome: str = ""


@dataclass
class Given:
    """A thing that was attested, completed or told at an instant, and whether it is whole."""

    at: datetime
    is_whole: bool = True
    withdrawn_at: datetime | None = None


@dataclass
class Answered(Given):
    """A patient's survey, and whether its questions were those of the pregnancy path."""

    is_of_path: bool = False


@dataclass
class Open:
    """Something that the staff must end: an intervention."""

    opened_at: datetime
    ended_at: datetime | None = None


@dataclass
class Ended:
    """A therapy was said to be over: discontinued, withdrawn from the program, or a death."""

    at: datetime
    kind: str
    withdrawn_at: datetime | None = None


@dataclass
class Excepted:
    """Two persons of the staff excepted the patient from a rule for a time (L-DSP-10)."""

    rule: str
    granted_at: datetime
    until: datetime


@dataclass
class Agreed:
    at: datetime
    category: str
    prescriber: str
    signer: str = "patient"
    withdrawn_at: datetime | None = None


@dataclass
class Authorized:
    number: str
    issued_at: datetime
    category: str
    prescriber: str
    days_supply: int
    expires_at: datetime
    is_void: bool = False
    is_dispensed: bool = False


@dataclass
class Confirmed:
    pharmacy: str
    at: datetime
    handover: str
    is_over: bool = False

    def holds(self, now: datetime, authorized: Authorized) -> bool:
        """For 24 hours, never beyond the authorization (L-DSP-3)."""
        return not self.is_over and now <= min(self.at + 24 * HOUR, authorized.expires_at)


@dataclass
class Supply:
    at: datetime
    days_supply: int
    category: str
    is_regular: bool = True
    returned_at: datetime | None = None
    stopped_on: date | None = None
    is_lost: bool = False
    withdrawn_at: datetime | None = None
    is_excepted: bool = False

    @property
    def counts(self) -> bool:
        return not self.returned_at and not self.withdrawn_at

    @property
    def is_gone(self) -> bool:
        return not self.counts or bool(self.stopped_on)
