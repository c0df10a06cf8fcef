"""Admin pages of systems that call the API: secrets shown once, rotated, or replaced by keys."""

import json
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from apps.accounts import services
from apps.accounts.models import (
    ROLES,
    ApiClient,
    ClientKeys,
    EarlierSecret,
    Organization,
    UsedAssertion,
)
from apps.accounts.scopes import MEANINGS, OPEN_TO, WORK_OF, Scope
from apps.backoffice.actions import ActionForm, ReasonForm, RecordAction, roles_of
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import document, link, page_of
from apps.core import clock
from apps.core.call import Call, Role
from apps.core.overtaken import SeenForm
from apps.providers.models import Prescriber

OVERLAP_HOURS = 72


class ClientForm(ActionForm):
    """Which system calls the API for whom. The secret is made here and never stored."""

    organization = forms.ModelChoiceField(queryset=Organization.objects.order_by("kind", "name"))
    role = forms.ChoiceField(
        choices=[
            ("", "---------"),
            *(each for each in ROLES if Role(each[0]) in services.ROLES_OF_SYSTEMS),
        ],
        help_text="What the system acts as, in every call.",
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


class ScopesForm(SeenForm, ReasonForm):
    """What the tokens of a system may be for."""

    everything = forms.BooleanField(
        label="All that its role may", required=False, help_text="Then nothing below is looked at."
    )
    scopes = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label="Or only this"
    )
    field_order = ("everything", "scopes", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        client = cast("ApiClient", self.record)
        role = Role(client.role)
        cast("Any", self.fields["scopes"]).choices = [
            (scope.value, f"{scope.value}: {MEANINGS[scope]}")
            for scope in Scope
            if scope in OPEN_TO[WORK_OF[role]]
        ]
        self.fields["everything"].initial = client.scopes is None
        self.begin_with({"scopes": client.scopes})

    def on_record(self, name: str) -> str:
        """No list of scopes stands for all of them."""
        is_everything = name == "scopes" and self.initial["scopes"] is None
        return "all that its role may" if is_everything else super().on_record(name)

    def clean(self) -> dict[str, Any]:
        """None for everything."""
        entered = super().clean() or {}
        return {**entered, "scopes": None if entered.get("everything") else entered.get("scopes")}


class OverlapForm(ReasonForm):
    """How long the present secret goes on opening, and why it is replaced."""

    overlap_hours = forms.IntegerField(
        label="Hours for which the present secret still opens",
        min_value=0,
        max_value=int(settings.LONGEST_SECRET_OVERLAP / timedelta(hours=1)),
        help_text=f"{OVERLAP_HOURS} let a system change over without a break. 0 ends it at once: "
        "choose that when it may have leaked.",
    )

    def clean(self) -> dict[str, Any]:
        """The hours as a span of time."""
        entered = super().clean() or {}
        return {**entered, "overlap": timedelta(hours=entered.get("overlap_hours") or 0)}


class RotateForm(OverlapForm):
    """A new secret, made here and never stored."""

    def clean(self) -> dict[str, Any]:
        """What was entered, with the new secret."""
        self.secret = services.new_client_secret()
        return {**super().clean(), "secret": self.secret}

    def called_once(self) -> Call:
        """Without a one-time key: a repeated page could not show the first one's secret."""
        return self.call


class KeysForm(OverlapForm):
    """The public keys of a system, or where it publishes them."""

    jwks = forms.CharField(
        label="JSON Web Key Set",
        required=False,
        widget=forms.Textarea,
        max_length=20_000,
        help_text="Public keys for RS384 or ES384, each with a kid.",
    )
    jwks_uri = forms.URLField(
        label="Or its public address",
        required=False,
        assume_scheme="https",
        help_text="https://… Inside a hospital's own network, paste the keys instead.",
    )
    field_order = ("jwks", "jwks_uri", "overlap_hours", "reason")

    def clean_jwks(self) -> Any:
        """The set as a document. Raises ValidationError for what is no JSON."""
        if not self.cleaned_data["jwks"].strip():
            return None
        try:
            return json.loads(self.cleaned_data["jwks"])
        except ValueError as error:
            raise forms.ValidationError("This is no JSON.") from error


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


def _set_scopes(call: Call, client: ApiClient, entered: dict[str, Any]) -> ApiClient:
    return services.set_client_scopes(
        call,
        client_id=client.pk,
        scopes=entered["scopes"],
        reason=entered["reason"],
        seen=entered["seen"],
    )


def _rotate(call: Call, client: ApiClient, entered: dict[str, Any]) -> ApiClient:
    return services.rotate_client_secret(
        call,
        client_id=client.pk,
        secret=entered["secret"],
        overlap=entered["overlap"],
        reason=entered["reason"],
    )


def _end_earlier(call: Call, client: ApiClient, entered: dict[str, Any]) -> ApiClient:
    return services.end_earlier_secret(call, client_id=client.pk, reason=entered["reason"])


def _set_keys(call: Call, client: ApiClient, entered: dict[str, Any]) -> ApiClient:
    return services.set_client_keys(
        call,
        client_id=client.pk,
        jwks=entered["jwks"],
        jwks_uri=entered["jwks_uri"],
        overlap=entered["overlap"],
        reason=entered["reason"],
    )


def _is_open(client: ApiClient) -> bool:
    return client.ended_at is None


def _has_earlier(client: ApiClient) -> bool:
    now = clock.real_now()
    return _is_open(client) and client.earlier_secrets.filter(ends_at__gt=now).exists()


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
            is_possible=_is_open,
        ),
        RecordAction(
            name="scopes",
            label="Choose what its tokens may be for",
            explanation=(
                "Narrower than its role, for a system that only reads, only checks eligibility, or "
                "only records evidence. It holds at once, for tokens that are out, too. A request "
                "outside of it is answered 403 and names the scope that it lacks."
            ),
            form=ScopesForm,
            roles=roles_of(services.set_client_scopes),
            carry_out=_set_scopes,
            done="The client’s scopes are set.",
            is_possible=_is_open,
        ),
        RecordAction(
            name="rotate",
            label="Make a new secret",
            explanation=(
                "The new secret is shown once. The present one goes on opening for as long as you "
                "say, so that the system can change over without a break; each use of it in that "
                "time is counted and in the trail. One that was replaced before ends at once."
            ),
            form=RotateForm,
            roles=roles_of(services.rotate_client_secret),
            carry_out=_rotate,
            done="The client has a new secret.",
            is_possible=_is_open,
        ),
        RecordAction(
            name="end-earlier",
            label="End the earlier secret now",
            explanation="From this moment on only the present secret opens.",
            form=ReasonForm,
            roles=roles_of(services.end_earlier_secret),
            carry_out=_end_earlier,
            done="The earlier secret has ended.",
            is_possible=_has_earlier,
        ),
        RecordAction(
            name="keys",
            label="Set public keys",
            explanation=(
                "The system then signs its requests for tokens with its private key "
                "(private_key_jwt, as SMART backend services do), and needs no secret any more."
            ),
            form=KeysForm,
            roles=roles_of(services.set_client_keys),
            carry_out=_set_keys,
            done="The client's keys are set.",
            is_possible=_is_open,
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
        if not isinstance(form, ClientForm | RotateForm) or not isinstance(result, ApiClient):
            return super().after(request, action, form, record, result)
        context = {
            **self.admin_site.each_context(request),
            "title": "The client's credentials",
            "opts": self.opts,
            "client": result,
            "client_id": result.application.client_id,
            "secret": form.secret,
            "record_url": page_of(result),
        }
        response = TemplateResponse(request, "admin/client_secret.html", context)
        response["Cache-Control"] = "no-store"
        return response


@admin.register(EarlierSecret)
class EarlierSecretAdmin(RecordAdmin[EarlierSecret]):
    """Secrets that were replaced, until when they open, and whether they are still used."""

    list_display = (
        link("client", "client", ordering="client__application__name"),
        "replaced_at",
        "ends_at",
        "uses",
        "last_used_at",
    )
    list_display_links = ("replaced_at",)
    list_select_related = ("client__organization",)
    ordering = ("-replaced_at",)
    search_fields = ("client__application__name", "client__application__client_id")
    search_help_text = "The client's name or id."
    hidden = ("encoded",)


@admin.register(ClientKeys)
class ClientKeysAdmin(RecordAdmin[ClientKeys]):
    """The public keys of systems that sign their requests for tokens."""

    list_display = (
        link("client", "client", ordering="client__application__name"),
        "jwks_uri",
        "set_at",
    )
    list_display_links = ("set_at",)
    list_select_related = ("client__organization",)
    ordering = ("-set_at",)
    search_fields = ("client__application__name", "client__application__client_id", "jwks_uri")
    search_help_text = "The client's name or id, or the address of its keys."
    instead = {"jwks": document("jwks", "JSON Web Key Set")}


@admin.register(UsedAssertion)
class UsedAssertionAdmin(RecordAdmin[UsedAssertion]):
    """Signed requests for tokens that were accepted."""

    list_display = (
        link("client", "client", ordering="client__application__name"),
        "used_at",
        "jti",
    )
    list_display_links = ("used_at",)
    list_select_related = ("client__organization",)
    ordering = ("-used_at",)
    search_fields = ("client__application__name", "client__application__client_id", "jti")
    search_help_text = "The client's name or id, or the digest of the identifier."
