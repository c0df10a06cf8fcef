"""Every decision with the facts that it used, exactly as the evaluation contract writes them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact

from apps.core.models import Recorded
from apps.core.triggers import (
    AN_OPERATION_IS_NAMED,
    Agrees,
    Immutable,
    NoTruncate,
    Requires,
    Traced,
)
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
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Traced(unless=AN_OPERATION_IS_NAMED, key="digest"),
        ]

    def __str__(self) -> str:
        return self.digest[:12]


class PolicyEdition(models.Model):
    """The ledger of policy files: which text of which edition decides here, and since when.

    One row a text. A text that decided nothing yet may be replaced by another one of the same
    version; a text that decided anything never is.
    """

    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    program = models.CharField(max_length=40)
    version = models.CharField(max_length=60)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    approved_by = models.CharField(max_length=200)
    approved_on = models.DateField()
    came_into_force_at = models.DateTimeField(
        help_text="Its first instant by the file, or when it was recorded, if that was later."
    )
    recorded_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, help_text="When another text took its version.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="edition_digest_is_sha256"
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=""), name="edition_names_who_approved_it"
            ),
            models.CheckConstraint(
                condition=Q(came_into_force_at__gte=F("recorded_at")),
                name="edition_is_recorded_before_it_decides",
            ),
            models.CheckConstraint(
                condition=Q(replaced_at__isnull=True) | Q(replaced_at__gte=F("recorded_at")),
                name="edition_is_replaced_after_recorded",
            ),
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(replaced_at__isnull=True),
                name="edition_has_one_text",
            ),
        ]
        triggers: ClassVar = [Immutable(closing=("replaced_at",)), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return self.version


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
            Traced(unless=AN_OPERATION_IS_NAMED),
            # Not a foreign key: each would lock the same few rows for every check.
            Requires(
                name="edition_is_recorded",
                holds="EXISTS (SELECT FROM eligibility_policyedition e "
                "WHERE e.digest = NEW.policy_digest AND e.version = NEW.policy_version "
                "AND e.program = NEW.program AND e.replaced_at IS NULL)",
            ),
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
