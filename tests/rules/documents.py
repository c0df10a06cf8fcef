"""Facts documents that are answered yes, to be changed by one thing in a test."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apps.rules.decision import evaluate_document

ZONE = ZoneInfo("America/New_York")
NOON = datetime(2026, 6, 17, 12, tzinfo=ZONE)
TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PREGNANCY_PATH = ("adult_frp", "child_frp")
FEMALE = (*PREGNANCY_PATH, "adult_fnrp", "child_fnrp")
MALE = ("adult_male", "child_male")
CATEGORIES = (*FEMALE, *MALE)

Document = dict[str, Any]


def iso(instant: datetime) -> str:
    """An instant as a document writes it."""
    return instant.astimezone(UTC).isoformat()


def days_before(instant: datetime, days: int) -> datetime:
    """The same wall time so many calendar days earlier in the program's zone."""
    local = instant.astimezone(ZONE)
    return (local - timedelta(days=days)).astimezone(UTC)


def on(instant: datetime, days: int = 0) -> str:
    """The date so many days before the instant, in the program's zone."""
    return (instant.astimezone(ZONE).date() - timedelta(days=days)).isoformat()


def start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, ZONE)


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59, 999999), ZONE)


def authorize(
    category: str = "adult_frp", path: str = "initiation", as_of: datetime = NOON
) -> Document:
    """A request that is authorized."""
    as_of = as_of.astimezone(UTC)
    document = _common(category, path, as_of)
    document["question"] = "authorize"
    document["request"] = {
        "product": "lenalidomide",
        "strength_mg": 10,
        "days_supply": 28,
        "prescriber_survey": {"completed_at": iso(as_of - HOUR), "risk_category": category},
    }
    return document


def dispense(
    category: str = "adult_frp",
    path: str = "initiation",
    as_of: datetime = NOON,
    handover: str | None = None,
) -> Document:
    """A verification that is answered yes; with `handover`, the final check before dispensing."""
    as_of = as_of.astimezone(UTC)
    document = _common(category, path, as_of)
    issued_at = as_of - 3 * HOUR
    confirmed_at = as_of - HOUR
    document["question"] = "dispense"
    document["pharmacy"] = {"id": "PH1", "status": "certified", "certified_until": on(as_of, -90)}
    document["authorization"] = {
        "issued_at": iso(issued_at),
        "expires_at": iso(end_of(date.fromisoformat(on(as_of, -6)))),
        "state": "confirmed" if handover else "issued",
        "risk_category": category,
        "product": "lenalidomide",
        "strength_mg": 10,
        "days_supply": 28,
    }
    document["prescription"] = {
        "risk_category": category,
        "product": "lenalidomide",
        "strength_mg": 10,
        "days_supply": 28,
    }
    document["confirmation"] = handover and {
        "pharmacy": "PH1",
        "issued_at": iso(confirmed_at),
        "expires_at": iso(confirmed_at + 24 * HOUR),
        "handover": handover,
    }
    return document


def _common(category: str, path: str, as_of: datetime) -> Document:
    is_child = category.startswith("child")
    today = as_of.astimezone(ZONE).date()
    born = date(today.year - (12 if is_child else 50), 1, 15)
    document: Document = {
        "program": "lenalidomide",
        "as_of": iso(as_of),
        "patient": {
            "date_of_birth": born.isoformat(),
            "risk_category": category,
            "breastfeeding": False,
        },
        "agreements": [
            {
                "risk_category": category,
                "prescriber": "PR1",
                "patient_signed_at": iso(days_before(as_of, 90)),
                "signer": "guardian" if is_child else "patient",
                "prescriber_signed_at": iso(days_before(as_of, 89)),
            }
        ],
        "prescriber": {"id": "PR1", "status": "certified", "covers": []},
        "obligations": [_obligations(days_before(as_of, 20), is_male=category in MALE)],
        "counseling": [
            {
                "given_at": iso(as_of - 5 * HOUR),
                "topics": ["contraception", "emergency_contraception"],
            }
        ],
        "patient_surveys": [{"completed_at": iso(as_of - 20 * HOUR), "used": False}],
    }
    if category == "adult_fnrp":
        document["patient"]["category_basis"] = {"kind": "hysterectomy", "on": "2015-03-04"}
    if category in PREGNANCY_PATH:
        document["pregnancy_tests"] = [
            negative_test(days_before(as_of, 12)),
            negative_test(as_of - 6 * HOUR),
        ]
        document["contraception"] = [
            adequate(days_before(as_of, 60)),
            adequate(as_of - 7 * HOUR),
        ]
    if path == "continuing":
        _add_cycles(document, category, as_of)
    return document


def _add_cycles(document: Document, category: str, as_of: datetime) -> None:
    """Two earlier supplies, of which five days remain."""
    document["dispenses"] = [supply(days_before(as_of, days), category) for days in (51, 23)]
    document["authorizations"] = [
        {
            "issued_at": iso(days_before(as_of, days) - HOUR),
            "expires_at": iso(days_before(as_of, days - 7)),
            "state": "dispensed",
        }
        for days in (51, 23)
    ]
    document["patient_surveys"].append({"completed_at": iso(days_before(as_of, 24)), "used": True})


def _obligations(attested_at: datetime, *, is_male: bool) -> Document:
    return {
        "attested_at": iso(attested_at),
        "condom": is_male,
        "abstinence": False,
        "no_sperm_donation": is_male,
        "no_blood_donation": True,
        "no_sharing": True,
    }


def a_test(collected_at: datetime, result: str, **changes: Any) -> Document:
    """A pregnancy test whose result came at once."""
    return {
        "collected_at": iso(collected_at),
        "resulted_at": iso(collected_at),
        "result": result,
        "sensitivity_miu_ml": 25,
        "specimen": "serum",
        **changes,
    }


def negative_test(collected_at: datetime, **changes: Any) -> Document:
    """A test that counts."""
    return a_test(collected_at, "negative", **changes)


def adequate(attested_at: datetime, in_use_since: str | None = None, **changes: Any) -> Document:
    """An adequate attestation of contraception, recorded at once."""
    return {
        "attested_at": iso(attested_at),
        "recorded_at": iso(attested_at),
        "abstinence": False,
        "methods": ["iud", "male_condom"],
        "in_use_since": in_use_since,
        "lapse": False,
        **changes,
    }


def supply(dispensed_at: datetime, category: str = "adult_frp", **changes: Any) -> Document:
    """A regular dispense of 28 days."""
    return {
        "dispensed_at": iso(dispensed_at),
        "days_supply": 28,
        "risk_category": category,
        "authorized": True,
        **changes,
    }


def case(
    reported_at: datetime,
    closed_at: datetime | None = None,
    outcome: str | None = None,
    subject: str = "patient",
) -> Document:
    """A pregnancy case."""
    return {
        "reported_at": iso(reported_at),
        "subject": subject,
        "closed_at": None if closed_at is None else iso(closed_at),
        "outcome": outcome,
    }


def unmet(document: Document) -> list[str]:
    """The rules that are not met."""
    rules: list[str] = evaluate_document(document)["unmet"]
    return rules


def requirement(document: Document, rule: str) -> Document:
    """One requirement's answer."""
    answers = evaluate_document(document)["requirements"]
    return next(each for each in answers if each["rule"] == rule)


def is_met(document: Document, rule: str) -> bool:
    """Whether a requirement that was asked is met."""
    met: bool = requirement(document, rule)["met"]
    return met
