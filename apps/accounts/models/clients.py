"""Systems that call the API, and how each proves that it is one: secrets or keys, never both."""

import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.accounts.models.people import ROLE_CODES, ROLES, Organization
from apps.accounts.scopes import Scope
from apps.audit.disposal import OF_A_CLIENT, Disposable, DisposedInTime
from apps.audit.triggers import RowHistory
from apps.core.triggers import (
    NOT_THE_OWNER,
    Immutable,
    NoDelete,
    NoTruncate,
    Requires,
    TermsAreFixed,
    Traced,
)

# No signed request for a token is accepted more than five minutes after it was made.
OLD_ASSERTIONS = Disposable(over="true", since="{row}.used_at", held=OF_A_CLIENT, days=7)


class ApiClient(models.Model):
    """A system that calls the API as one organization, in one role."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.OneToOneField(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, on_delete=models.PROTECT, related_name="client"
    )
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="clients")
    role = models.CharField(max_length=20, choices=ROLES)
    prescriber_id = models.UUIDField(
        null=True, blank=True, help_text="The prescriber that this system acts for, if one."
    )
    scopes = ArrayField(
        models.CharField(max_length=30),
        null=True,
        blank=True,
        help_text="What its tokens may be for; all that its role may, if nothing is chosen.",
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API client"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(scopes__isnull=True)
                | Q(scopes__contained_by=[scope.value for scope in Scope]) & ~Q(scopes=[]),
                name="client_scopes_are_known",
            ),
            models.CheckConstraint(
                condition=Q(role__in=ROLE_CODES),
                name="client_role_is_known",
            ),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False),
            # It keeps its organization and role, and never opens anything again after its end.
            TermsAreFixed(but=["scopes", "ended_at"]),
            Requires(
                name="client_ends_once",
                on_update=True,
                only_if=pgtrigger.Condition("OLD.ended_at IS NOT NULL"),
                holds="NEW.ended_at = OLD.ended_at",
            ),
            RowHistory(),
        ]

    def __str__(self) -> str:
        return f"{self.organization} ({self.get_role_display()})"


class EarlierSecret(models.Model):
    """A secret that was replaced and still opens for a while, so that a system can change over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="earlier_secrets")
    encoded = models.CharField(max_length=255, help_text="A hash; nobody can read the secret.")
    replaced_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="From then on it opens nothing.")
    uses = models.PositiveIntegerField(
        default=0, help_text="How many tokens it got since it was replaced."
    )
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("replaced_at")), name="earlier_secret_ends_after_it_was"
            )
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False, secret=("encoded",)),
            RowHistory(ignoring=("uses", "last_used_at"), secret=("encoded",)),
        ]

    def __str__(self) -> str:
        return f"Earlier secret of {self.client}"


class ClientKeys(models.Model):
    """The public keys with which a system signs its requests for tokens (private_key_jwt).

    Either the keys themselves, or the address at which the system publishes them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.OneToOneField(ApiClient, on_delete=models.PROTECT, related_name="keys")
    jwks = models.JSONField(null=True, blank=True, verbose_name="JSON Web Key Set")
    jwks_uri = models.URLField(max_length=400, blank=True, verbose_name="address of the keys")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "client keys"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(jwks__isnull=False, jwks_uri="")
                | Q(jwks__isnull=True) & ~Q(jwks_uri=""),
                name="client_keys_are_here_or_there",
            )
        ]
        triggers: ClassVar = [NoDelete(), NoTruncate(), Traced(updates=False), RowHistory()]

    def __str__(self) -> str:
        return f"Keys of {self.client}"


class UsedAssertion(models.Model):
    """A signed request for a token that was accepted: no second one bears its identifier."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="+")
    jti = models.CharField(max_length=64, help_text="The SHA-256 of the assertion's identifier.")
    used_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "jti"], name="assertion_used_once")
        ]
        triggers: ClassVar = [
            Immutable(disposable=True),
            DisposedInTime(OLD_ASSERTIONS),
            NoTruncate(),
            Traced(unless=NOT_THE_OWNER),
        ]

    def __str__(self) -> str:
        return f"Assertion of {self.client}"
