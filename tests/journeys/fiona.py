"""Fiona's year as sentences: what the parties' systems say to the API, on a clock that is moved.

Every fact enters through the API; nothing here reads or writes a model of hers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from apps.core import clock
from apps.reminders.tasks import plan_stale_patients
from apps.rules.documents import document
from tests import builders
from tests.api.clients import System
from tests.builders import PROGRAM

CATEGORY = "adult_frp"
BORN_ON = "1986-04-05"
ZONE = ZoneInfo("America/New_York")
NOON = 12


def noon(day: str, hour: int = NOON) -> datetime:
    """That hour of a day, where the program is."""
    return datetime.combine(date.fromisoformat(day), time(hour), ZONE)


def told(answer: Any, status: int) -> dict[str, Any]:
    """What was answered, which must be with that status."""
    assert answer.status_code == status, (clock.now(), answer.status_code, answer.content)
    content: dict[str, Any] = answer.json()
    return content


def unmet(decision: dict[str, Any]) -> dict[str, str | None]:
    """The rules that a decision says no by, each with the day from which it can be met.

    Null where nothing but somebody's deed opens it. Each is said in words, with a next step.
    """
    missing = [each for each in decision["requirements"] if not each["met"]]
    assert all(each["message"] for each in missing), missing
    assert decision["next_actions"], decision
    assert {each["rule"] for each in missing} == set(decision["unmet"])
    assert decision["allowed"] is (not decision["unmet"])
    return {each["rule"]: _day_of(each["opens_at"]) for each in missing}


@dataclass
class Year:
    """Who takes part, the clock, and what she got so far: an id, supplies, numbers."""

    move_clock: Callable[[datetime], object]
    administrator: System
    staff: System
    practice: System
    other_practice: System
    pharmacy: System
    other_pharmacy: System
    pharmacy_entry: dict[str, Any]
    patient: str = ""
    methods_since: str = ""
    dispensed: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def on(self, day: str, hour: int = NOON) -> None:
        """It is that hour of that day. Tokens live an hour: each system gets a new one."""
        moment = noon(day, hour)
        assert moment > clock.now(), "A year goes forward."
        self.move_clock(moment)
        for each in (
            self.administrator,
            self.staff,
            self.practice,
            self.other_practice,
            self.pharmacy,
            self.other_pharmacy,
        ):
            assert each.authenticate().status_code == 200

    # What the practice's system records.

    def her(self, part: str) -> str:
        """An address below hers."""
        return f"patients/{self.patient}/{part}"

    def she_enrolls(self) -> None:
        """The practice enrolls her with the agreement that both have signed just now."""
        enrolled = self.practice.make(
            "patients",
            {
                "program": PROGRAM,
                "given_name": "Fiona",
                "family_name": "Synthetic",
                "born_on": BORN_ON,
                "postal_code": "10001",
                "email": "fiona@patients.example",
                "risk_category": CATEGORY,
                **_signed(),
            },
        )
        self.patient = enrolled["id"]
        status = {"cycle": "regular", "breastfeeding": False}
        self.practice.make(self.her("health-statuses"), status)

    def she_signs_a_new_agreement(self) -> None:
        """She and her prescriber sign for her present category."""
        self.practice.make(self.her("agreements"), {"program": PROGRAM, **_signed()})

    def she_takes_up_two_methods(self, since: str) -> None:
        """She attests an IUD and condoms, in use since that day."""
        self.methods_since = since
        self.practice.make(
            self.her("contraception"),
            {
                "program": PROGRAM,
                "attested_at": _now(),
                "abstinence": False,
                "methods": ["iud", "male_condom"],
                "in_use_since": since,
                "lapse": False,
            },
        )

    def her_test_is(self, result: str = "negative") -> dict[str, Any]:
        """A specimen is collected now, and this is its result."""
        return self.practice.make(
            self.her("pregnancy-tests"),
            {
                "collected_at": _now(),
                "resulted_at": _now(),
                "result": result,
                "sensitivity_miu_ml": 25,
                "specimen": "serum",
            },
        )

    def she_is_tested_on(self, *days: str) -> None:
        """A negative test at noon of each of these days."""
        for day in days:
            self.on(day)
            self.her_test_is("negative")

    def she_answers(self, **risky: str) -> dict[str, Any]:
        """She completes her survey; `risky` are the answers that are not as they should be."""
        return self.practice.make(
            self.her("surveys"),
            {
                "program": PROGRAM,
                "completed_at": _now(),
                "answers": {**builders.safe_answers(CATEGORY), **risky},
            },
        )

    def she_is_prepared(self) -> None:
        """Contraception and obligations attested again, counseling given, survey completed."""
        self.she_takes_up_two_methods(self.methods_since)
        self.practice.make(
            self.her("obligations"),
            {
                "attested_at": _now(),
                "condom": False,
                "abstinence": False,
                "no_sperm_donation": True,
                "no_blood_donation": True,
                "no_sharing": True,
            },
        )
        self.practice.make(
            self.her("counseling"),
            {
                "program": PROGRAM,
                "given_at": _now(),
                "topics": ["contraception", "emergency_contraception"],
            },
        )
        assert self.she_answers()["at_risk"] is False

    def her_prescriber_says(self, kind: str, reason: str) -> None:
        """Therapy is interrupted, resumed or discontinued today."""
        self.practice.make(
            self.her("therapy-events"),
            {
                "kind": kind,
                "program": PROGRAM,
                "happened_on": _today(),
                "reason": reason,
                "said_by": "Dr. Prescriber",
            },
        )

    def is_reminded_of(self) -> set[str]:
        """The kinds of obligations that reminders are planned for, once the sweep has run."""
        plan_stale_patients()
        steps = told(self.staff.get(self.her("reminders")), 200)["results"]
        return {each["obligation"] for each in steps if each["state"] == "scheduled"}

    # What the practice asks.

    def plan(self, **assumed: str) -> dict[str, Any]:
        """What if: from when until when an authorization is possible."""
        return told(self.practice.get(self.her("authorization-plan"), **assumed), 200)

    def outlook(self) -> dict[str, Any]:
        """What the rules would say now; nothing is asked for."""
        page = told(self.practice.get(f"patients/{self.patient}"), 200)
        outlook: dict[str, Any] = page["outlook"]
        return outlook

    def holds(self) -> set[str]:
        """The holds on her."""
        return set(told(self.practice.get(f"patients/{self.patient}"), 200)["holds"])

    def therapy(self) -> dict[str, Any]:
        """Where her therapy stands."""
        return told(self.practice.get(self.her("therapy")), 200)

    def request(self) -> Any:
        """The practice asks for 28 days of 25 mg."""
        questions = document(PROGRAM, "prescriber_survey", CATEGORY).codes
        return self.practice.post(
            "authorizations",
            {
                "patient_id": self.patient,
                "program": PROGRAM,
                "risk_category": CATEGORY,
                "product": "lenalidomide",
                "strength_mg": 25,
                "days_supply": 28,
                "quantity": 21,
                "directions": "One capsule daily on days 1 to 21 of 28",
                "indication": "C90.00",
                "answers": dict.fromkeys(questions, "yes"),
            },
        )

    def authorization_is_refused_for(self, rules: dict[str, str | None]) -> None:
        """Asked, the program says no: for exactly these rules, that can be met from these days."""
        refused = told(self.request(), 200)
        assert refused["authorization"] is None
        assert unmet(refused["decision"]) == rules, clock.now()

    def authorization_is_given(self, path: str, until: str) -> dict[str, Any]:
        """Asked, the program says yes: on that path, until the end of that day."""
        issued = told(self.request(), 201)
        assert unmet(issued["decision"]) == {}
        assert issued["decision"]["path"] == path
        authorization: dict[str, Any] = issued["authorization"]
        assert _day_of(authorization["expires_at"]) == until
        self.numbers.append(authorization["number"])
        return authorization

    def state_of(self, authorization: dict[str, Any]) -> tuple[str, str]:
        """An authorization's state now, and why it ended."""
        shown = told(self.practice.get(f"authorizations/{authorization['id']}"), 200)
        return shown["state"], shown["ended_reason"]

    # What the pharmacy's system does.

    def pharmacy_checks(self, authorization: dict[str, Any]) -> dict[str, str | None]:
        """The unmet rules of a check of the prescription; none says that she is eligible."""
        checked = self.pharmacy.make("eligibility-checks", _prescription(authorization))
        return unmet(checked["decision"])

    def pharmacy_confirms(self, authorization: dict[str, Any]) -> dict[str, Any]:
        """A confirmation to hand the supply over at the counter."""
        content = {**_prescription(authorization), "handover": "pickup"}
        confirmed = told(self.pharmacy.post("confirmations", content), 201)
        confirmation: dict[str, Any] = confirmed["confirmation"]
        return confirmation

    def hands_over(self, confirmation: dict[str, Any], by: System | None = None) -> Any:
        """A pharmacy asks to dispense under that confirmation: the final check."""
        return (by or self.pharmacy).post(
            "dispenses",
            {
                "confirmation_id": confirmation["id"],
                "risk_category": CATEGORY,
                "days_supply": 28,
                "quantity": 21,
                "lot_number": "LOT-1",
                "ndc": "59572-0425-21",
                "counselor": "Phil Pharmacist",
                "checklist": builders.checklist(CATEGORY),
                "medication_guide_given": True,
            },
        )

    def pharmacy_dispenses(self, authorization: dict[str, Any]) -> str:
        """Check, confirm, dispense, all of it right; the dispense's id."""
        assert self.pharmacy_checks(authorization) == {}
        confirmation = self.pharmacy_confirms(authorization)
        handed_over = told(self.hands_over(confirmation), 201)
        assert handed_over["dispense"]["authorized"] is True
        assert handed_over["authorization"]["state"] == "dispensed"
        self.dispensed.append(handed_over["dispense"]["id"])
        return self.dispensed[-1]

    def pharmacy_records_a_loss(self, dispense: str) -> Any:
        """The bottle of that dispense was lost today."""
        lost = {"kind": "lost", "stopped_on": _today(), "reason": "The bag was stolen on the train"}
        return self.pharmacy.post(f"dispenses/{dispense}/supply-stop", lost)

    # What the program's office does.

    def open_case(self) -> str:
        """The id of her one open pregnancy case, as the office sees it."""
        cases = told(self.staff.get(self.her("pregnancy-cases")), 200)["results"]
        (open_one,) = [each for each in cases if each["closed_at"] is None]
        case: str = open_one["id"]
        return case

    def closes(self, by: System, case: str, outcome: str, reason: str) -> Any:
        """Somebody closes a case; what is left of its follow-up is waived with the same reason."""
        content = {"outcome": outcome, "reason": reason, "waiver": reason}
        return by.post(self.her(f"pregnancy-cases/{case}/closure"), content)


def _day_of(instant: str | None) -> str | None:
    """The day of an instant, where the program is."""
    if instant is None:
        return None
    return datetime.fromisoformat(instant).astimezone(ZONE).date().isoformat()


def _now() -> str:
    return clock.now().isoformat()


def _today() -> str:
    return clock.now().astimezone(ZONE).date().isoformat()


def _signed() -> dict[str, Any]:
    return {
        "signer": "patient",
        "signer_name": "Fiona Synthetic",
        "patient_signed_at": _now(),
        "prescriber_signed_at": _now(),
    }


def _prescription(authorization: dict[str, Any]) -> dict[str, Any]:
    """What the pharmacist reads on her prescription."""
    return {"number": authorization["number"], "born_on": BORN_ON, "risk_category": CATEGORY}
