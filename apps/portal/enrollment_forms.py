"""The forms of enrolling a patient: identity, facts that lead to the category, signatures.

They ask about organs and menses, never for a category: nobody can pick a wrong one. What the staff
enter from a faxed or mailed form is asked alike, but for its prescriber and without signatures.
"""

from datetime import date
from typing import Any, ClassVar

from django import forms

from apps.core.call import Actor
from apps.core.overtaken import PageForm
from apps.core.zones import US_ZONES
from apps.patients.selectors import Resemblance
from apps.patients.services import CategoryBasis, Identity, NotDuplicate
from apps.portal.fields import MemorableDateField
from apps.portal.forms import PortalForm
from apps.providers.models import Prescriber
from apps.providers.selectors import certified_prescribers
from apps.rules.calendar import birthday, plus_months
from apps.rules.edition import Policy

MOST = 6  # As many of one name as can be told apart in a line.
MALE = "male"
FERTILE = "fertile"
MENSES = "menses"
NO_MENSES = "no_menses"
MENOPAUSE = "natural_menopause"
BASES = {MENOPAUSE, "hysterectomy", "bilateral_oophorectomy"}
ADULT_ANSWERS = [
    (FERTILE, "Born with a uterus and ovaries, and none of the next three is true"),
    (
        MENOPAUSE,
        "Natural menopause: no menses for at least 24 consecutive months",
    ),
    ("hysterectomy", "The uterus was removed (hysterectomy)"),
    ("bilateral_oophorectomy", "Both ovaries were removed (bilateral oophorectomy)"),
    (MALE, "Born with a penis and testicles, without uterus and ovaries"),
]
CHILD_ANSWERS = [
    (MENSES, "Born with a uterus and ovaries, and menses have begun"),
    (NO_MENSES, "Born with a uterus and ovaries, and menses have not begun"),
    (MALE, "Born with a penis and testicles, without uterus and ovaries"),
]


class IdentityForm(PortalForm):
    """Who the patient is."""

    asks_for: ClassVar = {"born_on": "L-CAT-1", "postal_code": "L-PAT-1"}

    given_name = forms.CharField(label="Given name", max_length=60)
    family_name = forms.CharField(label="Family name", max_length=60)
    born_on = MemorableDateField(label="Date of birth")
    postal_code = forms.CharField(label="ZIP code", max_length=10)
    phone = forms.CharField(label="Phone", max_length=30, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    time_zone = forms.ChoiceField(
        label="The patient’s time zone",
        choices=list(US_ZONES.items()),
        initial=next(iter(US_ZONES)),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_born_on(self) -> date:
        """A date of birth lies in the past."""
        born_on: date = self.cleaned_data["born_on"]
        if born_on > self.today:
            raise forms.ValidationError("The date of birth cannot lie in the future.")
        return born_on

    def identity(self) -> Identity:
        """The patient's identity, from a valid form."""
        names = ("given_name", "family_name", "born_on", "postal_code", "phone", "email")
        return Identity(
            **{name: self.cleaned_data[name] for name in names},
            time_zone=self.cleaned_data["time_zone"],
        )


class FormIdentityForm(IdentityForm):
    """The same from a form that came to the program: how it came, and whose it is."""

    asks_for: ClassVar = {**IdentityForm.asks_for, "prescriber": "L-ENR-3"}
    field_order = ("channel", "prescriber")

    channel = forms.ChoiceField(
        label="How did the form come?",
        choices=[("fax", "By fax"), ("paper", "By mail, on paper")],
        widget=forms.RadioSelect,
    )
    prescriber = forms.CharField(
        label="Prescriber who signed the form",
        max_length=130,
        help_text="The NPI; or the name, where only one certified prescriber has it.",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_prescriber(self) -> Prescriber:
        """The one certified prescriber who is meant."""
        found = list(certified_prescribers(self.actor, self.cleaned_data["prescriber"])[:MOST])
        if not found:
            raise forms.ValidationError(
                "No certified prescriber has this NPI or name. Who is not certified enrolls "
                "nobody: send the form back."
            )
        if len(found) > 1:
            them = "; ".join(f"{each}, {each.practice.organization.name}" for each in found)
            raise forms.ValidationError(f"Several have this name: enter the NPI. {them}")
        return found[0]

    @property
    def whose(self) -> str:
        """Whose form it is and how it came, in words, of a valid form."""
        prescriber: Prescriber = self.cleaned_data["prescriber"]
        came = "fax" if self.cleaned_data["channel"] == "fax" else "mail"
        return f"The form of {prescriber}, {prescriber.practice.organization.name}, came by {came}."


class BodyForm(PageForm, PortalForm):
    """What decides the risk category: organs, menses and operations (rules §2)."""

    asks_for: ClassVar = {"body": "L-CAT-2"}

    body = forms.ChoiceField(label="Which of these is true?", widget=forms.RadioSelect)
    basis_on = MemorableDateField(
        label="Date of the last menses or of the operation",
        help_text="Only for menopause or an operation. If only month and year are known, enter "
        "the last day of the month.",
        required=False,
    )

    def __init__(
        self, *args: Any, born_on: date, today: date, policy: Policy, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.born_on, self.today, self.policy = born_on, today, policy
        adult_on = birthday(born_on, policy.parameters.adult_age_years)
        self.is_adult = today.toordinal() >= adult_on
        body = self.fields["body"]
        if self.is_adult:
            body.choices = ADULT_ANSWERS  # type: ignore[attr-defined]
            body.help_text = (
                "Tubal ligation, infertility, or menses that stopped because of cancer treatment "
                "change nothing: choose the first answer. So also if unsure."
            )
        else:
            body.choices = CHILD_ANSWERS  # type: ignore[attr-defined]
            del self.fields["basis_on"]

    def clean(self) -> dict[str, Any]:
        """An end of reproductive potential has its date, between birth and today."""
        cleaned = super().clean() or self.cleaned_data
        on = cleaned.get("basis_on")
        if cleaned.get("body") in BASES and "basis_on" not in self.errors:
            if on is None:
                self.add_error("basis_on", "Enter the date: this answer needs it.")
            elif not self.born_on <= on <= self.today:
                self.add_error("basis_on", "The date must lie between birth and today.")
        return cleaned

    @property
    def menopause_is_recent(self) -> bool:
        """Fewer than the policy's months since the last menses: still able to become pregnant."""
        on = self.cleaned_data.get("basis_on")
        if self.cleaned_data["body"] != MENOPAUSE or on is None:
            return False
        months = self.policy.parameters.menopause_months
        return self.today.toordinal() < plus_months(on.toordinal(), months)

    def risk_category(self) -> str:
        """The category that the answers lead to, from a valid form."""
        age = "adult" if self.is_adult else "child"
        body = self.cleaned_data["body"]
        if body == MALE:
            return f"{age}_male"
        able = body in {FERTILE, MENSES} or self.menopause_is_recent
        return f"{age}_{'frp' if able else 'fnrp'}"

    def basis(self) -> CategoryBasis | None:
        """Why there is no reproductive potential, where the category needs it (L-CAT-2)."""
        if self.risk_category() != "adult_fnrp":
            return None
        return CategoryBasis(kind=self.cleaned_data["body"], on=self.cleaned_data["basis_on"])


ON_PAPER, WITH_CODE = "paper", "code"
SIGNERS = {
    "patient": "The patient",
    "guardian": "A parent or guardian",
    "representative": "An authorized representative, because the patient cannot consent",
}


class SignatureForm(PageForm, PortalForm):
    """Who signs the agreement for the patient, and how; the prescriber signs at the page's end."""

    asks_for: ClassVar = {"signer": "L-CAT-4", "how": "L-ENR-3"}

    signer = forms.ChoiceField(label="Who signs for the patient?", widget=forms.RadioSelect)
    signer_name = forms.CharField(label="Name of who signs", max_length=120)
    signer_relationship = forms.CharField(
        label="Relationship to the patient",
        max_length=60,
        required=False,
        help_text="For a parent, guardian or representative.",
    )
    how = forms.ChoiceField(
        label="How do they sign?",
        help_text="Each way counts alike. Without this signature nothing can be authorized. "
        "Of a paper you attach a scan or a photo, next or later.",
        choices=[
            (ON_PAPER, "On paper, here now or earlier"),
            (WITH_CODE, "By themselves with a one-time code: on this screen, or by a link"),
        ],
        initial=ON_PAPER,
        widget=forms.RadioSelect,
    )

    def __init__(
        self, *args: Any, signers: tuple[str, ...], patient_name: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.patient_name = patient_name
        if patient_name and "patient" in signers:
            name = self.fields["signer_name"]
            name.required = False
            name.help_text = f"Left empty, it is the patient’s: {patient_name}."
        self.fields["signer"].choices = [  # type: ignore[attr-defined]
            (signer, SIGNERS[signer]) for signer in signers
        ]
        if len(signers) == 1:
            self.fields["signer"].initial = signers[0]
            self.fields["signer_relationship"].required = True

    def clean(self) -> dict[str, Any]:
        """Who signs for somebody says how they are related."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("signer") == "patient" and not cleaned.get("signer_name"):
            cleaned["signer_name"] = self.patient_name
        elif (
            cleaned.get("signer")
            and not cleaned.get("signer_name")
            and "signer_name" not in self.errors
        ):
            self.add_error("signer_name", "Enter the name of who signs.")
        represents = cleaned.get("signer") in {"guardian", "representative"}
        named = cleaned.get("signer_relationship") or "signer_relationship" in self.errors
        if represents and not named:
            self.add_error("signer_relationship", "Say how they are related to the patient.")
        return cleaned


class UnsignedAgreementForm(SignatureForm):
    """Who signs for the patient, by the form; when, is entered later with its scan."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["how"]


class DuplicatesForm(PageForm, PortalForm):
    """One decision for each registered patient whom the new one resembles (L-PAT-1).

    `sees_all`: to the program's people they are named.
    """

    def __init__(
        self,
        *args: Any,
        resemblances: list[Resemblance],
        sees_all: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.resemblances = resemblances
        for number, found in enumerate(resemblances, start=1):
            practice = found.patient.prescriber.practice.organization.name
            who = f"A patient of {practice}"
            if sees_all:
                who = f"{found.patient}, born {found.patient.born_on:%-d %B %Y}, of {practice}"
            self.fields[f"same_{found.patient.pk}"] = forms.ChoiceField(
                label=f"{number}. {who}: the same person?",
                help_text=f"Alike in: {', '.join(found.alike_in)}.",
                choices=[("no", "No, another person"), ("yes", "Yes, the same person")],
                widget=forms.RadioSelect,
            )
            self.fields[f"reason_{found.patient.pk}"] = forms.CharField(
                label=f"{number}. How do you know?",
                help_text="For example: compared the identity card; a twin.",
                max_length=400,
            )

    def same_person(self) -> Resemblance | None:
        """The registered patient who is the same person, if one was recognized."""
        for found in self.resemblances:
            if self.cleaned_data.get(f"same_{found.patient.pk}") == "yes":
                return found
        return None

    def decisions(self) -> tuple[NotDuplicate, ...]:
        """The decisions that the new patient is somebody else."""
        return tuple(
            NotDuplicate(
                patient_id=found.patient.pk, reason=self.cleaned_data[f"reason_{found.patient.pk}"]
            )
            for found in self.resemblances
        )
