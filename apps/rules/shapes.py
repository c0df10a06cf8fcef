"""The facts document's shapes: which keys, types and comparisons the contract asks for.

One function an object of the contract's table. No rule is judged here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, NoReturn, get_args

from apps.rules import entries
from apps.rules.calendar import Calendar
from apps.rules.comparisons import compare_facts, compare_readable
from apps.rules.entries import Facts
from apps.rules.validation import (
    Problem,
    Reader,
    Shape,
    list_of,
    one_of,
    read_boolean,
    read_code,
    read_count,
    read_date,
    read_instant,
    read_integer,
    read_quantity,
    wrong,
)

_NULLABLE_INSTANT: Final = (read_instant, None)
_NULLABLE_DATE: Final = (read_date, None)
_CODES: Final = (list_of(read_code), ())
OF_THE_OTHER_QUESTION: Final = {
    "authorize": ("pharmacy", "authorization", "confirmation", "prescription"),
    "dispense": ("request",),
}
"""For each question the keys that belong to the other one."""


@dataclass(frozen=True)
class Codes:
    """What depends on the policy: codes that are valid, and the zone in which days are counted."""

    programs: frozenset[str]
    categories: frozenset[str]
    methods: frozenset[str]
    rules: frozenset[str]
    calendar: Calendar


def build_shapes(codes: Codes) -> dict[object, Shape]:
    """One shape for each question, and one (None) for a document whose question is unknown."""
    category = one_of(codes.categories)
    common: dict[str, Reader] = {
        "program": one_of(codes.programs),
        "question": one_of(get_args(entries.Question)),
        "as_of": read_instant,
        "patient": _patient(category),
        "prescriber": _prescriber(),
    }
    request: dict[str, Reader] = {"request": _request(category)}
    dispense: dict[str, Reader] = {
        "pharmacy": _pharmacy(),
        "authorization": _authorization(category),
        "prescription": _prescription(category),
    }
    confirmation: dict[str, Reader] = {"confirmation": _confirmation()}
    lists = {name: (list_of(shape), ()) for name, shape in _lists(codes, category).items()}

    def shape(required: dict[str, Reader], optional: dict[str, Reader]) -> Shape:
        required = common | required
        may_be_null = lists | {name: (read, None) for name, read in optional.items()}
        build = _facts_builder((*required, *may_be_null))
        return Shape(
            build,
            required,
            may_be_null,
            lambda facts: compare_facts(facts, codes.calendar),
            lambda document: compare_readable(document, codes.calendar),
        )

    def refused(question: str) -> dict[str, Reader]:
        return dict.fromkeys(OF_THE_OTHER_QUESTION[question], _of_the_other_question)

    return {
        "authorize": shape(request, refused("authorize")),
        "dispense": shape(dispense, confirmation | refused("dispense")),
        None: shape({}, request | dispense | confirmation),
    }


def _facts_builder(names: tuple[str, ...]) -> Callable[..., Facts]:
    return lambda *values: Facts(**dict(zip(names, values, strict=True)))


def _of_the_other_question(_value: object) -> NoReturn:
    wrong("This object belongs to the other question. Remove it.")


def _lists(codes: Codes, category: Reader) -> dict[str, Shape]:
    calendar = codes.calendar
    return {
        "agreements": Shape(
            entries.Agreement,
            {
                "risk_category": category,
                "prescriber": read_code,
                "signer": one_of(get_args(entries.Signer)),
            },
            {
                "patient_signed_at": _NULLABLE_INSTANT,
                "prescriber_signed_at": _NULLABLE_INSTANT,
            },
        ),
        "pregnancy_tests": Shape(
            entries.PregnancyTest,
            {
                "collected_at": read_instant,
                "resulted_at": read_instant,
                "result": one_of(get_args(entries.Result)),
                "sensitivity_miu_ml": read_quantity,
                "specimen": one_of(get_args(entries.Specimen)),
            },
            {"withdrawn_at": _NULLABLE_INSTANT},
            _in_order("collected_at", "resulted_at", "withdrawn_at"),
        ),
        "contraception": _contraception(codes),
        "obligations": Shape(
            entries.ObligationsAttestation,
            {
                "attested_at": read_instant,
                "condom": read_boolean,
                "abstinence": read_boolean,
                "no_sperm_donation": read_boolean,
                "no_blood_donation": read_boolean,
                "no_sharing": read_boolean,
            },
        ),
        "bleeding_reports": Shape(
            entries.BleedingReport,
            {"reported_at": read_instant, "kind": one_of(get_args(entries.BleedingKind))},
            {"withdrawn_at": _NULLABLE_INSTANT},
            _in_order("reported_at", "withdrawn_at"),
        ),
        "counseling": Shape(entries.Counseling, {"given_at": read_instant}, {"topics": _CODES}),
        "patient_surveys": Shape(
            entries.PatientSurvey, {"completed_at": read_instant, "used": read_boolean}
        ),
        "interventions": Shape(
            entries.Intervention,
            {"opened_at": read_instant},
            {"resolved_at": _NULLABLE_INSTANT},
            _in_order("opened_at", "resolved_at"),
        ),
        "pregnancy_cases": Shape(
            entries.PregnancyCase,
            {"reported_at": read_instant, "subject": one_of(get_args(entries.Subject))},
            {
                "closed_at": _NULLABLE_INSTANT,
                "outcome": (one_of(get_args(entries.Outcome)), None),
            },
            _check_case,
        ),
        "authorizations": Shape(
            entries.EarlierAuthorization,
            {
                "issued_at": read_instant,
                "expires_at": read_instant,
                "state": one_of(get_args(entries.AuthorizationState)),
            },
            check=_in_order("issued_at", "expires_at"),
        ),
        "dispenses": Shape(
            entries.Dispense,
            {
                "dispensed_at": read_instant,
                "days_supply": read_count,
                "risk_category": category,
                "authorized": read_boolean,
            },
            {"returned_at": _NULLABLE_INSTANT, "stopped_on": _NULLABLE_DATE},
            lambda dispense: _check_dispense(dispense, calendar),
        ),
        "overrides": Shape(
            entries.Override,
            {"rule": one_of(codes.rules), "granted_at": read_instant, "expires_at": read_instant},
            check=_in_order("granted_at", "expires_at"),
        ),
    }


def _patient(category: Reader) -> Shape:
    basis = Shape(
        entries.CategoryBasis, {"kind": one_of(get_args(entries.BasisKind)), "on": read_date}
    )
    return Shape(
        entries.Patient,
        {"date_of_birth": read_date, "risk_category": category, "breastfeeding": read_boolean},
        {
            "category_basis": (basis, None),
            "cycle": (one_of(get_args(entries.Cycle)), None),
            "advisory_flags": _CODES,
        },
        _check_patient,
    )


def _prescriber() -> Shape:
    return Shape(
        entries.Prescriber,
        {"id": read_code, "status": one_of(get_args(entries.Status))},
        {"covers": _CODES},
    )


def _pharmacy() -> Shape:
    return Shape(
        entries.Pharmacy,
        {"id": read_code, "status": one_of(get_args(entries.Status))},
        {"certified_until": _NULLABLE_DATE},
    )


def _contraception(codes: Codes) -> Shape:
    return Shape(
        entries.ContraceptionAttestation,
        {
            "attested_at": read_instant,
            "recorded_at": read_instant,
            "abstinence": read_boolean,
            "lapse": read_boolean,
        },
        {
            "methods": (list_of(one_of(codes.methods)), ()),
            "in_use_since": _NULLABLE_DATE,
            "withdrawn_at": _NULLABLE_INSTANT,
        },
        lambda attestation: _check_contraception(attestation, codes.calendar),
    )


def _request(category: Reader) -> Shape:
    survey = Shape(
        entries.PrescriberSurvey, {"completed_at": read_instant, "risk_category": category}
    )
    return Shape(
        entries.Request,
        {"product": read_code, "strength_mg": read_quantity, "days_supply": read_integer},
        {"indication": (read_code, None), "prescriber_survey": (survey, None)},
    )


def _authorization(category: Reader) -> Shape:
    return Shape(
        entries.Authorization,
        {
            "issued_at": read_instant,
            "expires_at": read_instant,
            "state": one_of(get_args(entries.AuthorizationState)),
            "risk_category": category,
            "product": read_code,
            "strength_mg": read_quantity,
            "days_supply": read_integer,
        },
        check=_in_order("issued_at", "expires_at"),
    )


def _confirmation() -> Shape:
    return Shape(
        entries.Confirmation,
        {
            "pharmacy": read_code,
            "issued_at": read_instant,
            "expires_at": read_instant,
            "handover": one_of(get_args(entries.Handover)),
        },
        check=_in_order("issued_at", "expires_at"),
    )


def _prescription(category: Reader) -> Shape:
    return Shape(
        entries.Prescription,
        {
            "risk_category": category,
            "product": read_code,
            "strength_mg": read_quantity,
            "days_supply": read_integer,
        },
    )


def _in_order(begin: str, *ends: str) -> Callable[[Any], Iterable[Problem]]:
    """A check that no end comes before the beginning."""
    begins_at = attrgetter(begin)
    ends_at = tuple((name, attrgetter(name)) for name in ends)

    def check(record: object) -> Iterable[Problem]:
        beginning = begins_at(record)
        problems: tuple[Problem, ...] = ()
        for name, read in ends_at:
            end = read(record)
            if end is not None and end < beginning:
                problems += ((f"/{name}", f"This is before {begin}. Correct one of the two."),)
        return problems

    return check


_case_in_order: Final = _in_order("reported_at", "closed_at")
_dispense_in_order: Final = _in_order("dispensed_at", "returned_at")
_attestation_in_order: Final = _in_order("attested_at", "recorded_at", "withdrawn_at")


def _check_case(case: entries.PregnancyCase) -> Iterable[Problem]:
    yield from _case_in_order(case)
    if case.closed_at is not None and case.outcome is None:
        yield "/outcome", "A closed case needs its outcome."
    if case.closed_at is None and case.outcome is not None:
        yield "/closed_at", "A case with an outcome needs the instant at which it was closed."


def _check_dispense(dispense: entries.Dispense, calendar: Calendar) -> Iterable[Problem]:
    problems = _dispense_in_order(dispense)
    if dispense.stopped_on is not None and (
        dispense.stopped_on.toordinal() < calendar.day(dispense.dispensed_at)
    ):
        message = "This is before the day of the dispense in the program's zone. Correct it."
        return (*problems, ("/stopped_on", message))
    return problems


def _check_contraception(
    attestation: entries.ContraceptionAttestation, calendar: Calendar
) -> Iterable[Problem]:
    problems = _attestation_in_order(attestation)
    if attestation.in_use_since is not None and (
        attestation.in_use_since.toordinal() > calendar.day(attestation.attested_at)
    ):
        message = "This is after the day of the attestation in the program's zone. Correct it."
        return (*problems, ("/in_use_since", message))
    return problems


def _check_patient(patient: entries.Patient) -> Iterable[Problem]:
    basis = patient.category_basis
    if basis is not None and patient.date_of_birth > basis.on:
        message = "This is before the date of birth. Correct one of the two."
        return (("/category_basis/on", message),)
    return ()
