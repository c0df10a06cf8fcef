"""What sign-ins leave: where somebody is signed in, wrong codes, and the passwords of before."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.audit.disposal import OF_A_PERSON, Disposable, DisposedInTime
from apps.audit.triggers import RowHistory
from apps.core.models import told
from apps.core.triggers import NOT_THE_OWNER, Immutable, NoTruncate, Traced

ENDED_SIGN_INS = Disposable(
    over="{row}.ended_at IS NOT NULL", since="{row}.ended_at", held=OF_A_PERSON, days=90
)
# Wrong codes count for a day at most.
OLD_WRONG_CODES = Disposable(over="true", since="{row}.entered_at", held=OF_A_PERSON, days=7)


class SignIn(models.Model):
    """One browser in which one person is or was signed in. All instants are real time."""

    class End(models.TextChoices):
        SIGNED_OUT = "signed_out", "Signed out"
        LEFT_ALONE = "left_alone", "Left alone"
        TOO_OLD = "too_old", "Lasted its longest time"
        ENDED_BY_OWNER = "ended_by_owner", "Ended from another sign-in"
        PASSWORD = "password", "Password changed"
        FACTOR = "factor", "Second factor removed"
        COPIED = "copied", "Cookie came from another browser"
        RESET = "reset", "Sign-in reset by the program"
        MISUSE = "misuse", "Signing misused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sign_ins"
    )
    session_key = models.CharField(max_length=40, unique=True, null=True, editable=False)
    address = models.GenericIPAddressField(null=True, blank=True)
    browser = models.CharField(max_length=60, help_text="In words.")
    began_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(help_text="To the minute.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_how = models.CharField(max_length=20, choices=End, blank=True)

    class Meta:
        verbose_name = "sign-in"
        indexes: ClassVar = [models.Index(fields=["user", "-began_at"], name="sign_in_of_user")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, session_key__isnull=False, ended_how="")
                | Q(ended_at__isnull=False, session_key__isnull=True) & ~Q(ended_how=""),
                name="sign_in_ends_whole",
            )
        ]
        triggers: ClassVar = [
            DisposedInTime(ENDED_SIGN_INS),
            NoTruncate(),
            Traced(unless=NOT_THE_OWNER, updates=False, secret=("session_key",)),
            RowHistory(
                ignoring=("last_seen_at", "address", "session_key"), secret=("session_key",)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.browser}, {told(self.began_at)}"


class WrongCode(models.Model):
    """A wrong code of the second factor, after a right password."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    browser_key = models.CharField(
        max_length=64, blank=True, help_text="Empty for a browser in which nobody signed in before."
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "-entered_at"], name="wrong_code_of_user")
        ]
        triggers: ClassVar = [
            Immutable(disposable=True),
            DisposedInTime(OLD_WRONG_CODES),
            NoTruncate(),
            Traced(unless=NOT_THE_OWNER),
        ]

    def __str__(self) -> str:
        return f"Wrong code, {told(self.entered_at)}"


class EarlierPassword(models.Model):
    """The hash of a password that somebody chose: none of the latest is chosen again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    encoded = models.CharField(max_length=128)
    chosen_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "-chosen_at"], name="password_of_user"),
        ]
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Traced(unless=NOT_THE_OWNER, secret=("encoded",)),
        ]

    def __str__(self) -> str:
        return f"Password chosen {told(self.chosen_at)}"
