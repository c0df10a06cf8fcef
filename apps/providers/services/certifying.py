"""Commands that sign the enrollment form, certify, renew, suspend and reinstate (L-ENR-1, 2)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from apps.accounts.selectors import people_behind
from apps.accounts.signed import sign_for_organization
from apps.audit import services as audit
from apps.audit import signatures
from apps.audit.models import Event, Meaning
from apps.core.call import PROGRAM, ActorKind, Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed
from apps.providers import signed
from apps.providers.models import (
    Pharmacy,
    PharmacyCertification,
    PharmacyEnrollment,
    Prescriber,
    PrescriberEnrollment,
)
from apps.providers.selectors import latest_certification, renewal_opens_at, waiting_forms
from apps.providers.services.checks import Party, all_signed, locked, represented_pharmacy
from apps.rules.calendar import date_of
from apps.rules.edition import Policy
from apps.rules.lifecycle import CERTIFIED_PARTY
from apps.rules.policy import policy_in_force

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
STANDING_EVENTS = ("suspend", "decertify", "reinstate")


@command(by=frozenset({Role.PRESCRIBER}))
def sign_prescriber_enrollment(
    run: Run, *, program: str, attestations: Collection[str]
) -> PrescriberEnrollment:
    """The prescriber acknowledges the education and signs every attestation (L-ENR-1).

    Raises InvalidRequest, naming the attestations that are not signed.
    """
    version = all_signed(program, "prescriber_enrollment", attestations)
    prescriber = locked(Prescriber.objects.filter(pk=run.actor.own_prescriber), "prescriber")
    now = run.read_clock()
    enrollment = PrescriberEnrollment.objects.create(
        prescriber=prescriber,
        form_version=version,
        education_acknowledged_at=now,
        attestations=sorted(attestations),
        signed_at=now,
        recorded_at=now,
        operation_id=run.operation_id,
    )
    signatures.sign(
        run,
        meaning=Meaning.PRESCRIBER_ENROLLMENT,
        subject=enrollment,
        content=signed.prescriber_enrollment(enrollment, program),
        named=prescriber.full_name,
    )
    audit.record(run, "prescriber_enrollment_signed", subject=enrollment)
    return enrollment


@command(by=frozenset({Role.REPRESENTATIVE}))
def sign_pharmacy_enrollment(
    run: Run, *, program: str, attestations: Collection[str]
) -> PharmacyEnrollment:
    """The authorized representative signs every attestation, to certify or to renew (L-ENR-2).

    A pharmacy in good standing is renewed at once, from the end of the period that runs: the staff
    approved it, it attests the same again in time, and to let it lapse while the form waits for
    somebody would stop its patients' supply. Any other form waits for the staff's approval, instead
    of those that waited before. Also a suspended pharmacy renews only when that is open.
    Raises InvalidRequest, naming the attestations that are not signed; NotAllowed for one who is
    not the representative; Conflict before the renewal opens.
    """
    version = all_signed(program, "pharmacy_enrollment", attestations)
    pharmacy = represented_pharmacy(run)
    now = run.read_clock()
    policy = policy_in_force(program, now)
    running = latest_certification(pharmacy)
    if running is not None and running.certified_until <= now:
        running = None
    purpose = PharmacyEnrollment.Purpose.CERTIFICATION
    if running is not None and now < renewal_opens_at(running, policy):
        if pharmacy.enrollments.filter(signed_by_id=pharmacy.representative_id).exists():
            opens_on = date_of(policy.calendar.day(renewal_opens_at(running, policy)))
            raise Conflict(
                f"This certification runs until {running.last_day_on.isoformat()}; it can be "
                f"renewed from {opens_on.isoformat()} on."
            )
        purpose = PharmacyEnrollment.Purpose.REPRESENTATION
    enrollment = add_enrollment(
        run, pharmacy, version, attestations, purpose=purpose, program=program
    )
    renews = purpose == PharmacyEnrollment.Purpose.CERTIFICATION and pharmacy.state == "certified"
    if running is not None and renews:
        _add_period(run, pharmacy, enrollment, policy, starts=running.certified_until)
    return enrollment


def add_enrollment(
    run: Run,
    pharmacy: Pharmacy,
    version: str,
    attestations: Collection[str],
    *,
    purpose: PharmacyEnrollment.Purpose,
    program: str,
) -> PharmacyEnrollment:
    """Keep the form that a representative signs, inside a command."""
    is_person = run.actor.kind is ActorKind.PERSON
    enrollment = PharmacyEnrollment.objects.create(
        pharmacy=pharmacy,
        purpose=purpose,
        signed_by_id=run.actor.id if is_person else None,
        form_version=version,
        attestations=sorted(attestations),
        signed_at=run.now,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    signatures.sign(
        run,
        meaning=Meaning.PHARMACY_ENROLLMENT,
        subject=enrollment,
        content=signed.pharmacy_enrollment(enrollment, program),
        named=str(pharmacy.representative or pharmacy.name),
    )
    audit.record(run, "pharmacy_enrollment_signed", subject=enrollment)
    return enrollment


@command(by=PROGRAM)
def certify_prescriber(run: Run, *, prescriber_id: UUID, reason: str = "") -> Prescriber:
    """Approve a prescriber whose enrollment form is signed (L-ENR-1); `reason`: what was checked.

    Raises NotFound; Conflict when no form is signed or the state does not admit it.
    """
    prescriber = locked(Prescriber.objects.filter(pk=prescriber_id), "prescriber")
    run.read_clock()
    form = prescriber.enrollments.order_by("-signed_at").first()
    _refuse_own(run, prescriber.user_id, *_signers(form))
    _check_signed(prescriber)
    return _move(run, prescriber, "certify", reason.strip())


@command(by=PROGRAM)
def certify_pharmacy(
    run: Run, *, pharmacy_id: UUID, program: str, reason: str = ""
) -> PharmacyCertification:
    """Approve a pharmacy's signed form, for the policy's number of days (L-ENR-2).

    `reason` says what was checked. It begins at once, or where a certification that still runs
    ends. Raises NotFound; Conflict when no form waits for approval or the state does not admit it.
    """
    pharmacy = locked(Pharmacy.objects.filter(pk=pharmacy_id), "pharmacy")
    now = run.read_clock()
    waiting = waiting_forms(pharmacy).order_by("-signed_at").first()
    _refuse_own(run, pharmacy.representative_id, *_signers(waiting))
    if waiting is None:
        raise Conflict("No signed enrollment form of this pharmacy waits for approval.")
    if pharmacy.state == "pending":
        _move(run, pharmacy, "certify", reason.strip(), is_signed=False)
    elif pharmacy.state != "certified":
        raise Conflict(f"A {pharmacy.state} pharmacy must be reinstated first.")
    policy = policy_in_force(program, now)
    latest = latest_certification(pharmacy)
    starts = max(now, latest.certified_until) if latest else now
    period = _add_period(run, pharmacy, waiting, policy, starts=starts, reason=reason.strip())
    sign_for_organization(
        run,
        meaning=Meaning.CERTIFICATION,
        subject=period,
        content=signed.certification(period),
    )
    return period


@command(by=ADMINISTRATOR)
def change_prescriber_standing(
    run: Run, *, prescriber_id: UUID, event: str, reason: str
) -> Prescriber:
    """Suspend, decertify or reinstate a prescriber, with a reason (L-ENR-1).

    Raises NotFound; Conflict when the state does not admit it, or to reinstate one who never
    signed the enrollment form.
    """
    _check_event(event)
    prescriber = locked(Prescriber.objects.filter(pk=prescriber_id), "prescriber")
    run.read_clock()
    if event == "reinstate":
        _refuse_own(run, prescriber.user_id)
        _check_signed(prescriber)
    return _move(run, prescriber, event, required_reason(reason))


@command(by=ADMINISTRATOR)
def change_pharmacy_standing(run: Run, *, pharmacy_id: UUID, event: str, reason: str) -> Pharmacy:
    """Suspend, decertify or reinstate a pharmacy, with a reason (L-ENR-2).

    Raises NotFound; Conflict when the state does not admit it, or to reinstate one that never
    signed the enrollment form.
    """
    _check_event(event)
    pharmacy = locked(Pharmacy.objects.filter(pk=pharmacy_id), "pharmacy")
    run.read_clock()
    if event == "reinstate":
        _refuse_own(run, pharmacy.representative_id)
        _check_signed(pharmacy)
    return _move(run, pharmacy, event, required_reason(reason))


def _add_period(
    run: Run,
    pharmacy: Pharmacy,
    enrollment: PharmacyEnrollment,
    policy: Policy,
    *,
    starts: datetime,
    reason: str = "",
) -> PharmacyCertification:
    last_day = policy.calendar.day(starts) + policy.parameters.pharmacy_certification_days
    certification = PharmacyCertification.objects.create(
        pharmacy=pharmacy,
        enrollment=enrollment,
        certified_from=starts,
        certified_until=policy.calendar.start_of_day(last_day + 1),
        last_day_on=date_of(last_day),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "pharmacy_certified", subject=certification, reason=reason)
    return certification


def _sign_standing(run: Run, party: Prescriber | Pharmacy, moved: Event) -> None:
    """Sign a move of the standing: the event that tells of it is what is signed."""
    sign_for_organization(
        run,
        meaning=Meaning.CERTIFICATION if moved.data["event"] == "certify" else Meaning.STANDING,
        subject=party,
        content=signed.standing(moved),
    )


def _check_event(event: str) -> None:
    """Certifying is a command of its own: it needs a signed form."""
    if event not in STANDING_EVENTS:
        raise InvalidRequest(
            "Unknown change of standing.", {"event": f"One of: {', '.join(STANDING_EVENTS)}."}
        )


def _refuse_own(run: Run, *user_ids: UUID | None) -> None:
    """Raises NotAllowed for who would certify themselves: one person alone never opens the way.

    Nor do they through a system whose credentials they hold.
    """
    if people_behind(run.actor.kind, run.actor.id) & set(user_ids):
        raise NotAllowed("Another person of the program's staff must decide on your certification.")


def _signers(form: PrescriberEnrollment | PharmacyEnrollment | None) -> set[UUID]:
    """Who signed a form, or may have signed it through a system whose credentials they hold."""
    if form is None:
        return set()
    return people_behind(form.operation.actor_kind, form.operation.actor_id)


def _check_signed(party: Prescriber | Pharmacy) -> None:
    if not party.enrollments.exists():
        raise Conflict("The enrollment form is not signed yet.")


def _move(run: Run, party: Party, event: str, reason: str, *, is_signed: bool = True) -> Party:
    """Move a locked party along its lifecycle table, and sign that, unless what follows is signed.

    Raises NotAllowed or Conflict; InvalidRequest for a person who did not prove who they are.
    """
    rows = [row for row in CERTIFIED_PARTY.transitions if row.event == event]
    if not any(run.actor.role.value in row.by for row in rows):
        raise NotAllowed(f"Your role cannot {event} a prescriber or pharmacy.")
    target = CERTIFIED_PARTY.target(event=event, state=party.state, role=run.actor.role.value)
    if target is None:
        raise Conflict(f"One that is {party.state} cannot be moved by “{event}”.")
    before, party.state = party.state, target
    party.save(update_fields=["state"])
    moved = audit.record(
        run,
        f"{party._meta.model_name}_standing_changed",
        subject=party,
        reason=reason,
        data={"event": event, "from": before, "to": target},
    )
    if is_signed:
        _sign_standing(run, party, moved)
    return party
