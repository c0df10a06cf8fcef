"""Who was kept out waits for an administrator, who finds out who it was; each lock-out anew."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.sign_ins import record_lock_out
from apps.audit import services as audit
from apps.core import clock
from apps.core.call import SYSTEM_CALL
from apps.oversight.models import Settlement
from tests import builders
from tests.oversight import cases
from tests.portal.people import people, send

pytestmark = pytest.mark.django_db

KIND = "failed_sign_ins"


def test_a_lock_out_waits_until_an_administrator_found_out_who_it_was(
    staff: Client, administrator: Client, cast: builders.Cast, settings: LazySettings
) -> None:
    settings.DEMO_CLOCK = True
    user = builders.person_of(cast.dispensing)
    record_lock_out("nobody@nowhere.example")
    assert cases.items(cast.staff, KIND) == []
    record_lock_out(user.email)
    record_lock_out(user.email)
    (item,) = cases.items(cast.staff, KIND)
    assert (item.subject_id, item.owner) == (user.pk, "administrator")
    assert item.target_at == item.opened_at + timedelta(hours=settings.SIGN_IN_REVIEW_HOURS)
    assert item.label.endswith("has not signed in since")

    audit.record_view(SYSTEM_CALL, "signed_in", subject=user)
    page = reverse("queue_item", args=[KIND, user.pk])
    shown = staff.get(page).content.decode()
    assert "too many failed sign-ins, signed in since" in shown
    assert reverse("admin:accounts_user_change", args=[user.pk]) in shown
    assert "An administrator works on this." in shown
    assert send(administrator, page).status_code == 302
    settle = reverse("settle_sign_ins", args=[user.pk])
    assert settle in administrator.get(page).content.decode()
    assert settle not in staff.get(page).content.decode()
    assert "<title>Error:" in send(administrator, settle, note=" ").content.decode()
    assert send(administrator, settle, note="Called: it was they").status_code == 302
    assert cases.items(cast.staff, KIND) == []
    assert administrator.get(settle).status_code == 404

    clock.set_demo_time(clock.now() + timedelta(days=2))
    record_lock_out(user.email)
    assert cases.queue(cast.staff, KIND).count == 1
    assert send(administrator, settle, note="Somebody else: sign-ins ended").status_code == 302
    assert Settlement.objects.filter(kind=KIND).count() == 2


def facts(browser: Client, user: User) -> dict[str, str]:
    """What an item of the queue tells of the person."""
    shown = browser.get(reverse("queue_item", args=[KIND, user.pk]))
    return {fact["label"]: fact.get("text", "") for fact in shown.context["facts"]}


def test_the_office_sees_whom_to_call_where_and_what_to_do_next(
    staff: Client, administrator: Client, cast: builders.Cast
) -> None:
    everybody = people(cast)
    cast.pharmacy.refresh_from_db()
    at_counter = User.objects.get(email="technician@pharmacy.example")
    delegate = User.objects.get(email="delegate@practice.example")
    prescriber = builders.person_of(cast.prescribing)
    office = builders.person_of(cast.staff)
    for user in (at_counter, delegate, prescriber, office):
        record_lock_out(user.email)

    told = facts(staff, at_counter)
    assert told["Person"] == f"{at_counter}, {at_counter.email}"
    assert told[f"Technician, {cast.pharmacy.name}"] == f"Phone {cast.pharmacy.phone}"
    practice = cast.prescriber.practice.organization.name
    assert facts(staff, prescriber)[f"Prescriber, {practice}"] == f"Phone {cast.prescriber.phone}"
    assert facts(staff, delegate)[f"Delegate, {practice}"] == (
        f"Phone {cast.prescriber.phone} (of {cast.prescriber.full_name}, for whom they act)"
    )
    (of_office,) = (text for label, text in facts(staff, office).items() if "staff," in label)
    assert "knows no number" in of_office

    # Whoever may do it gets there; for the office's own people only an administrator
    reset = {
        user: reverse("admin:accounts_user_do", args=[user.pk, "reset-sign-in"])
        for user in (at_counter, office)
    }
    item = {user: reverse("queue_item", args=[KIND, user.pk]) for user in reset}
    assert reset[at_counter] in staff.get(item[at_counter]).content.decode()
    assert staff.get(reset[at_counter]).status_code == 200
    assert reset[office] not in staff.get(item[office]).content.decode()
    assert reset[office] in administrator.get(item[office]).content.decode()
    assert reset[at_counter] not in everybody["auditor"].get(item[at_counter]).content.decode()
