"""The parties of Fiona's year, registered, signed and certified through the API."""

from typing import Any

from apps.accounts.models import Organization
from apps.core.call import Role
from apps.rules.documents import document
from tests import builders
from tests.api.clients import System, system
from tests.builders import PROGRAM


def office(role: Role) -> System:
    """A system of the program's office."""
    program, _ = Organization.objects.get_or_create(
        kind=Organization.Kind.PROGRAM, name="Program office"
    )
    return system(program.pk, role)


def practice(administrator: System, serial: int) -> System:
    """A certified prescriber's practice; its system acts for them."""
    prescriber = administrator.make(
        "prescribers",
        {
            "npi": builders.npi(serial),
            "given_name": "Paula",
            "family_name": f"Prescriber{serial}",
            "specialty": "Hematology",
            "phone": "212-555-0100",
            "email": f"paula{serial}@practice.example",
            "practice_name": f"Practice {serial}",
        },
    )
    made = system(prescriber["practice"], Role.PRESCRIBER, prescriber["id"])
    path = f"prescribers/{prescriber['id']}"
    made.make(f"{path}/enrollments", _signed("prescriber_enrollment"))
    assert administrator.make(f"{path}/certifications")["state"] == "certified"
    return made


def pharmacy(administrator: System, serial: int) -> tuple[System, dict[str, Any]]:
    """A certified pharmacy's dispensing system, and the pharmacy's entry."""
    entry = administrator.make(
        "pharmacies",
        {
            "npi": builders.npi(5000 + serial),
            "ncpdp_id": f"{serial:07d}",
            "name": f"Elm Street Pharmacy {serial}",
            "address": f"{serial} Elm Street, Springfield",
            "phone": "212-555-0200",
            "email": f"pharmacy{serial}@pharmacy.example",
            "representative_given_name": "Rita",
            "representative_family_name": f"Representative{serial}",
            "representative_email": f"rita{serial}@pharmacy.example",
        },
    )
    certified(administrator, entry)
    return system(entry["organization"], Role.PHARMACIST), entry


def certified(administrator: System, entry: dict[str, Any]) -> dict[str, Any]:
    """A pharmacy's representative signs, the office certifies it: at first, or after a lapse."""
    representative = system(entry["organization"], Role.REPRESENTATIVE)
    path = f"pharmacies/{entry['id']}"
    representative.make(f"{path}/enrollments", _signed("pharmacy_enrollment"))
    return administrator.make(f"{path}/certifications", {"program": PROGRAM})


def _signed(kind: str) -> dict[str, Any]:
    return {"program": PROGRAM, "attestations": sorted(document(PROGRAM, kind).codes)}
