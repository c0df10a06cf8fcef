"""The base of every form on the pages, as it is rendered."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.template import Context, Engine
from django.template.loader import render_to_string

from apps.core.errors import Conflict, InvalidRequest
from apps.portal.fields import InstantField, MemorableDateField
from apps.portal.forms import PortalForm

KEY = "6f1b6c1e-6f0c-4f57-9d0c-3a1f3f5f2d11"


class Visit(PortalForm):
    number = forms.CharField(label="Number", help_text="On the prescription.")
    born_on = MemorableDateField(label="Date of birth")
    category = forms.ChoiceField(
        label="Category", choices=[("a", "One"), ("b", "Two")], widget=forms.RadioSelect
    )
    methods = forms.MultipleChoiceField(
        label="Methods", choices=[("x", "X"), ("y", "Y")], widget=forms.CheckboxSelectMultiple
    )
    seen_at = InstantField(label="Seen", required=False)
    agreed = forms.BooleanField(label="Agreed")


def test_each_fresh_form_bears_its_own_one_time_key() -> None:
    first, second = (UUID(str(Visit()["submission"].value())) for _ in range(2))
    assert first != second


def test_a_form_sent_again_keeps_its_key_and_what_was_typed() -> None:
    html = str(Visit({"submission": KEY, "number": "K7QM <b>", "born_on_day": "31"}))
    assert f'value="{KEY}"' in html
    assert 'value="K7QM &lt;b&gt;"' in html
    assert 'value="31"' in html


def test_a_form_without_its_key_is_invalid_and_says_what_to_do() -> None:
    form = Visit({})
    assert form.errors["submission"] == [
        "This page was sent incomplete. Check your entries and send it again."
    ]


def test_a_missing_answer_is_asked_for_in_the_words_of_its_control() -> None:
    errors = Visit({"submission": KEY}).errors
    assert errors["number"] == ["Enter this."]
    assert errors["born_on"] == ["Enter the date."]
    assert errors["category"] == ["Choose one."]
    assert errors["methods"] == ["Choose at least one."]
    assert errors["agreed"] == ["Tick this to go on."]


def test_several_choices_are_checkboxes_and_one_of_several_is_a_radio_button() -> None:
    form = Visit()
    assert 'class="usa-checkbox__input"' in form["methods"].as_field_group()
    assert 'class="usa-radio__input"' in form["category"].as_field_group()
    assert "usa-radio" not in form["methods"].as_field_group()


def test_the_error_summary_leads_to_the_first_input_of_each_field() -> None:
    form = Visit({"submission": KEY})
    html = render_to_string("components/error_summary.html", {"forms": [form]})
    page = str(form)
    for target in ("id_number", "id_born_on_0", "id_category_0", "id_methods_0", "id_agreed"):
        assert f'href="#{target}"' in html
        assert f'id="{target}"' in page


def test_hint_and_error_describe_their_input() -> None:
    html = Visit({"submission": KEY})["number"].as_field_group()
    assert 'aria-describedby="id_number_helptext id_number_error"' in html
    assert 'id="id_number_helptext"' in html
    assert 'id="id_number_error"' in html


def test_a_form_passes_its_zone_to_its_instants() -> None:
    html = Visit(zone=ZoneInfo("America/New_York"))["seen_at"].as_field_group()
    assert "Time (Eastern)" in html


def test_a_services_objection_stands_beside_the_field_that_it_names() -> None:
    form = Visit({"submission": KEY})
    form.add_service_error(
        InvalidRequest("no", {"authorization_number": "Unknown.", "npi": "Wrong."}),
        {"authorization_number": "number"},
    )
    assert "Unknown." in form.errors["number"]
    assert form.non_field_errors() == ["npi: Wrong."]


def test_another_error_of_a_service_concerns_the_whole_form() -> None:
    form = Visit({"submission": KEY})
    form.add_service_error(Conflict("It was dispensed."))
    assert form.non_field_errors() == ["It was dispensed."]


def test_the_status_of_an_unknown_kind_looks_like_a_denial() -> None:
    html = render_to_string("components/status.html", {"kind": "elligible", "headline": "?"})
    assert "rp-status--denied" in html
    assert "#cancel" in html


def test_page_errors_open_the_title() -> None:
    engine = Engine.get_default()
    page = engine.from_string('{% extends "base.html" %}{% block title %}Visit{% endblock %}')
    assert "<title>Error: Visit – remsportal</title>" in page.render(
        Context({"form": Visit({"submission": KEY})})
    )
    assert "<title>Visit – remsportal</title>" in page.render(Context({"form": Visit()}))
