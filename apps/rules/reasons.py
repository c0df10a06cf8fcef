"""The texts of every reason: its sentence, and for an unmet rule who must do what next.

Texts only, no logic: a door can translate them from the reason's code and parameters.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason's sentence; unmet ones name their owner and the next step."""

    message: str
    who: str | None = None
    what: str | None = None
    waits: bool = False
    """Whether the step can only be taken in the requirement's own window."""


def _held(message: str) -> Reason:
    return Reason(message)


def _by(who: str, message: str, what: str) -> Reason:
    return Reason(message, who, what)


def _waits_for(who: str, message: str, what: str) -> Reason:
    return Reason(message, who, what, waits=True)


_ENROLLMENT: Final[dict[str, dict[str, Reason]]] = {
    "L-ENR-1": {
        "PRESCRIBER_CERTIFIED": _held("The prescriber is certified."),
        "PRESCRIBER_PENDING": _by(
            "prescriber",
            "The prescriber's certification is not complete yet.",
            "Complete the certification: form, education and every attestation.",
        ),
        "PRESCRIBER_SUSPENDED": _by(
            "staff",
            "The prescriber's certification is suspended.",
            "Reinstate the prescriber with a reason, or hand the patient over to another one.",
        ),
        "PRESCRIBER_DECERTIFIED": _by(
            "staff",
            "The prescriber is no longer certified.",
            "Hand the patient over to another certified prescriber.",
        ),
    },
    "L-ENR-2": {
        "PHARMACY_CERTIFIED": _held("The pharmacy is certified until {certified_until}."),
        "PHARMACY_PENDING": _by(
            "pharmacy",
            "The pharmacy's certification is not complete yet.",
            "Complete the certification through the authorized representative.",
        ),
        "PHARMACY_SUSPENDED": _by(
            "staff",
            "The pharmacy's certification is suspended.",
            "Reinstate the pharmacy with a reason, or name another certified pharmacy.",
        ),
        "PHARMACY_DECERTIFIED": _by(
            "pharmacy",
            "The pharmacy is no longer certified.",
            "Send the patient to a certified pharmacy.",
        ),
        "PHARMACY_CERTIFICATION_UNDATED": _by(
            "staff",
            "The end of the pharmacy's certification is not recorded.",
            "Record until when the pharmacy is certified.",
        ),
        "PHARMACY_CERTIFICATION_LAPSED": _by(
            "pharmacy",
            "The pharmacy's certification ran out on {certified_until}.",
            "Renew the certification through the authorized representative.",
        ),
    },
    "L-ENR-3": {
        "AGREEMENT_CURRENT": _held(
            "The agreement for the present category was completed on {signed_on}."
        ),
        "AGREEMENT_MISSING": _by(
            "prescriber",
            "There is no agreement.",
            "Sign an agreement for the present category together with the patient.",
        ),
        "AGREEMENT_UNSIGNED": _by(
            "prescriber",
            "An agreement still lacks a signature.",
            "Collect the missing signature of the patient's side or of the prescriber.",
        ),
        "AGREEMENT_OTHER_CATEGORY": _by(
            "prescriber",
            "The latest agreement, of {signed_on}, is for another risk category.",
            "Sign a new agreement for the present category together with the patient.",
        ),
        "AGREEMENT_WRONG_SIGNER": _by(
            "prescriber",
            "The latest agreement, of {signed_on}, was not signed by the person who must sign "
            "for this category.",
            "Sign a new agreement: a guardian signs for a child, the patient or an authorized "
            "representative for an adult.",
        ),
    },
    "L-ENR-4": {
        "AGREEMENT_IN_FORCE": _held("The enrollment holds until {until} without a dispense."),
        "AGREEMENT_NEVER_BEGAN": _by(
            "prescriber",
            "There is neither a current agreement nor a dispense.",
            "Sign an agreement for the present category together with the patient.",
        ),
        "AGREEMENT_LAPSED": _by(
            "prescriber",
            "More than {months} months have passed since {last_on}: the enrollment lapsed after "
            "{until}.",
            "Sign a new agreement together with the patient, or ask the program's staff for an "
            "exception.",
        ),
    },
    "L-ENR-5": {
        "AGREEMENT_WITH_PRESCRIBER": _held(
            "The agreement is with this prescriber or one whom they cover."
        ),
        "AGREEMENT_WITH_NO_PRESCRIBER": _by(
            "prescriber",
            "There is no current agreement with any prescriber.",
            "Sign an agreement for the present category together with the patient.",
        ),
        "AGREEMENT_WITH_ANOTHER_PRESCRIBER": _by(
            "prescriber",
            "The current agreement is with another prescriber.",
            "Sign a new agreement with the patient, or let the practice record that you cover.",
        ),
    },
    "L-CAT-1": {
        "AGE_FITS": _held("The patient's age fits the risk category."),
        "AGE_FITS_UNTIL": _held(
            "The patient's age fits the risk category until the birthday on which they turn "
            "{adult_age}."
        ),
        "AGE_TOO_YOUNG_FOR_CATEGORY": _by(
            "prescriber",
            "The patient is under {adult_age}, but the risk category is an adult's.",
            "Change the risk category with a new agreement.",
        ),
        "AGE_TOO_OLD_FOR_CATEGORY": _by(
            "prescriber",
            "The patient is {adult_age} or older, but the risk category is a child's.",
            "Change the risk category with a new agreement.",
        ),
    },
    "L-CAT-2": {
        "BASIS_RECORDED": _held(
            "The basis for having no reproductive potential is recorded, dated {on}."
        ),
        "BASIS_MISSING": _by(
            "prescriber",
            "No basis is recorded for having no reproductive potential.",
            "Record natural menopause, hysterectomy or bilateral oophorectomy with its date, or "
            "change the risk category.",
        ),
        "BASIS_IN_FUTURE": _by(
            "prescriber",
            "The recorded basis is dated {on}, which is still to come.",
            "Correct the date, or change the risk category until then.",
        ),
        "MENOPAUSE_TOO_RECENT": _by(
            "prescriber",
            "The last menses were on {on}: {months} months are complete on {complete_on}.",
            "Change the risk category until then.",
        ),
        "BLEEDING_SINCE_MENOPAUSE": _by(
            "prescriber",
            "Bleeding was reported on {reported_on}, after the last menses recorded for {on}.",
            "Evaluate the bleeding; record the new date of the last menses or change the risk "
            "category.",
        ),
    },
}

_PREGNANCY: Final[dict[str, dict[str, Reason]]] = {
    "L-PT-1": {
        "FIRST_TEST_IN_WINDOW": _held(
            "The first test was collected on {collected_on}; it serves until {window_until}."
        ),
        "FIRST_TEST_TOO_RECENT": _waits_for(
            "prescriber",
            "The first test was collected on {collected_on}; it serves from {window_from} until "
            "{window_until}.",
            "Collect the second test and ask for the authorization within this window.",
        ),
        "FIRST_TEST_TOO_OLD": _by(
            "prescriber",
            "The last test that could be the first one was collected on {collected_on} and served "
            "until {window_until}.",
            "Collect a new first test, {first_days} to {last_days} days before the authorization.",
        ),
        "FIRST_TEST_BEFORE_RESTART": _by(
            "prescriber",
            "Every negative test was collected before therapy had to start anew on {restart_on}.",
            "Collect a new first test, {first_days} to {last_days} days before the authorization.",
        ),
        "FIRST_TEST_MISSING": _by(
            "prescriber",
            "There is no negative test that could be the first one.",
            "Collect the first test, {first_days} to {last_days} days before the authorization.",
        ),
    },
    "L-PT-2": {
        "SECOND_TEST_IN_TIME": _held(
            "The second test was collected on {collected_at}; it serves until {until_at}."
        ),
        "SECOND_TEST_TOO_OLD": _by(
            "prescriber",
            "The latest negative test was collected on {collected_at}, more than {hours} hours "
            "ago.",
            "Collect the second test within the {hours} hours before the authorization.",
        ),
        "SECOND_TEST_NOT_CLEARED": _by(
            "prescriber",
            "Every negative test was collected before therapy had to start anew or a case was "
            "closed.",
            "Collect the second test within the {hours} hours before the authorization.",
        ),
        "SECOND_TEST_MISSING": _by(
            "prescriber",
            "There is no negative test.",
            "Collect the second test within the {hours} hours before the authorization.",
        ),
    },
    "L-PT-3": {
        "RECENT_TEST_FOUND": _held(
            "The latest negative test was collected on {collected_on}; it serves until {until}."
        ),
        "RECENT_TEST_TOO_OLD": _by(
            "prescriber",
            "The latest negative test was collected on {collected_on}; it served until {until}.",
            "Collect a new pregnancy test.",
        ),
        "RECENT_TEST_NOT_CLEARED": _by(
            "prescriber",
            "Every negative test was collected before therapy had to start anew or a case was "
            "closed.",
            "Collect a new pregnancy test.",
        ),
        "RECENT_TEST_MISSING": _by(
            "prescriber",
            "There is no negative test; one of the last {days} days is needed.",
            "Collect a pregnancy test.",
        ),
    },
    "L-PT-5": {
        "NO_POSITIVE_TEST": _held("There is no positive test."),
        "POSITIVE_TEST_RESOLVED": _held(
            "The positive test collected on {collected_on} was resolved by closing a case."
        ),
        "POSITIVE_TEST": _by(
            "staff",
            "A test collected on {collected_on} is positive.",
            "Work the pregnancy case; only its closure lifts the hold. The patient must not take "
            "the capsules.",
        ),
    },
    "L-PT-6": {
        "NO_INDETERMINATE_TEST": _held("There is no indeterminate test."),
        "INDETERMINATE_TEST_REPEATED": _held(
            "The indeterminate test of {collected_at} was followed by a negative one."
        ),
        "INDETERMINATE_TEST": _waits_for(
            "prescriber",
            "The test collected on {collected_at} is indeterminate; a negative test collected on "
            "{repeat_at} or later is needed.",
            "Collect a test at least {hours} hours after the indeterminate one.",
        ),
    },
    "L-PT-8": {
        "NO_BLEEDING_REPORT": _held("Nothing was reported that must be evaluated."),
        "BLEEDING_EVALUATED": _held(
            "The report of {reported_on} was followed by a negative test and counseling."
        ),
        "BLEEDING_NOT_TESTED": _by(
            "prescriber",
            "A missed period or abnormal bleeding was reported on {reported_on}; no negative test "
            "was collected after it.",
            "Evaluate the patient, collect a pregnancy test and counsel her.",
        ),
        "BLEEDING_NOT_COUNSELED": _by(
            "prescriber",
            "A missed period or abnormal bleeding was reported on {reported_on}; no counseling "
            "was recorded after it.",
            "Counsel the patient and record it.",
        ),
        "CATEGORY_REAFFIRMED": _held(
            "The category was reaffirmed by an agreement after what happened on {happened_on}."
        ),
        "CATEGORY_NOT_REAFFIRMED_AFTER_BLEEDING": _by(
            "prescriber",
            "A missed period or abnormal bleeding was reported on {happened_on}; no agreement has "
            "reaffirmed the category since.",
            "Change the risk category, or reaffirm it with a new agreement.",
        ),
        "CATEGORY_NOT_REAFFIRMED_AFTER_PREGNANCY": _by(
            "prescriber",
            "A pregnancy ended (case closed on {happened_on}); no agreement has reaffirmed the "
            "category since.",
            "Change the risk category, or reaffirm it with a new agreement.",
        ),
    },
    "L-PRG-1": {
        "NO_PREGNANCY_CASE": _held("There is no pregnancy case."),
        "PREGNANCY_CASES_CLOSED": _held("Every pregnancy case is closed, the last on {closed_on}."),
        "PREGNANCY_CASE_OPEN": _by(
            "staff",
            "A pregnancy case reported on {reported_on} is open.",
            "Work the pregnancy case; only its closure lifts the hold.",
        ),
        "PREGNANCY_CASE_UNRESOLVED": _by(
            "staff",
            "A pregnancy case was closed on {closed_on} without a certain outcome.",
            "Close a case as not pregnant or as pregnancy ended; until then the hold stays.",
        ),
    },
}

_EVIDENCE: Final[dict[str, dict[str, Reason]]] = {
    "L-CON-1": {
        "CONTRACEPTION_ADEQUATE": _held("The contraception attested on {attested_on} is adequate."),
        "CONTRACEPTION_MISSING": _by(
            "prescriber",
            "No contraception is attested.",
            "Record two methods (one highly effective, one additional) or abstinence.",
        ),
        "CONTRACEPTION_LAPSED": _by(
            "prescriber",
            "The attestation of {attested_on} reports a lapse of contraception.",
            "Counsel the patient and record a new attestation once contraception is adequate.",
        ),
        "CONTRACEPTION_INADEQUATE": _by(
            "prescriber",
            "The contraception attested on {attested_on} is not adequate: it needs one highly "
            "effective and one additional method, or abstinence.",
            "Counsel the patient and record a new attestation once contraception is adequate.",
        ),
    },
    "L-CON-2": {
        "CONTRACEPTION_LONG_ENOUGH": _held(
            "Adequate contraception has been used without a break since {since}, at least {days} "
            "days."
        ),
        "CONTRACEPTION_TOO_RECENT": _waits_for(
            "prescriber",
            "Adequate contraception began on {since}; {days} days are complete on {enough_on}.",
            "Ask for the authorization once {days} days are complete.",
        ),
        "CONTRACEPTION_BROKEN": _by(
            "prescriber",
            "Contraception has to begin anew since {broken_on}, and no adequate attestation "
            "followed.",
            "Record a new adequate attestation; {days} days count from its beginning.",
        ),
        "CONTRACEPTION_NOT_BEGUN": _by(
            "prescriber",
            "No adequate contraception is attested; it must begin {days} days before therapy.",
            "Record an adequate attestation with the day since which the methods are in use.",
        ),
    },
    "L-CON-3": {
        "CONTRACEPTION_ATTESTED": _held(
            "Contraception was attested on {attested_on}, which serves until {until}."
        ),
        "CONTRACEPTION_ATTESTATION_OLD": _by(
            "prescriber",
            "Contraception was last attested on {attested_on}, which served until {until}.",
            "Ask the patient again and record a new attestation of contraception.",
        ),
        "CONTRACEPTION_ATTESTATION_MISSING": _by(
            "prescriber",
            "No contraception was attested in the last {days} days.",
            "Record an attestation of contraception.",
        ),
    },
    "L-CON-6": {
        "OBLIGATIONS_ATTESTED": _held(
            "The obligations were attested on {attested_on}, which serves until {until}."
        ),
        "OBLIGATIONS_MISSING": _by(
            "patient",
            "The patient has not attested the obligations yet.",
            "Attest the obligations: donation, sharing and, for males, condom or abstinence.",
        ),
        "OBLIGATIONS_OLD": _by(
            "patient",
            "The obligations were last attested on {attested_on}, which served until {until}.",
            "Attest the obligations again.",
        ),
        "OBLIGATIONS_INCOMPLETE": _by(
            "patient",
            "The attestation of {attested_on} lacks: {missing}.",
            "Attest every obligation.",
        ),
    },
    "L-CON-7": {
        "NOT_BREASTFEEDING": _held("The patient does not breastfeed."),
        "BREASTFEEDING": _by(
            "prescriber",
            "The patient breastfeeds.",
            "Counsel the patient; record when breastfeeding has ended.",
        ),
    },
    "L-SUR-1": {
        "PRESCRIBER_SURVEY_COMPLETE": _held(
            "The prescriber survey is complete and serves until {until_at}."
        ),
        "PRESCRIBER_SURVEY_MISSING": _by(
            "prescriber",
            "The prescriber survey is missing.",
            "Answer the prescriber survey with the request.",
        ),
        "PRESCRIBER_SURVEY_OTHER_CATEGORY": _by(
            "prescriber",
            "The prescriber survey states another risk category than the patient's.",
            "Answer the prescriber survey again with the patient's category.",
        ),
        "PRESCRIBER_SURVEY_IN_FUTURE": _by(
            "prescriber",
            "The prescriber survey is dated {completed_at}, after the request.",
            "Answer the prescriber survey again.",
        ),
        "PRESCRIBER_SURVEY_OLD": _by(
            "prescriber",
            "The prescriber survey of {completed_at} is more than {hours} hours old.",
            "Answer the prescriber survey again.",
        ),
        "PRESCRIBER_SURVEY_BEFORE_AUTHORIZATION": _by(
            "prescriber",
            "The prescriber survey of {completed_at} is not later than the last authorization.",
            "Answer the prescriber survey again for this request.",
        ),
    },
    "L-SUR-2": {
        "PATIENT_SURVEY_NOT_NEEDED": _held("No patient survey is needed for the first supply."),
        "PATIENT_SURVEY_NOT_DUE": _held("The next patient survey is due by {until}."),
        "PATIENT_SURVEY_COMPLETE": _held(
            "The patient survey was completed on {completed_on}; it serves until {until}."
        ),
        "PATIENT_SURVEY_MISSING": _by(
            "patient",
            "There is no patient survey of the last {days} days that is still unused.",
            "Answer the patient survey.",
        ),
        "PATIENT_SURVEY_OLD": _by(
            "patient",
            "The patient survey was completed on {completed_on} and served until {until}.",
            "Answer the patient survey again.",
        ),
        "PATIENT_SURVEY_DUE": _by(
            "patient",
            "The patient survey, due every {months} months, was due by {until}.",
            "Answer the patient survey.",
        ),
    },
    "L-SUR-3": {
        "NO_INTERVENTION": _held("No intervention is open."),
        "INTERVENTION_OPEN": _by(
            "staff",
            "Interventions that are open: {count}, the oldest since {opened_on}.",
            "Resolve the intervention with a written outcome.",
        ),
    },
    "L-SUR-4": {
        "COUNSELING_GIVEN": _held("Counseling was given on {given_on}; it serves until {until}."),
        "COUNSELING_MISSING": _by(
            "prescriber",
            "No counseling is recorded; one of the last {days} days is needed.",
            "Counsel the patient and record it.",
        ),
        "COUNSELING_BEFORE_LAST_AUTHORIZATION": _by(
            "prescriber",
            "The recorded counseling belongs to an earlier supply; one of the last {days} days "
            "for this supply is needed.",
            "Counsel the patient and record it.",
        ),
        "COUNSELING_TOPICS_MISSING": _by(
            "prescriber",
            "No counseling for this supply covers both contraception and emergency contraception.",
            "Counsel the patient on both topics in one conversation and record it.",
        ),
        "COUNSELING_OLD": _by(
            "prescriber",
            "Counseling was given on {given_on} and served until {until}.",
            "Counsel the patient again and record it.",
        ),
    },
}

_SUPPLY: Final[dict[str, dict[str, Reason]]] = {
    "L-AUT-3": {
        "NO_OPEN_AUTHORIZATION": _held("No other authorization is open."),
        "AUTHORIZATION_OPEN": _by(
            "prescriber",
            "An earlier authorization is open until {expires_at}.",
            "Let the pharmacy dispense it, or cancel it with a reason.",
        ),
    },
    "L-AUT-4": {
        "AUTHORIZATION_VALID": _held("The authorization is good until {until_at}."),
        "AUTHORIZATION_EXPIRED": _by(
            "prescriber",
            "The authorization expired after {until_at}.",
            "Ask for a new authorization.",
        ),
    },
    "L-AUT-5": {
        "REQUEST_FITS": _held("Product, strength and days' supply can be authorized."),
        "PRODUCT_NOT_LISTED": _by(
            "prescriber",
            "The requested product is not on the program's list: {products}.",
            "Request a product on the program's list.",
        ),
        "STRENGTH_NOT_LISTED": _by(
            "prescriber",
            "The requested strength is not on the program's list: {strengths_mg} mg.",
            "Request one strength on the program's list.",
        ),
        "DAYS_SUPPLY_OUT_OF_RANGE": _by(
            "prescriber",
            "The days' supply must be 1 to {days_max} calendar days.",
            "Request 1 to {days_max} days, planned rest days included.",
        ),
    },
    "L-AUT-7": {
        "AUTHORIZATION_IN_STATE": _held("The authorization is {state}, as it must be."),
        "AUTHORIZATION_NOT_IN_STATE": _by(
            "prescriber",
            "The authorization is {state}; for this step it must be {needed}.",
            "If it is void, expired or dispensed, ask for a new authorization; if another "
            "pharmacy has confirmed it, that pharmacy dispenses it or cancels its confirmation.",
        ),
    },
    "L-AUT-8": {
        "AUTHORIZATION_STANDS": _held("Nothing has happened since that undoes the authorization."),
        "AUTHORIZATION_OTHER_CATEGORY": _by(
            "prescriber",
            "The authorization is for another risk category than the patient's present one.",
            "Ask for a new authorization for the present category.",
        ),
        "AUTHORIZATION_BEFORE_RESTART": _by(
            "prescriber",
            "Since the authorization of {issued_at} something happened after which therapy must "
            "start anew.",
            "Start anew: both tests and contraception, then ask for a new authorization.",
        ),
        "AUTHORIZATION_BEFORE_CASE_CLOSED": _by(
            "prescriber",
            "A pregnancy case was closed since the authorization of {issued_at}.",
            "Collect a new pregnancy test, then ask for a new authorization.",
        ),
        "AUTHORIZATION_BEFORE_AGREEMENT": _by(
            "prescriber",
            "A new agreement was completed since the authorization of {issued_at}.",
            "Ask for a new authorization under the new agreement.",
        ),
        "AUTHORIZATION_EVIDENCE_WITHDRAWN": _by(
            "prescriber",
            "A test or an attestation that the authorization of {issued_at} may rest on was "
            "withdrawn.",
            "Record correct evidence, then ask for a new authorization.",
        ),
    },
    "L-DSP-3": {
        "CONFIRMATION_VALID": _held("The confirmation is good until {until_at}."),
        "CONFIRMATION_OF_ANOTHER_PHARMACY": _by(
            "pharmacy",
            "The confirmation belongs to another pharmacy.",
            "The pharmacy that holds the confirmation dispenses, or cancels it first.",
        ),
        "CONFIRMATION_EXPIRED": _by(
            "pharmacy",
            "The confirmation expired after {until_at}.",
            "Check eligibility and confirm again.",
        ),
    },
    "L-DSP-4": {
        "PRESCRIPTION_CATEGORY_AGREES": _held(
            "The risk category on the prescription is the patient's."
        ),
        "PRESCRIPTION_CATEGORY_DIFFERS": _by(
            "pharmacy",
            "The risk category on the prescription is not the patient's.",
            "Read it again; if it is as you typed it, ask the prescriber for a correct "
            "prescription.",
        ),
    },
    "L-DSP-5": {
        "NO_EARLIER_SUPPLY": _held("There is no earlier supply."),
        "SUPPLY_NEARLY_USED": _held(
            "The earlier supply runs out on {run_out_on}: {days} days or less remain."
        ),
        "SUPPLY_LEFT": _waits_for(
            "pharmacy",
            "The earlier supply lasts until {run_out_on}: {days_left} days remain. The next can be "
            "dispensed from {next_on}.",
            "Dispense when {days} days or less remain; record supply that was lost or handed back.",
        ),
    },
    "L-DSP-6": {
        "PRESCRIPTION_MATCHES": _held("The prescription is within the authorization."),
        "PRESCRIPTION_PRODUCT_DIFFERS": _by(
            "pharmacy",
            "The product on the prescription is not the one authorized.",
            "Read it again; if it is so, ask the prescriber for a matching prescription.",
        ),
        "PRESCRIPTION_STRENGTH_DIFFERS": _by(
            "pharmacy",
            "The strength on the prescription is not the one authorized.",
            "Read it again; if it is so, ask the prescriber for a matching prescription.",
        ),
        "PRESCRIPTION_DAYS_SUPPLY_OUT_OF_RANGE": _by(
            "pharmacy",
            "The days' supply on the prescription must be 1 to {days_max}.",
            "Dispense at most {days_max} days; the rest is forfeited.",
        ),
    },
    "L-DSP-9": {
        "SHIPMENT_IN_TIME": _held("The shipment leaves on {confirmed_on}, as confirmed."),
        "SHIPMENT_TOO_LATE": _by(
            "pharmacy",
            "A shipment must leave on the day of its confirmation, {confirmed_on}.",
            "Cancel the confirmation and confirm again on the day of shipment.",
        ),
    },
}

REASONS_OF: Final[dict[str, dict[str, Reason]]] = {
    **_ENROLLMENT,
    **_PREGNANCY,
    **_EVIDENCE,
    **_SUPPLY,
}
"""Every reason by rule, then by code."""

REASONS: Final[dict[str, Reason]] = {
    code: reason for reasons in REASONS_OF.values() for code, reason in reasons.items()
}
"""Every reason by its code; no two rules share one."""

ACTION_WHEN_AUTHORIZED: Final = (
    "prescriber",
    "Issue the authorization and give the prescription to a certified pharmacy.",
)
ACTION_WHEN_ELIGIBLE: Final = ("pharmacy", "Confirm the supply.")
ACTION_WHEN_CONFIRMED: Final = (
    "pharmacy",
    "Counsel the patient, complete the checklist, and hand over or ship the supply.",
)
