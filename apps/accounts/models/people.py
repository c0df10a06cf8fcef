"""People, organizations, and memberships: who acts where as what."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from apps.audit.triggers import RowHistory
from apps.core.call import Role
from apps.core.triggers import Immutable, NoDelete, NoTruncate, Traced

ROLES = [(role.value, role.value.capitalize()) for role in Role if role is not Role.SYSTEM]
ROLE_CODES = [code for code, _ in ROLES]


class Organization(models.Model):
    """A practice, a pharmacy or the program's own office."""

    class Kind(models.TextChoices):
        PRACTICE = "practice", "Practice"
        PHARMACY = "pharmacy", "Pharmacy"
        PROGRAM = "program", "Program office"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["practice", "pharmacy", "program"]),
                name="organization_kind_is_known",
            )
        ]
        triggers: ClassVar = [NoDelete(), NoTruncate(), Traced(updates=False), RowHistory()]

    def __str__(self) -> str:
        return self.name


class Accounts(BaseUserManager["User"]):
    """Makes accounts; an e-mail address is stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new account. Without a password it cannot sign in until one is set."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A first administrator, for `manage.py createsuperuser`."""
        return self.create_user(email, password, is_superuser=True, is_staff=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        """The account of an address, however it was typed."""
        return self.get(email=(email or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """One person who signs in; never shared. What they may do comes from their memberships."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    time_zone = models.CharField(max_length=40, default="America/New_York")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May open the administration.")
    date_joined = models.DateTimeField(default=timezone.now)

    objects = Accounts()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["given_name", "family_name"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(email=Lower(F("email"))), name="user_email_is_lower_case"
            )
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False, secret=("password",)),
            RowHistory(ignoring=("last_login",), secret=("password",)),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Membership(models.Model):
    """One person's role in one organization, until it is ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=ROLES)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                condition=Q(ended_at__isnull=True),
                name="membership_held_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=ROLE_CODES), name="membership_role_is_known"
            ),
        ]
        triggers: ClassVar = [
            # A role is never changed into another one, and what ended stays so.
            Immutable(closing=("ended_at",)),
            NoTruncate(),
            Traced(updates=False),
            RowHistory(),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.organization}"
