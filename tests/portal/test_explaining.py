"""Why each rule asks what it asks: told beside each requirement and question, and on one page."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.portal.program import PROGRAM
from apps.rules.explanations import ALSO, WHY, explanation, explanations
from apps.rules.policy import editions, policy_in_force, programs
from tests import builders

pytestmark = pytest.mark.django_db


def test_every_rule_of_every_edition_is_explained_with_its_own_numbers() -> None:
    for program in programs():
        for policy in editions(program):
            explained = {each.rule: each for each in explanations(policy)}
            assert set(policy.rules) | set(ALSO) == set(explained)
            assert not any("{" in each.why for each in explained.values())
    policy = policy_in_force(PROGRAM, builders.START)
    first = explanation("L-PT-1", policy)
    assert first is not None
    assert f"{policy.parameters.first_test_min_days} to" in first.why
    assert "prescribing information, section 5.1" in first.source
    assert explanation("L-NO-1", policy) is None
    assert len(WHY) > 30


def test_anybody_reads_why_and_each_requirement_and_question_leads_there(
    cast: builders.Cast, prescriber: Client
) -> None:
    page = Client().get(reverse("why")).content.decode()
    patient = builders.enroll(cast.prescribing)
    shown = prescriber.get(reverse("patient", args=[patient.pk]))
    for requirement in shown.context["requirements"]:
        assert f'id="{requirement.rule}"' in page
        assert f'/why/#{requirement.rule}"' in shown.content.decode()
    for kind in ("pregnancy-test", "contraception", "counseling", "health"):
        asked = prescriber.get(reverse("record", args=[patient.pk, kind])).content.decode()
        assert "Why does it ask this?" in asked
    assert "Why does it ask this?" in prescriber.get("/enroll/").content.decode()
