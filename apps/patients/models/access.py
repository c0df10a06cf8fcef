"""How a patient, or who speaks for them, gets in: one-time codes, and the visits they open."""

import uuid
from datetime import timedelta
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import RowHistory
from apps.core.models import Recorded, told
from apps.core.triggers import (
    NOT_THE_OWNER,
    MovesForward,
    NoDelete,
    NoTruncate,
    Requires,
    TermsAreFixed,
    Traced,
)
from apps.patients.models.contacts import Representative
from apps.patients.models.enrollment import Patient

LONGEST_CODE = timedelta(days=7)
DIGEST = r"^[0-9a-f]{64}$"
# As it was when the code was issued: nobody merged, no other name or category, no new agreement.
HOLDS = """EXISTS (
    SELECT FROM patients_patient p WHERE p.id = NEW.patient_id AND p.merged_into_id IS NULL
    AND NOT EXISTS (SELECT FROM patients_categoryassignment c
        WHERE c.patient_id = p.id AND c.recorded_at > NEW.recorded_at)
    AND NOT EXISTS (SELECT FROM patients_agreement a WHERE a.patient_id = p.id
        AND greatest(a.recorded_at, a.withdrawn_at) > NEW.recorded_at)
    AND NOT EXISTS (SELECT FROM patients_identitycorrection i
        WHERE i.patient_id = p.id AND i.recorded_at > NEW.recorded_at)
    AND NOT EXISTS (SELECT FROM patients_representative r
        WHERE r.id = NEW.representative_id AND r.ended_at IS NOT NULL))"""


class PatientCode(Recorded):
    """A one-time code for a patient or who speaks for them: to enter, or to sign. Digests only.

    It is right once, until `expires_at` (real time, like all instants here but `recorded_at`), and
    not after `wrong_attempts` came to `attempts_allowed`.
    """

    class Purpose(models.TextChoices):
        ENTER = "enter", "To enter"
        SIGN = "sign", "To sign"

    class Way(models.TextChoices):
        SHOWN = "shown", "Shown once, to be told or handed over"
        EMAIL = "email", "Sent by e-mail"

    class Identified(models.TextChoices):
        IN_PERSON = "in_person", "They are here, and I know who they are"
        CALLED_BACK = "called_back", "I called back on the number on record"
        ON_RECORD = "on_record", "It goes to the e-mail address on record"

    class End(models.TextChoices):
        REPLACED = "replaced", "Another code was issued"
        RECORD_CHANGED = "record_changed", "The record changed"
        ENDED = "ended", "Ended by the care team or the program"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="codes")
    representative = models.ForeignKey(
        Representative,
        null=True,
        on_delete=models.PROTECT,
        related_name="codes",
        help_text="Who speaks for the patient, if it is for them; else it is the patient's own.",
    )
    purpose = models.CharField(max_length=5, choices=Purpose)
    way = models.CharField(max_length=5, choices=Way)
    identified = models.CharField(max_length=11, choices=Identified)
    reference_digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts_allowed = models.PositiveSmallIntegerField()
    wrong_attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=14, choices=End, blank=True)

    class Meta:
        verbose_name = "one-time code"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(purpose__in=["enter", "sign"])
                & Q(way__in=["shown", "email"])
                & Q(identified__in=["in_person", "called_back", "on_record"]),
                name="patient_code_is_described",
            ),
            models.CheckConstraint(
                condition=~Q(identified="on_record") | Q(way="email"),
                name="patient_code_goes_to_whom_is_identified",
            ),
            models.CheckConstraint(
                condition=Q(reference_digest__regex=DIGEST) & Q(code_digest__regex=DIGEST),
                name="patient_code_is_kept_as_digests",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at"))
                & Q(expires_at__lte=F("issued_at") + LONGEST_CODE),
                name="patient_code_expires_soon",
            ),
            models.CheckConstraint(
                condition=Q(attempts_allowed__gt=0)
                & Q(attempts_allowed__lte=10)
                & Q(wrong_attempts__lte=F("attempts_allowed")),
                name="patient_code_is_not_guessed_freely",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True)
                | Q(
                    used_at__gte=F("issued_at"),
                    used_at__lt=F("expires_at"),
                    wrong_attempts__lt=F("attempts_allowed"),
                ),
                name="patient_code_is_used_in_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_how="")
                | Q(
                    ended_at__isnull=False,
                    used_at__isnull=True,
                    ended_how__in=["replaced", "record_changed", "ended"],
                ),
                name="patient_code_end_is_whole",
            ),
            models.UniqueConstraint(
                fields=["patient", "purpose"],
                condition=Q(used_at__isnull=True, ended_at__isnull=True),
                name="patient_code_one_is_open",
            ),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False, secret=("reference_digest", "code_digest")),
            TermsAreFixed(but=["wrong_attempts", "used_at", "ended_at", "ended_how"]),
            MovesForward("wrong_attempts"),
            Requires(
                name="patient_code_is_over_once",
                on_update=True,
                holds="OLD.used_at IS NULL AND OLD.ended_at IS NULL",
            ),
            Requires(
                name="patient_code_is_used_while_it_holds",
                on_update=True,
                only_if=pgtrigger.Condition("NEW.used_at IS NOT NULL"),
                holds=HOLDS,
            ),
            RowHistory(secret=("reference_digest", "code_digest")),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {told(self.issued_at)}"


class PatientVisit(models.Model):
    """One browser in which a patient, or who speaks for them, is or was in. All in real time."""

    class End(models.TextChoices):
        LEFT = "left", "Left"
        LEFT_ALONE = "left_alone", "Left alone"
        TOO_OLD = "too_old", "Lasted its longest time"
        COPIED = "copied", "Cookie came from another browser"
        REPLACED = "replaced", "Entered again elsewhere"
        RECORD_CHANGED = "record_changed", "The record changed"
        ENDED = "ended", "Ended by the care team or the program"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.OneToOneField(PatientCode, on_delete=models.PROTECT, related_name="visit")
    session_key = models.CharField(max_length=40, unique=True, null=True, editable=False)
    browser_digest = models.CharField(max_length=64, editable=False)
    address = models.GenericIPAddressField(null=True, blank=True)
    browser = models.CharField(max_length=60, help_text="In words.")
    began_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(help_text="To the minute.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_how = models.CharField(max_length=14, choices=End, blank=True)

    class Meta:
        verbose_name = "patient's visit"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, session_key__isnull=False, ended_how="")
                | Q(ended_at__isnull=False, session_key__isnull=True) & ~Q(ended_how=""),
                name="patient_visit_ends_whole",
            ),
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=F("began_at")),
                name="patient_visit_instants_in_order",
            ),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(unless=NOT_THE_OWNER, updates=False, secret=("session_key", "browser_digest")),
            TermsAreFixed(but=["session_key", "address", "last_seen_at", "ended_at", "ended_how"]),
            Requires(
                name="patient_visit_begins_with_a_code",
                holds="""EXISTS (SELECT FROM patients_patientcode c WHERE c.id = NEW.code_id
                    AND c.purpose = 'enter' AND c.used_at IS NOT NULL
                    AND NEW.began_at >= c.used_at)""",
            ),
            Requires(
                name="patient_visit_is_over_once",
                on_update=True,
                holds="OLD.ended_at IS NULL",
            ),
            RowHistory(
                ignoring=("last_seen_at", "address", "session_key"),
                secret=("session_key", "browser_digest"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.browser}, {told(self.began_at)}"
