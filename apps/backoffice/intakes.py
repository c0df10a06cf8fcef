"""Admin pages of intakes: entered from a patient's page, checked by another person (L-SRC-1)."""

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import admin
from django.utils.html import format_html

from apps.audit.texts import as_told
from apps.backoffice.actions import ActionForm, ReasonForm, RecordAction, roles_of
from apps.backoffice.instants import told
from apps.backoffice.intake_forms import FORMS, IntakeForm
from apps.backoffice.naming import BY_PATIENT, NAMES, NUMBERS
from apps.backoffice.records import RecordAdmin
from apps.backoffice.scans import intake_scan
from apps.backoffice.shown import asked_and_said, in_lines, link, page_of, words_of
from apps.core.call import Call
from apps.evidence import services
from apps.evidence.models import Intake
from apps.patients.models import Agreement, Patient
from apps.rules.policy import programs

ANSWERS, AGREEMENT, PROGRAM = "answers", "agreement_id", "program"
NAMED: Final = {"sensitivity_miu_ml": "Sensitivity (mIU/mL)"}


def _is_kept(patient: Patient) -> bool:
    return patient.merged_into_id is None


def _entering(form: type[IntakeForm]) -> RecordAction:
    def enter(call: Call, patient: Patient, entered: dict[str, Any]) -> Intake:
        return services.enter_intake(
            call,
            patient_id=patient.pk,
            kind=form.kind,
            content=entered["content"],
            source=entered["source"],
            scan=entered["scan"],
        )

    label = Intake.Kind(form.kind).label
    return RecordAction(
        name=f"intake-{form.kind.replace('_', '-')}",
        label=f"By phone, fax or paper: {label[0].lower()}{label[1:]}",
        explanation=(
            "Enter what the caller or the form says, with the real times. What takes eligibility "
            "away is in effect at once; anything else waits until another person has checked it."
        ),
        form=form,
        roles=roles_of(services.enter_intake),
        carry_out=enter,
        done="It is entered.",
        is_possible=_is_kept,
    )


ENTER_INTAKES: Final = tuple(_entering(form) for form in FORMS)


def _waits(intake: Intake) -> bool:
    return intake.state == Intake.State.WAITING


def _accept(call: Call, intake: Intake, entered: dict[str, Any]) -> Intake:
    del entered
    return services.accept_intake(call, intake_id=intake.pk)


def _refuse(call: Call, intake: Intake, entered: dict[str, Any]) -> Intake:
    return services.refuse_intake(call, intake_id=intake.pk, reason=entered["reason"])


@admin.display(description="content")
def said_in(intake: Intake) -> str:
    """What was said, as the second person compares it: each question with its answer."""
    return in_lines(_asked_and_said(intake))


def _asked_and_said(intake: Intake) -> Iterator[tuple[str, Any]]:
    for name, value in intake.content.items():
        if name == AGREEMENT:
            yield "Agreement", _agreement(value)
            continue
        if name != ANSWERS:
            yield NAMED.get(name, words_of(name)), value
            continue
        program = intake.content.get(PROGRAM) or programs()[0]
        asked = as_told(
            program, "patient_survey", intake.operation_id, risk_category=intake.risk_category
        )
        yield from asked_and_said(asked, value)


def _agreement(key: str) -> str:
    """The agreement that was signed, by its name, and its page, where the words are."""
    agreement = Agreement.objects.get(pk=key)
    named = f"{agreement}, {told(agreement.recorded_at)}"
    return format_html('<a href="{}">{}</a>', page_of(agreement), named)


def _bars(call: Call, intake: Intake) -> str:
    return services.why_not_check(call.actor, intake)


@admin.register(Intake)
class IntakeAdmin(RecordAdmin[Intake]):
    """What came by phone, fax or paper; another person than who entered it checks it."""

    patient = "patient_id"
    list_display = (
        "recorded_at",
        link("patient", "patient", ordering="patient__family_name"),
        "kind",
        "channel",
        "state",
        "checked_at",
    )
    list_select_related = ("patient",)
    list_filter = ("state", "kind", "channel", "recorded_at")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = (*NAMES, "told_by_name")
    numbered = NUMBERS
    ids = ("patient__id", "entered_by_id", "checked_by_id", "entry_id")
    search_help_text = BY_PATIENT
    instead = {"content": said_in, "scan": intake_scan}
    decided_on = ("kind", said_in, "channel", "told_by_name", "prescriber", intake_scan)
    record_actions = (
        RecordAction(
            name="accept",
            label="Accept this",
            explanation=(
                "Compare it with the scan, or call back. Accepted, it is on record with its real "
                "times and may make the patient eligible. Who entered it cannot accept it."
            ),
            form=ActionForm,
            roles=roles_of(services.accept_intake),
            carry_out=_accept,
            done="It is accepted and on record.",
            is_possible=_waits,
            bars=_bars,
        ),
        RecordAction(
            name="refuse",
            label="Refuse this",
            explanation="Nothing follows from it. Tell whoever sent it what is wrong.",
            form=ReasonForm,
            roles=roles_of(services.refuse_intake),
            carry_out=_refuse,
            done="It is refused.",
            is_possible=_waits,
            bars=_bars,
        ),
    )
