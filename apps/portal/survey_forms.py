"""Surveys that end with the signature of who attests them or took them down."""

from apps.core.overtaken import PageForm
from apps.portal.evidence_forms import SurveyForm
from apps.portal.prescription_forms import AuthorizationForm
from apps.portal.signing import Signed


class SignedSurveyForm(Signed, SurveyForm):
    """A patient's answers, signed by who took them down."""

    meaning = "sign that these are the patient’s own answers, as the patient gave them"


class SignedAuthorizationForm(Signed, PageForm, AuthorizationForm):
    """The request for an authorization, with the signature of the prescriber's survey.

    It attests to what the page says is on record, and so goes with that alone.
    """

    template_name = "forms/request_form.html"
