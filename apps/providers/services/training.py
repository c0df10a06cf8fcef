"""Commands on the training that everybody who dispenses acknowledges first (L-ENR-2)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from apps.accounts import selectors as accounts
from apps.accounts.models import User
from apps.accounts.signed import sign_for_organization
from apps.audit import services as audit
from apps.audit.models import Meaning
from apps.audit.signatures import sign_on_paper
from apps.core.call import DISPENSING, Actor, ActorKind, Role, Signing
from apps.core.checks import EARLIEST, one_line
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed
from apps.providers.models import Pharmacy, StaffTraining
from apps.providers.selectors import is_trained, training_version
from apps.providers.services.checks import (
    all_signed,
    in_person,
    own_pharmacy,
    represented_pharmacy,
)
from apps.providers.signed import staff_training


@command(by=DISPENSING | {Role.REPRESENTATIVE})
def acknowledge_training(run: Run, *, program: str, attestations: Collection[str]) -> StaffTraining:
    """A person of a pharmacy acknowledges and signs the present training, point by point (L-ENR-2).

    Raises InvalidRequest naming what is not acknowledged, NotAllowed for a system, Conflict when
    this version is acknowledged already.
    """
    version = all_signed(program, "staff_training", attestations)
    user_id = in_person(run)
    pharmacy = own_pharmacy(run)
    now = run.read_clock()
    if is_trained(user_id, pharmacy.pk, program):
        raise Conflict("You have acknowledged this version of the training already.")
    training = _keep(
        run,
        pharmacy,
        program=program,
        user_id=user_id,
        name=str(User.objects.get(pk=user_id)),
        text_version=version,
        acknowledged_at=now,
    )
    _sign(run, Meaning.STAFF_TRAINING, training)
    return training


@command(by=frozenset({Role.REPRESENTATIVE}))
def record_staff_training(
    run: Run, *, program: str, name: str, role: str, acknowledged_at: datetime
) -> StaffTraining:
    """The representative records, and signs for, the paper of one without an account (L-ENR-2).

    Such a person dispenses through the pharmacy's own system; by their role they may counsel, or
    not. Raises InvalidRequest, NotAllowed.
    """
    pharmacy = represented_pharmacy(run)
    now = run.read_clock()
    wrong = {}
    if not name.strip():
        wrong["name"] = "This is required."
    if role not in StaffTraining.Role.values:
        wrong["role"] = "Say whether they are a pharmacist or a technician."
    if not EARLIEST <= acknowledged_at <= now:
        wrong["acknowledged_at"] = "Not in the future, nor before 1900. Enter when it happened."
    if wrong:
        raise InvalidRequest("The training cannot be recorded so.", wrong)
    one_line(name=name)
    training = _keep(
        run,
        pharmacy,
        program=program,
        user_id=None,
        name=name.strip(),
        role=role,
        text_version=training_version(program),
        acknowledged_at=acknowledged_at,
    )
    sign_on_paper(
        run,
        meaning=Meaning.STAFF_TRAINING,
        subject=training,
        content=staff_training(training),
        named=training.name,
        at=training.acknowledged_at,
    )
    _sign(run, Meaning.TRAINING_RECORD, training)
    return training


def require_training(actor: Actor, pharmacy: Pharmacy, program: str) -> None:
    """Raises NotAllowed for a person who did not acknowledge the present training here (L-ENR-2).

    A pharmacy's system acts for the pharmacy, whose representative attests the training of all who
    dispense; only people can be asked one by one.
    """
    if actor.kind is not ActorKind.PERSON or actor.id is None:
        return
    if not is_trained(actor.id, pharmacy.pk, program):
        raise NotAllowed(
            "You have not acknowledged the present training of this pharmacy's staff yet. Read and "
            "acknowledge it on the page Training; then you can go on at once."
        )


def require_counselor(signing: Signing | None, pharmacy: Pharmacy, program: str) -> None:
    """Raises InvalidRequest unless who signs is a pharmacist here who acknowledged the training.

    Whoever's screen it is: counseling is a pharmacist's, and those who dispense were trained first
    (L-ENR-2). What a pharmacy's own system signs, the pharmacy answers for.
    """
    if signing is None or signing.user_id is None:
        return
    pharmacists = accounts.people_with_role(
        Role.PHARMACIST, organization_id=pharmacy.organization_id
    )
    if not pharmacists.filter(pk=signing.user_id).exists():
        raise InvalidRequest(
            "A pharmacist of this pharmacy counsels, and signs the checklist.",
            {"counselor": "Choose the pharmacist who counseled, and who signs here."},
        )
    if not is_trained(signing.user_id, pharmacy.pk, program):
        raise InvalidRequest(
            "The counselor has not acknowledged the present training of this pharmacy's staff.",
            {"counselor": "They read and acknowledge it on the page Training; then sign."},
        )


def _sign(run: Run, meaning: Meaning, training: StaffTraining) -> None:
    """Raises InvalidRequest for a person who did not prove who they are."""
    sign_for_organization(run, meaning=meaning, subject=training, content=staff_training(training))


def _keep(run: Run, pharmacy: Pharmacy, **fields: Any) -> StaffTraining:
    training = StaffTraining.objects.create(
        pharmacy=pharmacy, recorded_at=run.now, operation_id=run.operation_id, **fields
    )
    audit.record(run, "training_acknowledged", subject=training)
    return training
