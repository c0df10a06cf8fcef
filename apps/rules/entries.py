"""What is known, as frozen records: one class for each object of the facts document.

Records only; field names are the document's keys. facts.py reads and writes them.
"""

from datetime import date, datetime
from typing import Literal, NamedTuple, TypeVar

_T = TypeVar("_T")

Question = Literal["authorize", "dispense"]
Signer = Literal["patient", "guardian", "representative"]
Status = Literal["pending", "certified", "suspended", "decertified"]
Cycle = Literal["regular", "irregular", "none"]
Result = Literal["negative", "positive", "indeterminate"]
Specimen = Literal["serum", "urine"]
BleedingKind = Literal["missed_period", "abnormal_bleeding"]
BasisKind = Literal["natural_menopause", "hysterectomy", "bilateral_oophorectomy"]
Subject = Literal["patient", "partner"]
Outcome = Literal["not_pregnant", "pregnancy_ended", "lost_to_follow_up", "unknown"]
AuthorizationState = Literal["issued", "confirmed", "dispensed", "void", "expired"]
Handover = Literal["ship", "pickup"]


class CategoryBasis(NamedTuple):
    """Why a patient is not of reproductive potential; for menopause `on` is the last menses."""

    kind: BasisKind
    on: date


class Patient(NamedTuple):
    """The patient as of the decision; flags serve advisories only."""

    date_of_birth: date
    risk_category: str
    breastfeeding: bool
    category_basis: CategoryBasis | None = None
    cycle: Cycle | None = None
    advisory_flags: tuple[str, ...] = ()


class Agreement(NamedTuple):
    """A Patient-Prescriber Agreement; complete once both have signed."""

    risk_category: str
    prescriber: str
    signer: Signer
    patient_signed_at: datetime | None = None
    prescriber_signed_at: datetime | None = None


class Prescriber(NamedTuple):
    """Who asks, or who holds the authorization; `covers`: colleagues they may act for now."""

    id: str
    status: Status
    covers: tuple[str, ...] = ()


class Pharmacy(NamedTuple):
    """The pharmacy that verifies, confirms or dispenses."""

    id: str
    status: Status
    certified_until: date | None = None


class PregnancyTest(NamedTuple):
    """A test; its time is when the specimen was collected."""

    collected_at: datetime
    resulted_at: datetime
    result: Result
    sensitivity_miu_ml: float
    specimen: Specimen
    withdrawn_at: datetime | None = None


class ContraceptionAttestation(NamedTuple):
    """What the patient says of contraception: methods, since when, and whether it lapsed."""

    attested_at: datetime
    recorded_at: datetime
    abstinence: bool
    lapse: bool
    methods: tuple[str, ...] = ()
    in_use_since: date | None = None
    withdrawn_at: datetime | None = None


class ObligationsAttestation(NamedTuple):
    """What the patient promises: condom or abstinence, no donation, no sharing."""

    attested_at: datetime
    condom: bool
    abstinence: bool
    no_sperm_donation: bool
    no_blood_donation: bool
    no_sharing: bool


class BleedingReport(NamedTuple):
    """A missed period or abnormal menstrual or vaginal bleeding."""

    reported_at: datetime
    kind: BleedingKind
    withdrawn_at: datetime | None = None


class Counseling(NamedTuple):
    """One counseling conversation and its topics."""

    given_at: datetime
    topics: tuple[str, ...] = ()


class PatientSurvey(NamedTuple):
    """A completed patient survey; used: it serves an authorization that is open or dispensed."""

    completed_at: datetime
    used: bool


class Intervention(NamedTuple):
    """Program staff must look at something before therapy goes on."""

    opened_at: datetime
    resolved_at: datetime | None = None


class PregnancyCase(NamedTuple):
    """A suspected pregnancy of the patient or of a male patient's partner."""

    reported_at: datetime
    subject: Subject
    closed_at: datetime | None = None
    outcome: Outcome | None = None


class EarlierAuthorization(NamedTuple):
    """An authorization issued before."""

    issued_at: datetime
    expires_at: datetime
    state: AuthorizationState


class Dispense(NamedTuple):
    """One supply that was dispensed; authorized: within every rule, under a valid confirmation."""

    dispensed_at: datetime
    days_supply: int
    risk_category: str
    authorized: bool
    returned_at: datetime | None = None
    stopped_on: date | None = None


class Override(NamedTuple):
    """An exception from one rule, granted by two of the program's staff."""

    rule: str
    granted_at: datetime
    expires_at: datetime


class PrescriberSurvey(NamedTuple):
    """The prescriber's survey submitted with a request."""

    completed_at: datetime
    risk_category: str


class Request(NamedTuple):
    """What the prescriber asks to be authorized."""

    product: str
    strength_mg: float
    days_supply: int
    indication: str | None = None
    prescriber_survey: PrescriberSurvey | None = None


class Authorization(NamedTuple):
    """The authorization that the pharmacy verifies."""

    issued_at: datetime
    expires_at: datetime
    state: AuthorizationState
    risk_category: str
    product: str
    strength_mg: float
    days_supply: int


class Confirmation(NamedTuple):
    """The pharmacy's confirmation before the drug leaves."""

    pharmacy: str
    issued_at: datetime
    expires_at: datetime
    handover: Handover


class Prescription(NamedTuple):
    """What the pharmacist reads on the prescription."""

    risk_category: str
    product: str
    strength_mg: float
    days_supply: int


class Facts(NamedTuple):
    """Everything that one decision rests on."""

    program: str
    question: Question
    as_of: datetime
    patient: Patient
    prescriber: Prescriber
    agreements: tuple[Agreement, ...] = ()
    pharmacy: Pharmacy | None = None
    pregnancy_tests: tuple[PregnancyTest, ...] = ()
    contraception: tuple[ContraceptionAttestation, ...] = ()
    obligations: tuple[ObligationsAttestation, ...] = ()
    bleeding_reports: tuple[BleedingReport, ...] = ()
    counseling: tuple[Counseling, ...] = ()
    patient_surveys: tuple[PatientSurvey, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    pregnancy_cases: tuple[PregnancyCase, ...] = ()
    authorizations: tuple[EarlierAuthorization, ...] = ()
    dispenses: tuple[Dispense, ...] = ()
    overrides: tuple[Override, ...] = ()
    request: Request | None = None
    authorization: Authorization | None = None
    confirmation: Confirmation | None = None
    prescription: Prescription | None = None


class IncompleteFacts(ValueError):
    """Facts lack an object that their question needs; parse_facts would have refused them."""


def given(value: _T | None) -> _T:
    """An object that the question needs; raises IncompleteFacts when it is not there."""
    if value is None:
        raise IncompleteFacts("an object of the question is missing")
    return value
