"""What was done with one patient in a random life, and what the rules page calls it: its terms.

Plain records that the test tells of. Nothing here knows the engine, its facts or the database.
"""

from dataclasses import dataclass, field
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
class Open:
    """Something that the staff must end: an intervention."""

    opened_at: datetime
    ended_at: datetime | None = None


@dataclass
class Ended:
    """A therapy was said to be over: discontinued, withdrawn from the program, or a death."""

    at: datetime
    kind: str


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


@dataclass
class Supply:
    at: datetime
    days_supply: int
    category: str
    is_regular: bool = True
    returned_at: datetime | None = None
    stopped_on: date | None = None
    is_lost: bool = False

    @property
    def is_gone(self) -> bool:
        return bool(self.returned_at or self.stopped_on)


@dataclass
class Life:
    """Everything that was done with one patient, and the standing of who acted."""

    born_on: date
    category: str
    basis: Basis | None = None
    breastfeeding: bool = False
    agreements: list[Agreed] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    contraception: list[Contraception] = field(default_factory=list)
    obligations: list[Given] = field(default_factory=list)
    bleeding: list[Given] = field(default_factory=list)
    counseling: list[Given] = field(default_factory=list)
    surveys: list[Given] = field(default_factory=list)
    served: dict[int, str] = field(default_factory=dict)
    """Which authorization each survey (by its place in the list) serves."""
    interventions: list[Open] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    authorizations: list[Authorized] = field(default_factory=list)
    supplies: list[Supply] = field(default_factory=list)
    ends: list[Ended] = field(default_factory=list)
    exceptions: list[Excepted] = field(default_factory=list)
    settled: int = 0
    """How many surveys were compared, and found to differ, so far: the staff has them."""
    pharmacies_certified_on: date = date.max
    certified: set[str] = field(default_factory=set)
    """The prescribers and pharmacies in good standing."""

    # --- §2, §3: who the patient is, and who takes part

    @property
    def is_on_path(self) -> bool:
        return self.category in PREGNANCY_PATH

    def agreement(self) -> Agreed | None:
        """The latest complete one, if it is for the present category (L-ENR-3)."""
        latest = max(self.agreements, key=lambda each: each.at, default=None)
        if latest is None or latest.category != self.category:
            return None
        signers = {"guardian"} if self.category.startswith("child") else {
            "patient", "representative",
        }  # fmt: skip
        return latest if latest.signer in signers else None

    def is_adult(self, on: date) -> bool:
        born = self.born_on
        return (on.year - born.year - ((on.month, on.day) < (born.month, born.day))) >= 18

    def is_over(self) -> bool:
        """After the end nothing is asked for until a new agreement, after a death never (§10)."""
        agreed_at = max((each.at for each in self.agreements), default=None)
        return any(
            each.kind == "died" or agreed_at is None or agreed_at <= each.at for each in self.ends
        )

    def excepted(self, now: datetime) -> set[str]:
        """The rules that two persons of the staff have lifted for now (L-DSP-10)."""
        return OVERRIDABLE & {
            each.rule for each in self.exceptions if each.granted_at <= now <= each.until
        }

    # --- §6: surveys

    def free_surveys(self) -> list[int]:
        return [
            place
            for place, each in enumerate(self.surveys)
            if not each.withdrawn_at and place not in self.served
        ]

    def differing(self) -> list[int]:
        """The surveys whose answers contradict the prescriber's, and are with nobody yet."""
        return [
            place
            for place, each in enumerate(self.surveys)
            if not each.is_whole and not each.withdrawn_at and place >= self.settled
        ]

    def is_to_be_evaluated(self) -> bool:
        """Whether bleeding was reported after all that could clear it (L-PT-8)."""
        later = [each.at for each in self.counseling if not each.withdrawn_at]
        if not self.is_on_path:
            later = [each.at for each in self.agreements]
        return self.category in FEMALE and any(
            not each.withdrawn_at and not any(at > each.at for at in later)
            for each in self.bleeding
        )

    # --- §5: what restarts, and since when contraception is used without a break

    def attested(self) -> list[Contraception]:
        standing = [each for each in self.contraception if not each.withdrawn_at]
        return sorted(standing, key=lambda each: each.attested_at)

    def restarts(self) -> list[datetime]:
        ended = [
            each.closed_at
            for each in self.cases
            if each.subject == "patient" and each.closed_at and each.outcome != "not_pregnant"
        ]
        lapses = [each.recorded_at for each in self.attested() if not each.is_adequate]
        return sorted(ended + (lapses if self.is_on_path else []))

    def lifted_at(self) -> list[datetime]:
        return sorted(
            each.closed_at
            for each in self.cases
            if each.subject == "patient"
            and each.closed_at
            and each.outcome in {"not_pregnant", "pregnancy_ended"}
        )

    def ended_at(self) -> list[datetime]:
        """When the patient's pregnancies were closed as ended."""
        return [
            each.closed_at
            for each in self.cases
            if each.subject == "patient" and each.closed_at and each.outcome == "pregnancy_ended"
        ]

    def run_began_on(self) -> date | None:
        broken_at = max(self.restarts(), default=None)
        began: date | None = None
        before: date | None = None
        for each in self.attested():
            if not each.is_adequate or (broken_at and each.attested_at <= broken_at):
                continue
            on = day(each.attested_at)
            if began is None:
                began = each.since or on
                began = max(began, day(broken_at)) if broken_at else began
            elif each.since and before and each.since > before:
                began = each.since
            before = on
        return began

    # --- §4: tests

    def counting(self) -> list[datetime]:
        return sorted(each.collected_at for each in self.tests if each.counts)

    def cleared(self) -> list[datetime]:
        limits = self.restarts() + self.lifted_at()
        return [at for at in self.counting() if all(at > limit for limit in limits)]

    # --- §8: supply

    def runs_out_on(self, *, regular: bool) -> date | None:
        runs_out: date | None = None
        for each in sorted(self.supplies, key=lambda each: each.at):
            if each.returned_at or (regular and not each.is_regular):
                continue
            begins = max(runs_out or date.min, day(each.at))
            ends = begins + each.days_supply * DAY
            if each.stopped_on:
                ends = min(ends, each.stopped_on)
            runs_out = max(runs_out or date.min, ends)
        return runs_out

    def was_lost_shortly_before(self, on: date) -> bool:
        """Whether another supply was lost within six months of this day (L-DSP-5)."""
        losses = [each.stopped_on for each in self.supplies if each.is_lost and each.stopped_on]
        return any(max(on, each) <= months_after(min(on, each), 6) for each in losses)

    def is_initiation(self, now: datetime) -> bool:
        regular = [each for each in self.supplies if each.is_regular and not each.returned_at]
        if not regular:
            return True
        last = max(regular, key=lambda each: each.at)
        runs_out = self.runs_out_on(regular=True)
        off_path = any(
            each.at > last.at and each.category not in PREGNANCY_PATH for each in self.agreements
        )
        return (
            runs_out is None
            or day(now) > runs_out + 28 * DAY
            or any(at >= last.at for at in self.restarts())
            or (self.is_on_path and (last.category not in PREGNANCY_PATH or off_path))
        )
