"""Reading one policy file: TOML in, a checked Policy out.

A file with an unknown, missing or mistyped entry is refused at start, never half-used.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, time
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.rules.calendar import Calendar
from apps.rules.edition import (
    NUMBERS_OF,
    PROMISES,
    Advisory,
    Category,
    ParameterNote,
    Parameters,
    Policy,
    Product,
    ReminderPolicy,
    ReminderStep,
    RuleNote,
)
from apps.rules.follow_up import RELATIVE_TO as FOLLOW_UP_FROM
from apps.rules.follow_up import FollowUp, FollowUpStep
from apps.rules.obligation import CASE_FOLLOW_UP, CERTIFICATION_RENEWAL, KINDS
from apps.rules.policy_table import PolicyFileError, Table
from apps.rules.targets import (
    DEVIATION_KINDS,
    SEVERITIES,
    TARGET_KINDS,
    DeviationKind,
    Target,
)

OWNERS: Final = frozenset({"patient", "prescriber", "pharmacy", "staff"})
REMINDED: Final = OWNERS | {"administrator"}
CHANNELS: Final = frozenset({"email", "sms", "portal"})
_OFFICE: Final = frozenset({"staff", "administrator"})
_TOLD_OF_PATIENTS: Final = _OFFICE | {"patient", "prescriber"}
_TOLD: Final = {CASE_FOLLOW_UP: _OFFICE, CERTIFICATION_RENEWAL: _OFFICE | {"pharmacy"}}
"""Who can be told of a kind, where it is nothing that a patient owes."""
_SURVEYS: Final = frozenset({"each", "later", "periodic", "never"})
_RELATIVE_TO: Final = frozenset({"opens", "due", "closes"})
_TARGET_OWNERS: Final = frozenset({"staff", "administrator", "prescriber", "pharmacy"})
_TARGET_FROM: Final = frozenset({"opened", "due"})


def load_policy_file(path: Path) -> Policy:
    """Reads and checks one edition; raises PolicyFileError with the entry that is wrong."""
    raw = path.read_bytes()
    try:
        content = tomllib.loads(raw.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyFileError(f"{path.name}: {error}") from error
    root = Table(path.name, content)
    time_zone = root.take("time_zone", str)
    rules = _rules(root.table("rules"))
    numbers, notes = _parameters(root.table("parameters"), rules)
    methods = root.table("methods")
    methods.take_source()
    policy = Policy(
        file_name=path.name,
        program=root.take_name("program", LONGEST_PROGRAM),
        version=root.take_name("version", LONGEST_VERSION),
        title=root.take("title", str),
        effective_from=root.take("effective_from", date),
        takes_over_at=root.take("takes_over_at", time, time.min),
        effective_to=root.take_optional("effective_to", date),
        approved_by=root.take("approved_by", str),
        approved_on=root.take("approved_on", date),
        time_zone=time_zone,
        digest=hashlib.sha256(raw).hexdigest(),
        parameters=numbers,
        notes=notes,
        categories=_categories(root.table("categories")),
        highly_effective=frozenset(methods.take_strings("highly_effective")),
        additional=frozenset(methods.take_strings("additional")),
        not_acceptable=frozenset(methods.take_strings("not_acceptable")),
        products=_products(root.tables("products")),
        rules=rules,
        overridable=frozenset(root.take_strings("overridable")),
        advisories=tuple(_advisory(table) for table in root.tables("advisories")),
        reminders=_reminders(root.table("reminders")),
        targets=_targets(root.table("targets")),
        deviations=_deviations(root.table("deviations")),
        follow_up=_follow_up(root.table("follow_up")),
        calendar=Calendar(_zone(root, time_zone), root.take("day_ends_at", time)),
    )
    methods.finish()
    root.finish()
    if not policy.overridable <= rules.keys():
        raise PolicyFileError(f"{path.name}.overridable: names a rule that is not in [rules]")
    if policy.in_force_until < policy.in_force_from:
        raise PolicyFileError(f"{path.name}.effective_to: before effective_from")
    return policy


def _zone(root: Table, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise PolicyFileError(
            f"{root.name}.time_zone: a zone such as America/New_York is needed"
        ) from error


# As long as the ledger keeps them.
LONGEST_PROGRAM: Final = 40
LONGEST_VERSION: Final = 60
LARGEST: Final = 10_000
"""No number of a program is larger: as days 27 years, as hours more than one."""
# With none of these there is no window, no supply and no schedule.
NEVER_NONE: Final = frozenset({
    "test_sensitivity_max_miu_ml",
    "second_test_hours",
    "weekly_test_days",
    "regular_cycle_test_days",
    "irregular_cycle_test_days",
    "patient_survey_months",
    "pharmacy_certification_days",
    "authorization_days",
    "days_supply_max",
    "confirmation_hours",
})  # fmt: skip
# A number is computed with as its name says, so the file may not say another unit.
UNITS: Final = ("years", "months", "days", "hours")
UNITS_OF: Final = {"test_sensitivity_max_miu_ml": "mIU/mL", "collection_day_number": "day"}


# Else no day would fit, and an authorization would expire before it is issued.
NOT_MORE_THAN: Final = (
    ("first_test_min_days", "first_test_max_days"),
    ("recent_test_days", "authorization_days_after_test"),
)


def _parameters(
    table: Table, rules: Mapping[str, RuleNote]
) -> tuple[Parameters, Mapping[str, ParameterNote]]:
    """Every number, save those of rules that the program does not ask: they may not be there."""
    notes: dict[str, ParameterNote] = {}
    for field in fields(Parameters):
        if NUMBERS_OF.get(field.name, "") not in {"", *rules}:
            continue
        entry = table.table(field.name)
        source = entry.take_source()
        notes[field.name] = ParameterNote(
            value=_number(entry, field.name),
            unit=entry.take_one_of("unit", frozenset({_unit_of(field.name)})),
            source=source,
            rule=entry.take("rule", str),
            choice=source.startswith("choice"),
            unverified=entry.take("unverified", bool, False),
        )
        entry.finish()
    table.finish()
    for less, more in NOT_MORE_THAN:
        if less in notes and more in notes and notes[less].value > notes[more].value:
            raise PolicyFileError(f"{table.name}.{less}: more than {more}")
    numbers = Parameters.of({name: note.value for name, note in notes.items()})
    return numbers, MappingProxyType(notes)


def _number(entry: Table, name: str) -> int:
    """A number that a rule can mean: a window of -1 days would be refused by nobody else."""
    value = entry.take("value", int)
    least = 1 if name in NEVER_NONE else 0
    most = 1 if name == "collection_day_number" else LARGEST
    if not least <= value <= most:
        raise PolicyFileError(f"{entry.name}.value: a number from {least} to {most} is needed")
    return value


def _unit_of(name: str) -> str:
    return UNITS_OF.get(name) or next(unit for unit in UNITS if unit in name.split("_"))


def _categories(table: Table) -> Mapping[str, Category]:
    found: dict[str, Category] = {}
    for code in table.names():
        entry = table.table(code)
        found[code] = Category(
            code=code,
            adult=entry.take_optional("adult", bool),
            female=entry.take("female", bool),
            pregnancy_path=entry.take("pregnancy_path", bool),
            signers=entry.take_strings("signers"),
            patient_survey=entry.take_one_of("patient_survey", _SURVEYS),
            promises=entry.take_some_of("promises", PROMISES),
            counseling_topics=frozenset(entry.take_strings("counseling_topics", [])),
            needs_basis=entry.take("needs_basis", bool, False),
            source=entry.take_source(),
            unverified=entry.take("unverified", bool, False),
        )
        entry.finish()
    return MappingProxyType(found)


def _products(tables: list[Table]) -> Mapping[str, Product]:
    found: dict[str, Product] = {}
    for table in tables:
        strengths = table.take("strengths_mg", list)
        if not strengths or not all(type(each) in (int, float) for each in strengths):
            raise PolicyFileError(f"{table.name}.strengths_mg: a list of numbers is needed")
        product = Product(
            code=table.take("code", str),
            title=table.take("title", str),
            strengths_mg=tuple(strengths),
            source=table.take_source(),
            unverified=table.take("unverified", bool, False),
        )
        table.finish()
        found[product.code] = product
    return MappingProxyType(found)


def _rules(table: Table) -> Mapping[str, RuleNote]:
    found: dict[str, RuleNote] = {}
    for rule in table.names():
        entry = table.table(rule)
        found[rule] = RuleNote(
            rule=rule,
            title=entry.take("title", str),
            source=entry.take_source(),
            owner=entry.take_one_of("owner", OWNERS),
            unverified=entry.take("unverified", bool, False),
        )
        entry.finish()
    return MappingProxyType(found)


def _advisory(table: Table) -> Advisory:
    has_strength = "usual_strength_mg" in table.names()
    advisory = Advisory(
        code=table.take("code", str),
        message=table.take("message", str),
        source=table.take_source(),
        unverified=table.take("unverified", bool, False),
        flags=frozenset(table.take_strings("flags", [])),
        indications=table.take_strings("indications", []),
        methods=frozenset(table.take_strings("methods", [])),
        usual_strength_mg=table.take_number("usual_strength_mg") if has_strength else None,
        usual_quantity=table.take_optional("usual_quantity", int),
    )
    table.finish()
    return advisory


def _reminders(table: Table) -> ReminderPolicy:
    table.take_source()
    channels = table.take_strings("channels")
    kinds = table.table("kinds")
    steps = {
        kind: tuple(_step(step, channels) for step in kinds.tables(kind)) for kind in kinds.names()
    }
    policy = ReminderPolicy(
        channels=channels,
        quiet_from=table.take("quiet_from", time),
        quiet_until=table.take("quiet_until", time),
        grace_hours=table.take("grace_hours", int),
        longest_quiet_hours=table.take("longest_quiet_hours", int),
        optional=frozenset(table.take_strings("optional")),
        steps=MappingProxyType(steps),
    )
    table.finish()
    _check_reminders(policy)
    return policy


def _check_reminders(policy: ReminderPolicy) -> None:
    """Nothing falls due of which nobody is told."""
    for name, wrong in (
        ("kinds", set(KINDS) ^ set(policy.steps)),
        ("optional", policy.optional - set(KINDS)),
        ("channels", set(policy.channels) - CHANNELS),
    ):
        if wrong:
            said = ", ".join(sorted(wrong))
            raise PolicyFileError(f"reminders.{name}: missing or unknown: {said}")
    if policy.grace_hours < 0 or policy.longest_quiet_hours < 0:
        raise PolicyFileError("reminders.grace_hours, longest_quiet_hours: less than none")
    for kind, steps in policy.steps.items():
        _check_steps(kind, steps, policy)


def _check_steps(kind: str, steps: tuple[ReminderStep, ...], policy: ReminderPolicy) -> None:
    """A kind has steps, and each has somebody whom it concerns and a channel of the policy."""
    name = f"reminders.kinds.{kind}"
    if not steps:
        raise PolicyFileError(f"{name}: no step")
    if elsewhere := {each.to for each in steps} - _TOLD.get(kind, _TOLD_OF_PATIENTS):
        raise PolicyFileError(f"{name}: never told of it: {', '.join(sorted(elsewhere))}")
    if any(not each.channels or set(each.channels) - set(policy.channels) for each in steps):
        raise PolicyFileError(f"{name}: a step without a channel of the policy")


def _step(table: Table, channels: tuple[str, ...]) -> ReminderStep:
    step = ReminderStep(
        to=table.take_one_of("to", REMINDED),
        relative_to=table.take_one_of("relative_to", _RELATIVE_TO),
        hours=table.take("hours", int),
        channels=table.take_strings("channels", list(channels)),
    )
    table.finish()
    return step


def _targets(table: Table) -> Mapping[str, Target]:
    found: dict[str, Target] = {}
    for kind in TARGET_KINDS:
        entry = table.table(kind)
        source = entry.take_source()
        found[kind] = Target(
            kind=kind,
            owner=entry.take_one_of("owner", _TARGET_OWNERS),
            relative_to=entry.take_one_of("relative_to", _TARGET_FROM),
            hours=entry.take("hours", int),
            source=source,
            choice=source.startswith("choice"),
        )
        if found[kind].hours <= 0:
            raise PolicyFileError(f"{entry.name}.hours: more than none is needed")
        entry.finish()
    table.finish()
    return MappingProxyType(found)


def _deviations(table: Table) -> Mapping[str, DeviationKind]:
    found: dict[str, DeviationKind] = {}
    for kind in table.names():
        entry = table.table(kind)
        source = entry.take_source()
        found[kind] = DeviationKind(
            kind=kind,
            title=entry.take("title", str),
            rule=entry.take("rule", str),
            severity=entry.take_one_of("severity", frozenset(SEVERITIES)),
            source=source,
            choice=source.startswith("choice"),
        )
        entry.finish()
    if missing := set(DEVIATION_KINDS) - set(found):
        raise PolicyFileError(f"{table.name}: {', '.join(sorted(missing))} must be named")
    return MappingProxyType(found)


def _follow_up(table: Table) -> FollowUp:
    follow_up = FollowUp(
        report_days=_days(table.table("report_days")),
        gestation_days=_days(table.table("gestation_days")),
        assumed_conception_days=_days(table.table("assumed_conception_days")),
        steps=tuple(_follow_up_step(entry) for entry in table.tables("steps")),
    )
    table.finish()
    if len({step.kind for step in follow_up.steps}) < len(follow_up.steps):
        raise PolicyFileError(f"{table.name}.steps: a kind of step is named twice")
    return follow_up


def _days(entry: Table) -> int:
    entry.take_source()
    entry.take_one_of("unit", frozenset({"days"}))
    entry.take("unverified", bool, False)
    days = _number(entry, "")
    entry.finish()
    return days


def _follow_up_step(table: Table) -> FollowUpStep:
    step = FollowUpStep(
        kind=table.take("kind", str),
        title=table.take("title", str),
        relative_to=table.take_one_of("relative_to", FOLLOW_UP_FROM),
        days=table.take("days", int),
        source=table.take_source(),
        unverified=table.take("unverified", bool, False),
    )
    table.finish()
    return step
