"""Admin pages of prescribers and pharmacies: register, certify, suspend, decertify, reinstate."""

from collections.abc import Callable
from typing import Any, Final, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from apps.backoffice.accounts import tell_of_invitation
from apps.backoffice.actions import ActionForm, RecordAction, roles_of
from apps.backoffice.moving import COVERAGE, END_DELEGATION, HAND_OVER, REPRESENTATION
from apps.backoffice.records import RecordAdmin
from apps.backoffice.reminders import PREFERENCES
from apps.backoffice.shown import link
from apps.backoffice.signing import SignedReasonForm
from apps.core.call import Call
from apps.providers import services
from apps.providers.models import (
    Delegation,
    Pharmacy,
    PharmacyCertification,
    PharmacyEnrollment,
    Practice,
    Prescriber,
    PrescriberEnrollment,
)
from apps.rules.policy import programs

Do = Callable[[Call, Any, dict[str, Any]], Model]


class CheckedForm(SignedReasonForm):
    """What was checked before approving."""

    reason = forms.CharField(
        label="What you checked",
        widget=forms.Textarea,
        max_length=400,
        help_text="For the record: license, NPI, the signed form, and where you looked.",
    )


class PharmacyCheckedForm(CheckedForm):
    """What was checked before approving a pharmacy for a program."""

    field_order = ("program", "reason")
    program = forms.ChoiceField(choices=[(name, name) for name in programs()])


def _stands(states: set[str]) -> Callable[[Any], bool]:
    return lambda party: party.state in states


AFTER: Final = {
    "suspend": "suspended",
    "decertify": "decertified",
    "reinstate": "certified again",
}


def _signed_as(event: str, noun: str) -> type[SignedReasonForm]:
    """The form of one change of standing, which says what is signed with it."""

    class Standing(SignedReasonForm):
        meaning = f"{event} this {noun}, and sign that and the reason for it"

    return Standing


def standing_actions(
    noun: str, command: Any, move: Callable[[str], Do]
) -> tuple[RecordAction, ...]:
    """Suspend, decertify and reinstate: one command, three events, each with a reason."""
    told = {
        "suspend": (
            f"A suspended {noun} does nothing in the program until reinstated. Refusals say so.",
            {"certified"},
        ),
        "decertify": (
            f"A decertified {noun} is out of the program. Refusals say so.",
            {"pending", "certified", "suspended"},
        ),
        "reinstate": (
            f"The {noun} may work in the program again, as far as certification and time allow.",
            {"suspended", "decertified"},
        ),
    }
    return tuple(
        RecordAction(
            name=event,
            label=f"{event.capitalize()} this {noun}",
            explanation=explanation,
            form=_signed_as(event, noun),
            roles=roles_of(command),
            carry_out=move(event),
            done=f"The {noun} is {AFTER[event]}.",
            is_possible=_stands(states),
        )
        for event, (explanation, states) in told.items()
    )


def _move_prescriber(event: str) -> Do:
    def carry_out(call: Call, prescriber: Prescriber, entered: dict[str, Any]) -> Prescriber:
        return services.change_prescriber_standing(
            call, prescriber_id=prescriber.pk, event=event, reason=entered["reason"]
        )

    return carry_out


def _move_pharmacy(event: str) -> Do:
    def carry_out(call: Call, pharmacy: Pharmacy, entered: dict[str, Any]) -> Pharmacy:
        return services.change_pharmacy_standing(
            call, pharmacy_id=pharmacy.pk, event=event, reason=entered["reason"]
        )

    return carry_out


class PrescriberForm(ActionForm):
    """A prescriber as the program registers them."""

    npi = forms.CharField(label="NPI", max_length=10)
    given_name = forms.CharField(max_length=60)
    family_name = forms.CharField(max_length=60)
    specialty = forms.CharField(max_length=80)
    phone = forms.CharField(max_length=30)
    email = forms.EmailField(label="E-mail address", help_text="With which they sign in.")
    practice = forms.ModelChoiceField(
        queryset=Practice.objects.select_related("organization").order_by("organization__name"),
        required=False,
        help_text="Or leave it empty and name a new one.",
    )
    practice_name = forms.CharField(label="New practice", max_length=120, required=False)

    def clean(self) -> dict[str, Any]:
        """A known practice or a new one's name: exactly one of the two."""
        entered = super().clean() or {}
        if bool(entered.get("practice")) == bool(entered.get("practice_name")):
            self.add_error("practice", "Choose a practice, or name a new one.")
        return entered


def _register_prescriber(call: Call, _: None, entered: dict[str, Any]) -> Prescriber:
    practice = entered["practice"]
    return services.register_prescriber(
        call,
        npi=entered["npi"],
        given_name=entered["given_name"],
        family_name=entered["family_name"],
        specialty=entered["specialty"],
        phone=entered["phone"],
        email=entered["email"],
        practice_name=entered["practice_name"],
        practice_id=practice.pk if practice else None,
    )


def _certify_prescriber(call: Call, prescriber: Prescriber, entered: dict[str, Any]) -> Prescriber:
    return services.certify_prescriber(call, prescriber_id=prescriber.pk, reason=entered["reason"])


@admin.register(Prescriber)
class PrescriberAdmin(RecordAdmin[Prescriber]):
    """Those who may prescribe, and those who applied."""

    list_display = (
        "family_name",
        "given_name",
        "npi",
        link("practice.organization", "practice", ordering="practice__organization__name"),
        "state",
        "registered_at",
    )
    list_select_related = ("practice__organization",)
    list_filter = ("state", "registered_at")
    date_hierarchy = "registered_at"
    ordering = ("family_name", "given_name")
    search_fields = ("given_name", "family_name", "email", "phone", "practice__organization__name")
    numbered = ("npi",)
    search_help_text = "Name, e-mail address, phone number, practice or NPI."
    registers = RecordAction(
        name="register",
        label="Register a prescriber",
        explanation=(
            "The prescriber gets an account and a link by e-mail to choose a password, then signs "
            "the enrollment form; after that, the program certifies."
        ),
        form=PrescriberForm,
        roles=roles_of(services.register_prescriber),
        carry_out=_register_prescriber,
        done="The prescriber is registered.",
    )
    record_actions = (
        PREFERENCES,
        RecordAction(
            name="certify",
            label="Certify this prescriber",
            explanation="The prescriber may request authorizations from this moment on.",
            form=CheckedForm,
            roles=roles_of(services.certify_prescriber),
            carry_out=_certify_prescriber,
            done="The prescriber is certified.",
            is_possible=lambda prescriber: prescriber.state == "pending",
        ),
        *standing_actions("prescriber", services.change_prescriber_standing, _move_prescriber),
        HAND_OVER,
    )

    def after(
        self,
        request: HttpRequest,
        action: RecordAction,
        form: ActionForm,
        record: Prescriber | None,
        result: Model,
    ) -> HttpResponse:
        user = cast("Prescriber", result).user if record is None else None
        if user is not None:
            tell_of_invitation(request, user)
        if action.name in {"suspend", "decertify"} and record is not None:
            _point_to_hand_over(request, record)
        return super().after(request, action, form, record, result)


def _point_to_hand_over(request: HttpRequest, prescriber: Prescriber) -> None:
    stranded = prescriber.patients.filter(merged_into=None).count()
    if stranded:
        messages.warning(
            request,
            f"Patients of this prescriber who have nobody now: {stranded}. Hand them over with the "
            f"action “{HAND_OVER.label}”.",
        )


class PharmacyForm(ActionForm):
    """A pharmacy and its authorized representative as the program registers them."""

    npi = forms.CharField(label="NPI", max_length=10)
    ncpdp_id = forms.CharField(label="NCPDP id", max_length=7, required=False)
    name = forms.CharField(max_length=120)
    address = forms.CharField(max_length=200)
    phone = forms.CharField(max_length=30)
    email = forms.EmailField(label="E-mail address", help_text="For the program's notices.")
    representative_given_name = forms.CharField(max_length=60)
    representative_family_name = forms.CharField(max_length=60)
    representative_email = forms.EmailField(
        label="Representative's e-mail address", help_text="With which they sign in."
    )


def _register_pharmacy(call: Call, _: None, entered: dict[str, Any]) -> Pharmacy:
    given = {name: value for name, value in entered.items() if name != "submission"}
    return services.register_pharmacy(call, **given)


def _certify_pharmacy(
    call: Call, pharmacy: Pharmacy, entered: dict[str, Any]
) -> PharmacyCertification:
    return services.certify_pharmacy(
        call, pharmacy_id=pharmacy.pk, program=entered["program"], reason=entered["reason"]
    )


@admin.register(Pharmacy)
class PharmacyAdmin(RecordAdmin[Pharmacy]):
    """Dispensing sites, and those that applied."""

    list_display = ("name", "npi", "ncpdp_id", "address", "state", "registered_at")
    list_filter = ("state", "registered_at")
    date_hierarchy = "registered_at"
    ordering = ("name",)
    search_fields = ("name", "address", "email", "phone")
    numbered = ("npi", "ncpdp_id")
    search_help_text = "Name, address, e-mail address, phone number, NPI or NCPDP id."
    registers = RecordAction(
        name="register",
        label="Register a pharmacy",
        explanation=(
            "The authorized representative gets an account and a link by e-mail to choose a "
            "password, then signs the enrollment form; after that, the program certifies."
        ),
        form=PharmacyForm,
        roles=roles_of(services.register_pharmacy),
        carry_out=_register_pharmacy,
        done="The pharmacy is registered.",
    )
    record_actions = (
        PREFERENCES,
        RecordAction(
            name="certify",
            label="Certify or renew this pharmacy",
            explanation=(
                "Approves the signed form that waits, for the days that the policy gives. In good "
                "standing, the representative's signature renews without it."
            ),
            form=PharmacyCheckedForm,
            roles=roles_of(services.certify_pharmacy),
            carry_out=_certify_pharmacy,
            done="The pharmacy is certified.",
            is_possible=lambda pharmacy: pharmacy.state in {"pending", "certified"},
        ),
        *standing_actions("pharmacy", services.change_pharmacy_standing, _move_pharmacy),
        *REPRESENTATION,
    )

    def after(
        self,
        request: HttpRequest,
        action: RecordAction,
        form: ActionForm,
        record: Pharmacy | None,
        result: Model,
    ) -> HttpResponse:
        representative = result.representative if isinstance(result, Pharmacy) else None
        is_new = record is None or action.name == "change-representative"
        if is_new and representative is not None:
            tell_of_invitation(request, representative)
        return super().after(request, action, form, record, result)


@admin.register(Practice)
class PracticeAdmin(RecordAdmin[Practice]):
    """Practices, and whether their members cover for each other."""

    list_display = ("organization", "members_cover_each_other")
    list_select_related = ("organization",)
    list_filter = ("members_cover_each_other",)
    ordering = ("organization__name",)
    search_fields = ("organization__name",)
    numbered = ("prescribers__npi",)
    search_help_text = "The name, or the NPI of one of its prescribers."
    record_actions = COVERAGE


@admin.register(Delegation)
class DelegationAdmin(RecordAdmin[Delegation]):
    """Who acts on behalf of which prescriber."""

    list_display = (
        link("delegate", "delegate"),
        link("prescriber", "prescriber"),
        "named_at",
        "ended_at",
    )
    list_display_links = ("named_at",)
    list_select_related = ("delegate", "prescriber")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "named_at")
    ordering = ("-named_at",)
    search_fields = (
        "delegate__given_name",
        "delegate__family_name",
        "prescriber__given_name",
        "prescriber__family_name",
    )
    numbered = ("prescriber__npi",)
    search_help_text = "The name of either, or the prescriber's NPI."
    record_actions = (END_DELEGATION,)


@admin.register(PrescriberEnrollment)
class PrescriberEnrollmentAdmin(RecordAdmin[PrescriberEnrollment]):
    """Prescribers' signed enrollment forms."""

    list_display = ("signed_at", link("prescriber", "prescriber"), "form_version")
    list_select_related = ("prescriber",)
    list_filter = ("form_version", "signed_at")
    date_hierarchy = "signed_at"
    ordering = ("-signed_at",)
    search_fields = ("prescriber__given_name", "prescriber__family_name")
    numbered = ("prescriber__npi",)
    search_help_text = "The prescriber's name or NPI."


@admin.register(PharmacyEnrollment)
class PharmacyEnrollmentAdmin(RecordAdmin[PharmacyEnrollment]):
    """Pharmacies' signed enrollment forms."""

    list_display = ("signed_at", link("pharmacy", "pharmacy"), "form_version", "purpose", "waits")
    list_select_related = ("pharmacy", "certification")
    list_filter = (("certification", admin.EmptyFieldListFilter), "form_version", "signed_at")
    date_hierarchy = "signed_at"
    ordering = ("-signed_at",)
    search_fields = ("pharmacy__name",)
    numbered = ("pharmacy__npi", "pharmacy__ncpdp_id")
    search_help_text = "The pharmacy's name, NPI or NCPDP id."

    @admin.display(description="waits for approval", boolean=True)
    def waits(self, enrollment: PharmacyEnrollment) -> bool:
        """Whether it is to certify, and no certification rests on it yet."""
        certifies = enrollment.purpose == PharmacyEnrollment.Purpose.CERTIFICATION
        return certifies and getattr(enrollment, "certification", None) is None


@admin.register(PharmacyCertification)
class PharmacyCertificationAdmin(RecordAdmin[PharmacyCertification]):
    """The periods for which pharmacies are certified."""

    list_display = (
        link("pharmacy", "pharmacy"),
        "certified_from",
        "certified_until",
        "last_day_on",
    )
    list_display_links = ("certified_from",)
    list_select_related = ("pharmacy",)
    list_filter = ("last_day_on",)
    date_hierarchy = "certified_from"
    ordering = ("-certified_from",)
    search_fields = ("pharmacy__name",)
    numbered = ("pharmacy__npi", "pharmacy__ncpdp_id")
    search_help_text = "The pharmacy's name, NPI or NCPDP id."
