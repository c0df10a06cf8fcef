"""The pages' own words for codes: methods, obligations, who acts, causes. Words only, no rule.

The vocabulary is the regulation's; words that are misread are spelled out.
"""

from typing import Final

METHODS: Final = {
    "tubal_ligation": "Tubal ligation",
    "iud": "Copper or levonorgestrel IUD (Mirena and others)",
    "hormonal_combined_pill": "Combined pill (estrogen and progestin)",
    "hormonal_patch": "Hormonal patch",
    "hormonal_injection": "Hormonal injection",
    "hormonal_ring": "Hormonal vaginal ring",
    "hormonal_implant": "Hormonal implant",
    "partner_vasectomy": "Partner’s vasectomy",
    "male_condom": "Male latex or synthetic condom",
    "diaphragm": "Diaphragm",
    "cervical_cap": "Cervical cap",
    "progestin_only_pill": "Progestin-only pill",
    "progesterone_iud": "Progestasert (progesterone-only IUD, discontinued)",
    "female_condom": "Female condom",
    "cervical_shield": "Cervical shield",
    "fertility_awareness": "Fertility awareness",
    "breastfeeding": "Breastfeeding",
    "withdrawal": "Withdrawal",
    "spermicide_alone": "Spermicide alone",
}

WHO: Final = {
    "prescriber": "the prescriber",
    "patient": "the patient",
    "pharmacy": "the pharmacy",
    "staff": "the program’s staff",
}

# What falls due, in one line; the page adds from when and until when.
OBLIGATIONS: Final = {
    "first_test_window": "First pregnancy test",
    "second_test_window": "Second pregnancy test, within 24 hours before the authorization",
    "weekly_test": "Weekly pregnancy test",
    "two_weekly_test": "Pregnancy test, every 2 weeks",
    "four_weekly_test": "Pregnancy test, every 4 weeks",
    "end_of_treatment_test": "Pregnancy test after the end of treatment",
    "patient_survey_due": "Patient survey",
    "contraception_attestation_due": "Contraception to be attested",
    "obligations_attestation_due": "Obligations to be attested",
    "authorization_expires": "Authorization is open: the pharmacy dispenses",
    "supply_ends": "Next supply",
    "agreement_lapses": "Agreement lapses",
    "obligations_end": "Obligations after the end of treatment",
    "comes_of_age": "Comes of age: the category must be changed by the birthday",
    "case_follow_up": "Follow-up of a pregnancy case",
    "certification_renewal": "Certification to renew",
}

# Who acts, where it is another than the one who is reminded.
WHOSE: Final = {"authorization_expires": "pharmacy"}

ENDINGS: Final = {
    "positive_test": "A pregnancy test was positive.",
    "pregnancy_suspected": "A pregnancy was suspected.",
    "pregnancy_case_closed": "A pregnancy case was closed.",
    "contraception_inadequate": "Contraception was inadequate or lapsed.",
    "contraception_withdrawn": "An attestation of contraception was withdrawn.",
    "test_withdrawn": "A pregnancy test was withdrawn.",
    "agreement_completed": "A new agreement was completed.",
    "category_changed": "The risk category was changed.",
    "entry_withdrawn": "An entry on which it rested was withdrawn.",
    "patient_moved": "The patient went to another prescriber.",
    "records_merged": "Two records of this person were merged.",
    "identity_corrected": "The date of birth was corrected: check the risk category, request anew.",
    "therapy_discontinued": "Therapy was discontinued.",
    "therapy_withdrew": "The patient withdrew from the program.",
    "patient_died": "The patient died.",
    "late_dispense": "A dispense that was entered late has used the authorization up.",
}

ADVISORY_FLAGS: Final = {
    "renal_impairment": "Renal impairment",
    "digoxin": "Takes digoxin",
    "erythropoiesis_stimulant": "Takes an erythropoiesis-stimulating agent",
    "estrogen": "Takes an estrogen",
    "chronic_lymphocytic_leukemia": "Chronic lymphocytic leukemia",
    "storage_deviation": "Capsules were stored outside 15 to 30 °C",
}


def method_list(codes: list[str]) -> str:
    """Methods as a sentence's end; "none" when there are none."""
    return ", ".join(METHODS.get(code, code) for code in codes) or "none"


def ending(cause: str) -> str:
    """Why something ended: a code's words, or what a person wrote."""
    return ENDINGS.get(cause, cause)
