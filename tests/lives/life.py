"""One life as the rules page sees it: what was done, and the terms that follow from it.

Nothing here knows the engine, its facts or the database.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from tests.lives.history import (
    DAY,
    FEMALE,
    OVERRIDABLE,
    PREGNANCY_PATH,
    Agreed,
    Answered,
    Authorized,
    Basis,
    Case,
    Confirmed,
    Contraception,
    Ended,
    Excepted,
    Given,
    Open,
    Supply,
    Test,
    day,
    months_after,
)


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
    surveys: list[Answered] = field(default_factory=list)
    served: dict[int, set[str]] = field(default_factory=dict)
    """Which authorizations each survey (by its place in the list) was to serve."""
    interventions: list[Open] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    authorizations: list[Authorized] = field(default_factory=list)
    supplies: list[Supply] = field(default_factory=list)
    ends: list[Ended] = field(default_factory=list)
    exceptions: list[Excepted] = field(default_factory=list)
    settled: int = 0
    """How many surveys were compared, and found to differ, so far: the staff has them."""
    certified: set[str] = field(default_factory=set)
    """The prescribers and pharmacies in good standing."""
    certified_until: dict[str, date] = field(default_factory=dict)
    """The last day of each pharmacy's certification."""
    colleagues: dict[str, set[str]] = field(default_factory=dict)
    """For whom each prescriber may act besides their own patients: the practice says so."""
    confirmed: dict[str, Confirmed] = field(default_factory=dict)
    """The latest confirmation of each authorization, by the authorization's number."""

    # --- §2, §3: who the patient is, and who takes part

    @property
    def is_on_path(self) -> bool:
        return self.category in PREGNANCY_PATH

    def agreed(self) -> list[Agreed]:
        """The agreements that stand."""
        return [each for each in self.agreements if not each.withdrawn_at]

    def agreement(self) -> Agreed | None:
        """The latest complete one, if it is for the present category (L-ENR-3)."""
        latest = max(self.agreed(), key=lambda each: each.at, default=None)
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
        agreed_at = max((each.at for each in self.agreed()), default=None)
        return any(
            each.kind == "died" or agreed_at is None or agreed_at <= each.at
            for each in self.ends
            if not each.withdrawn_at
        )

    def may_act_for(self, prescriber: str, other: str) -> bool:
        """Their own patients', or those of a certified colleague whom they cover (L-ENR-5)."""
        covers = other in self.colleagues.get(prescriber, set()) and other in self.certified
        return other == prescriber or covers

    # --- §7: what becomes of an authorization

    def is_open(self, each: Authorized, now: datetime) -> bool:
        return not each.is_void and not each.is_dispensed and each.expires_at >= now

    def void_open(self, now: datetime) -> None:
        """What restarts, stops or moves the patient makes worthless what is open (L-AUT-8)."""
        for each in self.authorizations:
            if self.is_open(each, now):
                each.is_void = True
                if each.number in self.confirmed:
                    self.confirmed[each.number].is_over = True

    def state(self, each: Authorized, now: datetime) -> str:
        """By L-AUT-7, whether or not anybody has written it down."""
        if each.is_dispensed:
            return "dispensed"
        if each.is_void:
            return "void"
        if now > each.expires_at:
            return "expired"
        held = self.confirmed.get(each.number)
        return "confirmed" if held and held.holds(now, each) else "issued"

    def excepted(self, now: datetime) -> set[str]:
        """The rules that two persons of the staff have lifted for now (L-DSP-10)."""
        return OVERRIDABLE & {
            each.rule
            for each in self.exceptions
            if each.granted_at <= now <= each.until
            and not self._is_used_up(each, now)
            and not self._is_replaced(each, now)
        }

    def _is_replaced(self, exception: Excepted, now: datetime) -> bool:
        """The next one from the same rule takes its place, if only to end it earlier."""
        return any(
            each.rule == exception.rule and exception.granted_at < each.granted_at < now
            for each in self.exceptions
        )

    def _is_used_up(self, exception: Excepted, now: datetime) -> bool:
        """From the supply rule, an exception is for one supply."""
        return exception.rule == "L-DSP-5" and any(
            each.is_excepted and each.counts and exception.granted_at <= each.at < now
            for each in self.supplies
        )

    # --- §6: surveys

    def free_surveys(self, now: datetime) -> list[int]:
        """Those that serve nothing: one is free again if what it served ended undispensed.

        On the pregnancy path none whose questions were those of another category.
        """
        used = {
            place
            for place, numbers in self.served.items()
            for each in self.authorizations
            if each.number in numbers and (each.is_dispensed or self.is_open(each, now))
        }
        free = [
            place
            for place, each in enumerate(self.surveys)
            if not each.withdrawn_at and place not in used
            if each.is_of_path or not self.is_on_path
        ]
        return sorted(free, key=lambda place: self.surveys[place].at)

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
            later = [each.at for each in self.agreed()]
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
            if not each.counts or (regular and not each.is_regular):
                continue
            begins = max(runs_out or date.min, day(each.at))
            ends = begins + each.days_supply * DAY
            if each.stopped_on:
                ends = min(ends, each.stopped_on)
            runs_out = max(runs_out or date.min, ends)
        return runs_out

    def was_lost_shortly_before(self, on: date) -> bool:
        """Whether another supply was lost within six months of this day (L-DSP-5)."""
        losses = [
            each.stopped_on
            for each in self.supplies
            if each.is_lost and each.stopped_on and not each.withdrawn_at
        ]
        return any(max(on, each) <= months_after(min(on, each), 6) for each in losses)

    def is_initiation(self, now: datetime) -> bool:
        regular = [each for each in self.supplies if each.is_regular and each.counts]
        if not regular:
            return True
        last = max(regular, key=lambda each: each.at)
        runs_out = self.runs_out_on(regular=True)
        off_path = any(
            each.at > last.at and each.category not in PREGNANCY_PATH for each in self.agreed()
        )
        return (
            runs_out is None
            or day(now) > runs_out + 28 * DAY
            or any(at >= last.at for at in self.restarts())
            or (self.is_on_path and (last.category not in PREGNANCY_PATH or off_path))
        )
