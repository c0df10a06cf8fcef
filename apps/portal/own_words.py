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

ANSWERS: Final[dict[str, str | Promise]] = {"yes": _("Yes"), "no": _("No")}

# The words that the record has for staff, as a patient reads them in either language.
CATEGORIES: Final[dict[str, str | Promise]] = {
    "adult_frp": _("Adult female of reproductive potential"),
    "child_frp": _("Female child of reproductive potential"),
    "adult_fnrp": _("Adult female not of reproductive potential"),
    "child_fnrp": _("Female child not of reproductive potential"),
    "adult_male": _("Adult male"),
    "child_male": _("Male child"),
}
MEANINGS: Final[dict[str, str | Promise]] = {
    "agreement_as_prescriber": _("Agreement, as the prescriber"),
    "agreement_as_patient": _("Agreement, as the patient"),
    "agreement_as_guardian": _("Agreement, as the parent or guardian"),
    "agreement_as_representative": _("Agreement, as the patient’s authorized representative"),
}
METHODS: Final[dict[str, str | Promise]] = {
    "all_components": _("with password and second factor"),
    "one_component": _("with the password, within minutes of a second factor"),
    "one_time_code": _("with the name, typed, and a one-time code"),
    "paper": _("by hand, on paper"),
    "system": _("in their organization’s own system, which vouches for it"),
}
