"""What may come in by phone, fax or paper: how it is read, whether it harms, what records it.

One kind is one command on evidence; its content is JSON that holds the command's arguments.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Model

from apps.core.command import Run, body_of
from apps.evidence.models import BleedingReport, HealthStatus, Intake, PregnancyCase, PregnancyTest
from apps.evidence.services.agreements import renew_agreement, sign_agreement
from apps.evidence.services.attestations import (
    PROMISES,
    is_enough_contraception,
    promises_all,
    record_contraception,
    record_counseling,
    record_health_status,
    record_obligations,
)
from apps.evidence.services.cases import report_pregnancy
from apps.evidence.services.pregnancy import record_pregnancy_test, report_bleeding
from apps.evidence.services.reading import Reader
from apps.evidence.services.surveys import record_patient_survey
from apps.patients import selectors as patients
from apps.patients.models import Agreement, Patient
from apps.patients.services import Signatures
from apps.rules.documents import document
from apps.rules.policy import policy_in_force, programs

Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of intake. `harms`: it takes eligibility away, so it is in effect at once."""

    read: Callable[[Reader], Said]
    harms: Callable[[Run, Patient, Said], bool]
    record: Callable[..., Any]
    # The scan bears a signature: nothing of the kind is said by phone.
    on_paper_only: bool = False
    by_prescriber: bool = False
    # What it says belongs to the category of its day.
    of_category: bool = False


def _read_test(said: Reader) -> Said:
    return {
        "result": said.code("result", PregnancyTest.Result.values),
        "sensitivity_miu_ml": said.number("sensitivity_miu_ml"),
        "specimen": said.code("specimen", PregnancyTest.Specimen.values),
        "laboratory": said.text("laboratory", 120, required=False),
        **said.time("collected"),
        **said.time("resulted"),
    }


def _read_contraception(said: Reader) -> Said:
    return {
        "program": said.code("program", programs()),
        "abstinence": said.flag("abstinence"),
        "methods": said.codes("methods"),
        "in_use_since": said.day("in_use_since"),
        "lapse": said.flag("lapse"),
        **said.time("attested"),
    }


def _read_obligations(said: Reader) -> Said:
    return {**{name: said.flag(name) for name in PROMISES}, **said.time("attested")}


def _read_counseling(said: Reader) -> Said:
    return {
        "program": said.code("program", programs()),
        "topics": said.codes("topics"),
        **said.time("given"),
    }


def _read_health(said: Reader) -> Said:
    return {
        "cycle": said.code("cycle", ["", *HealthStatus.Cycle.values]),
        "breastfeeding": said.flag("breastfeeding"),
        "advisory_flags": said.codes("advisory_flags", required=False),
    }


def _read_survey(said: Reader) -> Said:
    return {
        "program": said.code("program", programs()),
        "answers": said.answers("answers"),
        **said.time("completed"),
    }


def _read_bleeding(said: Reader) -> Said:
    return {"kind": said.code("kind", BleedingReport.Kind.values), **said.time("reported")}


def _read_pregnancy(said: Reader) -> Said:
    return {
        "subject": said.code("subject", PregnancyCase.Subject.values),
        "source": said.text("source", 200),
        **said.time("reported"),
    }


def _read_signature(said: Reader) -> Said:
    return {
        "agreement_id": said.identifier("agreement_id"),
        **said.time("patient_signed", required=False),
        **said.time("prescriber_signed", required=False),
    }


def _read_renewal(said: Reader) -> Said:
    return {
        "program": said.code("program", programs()),
        "signatures": Signatures(
            signer=said.code("signer", Agreement.Signer.values),
            signer_name=said.text("signer_name", 120),
            signer_relationship=said.text("signer_relationship", 60, required=False),
            **said.time("patient_signed"),
            **said.time("prescriber_signed"),
        ),
    }


def _lacks_contraception(run: Run, patient: Patient, said: Said) -> bool:
    del patient
    policy = policy_in_force(said["program"], run.now)
    return not is_enough_contraception(policy, said["abstinence"], said["methods"], said["lapse"])


def _is_not_negative(run: Run, patient: Patient, said: Said) -> bool:
    del run, patient
    return bool(said["result"] != "negative")


def _breastfeeds(run: Run, patient: Patient, said: Said) -> bool:
    del run, patient
    return bool(said["breastfeeding"])


def _lacks_promise(run: Run, patient: Patient, said: Said) -> bool:
    del run
    return not promises_all(patient, **{name: said[name] for name in PROMISES})


def _is_risky(run: Run, patient: Patient, said: Said) -> bool:
    del run
    category = patients.current_category(patient).risk_category
    items = document(said["program"], "patient_survey", category).items
    return any(item.at_risk and said["answers"].get(item.code) == item.at_risk for item in items)


def _always(run: Run, patient: Patient, said: Said) -> bool:
    del run, patient, said
    return True


def _never(run: Run, patient: Patient, said: Said) -> bool:
    del run, patient, said
    return False


KINDS: Final[Mapping[str, Kind]] = {
    Intake.Kind.PREGNANCY_TEST: Kind(
        _read_test,
        _is_not_negative,
        body_of(record_pregnancy_test),
    ),
    Intake.Kind.CONTRACEPTION: Kind(
        _read_contraception, _lacks_contraception, body_of(record_contraception)
    ),
    Intake.Kind.OBLIGATIONS: Kind(_read_obligations, _lacks_promise, body_of(record_obligations)),
    Intake.Kind.COUNSELING: Kind(
        _read_counseling, _never, body_of(record_counseling), by_prescriber=True
    ),
    Intake.Kind.HEALTH_STATUS: Kind(
        _read_health,
        _breastfeeds,
        body_of(record_health_status),
    ),
    Intake.Kind.PATIENT_SURVEY: Kind(
        _read_survey, _is_risky, body_of(record_patient_survey), of_category=True
    ),
    Intake.Kind.BLEEDING_REPORT: Kind(_read_bleeding, _always, body_of(report_bleeding)),
    Intake.Kind.PREGNANCY_REPORT: Kind(_read_pregnancy, _always, body_of(report_pregnancy)),
    Intake.Kind.AGREEMENT_SIGNATURE: Kind(
        _read_signature, _never, body_of(sign_agreement), on_paper_only=True, by_prescriber=True
    ),
    Intake.Kind.AGREEMENT_RENEWAL: Kind(
        _read_renewal,
        _never,
        body_of(renew_agreement),
        on_paper_only=True,
        by_prescriber=True,
        of_category=True,
    ),
}


def record(run: Run, kind: str, *, patient_id: UUID, said: Said) -> Model:
    """Let what was said take effect, by the service of its command."""
    made: Model = KINDS[kind].record(run, patient_id=patient_id, **said)
    return made
