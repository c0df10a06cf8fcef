"""Who in the program works on what, and prepared copies of whole records.

What waits is read from the records themselves, never here.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import RowHistory
from apps.core.models import Recorded
from apps.core.triggers import Immutable, NoDelete, NoTruncate, TermsAreFixed, Traced
from apps.patients.models import Patient
from apps.rules.targets import OFFICE_KINDS, TARGET_KINDS

# Every other kind ends with its record: resolved, closed, decided, certified.
SETTLED_BY_HAND = ["undeliverable_notice", "failed_sign_ins"]


class Assignment(Recorded):
    """A queue item was given to a person, or (without one) back to everybody; the latest holds.

    The subject is named as the trail names it, by model label and id, without a foreign key: items
    of every kind can be assigned.
    """

    kind = models.CharField(max_length=40, help_text="A kind of queue item of the policy.")
    subject_model = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="assignments",
        help_text="Nobody: given back to the queue.",
    )
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=TARGET_KINDS + OFFICE_KINDS), name="assignment_kind"
            ),
            models.CheckConstraint(
                condition=~Q(subject_model="") & ~Q(subject_id=""), name="assignment_has_subject"
            ),
            models.UniqueConstraint(
                fields=["kind", "subject_id", "recorded_at"], name="assignment_one_at_an_instant"
            ),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"{self.kind} assigned to {self.assignee or 'nobody'}"


class Settlement(Recorded):
    """An item that nothing else ends was dealt with by hand: once, and how.

    For a message that reached nobody: how the person was told instead. For failed sign-ins: who it
    was; the id then bears the instant of the lock-out as well, since another one is another item.
    """

    kind = models.CharField(max_length=40, help_text="A kind of queue item of the policy.")
    subject_model = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    note = models.CharField(max_length=1000)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=SETTLED_BY_HAND), name="settlement_kind_has_no_other_end"
            ),
            models.CheckConstraint(
                condition=~Q(subject_model="") & ~Q(subject_id=""), name="settlement_has_subject"
            ),
            models.CheckConstraint(condition=~Q(note=""), name="settlement_has_note"),
            models.UniqueConstraint(
                fields=["kind", "subject_id"], name="settlement_of_an_item_is_one"
            ),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"{self.kind} settled"


WORK_ON_A_COPY = ("attempts", "lease_until", "lease_token", "parts", "parts_done")
FILES_OF_A_COPY = ("pdf", "json")


class RecordCopy(Recorded):
    """A patient's complete record that somebody asked for: made by a worker, as both files at once.

    Who asked is the operation's actor. The files stay for a day; the row stays. Nobody else makes
    it before `lease_until`: with a token somebody is making it now.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT)
    reason = models.CharField(max_length=400, help_text="The legal reason.")
    events_upto = models.BigIntegerField(help_text="The last event of the trail that it tells of.")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, help_text="The database's real time.")
    lease_token = models.UUIDField(null=True)
    parts = models.PositiveIntegerField(default=0, help_text="Of the work; 0 while it is read.")
    parts_done = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=60, blank=True, help_text="The kind of failure.")
    failed_at = models.DateTimeField(null=True, help_text="Given up; the program's time.")
    read_at = models.DateTimeField(
        null=True, help_text="The moment whose rows it holds; the program's time."
    )
    made_at = models.DateTimeField(null=True, help_text="The program's time.")
    pdf = models.BinaryField(null=True)
    json = models.BinaryField(null=True)
    pdf_sha256 = models.CharField("SHA-256 of the PDF", max_length=64, blank=True)
    json_sha256 = models.CharField("SHA-256 of the JSON", max_length=64, blank=True)
    emptied_at = models.DateTimeField(
        null=True, help_text="When the files were removed; the program's time."
    )

    class Meta:
        verbose_name = "copy of a complete record"
        verbose_name_plural = "copies of complete records"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="record_copy_has_reason"),
            models.CheckConstraint(
                condition=Q(parts_done__lte=F("parts")), name="record_copy_parts_are_in_order"
            ),
            models.CheckConstraint(
                condition=Q(failed_at__isnull=True) | Q(made_at__isnull=True) & ~Q(last_error=""),
                name="record_copy_failure_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(
                    made_at__isnull=True,
                    read_at__isnull=True,
                    pdf__isnull=True,
                    json__isnull=True,
                    pdf_sha256="",
                    json_sha256="",
                    emptied_at__isnull=True,
                )
                | Q(made_at__isnull=False, read_at__isnull=False)
                & ~Q(pdf_sha256="")
                & ~Q(json_sha256="")
                & (
                    Q(emptied_at__isnull=True, pdf__isnull=False, json__isnull=False)
                    | Q(emptied_at__isnull=False, pdf__isnull=True, json__isnull=True)
                ),
                name="record_copy_made_is_whole",
            ),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False, secret=FILES_OF_A_COPY),
            TermsAreFixed(
                but=[
                    *WORK_ON_A_COPY,
                    *FILES_OF_A_COPY,
                    "last_error",
                    "failed_at",
                    "read_at",
                    "made_at",
                    "pdf_sha256",
                    "json_sha256",
                    "emptied_at",
                ]
            ),
            RowHistory(ignoring=WORK_ON_A_COPY, secret=FILES_OF_A_COPY),
        ]

    def __str__(self) -> str:
        return f"Copy asked for {self.recorded_at:%Y-%m-%d %H:%M} UTC"
