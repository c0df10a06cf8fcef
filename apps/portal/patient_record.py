"""A patient's record as tables: what was entered, newest first, and what became of it.

Presentation only. Survey answers are not shown: a guardian does not read a minor's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from apps.core import numbers
from apps.core.call import Actor, Role
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.evidence.models import ContraceptionAttestation
from apps.evidence.selectors import FormerRecord, PatientRecord
from apps.evidence.unsigned import has_newer_text
from apps.patients.models import Agreement
from apps.portal import answers
from apps.portal.patient_supplies import Supplies
from apps.portal.words import ending, method_list
from apps.prescriptions import selectors as prescriptions
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.rules.edition import Category

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the record; `empty` says what to do first."""

    heading: str
    columns: list[str]
    rows: list[Row]
    empty: str


def sections(
    record: PatientRecord, supplies: Supplies, category: Category, as_of: datetime
) -> list[Section]:
    """The tables that this risk category needs, in the order in which they are read."""
    made = [
        Section(
            "Authorizations",
            ["Issued", "Number", "State", "Until", "Prescription", "Action"],
            [_authorization(each, as_of) for each in supplies.authorizations],
            "No authorization has been issued yet.",
        ),
        Section(
            "Requests refused",
            ["Asked", "What was missing", "Answer"],
            [_refusal(each) for each in supplies.refused_requests],
            "No request was refused.",
        ),
        Section(
            "Refused at a pharmacy",
            ["Asked", "What for", "What was missing", "Answer"],
            [_refused_at_pharmacy(each) for each in supplies.refused_at_pharmacies],
            "No pharmacy was refused anything.",
        ),
        Section(
            "Dispenses",
            ["Dispensed", "Days", "Product", "Pharmacy", "State"],
            [_dispense(each) for each in supplies.dispenses],
            "Nothing has been dispensed yet.",
        ),
    ]
    if category.female:
        made.append(_tests(record))
    if category.pregnancy_path:
        made.append(_contraception(record))
    made += [_obligations(record), _counseling(record), _surveys(record)]
    if category.female:
        made += [_health(record), _bleeding(record)]
    made += [_cases(record), _interventions(record)]
    return made


def former_sections(former: FormerRecord, actor: Actor) -> list[Section]:
    """What a prescriber's side entered before the patient moved: without empty tables or actions.

    Dispenses are no entries of the prescriber's (L-ENR-5).
    """
    every = [
        Section(
            "Agreements",
            ["Category", "For the patient", "Signed", "Prescriber signed", "Action"],
            agreement_rows(former.agreements, actor),
            "",
        ),
        Section(
            "Authorizations",
            ["Issued", "Number", "State", "Until", "Prescription", "Action"],
            [_authorization(each, former.moved_at) for each in former.authorizations],
            "",
        ),
        *(
            table(former.record)
            for table in (
                _tests, _contraception, _obligations, _counseling, _surveys, _health, _bleeding,
                _cases, _interventions,
            )
        ),
    ]  # fmt: skip
    return [_without_actions(section) for section in every if section.rows]


def _without_actions(section: Section) -> Section:
    if section.columns[-1] != "Action":
        return section
    rows = [row[:-1] for row in section.rows]
    return replace(section, columns=section.columns[:-1], rows=rows)


def agreement_rows(agreements: Iterable[Agreement], actor: Actor) -> list[Row]:
    """The agreements, with a way to add a signature that is missing."""
    return [
        [
            _category(each),
            f"{each.signer_name} ({each.signer_relationship or each.get_signer_display()})",
            {"at": each.patient_signed_at} if each.patient_signed_at else _not_signed(each),
            {"at": each.prescriber_signed_at}
            if each.prescriber_signed_at
            else f"not signed yet by {each.prescriber.full_name}",
            _sign(each, actor),
        ]
        for each in agreements
    ]


def effective_state(each: Authorization | Confirmation, as_of: datetime) -> str:
    """The state as it is now: time changes it, whether or not a sweep has written it (L-AUT-7)."""
    if each.state in {"issued", "confirmed", "valid"} and each.expires_at < as_of:
        return "Expired"
    if isinstance(each, Authorization) and each.state == "confirmed":
        is_held = prescriptions.is_still_confirmed(each, as_of)
        return str((each.State.CONFIRMED if is_held else each.State.ISSUED).label)
    return each.get_state_display()


def is_open(each: Authorization, as_of: datetime) -> bool:
    """Whether a pharmacy can still dispense on it, or the prescriber cancel it."""
    return each.state in {"issued", "confirmed"} and each.expires_at >= as_of


def agreement_page(patient_id: UUID, agreements: Iterable[Agreement], actor: Actor) -> str:
    """Where an agreement is signed now: the one that waits for it, else a new one."""
    waiting = [
        each
        for each in agreements
        if each.withdrawn_at is None and None in (each.patient_signed_at, each.prescriber_signed_at)
    ]
    for each in waiting:
        if _can_be_signed(each, actor):
            return reverse("sign_agreement", args=[each.patient_id, each.pk])
    return "" if waiting else reverse("renew_agreement", args=[patient_id])


def _not_signed(agreement: Agreement) -> str:
    return "not signed yet" + ("; the text has changed since" if has_newer_text(agreement) else "")


def _can_be_signed(agreement: Agreement, actor: Actor) -> bool:
    """Whether a signature is missing that this person adds: a delegate never the prescriber's."""
    prescriber_signs = (
        actor.role is Role.PRESCRIBER and actor.prescriber_id == agreement.prescriber_id
    )
    return agreement.patient_signed_at is None or (
        agreement.prescriber_signed_at is None and prescriber_signs
    )


def _sign(agreement: Agreement, actor: Actor) -> Any:
    if not _can_be_signed(agreement, actor):
        return _withdrawing(agreement, "agreement")
    url = reverse("sign_agreement", args=[agreement.patient_id, agreement.pk])
    return {"text": "Sign", "url": url}


def _category(agreement: Agreement) -> Any:
    named = agreement.get_risk_category_display()
    if agreement.withdrawn_at is None:
        url = reverse("agreement_pdf", args=[agreement.patient_id, agreement.pk])
        return {"text": named, "url": url}
    return {"withdrawn": named, "reason": agreement.withdrawal_reason}


def _authorization(each: Authorization, as_of: datetime) -> Row:
    state = effective_state(each, as_of)
    if each.ended_reason and each.state == "void":
        state = f"{state}: {ending(each.ended_reason)}"
    action: Any = "–"
    if is_open(each, as_of):
        url = reverse("cancel_authorization", args=[each.patient_id, each.pk])
        action = {"text": "Cancel", "url": url}
    return [
        {"at": each.issued_at},
        {
            "text": numbers.grouped(each.number),
            "url": reverse("prescription", args=[each.patient_id, each.pk]),
        },
        state,
        {"at": each.expires_at},
        _prescription(each),
        action,
    ]


def _refusal(each: Decision) -> Row:
    url = reverse("decision", args=[each.patient_id, each.pk])
    return [{"at": each.recorded_at}, missing(each), {"text": "See why", "url": url}]


def _refused_at_pharmacy(each: Decision) -> Row:
    asked, *rest = _refusal(each)
    return [asked, each.get_act_display(), *rest]


def missing(each: Decision) -> str:
    """The titles of what was not met."""
    return "; ".join(line.label for line in answers.requirements(each.document) if not line.met)


def _prescription(each: Authorization) -> str:
    amount = f"{each.quantity} for {each.days_supply} days"
    return f"{each.product.capitalize()} {strength(each.strength_mg)}, {amount}"


def strength(milligrams: Any) -> str:
    """A strength without idle zeros: "2.5 mg"."""
    return f"{milligrams.normalize():f} mg"


def _dispense(each: Dispense) -> Row:
    return [
        {"at": each.dispensed_at},
        str(each.days_supply),
        f"{each.product.capitalize()} {strength(each.strength_mg)}",
        each.pharmacy.name if each.pharmacy else each.unknown_pharmacy,
        supply_state(each),
    ]


def supply_state(each: Dispense) -> str:
    """What became of a supply, and whether it was entered late (L-DSP-5, 7, 8)."""
    if each.withdrawn_at is not None:
        return "Withdrawn: entered by mistake"
    if each.return_entry is not None:
        return "Returned to stock: does not count"
    state = "Counts" if each.authorized else "Counts, recorded outside the rules"
    if (stop := each.stop_entry) is not None:
        # Of a parcel that never arrived this is the day on which it left, not that of the loss.
        since = f"{stop.stopped_on:%-d %B %Y}"
        state = f"{stop.get_kind_display()}: what was left does not count from {since} on"
    return f"{state}; entered late" if each.reported_late else state


def _said(each: Any, instant: datetime) -> dict[str, Any]:
    """When it happened: a date where only that is known; struck out where it is withdrawn."""
    known: dict[str, Any] = {"on" if each.date_only else "at": instant}
    if each.withdrawn_at is None:
        return known
    return {"withdrawn": known, "reason": each.withdrawal_reason}


def _withdrawing(each: Any, kind: str) -> Any:
    """The way to withdraw an entry that stands."""
    if each.withdrawn_at is not None:
        return "–"
    url = reverse("withdraw_entry", args=[each.patient_id, kind, each.pk])
    return {"text": "Withdraw", "url": url}


def _tests(record: PatientRecord) -> Section:
    def row(test: Any) -> Row:
        counts = test.get_result_display()
        if test.withdrawn_at:
            return [
                _said(test, test.collected_at), counts,
                test.get_specimen_display(), f"{test.sensitivity_miu_ml.normalize():f}", "–",
            ]  # fmt: skip
        action: Any = "–"
        if test.result != "positive":
            url = reverse("withdraw_test", args=[test.patient_id, test.pk])
            action = {"text": "Withdraw", "url": url}
        return [
            _said(test, test.collected_at), counts, test.get_specimen_display(),
            f"{test.sensitivity_miu_ml.normalize():f}", action,
        ]  # fmt: skip

    return Section(
        "Pregnancy tests",
        ["Collected", "Result", "Specimen", "Sensitivity (mIU/mL)", "Action"],
        [row(test) for test in record.tests],
        "No test is recorded yet.",
    )


def _contraception(record: PatientRecord) -> Section:
    return _section(
        "Contraception",
        ["Attested", "Methods", "In use since", "Lapse", "State"],
        record.contraception,
        lambda each: [
            _said(each, each.attested_at),
            "No sex with a male partner" if each.abstinence else method_list(each.methods),
            {"on": each.in_use_since} if each.in_use_since else "unchanged",
            _lapse(each),
            "Withdrawn" if each.withdrawn_at else "Stands",
        ],
        "No contraception is attested yet.",
    )


def _lapse(each: ContraceptionAttestation) -> str:
    if each.lapse and each.operation.name == evidence.merge_patients.__name__:
        return "Yes: two records were merged, and one of them was to begin anew"
    return "Yes" if each.lapse else "No"


def _obligations(record: PatientRecord) -> Section:
    names = {
        "no_blood_donation": "no blood donation",
        "no_sharing": "no sharing",
        "condom": "condom",
        "abstinence": "abstinence",
        "no_sperm_donation": "no sperm donation",
    }
    return _section(
        "Obligations",
        ["Attested", "Promised", "Action"],
        record.obligations,
        lambda each: [
            _said(each, each.attested_at),
            ", ".join(text for name, text in names.items() if getattr(each, name)) or "nothing",
            _withdrawing(each, "obligations"),
        ],
        "No obligations are attested yet.",
    )


def _counseling(record: PatientRecord) -> Section:
    return _section(
        "Counseling",
        ["Given", "Topics", "Action"],
        record.counseling,
        lambda each: [
            _said(each, each.given_at),
            ", ".join(topic.replace("_", " ") for topic in each.topics) or "not recorded",
            _withdrawing(each, "counseling"),
        ],
        "No counseling is recorded yet.",
    )


def _surveys(record: PatientRecord) -> Section:
    return _section(
        "Patient surveys",
        ["Answered", "Outcome", "Action"],
        record.surveys,
        lambda each: [
            _said(each, each.completed_at),
            "An answer needs follow-up" if each.at_risk else "No risk answered",
            _withdrawing(each, "patient_survey"),
        ],
        "No survey is recorded yet.",
    )


def _health(record: PatientRecord) -> Section:
    return _section(
        "Cycle and breastfeeding",
        ["Recorded", "Cycle", "Breastfeeding", "Action"],
        record.health,
        lambda each: [
            _said(each, each.recorded_at),
            each.get_cycle_display() or "not recorded",
            "Yes" if each.breastfeeding else "No",
            _withdrawing(each, "health_status"),
        ],
        "Nothing is recorded yet; a regular cycle is assumed for the dates of tests.",
    )


def _bleeding(record: PatientRecord) -> Section:
    return _section(
        "Missed periods and bleeding",
        ["Reported", "What", "State", "Action"],
        record.bleeding_reports,
        lambda each: [
            _said(each, each.reported_at),
            each.get_kind_display(),
            "Withdrawn" if each.withdrawn_at else "Stands",
            "–"
            if each.withdrawn_at
            else {
                "text": "Withdraw",
                "url": reverse("withdraw_report", args=[each.patient_id, each.pk]),
            },
        ],
        "Nothing was reported.",
    )


def _cases(record: PatientRecord) -> Section:
    return _section(
        "Pregnancy cases",
        ["Reported", "Who", "Source", "State", "Action"],
        record.cases,
        lambda each: [
            {"at": each.reported_at},
            each.get_subject_display(),
            each.source,
            f"Closed: {each.get_outcome_display()}" if each.closed_at else "Open: the staff act",
            {
                "text": "Follow-up",
                "url": reverse("pregnancy_case", args=[each.patient_id, each.pk]),
            },
        ],
        "There is no case.",
    )


def _interventions(record: PatientRecord) -> Section:
    return _section(
        "Interventions",
        ["Opened", "Cause", "State"],
        record.interventions,
        lambda each: [
            {"at": each.opened_at},
            each.cause_in_words,
            f"Resolved: {each.outcome}" if each.resolved_at else "Open: the program’s staff act",
        ],
        "There is no intervention.",
    )


def _section(
    heading: str, columns: list[str], entries: Iterable[Any], row: Callable[[Any], Row], empty: str
) -> Section:
    return Section(heading, columns, [row(entry) for entry in entries], empty)
