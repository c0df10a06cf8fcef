"""Texts of the reasons of pregnancy tests, reports and cases (L-PT, L-PRG).

Texts only, by rule and code: a door can translate them from the code and its parameters.
"""

from typing import Final

from apps.rules.reasons.reason import Reason, by, held, lapses, waits_for

PREGNANCY: Final[dict[str, dict[str, Reason]]] = {
    "L-PT-1": {
        "FIRST_TEST_IN_WINDOW": lapses(
            "prescriber",
            "The first test was collected on {collected_on}; it serves until {window_until}.",
            "Collect a new first test, {first_days} to {last_days} days before the authorization: "
            "the one on record serves only until {window_until}.",
        ),
        "FIRST_TEST_TOO_RECENT": waits_for(
            "prescriber",
            "The first test was collected on {collected_on}; it serves from {window_from} until "
            "{window_until}.",
            "Ask for the authorization within this window.",
        ),
        "FIRST_TEST_TOO_OLD": by(
            "prescriber",
            "The last test that could be the first one was collected on {collected_on} and served "
            "until {window_until}.",
            "Collect a new first test, {first_days} to {last_days} days before the authorization.",
        ),
        "FIRST_TEST_BEFORE_RESTART": by(
            "prescriber",
            "Every negative test that counts was collected before therapy had to start anew on "
            "{restart_on}.",
            "Collect a new first test, {first_days} to {last_days} days before the authorization.",
        ),
        "FIRST_TEST_MISSING": by(
            "prescriber",
            "There is no negative test that could be the first one.",
            "Collect the first test, {first_days} to {last_days} days before the authorization.",
        ),
        "FIRST_TEST_NOT_COUNTING": by(
            "prescriber",
            "No negative test counts: {insensitive} with a sensitivity worse than {limit_miu_ml} "
            "mIU/mL, {withdrawn} withdrawn.",
            "Collect the first test, {first_days} to {last_days} days before the authorization.",
        ),
    },
    "L-PT-2": {
        "SECOND_TEST_IN_TIME": lapses(
            "prescriber",
            "The second test was collected on {collected_at}; it serves until {until_at}.",
            "Collect the second test again, within the {hours} hours before the authorization: the "
            "one on record serves only until {until_at}.",
        ),
        "SECOND_TEST_TOO_OLD": by(
            "prescriber",
            "The latest negative test that counts was collected on {collected_at}, more than "
            "{hours} hours ago.",
            "Collect the second test within the {hours} hours before the authorization.",
        ),
        "SECOND_TEST_NOT_CLEARED": by(
            "prescriber",
            "Every negative test that counts was collected before therapy had to start anew or "
            "a case was closed.",
            "Collect the second test within the {hours} hours before the authorization.",
        ),
        "SECOND_TEST_MISSING": by(
            "prescriber",
            "There is no negative test.",
            "Collect the second test within the {hours} hours before the authorization.",
        ),
        "SECOND_TEST_NOT_COUNTING": by(
            "prescriber",
            "No negative test counts: {insensitive} with a sensitivity worse than {limit_miu_ml} "
            "mIU/mL, {withdrawn} withdrawn.",
            "Collect the second test within the {hours} hours before the authorization.",
        ),
    },
    "L-PT-3": {
        "RECENT_TEST_FOUND": lapses(
            "prescriber",
            "The latest negative test that counts was collected on {collected_on}; it serves "
            "until {until}.",
            "Collect a new pregnancy test: the one on record serves only until {until}.",
        ),
        "RECENT_TEST_TOO_OLD": by(
            "prescriber",
            "The latest negative test that counts was collected on {collected_on}; it served "
            "until {until}.",
            "Collect a new pregnancy test.",
        ),
        "RECENT_TEST_NOT_CLEARED": by(
            "prescriber",
            "Every negative test that counts was collected before therapy had to start anew or "
            "a case was closed.",
            "Collect a new pregnancy test.",
        ),
        "RECENT_TEST_MISSING": by(
            "prescriber",
            "There is no negative test; one of the last {days} days is needed.",
            "Collect a pregnancy test.",
        ),
        "RECENT_TEST_NOT_COUNTING": by(
            "prescriber",
            "No negative test counts: {insensitive} with a sensitivity worse than {limit_miu_ml} "
            "mIU/mL, {withdrawn} withdrawn.",
            "Collect a pregnancy test.",
        ),
    },
    "L-WIN-1": {
        "FIRST_WINDOW_NOT_OPENED": held("No test has opened a first window yet."),
        "FIRST_WINDOW_OPEN": lapses(
            "prescriber",
            "The test collected on {collected_on} opened the first window; it closes on "
            "{window_until}.",
            "Have the supply authorized and dispensed by {window_until}.",
        ),
        "FIRST_WINDOW_MISSED": waits_for(
            "prescriber",
            "The first window, of the test collected on {collected_on}, closed on {window_until} "
            "without a dispense: the next test may be collected {days} days after it, from "
            "{again_on} on.",
            "Collect a new pregnancy test on {again_on} or later.",
        ),
    },
    "L-PT-5": {
        "NO_POSITIVE_TEST": held("There is no positive test."),
        "POSITIVE_TEST_RESOLVED": held(
            "The positive test collected on {collected_on} was resolved by closing a case."
        ),
        "POSITIVE_TEST": by(
            "staff",
            "A test collected on {collected_on} is positive.",
            "Work the pregnancy case; only its closure lifts the hold. The patient must not take "
            "the capsules.",
        ),
    },
    "L-PT-6": {
        "NO_INDETERMINATE_TEST": held("There is no indeterminate test."),
        "INDETERMINATE_TEST_REPEATED": held(
            "The indeterminate test of {collected_at} was followed by a negative one."
        ),
        "INDETERMINATE_TEST": waits_for(
            "prescriber",
            "The test collected on {collected_at} is indeterminate; a negative test collected on "
            "{repeat_at} or later is needed.",
            "Collect a test at least {hours} hours after the indeterminate one.",
        ),
    },
    "L-PT-8": {
        "NO_BLEEDING_REPORT": held("Nothing was reported that must be evaluated."),
        "BLEEDING_EVALUATED": held(
            "The report of {reported_on} was followed by a negative test and counseling."
        ),
        "BLEEDING_NOT_TESTED": by(
            "prescriber",
            "A missed period or abnormal bleeding was reported on {reported_on}; no negative test "
            "that counts was collected after it.",
            "Evaluate the patient, collect a pregnancy test and counsel her.",
        ),
        "BLEEDING_NOT_COUNSELED": by(
            "prescriber",
            "A missed period or abnormal bleeding was reported on {reported_on}; no counseling "
            "was recorded after it.",
            "Counsel the patient and record it.",
        ),
        "CATEGORY_REAFFIRMED": held(
            "The category was reaffirmed by an agreement after what happened on {happened_on}."
        ),
        "CATEGORY_NOT_REAFFIRMED_AFTER_BLEEDING": by(
            "prescriber",
            "A missed period or abnormal bleeding was reported on {happened_on}; no agreement has "
            "reaffirmed the category since.",
            "Change the risk category, or reaffirm it with a new agreement.",
        ),
        "CATEGORY_NOT_REAFFIRMED_AFTER_PREGNANCY": by(
            "prescriber",
            "A pregnancy ended (case closed on {happened_on}); no agreement has reaffirmed the "
            "category since.",
            "Change the risk category, or reaffirm it with a new agreement.",
        ),
    },
    "L-PRG-1": {
        "NO_PREGNANCY_CASE": held("There is no pregnancy case."),
        "PREGNANCY_CASES_CLOSED": held("Every pregnancy case is closed, the last on {closed_on}."),
        "PREGNANCY_CASE_OPEN": by(
            "staff",
            "A pregnancy case reported on {reported_on} is open.",
            "Work the pregnancy case; only its closure lifts the hold. The patient must not take "
            "the capsules.",
        ),
        "PREGNANCY_CASE_UNRESOLVED": by(
            "staff",
            "A pregnancy case was closed on {closed_on} without a certain outcome.",
            "Close a case as not pregnant or as pregnancy ended; until then the hold stays.",
        ),
    },
}
