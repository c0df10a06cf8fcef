"""Facts documents of a program unlike lenalidomide's, which only the tests know."""

from datetime import datetime
from pathlib import Path
from typing import Any

from apps.rules.policy import Policies
from tests.rules.documents import DAY, HOUR, NOON, Document, a_test, days_before, iso, on

FOLDER = Path(__file__).parent / "data" / "second_program" / "policies"
POLICIES = Policies(FOLDER)
POLICY = POLICIES.editions("retinoid")[0]
CAN, CANNOT = "can_become_pregnant", "cannot_become_pregnant"


def counting_test(collected_at: datetime, **changes: Any) -> Document:
    return a_test(collected_at, "negative", **changes)


def known(category: str, as_of: datetime) -> Document:
    document: Document = {
        "program": "retinoid",
        "as_of": iso(as_of),
        "patient": {
            "date_of_birth": "2010-01-15",
            "risk_category": category,
            "breastfeeding": False,
        },
        "agreements": [
            {
                "risk_category": category,
                "prescriber": "PR1",
                "patient_signed_at": iso(days_before(as_of, 60)),
                "signer": "guardian",
                "prescriber_signed_at": iso(days_before(as_of, 60)),
            }
        ],
        "prescriber": {"id": "PR1", "status": "certified"},
        "obligations": [
            {
                "attested_at": iso(days_before(as_of, 20)),
                "condom": False,
                "abstinence": False,
                "no_sperm_donation": False,
                "no_blood_donation": True,
                "no_sharing": True,
            }
        ],
        "counseling": [
            {"given_at": iso(as_of - HOUR), "topics": ["contraception", "depression"]},
        ],
    }
    if category == CAN:
        document["pregnancy_tests"] = [counting_test(as_of - HOUR)]
        document["patient_surveys"] = [{"completed_at": iso(as_of - HOUR), "used": False}]
        document["contraception"] = [
            {
                "attested_at": iso(days_before(as_of, days)),
                "recorded_at": iso(days_before(as_of, days)),
                "abstinence": False,
                "methods": ["hormonal_iud", "vaginal_sponge"],
                "lapse": False,
            }
            for days in (40, 2)
        ]
    return document


def request(category: str = CAN, as_of: datetime = NOON) -> Document:
    """A request that is authorized."""
    survey = {"completed_at": iso(as_of - HOUR), "risk_category": category}
    return {
        **known(category, as_of),
        "question": "authorize",
        "request": {
            "product": "retinoid",
            "strength_mg": 40,
            "days_supply": 30,
            "prescriber_survey": survey,
        },
    }


def dispense(category: str = CAN, as_of: datetime = NOON) -> Document:
    """A verification that is answered yes."""
    wanted = {
        "risk_category": category,
        "product": "retinoid",
        "strength_mg": 40,
        "days_supply": 30,
    }
    return {
        **known(category, as_of),
        "question": "dispense",
        "pharmacy": {"id": "PH1", "status": "certified", "certified_until": on(as_of, -90)},
        "authorization": {
            "issued_at": iso(as_of - HOUR / 2),
            "expires_at": iso(as_of + 2 * DAY),
            "state": "issued",
            **wanted,
        },
        "prescription": wanted,
    }
