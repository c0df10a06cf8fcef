"""Admin pages of what the sign-in and API libraries keep: read-only, without any secret."""

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib import admin
from oauth2_provider.models import Application

from apps.accounts.models import EarlierPassword, SignIn, WrongCode
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link


@admin.register(Application)
class ApplicationAdmin(RecordAdmin[Application]):
    """The OAuth side of API clients."""

    list_display = ("name", "client_id", "client_type", "authorization_grant_type", "created")
    list_filter = ("authorization_grant_type",)
    ordering = ("-created",)
    search_fields = ("name", "client_id")
    search_help_text = "The client's name or id."
    hidden = ("client_secret",)


@admin.register(AccessAttempt)
class AccessAttemptAdmin(RecordAdmin[AccessAttempt]):
    """Failed sign-ins that are being counted towards a lock-out."""

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    list_filter = ("attempt_time",)
    ordering = ("-attempt_time",)
    search_fields = ("username", "ip_address")
    search_help_text = "The e-mail address that was tried, or a network address."
    hidden = ("get_data", "post_data")


@admin.register(Authenticator)
class AuthenticatorAdmin(RecordAdmin[Authenticator]):
    """Who has set up a second factor; the factor itself is never shown."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    list_filter = ("type",)
    ordering = ("-created_at",)
    search_fields = ("user__given_name", "user__family_name", "user__email")
    search_help_text = "The person's name or e-mail address."
    hidden = ("data",)


@admin.register(SignIn)
class SignInAdmin(RecordAdmin[SignIn]):
    """Where people are and were signed in."""

    list_display = (
        link("user", "person", ordering="user__family_name"),
        "browser",
        "address",
        "began_at",
        "last_seen_at",
        "ended_at",
        "ended_how",
    )
    list_display_links = ("began_at",)
    list_select_related = ("user",)
    list_filter = ("ended_how", ("ended_at", admin.EmptyFieldListFilter))
    date_hierarchy = "began_at"
    ordering = ("-began_at",)
    search_fields = ("user__given_name", "user__family_name", "user__email", "address")
    search_help_text = "The person's name or e-mail address, or a network address."
    hidden = ("session_key",)


@admin.register(WrongCode)
class WrongCodeAdmin(RecordAdmin[WrongCode]):
    """Wrong codes of second factors: each was entered after a right password."""

    list_display = (link("user", "person", ordering="user__family_name"), "entered_at")
    list_display_links = ("entered_at",)
    list_select_related = ("user",)
    date_hierarchy = "entered_at"
    ordering = ("-entered_at",)
    search_fields = ("user__given_name", "user__family_name", "user__email")
    search_help_text = "The person's name or e-mail address."
    hidden = ("browser_key",)


@admin.register(EarlierPassword)
class EarlierPasswordAdmin(RecordAdmin[EarlierPassword]):
    """When people chose passwords; the passwords themselves nobody can read."""

    list_display = (link("user", "person", ordering="user__family_name"), "chosen_at")
    list_display_links = ("chosen_at",)
    list_select_related = ("user",)
    date_hierarchy = "chosen_at"
    ordering = ("-chosen_at",)
    search_fields = ("user__given_name", "user__family_name", "user__email")
    search_help_text = "The person's name or e-mail address."
    hidden = ("encoded",)
