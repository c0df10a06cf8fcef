"""What the patient's own pages say for codes, in plain words. Words only, no rule."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What falls due, as a patient does it; the page adds from when and until when.
OBLIGATIONS: Final[dict[str, str | Promise]] = {
    "first_test_window": _("Have your first pregnancy test"),
    "second_test_window": _(
        "Have your second pregnancy test, in the last 24 hours before your prescriber orders the "
        "capsules"
    ),
    "weekly_test": _("Have your pregnancy test (one every week)"),
    "two_weekly_test": _("Have your pregnancy test (one every 2 weeks)"),
    "four_weekly_test": _("Have your pregnancy test (one every 4 weeks)"),
    "end_of_treatment_test": _("Have a pregnancy test after your treatment"),
    "patient_survey_due": _("Answer the questions for your next supply"),
    "contraception_attestation_due": _("Tell your prescriber which birth control you use"),
    "obligations_attestation_due": _("Tell your prescriber that you keep the safety rules"),
    "authorization_expires": _("Get your capsules: your pharmacy can give them to you"),
    "supply_ends": _("Your next supply can be prepared"),
    "agreement_lapses": _("Sign a new agreement with your prescriber"),
    "obligations_end": _("Keep the safety rules after your treatment"),
    "comes_of_age": _("You come of age: see your prescriber before that day"),
}

# What may be reported, and the question of the survey that asks the same.
REPORTS: Final[dict[str, str | Promise]] = {
    "may_be_pregnant": _("I am pregnant, or could be"),
    "missed_period": _("I missed a period"),
    "abnormal_bleeding": _("I had unusual menstrual or vaginal bleeding"),
    "lapse": _("I stopped or missed birth control, or had sex without it"),
    "partner_may_be_pregnant": _("A partner of mine is pregnant, or could be"),
}
