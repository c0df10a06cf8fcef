"""What the rules page forbids, told from what happened: a small model beside the product.

Written for the test from program-rules.md alone. It knows nothing of the engine, its facts or the
database: the test tells it each thing that it did, in plain records, as it did them.
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


@dataclass
class Life:
    """Everything that was done with one patient, and the standing of who acted."""

    born_on: date
    category: str
    basis: tuple[str, date] | None = None
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


def against_both(life: Life, now: datetime, prescriber: str) -> list[str]:
    """Why neither an authorization nor a dispense may happen now."""
    today, wrong = day(now), []
    if prescriber not in life.certified:
        wrong.append("L-ENR-1")
    agreement = life.agreement()
    if agreement is None:
        wrong.append("L-ENR-3")
    if life.is_adult(today) != life.category.startswith("adult"):
        wrong.append("L-CAT-1")
    if any(each.ended_at is None for each in life.interventions):
        wrong.append("L-SUR-3")
    lifted = life.lifted_at()
    own = [each for each in life.cases if each.subject == "patient"]
    if any(
        each.closed_at is None or not any(at >= each.closed_at for at in lifted) for each in own
    ):
        wrong.append("L-PRG-1")
    positive = [each for each in life.tests if each.result == "positive" and not each.withdrawn_at]
    if any(not any(at >= each.resulted_at for at in lifted) for each in positive):
        wrong.append("L-PT-5")
    obligations = [each for each in life.obligations if not each.withdrawn_at]
    latest_at = max((each.at for each in obligations), default=None)
    if (
        latest_at is None
        or any(each.at == latest_at and not each.is_whole for each in obligations)
        or today > months_after(day(latest_at), 12)
    ):
        wrong.append("L-CON-6")
    if life.category in FEMALE:
        wrong += _against_females(life, today)
    if life.is_on_path:
        attested = life.attested()
        if not attested or any(
            not each.is_adequate
            for each in attested
            if each.attested_at == attested[-1].attested_at
        ):
            wrong.append("L-CON-1")
    return wrong


def _against_females(life: Life, today: date) -> list[str]:
    wrong = []
    if life.breastfeeding:
        wrong.append("L-CON-7")
    for each in life.tests:
        if each.result == "indeterminate" and not each.withdrawn_at:
            again = [at for at in life.counting() if at >= each.collected_at + 48 * HOUR]
            if not again:
                wrong.append("L-PT-6")
    counseled = [each.at for each in life.counseling if not each.withdrawn_at]
    agreement = life.agreement()
    reports = [each.at for each in life.bleeding if not each.withdrawn_at]
    if life.is_on_path:
        for at in reports:
            if not (any(t > at for t in life.counting()) and any(c > at for c in counseled)):
                wrong.append("L-PT-8")
    else:
        ended = [
            each.closed_at
            for each in life.cases
            if each.subject == "patient" and each.closed_at and each.outcome == "pregnancy_ended"
        ]
        if any(agreement is None or agreement.at <= at for at in [*reports, *ended]):
            wrong.append("L-PT-8")
    if life.category == "adult_fnrp" and _basis_is_lacking(life, today, reports):
        wrong.append("L-CAT-2")
    return wrong


def _basis_is_lacking(life: Life, today: date, reports: list[datetime]) -> bool:
    if life.basis is None or life.basis[1] > today:
        return True
    kind, since = life.basis
    return kind == "natural_menopause" and (
        today < months_after(since, 24) or any(day(at) > since for at in reports)
    )


def against_authorization(life: Life, now: datetime, prescriber: str) -> list[str]:
    """Why no authorization may be issued now, for 1 to 28 days of a listed product."""
    today, wrong = day(now), against_both(life, now, prescriber)
    agreement = life.agreement()
    if agreement is None or agreement.prescriber != prescriber:
        wrong.append("L-ENR-5")
    known = [day(each.at) for each in life.supplies if not each.returned_at]
    known += [day(agreement.at)] if agreement else []
    if not known or today > months_after(max(known), 12):
        wrong.append("L-ENR-4")
    if any(_is_open(each, now) for each in life.authorizations):
        wrong.append("L-AUT-3")
    dispensed = [each for each in life.authorizations if each.is_dispensed]
    wrong += _against_survey(life, today, dispensed)
    since = max((each.issued_at for each in dispensed), default=None)
    if not any(
        today - day(each.at) <= 30 * DAY
        and not each.withdrawn_at
        and (since is None or each.at > since)
        and (each.is_whole or not life.is_on_path)
        for each in life.counseling
    ):
        wrong.append("L-SUR-4")
    if life.is_on_path:
        wrong += _against_path(life, now)
    return wrong


def _is_open(each: Authorized, now: datetime) -> bool:
    return not each.is_void and not each.is_dispensed and each.expires_at >= now


def _against_survey(life: Life, today: date, dispensed: list[Authorized]) -> list[str]:
    surveys = [
        (place, each) for place, each in enumerate(life.surveys) if not each.withdrawn_at
    ]
    if life.category == "adult_fnrp":
        if not dispensed:
            return []
        latest = max(
            [day(min(each.issued_at for each in dispensed))] + [day(s.at) for _, s in surveys]
        )
        return [] if today <= months_after(latest, 6) else ["L-SUR-2"]
    if not life.is_on_path and not dispensed:
        return []
    fresh = [p for p, s in surveys if today - day(s.at) <= 30 * DAY and p not in life.served]
    return [] if fresh else ["L-SUR-2"]


def _against_path(life: Life, now: datetime) -> list[str]:
    today, wrong = day(now), []
    attested = life.attested()
    if not attested or today - day(attested[-1].attested_at) > 30 * DAY:
        wrong.append("L-CON-3")
    cleared = life.cleared()
    if not life.is_initiation(now):
        if not any(timedelta() <= today - day(at) <= 7 * DAY for at in cleared):
            wrong.append("L-PT-3")
        return wrong
    first = [at for at in life.counting() if all(at > limit for limit in life.restarts())]
    if not any(10 * DAY <= today - day(at) <= 14 * DAY for at in first):
        wrong.append("L-PT-1")
    if not any(timedelta() <= now - at <= 24 * HOUR for at in cleared):
        wrong.append("L-PT-2")
    began = life.run_began_on()
    if began is None or today - began < 28 * DAY:
        wrong.append("L-CON-2")
    return wrong


def against_dispense(
    life: Life,
    now: datetime,
    authorized: Authorized,
    pharmacy: str,
    *,
    category: str,
    days_supply: int,
    confirmed: Confirmed | None = None,
) -> list[str]:
    """Why this may not be confirmed (or, once confirmed, not be dispensed) now."""
    today, wrong = day(now), against_both(life, now, authorized.prescriber)
    if pharmacy not in life.certified:
        wrong.append("L-ENR-2")
    if now > authorized.expires_at or today > day(authorized.issued_at) + 30 * DAY:
        wrong.append("L-AUT-4")
    if authorized.is_void or authorized.is_dispensed:
        wrong.append("L-AUT-7")
    if category != life.category:
        wrong.append("L-DSP-4")
    if _is_worthless(life, authorized):
        wrong.append("L-AUT-8")
    runs_out = life.runs_out_on(regular=False)
    if runs_out is not None and runs_out - today > 7 * DAY:
        wrong.append("L-DSP-5")
    if not 1 <= days_supply <= min(28, authorized.days_supply):
        wrong.append("L-DSP-6")
    if life.is_on_path and not any(
        timedelta() <= today - day(at) <= 7 * DAY for at in life.cleared()
    ):
        wrong.append("L-PT-3")
    if confirmed is not None:
        if confirmed.is_over or confirmed.pharmacy != pharmacy or now > confirmed.at + 24 * HOUR:
            wrong.append("L-DSP-3")
        if life.is_on_path and confirmed.handover == "ship" and today != day(confirmed.at):
            wrong.append("L-DSP-9")
    return wrong


def _is_worthless(life: Life, authorized: Authorized) -> bool:
    issued_at = authorized.issued_at
    withdrawn = [
        each.withdrawn_at
        for each in life.tests
        if each.withdrawn_at and each.result == "negative" and each.collected_at <= issued_at
    ] + [
        each.withdrawn_at
        for each in life.contraception
        if each.withdrawn_at and each.attested_at <= issued_at
    ]
    return (
        authorized.category != life.category
        or any(at >= issued_at for at in life.restarts() + life.lifted_at())
        or any(each.at > issued_at for each in life.agreements)
        or (life.is_on_path and any(at >= issued_at for at in withdrawn))
    )


def expiry(life: Life, issued_at: datetime) -> datetime:
    """Until when an authorization issued at this instant holds (L-AUT-4)."""
    if life.is_on_path:
        return last_instant(day(max(life.counting())) + 7 * DAY)
    return last_instant(day(issued_at) + 30 * DAY)
