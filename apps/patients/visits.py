"""Visits of patients and of who speaks for them: entering with a one-time code, staying, signing.

The session holds the id of a visit and nothing else; whatever ends the visit ends it at once. No
answer tells whether a reference, a patient or a code exists. All in real time.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from apps.accounts import browsers
from apps.audit import services as audit
from apps.audit.models import Event
from apps.core import clock, one_time
from apps.core.call import (
    SYSTEM_CALL,
    Actor,
    ActorKind,
    Call,
    Channel,
    Role,
    Signing,
    SigningMethod,
)
from apps.core.command import Run
from apps.core.errors import InvalidRequest, TooManyRequests
from apps.core.names import bare
from apps.patients.ending_access import close
from apps.patients.models import (
    Agreement,
    CategoryAssignment,
    IdentityCorrection,
    PatientCode,
    PatientVisit,
)
from apps.patients.standing import open_codes, speaks_for
from apps.providers.signing import Unproven

VISIT = "patient_visit"
NAME, CODE = "typed_name", "code"
FAILED = "patient_entry_failed"
End = PatientVisit.End
RESOLUTION = timedelta(minutes=1)

WRONG_NAME = _("Type your name as it stands above the signature. Nothing was signed.")
WRONG_CODE = _(
    "This code is not right, or it holds no more. Nothing was signed. Ask for a new code."
)
LOCKED = _("Too many wrong entries came from here. Wait some minutes, then try again.")


def enter(request: HttpRequest, *, reference: str, code: str, born_on: date) -> PatientVisit | None:
    """Let in who has a reference, its code and the date of birth; None when any of them is wrong.

    A wrong entry counts against the code, which is void after a few; a right one uses it up.
    Raises TooManyRequests for an address from which too many came.
    """
    _refuse_after_many_failures(request)
    now = clock.real_now()
    with transaction.atomic():
        issued = (
            PatientCode.objects.select_for_update(of=("self",), no_key=True)
            .select_related("patient", "representative", "operation")
            .filter(reference_digest=one_time.digest_of_reference(reference))
            .first()
        )
        visit = None
        if issued is None or issued.purpose != PatientCode.Purpose.ENTER:
            audit.record_view(SYSTEM_CALL, FAILED)
        elif not _accept(issued, code, born_on, now):
            audit.record_view(SYSTEM_CALL, FAILED, subject=issued, patient_id=issued.patient_id)
        else:
            visit = _begin(request, issued, now)
    return visit


def visit_of(request: HttpRequest) -> PatientVisit | None:
    """The visit of a request, if it goes on: in use, not too old, in its own browser."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    visit_id = request.session.get(VISIT)
    if not visit_id:
        return None
    visit = (
        PatientVisit.objects.select_related("code__patient__prescriber", "code__representative")
        .filter(pk=visit_id, ended_at=None, session_key=request.session.session_key)
        .first()
    )
    if visit is None:
        # Not the whole session: somebody may have signed in with this browser since.
        request.session.pop(VISIT, None)
        return None
    how = _why_over(request, visit)
    if how is not None:
        leave(request, visit, how)
        return None
    if clock.real_now() - visit.last_seen_at >= RESOLUTION:
        PatientVisit.objects.filter(pk=visit.pk, ended_at=None).update(
            last_seen_at=clock.real_now(), address=browsers.address_of(request)
        )
    return visit


def was_in(request: HttpRequest) -> bool:
    """Whether the browser of this request visits, or did until a moment ago."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and VISIT in request.session


def call_of(visit: PatientVisit) -> Call:
    """The call of who visits: the patient, or who speaks for them."""
    issued = visit.code
    actor = Actor(
        kind=ActorKind.PERSON,
        id=issued.representative_id or issued.patient_id,
        role=Role.PATIENT,
        patient_id=issued.patient_id,
    )
    return Call(actor=actor, channel=Channel.PORTAL)


def leave(request: HttpRequest, visit: PatientVisit, how: str = End.LEFT) -> None:
    """End the visit of this request."""
    audit.record_view(
        call_of(visit),
        "patient_left",
        subject=visit,
        patient_id=visit.code.patient_id,
        data={"how": str(how)},
    )
    close([visit], how)
    request.session.flush()


def is_still_open(visit: PatientVisit) -> bool:
    """Whether what was just done did not end the visit itself: a new category does."""
    return PatientVisit.objects.filter(pk=visit.pk, ended_at=None).exists()


def open_code(visit: PatientVisit) -> PatientCode | None:
    """The code with which who visits could sign now."""
    return _to_sign(visit).first()


def demo_code(reference: str) -> str:
    """In the demo, the code that belongs to the reference of a link; empty elsewhere."""
    if not settings.SHOW_SECOND_FACTOR_CODES:
        return ""
    digest = one_time.digest_of_reference(reference)
    found = PatientCode.objects.filter(reference_digest=digest).first()
    return one_time.shown_in_demo(found.pk) if found and _is_open(found, clock.real_now()) else ""


def is_same_name(typed: str, name: str) -> bool:
    """Whether two names are one, however they were typed: a keyboard may have no "ü"."""
    return bare(typed).split() == bare(name).split()


def prove(visit: PatientVisit, *, name: str, expected: str, code: str) -> Signing:
    """What who visits proved in order to sign: the name, typed, and a fresh one-time code.

    The code is used up by the command that signs. Raises Unproven, which leaves an event; a wrong
    code counts against the one that was issued.
    """
    if not is_same_name(name, expected):
        raise Unproven(NAME, str(WRONG_NAME))
    with transaction.atomic():
        issued = _to_sign(visit).select_for_update(no_key=True).first()
        if issued is None or not _is_code(issued, code):
            if issued is not None:
                _count_wrong(issued)
            audit.record_view(
                call_of(visit),
                "signing_failed",
                subject=visit,
                patient_id=visit.code.patient_id,
                data={"component": CODE},
            )
            issued = None
    if issued is None:
        raise Unproven(CODE, str(WRONG_CODE))
    return Signing(
        method=SigningMethod.ONE_TIME_CODE,
        user_id=None,
        printed_name=expected,
        code_id=issued.pk,
    )


def use_code(run: Run) -> None:
    """Use up the code with which the running command is signed, once.

    Raises InvalidRequest, naming `signature`, for a command without one, or with one that was used.
    """
    signing, now = run.call.signing, clock.real_now()
    code_id = signing.code_id if signing is not None else None
    actor = run.actor
    theirs = PatientCode.objects.select_for_update(no_key=True).filter(
        Q(representative_id=actor.id) if actor.speaks_for_another else Q(representative=None),
        patient_id=actor.own_patient,
        purpose=PatientCode.Purpose.SIGN,
    )
    issued = theirs.filter(pk=code_id).first() if code_id is not None else None
    if issued is None or not _is_open(issued, now):
        raise InvalidRequest("This must be signed.", {"signature": str(WRONG_CODE)})
    issued.used_at = now
    issued.save(update_fields=["used_at"])


# --- Judging a code -------------------------------------------------------------------------------


def _accept(issued: PatientCode, code: str, born_on: date, now: datetime) -> bool:
    """Use the code up when all is right, else count the attempt. Under the code's lock."""
    is_right = _is_code(issued, code)
    is_born = constant_time_compare(issued.patient.born_on.isoformat(), born_on.isoformat())
    if not _is_open(issued, now):
        return False
    if not (is_right and is_born and _holds(issued)):
        _count_wrong(issued)
        return False
    issued.used_at = now
    issued.save(update_fields=["used_at"])
    return True


def _is_code(issued: PatientCode, code: str) -> bool:
    return one_time.is_code(issued.pk, code, issued.code_digest)


def _is_open(issued: PatientCode, now: datetime) -> bool:
    is_over = issued.used_at is not None or issued.ended_at is not None
    has_attempts = issued.wrong_attempts < issued.attempts_allowed
    return not is_over and now < issued.expires_at and has_attempts


def _to_sign(visit: PatientVisit) -> QuerySet[PatientCode]:
    issued = visit.code
    codes = open_codes(issued.patient, clock.real_now())
    return codes.filter(representative=issued.representative, purpose=PatientCode.Purpose.SIGN)


def _holds(issued: PatientCode) -> bool:
    """Whether the record is as it was when the code was issued; a trigger asks the same."""
    since = {"patient_id": issued.patient_id, "recorded_at__gt": issued.recorded_at}
    withdrawn = Agreement.objects.filter(
        patient_id=issued.patient_id, withdrawn_at__gt=issued.recorded_at
    )
    speaks_no_more = _speaks_no_more(issued)
    return not (
        issued.patient.merged_into_id
        or speaks_no_more
        or CategoryAssignment.objects.filter(**since).exists()
        or Agreement.objects.filter(**since).exists()
        or IdentityCorrection.objects.filter(**since).exists()
        or withdrawn.exists()
    )


def _speaks_no_more(issued: PatientCode) -> bool:
    """Whether a code is that of somebody who spoke for the patient, and does not any more."""
    speaks = issued.representative
    return speaks is not None and not speaks_for(speaks, issued.patient, clock.now())


def _count_wrong(issued: PatientCode) -> None:
    issued.wrong_attempts += 1
    issued.save(update_fields=["wrong_attempts"])


def _refuse_after_many_failures(request: HttpRequest) -> None:
    since = clock.now() - settings.AXES_COOLOFF_TIME
    address = browsers.address_of(request) or ""
    failures = Event.objects.filter(code=FAILED, occurred_at__gte=since, address=address)
    if failures.count() >= settings.ADDRESS_LIMIT:
        seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
        raise TooManyRequests(str(LOCKED), retry_after=seconds)


# --- A visit begins and ends ----------------------------------------------------------------------


def _begin(request: HttpRequest, issued: PatientCode, now: datetime) -> PatientVisit:
    """Open a visit in a session of its own; one that goes on elsewhere ends."""
    others = PatientVisit.objects.filter(
        code__patient_id=issued.patient_id,
        code__representative=issued.representative,
        ended_at=None,
    )
    close(list(others), End.REPLACED)
    # A tablet of the office is one, and that of who plays the patient: the trail tells it.
    issuer = issued.operation.actor_id
    in_issuers_browser = bool(issuer and browsers.known_key(request, issuer))
    if request.user.is_authenticated:
        logout(request)
    request.session.flush()
    request.session.create()
    visit = PatientVisit.objects.create(
        code=issued,
        session_key=request.session.session_key,
        browser_digest=browsers.fingerprint(request),
        address=browsers.address_of(request),
        browser=browsers.in_words(request),
        began_at=now,
        last_seen_at=now,
    )
    request.session[VISIT] = str(visit.pk)
    rotate_token(request)
    audit.record_view(
        call_of(visit),
        "patient_entered",
        subject=visit,
        patient_id=issued.patient_id,
        data={"in_issuers_browser": in_issuers_browser},
    )
    return visit


def _why_over(request: HttpRequest, visit: PatientVisit) -> str | None:
    now = clock.real_now()
    if visit.browser_digest != browsers.fingerprint(request):
        return End.COPIED
    # To the minute, so that nobody stays in for longer than was promised.
    if now - visit.last_seen_at > settings.PATIENT_IDLE_TIMEOUT:
        return End.LEFT_ALONE
    if now - visit.began_at > settings.PATIENT_VISIT_LENGTH:
        return End.TOO_OLD
    if _speaks_no_more(visit.code):
        return End.RECORD_CHANGED
    return None
