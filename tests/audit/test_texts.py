"""The ledger of texts: what was signed, answered or ticked stays readable (21 CFR 11.10(b))."""

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from apps.audit import texts
from apps.audit.models import RowChange, TextVersion
from apps.audit.signatures import signatures_of
from apps.core import clock
from apps.core.call import Channel
from apps.core.command import Run
from apps.eligibility import editions
from apps.evidence import services as evidence
from apps.evidence.models import Intervention, PatientSurvey, PrescriberSurvey
from apps.evidence.services.intakes import Source
from apps.ops import readiness
from apps.oversight.signed_records import is_unchanged
from apps.oversight.whole_record import whole_record
from apps.patients import services as patients
from apps.patients.models import Agreement
from apps.patients.signed import sign_sides
from apps.rules.documents import document, every_text
from apps.rules.policy import policies, programs, use_policies
from tests import builders
from tests.conftest import as_owner
from tests.newer_texts import NEXT, write_texts
from tests.papers.reading import flowing
from tests.portal.people import browser_of, send, signed_in, signed_paper
from tests.portal.test_own_pages import enrolled
from tests.visitors import visitor

Using = Callable[[Path], None]


@pytest.fixture
def using() -> Iterator[Using]:
    """Other texts for this test alone."""
    before = policies()

    def use(folder: Path) -> None:
        use_policies(folder, before.programs)

    yield use
    use_policies(before.directory, before.programs)


@pytest.mark.django_db
def test_every_text_is_kept_whole_in_each_of_its_languages() -> None:
    for program in programs():
        for kind, text in every_text(program):
            kept = TextVersion.objects.get(
                program=program, kind=kind, version=text.version, language=text.language
            )
            assert [each["text"] for each in kept.items] == [item.text for item in text.items]
            assert kept.title == text.title
    languages = set(TextVersion.objects.filter(kind="agreement").values_list("language", flat=True))
    assert languages == {"en", "es"}
    assert texts.record() == []
    assert texts.problems() == []


@pytest.mark.usefixtures("own_database")
def test_a_new_version_is_kept_beside_the_old_one(tmp_path: Path, using: Using) -> None:
    before = TextVersion.objects.count()
    using(write_texts(tmp_path))
    count = len(list(every_text("lenalidomide")))
    assert len(texts.problems()) == count
    assert readiness.policies().state == "changed"
    with pytest.raises(ImproperlyConfigured, match="are not recorded"):
        editions.refuse_changed_editions()

    with as_owner():
        call_command("record_policy_editions")

    assert readiness.policies().state == "ok"
    assert TextVersion.objects.filter(version__endswith=NEXT).count() == count
    assert TextVersion.objects.count() == before + count
    assert RowChange.objects.filter(table_name="audit_textversion").count() == count


@pytest.mark.usefixtures("own_database")
def test_a_version_never_gets_other_words(tmp_path: Path, using: Using) -> None:
    before = list(TextVersion.objects.order_by("pk").values())
    using(write_texts(tmp_path, version=None))

    with as_owner(), pytest.raises(CommandError, match="give the changed text a new version"):
        call_command("record_policy_editions")

    assert "was recorded with other words" in readiness.policies().message
    assert readiness.policies().state == "changed"
    assert list(TextVersion.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_nobody_signs_words_that_are_not_kept(tmp_path: Path, using: Using) -> None:
    cast = builders.cast()
    using(write_texts(tmp_path))

    with pytest.raises(IntegrityError, match="signed_words_are_kept"):
        builders.enroll(cast.prescribing)


@pytest.mark.django_db
def test_an_earlier_text_is_read_as_it_was_by_whom_it_was_for(tmp_path: Path, using: Using) -> None:
    present = document("lenalidomide", "agreement", "adult_male")
    spanish = document("lenalidomide", "agreement", "adult_male", language="es")
    using(write_texts(tmp_path))

    def read(**about: Any) -> Any:
        return texts.as_read("lenalidomide", "agreement", risk_category="adult_male", **about)

    earlier = read(version=present.version)
    assert [item.text for item in earlier.items] == [item.text for item in present.items]
    earlier = read(version=present.version, language="es")
    assert [item.text for item in earlier.items] == [item.text for item in spanish.items]
    assert read(version="agreement-1999-01") is None
    assert read(version=present.version, language="fr") is None
    newer = read(version=present.version.replace("2026-01", NEXT))
    assert all(item.text.startswith("Anew: ") for item in newer.items)


@pytest.mark.django_db
def test_a_record_without_a_version_is_shown_in_the_words_of_its_command(
    tmp_path: Path, using: Using
) -> None:
    cast = builders.cast()
    patient = builders.enroll(cast.prescribing, "adult_male")
    answers = builders.safe_answers("adult_male")
    by_phone = Source(
        channel="phone", told_by="patient", told_by_name=str(patient), verification="called_back"
    )
    content = {"program": "lenalidomide", "completed_at": clock.now().isoformat()}
    intake = evidence.enter_intake(
        cast.staff,
        patient_id=patient.pk,
        kind="patient_survey",
        content={**content, "answers": answers},
        source=by_phone,
        scan=None,
    )
    said = [item.text for item in document("lenalidomide", "patient_survey", "adult_male").items]
    using(write_texts(tmp_path))
    texts.record()

    page = look(browser_of(cast.administrator), f"/admin/evidence/intake/{intake.pk}/change/")

    assert [each for each in said if each not in page] == []
    assert "Anew" not in page
    present = texts.as_told("lenalidomide", "patient_survey", uuid4())
    assert present.items[0].text.startswith("Anew: "), "no event of it names a version"


@pytest.mark.django_db
def test_the_survey_of_the_first_release_stays_readable() -> None:
    about = {"version": "patient-survey-2026-02", "risk_category": "adult_frp"}
    earlier = texts.as_read("lenalidomide", "patient_survey", **about)
    assert earlier is not None
    assert "your ability to become pregnant?" in earlier.items[-1].text


@pytest.mark.django_db
def test_a_program_without_texts_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, using: Using
) -> None:
    monkeypatch.setattr("apps.rules.documents.DIRECTORY", tmp_path / "none")
    folder = write_texts(tmp_path)
    (tmp_path / "documents" / "lenalidomide.toml").unlink()
    using(folder)
    (problem,) = texts.problems()
    assert problem == (
        "There are no documents of a program 'lenalidomide'. Add its file, or take the program "
        "out of REMS_PROGRAMS."
    )
    with pytest.raises(texts.TextRefused, match="take the program out"):
        texts.record()


@pytest.mark.django_db
def test_what_was_signed_is_shown_and_printed_in_the_words_of_then(
    tmp_path: Path, using: Using
) -> None:
    cast = builders.cast()
    authorization = builders.authorized_frp(cast)
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    made = builders.dispense(cast.dispensing, confirmation).dispense
    assert made is not None
    agreement = Agreement.objects.get(patient=authorization.patient)
    assert cast.pharmacy.representative is not None
    visit = visitor(cast.prescribing, authorization.patient)
    pharmacist, representative = (
        browser_of(cast.dispensing), signed_in(cast.pharmacy.representative),
    )  # fmt: skip
    papers = reverse("agreement_pdf", args=[agreement.patient_id, agreement.pk])
    shown: list[tuple[str, Client, str]] = [
        ("agreement", browser_of(cast.prescribing), papers),
        ("agreement", visit, reverse("own_agreement_pdf")),
        ("agreement", visit, reverse("own_agreement")),
        ("checklist", pharmacist, reverse("checklist_pdf", args=[made.pk])),
        ("checklist", pharmacist, reverse("receipt", args=[made.pk])),
        ("pharmacy_enrollment", representative, reverse("certification_pdf")),
    ]
    said = {kind: words(kind) for kind in ("agreement", "checklist", "pharmacy_enrollment")}
    using(write_texts(tmp_path))
    texts.record()

    for kind, browser, path in shown:
        read = look(browser, path)
        assert [each for each in said[kind] if each not in read] == [], path
        assert "Anew" not in read, path
    (signature, *_) = signatures_of(agreement)
    assert is_unchanged(signature, agreement)


@pytest.mark.django_db
def test_a_signature_that_is_still_missing_is_asked_for_beside_the_words_that_it_binds(
    tmp_path: Path, using: Using
) -> None:
    cast = builders.cast()
    half = patients.Signatures(
        signer="patient", signer_name="Ada Adams", prescriber_signed_at=clock.now()
    )
    person = builders.enroll(cast.prescribing, signatures=half)
    agreement = Agreement.objects.get(patient=person)
    address = reverse("sign_agreement", args=[person.pk, agreement.pk])
    to_print = reverse("agreement_to_sign_pdf", args=[person.pk, "adult_frp"])
    browser = browser_of(cast.prescribing)
    said = words("agreement")
    assert to_print in look(browser, address)
    using(write_texts(tmp_path))
    texts.record()

    page = look(browser, address)
    assert [each for each in said if each not in page] == []
    assert "Anew" not in page
    # Its paper would have the present words.
    assert to_print not in page

    assert send(browser, address, **signed_paper(clock.now())).status_code == 302
    agreement.refresh_from_db()
    prescribers, patients_own = map(json.loads, signatures_of(agreement).values_list(
        "content", flat=True
    ))  # fmt: skip
    assert patients_own["text"] == prescribers["text"]
    assert patients_own["text"]["wording"] is not None


@pytest.mark.django_db
def test_words_that_come_to_be_known_later_contradict_no_signature_from_elsewhere(
    tmp_path: Path, using: Using
) -> None:
    cast, version = builders.cast(), f"agreement-{NEXT}"
    agreement = Agreement.objects.get(patient=builders.enroll(cast.prescribing, "adult_male"))
    agreement.pk, agreement.text_version = uuid4(), version
    agreement.save(force_insert=True)
    imported = replace(cast.prescribing, channel=Channel.IMPORT)
    run = Run(imported, operation_id=agreement.operation_id)
    run.read_clock()
    sign_sides(run, agreement)
    signed = signatures_of(agreement)
    assert {json.loads(each.content)["text"]["wording"] for each in signed} == {None}
    using(write_texts(tmp_path))
    texts.record()

    assert document("lenalidomide", "agreement").version == version
    assert [is_unchanged(each, agreement) for each in signed] == [True, True]


@pytest.mark.django_db
def test_a_mismatch_is_about_the_words_that_the_patient_read(tmp_path: Path, using: Using) -> None:
    cast = builders.cast()
    authorization = builders.authorized_frp(cast)
    survey = PatientSurvey.objects.get(patient=authorization.patient)
    (asked, *_) = document("lenalidomide", "patient_survey", "adult_frp").items
    using(write_texts(tmp_path))
    texts.record()
    opened = Intervention.objects.create(
        patient=survey.patient,
        cause="mismatch",
        questions=[asked.code],
        survey=survey,
        opened_at=clock.now(),
        recorded_at=clock.now(),
        operation_id=survey.operation_id,
    )

    page = look(browser_of(cast.staff), f"/admin/evidence/intervention/{opened.pk}/change/")
    assert asked.text in page
    assert "Anew" not in page


@pytest.mark.django_db
def test_what_is_translated_for_some_alone_is_shown_to_nobody_and_signed_in_english(
    tmp_path: Path, using: Using
) -> None:
    """A translation is kept, and so signed, whole or not at all."""
    mens, every = (
        {item.code for item in document("lenalidomide", "agreement", category).items}
        for category in ("adult_male", None)
    )
    (missing, *_) = sorted(every - mens)
    folder = write_texts(tmp_path)
    file = tmp_path / "documents" / "es" / "lenalidomide.toml"
    sentence = re.compile(rf"^{missing} = .*\n", re.MULTILINE)
    file.write_text(sentence.sub("", file.read_text(encoding="utf-8")), encoding="utf-8")
    using(folder)
    texts.record()

    shown = document("lenalidomide", "agreement", "adult_male", language="es").language
    kept = TextVersion.objects.filter(kind="agreement", version=f"agreement-{NEXT}")
    assert shown == "en"
    assert shown in kept.values_list("language", flat=True)


@pytest.mark.django_db
def test_an_earlier_text_is_looked_up_once(
    tmp_path: Path, using: Using, django_assert_num_queries: Any
) -> None:
    version = document("lenalidomide", "agreement").version
    using(write_texts(tmp_path))
    about = {"version": version, "risk_category": "adult_frp"}
    first = texts.as_read("lenalidomide", "agreement", **about)
    with django_assert_num_queries(0):
        assert texts.as_read("lenalidomide", "agreement", **about) == first


def words(kind: str) -> list[str]:
    """The sentences of a text that a woman who can become pregnant reads."""
    return [item.text for item in document("lenalidomide", kind, "adult_frp").items]


def look(browser: Client, path: str) -> str:
    """What a page or a paper says."""
    answer = browser.get(path)
    assert answer.status_code == 200
    if answer["Content-Type"] == "application/pdf":
        return flowing(answer.content)
    return html.unescape(answer.content.decode())


@pytest.mark.django_db
def test_a_signature_leads_to_the_words_that_were_read(tmp_path: Path, using: Using) -> None:
    cast = builders.cast()
    form = cast.prescriber.enrollments.get()
    (signature,) = signatures_of(form)
    using(write_texts(tmp_path))
    texts.record()

    page = look(browser_of(cast.administrator), f"/admin/audit/signature/{signature.pk}/change/")

    kept = TextVersion.objects.get(kind="prescriber_enrollment", version=form.form_version)
    assert f"/admin/audit/textversion/{kept.pk}/change/" in page


@pytest.mark.django_db
def test_the_administration_shows_each_answer_beside_what_was_asked_then(
    tmp_path: Path, using: Using
) -> None:
    cast = builders.cast()
    authorization = builders.authorized_frp(cast)
    administrator = browser_of(cast.administrator)
    said = {kind: words(kind) for kind in ("patient_survey", "prescriber_survey")}
    using(write_texts(tmp_path))

    for model, kind in ((PatientSurvey, "patient_survey"), (PrescriberSurvey, "prescriber_survey")):
        survey: Any = model._default_manager.get(patient=authorization.patient)
        page = look(administrator, f"/admin/evidence/{model._meta.model_name}/{survey.pk}/change/")
        assert [each for each in said[kind] if each not in page] == []
        assert "Anew" not in page


@pytest.mark.django_db
def test_a_whole_record_has_the_words_of_each_text_that_it_names() -> None:
    cast = builders.cast()
    authorization = builders.authorized_frp(cast)
    (table,) = [
        each for each in whole_record(authorization.patient).tables
        if each.model == "audit.textversion"
    ]  # fmt: skip
    rows = [{each.name: each.value for each in row} for row in table.rows]

    named = {row["kind"] for row in rows}
    assert named == {"agreement", "patient_survey", "prescriber_survey"}
    (agreement,) = [row for row in rows if (row["kind"], row["language"]) == ("agreement", "en")]
    said = {each["text"] for each in agreement["items"]}
    assert said >= set(words("agreement"))


@pytest.mark.django_db
def test_an_agreement_that_waits_is_shown_in_the_words_that_its_record_names(
    tmp_path: Path, using: Using
) -> None:
    cast = builders.cast()
    patient = enrolled(cast)
    browser, office = visitor(cast.prescribing, patient), browser_of(cast.prescribing)
    sentences = [item.text for item in document("lenalidomide", "agreement", "adult_frp").items]
    using(write_texts(tmp_path))

    page = reverse("sign_agreement", args=[patient.pk, patient.agreements.get().pk])
    shown = html.unescape(office.get(page).content.decode())
    assert all(sentence in shown for sentence in sentences)
    assert "Anew: " not in shown
    # The patient would be refused, and is not made to read other words and ask for a code.
    asked = html.unescape(browser.get(reverse("own_agreement")).content.decode())
    assert "Call your prescriber: you need a new one to sign." in asked
    assert "Anew: " not in asked
    assert 'name="send_code"' not in asked
