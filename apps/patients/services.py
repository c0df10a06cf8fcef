"""Commands on patients: enroll, correct contact data; and the lock that every command takes first.

What would void an authorization (a new category, a completed agreement) lives in `evidence`.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.db.models import QuerySet

from apps.audit import services as audit
from apps.core.call import PRESCRIBING, PROGRAM, SCANNED, Role
from apps.core.checks import EARLIEST, one_line, required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.core.overtaken import refuse_overtaken
from apps.patients import selectors
from apps.patients.ending_access import end_access
from apps.patients.enrolling import wait_for_other_enrollments
from apps.patients.models import Agreement, CategoryAssignment, DuplicateDecision, Patient
from apps.patients.selectors import Resemblance
from apps.patients.showing import refuse_after_many_shown
from apps.patients.signed import sign_sides
from apps.providers.models import Prescriber
from apps.rules.calendar import birthday, date_of
from apps.rules.dates import Dated, least_favorable
from apps.rules.documents import document
from apps.rules.edition import Policy
from apps.rules.policy import policy_in_force

REQUIRED = ("given_name", "family_name", "postal_code")
NO_PATIENT = "There is no such patient among those that you may see."


class LikelyDuplicates(Conflict):
    """The new patient resembles registered ones, and nobody decided about them yet (L-PAT-1)."""

    code = "likely_duplicates"

    def __init__(self, resemblances: list[Resemblance]) -> None:
        super().__init__(
            "This person resembles patients who are registered already. Decide for each of them "
            "whether it is the same person."
        )
        self.resemblances = resemblances


class Merged(Conflict):
    """The record was merged: only the one that is kept of this person is acted on (L-PAT-1)."""

    code = "patient_merged"

    def __init__(self, patient: Patient) -> None:
        super().__init__(
            f"This record was merged into {patient.merged_into_id}: act on that one instead."
        )
        self.kept_id = patient.merged_into_id


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a patient is and how to reach them."""

    given_name: str
    family_name: str
    born_on: date
    postal_code: str
    phone: str = ""
    email: str = ""
    time_zone: str = "America/New_York"


@dataclass(frozen=True, slots=True)
class CategoryBasis:
    """Why an adult female is not of reproductive potential (L-CAT-2)."""

    kind: str
    on: date


@dataclass(frozen=True, slots=True)
class Signatures:
    """Who signs an agreement and when; None while a signature is still missing."""

    signer: str
    signer_name: str
    signer_relationship: str = ""
    patient_signed_at: datetime | None = None
    prescriber_signed_at: datetime | None = None
    patient_signed_on: date | None = None
    prescriber_signed_on: date | None = None
    patient_date_only: bool = False
    prescriber_date_only: bool = False
    scan: bytes | None = None  # Of the paper on which the patient's side signed.

    def in_time(self, policy: Policy, now: datetime) -> "Signatures":
        """The same with instants: of a mere date the least favorable one (L-SRC-2).

        Raises InvalidRequest for a signature with both.
        """
        known: dict[str, Any] = {}
        for name in ("patient", "prescriber"):
            at, on = getattr(self, f"{name}_signed_at"), getattr(self, f"{name}_signed_on")
            if at is not None and on is not None:
                raise InvalidRequest(
                    "Say when it was signed, once.",
                    {f"{name}_signed_on": "Give the instant or the date, not both."},
                )
            if on is not None:
                known[f"{name}_signed_at"] = least_favorable(
                    Dated.SIGNATURE, on, calendar=policy.calendar, now=now
                )
                known |= {f"{name}_signed_on": None, f"{name}_date_only": True}
        return replace(self, **known)


@dataclass(frozen=True, slots=True)
class NotDuplicate:
    """A decision: the new patient is not this registered one, because …"""

    patient_id: UUID
    reason: str


@dataclass(slots=True)
class _Problems:
    fields: dict[str, str] = field(default_factory=dict)

    def raise_if_any(self) -> None:
        if self.fields:
            raise InvalidRequest("Some of the entries cannot be right.", self.fields)


def lock_patient(run: Run, patient_id: UUID) -> Patient:
    """Lock a patient that the actor may see, then read the clock; the first step of a command.

    Raises NotFound for a patient who does not exist or is not the actor's to see, and Merged for a
    record that is not the one kept of the person.
    """
    (patient,) = lock_patients(run, [patient_id])
    return patient


def lock_patients(run: Run, patient_ids: Collection[UUID]) -> list[Patient]:
    """Lock several patients whom the actor may see, always in the order of their ids.

    They come in the order asked for. Raises NotFound and Merged as for one.
    """
    found = _locked(Patient.objects.filter(pk__in=patient_ids).order_by("pk"))
    # Looked up under the lock: while it waited, the patient may have gone to somebody else.
    visible = selectors.visible_to(run.actor).filter(pk__in=patient_ids)
    if set(visible.values_list("pk", flat=True)) != set(patient_ids):
        raise NotFound(NO_PATIENT)
    _begin(run, found)
    by_id = {patient.pk: patient for patient in found}
    return [by_id[patient_id] for patient_id in patient_ids]


def lock(run: Run, patients: QuerySet[Patient], *, merged_too: bool = False) -> Patient:
    """Lock the one patient of the query whoever asks, then read the clock. Raises NotFound.

    `now` is strictly after the patient's latest recorded instant, and becomes it. Raises Merged for
    a merged record, save where a number of it must still be answered (`merged_too`).
    """
    found = _locked(patients)[:1]
    if not found:
        raise NotFound(NO_PATIENT)
    _begin(run, found, merged_too=merged_too)
    return found[0]


def lock_kept(run: Run, patient_id: UUID) -> Patient:
    """Lock the record kept of the person whose entry may stand on a merged one, whoever asks."""
    return lock(run, Patient.objects.filter(pk=selectors.kept(patient_id)))


def _locked(patients: QuerySet[Patient]) -> list[Patient]:
    # All locks are "no key": a stronger one would wait for the foreign keys of a check that is
    # just being kept, while that check waits for us: a deadlock.
    return list(patients.select_for_update(of=("self",), no_key=True))


def _begin(run: Run, patients: list[Patient], *, merged_too: bool = False) -> None:
    for patient in patients:
        if patient.merged_into_id is not None and not merged_too:
            raise Merged(patient)
    now = run.read_clock(later_than=max(patient.latest_recorded_at for patient in patients))
    for patient in patients:
        patient.latest_recorded_at = now
        patient.save(update_fields=["latest_recorded_at"])


@command(by=PRESCRIBING)
def enroll_patient(
    run: Run,
    *,
    program: str,
    identity: Identity,
    risk_category: str,
    basis: CategoryBasis | None,
    signatures: Signatures,
    not_duplicates: tuple[NotDuplicate, ...] = (),
) -> Patient:
    """Enroll a patient with a category and an agreement (L-ENR-3, L-CAT-1 to 4, L-PAT-1).

    Raises LikelyDuplicates while a resemblance is undecided (TooManyRequests after many of them),
    InvalidRequest for entries that cannot be right, Conflict when the prescriber is not certified.
    """
    refuse_after_many_shown(run.actor)
    wait_for_other_enrollments()
    prescriber = certified_prescriber(run)
    now = run.read_clock()
    policy = policy_in_force(program, now)
    signatures = signatures.in_time(policy, now)
    check_identity(policy, identity, now=now)
    check_category(policy, identity.born_on, risk_category, basis, now=now)
    check_signatures(run, policy, risk_category, signatures, born_on=identity.born_on)
    decided = _decided_duplicates(identity, not_duplicates)
    patient = Patient.objects.create(
        given_name=identity.given_name.strip(),
        family_name=identity.family_name.strip(),
        born_on=identity.born_on,
        postal_code=identity.postal_code.strip(),
        phone=identity.phone.strip(),
        email=identity.email.strip().lower(),
        time_zone=identity.time_zone,
        prescriber=prescriber,
        registered_at=now,
        latest_recorded_at=now,
    )
    assign_category(run, patient, risk_category, basis, reason="Enrollment")
    add_agreement(
        run,
        patient,
        prescriber=prescriber,
        program=program,
        risk_category=risk_category,
        signatures=signatures,
    )
    DuplicateDecision.objects.bulk_create(
        DuplicateDecision(
            patient=patient,
            resembles_id=decision.patient_id,
            reason=decision.reason,
            recorded_at=now,
            operation_id=run.operation_id,
        )
        for decision in decided
    )
    audit.record(run, "patient_enrolled", subject=patient, patient_id=patient.pk)
    return patient


@command(by=PRESCRIBING | PROGRAM)
def correct_contact(
    run: Run, *, patient_id: UUID, postal_code: str, phone: str, email: str, time_zone: str,
    seen: str = "",
) -> Patient:  # fmt: skip
    """Change how a patient is reached; what it was stays in the row's history.

    `seen` is the mark of what the sender saw. Raises Overtaken where it is another by now.
    """
    check_time_zone(time_zone)
    one_line(postal_code=postal_code, phone=phone)
    patient = lock_patient(run, patient_id)
    refuse_overtaken(seen, selectors.contact_of(patient))
    if email.strip().lower() != patient.email:
        end_access(run, patient)  # What went to the old address opens nothing any more.
    patient.postal_code, patient.phone = postal_code.strip(), phone.strip()
    patient.email, patient.time_zone = email.strip().lower(), time_zone
    patient.save(update_fields=["postal_code", "phone", "email", "time_zone"])
    _resolve_undeliverable(run, patient)
    audit.record(run, "patient_contact_corrected", subject=patient, patient_id=patient.pk)
    return patient


def _resolve_undeliverable(run: Run, patient: Patient) -> None:
    """An address that reached nobody is settled once another one is on record (L-END-3)."""
    for found in patient.undeliverable_addresses.filter(resolved_at__isnull=True):
        if selectors.address_of(patient, found.kind) != found.address:
            found.resolved_at, found.resolution = run.now, "Another address was recorded."
            found.resolving_operation_id = run.operation_id
            found.save(update_fields=["resolved_at", "resolution", "resolving_operation"])


@command(by=PROGRAM)
def decide_not_duplicate(
    run: Run, *, patient_id: UUID, resembles_id: UUID, reason: str
) -> DuplicateDecision:
    """Decide that two registered patients who resemble each other are two persons (L-PAT-1).

    Raises InvalidRequest without a reason, Conflict when the staff decided that already.
    """
    if patient_id == resembles_id:
        raise InvalidRequest("One patient.", {"resembles_id": "Name another patient."})
    cause = required_reason(reason)
    both = patient, other = lock_patients(run, [patient_id, resembles_id])
    decided = DuplicateDecision.objects.filter(patient__in=both, resembles__in=both)
    if decided.exclude(operation__role__in=PRESCRIBING).exists():
        raise Conflict("This was decided already.")
    # Beside what the care team said at enrollment, the staff's word stands the other way round.
    first, second = reversed(both) if decided.filter(patient=patient).exists() else both
    decision = DuplicateDecision.objects.create(
        patient=first,
        resembles=second,
        reason=cause,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(
        run, "resemblance_decided", subject=decision, patient_id=patient.pk,
        patient_ids=[other.pk], reason=decision.reason, data={"resembles": str(other.pk)},
    )  # fmt: skip
    return decision


def certified_prescriber(run: Run) -> Prescriber:
    """The prescriber for whom the actor acts, locked for share. Raises Conflict, not certified."""
    prescriber = share_prescriber(run.actor.own_prescriber)
    if prescriber.state != "certified":
        raise Conflict(
            f"The prescriber's certification is {prescriber.get_state_display().lower()}: "
            "the program must certify the prescriber first."
        )
    return prescriber


def share_prescriber(prescriber_id: UUID) -> Prescriber:
    """Lock a prescriber for share, so that no suspension passes meanwhile. Raises NotFound."""
    rows = Prescriber.objects.raw(
        "SELECT * FROM providers_prescriber WHERE id = %s FOR SHARE", [prescriber_id]
    )
    for prescriber in rows:
        return prescriber
    raise NotFound("There is no such prescriber.")


def assign_category(
    run: Run,
    patient: Patient,
    risk_category: str,
    basis: CategoryBasis | None,
    *,
    reason: str,
) -> CategoryAssignment:
    """Give a patient a category, inside a command; access that was given before ends."""
    end_access(run, patient)
    return CategoryAssignment.objects.create(
        patient=patient,
        risk_category=risk_category,
        basis_kind=basis.kind if basis else "",
        basis_on=basis.on if basis else None,
        reason=reason,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )


def add_agreement(
    run: Run,
    patient: Patient,
    *,
    prescriber: Prescriber,
    program: str,
    risk_category: str,
    signatures: Signatures,
) -> Agreement:
    """Add an agreement with its signatures so far, inside a command; access given before ends."""
    end_access(run, patient)
    text = document(program, "agreement", risk_category)
    agreement = Agreement.objects.create(
        program=program,
        patient=patient,
        prescriber=prescriber,
        risk_category=risk_category,
        text_version=text.version,
        text_language=text.language,
        signer=signatures.signer,
        signer_name=signatures.signer_name.strip(),
        signer_relationship=signatures.signer_relationship.strip(),
        patient_signed_at=signatures.patient_signed_at,
        prescriber_signed_at=signatures.prescriber_signed_at,
        patient_date_only=signatures.patient_date_only if signatures.patient_signed_at else None,
        prescriber_date_only=(
            signatures.prescriber_date_only if signatures.prescriber_signed_at else None
        ),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    sign_sides(run, agreement, scan=signatures.scan)
    audit.record(run, "agreement_added", subject=agreement, patient_id=patient.pk)
    return agreement


def check_identity(policy: Policy, identity: Identity, *, now: datetime) -> None:
    """Raises InvalidRequest for a missing or unreadable name or an impossible date of birth."""
    problems = _Problems()
    blank = (name for name in REQUIRED if not getattr(identity, name).strip())
    problems.fields.update(dict.fromkeys(blank, "This is required."))
    if not EARLIEST.date() <= identity.born_on <= date_of(policy.calendar.day(now)):
        problems.fields["born_on"] = "The date of birth must lie between 1900 and today."
    problems.raise_if_any()
    one_line(**{name: getattr(identity, name) for name in (*REQUIRED, "phone")})
    check_time_zone(identity.time_zone)


def check_time_zone(time_zone: str) -> None:
    """Raises InvalidRequest for a zone that does not exist: quiet hours are kept in it (§12)."""
    if time_zone not in _time_zones():
        raise InvalidRequest(
            "Unknown time zone.",
            {"time_zone": "Give a name of the IANA time zone database, like America/Chicago."},
        )


@cache
def _time_zones() -> set[str]:
    # Found by walking through files: that takes longer than all the rest of an enrollment's checks.
    return available_timezones()


def check_category(
    policy: Policy,
    born_on: date,
    risk_category: str,
    basis: CategoryBasis | None,
    *,
    now: datetime,
) -> None:
    """Raises InvalidRequest for a category that does not fit the age or lacks its basis."""
    problems = _Problems()
    category = policy.categories.get(risk_category)
    if category is None:
        raise InvalidRequest("Unknown risk category.", {"risk_category": "Choose one of the list."})
    today = policy.calendar.day(now)
    is_adult = today >= birthday(born_on, policy.parameters.adult_age_years)
    if category.adult not in {None, is_adult}:
        fits = "an adult" if is_adult else "a child"
        problems.fields["risk_category"] = f"The date of birth is that of {fits} (L-CAT-1)."
    if category.needs_basis and basis is None:
        problems.fields["category_basis"] = "This category needs a basis with its date (L-CAT-2)."
    if not category.needs_basis and basis is not None:
        problems.fields["category_basis"] = "This category has no basis: leave it out."
    if basis is not None and basis.kind not in CategoryAssignment.Basis.values:
        problems.fields["category_basis"] = "Choose one of the list: nothing else is a basis."
    if basis is not None and not born_on <= basis.on <= date_of(today):
        problems.fields["category_basis"] = "Its date must lie between birth and today."
    problems.raise_if_any()


def check_signatures(
    run: Run, policy: Policy, risk_category: str, signatures: Signatures, *, born_on: date
) -> None:
    """Raises InvalidRequest for a signer who does not fit, or a signature of an impossible time.

    Raises NotAllowed when somebody else than the prescriber's side signs for the prescriber.
    """
    problems = _Problems()
    one_line(signer_name=signatures.signer_name, signer_relationship=signatures.signer_relationship)
    fitting = policy.categories[risk_category].signers
    born_at = policy.calendar.start_of_day(born_on.toordinal())
    if signatures.signer not in fitting:
        problems.fields["signer"] = f"For this category, one of these signs: {', '.join(fitting)}."
    if not signatures.signer_name.strip():
        problems.fields["signer_name"] = "The name of who signs is required."
    if signatures.signer != "patient" and not signatures.signer_relationship.strip():
        problems.fields["signer_relationship"] = "Say how the signer is related to the patient."
    for name in ("patient_signed_at", "prescriber_signed_at"):
        instant = getattr(signatures, name)
        if instant is not None and not born_at <= instant <= run.now:
            problems.fields[name] = "A signature lies neither in the future nor before the birth."
    problems.raise_if_any()
    # Or the scan of a form bears it, and a second person of the staff checks that (L-SRC-1).
    by_hand = run.actor.role is Role.PRESCRIBER or run.call.channel in SCANNED
    if signatures.prescriber_signed_at is not None and not by_hand:
        raise NotAllowed("Only the prescriber signs for the prescriber: leave that to them.")


def _decided_duplicates(
    identity: Identity, decisions: tuple[NotDuplicate, ...]
) -> list[NotDuplicate]:
    found = selectors.likely_duplicates(
        given_name=identity.given_name,
        family_name=identity.family_name,
        born_on=identity.born_on,
        postal_code=identity.postal_code,
        phone=identity.phone,
        email=identity.email,
    )
    decided = {decision.patient_id: decision for decision in decisions if decision.reason.strip()}
    if any(resemblance.patient.pk not in decided for resemblance in found):
        raise LikelyDuplicates(found)
    return [decided[resemblance.patient.pk] for resemblance in found]
