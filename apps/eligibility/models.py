"""Every decision with the facts that it used, exactly as the evaluation contract writes them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact

from apps.core.models import Recorded
from apps.core.triggers import Agrees, Immutable, NoTruncate
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization, Confirmation, Dispense


class FactsDocument(models.Model):
    """A facts document of the evaluation contract; equal documents are one row."""

    digest = models.CharField(primary_key=True, max_length=64, help_text="SHA-256, canonical JSON.")
    document = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="facts_digest_is_sha256"
            )
        ]
        triggers: ClassVar = [Immutable(), NoTruncate()]

    def __str__(self) -> str:
        return self.digest[:12]


class Decision(Recorded):
    """One answer of the rules to one real question; it replays to itself (contract, page 1).

    Every check adds one, so only what is searched has an index: the patient, the authorization.
    """

    class Act(models.TextChoices):
        AUTHORIZE = "authorize", "Request for an authorization"
        VERIFY = "verify", "Eligibility check"
        CONFIRM = "confirm", "Confirmation"
        DISPENSE = "dispense", "Dispense"

    program = models.CharField(max_length=40)
    act = models.CharField(max_length=10, choices=Act)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    facts = models.ForeignKey(
        FactsDocument, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    document = models.JSONField(help_text="The decision, as the contract writes it.")
    allowed = models.BooleanField()
    policy_version = models.CharField(max_length=60)
    policy_digest = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=20)
    authorization = models.ForeignKey(
        Authorization,
        null=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        help_text="The one issued, or the one asked about.",
    )
    confirmation = models.ForeignKey(
        Confirmation,
        null=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        db_index=False,
    )
    dispense = models.ForeignKey(
        Dispense, null=True, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(act__in=["authorize", "verify", "confirm", "dispense"]),
                name="decision_act_is_known",
            ),
            models.CheckConstraint(
                condition=Q(allowed=True)
                | Q(act="authorize", authorization__isnull=True)
                | ~Q(act="authorize"),
                name="decision_refused_issues_nothing",
            ),
            models.CheckConstraint(
                condition=Q(dispense__isnull=True) | Q(act="dispense", allowed=True),
                name="decision_refused_dispenses_nothing",
            ),
            models.CheckConstraint(
                condition=Q(act="authorize") | Q(authorization__isnull=False),
                name="decision_names_its_authorization",
            ),
            models.CheckConstraint(
                condition=Q(allowed=False)
                | Q(act="authorize", authorization__isnull=False)
                | Q(act="verify")
                | Q(act="confirm", confirmation__isnull=False)
                | Q(act="dispense", dispense__isnull=False),
                name="decision_allowed_names_its_result",
            ),
            models.CheckConstraint(
                condition=Q(confirmation__isnull=True)
                | Q(act="confirm", allowed=True)
                | Q(act="dispense"),
                name="decision_refused_confirms_nothing",
            ),
            models.CheckConstraint(
                condition=Exact(
                    Coalesce(
                        Cast(KeyTextTransform("allowed", "document"), models.BooleanField()),
                        Value(False),
                    ),
                    F("allowed"),
                ),
                name="decision_document_agrees",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "recorded_at"], name="decision_of")]
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Agrees(
                name="authorization_is_the_patients",
                reference="authorization_id",
                table="prescriptions_authorization",
                columns=["patient_id", "program"],
            ),
            Agrees(
                name="confirmation_is_of_it",
                reference="confirmation_id",
                table="prescriptions_confirmation",
                columns=["authorization_id"],
            ),
            Agrees(
                name="dispense_is_of_it",
                reference="dispense_id",
                table="prescriptions_dispense",
                columns=["authorization_id", "confirmation_id", "patient_id"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {'allowed' if self.allowed else 'refused'}"
