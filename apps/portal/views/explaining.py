"""Why the program asks what it asks: every rule, explained to everybody. Shows no record."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.portal.program import PROGRAM, present_policy
from apps.rules.explanations import explanations

GROUPS = {
    "ENR": "Enrollment and certification",
    "CAT": "Risk category",
    "PAT": "One record a person",
    "PT": "Pregnancy tests",
    "PRG": "Pregnancy",
    "CON": "Contraception and obligations",
    "SUR": "Surveys and counseling",
    "AUT": "Authorization",
    "DSP": "At the pharmacy",
    "SRC": "What is recorded",
}


def rules(request: HttpRequest) -> HttpResponse:
    """Each rule with its sentence, its source and its numbers, in groups."""
    policy = present_policy()
    found = list(explanations(policy))
    groups = [
        {"title": title, "rules": [each for each in found if _group(each.rule) == group]}
        for group, title in GROUPS.items()
    ]
    others = [each for each in found if _group(each.rule) not in GROUPS]
    if others:
        groups.append({"title": "Other rules", "rules": others})
    context = {"groups": groups, "edition": policy.version, "program": PROGRAM}
    return render(request, "portal/why.html", context)


def _group(rule: str) -> str:
    return rule.split("-")[1]
