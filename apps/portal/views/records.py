"""Recording what is known about one patient: one page an entry, all made the same way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core import clock
from apps.core.call import Call
from apps.evidence import services as evidence
from apps.evidence.models import PatientSurvey, PregnancyTest
from apps.evidence.selectors import is_contraception_attested
from apps.patients import selectors as patients
from apps.patients.models import Patient, RiskCategory
from apps.portal import evidence_forms as forms
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page
from apps.portal.fields import when
from apps.portal.forms import PortalForm
from apps.portal.program import PROGRAM, present_policy
from apps.portal.submitting import attempt, once
from apps.portal.survey_forms import SignedSurveyForm
from apps.rules.documents import document
from apps.rules.edition import Category

FEMALE, PREGNANCY_PATH, EVERYBODY = "female", "pregnancy_path", ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of entry: its page's words, its form, and the command that records it.

    `needs` limits it to some categories; `tell_her` is what a woman is told at once.
    """

    title: str
    submit: str
    done: str
    form: Callable[..., PortalForm]
    record: Callable[[Call, UUID, Any], object]
    needs: str = EVERYBODY
    danger: bool = False
    hint: str = ""
    tell_her: str = ""

    def fits(self, category: Category) -> bool:
        """Whether patients of a category have such entries."""
        return self.needs == EVERYBODY or bool(getattr(category, self.needs))


def _when(field: str, form: Any) -> dict[str, Any]:
    """When it happened, as the command takes it."""
    return when(field, form.cleaned_data[f"{field}_at"])


def _test(call: Call, patient_id: UUID, form: Any) -> object:
    cleaned = {name: value for name, value in form.cleaned_data.items() if name != "submission"}
    times: dict[str, Any] = {
        **when("collected", cleaned.pop("collected_at")),
        **when("resulted", cleaned.pop("resulted_at")),
    }
    return evidence.record_pregnancy_test(call, patient_id=patient_id, **cleaned, **times)


def _contraception(call: Call, patient_id: UUID, form: Any) -> object:
    cleaned = form.cleaned_data
    return evidence.record_contraception(
        call,
        patient_id=patient_id,
        program=PROGRAM,
        **_when("attested", form),
        abstinence=cleaned["abstinence"],
        methods=cleaned["methods"],
        in_use_since=cleaned["in_use_since"],
        lapse=cleaned["lapse"] == "yes",
    )


def _obligations(call: Call, patient_id: UUID, form: Any) -> object:
    return evidence.record_obligations(
        call,
        patient_id=patient_id,
        **_when("attested", form),
        **form.attested(),
    )


def _counseling(call: Call, patient_id: UUID, form: Any) -> object:
    return evidence.record_counseling(
        call,
        patient_id=patient_id,
        program=PROGRAM,
        **_when("given", form),
        topics=form.cleaned_data["topics"],
    )


def _health(call: Call, patient_id: UUID, form: Any) -> object:
    cleaned = form.cleaned_data
    return evidence.record_health_status(
        call,
        patient_id=patient_id,
        cycle=cleaned.get("cycle", ""),
        breastfeeding=cleaned.get("breastfeeding") == "yes",
        advisory_flags=cleaned["advisory_flags"],
    )


def _survey(call: Call, patient_id: UUID, form: Any) -> object:
    return evidence.record_patient_survey(
        call,
        patient_id=patient_id,
        program=PROGRAM,
        **_when("completed", form),
        answers=form.answers(),
    )


def _breastfeeding(call: Call, patient_id: UUID, _form: Any) -> object:
    return evidence.report_breastfeeding(call, patient_id=patient_id)


def _bleeding(call: Call, patient_id: UUID, form: Any) -> object:
    cleaned = form.cleaned_data
    return evidence.report_bleeding(
        call, patient_id=patient_id, kind=cleaned["kind"], **_when("reported", form)
    )


def _pregnancy(call: Call, patient_id: UUID, form: Any) -> object:
    cleaned = form.cleaned_data
    return evidence.report_pregnancy(
        call,
        patient_id=patient_id,
        subject=cleaned["subject"],
        **_when("reported", form),
        source=cleaned["source"],
    )


ENTRIES = {
    "pregnancy-test": Entry(
        "Record a pregnancy test", "Record the test", "The test is recorded.",
        forms.TestForm, _test, FEMALE,
        hint="A positive result stops treatment at once: authorization and confirmation become "
        "void, and the program’s staff open a case.",
    ),
    "contraception": Entry(
        "Record contraception", "Record", "Contraception is recorded.",
        forms.ContraceptionForm, _contraception, PREGNANCY_PATH,
        hint="A lapse, or methods that do not suffice, stop treatment until the program’s staff "
        "have resolved it.",
    ),
    "obligations": Entry(
        "Record obligations", "Record", "The obligations are recorded.",
        forms.ObligationsForm, _obligations,
    ),
    "counseling": Entry(
        "Record counseling", "Record", "The counseling is recorded.",
        forms.CounselingForm, _counseling,
    ),
    "survey": Entry(
        "Record the patient’s survey", "Record the answers", "The survey is recorded.",
        SignedSurveyForm, _survey,
        hint="The patient’s own answers, from paper or the phone. Do not answer for the patient.",
    ),
    "health": Entry(
        "Record health status", "Record", "The health status is recorded.",
        forms.HealthForm, _health,
    ),
    "bleeding": Entry(
        "Report a missed period or bleeding", "Report it", "The report is recorded.",
        forms.BleedingForm, _bleeding, FEMALE, danger=True,
        hint="Nothing is authorized or dispensed until it is evaluated: a negative test and "
        "counseling afterwards.",
    ),
    "breastfeeding": Entry(
        "Report breastfeeding", "She breastfeeds: report it", "Breastfeeding is recorded.",
        forms.BreastfeedingForm, _breastfeeding, FEMALE, danger=True,
        hint="Nothing is authorized or dispensed while she breastfeeds. When it has ended, record "
        "the health status anew.",
    ),
    "pregnancy": Entry(
        "Report a suspected pregnancy", "Report it", "The pregnancy is reported.",
        forms.PregnancyForm, _pregnancy, danger=True,
        hint="The program’s staff open a case and call you.",
        tell_her="Tell her to stop taking the capsules at once.",
    ),
}  # fmt: skip


POSITIVE = (
    "The positive result is recorded, and treatment is stopped: an open authorization is void, "
    "the pharmacy that holds a confirmation is told, and the program’s staff work a pregnancy "
    "case. Tell the patient now to stop taking the capsules."
)
# Where what a rule asks for is entered.
ENTERED_ON = {
    "L-PT-1": "pregnancy-test", "L-PT-2": "pregnancy-test", "L-PT-3": "pregnancy-test",
    "L-PT-6": "pregnancy-test", "L-PT-8": "pregnancy-test",
    "L-CON-1": "contraception", "L-CON-2": "contraception", "L-CON-3": "contraception",
    "L-CON-6": "obligations", "L-CON-7": "health", "L-SUR-2": "survey", "L-SUR-4": "counseling",
}  # fmt: skip


def pages_of_rules(patient_id: UUID, category: Category) -> dict[str, str]:
    """The page on which what a rule asks for is entered, for a patient of this category."""
    return {
        rule: reverse("record", args=[patient_id, slug])
        for rule, slug in ENTERED_ON.items()
        if ENTRIES[slug].fits(category)
    }


def possible_entries(category: Category) -> list[dict[str, str]]:
    """The entries that a patient of this category can have, as links of their page."""
    return [
        {"slug": slug, "label": entry.title}
        for slug, entry in ENTRIES.items()
        if entry.fits(category)
    ]


@page(*PRESCRIBER_SIDE)
def record(request: PortalRequest, patient_id: UUID, kind: str) -> HttpResponse:
    """The page of one entry: shown, sent once, and back to the patient."""
    entry = ENTRIES.get(kind)
    person = patients.visible_to(request.call.actor).filter(pk=patient_id).first()
    if entry is None or person is None:
        raise Http404
    category = patients.current_category(person).risk_category
    known = present_policy().categories[category]
    if not entry.fits(known):
        raise Http404
    form = entry.form(request.POST or None, **_arguments(request, patient_id, kind, category))
    if request.method == "POST" and form.is_valid():
        names = {f"answers.{name}": name for name in form.fields}
        names |= {name.replace("_at", "_on"): name for name in form.fields if "_at" in name}
        made = attempt(form, lambda: entry.record(once(request, form), patient_id, form), names)
        if made is not None:
            if isinstance(made, PregnancyTest) and made.result == PregnancyTest.Result.POSITIVE:
                messages.warning(request, POSITIVE)
            else:
                messages.success(request, entry.done)
            if isinstance(made, PatientSurvey) and made.at_risk:
                return redirect("survey_guidance", patient_id=patient_id, survey_id=made.pk)
            back_to = "request" if request.GET.get("to") == "request" else "patient"
            return redirect(back_to, patient_id=patient_id)
    context = {**_context(person, entry, form), "tell_her": entry.tell_her if known.female else ""}
    return render(request, "prescriber/record.html", context)


def _arguments(
    request: PortalRequest, patient_id: UUID, kind: str, category: str
) -> dict[str, Any]:
    """What a form needs to know beside what was typed."""
    policy = present_policy()
    known = policy.categories[category]
    now = clock.now().replace(second=0, microsecond=0)
    # Only what a patient says and hears face to face, while it is entered. What happened elsewhere
    # (a specimen, its result, a call, a paper) somebody must know: hours count there (L-PT-2).
    initial: dict[str, Any] = dict.fromkeys(("attested_at", "given_at"), now)
    arguments: dict[str, Any] = {"zone": policy.calendar.zone, "initial": initial}
    if kind in {"obligations", "health", "pregnancy"}:
        arguments["female"] = known.female
    if kind == "contraception":
        arguments["is_first"] = not is_contraception_attested(patient_id)
    if kind == "health":
        arguments["pregnancy_path"] = known.pregnancy_path
    if kind == "survey":
        arguments["items"] = document(PROGRAM, "patient_survey", category).items
        arguments["request"] = request
    return arguments


def _context(person: Patient, entry: Entry, form: PortalForm) -> dict[str, Any]:
    return {
        "patient": person,
        "entry": entry,
        "form": form,
        "patient_url": reverse("patient", args=[person.pk]),
        "crumbs": patient_trail(person),
    }


def patient_trail(person: Patient) -> list[dict[str, str]]:
    """The way to a page about a patient."""
    return [
        {"label": "My patients", "url": reverse("my_patients")},
        {"label": str(person), "url": reverse("patient", args=[person.pk])},
    ]


def category_label(person: Patient) -> str:
    """The present risk category in words."""
    return RiskCategory(patients.current_category(person).risk_category).label
