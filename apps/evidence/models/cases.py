"""The follow-up of a pregnancy case: what becomes known of it, and the steps owed (L-PRG-2).

Rows are added, never changed: the latest detail holds, and a step ends once.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.timezone import localtime

from apps.core.models import Operation, Recorded
from apps.core.triggers import Immutable, NoTruncate, Traced
from apps.evidence.models.pregnancy import PregnancyCase


class CaseDetail(Recorded):
    """All that was known of a case at one moment; the latest of a case holds."""

    class PregnancyOutcome(models.TextChoices):
        ONGOING = "ongoing", "Ongoing"
        LIVE_BIRTH = "live_birth", "Live birth"
        BIRTH_DEFECT = "birth_defect", "Live birth with a birth defect"
        STILLBIRTH = "stillbirth", "Stillbirth"
        SPONTANEOUS_ABORTION = "spontaneous_abortion", "Spontaneous abortion"
        INDUCED_ABORTION = "induced_abortion", "Induced abortion"
        ECTOPIC = "ectopic", "Ectopic pregnancy"
        NOT_PREGNANT = "not_pregnant", "Not pregnant"
        UNKNOWN = "unknown", "Unknown"

    class RootCause(models.TextChoices):
        NO_CONTRACEPTION = "no_contraception", "No contraception was used"
        CONTRACEPTION_INTERRUPTED = "contraception_interrupted", "Contraception was interrupted"
        CONTRACEPTION_FAILED = "contraception_failed", "Contraception failed"
        TEST_NOT_DONE = "test_not_done", "A pregnancy test was not done"
        TEST_FALSE_NEGATIVE = "test_false_negative", "A pregnancy test was false negative"
        PREGNANT_BEFORE_START = "pregnant_before_start", "Pregnant before the start"
        CATEGORY_WRONG = "category_wrong", "The risk category was wrong"
        NOT_UNDERSTOOD = "not_understood", "The instructions were not understood"
        SHARED_DRUG = "shared_drug", "Capsules of another patient"
        PARTNER_UNPROTECTED = "partner_unprotected", "No condom with the partner"
        NOT_KNOWN = "not_known", "Not known"
        OTHER = "other", "Another cause"

    case = models.ForeignKey(PregnancyCase, on_delete=models.PROTECT, related_name="details")
    exposed_from = models.DateField(null=True, help_text="First day on which the drug was taken.")
    exposed_until = models.DateField(null=True, help_text="Last day on which it was taken.")
    conceived_on = models.DateField(null=True, help_text="Estimate.")
    birth_expected_on = models.DateField(null=True)
    pregnancy_ended_on = models.DateField(null=True)
    pregnancy_outcome = models.CharField(max_length=20, choices=PregnancyOutcome, blank=True)
    root_cause = models.CharField(max_length=25, choices=RootCause, blank=True)
    notes = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(exposed_until__gte=F("exposed_from"))
                | Q(exposed_from__isnull=True)
                | Q(exposed_until__isnull=True),
                name="case_exposure_in_order",
            ),
            models.CheckConstraint(
                condition=Q(birth_expected_on__gt=F("conceived_on"))
                | Q(birth_expected_on__isnull=True)
                | Q(conceived_on__isnull=True),
                name="case_birth_after_conception",
            ),
            models.CheckConstraint(
                condition=Q(
                    pregnancy_outcome__in=[
                        "",
                        "ongoing",
                        "live_birth",
                        "birth_defect",
                        "stillbirth",
                        "spontaneous_abortion",
                        "induced_abortion",
                        "ectopic",
                        "not_pregnant",
                        "unknown",
                    ]
                ),
                name="case_pregnancy_outcome_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    root_cause__in=[
                        "",
                        "no_contraception",
                        "contraception_interrupted",
                        "contraception_failed",
                        "test_not_done",
                        "test_false_negative",
                        "pregnant_before_start",
                        "category_wrong",
                        "not_understood",
                        "shared_drug",
                        "partner_unprotected",
                        "not_known",
                        "other",
                    ]
                ),
                name="case_root_cause_is_known",
            ),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"Details of {localtime(self.recorded_at):%-d %B %Y}"


class CaseStep(Recorded):
    """One step of a case's follow-up and the day by which it is owed.

    It ends once: done, waived with a reason, or rescheduled (then a new row has the new day).
    """

    class End(models.TextChoices):
        DONE = "done", "Done"
        WAIVED = "waived", "Waived"
        RESCHEDULED = "rescheduled", "Rescheduled"

    case = models.ForeignKey(PregnancyCase, on_delete=models.PROTECT, related_name="steps")
    program = models.CharField(max_length=40, help_text="Whose policy set the day.")
    kind = models.CharField(max_length=40, help_text="A code of the policy's follow-up.")
    title = models.CharField(max_length=120, help_text="As the policy called it then.")
    due_on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=11, choices=End, blank=True)
    note = models.CharField(max_length=1000, blank=True, help_text="What was done, or why not.")
    ending_operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(ended_at__isnull=True),
                name="case_step_open_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_as__in=["", "done", "waived", "rescheduled"]),
                name="case_step_end_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    ended_at__isnull=True, ended_as="", note="", ending_operation__isnull=True
                )
                | (
                    Q(ended_at__isnull=False, ending_operation__isnull=False)
                    & Q(ended_at__gte=F("recorded_at"))
                    & ~Q(ended_as="")
                    & ~Q(note="")
                ),
                name="case_step_end_is_whole",
            ),
        ]
        triggers: ClassVar = [
            Immutable(closing=("ended_at", "ended_as", "note", "ending_operation_id")),
            NoTruncate(),
            Traced(),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_on"], condition=Q(ended_at__isnull=True), name="case_step_owed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, due {date_format(self.due_on)}"
