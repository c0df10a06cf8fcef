"""L-ENR-2, L-ENR-6, L-SUR-1: training, who represents which sites, and who acts for whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.accounts import selectors as accounts
from apps.accounts import services as people
from apps.accounts.models import Membership, User
from apps.audit.models import Event
from apps.audit.signatures import signatures_of
from apps.core import clock
from apps.core.call import Actor, ActorKind, Call, Role
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.core.models import Operation
from apps.notices.models import Notice
from apps.oversight.signed_records import is_unchanged
from apps.providers import selectors
from apps.providers import services as providers
from apps.providers.models import Pharmacy, StaffTraining
from apps.rules.documents import document
from tests import builders
from tests.builders import PROGRAM

pytestmark = pytest.mark.django_db

SITE = document(PROGRAM, "pharmacy_enrollment").codes
DANA = {"email": "dana@practice.example", "given_name": "Dana", "family_name": "Delegate"}


def representing(pharmacy: Pharmacy) -> Call:
    pharmacy.refresh_from_db()
    return builders.pharmacy_call(pharmacy, Role.REPRESENTATIVE, pharmacy.representative_id)


def technician(cast: builders.Cast) -> Call:
    membership = people.invite_member(
        representing(cast.pharmacy),
        organization_id=cast.pharmacy.organization_id,
        role=Role.TECHNICIAN,
        email="tess@pharmacy.example",
        given_name="Tess",
        family_name="Technician",
    )
    return builders.pharmacy_call(cast.pharmacy, Role.TECHNICIAN, membership.user_id)


def take_over(call: Call, pharmacy: Pharmacy) -> object:
    return providers.take_over_representation(
        call, pharmacy_id=pharmacy.pk, program=PROGRAM, attestations=SITE
    )


# --- Training ------------------------------------------------------------------------------------


def test_who_has_not_acknowledged_the_training_neither_confirms_nor_dispenses(
    cast: builders.Cast,
) -> None:
    """L-ENR-2."""
    authorization = builders.authorized_frp(cast)
    tess = technician(cast)
    with pytest.raises(NotAllowed, match="page Training"):
        builders.confirm(tess, authorization)
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    with pytest.raises(NotAllowed, match="page Training"):
        builders.dispense(tess, confirmation)

    builders.train(tess)
    signing = cast.dispensing.signing
    assert signing is not None
    assert builders.dispense(tess.signed(signing), confirmation).allowed


def test_the_training_of_one_pharmacy_or_of_an_older_text_does_not_count(
    cast: builders.Cast,
) -> None:
    """L-ENR-2."""
    authorization = builders.authorized_frp(cast)
    tess = technician(cast)
    other = builders.certified_pharmacy(cast.administrator, serial=2)
    trained = StaffTraining.objects.get()
    for change in ({"pharmacy": other}, {"text_version": "staff-training-2020-01"}):
        fields = {
            "program": PROGRAM,
            "pharmacy": cast.pharmacy,
            "text_version": trained.text_version,
            **change,
        }
        StaffTraining.objects.create(
            user_id=tess.actor.id,
            name="Tess",
            acknowledged_at=trained.acknowledged_at,
            recorded_at=trained.recorded_at,
            operation=trained.operation,
            **fields,
        )
    with pytest.raises(NotAllowed):
        builders.confirm(tess, authorization)


def test_a_pharmacys_system_acts_for_the_pharmacy_which_attests_the_training(
    cast: builders.Cast,
) -> None:
    """L-ENR-2."""
    authorization = builders.authorized_frp(cast)
    system = builders.call_of(
        Actor(
            kind=ActorKind.CLIENT,
            id=cast.pharmacy.pk,
            role=Role.PHARMACIST,
            organization_id=cast.pharmacy.organization_id,
        )
    )
    assert builders.confirm(system, authorization).allowed
    with pytest.raises(NotAllowed, match="own sign-in"):
        builders.train(system)


def test_each_point_of_the_training_is_acknowledged_once(cast: builders.Cast) -> None:
    """L-ENR-2."""
    with pytest.raises(Conflict, match="already"):
        builders.train(cast.dispensing)
    tess = technician(cast)
    with pytest.raises(InvalidRequest):
        providers.acknowledge_training(tess, program=PROGRAM, attestations=["counsel"])
    with pytest.raises(InvalidRequest, match="must be signed"):
        builders.train(tess.signed(None))
    builders.train(tess)
    made = selectors.trainings_visible_to(tess.actor).get(user=builders.person_of(tess))
    (signature,) = signatures_of(made)
    assert (signature.method, is_unchanged(signature, made)) == ("all_components", True)


def test_the_representative_records_the_paper_of_one_without_an_account(
    cast: builders.Cast,
) -> None:
    """L-ENR-2."""
    call = representing(cast.pharmacy)
    made = providers.record_staff_training(
        call,
        program=PROGRAM,
        name=" Pat Paper ",
        role="pharmacist",
        acknowledged_at=clock.now() - timedelta(days=2),
    )
    assert (made.name, made.role, made.user) == ("Pat Paper", "pharmacist", None)
    assert made.text_version == selectors.training_version(PROGRAM)
    paper, record = signatures_of(made)
    assert (paper.printed_name, paper.method, paper.meaning) == (
        "Pat Paper",
        "paper",
        "staff_training",
    )
    assert (record.printed_name, record.meaning) == ("Sam Signer", "training_record")
    assert is_unchanged(paper, made)
    assert is_unchanged(record, made)
    with pytest.raises(InvalidRequest) as refusal:
        providers.record_staff_training(
            call,
            program=PROGRAM,
            name=" ",
            role="",
            acknowledged_at=clock.now() + timedelta(days=1),
        )
    assert set(refusal.value.fields) == {"name", "role", "acknowledged_at"}
    # An instant that no zone can show would close the page of the staff for good.
    slips = {"acknowledged_at": datetime(1, 1, 1, tzinfo=UTC)}, {"name": "Pat\nPaper"}
    for slip in slips:
        said: dict[str, Any] = {
            "name": "Pat", "role": "technician", "acknowledged_at": clock.now(), **slip
        }  # fmt: skip
        with pytest.raises(InvalidRequest) as refusal:
            providers.record_staff_training(call, program=PROGRAM, **said)
        assert set(refusal.value.fields) == set(slip)
    with pytest.raises(NotAllowed):
        providers.record_staff_training(
            cast.dispensing,
            program=PROGRAM,
            name="X",
            role="technician",
            acknowledged_at=clock.now(),
        )


def test_the_representative_sees_who_is_not_trained(cast: builders.Cast) -> None:
    """L-ENR-2."""
    technician(cast)
    (site,) = selectors.sites_represented_by(representing(cast.pharmacy).actor, PROGRAM)
    assert [str(each.membership.user) for each in site.untrained] == ["Tess Technician"]


# --- Sites and successors ------------------------------------------------------------------------


def chain(cast: builders.Cast) -> Pharmacy:
    """A second site with the same representative."""
    representative = cast.pharmacy.representative
    assert representative is not None
    return providers.register_pharmacy(
        cast.administrator,
        npi=builders.npi(5002),
        name="Oak Street Pharmacy",
        address="2 Oak Street, Springfield",
        phone="212-555-0201",
        email="oak@pharmacy.example",
        representative_given_name="Rita",
        representative_family_name="Representative",
        representative_email=representative.email,
    )


def test_one_person_represents_many_sites_and_sees_where_each_stands(cast: builders.Cast) -> None:
    """L-ENR-6."""
    second = chain(cast)
    sites = selectors.sites_represented_by(representing(cast.pharmacy).actor, PROGRAM)
    assert {site.pharmacy: site.pharmacy.state for site in sites} == {
        cast.pharmacy: "certified",
        second: "pending",
    }
    assert [site.certification.may_sign for site in sites] == [False, True]


def test_many_suspended_sites_are_read_as_one_each_with_its_reason(
    cast: builders.Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    second = chain(cast)
    providers.sign_pharmacy_enrollment(representing(second), program=PROGRAM, attestations=SITE)
    providers.certify_pharmacy(cast.administrator, pharmacy_id=second.pk, program=PROGRAM)
    reasons = {cast.pharmacy.pk: "An inspection", second.pk: "No license"}
    for site, reason in reasons.items():
        providers.change_pharmacy_standing(
            cast.administrator, pharmacy_id=site, event="suspend", reason=reason
        )
    rita = representing(cast.pharmacy).actor
    with django_assert_num_queries(5):
        sites = selectors.sites_represented_by(rita, PROGRAM)
    assert {site.pharmacy.pk: site.certification.reason for site in sites} == reasons


def test_an_address_of_somebody_with_another_name_lets_nobody_in_and_tells_no_name(
    cast: builders.Cast,
) -> None:
    office = builders.person_of(cast.administrator)
    typed: dict[str, Any] = {
        "organization_id": cast.pharmacy.organization_id,
        "role": Role.TECHNICIAN,
        "email": office.email.upper(),
        "given_name": "Tess",
    }
    with pytest.raises(InvalidRequest) as refused:
        people.invite_member(representing(cast.pharmacy), **typed, family_name="Technician")
    assert set(refused.value.fields) == {"email"}
    assert str(office) not in f"{refused.value.message} {refused.value.fields}"
    assert not Membership.objects.filter(user=office, role=Role.TECHNICIAN).exists()
    known = office.family_name.upper()  # As nicknames go, and names after a wedding.
    made = people.invite_member(representing(cast.pharmacy), **typed, family_name=known)
    assert made.user == office


def test_no_link_goes_out_in_an_invitation_as_somebodys_name(cast: builders.Cast) -> None:
    for strange in ("Sign in at https://x.example", "Go to x.example", "Mail help@x"):
        with pytest.raises(InvalidRequest) as refused:
            people.invite_member(
                representing(cast.pharmacy), organization_id=cast.pharmacy.organization_id,
                role=Role.TECHNICIAN, email="new@pharmacy.example", given_name="St. John A.",
                family_name=strange,
            )  # fmt: skip
        assert set(refused.value.fields) == {"family_name"}
    assert not User.objects.filter(email="new@pharmacy.example").exists()


def test_a_named_successor_takes_over_on_their_own_sign_in(cast: builders.Cast) -> None:
    """L-ENR-6."""
    before = representing(cast.pharmacy)
    successor = builders.person_of(cast.dispensing)
    with pytest.raises(NotFound):
        take_over(cast.dispensing, cast.pharmacy)
    named = providers.name_successor(
        before, email=successor.email.upper(), family_name=successor.family_name.upper()
    )
    assert list(selectors.successions_open_to(cast.dispensing.actor)) == [named]

    take_over(cast.dispensing, cast.pharmacy)

    cast.pharmacy.refresh_from_db()
    named.refresh_from_db()
    assert cast.pharmacy.representative == successor
    assert named.outcome == "taken_over"
    held = accounts.memberships_of(builders.person_of(before))
    assert not held.filter(organization_id=cast.pharmacy.organization_id).exists()
    with pytest.raises(NotAllowed):
        providers.withdraw_successor(before)
    shown = selectors.certifications_of([cast.pharmacy], PROGRAM)[cast.pharmacy.pk]
    assert (shown.needs_new_signature, shown.is_waiting) == (False, False)
    assert cast.pharmacy.certifications.count() == 1
    assert Notice.objects.filter(template="representative_changed").count() == 1


def test_only_a_colleague_or_another_representative_is_named(cast: builders.Cast) -> None:
    """L-ENR-6."""
    call = representing(cast.pharmacy)
    own = cast.pharmacy.representative
    assert own is not None
    builders.user("stranger@elsewhere.example", family_name=own.family_name)
    for address in ("nobody@elsewhere.example", "stranger@elsewhere.example", own.email):
        with pytest.raises(InvalidRequest):
            providers.name_successor(call, email=address, family_name=own.family_name)
    other = builders.certified_pharmacy(cast.administrator, serial=2).representative
    assert other is not None
    with pytest.raises(InvalidRequest) as refused:  # The right address of a wrong person.
        providers.name_successor(call, email=other.email, family_name="Somebody")
    assert other.family_name not in f"{refused.value.message} {refused.value.fields}"
    providers.name_successor(call, email=other.email, family_name=other.family_name)
    providers.withdraw_successor(call)
    with pytest.raises(Conflict):
        providers.withdraw_successor(call)


def test_who_was_named_and_works_here_no_more_does_not_take_over(cast: builders.Cast) -> None:
    """L-ENR-6."""
    before, tess = representing(cast.pharmacy), technician(cast)
    other = builders.certified_pharmacy(cast.administrator, serial=2)
    people.invite_member(
        cast.administrator, organization_id=other.organization_id, role=Role.TECHNICIAN,
        email="tess@pharmacy.example", given_name="Tess", family_name="Technician",
    )  # fmt: skip
    providers.name_successor(before, email="tess@pharmacy.example", family_name="Technician")
    here = Membership.objects.get(
        user=builders.person_of(tess), organization=cast.pharmacy.organization_id
    )
    people.end_membership(before, membership_id=here.pk, reason="Dismissed")

    elsewhere = builders.pharmacy_call(other, Role.TECHNICIAN, tess.actor.id)
    with pytest.raises(NotFound):
        take_over(elsewhere, cast.pharmacy)
    with pytest.raises(Conflict):
        providers.confirm_successor(
            cast.administrator, pharmacy_id=cast.pharmacy.pk, reason="On their behalf"
        )
    cast.pharmacy.refresh_from_db()
    assert cast.pharmacy.representative_id == before.actor.id


def test_who_is_named_later_replaces_who_was_named_before(cast: builders.Cast) -> None:
    """L-ENR-6."""
    call, tess = representing(cast.pharmacy), technician(cast)
    for each in (tess, cast.dispensing):
        named = builders.person_of(each)
        providers.name_successor(call, email=named.email, family_name=named.family_name)
    with pytest.raises(NotFound):
        take_over(tess, cast.pharmacy)
    take_over(cast.dispensing, cast.pharmacy)


def test_an_administrator_confirms_the_successor_or_puts_somebody_else_in(
    cast: builders.Cast,
) -> None:
    """L-ENR-6."""
    with pytest.raises(Conflict, match="named nobody"):
        providers.confirm_successor(cast.administrator, pharmacy_id=cast.pharmacy.pk, reason="Died")
    tess = technician(cast)
    providers.name_successor(
        representing(cast.pharmacy), email="tess@pharmacy.example", family_name="Technician"
    )
    providers.confirm_successor(cast.administrator, pharmacy_id=cast.pharmacy.pk, reason="Died")
    cast.pharmacy.refresh_from_db()
    assert cast.pharmacy.representative_id == tess.actor.id

    new = {"email": "nina@pharmacy.example", "given_name": "Nina", "family_name": "New"}
    with pytest.raises(InvalidRequest):
        providers.change_representative(
            cast.administrator, pharmacy_id=cast.pharmacy.pk, reason=" ", **new
        )
    with pytest.raises(NotAllowed):
        providers.change_representative(
            cast.staff, pharmacy_id=cast.pharmacy.pk, reason="Left", **new
        )
    providers.change_representative(
        cast.administrator, pharmacy_id=cast.pharmacy.pk, reason="Left", **new
    )
    cast.pharmacy.refresh_from_db()
    shown = selectors.certifications_of([cast.pharmacy], PROGRAM)[cast.pharmacy.pk]
    assert (str(cast.pharmacy.representative), shown.needs_new_signature) == ("Nina New", True)
    providers.sign_pharmacy_enrollment(
        representing(cast.pharmacy), program=PROGRAM, attestations=SITE
    )
    shown = selectors.certifications_of([cast.pharmacy], PROGRAM)[cast.pharmacy.pk]
    assert (shown.needs_new_signature, shown.is_waiting, shown.may_sign) == (False, False, False)
    assert Event.objects.filter(code="representative_changed").count() == 2


def test_a_site_is_never_without_its_representative_and_has_only_one(cast: builders.Cast) -> None:
    """L-ENR-6."""
    own = Membership.objects.get(
        user=cast.pharmacy.representative, organization=cast.pharmacy.organization
    )
    with pytest.raises(Conflict, match="never without"):
        people.end_membership(cast.staff, membership_id=own.pk, reason="Left")
    with pytest.raises(InvalidRequest):
        people.invite_member(
            cast.administrator,
            organization_id=cast.pharmacy.organization_id,
            role=Role.REPRESENTATIVE,
            email="second@pharmacy.example",
            given_name="Second",
            family_name="Representative",
        )


# --- Delegates -----------------------------------------------------------------------------------


def delegate_call(cast: builders.Cast) -> Call:
    named = providers.name_delegate(cast.prescribing, **DANA)
    (held,) = selectors.roles_held(named.delegate)
    return builders.call_of(held.actor)


def test_what_a_delegate_does_is_recorded_as_by_them_on_behalf_of_the_prescriber(
    cast: builders.Cast,
) -> None:
    """L-SUR-1."""
    call = delegate_call(cast)
    patient = builders.enroll(cast.prescribing, "adult_male", identity=builders.IDENTITY)
    entry = builders.obligations(call, patient)
    operation = Operation.objects.get(pk=entry.operation_id)
    assert (operation.actor_id, operation.role) == (call.actor.id, "delegate")
    assert operation.prescriber_id == cast.prescriber.pk


def test_a_delegate_who_is_a_pharmacist_too_submits_no_survey(cast: builders.Cast) -> None:
    """L-SUR-1: one person alone would otherwise ask for a supply, check it and hand it out."""
    call = delegate_call(cast)
    patient = builders.enroll(cast.prescribing, "adult_male", identity=builders.IDENTITY)
    builders.obligations(call, patient)
    builders.counseling(call, patient)
    here = people.invite_member(
        representing(cast.pharmacy), organization_id=cast.pharmacy.organization_id,
        role=Role.PHARMACIST, **DANA,
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="never submits"):
        builders.request(call, patient, "adult_male")
    people.end_membership(representing(cast.pharmacy), membership_id=here.pk, reason="Left")
    assert builders.request(call, patient, "adult_male").allowed


def test_an_ended_delegation_leaves_nobody_to_act_as(cast: builders.Cast) -> None:
    """L-SUR-1."""
    call = delegate_call(cast)
    delegation = cast.prescriber.delegations.get()
    stranger = builders.certified_prescriber(cast.administrator, serial=2)
    with pytest.raises(NotFound):
        providers.end_delegation(
            builders.prescribing_call(stranger), delegation_id=delegation.pk, reason="Not mine"
        )
    with pytest.raises(InvalidRequest):
        providers.end_delegation(cast.prescribing, delegation_id=delegation.pk, reason=" ")

    providers.end_delegation(cast.prescribing, delegation_id=delegation.pk, reason="Left")

    assert not accounts.memberships_of(builders.person_of(call)).exists()
    with pytest.raises(Conflict, match="ended already"):
        providers.end_delegation(cast.staff, delegation_id=delegation.pk, reason="Again")


def test_a_delegate_of_two_loses_one_and_keeps_the_other(cast: builders.Cast) -> None:
    """L-SUR-1."""
    colleague = builders.certified_prescriber(
        cast.administrator, serial=2, practice_id=cast.prescriber.practice_id
    )
    providers.name_delegate(cast.prescribing, **DANA)
    providers.name_delegate(builders.prescribing_call(colleague), **DANA)
    providers.end_delegation(
        cast.staff, delegation_id=cast.prescriber.delegations.get().pk, reason="Asked for"
    )
    (held,) = selectors.roles_held(User.objects.get(email=DANA["email"]))
    assert (held.actor.prescriber_id, held.on_behalf_of) == (colleague.pk, colleague.full_name)
