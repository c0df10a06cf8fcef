"""The forms that record what is known about a patient. The words that are misread are spelled out.

Each reads entries only; the services judge them.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from apps.evidence.models import BleedingReport, HealthStatus, PregnancyCase, PregnancyTest
from apps.portal.fields import InstantOrDayField, MemorableDateField
from apps.portal.forms import PortalForm
from apps.portal.words import ADVISORY_FLAGS, METHODS
from apps.rules.documents import Item

TOPICS = [
    ("contraception", "Contraception: what must be used, from when until when"),
    ("emergency_contraception", "Emergency contraception: when, and how to get it"),
    ("birth_defects", "Birth defects: the drug can harm an unborn baby severely"),
    ("no_sharing", "No sharing of capsules, no blood donation"),
]
YES_NO = [("yes", "Yes"), ("no", "No")]


class TestForm(PortalForm):
    """A pregnancy test: its time is when the specimen was collected."""

    asks_for: ClassVar = {
        "collected_at": "L-SRC-2",
        "result": "L-PT-3",
        "sensitivity_miu_ml": "L-PT-1",
    }

    collected_at = InstantOrDayField(label="Specimen collected")
    resulted_at = InstantOrDayField(label="Result known")
    result = forms.ChoiceField(
        label="Result", choices=PregnancyTest.Result.choices, widget=forms.RadioSelect
    )
    specimen = forms.ChoiceField(
        label="Specimen",
        choices=PregnancyTest.Specimen.choices,
        widget=forms.RadioSelect,
    )
    sensitivity_miu_ml = forms.DecimalField(
        label="Sensitivity (mIU/mL)",
        help_text="As the test’s leaflet gives it; it must be 50 or less to count.",
        max_digits=7,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "rp-width-4"}),
    )
    laboratory = forms.CharField(label="Laboratory or place", max_length=120, required=False)


class ContraceptionForm(PortalForm):
    """What contraception the patient attests (L-CON-1 to 4)."""

    asks_for: ClassVar = {"methods": "L-CON-1", "in_use_since": "L-CON-2", "lapse": "L-CON-4"}

    attested_at = InstantOrDayField(label="When did the patient attest this?")
    abstinence = forms.BooleanField(label="No sex with a male partner", required=False)
    methods = forms.MultipleChoiceField(
        label="Methods used at the same time",
        help_text="At least one highly effective and one additional method are needed, unless "
        "there is no sex with a male partner.",
        choices=[
            (code, f"{label} – {kind}")
            for kind, codes in (
                ("highly effective", list(METHODS)[:8]),
                ("additional", list(METHODS)[8:11]),
                ("not sufficient", list(METHODS)[11:]),
            )
            for code, label in ((code, METHODS[code]) for code in codes)
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    in_use_since = MemorableDateField(
        label="All of these in use without a break since",
        help_text="Leave empty if the methods are unchanged since the last attestation.",
        required=False,
    )
    lapse = forms.ChoiceField(
        label="Was there a lapse: a day without them, or unprotected sex?",
        choices=YES_NO,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, is_first: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_first:
            ask_since_when(self.fields["in_use_since"])

    def clean(self) -> dict[str, Any]:
        """Something is said: abstinence or methods, or that there was a lapse."""
        cleaned = super().clean() or self.cleaned_data
        check_methods(self, cleaned)
        return cleaned


def ask_since_when(field: forms.Field) -> None:
    """A first attestation without its day would count from today, whatever is told later."""
    field.required = True
    field.help_text = "The four weeks before treatment count from this day: today, if they begin."


def check_methods(form: PortalForm, cleaned: dict[str, Any]) -> None:
    """Something is said of contraception: abstinence or methods, or that there was a lapse."""
    if cleaned.get("lapse") == "yes" and form.has_error("in_use_since", "required"):
        form.errors.pop("in_use_since", None)
        cleaned["in_use_since"] = None
    said = cleaned.get("abstinence") or cleaned.get("methods")
    if not said and cleaned.get("lapse") == "no":
        form.add_error("methods", "Choose the methods, or tick “No sex with a male partner” above.")


class ObligationsForm(PortalForm):
    """The obligations that the patient attests (L-CON-6)."""

    asks_for: ClassVar = {"attested_at": "L-CON-6"}

    attested_at = InstantOrDayField(label="When did the patient attest this?")
    no_blood_donation = forms.BooleanField(
        label="Will not donate blood", help_text="Until 4 weeks after the end.", required=False
    )
    no_sharing = forms.BooleanField(label="Will not share the capsules", required=False)
    condom = forms.BooleanField(
        label="Uses a latex or synthetic condom each time",
        help_text="With a female who is or can become pregnant; also after a vasectomy.",
        required=False,
    )
    abstinence = forms.BooleanField(
        label="No sex with a female who is or can become pregnant", required=False
    )
    no_sperm_donation = forms.BooleanField(
        label="Will not donate sperm", help_text="Until 4 weeks after the end.", required=False
    )

    def __init__(self, *args: Any, female: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if female:
            for name in ("condom", "abstinence", "no_sperm_donation"):
                del self.fields[name]

    def attested(self) -> dict[str, Any]:
        """Every promise; those that were not asked for are not made."""
        names = ("condom", "abstinence", "no_sperm_donation", "no_blood_donation", "no_sharing")
        return {name: bool(self.cleaned_data.get(name)) for name in names}


class CounselingForm(PortalForm):
    """Counseling given for a supply (L-SUR-4)."""

    asks_for: ClassVar = {"topics": "L-SUR-4"}

    given_at = InstantOrDayField(label="When was it given?")
    topics = forms.MultipleChoiceField(
        label="Topics", choices=TOPICS, widget=forms.CheckboxSelectMultiple
    )


class HealthForm(PortalForm):
    """Cycle, breastfeeding, and what the advisories look at, as they are now."""

    asks_for: ClassVar = {"cycle": "L-PT-4", "breastfeeding": "L-CON-7"}

    cycle = forms.ChoiceField(
        label="Menstrual cycle",
        choices=HealthStatus.Cycle.choices,
        widget=forms.RadioSelect,
    )
    breastfeeding = forms.ChoiceField(
        label="Breastfeeding?", choices=YES_NO, widget=forms.RadioSelect
    )
    advisory_flags = forms.MultipleChoiceField(
        label="Which of these is so?",
        help_text="They inform; they never block.",
        choices=list(ADVISORY_FLAGS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, female: bool, pregnancy_path: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not pregnancy_path:
            del self.fields["cycle"]
        if not female:
            del self.fields["breastfeeding"]


class BreastfeedingForm(PortalForm):
    """Nothing to fill in: sending it says that the patient breastfeeds (L-CON-7)."""


class SurveyForm(PortalForm):
    """A patient's answers, given on paper or by phone."""

    asks_for: ClassVar = {"completed_at": "L-SUR-2"}

    completed_at = InstantOrDayField(label="When did the patient answer?")

    def __init__(self, *args: Any, items: tuple[Item, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [item.code for item in items]
        for item in items:
            self.fields[item.code] = forms.ChoiceField(
                label=item.text, choices=YES_NO, widget=forms.RadioSelect
            )

    def answers(self) -> Mapping[str, str]:
        """The answer of each question."""
        return {code: self.cleaned_data[code] for code in self.codes}

    @staticmethod
    def own_names(items: tuple[Item, ...]) -> Mapping[str, str]:
        """The service's field names and the form's."""
        return {f"answers.{item.code}": item.code for item in items}


class BleedingForm(PortalForm):
    """A missed period or abnormal menstrual or vaginal bleeding (L-PT-8)."""

    asks_for: ClassVar = {"kind": "L-PT-8"}

    kind = forms.ChoiceField(
        label="What was reported?",
        help_text="Menstrual or vaginal bleeding only; not a nosebleed or a bruise.",
        choices=BleedingReport.Kind.choices,
        widget=forms.RadioSelect,
    )
    reported_at = InstantOrDayField(label="When was it reported?")


class PregnancyForm(PortalForm):
    """A suspected pregnancy (L-PRG-1)."""

    asks_for: ClassVar = {"subject": "L-PRG-1"}

    subject = forms.ChoiceField(
        label="Who may be pregnant?",
        choices=PregnancyCase.Subject.choices,
        widget=forms.RadioSelect,
    )
    source = forms.CharField(
        label="Who or what reports it?",
        help_text="For example: the patient by phone; a home test.",
        max_length=200,
    )
    reported_at = InstantOrDayField(label="When was it reported?")

    def __init__(self, *args: Any, female: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if female:
            # The partner of a woman is no matter of the program: she is asked of nobody else.
            own = PregnancyCase.Subject.PATIENT
            self.fields["subject"].choices = [(own.value, own.label)]  # type: ignore[attr-defined]
            self.fields["subject"].initial = own.value
        else:
            self.fields["subject"].initial = "partner"


class ReasonForm(PortalForm):
    """Why something is withdrawn, cancelled or returned."""

    reason = forms.CharField(
        label="Reason", max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )
