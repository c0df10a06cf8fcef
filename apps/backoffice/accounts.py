"""Admin pages of people, organizations, memberships and API clients."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from apps.accounts import services
from apps.accounts.invitations import InvitationNotSent, send_invitation
from apps.accounts.models import ROLES, ApiClient, Membership, Organization, User
from apps.backoffice.actions import ActionForm, ReasonForm, RecordAction, roles_of
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link, page_of
from apps.core.call import Call, Role
from apps.providers.models import Prescriber


def tell_of_invitation(request: HttpRequest, user: User) -> None:
    """Mail the set-password link to a new person, and say what became of it."""
    try:
        sent = send_invitation(user)
    except InvitationNotSent:
        messages.error(
            request,
            f"The mail server did not take the invitation to {user.email}. Send it again from the "
            "person's page.",
        )
        return
    if sent:
        messages.info(request, f"{user.email} gets a link to choose a password.")
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
    )

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


class ClientForm(ActionForm):
    """Which system calls the API for whom. The secret is made here and never stored."""

    organization = forms.ModelChoiceField(queryset=Organization.objects.order_by("kind", "name"))
    role = forms.ChoiceField(
        choices=[("", "---------"), *ROLES], help_text="What the system acts as, in every call."
    )
    name = forms.CharField(max_length=80, help_text="So that people tell it from others.")
    prescriber_npi = forms.CharField(
        label="Only for the prescriber with NPI",
        required=False,
        max_length=10,
        help_text="For a practice's system that acts for one prescriber. Otherwise it names one.",
    )

    def clean(self) -> dict[str, Any]:
        """The prescriber behind the NPI, of this very practice."""
        entered = super().clean() or {}
        npi, organization = entered.get("prescriber_npi"), entered.get("organization")
        if npi and organization:
            prescriber = Prescriber.objects.filter(npi=npi, practice_id=organization.pk).first()
            if prescriber is None:
                self.add_error("prescriber_npi", "This organization has no such prescriber.")
            entered["prescriber"] = prescriber
        self.secret = services.new_client_secret()
        return {**entered, "secret": self.secret}

    def called_once(self) -> Call:
        """Without a one-time key: a repeated page could not show the first one's secret."""
        return self.call


def _register_client(call: Call, _: None, entered: dict[str, Any]) -> ApiClient:
    prescriber = entered.get("prescriber")
    return services.register_api_client(
        call,
        organization_id=entered["organization"].pk,
        role=Role(entered["role"]),
        name=entered["name"],
        secret=entered["secret"],
        prescriber_id=prescriber.pk if prescriber else None,
    )


def _end_client(call: Call, client: ApiClient, entered: dict[str, Any]) -> ApiClient:
    return services.end_api_client(call, client_id=client.pk, reason=entered["reason"])


@admin.register(ApiClient)
class ApiClientAdmin(RecordAdmin[ApiClient]):
    """Systems that call the API."""

    list_display = (
        "name",
        link("organization", "organization", ordering="organization__name"),
        "role",
        "ended_at",
    )
    list_select_related = ("organization", "application")
    list_filter = ("role", ("ended_at", admin.EmptyFieldListFilter))
    ordering = ("organization__name", "application__name")
    search_fields = ("application__name", "application__client_id", "organization__name")
    ids = ("prescriber_id",)
    search_help_text = "The client's name or id, or the organization."
    registers = RecordAction(
        name="register",
        label="Register an API client",
        explanation=(
            "The system gets a client id and a secret for OAuth 2 client credentials. The secret "
            "is shown once; afterwards nobody can read it."
        ),
        form=ClientForm,
        roles=roles_of(services.register_api_client),
        carry_out=_register_client,
        done="The API client is registered.",
    )
    record_actions = (
        RecordAction(
            name="end",
            label="End this client's access",
            explanation="Its secret and its tokens are worthless from this moment on.",
            form=ReasonForm,
            roles=roles_of(services.end_api_client),
            carry_out=_end_client,
            done="The client's access has ended.",
            is_possible=lambda client: client.ended_at is None,
        ),
    )

    @admin.display(description="name", ordering="application__name")
    def name(self, client: ApiClient) -> str:
        """The name of its OAuth application."""
        return str(client.application.name)

    def after(
        self,
        request: HttpRequest,
        action: RecordAction,
        form: ActionForm,
        record: ApiClient | None,
        result: Model,
    ) -> HttpResponse:
        """A new client's secret is on this answer and nowhere else."""
        if not isinstance(form, ClientForm) or not isinstance(result, ApiClient):
            return super().after(request, action, form, record, result)
        context = {
            **self.admin_site.each_context(request),
            "title": "The new client's credentials",
            "opts": self.opts,
            "client": result,
            "client_id": result.application.client_id,
            "secret": form.secret,
            "record_url": page_of(result),
        }
        response = TemplateResponse(request, "admin/client_secret.html", context)
        response["Cache-Control"] = "no-store"
        return response
