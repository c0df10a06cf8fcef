"""Admin pages of what the sign-in and API libraries keep: read-only, without any secret."""

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib import admin
from oauth2_provider.models import Application

from apps.backoffice.records import RecordAdmin


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
