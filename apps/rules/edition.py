"""The typed content of one policy edition: numbers, categories, products, rules, reminders.

Data only. policy_file.py reads it from TOML, policy.py finds the edition in force.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

from apps.rules.calendar import LAST_INSTANT, TICK, Calendar, Day, plus
from apps.rules.follow_up import FollowUp
from apps.rules.targets import DeviationKind, Target


class NumberNotGiven(LookupError):
    """A rule was computed that the program does not ask: its edition has no such number."""


@dataclass(frozen=True, eq=False)
class Parameters:
    """The numbers of one edition; each field's unit is in its name and in the policy file.

    Those of NUMBERS_OF are there only where the program asks their rule: whoever computes with
    one that is not there fails at once.
    """

    adult_age_years: int
    birthday_notice_days: int
    menopause_months: int
    reenroll_after_months_without_dispense: int
    pharmacy_certification_days: int
    pharmacy_renewal_notice_days: int
    test_sensitivity_max_miu_ml: int
    first_test_min_days: int
    first_test_max_days: int
    second_test_hours: int
    recent_test_days: int
    weekly_phase_days: int
    weekly_test_days: int
    regular_cycle_test_days: int
    irregular_cycle_test_days: int
    indeterminate_retest_hours: int
    end_of_treatment_test_days: int
    contraception_lead_days: int
    contraception_attestation_days: int
    obligations_after_end_days: int
    obligations_months: int
    prescriber_survey_hours: int
    patient_survey_days: int
    patient_survey_months: int
    counseling_days: int
    reinitiate_after_gap_days: int
    authorization_days_after_test: int
    authorization_days: int
    days_supply_max: int
    confirmation_hours: int
    remaining_supply_days: int
    return_to_stock_days: int
    second_loss_months: int
    collection_day_number: int
    """1 where the day of collection is the first day of a test's window, 0 where the next is."""
    missed_window_wait_days: int

    @classmethod
    def of(cls, numbers: Mapping[str, int]) -> Self:
        """The numbers that an edition gives."""
        parameters = object.__new__(cls)
        for name, number in numbers.items():
            object.__setattr__(parameters, name, number)
        return parameters

    if not TYPE_CHECKING:  # pragma: no branch

        def __getattr__(self, name: str) -> int:
            raise NumberNotGiven(name)


NUMBERS_OF: Final[Mapping[str, str]] = {
    "adult_age_years": "L-CAT-1",
    "birthday_notice_days": "L-CAT-1",
    "menopause_months": "L-CAT-2",
    "first_test_min_days": "L-PT-1",
    "first_test_max_days": "L-PT-1",
    "second_test_hours": "L-PT-2",
    "missed_window_wait_days": "L-WIN-1",
}
"""The numbers that only one rule needs, and that rule."""

PROMISES: Final = (
    "no_blood_donation",
    "no_sharing",
    "no_sperm_donation",
    "condom_or_abstinence",
)
"""What an attestation of obligations can promise (L-CON-6)."""


@dataclass(frozen=True, slots=True)
class ParameterNote:
    """What a reviewer reads beside a number: unit, source, rule, and how sure it is."""

    value: int
    unit: str
    source: str
    rule: str
    choice: bool
    unverified: bool


@dataclass(frozen=True, slots=True)
class Category:
    """A risk category: what makes someone belong to it, and what it asks (program-rules §2)."""

    code: str
    adult: bool | None
    """Whether it is for adults or for children; None: for both."""
    female: bool
    pregnancy_path: bool
    signers: tuple[str, ...]
    patient_survey: str
    promises: tuple[str, ...]
    counseling_topics: frozenset[str]
    needs_basis: bool
    source: str
    unverified: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The days after a test on which it serves: from `first` to `last`, its own day being 0."""

    first: Day
    last: Day


@dataclass(frozen=True, slots=True)
class Product:
    """A product on the program's list with the strengths that may be authorized."""

    code: str
    title: str
    strengths_mg: tuple[float, ...]
    source: str
    unverified: bool


@dataclass(frozen=True, slots=True)
class RuleNote:
    """Title, source and default owner of a rule that an evaluation asks."""

    rule: str
    title: str
    source: str
    owner: str
    unverified: bool


@dataclass(frozen=True, slots=True)
class Advisory:
    """A remark that informs and never blocks, and what calls for it."""

    code: str
    message: str
    source: str
    unverified: bool
    flags: frozenset[str]
    indications: tuple[str, ...]
    methods: frozenset[str]
    usual_strength_mg: float | None
    usual_quantity: int | None
    """Capsules in the longest supply that is authorized."""


@dataclass(frozen=True, slots=True)
class ReminderStep:
    """One rung of the escalation ladder: who is told, how many hours from which instant."""

    to: str
    relative_to: str
    hours: int
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """Lead times by kind of obligation, channels, and quiet hours in the recipient's zone.

    `channels` by preference: the first that can be used. Within `grace_hours` of the enrollment no
    patient is reminded, and then of one thing in so many hours. `optional`: the kinds that a
    recipient may opt out of. Nobody's own quiet hours are longer than `longest_quiet_hours`.
    """

    channels: tuple[str, ...]
    quiet_from: time
    quiet_until: time
    grace_hours: int
    longest_quiet_hours: int
    optional: frozenset[str]
    steps: Mapping[str, tuple[ReminderStep, ...]]


@dataclass(frozen=True)
class Policy:
    """One edition of one program's policy. Immutable; `digest` is the file's SHA-256."""

    file_name: str
    program: str
    version: str
    title: str
    effective_from: date
    takes_over_at: time
    """When on that day, in the program's zone: midnight, unless a file says later."""
    effective_to: date | None
    approved_by: str
    approved_on: date
    time_zone: str
    digest: str
    parameters: Parameters
    notes: Mapping[str, ParameterNote]
    categories: Mapping[str, Category]
    highly_effective: frozenset[str]
    additional: frozenset[str]
    not_acceptable: frozenset[str]
    products: Mapping[str, Product]
    rules: Mapping[str, RuleNote]
    overridable: frozenset[str]
    advisories: tuple[Advisory, ...]
    reminders: ReminderPolicy
    targets: Mapping[str, Target]
    deviations: Mapping[str, DeviationKind]
    follow_up: FollowUp
    calendar: Calendar

    @cached_property
    def methods(self) -> frozenset[str]:
        """Every contraceptive method code that is valid, whether it counts or not."""
        return self.highly_effective | self.additional | self.not_acceptable

    @cached_property
    def first_test(self) -> Window:
        """The window of a first test (L-PT-1); raises NumberNotGiven where there is none."""
        numbers = self.parameters
        return Window(
            numbers.first_test_min_days - numbers.collection_day_number,
            numbers.first_test_max_days - numbers.collection_day_number,
        )

    @cached_property
    def recent_test(self) -> Window:
        """The window of a recent test (L-PT-3)."""
        return Window(0, self.parameters.recent_test_days - self.parameters.collection_day_number)

    @cached_property
    def authorization_after_test(self) -> Window:
        """The window of an authorization that rests on a test (L-AUT-4)."""
        days = self.parameters.authorization_days_after_test
        return Window(0, days - self.parameters.collection_day_number)

    @cached_property
    def unverified_numbers(self) -> tuple[str, ...]:
        """The entries with numbers that nobody has checked: production refuses them.

        A rule can be unverified, too; it holds no number, and asking it is never the less safe.
        """
        follow_up = self.follow_up.steps
        return (
            *(f"parameters.{name}" for name, note in self.notes.items() if note.unverified),
            *(f"categories.{code}" for code, each in self.categories.items() if each.unverified),
            *(f"products.{code}" for code, each in self.products.items() if each.unverified),
            *(f"advisories.{each.code}" for each in self.advisories if each.unverified),
            *(f"follow_up.{each.kind}" for each in follow_up if each.unverified),
        )

    @property
    def marked_title(self) -> str:
        """The title, marked while numbers are unverified: nobody may take a draft for the real."""
        return f"{self.title} (unverified numbers)" if self.unverified_numbers else self.title

    @cached_property
    def in_force_from(self) -> datetime:
        """The first instant at which this edition is in force."""
        return self.calendar.instant(self.effective_from.toordinal(), self.takes_over_at)

    @cached_property
    def in_force_until(self) -> datetime:
        """The last instant at which this edition is in force, if none takes over before."""
        if self.effective_to is None:
            return LAST_INSTANT
        return plus(self.calendar.start_of_day(self.effective_to.toordinal() + 1), -TICK)

    def __hash__(self) -> int:
        return hash(self.version)
