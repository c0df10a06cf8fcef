"""Admin pages of what is known about safe use; corrections as actions with a reason."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from apps.audit.texts import as_read, as_told
from apps.backoffice.actions import ReasonForm, RecordAction, roles_of
from apps.backoffice.corrections import move, withdrawal
from apps.backoffice.naming import BY_PATIENT, NAMES, NUMBERS
from apps.backoffice.records import M, RecordAdmin
from apps.backoffice.shown import InWords, asked_and_said, in_lines, link, words_of
from apps.backoffice.signing import SignedAction
from apps.core.call import Call
from apps.evidence import services
from apps.evidence.models import (
    BleedingReport,
    ContraceptionAttestation,
    Counseling,
    HealthStatus,
    Intervention,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyTest,
    PrescriberSurvey,
    RuleException,
    SurveyUse,
)
from apps.rules.documents import Document
from apps.rules.policy import programs

PATIENT = link("patient", "patient", ordering="patient__family_name")
WITHDRAWN = ("withdrawn_at", admin.EmptyFieldListFilter)


class EvidenceAdmin(RecordAdmin[M]):
    """What every kind of evidence shares: it is about a patient."""

    patient = "patient_id"
    search_fields: ClassVar[tuple[str, ...]] = NAMES
    list_select_related: ClassVar[tuple[str, ...]] = ("patient",)
    numbered = NUMBERS
    ids: ClassVar[tuple[str, ...]] = ("patient__id",)
    search_help_text = BY_PATIENT


def _stands(entry: Any) -> bool:
    return entry.withdrawn_at is None


def _withdraw_test(call: Call, test: PregnancyTest, entered: dict[str, Any]) -> PregnancyTest:
    return services.withdraw_pregnancy_test(call, test_id=test.pk, reason=entered["reason"])


@admin.register(PregnancyTest)
class PregnancyTestAdmin(EvidenceAdmin[PregnancyTest]):
    """Pregnancy tests."""

    list_display = ("collected_at", PATIENT, "result", "specimen", "laboratory", "withdrawn_at")
    list_filter = ("result", "specimen", WITHDRAWN, "collected_at")
    date_hierarchy = "collected_at"
    ordering = ("-collected_at",)
    search_fields = (*NAMES, "laboratory")
    record_actions = (
        RecordAction(
            name="withdraw",
            label="Withdraw this test",
            explanation=(
                "For a test that was entered by mistake. It stays on record and counts no longer; "
                "an open authorization that may rest on it is void. A positive test is withdrawn "
                "by an administrator only, after adjudication; its pregnancy case stays open."
            ),
            form=ReasonForm,
            roles=roles_of(services.withdraw_pregnancy_test),
            carry_out=_withdraw_test,
            done="The test is withdrawn.",
            is_possible=_stands,
        ),
        move("pregnancy_test"),
    )


def _withdraw_report(call: Call, report: BleedingReport, entered: dict[str, Any]) -> BleedingReport:
    return services.withdraw_bleeding_report(call, report_id=report.pk, reason=entered["reason"])


@admin.register(BleedingReport)
class BleedingReportAdmin(EvidenceAdmin[BleedingReport]):
    """Missed periods and abnormal bleeding."""

    list_display = ("reported_at", PATIENT, "kind", "withdrawn_at")
    list_filter = ("kind", WITHDRAWN, "reported_at")
    date_hierarchy = "reported_at"
    ordering = ("-reported_at",)
    record_actions = (
        RecordAction(
            name="withdraw",
            label="Withdraw this report",
            explanation=(
                "For a report that was entered by mistake. It stays on record; the evaluation hold "
                "that it caused ends."
            ),
            form=ReasonForm,
            roles=roles_of(services.withdraw_bleeding_report),
            carry_out=_withdraw_report,
            done="The report is withdrawn.",
            is_possible=_stands,
        ),
        move("bleeding_report"),
    )


def _withdraw_contraception(
    call: Call, attestation: ContraceptionAttestation, entered: dict[str, Any]
) -> ContraceptionAttestation:
    return services.withdraw_contraception(
        call, attestation_id=attestation.pk, reason=entered["reason"]
    )


@admin.register(ContraceptionAttestation)
class ContraceptionAttestationAdmin(EvidenceAdmin[ContraceptionAttestation]):
    """What contraception patients attest."""

    list_display = ("attested_at", PATIENT, "abstinence", "methods", "lapse", "withdrawn_at")
    list_filter = ("abstinence", "lapse", WITHDRAWN, "attested_at")
    date_hierarchy = "attested_at"
    ordering = ("-attested_at",)
    record_actions = (
        RecordAction(
            name="withdraw",
            label="Withdraw this attestation",
            explanation=(
                "For an attestation that was entered by mistake. It stays on record and counts no "
                "longer; an open authorization is void."
            ),
            form=ReasonForm,
            roles=roles_of(services.withdraw_contraception),
            carry_out=_withdraw_contraception,
            done="The attestation is withdrawn.",
            is_possible=_stands,
        ),
        move("contraception"),
    )


class OutcomeForm(SignedAction):
    """How an intervention was resolved."""

    conclusion = forms.ChoiceField(choices=[("", "---------"), *Intervention.Conclusion.choices])
    contacted = forms.CharField(
        max_length=200, help_text="Whom you reached, and how; or that nobody had to be called."
    )
    outcome = forms.CharField(
        widget=forms.Textarea,
        max_length=1000,
        help_text="For the record: whom you spoke to, what was found, what was agreed.",
    )


def _resolve(call: Call, intervention: Intervention, entered: dict[str, Any]) -> Intervention:
    return services.resolve_intervention(
        call,
        intervention_id=intervention.pk,
        conclusion=entered["conclusion"],
        contacted=entered["contacted"],
        outcome=entered["outcome"],
    )


@admin.display(description="cause")
def cause(intervention: Intervention) -> str:
    """What opened it, in words."""
    return intervention.cause_in_words


@admin.display(description="questions")
def questions(intervention: Intervention) -> str:
    """What was asked, as the patient read it: whoever calls speaks about these."""
    if not intervention.questions:
        return "–"
    texts = {item.code: item.text for text in _asked(intervention) for item in text.items}
    lines = ((texts.get(code) or words_of(code),) for code in intervention.questions)
    return format_html_join(mark_safe("<br>"), "{}", lines)


def _asked(intervention: Intervention) -> Iterator[Document]:
    """The text of the survey; of answers that were never sent, that in which they were given."""
    survey = intervention.survey
    about = [survey.program] if survey else programs()
    for program in about:
        read = survey and as_read(program, "patient_survey", version=survey.text_version)
        yield read or as_told(program, "patient_survey", intervention.operation_id)


@admin.register(Intervention)
class InterventionAdmin(EvidenceAdmin[Intervention]):
    """At-risk answers and mismatches, to be resolved by the staff."""

    list_display = ("opened_at", PATIENT, "cause_in_words", "resolved_at", "outcome")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), ("cause", InWords), "opened_at")
    date_hierarchy = "opened_at"
    ordering = ("-opened_at",)
    search_fields = (*NAMES, "cause")
    instead: ClassVar = {"cause": cause, "questions": questions}
    decided_on = ("opened_at", questions)
    record_actions = (
        RecordAction(
            name="resolve",
            label="Resolve this intervention",
            explanation=(
                "The hold that it caused ends with the written outcome. It cannot be undone; a new "
                "at-risk answer opens a new intervention."
            ),
            form=OutcomeForm,
            roles=roles_of(services.resolve_intervention),
            carry_out=_resolve,
            done="The intervention is resolved.",
            is_possible=lambda intervention: intervention.resolved_at is None,
            bars=lambda call, intervention: services.why_not_resolve(call.actor, intervention),
        ),
    )


@admin.register(ObligationsAttestation)
class ObligationsAttestationAdmin(EvidenceAdmin[ObligationsAttestation]):
    """Condom or abstinence, no donation, no sharing."""

    record_actions = (withdrawal("obligations"), move("obligations"))
    list_display = ("attested_at", PATIENT, "condom", "abstinence", "no_sharing")
    list_filter = ("condom", "abstinence", "attested_at")
    date_hierarchy = "attested_at"
    ordering = ("-attested_at",)


@admin.register(Counseling)
class CounselingAdmin(EvidenceAdmin[Counseling]):
    """Counseling by prescribers."""

    record_actions = (withdrawal("counseling"), move("counseling"))
    list_display = ("given_at", PATIENT, "program", "topics")
    list_filter = ("program", "given_at")
    date_hierarchy = "given_at"
    ordering = ("-given_at",)


@admin.register(HealthStatus)
class HealthStatusAdmin(EvidenceAdmin[HealthStatus]):
    """Cycle, breastfeeding, advisories; the latest one of a patient holds."""

    record_actions = (withdrawal("health_status"), move("health_status"))
    list_display = ("recorded_at", PATIENT, "cycle", "breastfeeding", "advisory_flags")
    list_filter = ("cycle", "breastfeeding", "recorded_at")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)


@admin.register(RuleException)
class RuleExceptionAdmin(EvidenceAdmin[RuleException]):
    """Exceptions by two persons; requested from a patient's page, granted from the request's."""

    list_display = ("granted_at", PATIENT, "rule", "expires_at", "reason")
    list_filter = ("rule", "program", "granted_at")
    date_hierarchy = "granted_at"
    ordering = ("-granted_at",)
    search_fields = (*NAMES, "rule", "reason")
    ids = ("patient__id", "granted_by_id", "requested_by_id")


@admin.display(description="answers")
def patients_answers(survey: PatientSurvey) -> str:
    """Each question as the patient read it, with the answer."""
    return _answers(survey, "patient_survey")


@admin.display(description="answers")
def prescribers_answers(survey: PrescriberSurvey) -> str:
    """Each point as the prescriber read it, with the answer."""
    return _answers(survey, "prescriber_survey")


def _answers(survey: PatientSurvey | PrescriberSurvey, kind: str) -> str:
    """Of a text that was never kept here, the codes in words."""
    text = as_read(survey.program, kind, version=survey.text_version)
    return in_lines(asked_and_said(text, survey.answers))


@admin.register(PatientSurvey)
class PatientSurveyAdmin(EvidenceAdmin[PatientSurvey]):
    """Patients' answers."""

    record_actions = (withdrawal("patient_survey"), move("patient_survey"))
    list_display = ("completed_at", PATIENT, "at_risk", "text_version")
    list_filter = ("at_risk", "program", "completed_at")
    date_hierarchy = "completed_at"
    ordering = ("-completed_at",)
    instead: ClassVar = {"answers": patients_answers}


@admin.register(PrescriberSurvey)
class PrescriberSurveyAdmin(EvidenceAdmin[PrescriberSurvey]):
    """Prescribers' answers."""

    list_display = ("completed_at", PATIENT, "risk_category", "text_version")
    list_filter = ("risk_category", "program", "completed_at")
    date_hierarchy = "completed_at"
    ordering = ("-completed_at",)
    instead: ClassVar = {"answers": prescribers_answers}


@admin.register(SurveyUse)
class SurveyUseAdmin(RecordAdmin[SurveyUse]):
    """Which survey serves which authorization."""

    patient = "authorization.patient_id"
    list_display = (
        "recorded_at",
        link("survey", "survey"),
        link("authorization", "authorization"),
        link("authorization.patient", "patient"),
    )
    list_select_related = ("survey", "authorization__patient")
    list_filter = ("recorded_at",)
    ordering = ("-recorded_at",)
    search_fields = (
        "authorization__patient__given_name",
        "authorization__patient__family_name",
    )
    numbered = ("authorization__number",)
    ids = ("authorization__patient__id",)
    search_help_text = "The patient's name or id, or an authorization number."
