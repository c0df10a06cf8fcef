"""A synthetic registry of another program, as CSV files: women in therapy for a year."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from apps.importing.layout import FILES, PATIENTS
from apps.providers.npi import is_valid

SUPPLIES, CYCLE = 12, 28
FIRST_BIRTH = date(1975, 1, 1)
BIRTHS = 9000
Line = tuple[str, dict[str, Any]]


def npi(serial: int) -> str:
    """A valid National Provider Identifier for a synthetic party."""
    stem = f"1{serial:08d}"
    return next(stem + check for check in "0123456789" if is_valid(stem + check))


PRESCRIBER, PHARMACY = npi(81_000_001), npi(81_000_002)


def write(folder: Path, count: int, *, now: datetime) -> None:
    """Files with two parties and so many patients, sorted by patient."""
    with ExitStack() as stack:
        writers = {}
        for file in FILES:
            target = (folder / file.file_name).open("w", newline="", encoding="utf-8")
            names = [column.name for column in file.columns]
            writers[file.name] = csv.DictWriter(stack.enter_context(target), names, restval="")
            writers[file.name].writeheader()
        for file_name, cells in _lines(count, now):
            writers[file_name].writerow(cells)


def _lines(count: int, now: datetime) -> Iterator[Line]:
    began = (now - timedelta(days=SUPPLIES * CYCLE)).astimezone(UTC).replace(microsecond=0)
    form = {"form_version": "2019-1", "signed_at": _text(began - timedelta(days=90))}
    common = {"phone": "212-555-0100", "standing": "certified", **form}
    yield (
        "prescribers",
        {
            **common, "npi": PRESCRIBER, "given_name": "Paula", "family_name": "Import",
            "specialty": "Hematology", "email": "paula.import@practice.example",
            "practice": "Import Practice",
        },
    )  # fmt: skip
    yield (
        "pharmacies",
        {
            **common, "npi": PHARMACY, "name": "Import Pharmacy", "address": "1 Elm Street",
            "email": "import@pharmacy.example", "representative_given_name": "Rita",
            "representative_family_name": "Import",
            "representative_email": "rita.import@pharmacy.example",
            "certified_until": (now + timedelta(days=200)).date(),
        },
    )  # fmt: skip
    for serial in range(count):
        for name, cells in woman(serial, began):
            yield name, {"patient": f"P{serial:07d}", **cells}


def woman(serial: int, began: datetime) -> Iterator[Line]:
    """One woman of reproductive potential: two first tests, four weekly ones, one each cycle."""
    signed = _text(began - timedelta(days=60))
    yield (
        PATIENTS.name,
        {
            "given_name": f"Given{serial}", "family_name": f"Family{serial}",
            "born_on": FIRST_BIRTH + timedelta(days=serial % BIRTHS),
            "postal_code": f"{serial % 90_000 + 10_000:05d}", "prescriber_npi": PRESCRIBER,
            "registered_at": signed, "risk_category": "adult_frp",
        },
    )  # fmt: skip
    yield (
        "agreements",
        {
            "prescriber_npi": PRESCRIBER, "risk_category": "adult_frp", "text_version": "2019-1",
            "signer": "patient", "signer_name": f"Given{serial} Family{serial}",
            "patient_signed_at": signed, "prescriber_signed_at": signed,
        },
    )  # fmt: skip
    yield "health_statuses", {"recorded_at": signed, "cycle": "regular", "breastfeeding": "no"}
    yield from _obligations(signed)
    for days in (-11, 7, 14, 21):
        yield _test(began + timedelta(days=days))
    for supply in range(SUPPLIES):
        yield from _cycle(began + timedelta(days=CYCLE * supply))


def _obligations(at: str) -> Iterator[Line]:
    yield (
        "obligations",
        {
            "attested_at": at, "condom": "no", "abstinence": "no", "no_sperm_donation": "yes",
            "no_blood_donation": "yes", "no_sharing": "yes",
        },
    )  # fmt: skip


def _cycle(at: datetime) -> Iterator[Line]:
    """What belongs to one supply, from the test to the dispense."""
    before = _text(at - timedelta(hours=2))
    yield _test(at - timedelta(hours=3))
    yield (
        "contraception",
        {
            "attested_at": before, "abstinence": "no", "methods": "iud male_condom",
            "in_use_since": (at - timedelta(days=400)).date(), "lapse": "no",
        },
    )  # fmt: skip
    yield "counseling", {"given_at": before, "topics": "contraception emergency_contraception"}
    yield (
        "patient_surveys",
        {"completed_at": before, "text_version": "2019-1", "at_risk": "no"},
    )
    yield (
        "dispenses",
        {
            "pharmacy_npi": PHARMACY, "prescriber_npi": PRESCRIBER, "within_rules": "yes",
            "authorized_at": _text(at - timedelta(hours=1)), "confirmed_at": _text(at),
            "dispensed_at": _text(at + timedelta(minutes=30)), "risk_category": "adult_frp",
            "product": "lenalidomide", "strength_mg": "25", "days_supply": CYCLE, "quantity": 21,
            "directions": "One capsule daily on days 1 to 21 of 28", "indication": "C90.00",
            "lot_number": "LOT-1", "ndc": "59572-0425-21", "counselor": "Phil Pharmacist",
        },
    )  # fmt: skip


def _test(at: datetime) -> Line:
    cells = {
        "collected_at": _text(at), "resulted_at": _text(at + timedelta(minutes=30)),
        "result": "negative", "sensitivity_miu_ml": "25", "specimen": "serum",
    }  # fmt: skip
    return "pregnancy_tests", cells


def _text(at: datetime) -> str:
    return at.isoformat()
