"""Admin pages of people, organizations and memberships."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from apps.accounts import services
from apps.accounts.invitations import InvitationNotSent, send_invitation
from apps.accounts.models import ROLES, Membership, Organization, User
from apps.backoffice.access import entered_call
from apps.backoffice.actions import ActionForm, ReasonForm, RecordAction, roles_of
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link, page_of
from apps.core.call import Call, Role


def tell_of_invitation(request: HttpRequest, user: User) -> None:
    """Mail the set-password link to a new person, and say what became of it."""
    try:
        sent = send_invitation(entered_call(request), user)
    except InvitationNotSent:
        messages.error(
            request,
            f"The mail server did not take the invitation to {user.email}. Send it again from the "
            "person's page.",
        )
        return
    if sent:
        messages.info(request, f"A link to choose a password goes to {user.email}.")
    else:
        messages.info(request, f"{user.email} has a password already and can sign in at once.")


@admin.register(Organization)
class OrganizationAdmin(RecordAdmin[Organization]):
    """Practices, pharmacies and the program's office."""

    list_display = ("name", "kind")
    list_filter = ("kind",)
    ordering = ("name",)
    search_fields = ("name",)
    numbered = ("pharmacy__npi", "pharmacy__ncpdp_id", "practice__prescribers__npi")
    search_help_text = "The name, or the NPI of its pharmacy or of one of its prescribers."


def _invite_again(call: Call, user: User, entered: dict[str, Any]) -> User:  # noqa: ARG001
    """Nothing is recorded: the page sends the mail (see UserAdmin.after)."""
    return user


def _reset_sign_in(call: Call, user: User, entered: dict[str, Any]) -> User:
    return services.reset_sign_in(call, user_id=user.pk, reason=entered["reason"])


@admin.register(User)
class UserAdmin(RecordAdmin[User]):
    """Everybody who can sign in."""

    list_display = ("family_name", "given_name", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "memberships__role")
    date_hierarchy = "date_joined"
    ordering = ("family_name", "given_name")
    search_fields = ("given_name", "family_name", "email")
    numbered = ("prescriber__npi",)
    search_help_text = "Name, e-mail address or a prescriber's NPI."
    hidden = ("password",)
    record_actions = (
        RecordAction(
            name="invite",
            label="Send the invitation again",
            explanation="The person gets a new link by e-mail, with which they choose a password.",
            form=ActionForm,
            roles=roles_of(services.invite_member),
            carry_out=_invite_again,
            done="Done.",
            is_possible=lambda user: user.is_active and not user.has_usable_password(),
        ),
        RecordAction(
            name="reset-sign-in",
            label="Let this person begin anew",
            explanation=(
                "For somebody who lost the phone, the security key and all recovery codes. Their "
                "password and second factors are void, their sign-ins end, and they get a link by "
                "e-mail with which they choose a password. Make sure first that it is they who "
                "ask: call back on a number that you had before."
            ),
            form=ReasonForm,
            roles=roles_of(services.reset_sign_in),
            carry_out=_reset_sign_in,
            done="Their password and second factors are void.",
            is_possible=lambda user: user.is_active and user.has_usable_password(),
        ),
    )

    def present(self, call: Call, record: User) -> list[str]:
        """What the person may be, and where that is ended."""
        open_ones = Membership.objects.filter(user=record, ended_at=None)
        return [
            format_html(
                '{}: it is ended on <a href="{}">its own page</a>.', str(each), page_of(each)
            )
            for each in open_ones.select_related("organization").order_by("role", "pk")
        ]

    def after(
        self,
        request: HttpRequest,
        action: RecordAction,
        form: ActionForm,
        record: User | None,
        result: Model,
    ) -> HttpResponse:
        tell_of_invitation(request, cast("User", result))
        return super().after(request, action, form, record, result)


class MemberForm(ActionForm):
    """Who is invited where as what."""

    organization = forms.ModelChoiceField(queryset=Organization.objects.order_by("kind", "name"))
    role = forms.ChoiceField(choices=[("", "---------"), *ROLES])
    email = forms.EmailField(label="E-mail address")
    given_name = forms.CharField(max_length=60)
    family_name = forms.CharField(max_length=60)


def _invite(call: Call, _: None, entered: dict[str, Any]) -> Membership:
    return services.invite_member(
        call,
        organization_id=entered["organization"].pk,
        role=Role(entered["role"]),
        email=entered["email"],
        given_name=entered["given_name"],
        family_name=entered["family_name"],
    )


def _end_membership(call: Call, membership: Membership, entered: dict[str, Any]) -> Membership:
    return services.end_membership(call, membership_id=membership.pk, reason=entered["reason"])


@admin.register(Membership)
class MembershipAdmin(RecordAdmin[Membership]):
    """Who acts where as what."""

    list_display = (
        link("user", "person", ordering="user__family_name"),
        "role",
        link("organization", "organization", ordering="organization__name"),
        "ended_at",
    )
    list_display_links = ("role",)
    list_select_related = ("user", "organization")
    list_filter = ("role", "organization__kind", ("ended_at", admin.EmptyFieldListFilter))
    ordering = ("organization__name", "user__family_name")
    search_fields = ("user__given_name", "user__family_name", "user__email", "organization__name")
    search_help_text = "The person's name or e-mail address, or the organization."
    decided_on = ("user",)
    registers = RecordAction(
        name="invite",
        label="Invite a person",
        explanation=(
            "The person gets this role in the organization and, if new, a link by e-mail to choose "
            "a password. Accounts are never shared: invite each person."
        ),
        form=MemberForm,
        roles=roles_of(services.invite_member),
        carry_out=_invite,
        done="The person is a member now.",
    )
    record_actions = (
        RecordAction(
            name="end",
            label="End this membership",
            explanation="The person can do nothing more in this role here, from this moment on.",
            form=ReasonForm,
            roles=roles_of(services.end_membership),
            carry_out=_end_membership,
            done="The membership has ended.",
            is_possible=lambda membership: membership.ended_at is None,
        ),
    )

    def after(
        self,
        request: HttpRequest,
        action: RecordAction,
        form: ActionForm,
        record: Membership | None,
        result: Model,
    ) -> HttpResponse:
        if record is None:
            tell_of_invitation(request, cast("Membership", result).user)
        return super().after(request, action, form, record, result)
