"""Texts of the reasons of enrollment and category (L-ENR, L-CAT).

Texts only, by rule and code: a door can translate them from the code and its parameters.
"""

from typing import Final

from apps.rules.reasons.reason import Reason, by, held, lapses

ENROLLMENT: Final[dict[str, dict[str, Reason]]] = {
    "L-ENR-1": {
        "PRESCRIBER_CERTIFIED": held("The prescriber is certified."),
        "PRESCRIBER_PENDING": by(
            "prescriber",
            "The prescriber's certification is not complete yet.",
            "Complete the certification: form, education and every attestation.",
        ),
        "PRESCRIBER_SUSPENDED": by(
            "staff",
            "The prescriber's certification is suspended.",
            "Reinstate the prescriber with a reason, or hand the patient over to another one.",
        ),
        "PRESCRIBER_DECERTIFIED": by(
            "staff",
            "The prescriber is no longer certified.",
            "Hand the patient over to another certified prescriber.",
        ),
    },
    "L-ENR-2": {
        "PHARMACY_CERTIFIED": lapses(
            "pharmacy",
            "The pharmacy is certified until {certified_until}.",
            "Renew the certification, which ends on {certified_until}.",
        ),
        "PHARMACY_PENDING": by(
            "pharmacy",
            "The pharmacy's certification is not complete yet.",
            "Complete the certification through the authorized representative.",
        ),
        "PHARMACY_SUSPENDED": by(
            "staff",
            "The pharmacy's certification is suspended.",
            "Reinstate the pharmacy with a reason, or name another certified pharmacy.",
        ),
        "PHARMACY_DECERTIFIED": by(
            "pharmacy",
            "The pharmacy is no longer certified.",
            "Send the patient to a certified pharmacy.",
        ),
        "PHARMACY_CERTIFICATION_UNDATED": by(
            "staff",
            "The end of the pharmacy's certification is not recorded.",
            "Record until when the pharmacy is certified.",
        ),
        "PHARMACY_CERTIFICATION_LAPSED": by(
            "pharmacy",
            "The pharmacy's certification ran out on {certified_until}.",
            "Renew the certification through the authorized representative.",
        ),
    },
    "L-ENR-3": {
        "AGREEMENT_CURRENT": held(
            "The agreement for the present category was completed on {signed_on}."
        ),
        "AGREEMENT_MISSING": by(
            "prescriber",
            "There is no agreement.",
            "Sign an agreement for the present category together with the patient.",
        ),
        "AGREEMENT_UNSIGNED": by(
            "prescriber",
            "An agreement still lacks a signature.",
            "Collect the missing signature of the patient's side or of the prescriber.",
        ),
        "AGREEMENT_OTHER_CATEGORY": by(
            "prescriber",
            "The latest agreement, of {signed_on}, is for another risk category.",
            "Sign a new agreement for the present category together with the patient.",
        ),
        "AGREEMENT_WRONG_SIGNER": by(
            "prescriber",
            "The latest agreement, of {signed_on}, was not signed by the person who must sign "
            "for this category.",
            "Sign a new agreement: a guardian signs for a child, the patient or an authorized "
            "representative for an adult.",
        ),
    },
    "L-ENR-4": {
        "AGREEMENT_IN_FORCE": lapses(
            "prescriber",
            "The enrollment holds until {until} without a dispense.",
            "Sign a new agreement together with the patient: the enrollment lapses after {until}.",
        ),
        "AGREEMENT_NEVER_BEGAN": by(
            "prescriber",
            "There is neither a current agreement nor a dispense.",
            "Sign an agreement for the present category together with the patient.",
        ),
        "AGREEMENT_LAPSED": by(
            "prescriber",
            "More than {months} months have passed since {last_on}: the enrollment lapsed after "
            "{until}.",
            "Sign a new agreement together with the patient, or ask the program's staff for an "
            "exception.",
        ),
    },
    "L-ENR-5": {
        "AGREEMENT_WITH_PRESCRIBER": held(
            "The agreement is with this prescriber or one whom they cover."
        ),
        "AGREEMENT_WITH_NO_PRESCRIBER": by(
            "prescriber",
            "There is no current agreement with any prescriber.",
            "Sign an agreement for the present category together with the patient.",
        ),
        "AGREEMENT_WITH_ANOTHER_PRESCRIBER": by(
            "prescriber",
            "The current agreement is with another prescriber.",
            "Sign a new agreement with the patient, or let the practice record that you cover.",
        ),
    },
    "L-CAT-1": {
        "AGE_FITS": held("The patient's age fits the risk category."),
        "AGE_FITS_UNTIL": lapses(
            "prescriber",
            "The patient's age fits the risk category until the birthday on which they turn "
            "{adult_age}.",
            "Change the risk category with a new agreement once the patient is {adult_age}.",
        ),
        "AGE_TOO_YOUNG_FOR_CATEGORY": by(
            "prescriber",
            "The patient is under {adult_age}, but the risk category is an adult's.",
            "Change the risk category with a new agreement.",
        ),
        "AGE_TOO_OLD_FOR_CATEGORY": by(
            "prescriber",
            "The patient is {adult_age} or older, but the risk category is a child's.",
            "Change the risk category with a new agreement.",
        ),
    },
    "L-CAT-2": {
        "BASIS_RECORDED": held(
            "The basis for having no reproductive potential is recorded, dated {on}."
        ),
        "BASIS_MISSING": by(
            "prescriber",
            "No basis is recorded for having no reproductive potential.",
            "Record natural menopause, hysterectomy or bilateral oophorectomy with its date, or "
            "change the risk category.",
        ),
        "BASIS_IN_FUTURE": by(
            "prescriber",
            "The recorded basis is dated {on}, which is still to come.",
            "Correct the date, or change the risk category until then.",
        ),
        "MENOPAUSE_TOO_RECENT": by(
            "prescriber",
            "The last menses were on {on}: {months} months are complete on {complete_on}.",
            "Change the risk category until then.",
        ),
        "BLEEDING_SINCE_MENOPAUSE": by(
            "prescriber",
            "Bleeding was reported on {reported_on}, after the last menses recorded for {on}.",
            "Evaluate the bleeding; record the new date of the last menses or change the risk "
            "category.",
        ),
    },
}
