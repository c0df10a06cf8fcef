"""Every form of the pages, sent with nonsense by whom it belongs to: no error, nothing lost."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from apps.portal.views.records import ENTRIES
from apps.portal.views.therapy import SAYINGS
from tests import builders
from tests.api.world import contents
from tests.fuzz import nonsense
from tests.fuzz.callers import changing, code_of, everybody_at_work
from tests.fuzz.trying import FORM_CASES, Figures
from tests.fuzz.visits import Visitor
from tests.portal.test_scope import ONES_OWN, WHO, ids

pytestmark = pytest.mark.django_db

OWNERS = ("owner", "other prescriber", "pharmacist", "representative", "staff", "administrator")
OTHERS = {"certification": "newcomer", "training": "trainee"}
FROM_A_FORM = ("enroll", "enroll_body", "enroll_agreement")
KINDS = {"record": sorted(ENTRIES), "say": sorted(SAYINGS)}
# Pages that ask for nothing, or for nothing in this world; an unlisted one without a form fails.
WITHOUT_FORM = {
    **dict.fromkeys(
        ("answer", "decision", "deviation", "former_patient",
         "former_patients", "home", "messages", "my_sites", "office_decision", "parcels", "patient",
         "patient_reminders",
         "pregnancy_case", "queue", "queues", "receipt", "staff", "survey_guidance"),
        "shows, and leads to pages that ask",
    ),
    **dict.fromkeys(
        ("agreement_pdf", "agreement_scan", "agreement_to_sign_pdf", "certification_pdf",
         "checklist_pdf", "confirmations_csv", "counter_checklist_pdf", "dispenses_csv",
         "enroll_agreement_pdf", "empty_agreement_pdf", "empty_checklist_pdf", "my_patients_csv",
         "pharmacys_certification_pdf", "prescribers_certification_pdf", "prescription",
         "prescription_pdf"),
        "to be printed or kept",
    ),
    "take_over": "leads to the form of each category",
    "enroll_discard": "takes only what the pages of an enrollment send",
    "enroll_duplicates": "nobody is alike",
    "withdraw_successor": "nobody is named",
    "end_contact": "takes nothing",
    "export_list": "is a file",
    "export_queue": "is a file",
    "sign_ins": "there is no other sign-in",
    "end_other_sign_ins": "takes only what the list of sign-ins sends",
    "stay_signed_in": "takes nothing",
    "send_as": "takes only what the page of another role sends",
}  # fmt: skip


@pytest.fixture(autouse=True)
def a_fixed_noon(settings: Any) -> Iterator[None]:
    """The same moment in each run."""
    settings.LOG_REQUESTS = False
    with time_machine.travel(builders.START, tick=True):
        yield


def test_no_form_of_the_pages_breaks_or_loses_what_was_typed() -> None:
    everybody, figures = everybody_at_work(), Figures()
    found = contents(everybody.cast)
    known = [each for each in found.paths.values() if nonsense.is_identifier(each)]
    pages = dict(addresses(ids(everybody, found)))
    pages["category_agreement"] = ("owner", changing(everybody))
    codes = {who: code_of(everybody[who]) for who, _ in pages.values()}
    for name, (who, url) in pages.items():
        visitor = Visitor(everybody[who], known, codes[who], figures)
        visitor.try_page(name, url, max(3, FORM_CASES // len(pages)))
    figures.leave("pages")
    assert not figures.defects, figures.told()
    assert figures.without_form == set(WITHOUT_FORM)


def addresses(addressed: dict[str, dict[str, Any]]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each page with its kinds: who sends its form, and where it is."""
    for name, (insiders, _) in WHO.items():
        owner = next((each for each in OWNERS if each in insiders), None)
        if owner is None:
            continue
        for kind in KINDS.get(name, [""]):
            args = {**addressed.get(name, {}), **({"kind": kind} if kind else {})}
            url = reverse(name, kwargs=args)
            yield f"{name} {kind}".strip(), (OTHERS.get(name, owner), url)
    for name in FROM_A_FORM:
        yield f"{name} from a form", ("staff", reverse(name))
    for name in sorted(ONES_OWN - {"end_sign_in"}):
        yield name, ("owner", reverse(name))
