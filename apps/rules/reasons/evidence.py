"""Texts of the reasons of contraception, obligations, surveys and counseling (L-CON, L-SUR).

Texts only, by rule and code: a door can translate them from the code and its parameters.
"""

from typing import Final

from apps.rules.reasons.reason import Reason, by, held, lapses, waits_for

EVIDENCE: Final[dict[str, dict[str, Reason]]] = {
    "L-CON-1": {
        "CONTRACEPTION_ADEQUATE": held("The contraception attested on {attested_on} is adequate."),
        "CONTRACEPTION_MISSING": by(
            "prescriber",
            "No contraception is attested.",
            "Record two methods (one highly effective, one additional) or abstinence.",
        ),
        "CONTRACEPTION_LAPSED": by(
            "prescriber",
            "The attestation of {attested_on} reports a lapse of contraception.",
            "Counsel the patient and record a new attestation once contraception is adequate.",
        ),
        "CONTRACEPTION_INADEQUATE": by(
            "prescriber",
            "The contraception attested on {attested_on} is not adequate: it needs one highly "
            "effective and one additional method, or abstinence.",
            "Counsel the patient and record a new attestation once contraception is adequate.",
        ),
    },
    "L-CON-2": {
        "CONTRACEPTION_LONG_ENOUGH": held(
            "Adequate contraception has been used without a break since {since}, at least {days} "
            "days."
        ),
        "CONTRACEPTION_TOO_RECENT": waits_for(
            "prescriber",
            "Adequate contraception began on {since}; {days} days are complete on {enough_on}.",
            "Ask for the authorization once {days} days are complete.",
        ),
        "CONTRACEPTION_BROKEN": by(
            "prescriber",
            "Contraception has to begin anew since {broken_on}, and no adequate attestation "
            "followed.",
            "Record a new adequate attestation; {days} days count from its beginning.",
        ),
        "CONTRACEPTION_NOT_BEGUN": by(
            "prescriber",
            "No adequate contraception is attested; it must begin {days} days before therapy.",
            "Record an adequate attestation with the day since which the methods are in use.",
        ),
    },
    "L-CON-3": {
        "CONTRACEPTION_ATTESTED": lapses(
            "prescriber",
            "Contraception was attested on {attested_on}, which serves until {until}.",
            "Ask the patient again and record a new attestation of contraception.",
        ),
        "CONTRACEPTION_ATTESTATION_OLD": by(
            "prescriber",
            "Contraception was last attested on {attested_on}, which served until {until}.",
            "Ask the patient again and record a new attestation of contraception.",
        ),
        "CONTRACEPTION_ATTESTATION_MISSING": by(
            "prescriber",
            "No contraception was attested in the last {days} days.",
            "Record an attestation of contraception.",
        ),
    },
    "L-CON-6": {
        "OBLIGATIONS_ATTESTED": lapses(
            "patient",
            "The obligations were attested on {attested_on}, which serves until {until}.",
            "Attest the obligations again.",
        ),
        "OBLIGATIONS_MISSING": by(
            "patient",
            "The patient has not attested the obligations yet.",
            "Attest the obligations of the risk category, among them no donation and no sharing.",
        ),
        "OBLIGATIONS_OLD": by(
            "patient",
            "The obligations were last attested on {attested_on}, which served until {until}.",
            "Attest the obligations again.",
        ),
        "OBLIGATIONS_INCOMPLETE": by(
            "patient",
            "The attestation of {attested_on} lacks: {missing}.",
            "Attest every obligation.",
        ),
    },
    "L-CON-7": {
        "NOT_BREASTFEEDING": held("The patient does not breastfeed."),
        "BREASTFEEDING": by(
            "prescriber",
            "The patient breastfeeds.",
            "Counsel the patient; record when breastfeeding has ended.",
        ),
    },
    "L-SUR-1": {
        "PRESCRIBER_SURVEY_COMPLETE": lapses(
            "prescriber",
            "The prescriber survey is complete and serves until {until_at}.",
            "Answer the prescriber survey again with the request.",
        ),
        "PRESCRIBER_SURVEY_MISSING": by(
            "prescriber",
            "The prescriber survey is missing.",
            "Answer the prescriber survey with the request.",
        ),
        "PRESCRIBER_SURVEY_OTHER_CATEGORY": by(
            "prescriber",
            "The prescriber survey states another risk category than the patient's.",
            "Answer the prescriber survey again with the patient's category.",
        ),
        "PRESCRIBER_SURVEY_IN_FUTURE": by(
            "prescriber",
            "The prescriber survey is dated {completed_at}, after the request.",
            "Answer the prescriber survey again.",
        ),
        "PRESCRIBER_SURVEY_OLD": by(
            "prescriber",
            "The prescriber survey of {completed_at} is more than {hours} hours old.",
            "Answer the prescriber survey again.",
        ),
        "PRESCRIBER_SURVEY_BEFORE_AUTHORIZATION": by(
            "prescriber",
            "The prescriber survey of {completed_at} is not later than the last authorization.",
            "Answer the prescriber survey again for this request.",
        ),
    },
    "L-SUR-2": {
        "PATIENT_SURVEY_NOT_NEEDED": held("No patient survey is needed for the first supply."),
        "PATIENT_SURVEY_NOT_DUE": lapses(
            "patient",
            "The next patient survey is due by {until}.",
            "Answer the patient survey.",
        ),
        "PATIENT_SURVEY_COMPLETE": lapses(
            "patient",
            "The patient survey was completed on {completed_on}; it serves until {until}.",
            "Answer the patient survey again.",
        ),
        "PATIENT_SURVEY_MISSING": by(
            "patient",
            "There is no patient survey of the last {days} days that is still unused.",
            "Answer the patient survey.",
        ),
        "PATIENT_SURVEY_OLD": by(
            "patient",
            "The patient survey was completed on {completed_on} and served until {until}.",
            "Answer the patient survey again.",
        ),
        "PATIENT_SURVEY_DUE": by(
            "patient",
            "The patient survey, due every {months} months, was due by {until}.",
            "Answer the patient survey.",
        ),
    },
    "L-SUR-3": {
        "NO_INTERVENTION": held("No intervention is open."),
        "INTERVENTION_OPEN": by(
            "staff",
            "An intervention has been open since {opened_on} (open in all: {count}).",
            "Resolve the intervention with a written outcome.",
        ),
    },
    "L-SUR-4": {
        "COUNSELING_GIVEN": lapses(
            "prescriber",
            "Counseling was given on {given_on}; it serves until {until}.",
            "Counsel the patient again and record it.",
        ),
        "COUNSELING_MISSING": by(
            "prescriber",
            "No counseling is recorded; one of the last {days} days is needed.",
            "Counsel the patient and record it.",
        ),
        "COUNSELING_BEFORE_LAST_AUTHORIZATION": by(
            "prescriber",
            "The recorded counseling belongs to an earlier supply; one of the last {days} days "
            "for this supply is needed.",
            "Counsel the patient and record it.",
        ),
        "COUNSELING_TOPICS_MISSING": by(
            "prescriber",
            "No counseling for this supply covers all of: {topics}.",
            "Counsel the patient on both topics in one conversation and record it.",
        ),
        "COUNSELING_OLD": by(
            "prescriber",
            "Counseling was given on {given_on} and served until {until}.",
            "Counsel the patient again and record it.",
        ),
    },
}
