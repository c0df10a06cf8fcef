"""The forms by which the office enters what came by phone, fax or paper (L-SRC-1); one a kind."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms

from apps.backoffice.actions import ActionForm
from apps.backoffice.instants import DayInput, InstantField, program_zone, told
from apps.core import clock
from apps.core.errors import CommandError, InvalidRequest
from apps.core.scan_field import ScanField
from apps.evidence.models import BleedingReport, HealthStatus, Intake, PregnancyCase, PregnancyTest
from apps.evidence.selectors import is_contraception_attested
from apps.evidence.services.intakes import Source
from apps.oversight import callers
from apps.patients import selectors as patients
from apps.patients.models import Agreement, Patient
from apps.providers.models import Prescriber
from apps.rules.documents import document
from apps.rules.policy import policy_in_force, programs

IN_CONTENT = "content."
ANSWER = "answer_"
NOBODY = [("", "Nobody")]
NOT_KNOWN: Final = "not_known"


class IntakeForm(ActionForm):
    """Who said it, on whose behalf, how that was verified; a subclass adds what was said."""

    kind: ClassVar[str] = ""
    said: ClassVar[tuple[str, ...]] = ()
    asked_now: ClassVar[str] = ""
    """The time that is now where somebody is on the phone: they are asked while they speak."""

    channel = forms.ChoiceField(label="It came by", choices=Intake.Channel.choices)
    told_by = forms.ChoiceField(label="Told by", choices=Intake.ToldBy.choices)
    told_by_name = forms.CharField(label="Name of who told or signed it", max_length=120)
    prescriber_id = forms.ChoiceField(
        label="Prescriber who stands for it",
        required=False,
        help_text="On whose behalf, or who verified a test.",
    )
    verification = forms.ChoiceField(
        label="How you verified that",
        choices=[("", "Not by phone: nothing"), *Intake.Verification.choices],
        required=False,
    )
    verification_note = forms.CharField(label="Note on it", max_length=400, required=False)
    scan = ScanField(
        required=False, help_text="PDF, PNG or JPEG, at most 5 MB. By fax or on paper: needed."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.record, Patient):
            colleagues = Prescriber.objects.filter(practice=self.record.prescriber.practice_id)
            _offer(
                self, "prescriber_id", NOBODY + [(str(each.pk), str(each)) for each in colleagues]
            )
            self.know(self.record)
            self._know_who_speaks(self.record)

    def _know_who_speaks(self, patient: Patient) -> None:
        """What the call center verified in this call needs not be typed again."""
        call = self.request.GET.get(callers.CALL, "")
        contact = callers.present(self.request.session, patient.pk, clock.now(), call)
        if contact is not None:
            for name in ("channel", "told_by", "told_by_name", "verification"):
                self.fields[name].initial = getattr(contact, name)
            if contact.channel == Intake.Channel.PHONE and self.asked_now:
                self.fields[self.asked_now].initial = clock.now().astimezone(program_zone())
            if contact.told_by == Intake.ToldBy.PRESCRIBER:
                self.fields["prescriber_id"].initial = str(patient.prescriber_id)

    def know(self, patient: Patient) -> None:
        """Offer what depends on the patient."""

    def clean(self) -> dict[str, Any]:
        """What was entered, as the service takes it."""
        entered = super().clean() or {}
        if not self.errors:
            entered |= {"source": self.source(), "content": self.content()}
        return entered

    def clean_scan(self) -> bytes | None:
        """The bytes of the file."""
        scan = self.cleaned_data["scan"]
        return scan.read() if scan else None

    def source(self) -> Source:
        """Where it comes from."""
        entered = self.cleaned_data
        named = entered["prescriber_id"]
        return Source(
            channel=entered["channel"],
            told_by=entered["told_by"],
            told_by_name=entered["told_by_name"],
            prescriber_id=UUID(named) if named else None,
            verification=entered["verification"],
            verification_note=entered["verification_note"],
        )

    def content(self) -> dict[str, Any]:
        """What was said, as the intake keeps it."""
        values = {name: self.cleaned_data[name] for name in self.said}
        return {name: _plain(value) for name, value in values.items() if value is not None}

    def show(self, error: CommandError) -> None:
        """Errors of the content beside its fields."""
        if isinstance(error, InvalidRequest):
            fields = {
                name.removeprefix(IN_CONTENT).replace("answers.", ANSWER): message
                for name, message in error.fields.items()
            }
            error = InvalidRequest(error.message, fields)
        super().show(error)


def _offer(form: forms.Form, name: str, choices: Any) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def yes_no(label: str) -> forms.TypedChoiceField:
    """A question that is never answered by leaving it out."""
    return forms.TypedChoiceField(
        label=label,
        choices=[("", "Choose"), ("yes", "Yes"), ("no", "No")],
        coerce=lambda value: value == "yes",
    )


def at(label: str) -> InstantField:
    """The real time."""
    return InstantField(
        label=f"{label} at",
        required=False,
    )


def on(label: str) -> forms.DateField:
    """The day, where only that is known."""
    return forms.DateField(
        label=f"{label} on",
        required=False,
        widget=DayInput,
        help_text="Instead, where only the day is known.",
    )


class ProgramForm(IntakeForm):
    """What is said for one program."""

    program = forms.ChoiceField()

    def know(self, patient: Patient) -> None:
        _offer(self, "program", [(name, name) for name in programs()])
        self.fields["program"].initial = patients.program_of(patient)


class TestForm(IntakeForm):
    """A pregnancy test."""

    kind = Intake.Kind.PREGNANCY_TEST
    said = (
        "result",
        "sensitivity_miu_ml",
        "specimen",
        "collected_at",
        "collected_on",
        "resulted_at",
        "resulted_on",
        "laboratory",
    )
    result = forms.ChoiceField(choices=PregnancyTest.Result.choices)
    sensitivity_miu_ml = forms.DecimalField(
        label="Sensitivity (mIU/mL)",
        max_digits=7,
        decimal_places=2,
        help_text="As the test’s leaflet gives it; it must be 50 or less to count.",
    )
    specimen = forms.ChoiceField(choices=PregnancyTest.Specimen.choices)
    collected_at, collected_on = at("Collected"), on("Collected")
    resulted_at, resulted_on = at("Result known"), on("Result known")
    laboratory = forms.CharField(max_length=120, required=False)


class ContraceptionForm(ProgramForm):
    """What contraception is used."""

    kind = Intake.Kind.CONTRACEPTION
    said = (
        "program",
        "abstinence",
        "methods",
        "in_use_since",
        "lapse",
        "attested_at",
        "attested_on",
    )
    abstinence = yes_no("No sex with a male partner")
    methods = forms.MultipleChoiceField(required=False)
    in_use_since = forms.DateField(required=False, widget=DayInput)
    lapse = yes_no("There was a lapse")
    attested_at, attested_on = at("Said"), on("Said")
    is_first = False

    def know(self, patient: Patient) -> None:
        super().know(patient)
        policy = policy_in_force(patients.program_of(patient) or programs()[0], clock.now())
        methods = sorted(policy.methods)
        _offer(self, "methods", [(code, code.replace("_", " ")) for code in methods])
        self.is_first = not is_contraception_attested(patient.pk)

    def clean(self) -> dict[str, Any]:
        """A first attestation without its day would count from when it was said, for good."""
        untold = not self.cleaned_data.get("lapse") and not self.cleaned_data.get("in_use_since")
        if self.is_first and untold and "in_use_since" not in self.errors:
            self.add_error("in_use_since", "It is the first attestation: ask since when.")
        return super().clean()


class ObligationsForm(IntakeForm):
    """The obligations that are promised."""

    kind = Intake.Kind.OBLIGATIONS
    said = (
        "condom",
        "abstinence",
        "no_sperm_donation",
        "no_blood_donation",
        "no_sharing",
        "attested_at",
        "attested_on",
    )
    condom = yes_no("Condom, also after vasectomy")
    abstinence = yes_no("Abstinence")
    no_sperm_donation = yes_no("No sperm donation")
    no_blood_donation = yes_no("No blood donation")
    no_sharing = yes_no("No sharing")
    attested_at, attested_on = at("Said"), on("Said")


class CounselingForm(ProgramForm):
    """Counseling that the prescriber gave."""

    kind = Intake.Kind.COUNSELING
    said = ("program", "topics", "given_at", "given_on")
    topics = forms.MultipleChoiceField(
        choices=[
            ("contraception", "contraception"),
            ("emergency_contraception", "emergency contraception"),
        ],
        required=False,
    )
    given_at, given_on = at("Given"), on("Given")


class HealthForm(IntakeForm):
    """Cycle and breastfeeding; what else is on record of the health stays as it is."""

    kind = Intake.Kind.HEALTH_STATUS
    said = ("cycle", "breastfeeding")
    cycle = forms.ChoiceField(
        choices=[(NOT_KNOWN, "Not known"), *HealthStatus.Cycle.choices],
        help_text="Where nothing was said of it, it begins with what is on record.",
    )
    breastfeeding = yes_no("Breastfeeding")
    flags: tuple[str, ...] = ()

    def know(self, patient: Patient) -> None:
        known = HealthStatus.objects.filter(patients.about(patient.pk), withdrawn_at=None)
        latest = known.order_by("recorded_at").last()
        # An irregular cycle asks for more tests (L-PT-4): silence does not end it.
        self.fields["cycle"].initial = latest.cycle if latest else ""
        self.flags = tuple(latest.advisory_flags) if latest else ()

    def content(self) -> dict[str, Any]:
        said = super().content()
        cycle = "" if said["cycle"] == NOT_KNOWN else said["cycle"]
        return {**said, "cycle": cycle, "advisory_flags": list(self.flags)}


class SurveyForm(ProgramForm):
    """The patient's answers, question by question."""

    kind = Intake.Kind.PATIENT_SURVEY
    said = ("program", "completed_at", "completed_on")
    asked_now = "completed_at"
    completed_at, completed_on = at("Answered"), on("Answered")

    def know(self, patient: Patient) -> None:
        super().know(patient)
        program = patients.program_of(patient) or programs()[0]
        category = patients.current_category(patient).risk_category
        for item in document(program, "patient_survey", category).items:
            self.fields[f"{ANSWER}{item.code}"] = forms.ChoiceField(
                label=item.text, choices=[("", "Choose"), ("yes", "Yes"), ("no", "No")]
            )

    def content(self) -> dict[str, Any]:
        answers = {
            name.removeprefix(ANSWER): value
            for name, value in self.cleaned_data.items()
            if name.startswith(ANSWER)
        }
        return {**super().content(), "answers": answers}


class BleedingForm(IntakeForm):
    """A missed period or bleeding."""

    kind = Intake.Kind.BLEEDING_REPORT
    said = ("kind", "reported_at", "reported_on")
    reported_at, reported_on = at("Reported"), on("Reported")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(choices=BleedingReport.Kind.choices)


class PregnancyForm(IntakeForm):
    """A suspected pregnancy."""

    kind = Intake.Kind.PREGNANCY_REPORT
    said = ("subject", "reported_at", "reported_on")
    subject = forms.ChoiceField(choices=PregnancyCase.Subject.choices)
    reported_at, reported_on = at("Reported"), on("Reported")

    def content(self) -> dict[str, Any]:
        return {**super().content(), "source": self.cleaned_data["told_by_name"]}


class SigningForm(IntakeForm):
    """When who signed."""

    said: ClassVar[tuple[str, ...]] = (
        "patient_signed_at",
        "patient_signed_on",
        "prescriber_signed_at",
        "prescriber_signed_on",
    )
    patient_signed_at, patient_signed_on = at("Patient signed"), on("Patient signed")
    prescriber_signed_at, prescriber_signed_on = at("Prescriber signed"), on("Prescriber signed")


class SignatureForm(SigningForm):
    """A signature that was still missing."""

    kind = Intake.Kind.AGREEMENT_SIGNATURE
    said = ("agreement_id", *SigningForm.said)
    agreement_id = forms.ChoiceField(label="Agreement")

    def know(self, patient: Patient) -> None:
        found = Agreement.objects.filter(patients.about(patient.pk), withdrawn_at=None)
        unsigned = [each for each in found if not _is_complete(each)]
        _offer(
            self,
            "agreement_id",
            [(str(each.pk), f"{each}, {told(each.recorded_at)}") for each in unsigned],
        )


def _is_complete(agreement: Agreement) -> bool:
    return bool(agreement.patient_signed_at and agreement.prescriber_signed_at)


class RenewalForm(SigningForm):
    """A new agreement for the present category."""

    kind = Intake.Kind.AGREEMENT_RENEWAL
    said = ("program", "signer", "signer_name", "signer_relationship", *SigningForm.said)
    program = forms.ChoiceField()
    signer = forms.ChoiceField(choices=Agreement.Signer.choices)
    signer_name = forms.CharField(max_length=120)
    signer_relationship = forms.CharField(max_length=60, required=False)

    def know(self, patient: Patient) -> None:
        _offer(self, "program", [(name, name) for name in programs()])
        self.fields["program"].initial = patients.program_of(patient)


FORMS: Final[tuple[type[IntakeForm], ...]] = (
    TestForm,
    ContraceptionForm,
    ObligationsForm,
    CounselingForm,
    HealthForm,
    SurveyForm,
    BleedingForm,
    PregnancyForm,
    SignatureForm,
    RenewalForm,
)
