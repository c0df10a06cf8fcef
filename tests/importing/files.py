"""A small registry as CSV files: cells by file, changed by the test that writes them."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from apps.importing.layout import FILES
from tests import builders

DAY = timedelta(days=1)
NOW = builders.START + 28 * DAY
Cells = dict[str, Any]
NPI, PHARMACY_NPI = builders.npi(7001), builders.npi(7002)
PRESCRIBER: Cells = {
    "npi": NPI,
    "given_name": "Ines",
    "family_name": "Import",
    "specialty": "Hematology",
    "phone": "212-555-0101",
    "email": "ines.import@practice.example",
    "practice": "Import Practice",
    "form_version": "2019-1",
    "signed_at": "2025-01-10",
    "standing": "certified",
}
PHARMACY: Cells = {
    "npi": PHARMACY_NPI,
    "name": "Import Pharmacy",
    "address": "2 Elm Street, Springfield",
    "phone": "212-555-0202",
    "email": "import@pharmacy.example",
    "representative_given_name": "Rosa",
    "representative_family_name": "Import",
    "representative_email": "rosa.import@pharmacy.example",
    "form_version": "2019-1",
    "signed_at": "2025-12-01T12:00:00+00:00",
    "certified_until": "2026-11-30",
    "standing": "certified",
}


def write(folder: Path, lines: dict[str, list[Cells]]) -> Path:
    """The files of these lines, each with its whole header; the folder."""
    for file in FILES:
        if file.name in lines:
            names = [column.name for column in file.columns]
            with (folder / file.file_name).open("w", newline="", encoding="utf-8") as target:
                writer = csv.DictWriter(target, names, restval="")
                writer.writeheader()
                writer.writerows(lines[file.name])
    return folder


def parties() -> dict[str, list[Cells]]:
    """One prescriber and one pharmacy, certified."""
    return {"prescribers": [dict(PRESCRIBER)], "pharmacies": [dict(PHARMACY)]}


def person(key: str, registered_at: datetime, **cells: Any) -> Cells:
    """A patient's line: a woman of reproductive potential, unless said otherwise."""
    return {
        "patient": key,
        "given_name": f"Wanda{key}",
        "family_name": f"Registry{key}",
        "born_on": date(1988, 3, 4),
        "postal_code": "60601",
        "prescriber_npi": NPI,
        "registered_at": registered_at.isoformat(),
        "risk_category": "adult_frp",
        **cells,
    }


def agreement(key: str, signed_at: Any, **cells: Any) -> Cells:
    """An agreement signed by both at once."""
    return {
        "patient": key,
        "prescriber_npi": NPI,
        "risk_category": "adult_frp",
        "text_version": "2019-1",
        "signer": "patient",
        "signer_name": "Wanda Registry",
        "patient_signed_at": signed_at,
        "prescriber_signed_at": signed_at,
        **cells,
    }


def negative(key: str, at: Any, **cells: Any) -> Cells:
    """A negative test that counts, resulted when collected."""
    return {
        "patient": key,
        "collected_at": at,
        "resulted_at": at,
        "result": "negative",
        "sensitivity_miu_ml": "25",
        "specimen": "serum",
        **cells,
    }


def dispense(key: str, at: datetime, **cells: Any) -> Cells:
    """A dispense within the rules, authorized and confirmed in the hour before."""
    return {
        "patient": key,
        "pharmacy_npi": PHARMACY_NPI,
        "prescriber_npi": NPI,
        "within_rules": "yes",
        "authorized_at": (at - timedelta(hours=1)).isoformat(),
        "confirmed_at": (at - timedelta(minutes=30)).isoformat(),
        "dispensed_at": at.isoformat(),
        "risk_category": "adult_frp",
        "product": "lenalidomide",
        "strength_mg": "25",
        "days_supply": 28,
        "quantity": 21,
        "directions": "One capsule daily",
        "lot_number": "LOT-1",
        "ndc": "59572-0425-21",
        "counselor": "Phil Pharmacist",
        **cells,
    }


def woman_in_therapy(key: str, began: datetime) -> dict[str, list[Cells]]:
    """A woman with one supply at `began`, everything in order, weekly tests since."""
    signed = (began - timedelta(days=40)).isoformat()
    before = (began - timedelta(hours=2)).isoformat()
    tests = [began + timedelta(days=days) for days in (-11, 7, 14, 21)]
    tests.insert(1, began - timedelta(hours=3))
    return {
        "patients": [person(key, began - timedelta(days=40))],
        "agreements": [agreement(key, signed)],
        "health_statuses": [
            {"patient": key, "recorded_at": signed, "cycle": "regular", "breastfeeding": "no"}
        ],
        "pregnancy_tests": [negative(key, at.isoformat()) for at in tests],
        "contraception": [
            {
                "patient": key,
                "attested_at": before,
                "abstinence": "no",
                "methods": "iud male_condom",
                "in_use_since": (began - timedelta(days=60)).date(),
                "lapse": "no",
            }
        ],
        "obligations": [
            {
                "patient": key,
                "attested_at": before,
                "condom": "no",
                "abstinence": "no",
                "no_sperm_donation": "yes",
                "no_blood_donation": "yes",
                "no_sharing": "yes",
            }
        ],
        "counseling": [
            {
                "patient": key,
                "given_at": before,
                "topics": "contraception emergency_contraception",
            }
        ],
        "patient_surveys": [
            {"patient": key, "completed_at": before, "text_version": "2019-1", "at_risk": "no"}
        ],
        "dispenses": [dispense(key, began)],
    }


def together(*registries: dict[str, list[Cells]]) -> dict[str, list[Cells]]:
    """The lines of several, in their order."""
    lines: dict[str, list[Cells]] = {}
    for registry in registries:
        for name, cells in registry.items():
            lines.setdefault(name, []).extend(cells)
    return lines
