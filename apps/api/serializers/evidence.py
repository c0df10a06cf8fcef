"""Every kind of evidence: the form that records it, and the entry that shows it."""

from drf_spectacular.utils import extend_schema_field
from rest_framework.serializers import ModelSerializer, SerializerMethodField

from apps.api.fields import (
    Answers,
    Code,
    Codes,
    Day,
    Flag,
    Form,
    Instant,
    Program,
    Quantity,
    Text,
)
from apps.api.serializers.safety import GuidanceEntry
from apps.evidence.models import (
    BleedingReport,
    ContraceptionAttestation,
    Counseling,
    HealthStatus,
    Intervention,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyCase,
    PregnancyTest,
    RuleException,
)
from apps.rules.guidance import guidance

HEAD = ["id", "patient", "recorded_at"]
WITHDRAWAL = ["withdrawn_at", "withdrawal_reason"]
ONLY_DAY = "Instead of the instant, where only the day is known (L-SRC-2)."


class ReasonForm(Form):
    """Why, for the record."""

    reason = Text(max_length=400)


class PregnancyTestForm(Form):
    """A pregnancy test; its time is when the specimen was collected."""

    collected_at = Instant(required=False)
    collected_on = Day(required=False, help_text=ONLY_DAY)
    resulted_at = Instant(required=False)
    resulted_on = Day(required=False, help_text=ONLY_DAY)
    result = Code(choices=PregnancyTest.Result.choices)
    sensitivity_miu_ml = Quantity(help_text="In mIU/mL.")
    specimen = Code(choices=PregnancyTest.Specimen.choices)
    laboratory = Text(max_length=120, required=False, allow_blank=True)


class PregnancyTestEntry(ModelSerializer[PregnancyTest]):
    """A recorded pregnancy test."""

    sensitivity_miu_ml = Quantity()

    class Meta:
        model = PregnancyTest
        fields = [
            *HEAD,
            "collected_at",
            "resulted_at",
            "date_only",
            "result",
            "sensitivity_miu_ml",
            "specimen",
            "laboratory",
            *WITHDRAWAL,
        ]


class ContraceptionForm(Form):
    """What contraception a patient attests."""

    program = Program()
    attested_at = Instant(required=False)
    attested_on = Day(required=False, help_text=ONLY_DAY)
    abstinence = Flag()
    methods = Codes()
    in_use_since = Day(required=False, allow_null=True, default=None)
    lapse = Flag()


class ContraceptionEntry(ModelSerializer[ContraceptionAttestation]):
    """A recorded attestation of contraception."""

    class Meta:
        model = ContraceptionAttestation
        fields = [
            *HEAD,
            "attested_at",
            "date_only",
            "abstinence",
            "methods",
            "in_use_since",
            "lapse",
            *WITHDRAWAL,
        ]


class ObligationsForm(Form):
    """The obligations that a patient attests."""

    attested_at = Instant(required=False)
    attested_on = Day(required=False, help_text=ONLY_DAY)
    condom = Flag()
    abstinence = Flag()
    no_sperm_donation = Flag()
    no_blood_donation = Flag()
    no_sharing = Flag()


class ObligationsEntry(ModelSerializer[ObligationsAttestation]):
    """A recorded attestation of the obligations."""

    class Meta:
        model = ObligationsAttestation
        fields = [
            *HEAD,
            "attested_at",
            "date_only",
            "condom",
            "abstinence",
            "no_sperm_donation",
            "no_blood_donation",
            "no_sharing",
            *WITHDRAWAL,
        ]


class CounselingForm(Form):
    """Counseling given for one supply."""

    program = Program()
    given_at = Instant(required=False)
    given_on = Day(required=False, help_text=ONLY_DAY)
    topics = Codes(help_text="Among them: contraception, emergency_contraception.")


class CounselingEntry(ModelSerializer[Counseling]):
    """Recorded counseling."""

    class Meta:
        model = Counseling
        fields = [*HEAD, "program", "given_at", "date_only", "topics", *WITHDRAWAL]


class HealthStatusForm(Form):
    """Cycle, breastfeeding and advisory flags as they are now."""

    cycle = Code(choices=["regular", "irregular", "none", ""])
    breastfeeding = Flag()
    advisory_flags = Codes(required=False)


class HealthStatusEntry(ModelSerializer[HealthStatus]):
    """A recorded health status; the latest one holds."""

    class Meta:
        model = HealthStatus
        fields = [*HEAD, "cycle", "breastfeeding", "advisory_flags", *WITHDRAWAL]


class PatientSurveyForm(Form):
    """A patient's answers to the survey of the category."""

    program = Program()
    completed_at = Instant(required=False)
    completed_on = Day(required=False, help_text=ONLY_DAY)
    answers = Answers()


class PatientSurveyEntry(ModelSerializer[PatientSurvey]):
    """A recorded patient survey; a risky answer tells at once what the patient must do (L-SUR-3).

    Show `what_to_do` to the patient as soon as it is there.
    """

    answers = Answers()
    what_to_do = SerializerMethodField()

    @extend_schema_field(GuidanceEntry(many=True))
    def get_what_to_do(self, survey: PatientSurvey) -> list[dict[str, str]]:
        """The sentences that these answers call for; none where nothing is risky."""
        text = guidance(survey.program, survey.answers) if survey.at_risk else None
        return [{"code": item.code, "text": item.text} for item in text.items] if text else []

    class Meta:
        model = PatientSurvey
        fields = [
            *HEAD,
            "program",
            "completed_at",
            "date_only",
            "text_version",
            "text_language",
            "guidance_version",
            "what_to_do",
            "answers",
            "at_risk",
            *WITHDRAWAL,
        ]


class BleedingReportForm(Form):
    """A missed period or abnormal bleeding."""

    reported_at = Instant(required=False)
    reported_on = Day(required=False, help_text=ONLY_DAY)
    kind = Code(choices=BleedingReport.Kind.choices)


class BleedingReportEntry(ModelSerializer[BleedingReport]):
    """A recorded bleeding report."""

    class Meta:
        model = BleedingReport
        fields = [*HEAD, "reported_at", "date_only", "kind", *WITHDRAWAL]


class PregnancyCaseForm(Form):
    """A suspected pregnancy."""

    subject = Code(choices=PregnancyCase.Subject.choices)
    reported_at = Instant(required=False)
    reported_on = Day(required=False, help_text=ONLY_DAY)
    source = Text(max_length=200)  # type: ignore[assignment]


class PregnancyCaseClosureForm(Form):
    """The end of a case."""

    outcome = Code(choices=PregnancyCase.Outcome.choices)
    reason = Text(max_length=1000)
    waiver = Text(
        max_length=1000,
        required=False,
        allow_blank=True,
        help_text="Why the steps that are still open are waived, where there are some.",
    )


class PregnancyCaseEntry(ModelSerializer[PregnancyCase]):
    """A pregnancy case."""

    class Meta:
        model = PregnancyCase
        fields = [
            *HEAD,
            "subject",
            "reported_at",
            "date_only",
            "source",
            "test",
            "survey",
            "closed_at",
            "outcome",
            "closing_reason",
        ]


class ResolutionForm(Form):
    """What came of an intervention, who was contacted, and the written outcome."""

    conclusion = Code(choices=Intervention.Conclusion.choices)
    contacted = Text(max_length=200)
    outcome = Text(max_length=1000)


class InterventionEntry(ModelSerializer[Intervention]):
    """An intervention of the program's staff."""

    class Meta:
        model = Intervention
        fields = [
            *HEAD,
            "opened_at",
            "cause",
            "questions",
            "survey",
            "resolved_at",
            "conclusion",
            "contacted",
            "outcome",
        ]


class RuleExceptionEntry(ModelSerializer[RuleException]):
    """An exception granted."""

    class Meta:
        model = RuleException
        fields = [
            *HEAD,
            "program",
            "rule",
            "granted_at",
            "expires_at",
            "granted_by_id",
            "requested_by_id",
            "reason",
        ]
