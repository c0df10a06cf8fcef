"""A form is signed beside the words that its page shows, also where those change meanwhile."""

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.audit import texts
from apps.audit.models import Signature
from apps.core.overtaken import SHOWS_ANOTHER
from apps.evidence import services as evidence
from apps.portal.forms import EveryItemField
from apps.rules.policy import policies, use_policies
from tests import browsers, builders
from tests.newer_texts import write_texts
from tests.portal.people import browser_of, proof, signed_in
from tests.portal.test_checking import PACKAGE
from tests.portal.test_own_pages import enrolled, waiting
from tests.visitors import visitor

TO_SIGN = "Read and sign the agreement"
NEWER_TEXT = "nobody can sign it on their own pages any more."

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def texts_of_now() -> Iterator[None]:
    before = policies()
    yield
    use_policies(before.directory, before.programs)


def to_tick(form: Any) -> dict[str, list[tuple[str, str]]]:
    """The points that a form has to be ticked, code and words, by field."""
    return {
        name: list(cast("Any", field).choices)
        for name, field in form.fields.items()
        if type(field) is EveryItemField
    }


def opened(browser: Client, url: str) -> dict[str, Any]:
    """What a page's form sends, signed and with each point ticked."""
    form = browser.get(url).context["form"]
    ticked = {name: [code for code, _ in points] for name, points in to_tick(form).items()}
    return {**browsers.hidden_in(form), **proof(browser, form), **ticked}


def change_texts(folder: Path) -> None:
    use_policies(write_texts(folder), policies().programs)
    texts.record()


def signs_nothing(browser: Client, url: str, sent: dict[str, Any]) -> None:
    """A form that stood open comes back with the words of now, and nobody has signed them."""
    signatures = Signature.objects.count()
    answer = browser.post(url, sent)
    assert answer.status_code == 200
    form = answer.context["form"]
    assert form.non_field_errors() == [SHOWS_ANOTHER]
    for points in to_tick(form).values():
        assert all(text.startswith("Anew: ") for _, text in points)
    assert Signature.objects.count() == signatures


@pytest.mark.parametrize("name", ["certification", "training"])
def test_nobody_attests_other_words_than_they_read(tmp_path: Path, name: str) -> None:
    cast = builders.cast()
    assert cast.pharmacy.representative is not None
    browser, url = signed_in(cast.pharmacy.representative), reverse(name)
    sent = opened(browser, url)
    change_texts(tmp_path)
    signs_nothing(browser, url, sent)


def test_no_pharmacist_ticks_other_words_than_they_read(tmp_path: Path) -> None:
    cast = builders.cast()
    held = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    browser, url = browser_of(cast.dispensing), reverse("confirmation", args=[held.pk])
    assert cast.dispensing.actor.id is not None
    own = str(User.objects.get(pk=cast.dispensing.actor.id))
    sent = {**opened(browser, url), **PACKAGE, "counselor": own}
    change_texts(tmp_path)
    builders.train(cast.dispensing)
    signs_nothing(browser, url, sent)


def test_an_agreement_whose_text_has_changed_is_asked_for_anew_on_both_sides(
    tmp_path: Path,
) -> None:
    cast = builders.cast()
    patient = enrolled(cast)
    hers, office = visitor(cast.prescribing, patient), browser_of(cast.prescribing)
    asks = [
        (hers, reverse("own_today"), "Call your prescriber: you need a new one to sign."),
        (office, reverse("patient", args=[patient.pk]), NEWER_TEXT),
        (office, reverse("patient", args=[patient.pk]), "not signed yet; the text has changed"),
        (office, reverse("let_in", args=[patient.pk]), NEWER_TEXT),
        (office, reverse("sign_agreement", args=[patient.pk, patient.agreements.get().pk]),
         NEWER_TEXT),
        (browser_of(cast.staff), reverse("queue", args=["unsigned_agreement"]),
         "signature missing: patient; the text has changed since"),
    ]  # fmt: skip
    for browser, page, said in asks:
        assert said not in flowing(browser, page)
    assert TO_SIGN in flowing(hers, reverse("own_today"))

    change_texts(tmp_path)
    for browser, page, said in asks:
        assert said in flowing(browser, page), page
    assert TO_SIGN not in flowing(hers, reverse("own_today"))

    # A new one is read and signed again
    evidence.renew_agreement(
        cast.prescribing, patient_id=patient.pk, program=builders.PROGRAM, signatures=waiting()
    )
    for browser, page, said in (asks[1], asks[3]):
        assert said not in flowing(browser, page), page
    assert TO_SIGN in flowing(visitor(cast.prescribing, patient), reverse("own_today"))


def flowing(browser: Client, page: str) -> str:
    """What a page says, in one line."""
    answer = browser.get(page)
    assert answer.status_code == 200, page
    return " ".join(html.unescape(answer.content.decode()).split())


def test_no_prescriber_takes_over_a_patient_beside_other_words(tmp_path: Path) -> None:
    cast = builders.cast()
    browser, url = browser_of(cast.prescribing), reverse("sign_take_over", args=["adult_frp"])
    sent = opened(browser, url)
    change_texts(tmp_path)
    answer = browser.post(url, sent)
    assert answer.context["form"].is_overtaken


def test_no_prescriber_answers_other_questions_than_they_read(tmp_path: Path) -> None:
    cast = builders.cast()
    person = builders.ready_frp(cast.prescribing)
    browser, url = browser_of(cast.prescribing), reverse("request", args=[person.pk])
    sent = opened(browser, url)
    change_texts(tmp_path)
    answer = browser.post(url, sent)
    assert answer.context["form"].is_overtaken
