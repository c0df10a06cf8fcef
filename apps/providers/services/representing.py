"""Commands on who represents a pharmacy: a successor is named, takes over, or is put in (L-ENR-6).

A site is never without its representative, and one person may represent many sites.
"""

from collections.abc import Collection
from uuid import UUID

from apps.accounts import services as accounts
from apps.accounts.models import Membership, User
from apps.audit import services as audit
from apps.core.call import DISPENSING, Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.notices import services as notices
from apps.providers.models import Pharmacy, PharmacyEnrollment, Succession
from apps.providers.selectors import pharmacy_recipient
from apps.providers.services.certifying import add_enrollment
from apps.providers.services.checks import all_signed, in_person, locked, represented_pharmacy

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})


@command(by=frozenset({Role.REPRESENTATIVE}))
def name_successor(run: Run, *, email: str, family_name: str) -> Succession:
    """The representative names who follows at this site; somebody named before is replaced.

    Raises InvalidRequest unless address and name are those of another person who works at this
    pharmacy or represents one: whoever takes over signs in already. A mistyped address hands the
    site to nobody else, and tells nobody's name.
    """
    pharmacy = represented_pharmacy(run)
    run.read_clock()
    successor = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if successor is None or successor.pk == pharmacy.representative_id:
        raise InvalidRequest("This person cannot follow.", {"email": NOT_ONE_OF_US})
    if not (accounts.bears_name(successor, family_name) and _may_follow(successor, pharmacy)):
        raise InvalidRequest("This person cannot follow.", {"email": NOT_ONE_OF_US})
    _end_open(run, pharmacy, Succession.Outcome.WITHDRAWN)
    succession = Succession.objects.create(
        pharmacy=pharmacy,
        successor=successor,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "successor_named", subject=succession)
    return succession


@command(by=frozenset({Role.REPRESENTATIVE}))
def withdraw_successor(run: Run) -> Pharmacy:
    """The representative takes the name of the successor back. Raises Conflict if nobody is."""
    pharmacy = represented_pharmacy(run)
    run.read_clock()
    if _end_open(run, pharmacy, Succession.Outcome.WITHDRAWN) is None:
        raise Conflict("Nobody is named as the successor at this site.")
    return pharmacy


@command(by=DISPENSING | {Role.REPRESENTATIVE})
def take_over_representation(
    run: Run, *, pharmacy_id: UUID, program: str, attestations: Collection[str]
) -> PharmacyEnrollment:
    """The named successor becomes the site's representative, and signs its attestations.

    On their own sign-in, in whatever role. The certification runs on. Raises NotFound unless the
    actor is the successor named, and works there or represents another site still, InvalidRequest
    naming what is not signed, NotAllowed for a system.
    """
    version = all_signed(program, "pharmacy_enrollment", attestations)
    user_id = in_person(run)
    pharmacy = locked(Pharmacy.objects.filter(pk=pharmacy_id), "pharmacy")
    run.read_clock()
    named = pharmacy.successions.filter(ended_at__isnull=True, successor_id=user_id).first()
    if named is None or not _may_follow(named.successor, pharmacy):
        raise NotFound("You are not named as the successor at this pharmacy.")
    _install(run, pharmacy, named.successor, reason="Named by the representative before")
    return add_enrollment(
        run,
        pharmacy,
        version,
        attestations,
        purpose=PharmacyEnrollment.Purpose.REPRESENTATION,
        program=program,
    )


@command(by=ADMINISTRATOR)
def confirm_successor(run: Run, *, pharmacy_id: UUID, reason: str) -> Pharmacy:
    """An administrator puts the named successor in, who then signs. Raises NotFound, Conflict."""
    cause = required_reason(reason)
    pharmacy = locked(Pharmacy.objects.filter(pk=pharmacy_id), "pharmacy")
    run.read_clock()
    named = pharmacy.successions.filter(ended_at__isnull=True).first()
    if named is None:
        raise Conflict("The representative has named nobody: change the representative instead.")
    if not _may_follow(named.successor, pharmacy):
        raise Conflict("Who is named works here no more: change the representative instead.")
    return _install(run, pharmacy, named.successor, reason=cause)


@command(by=ADMINISTRATOR)
def change_representative(
    run: Run, *, pharmacy_id: UUID, email: str, given_name: str, family_name: str, reason: str
) -> Pharmacy:
    """An administrator makes somebody the representative, who gets an account if new, and signs.

    Raises NotFound, InvalidRequest without a reason, Conflict for who represents it already.
    """
    cause = required_reason(reason)
    pharmacy = locked(Pharmacy.objects.filter(pk=pharmacy_id), "pharmacy")
    run.read_clock()
    user = accounts.person(email=email, given_name=given_name, family_name=family_name)
    if user.pk == pharmacy.representative_id:
        raise Conflict("This person represents the pharmacy already.")
    return _install(run, pharmacy, user, reason=cause)


NOT_ONE_OF_US = (
    "Give the address with which somebody of this pharmacy, or another site's representative, "
    "signs in, and their family name. Invite a new colleague first."
)


def _may_follow(user: User, pharmacy: Pharmacy) -> bool:
    """Asked when somebody is named and again when they take over: their role may have ended."""
    held = Membership.objects.filter(user=user, ended_at__isnull=True)
    return (
        held.filter(organization_id=pharmacy.organization_id).exists()
        or held.filter(role=Role.REPRESENTATIVE.value).exists()
    )


def _install(run: Run, pharmacy: Pharmacy, user: User, *, reason: str) -> Pharmacy:
    """Make `user` the representative: the one before can do nothing more there from now on."""
    before = pharmacy.representative_id
    pharmacy.representative = user
    pharmacy.save(update_fields=["representative"])
    if before is not None:
        accounts.remove_member(
            run,
            user_id=before,
            organization_id=pharmacy.organization_id,
            role=Role.REPRESENTATIVE,
            reason=reason,
        )
    accounts.add_member(
        run, user=user, organization=pharmacy.organization, role=Role.REPRESENTATIVE
    )
    _end_open(run, pharmacy, Succession.Outcome.TAKEN_OVER, by=user)
    change = audit.record(
        run,
        "representative_changed",
        subject=pharmacy,
        reason=reason,
        data={"from": str(before or ""), "to": str(user.pk)},
    )
    notices.tell(
        run,
        "representative_changed",
        about=str(change.operation_id),
        recipients=[pharmacy_recipient(pharmacy)],
    )
    return pharmacy


def _end_open(
    run: Run, pharmacy: Pharmacy, outcome: Succession.Outcome, *, by: User | None = None
) -> Succession | None:
    """End what was named, if anything was; somebody else's becoming it supersedes it."""
    named = pharmacy.successions.filter(ended_at__isnull=True).first()
    if named is None:
        return None
    if by is not None and named.successor_id != by.pk:
        outcome = Succession.Outcome.SUPERSEDED
    named.ended_at, named.outcome = run.now, outcome
    named.save(update_fields=["ended_at", "outcome"])
    audit.record(run, "succession_ended", subject=named, data={"outcome": outcome})
    return named
