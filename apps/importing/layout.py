"""The files of an import: which columns each has, and what they mean. docs/import.md shows them.

Data only; values.py reads the cells.
"""

from dataclasses import dataclass
from typing import Any, Final

from apps.evidence.models import (
    BleedingReport,
    HealthStatus,
    PregnancyCase,
    PregnancyTest,
    TherapyEvent,
)
from apps.importing import values
from apps.importing.values import Reader
from apps.patients.models import Agreement, CategoryAssignment, RiskCategory
from apps.prescriptions.models import Confirmation, SupplyStop
from apps.providers.models import Standing

PROGRAM: Final = "lenalidomide"
SORTED_BY: Final = "patient"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, how a cell is read, what it means.

    An optional one may be empty or left out; then its value is `empty`.
    """

    name: str
    read: Reader
    meaning: str
    is_required: bool = True
    empty: Any = None

    @property
    def meaning_and_codes(self) -> str:
        """As docs/import.md tells it: with every code that a cell may hold."""
        if not isinstance(self.read, values.OneOf):
            return self.meaning
        return f"{self.meaning}: {', '.join(f'`{code}`' for code in self.read.allowed)}"


@dataclass(frozen=True, slots=True)
class File:
    """One file of an import. A file of a patient's history has their id in its first column."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    is_required: bool = False

    @property
    def file_name(self) -> str:
        """As it lies in the folder."""
        return f"{self.name}.csv"

    @property
    def is_history(self) -> bool:
        """Whether its rows belong to patients of patients.csv."""
        return self.columns[0].name == SORTED_BY and self.name != "patients"


def _optional(name: str, read: Reader, meaning: str, empty: Any = "") -> Column:
    return Column(name, read, meaning, False, empty)


_PATIENT = Column(SORTED_BY, values.text(80), "their id in patients.csv")
_PROGRAM = _optional("program", values.text(40), "code of the program", PROGRAM)
_CATEGORY = Column(
    "risk_category", values.OneOf(tuple(RiskCategory.values)), "as the program names it"
)

PRESCRIBERS = File(
    "prescribers",
    "Prescribers with their standing.",
    (
        Column("npi", values.text(10), "ten digits, the last a check digit"),
        Column("given_name", values.text(60), "given name"),
        Column("family_name", values.text(60), "family name"),
        Column("specialty", values.text(80), "specialty"),
        Column("phone", values.text(30), "phone"),
        Column("email", values.address, "address; the account is made with it"),
        Column("practice", values.text(120), "name of the practice; one name, one practice"),
        Column("form_version", values.text(40), "version of the enrollment form signed there"),
        Column("signed_at", values.moment, "when every attestation of that form was signed"),
        Column("standing", values.OneOf(tuple(Standing.values)), "where they stand now"),
    ),
)
PHARMACIES = File(
    "pharmacies",
    "Pharmacies with their standing and certification.",
    (
        Column("npi", values.text(10), "ten digits, the last a check digit"),
        _optional("ncpdp_id", values.text(7), "NCPDP id"),
        Column("name", values.text(120), "name of the site"),
        Column("address", values.text(200), "address"),
        Column("phone", values.text(30), "phone"),
        Column("email", values.address, "address of the site"),
        Column("representative_given_name", values.text(60), "authorized representative"),
        Column("representative_family_name", values.text(60), "authorized representative"),
        Column("representative_email", values.address, "the account is made with it"),
        Column("form_version", values.text(40), "version of the enrollment form signed there"),
        Column("signed_at", values.moment, "when every attestation of that form was signed"),
        Column("certified_until", values.day, "last day of the certification"),
        Column("standing", values.OneOf(tuple(Standing.values)), "where it stands now"),
    ),
)
PATIENTS = File(
    "patients",
    "Patients: who they are, their category now, who cares for them.",
    (
        Column(SORTED_BY, values.text(80), "id in the other registry; the files are sorted by it"),
        Column("given_name", values.text(60), "given name"),
        Column("family_name", values.text(60), "family name"),
        Column("born_on", values.day, "date of birth"),
        Column("postal_code", values.text(10), "ZIP code"),
        _optional("phone", values.text(30), "phone"),
        _optional("email", values.address, "e-mail address"),
        _optional("time_zone", values.text(40), "IANA time zone", "America/New_York"),
        Column("prescriber_npi", values.text(10), "who cares for them; registered or imported"),
        Column("registered_at", values.moment, "when they were enrolled there"),
        _CATEGORY,
        _optional(
            "basis_kind",
            values.OneOf(tuple(CategoryAssignment.Basis.values)),
            "for `adult_fnrp`, why she cannot become pregnant",
        ),
        _optional("basis_on", values.day, "date of the basis; for menopause, last menses", None),
        _optional(
            "not_same_as",
            values.ids,
            "ids of registered patients whom they resemble, decided to be other persons",
            (),
        ),
    ),
    is_required=True,
)
HISTORY: Final = (
    File(
        "agreements",
        "Agreements signed by both.",
        (
            _PATIENT,
            _PROGRAM,
            Column("prescriber_npi", values.text(10), "who signed as prescriber"),
            _CATEGORY,
            Column("text_version", values.text(40), "version of the text that was signed"),
            Column("signer", values.OneOf(tuple(Agreement.Signer.values)), "who signed"),
            Column("signer_name", values.text(120), "their name"),
            _optional("signer_relationship", values.text(60), "of a guardian or representative"),
            Column("patient_signed_at", values.moment, "instant, or date"),
            Column("prescriber_signed_at", values.moment, "instant, or date"),
        ),
    ),
    File(
        "health_statuses",
        "Cycle, breastfeeding and advisory flags, as they changed.",
        (
            _PATIENT,
            Column("recorded_at", values.moment, "since when"),
            _optional("cycle", values.OneOf(tuple(HealthStatus.Cycle.values)), "menstrual cycle"),
            Column("breastfeeding", values.yes_no, "yes or no"),
            _optional(
                "advisory_flags", values.codes, "codes of the policy, a blank between them", ()
            ),
        ),
    ),
    File(
        "pregnancy_tests",
        "Pregnancy tests, whatever their result.",
        (
            _PATIENT,
            Column("collected_at", values.moment, "when the specimen was collected"),
            Column("resulted_at", values.moment, "when the result was known"),
            Column("result", values.OneOf(tuple(PregnancyTest.Result.values)), "what it showed"),
            Column("sensitivity_miu_ml", values.amount, "mIU/mL"),
            Column("specimen", values.OneOf(tuple(PregnancyTest.Specimen.values)), "of what"),
            _optional("laboratory", values.text(120), "laboratory"),
        ),
    ),
    File(
        "contraception",
        "Attestations of contraception.",
        (
            _PATIENT,
            Column("attested_at", values.moment, "instant, or date"),
            Column("abstinence", values.yes_no, "no sex with a male partner"),
            _optional("methods", values.codes, "codes of the policy, a blank between them", ()),
            _optional("in_use_since", values.day, "date; empty: unchanged", None),
            Column("lapse", values.yes_no, "yes or no"),
        ),
    ),
    File(
        "obligations",
        "Attestations of the other obligations.",
        (
            _PATIENT,
            Column("attested_at", values.moment, "instant, or date"),
            Column("condom", values.yes_no, "yes or no"),
            Column("abstinence", values.yes_no, "yes or no"),
            Column("no_sperm_donation", values.yes_no, "yes or no"),
            Column("no_blood_donation", values.yes_no, "yes or no"),
            Column("no_sharing", values.yes_no, "yes or no"),
        ),
    ),
    File(
        "counseling",
        "Counseling by the prescriber.",
        (
            _PATIENT,
            _PROGRAM,
            Column("given_at", values.moment, "instant, or date"),
            _optional("topics", values.codes, "codes of the policy, a blank between them", ()),
        ),
    ),
    File(
        "patient_surveys",
        "Completed patient surveys.",
        (
            _PATIENT,
            _PROGRAM,
            Column("completed_at", values.moment, "instant, or date"),
            Column("text_version", values.text(40), "version of the questions there"),
            Column("at_risk", values.yes_no, "whether an answer told of a risk"),
        ),
    ),
    File(
        "bleeding_reports",
        "Missed periods and abnormal bleeding.",
        (
            _PATIENT,
            Column("reported_at", values.moment, "instant, or date"),
            Column("kind", values.OneOf(tuple(BleedingReport.Kind.values)), "what was reported"),
        ),
    ),
    File(
        "interventions",
        "Interventions; one without an end is open here, too.",
        (
            _PATIENT,
            Column("opened_at", values.moment, "instant, or date"),
            Column("cause", values.text(60), "code"),
            _optional("resolved_at", values.instant, "instant; empty: open", None),
            _optional("outcome", values.text(1000), "required with an end"),
        ),
    ),
    File(
        "pregnancy_cases",
        "Pregnancy cases; one without an end is open here, too.",
        (
            _PATIENT,
            Column("subject", values.OneOf(tuple(PregnancyCase.Subject.values)), "whose pregnancy"),
            Column("reported_at", values.moment, "instant, or date"),
            Column("source", values.text(200), "who or what reported it"),
            _optional("closed_at", values.instant, "instant; empty: open", None),
            _optional("outcome", values.OneOf(tuple(PregnancyCase.Outcome.values)), "with an end"),
            _optional("closing_reason", values.text(1000), "required with an end"),
        ),
    ),
    File(
        "dispenses",
        "Dispenses in order of time, with the authorization that each rests on.",
        (
            _PATIENT,
            _PROGRAM,
            Column("pharmacy_npi", values.text(10), "registered or imported"),
            Column("dispensed_at", values.moment, "instant; a date alone: it clears nothing"),
            Column("within_rules", values.yes_no, "under a valid confirmation, every rule kept"),
            _CATEGORY,
            Column("product", values.text(40), "code"),
            Column("strength_mg", values.amount, "mg"),
            Column("days_supply", values.whole, "calendar days covered"),
            Column("quantity", values.whole, "capsules"),
            _optional("prescriber_npi", values.text(10), "required within the rules"),
            _optional("authorized_at", values.instant, "instant; required within the rules", None),
            _optional("confirmed_at", values.instant, "instant; required within the rules", None),
            _optional("directions", values.text(400), "as prescribed"),
            _optional("indication", values.text(10), "ICD-10-CM"),
            _optional("lot_number", values.text(40), "required within the rules"),
            _optional("ndc", values.text(13), "required within the rules"),
            _optional("counselor", values.text(120), "required within the rules"),
            _optional(
                "handover",
                values.OneOf(tuple(Confirmation.Handover.values)),
                "how it went; else pick-up",
                "pickup",
            ),
            _optional("returned_at", values.instant, "when it came back to stock", None),
            _optional("stopped_on", values.day, "day on which what was left was lost, …", None),
            _optional("stop_kind", values.OneOf(tuple(SupplyStop.Kind.values)), "with stopped_on"),
        ),
    ),
    File(
        "therapy_events",
        "Interruptions and ends of therapy.",
        (
            _PATIENT,
            _PROGRAM,
            Column("kind", values.OneOf(tuple(TherapyEvent.Kind.values)), "what was said"),
            Column("happened_on", values.day, "date"),
            Column("reason", values.text(400), "reason"),
            Column("said_by", values.text(200), "who said so"),
        ),
    ),
)
PARTIES: Final = (PRESCRIBERS, PHARMACIES)
FILES: Final = (*PARTIES, PATIENTS, *HISTORY)
