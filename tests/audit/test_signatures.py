"""A signature is bound to its person and to the exact content (21 CFR 11.50, 11.70, 11.200)."""

import json

import psycopg
import pytest
from psycopg import sql

from apps.audit.models import Meaning, Signature
from apps.audit.signatures import signatures_of
from apps.core.call import Actor, ActorKind, Call, Channel, Role
from apps.core.errors import InvalidRequest
from apps.oversight.signed_records import is_unchanged, signed_record
from apps.providers import services as providers
from apps.providers.models import PharmacyEnrollment, Prescriber, PrescriberEnrollment
from apps.rules.documents import document
from tests import builders, databases


def registered() -> Prescriber:
    """A prescriber who has signed nothing yet."""
    return providers.register_prescriber(
        builders.office_member(Role.ADMINISTRATOR, "administrator@program.example"),
        npi=builders.npi(7),
        given_name="Paula",
        family_name="Prescriber",
        specialty="Hematology",
        phone="212-555-0100",
        email="paula@practice.example",
        practice_name="Practice",
    )


def signed_by(call: Call) -> PrescriberEnrollment:
    """The enrollment form of the prescriber whom this call acts for."""
    return providers.sign_prescriber_enrollment(
        call,
        program=builders.PROGRAM,
        attestations=document(builders.PROGRAM, "prescriber_enrollment").codes,
    )


def as_owner(database: str, table: str, changes: str, *values: object) -> None:
    """What only the owner of the tables can do: past every trigger, committed."""
    url = databases.url_of(databases.owner_url(), database)
    with psycopg.connect(url) as owner:
        name = sql.Identifier(table)
        owner.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
        statement = sql.SQL("UPDATE {} SET ").format(name) + sql.SQL(changes)
        changed = owner.execute(statement + sql.SQL(" WHERE id = %s"), values)
        assert changed.rowcount == 1
        owner.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))


@pytest.mark.django_db
def test_a_person_who_proved_nothing_signs_nothing() -> None:
    call = builders.prescribing_call(registered()).signed(None)

    with pytest.raises(InvalidRequest) as refused:
        signed_by(call)

    assert "signature" in refused.value.fields
    assert not PrescriberEnrollment.objects.exists()
    assert not Signature.objects.exists()


@pytest.mark.django_db
def test_a_signature_has_name_time_meaning_and_the_content_word_for_word() -> None:
    form = signed_by(builders.prescribing_call(registered()))

    (signature,) = signatures_of(form)
    assert signature.printed_name == "Sam Signer"
    assert signature.meaning == Meaning.PRESCRIBER_ENROLLMENT
    assert signature.method == "all_components"
    assert signature.user_id == form.prescriber.user_id
    assert signature.signed_at == form.signed_at
    assert signature.operation_id == form.operation_id
    content = json.loads(signature.content)
    assert content["attestations"] == form.attestations
    assert content["text"]["version"] == form.form_version
    assert len(content["text"]["wording"]) == 64
    assert signed_record(signature) == form
    assert is_unchanged(signature, form)


@pytest.mark.django_db
def test_a_system_signs_in_the_name_of_whom_it_acts_for() -> None:
    prescriber = registered()
    system = Actor(
        kind=ActorKind.CLIENT,
        id=prescriber.practice_id,
        role=Role.PRESCRIBER,
        organization_id=prescriber.practice_id,
        prescriber_id=prescriber.pk,
    )

    form = signed_by(Call(actor=system, channel=Channel.API))

    (signature,) = signatures_of(form)
    assert (signature.method, signature.user_id) == ("system", None)
    assert signature.printed_name == "Paula Prescriber"
    assert signature.prescriber_id == prescriber.pk


def test_a_record_that_was_changed_past_every_guard_does_not_pass_for_signed(
    own_database: str,
) -> None:
    form = signed_by(builders.prescribing_call(registered()))
    (signature,) = signatures_of(form)

    as_owner(
        own_database,
        "providers_prescriberenrollment",
        "attestations = attestations - 0",
        form.pk,
    )

    form.refresh_from_db()
    assert not is_unchanged(signature, form)


def test_an_earlier_version_of_a_text_is_known_by_its_signature_alone(own_database: str) -> None:
    form = signed_by(builders.prescribing_call(registered()))
    (signature,) = signatures_of(form)
    content = json.loads(signature.content)

    # The same form under a text that the program had before: its words are not known any more.
    content["text"] |= {"version": "2020-01", "wording": "0" * 64}
    earlier = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    as_owner(
        own_database,
        "audit_signature",
        "content = %s, content_digest = encode(sha256(convert_to(%s, 'UTF8')), 'hex')",
        earlier,
        earlier,
        signature.pk,
    )
    as_owner(own_database, "providers_prescriberenrollment", "form_version = '2020-01'", form.pk)

    form.refresh_from_db()
    (signature,) = signatures_of(form)
    assert is_unchanged(signature, form)


@pytest.mark.django_db
def test_each_form_of_a_pharmacy_bears_its_representatives_signature() -> None:
    builders.cast()

    form = PharmacyEnrollment.objects.get()
    (signature,) = signatures_of(form)
    assert signature.meaning == Meaning.PHARMACY_ENROLLMENT
    assert signature.user_id == form.signed_by_id
    assert is_unchanged(signature, form)


def test_a_signature_under_another_record_does_not_pass_for_one(own_database: str) -> None:
    """Excised, copied or transferred: 21 CFR 11.70."""
    call = builders.prescribing_call(registered())
    first, second = signed_by(call), signed_by(call)
    of_first = signatures_of(first).get()

    as_owner(own_database, "audit_signature", "subject_id = %s", str(second.pk), of_first.pk)

    both = signatures_of(second)
    assert both.count() == 2
    assert sorted(is_unchanged(each, second) for each in both) == [False, True]
