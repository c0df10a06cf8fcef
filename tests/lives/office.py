"""What the program's office does in a random life, and what it tells the safety model of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import Intervention, PregnancyCase
from apps.evidence.services.intakes import Source
from apps.patients.transfers import Sought
from apps.providers import services as providers
from apps.rules.documents import document
from tests import builders
from tests.lives import history
from tests.lives.history import DAY
from tests.lives.living import Living

OUTCOMES = st.sampled_from(
    ["not_pregnant", "not_pregnant", "pregnancy_ended", "lost_to_follow_up", "unknown"]
)
BUSINESS = st.sampled_from(
    ["close"] * 2 + ["resolve", "standing", "standing", "exception", "renew", "take over",
     "hand over"] + ["intake"] * 3 + ["check"] * 3,
)  # fmt: skip


class Office(Living):
    """Interventions, cases, standings, renewals, transfers, intakes; exceptions by two persons."""

    @rule(
        what=BUSINESS,
        outcome=OUTCOMES,
        whose=st.integers(min_value=0, max_value=4),
        rule_id=st.sampled_from(["L-DSP-5", "L-ENR-4", "L-SUR-2"]),
        days=st.sampled_from([1, 10, 40]),
    )
    def do_business(self, what: str, outcome: str, whose: int, rule_id: str, days: int) -> None:
        self._step("do business")
        acts: dict[str, Callable[[], None]] = {
            "close": lambda: self.close_a_case(outcome),
            "resolve": self.resolve_every_intervention,
            "standing": lambda: self.change_a_standing(whose),
            "exception": lambda: self.grant_an_exception(rule_id, days * DAY),
            "renew": lambda: self.renew_a_certification(whose % 2),
            "take over": lambda: self.take_over(whose % 2),
            "hand over": lambda: self.hand_over_to(whose % 2),
            "intake": lambda: self.enter_an_intake(("negative", "positive")[whose % 5 == 0]),
            "check": lambda: self.check_an_intake(accepts=whose != 0),
        }
        acts[what]()

    def resolve_every_intervention(self) -> None:
        for row in Intervention.objects.filter(patient__in=self.records, resolved_at=None):
            self._must(
                evidence.resolve_intervention,
                self.stage.cast.staff,
                intervention_id=row.pk,
                conclusion="counseled",
                contacted="The patient",
                outcome="Talked it over",
            )
            self._happened("intervention resolved")
        for each in self.life.interventions:
            each.ended_at = each.ended_at or clock.now()

    def close_a_case(self, outcome: str) -> None:
        opened = PregnancyCase.objects.filter(patient__in=self.records, closed_at=None)
        row = opened.order_by("reported_at", "recorded_at").first()
        if row is None:
            return
        closed = self._must(
            evidence.close_pregnancy_case,
            self.stage.cast.administrator,
            case_id=row.pk,
            outcome=outcome,
            reason="Adjudicated",
            waiver="The follow-up ends with the case",
            voids=row.subject == "patient",
        )
        told = [
            each
            for each in self.life.cases
            if not each.closed_at and each.subject == closed.subject
        ]
        first = min(told, key=lambda each: each.reported_at)
        first.closed_at, first.outcome = closed.closed_at, outcome
        self._happened("case closed")

    # --- who takes part

    def change_a_standing(self, whose: int) -> None:
        """Of any prescriber or pharmacy: lost, or regained."""
        stage, places = self.stage, [*self.stage.prescribers, *self.stage.counters]
        party = places[whose]
        is_pharmacy, regains = party in stage.counters, party not in self.life.certified
        change: Callable[..., Any] = (
            providers.change_pharmacy_standing
            if is_pharmacy
            else providers.change_prescriber_standing
        )
        given: dict[str, Any] = {"pharmacy_id" if is_pharmacy else "prescriber_id": party}
        event = "reinstate" if regains else ("suspend", "decertify")[whose % 2]
        self._must(change, stage.cast.administrator, event=event, reason="A review", **given)
        if regains:
            self.life.certified.add(party)
        else:
            self.life.certified.discard(party)
        self._happened("standing regained" if regains else "standing lost")

    def renew_a_certification(self, place: int) -> None:
        """Sixty days before its end at the earliest; what lapsed is certified anew (L-ENR-2)."""
        pharmacy = list(self.stage.counters)[place]
        today = history.day(clock.now())
        until = self.life.certified_until[pharmacy]
        is_certified = pharmacy in self.life.certified
        made = self._done(
            providers.sign_pharmacy_enrollment,
            self.stage.representatives[pharmacy],
            program=builders.PROGRAM,
            attestations=document(builders.PROGRAM, "pharmacy_enrollment").codes,
        )
        if made is None:
            assert until - today > 59 * DAY, "a renewal refused without need"
            return
        if today <= until and is_certified:
            assert until - today <= 61 * DAY, "renewed long before its end"
            self.life.certified_until[pharmacy] = until + 366 * DAY
            self._happened("pharmacy renewed")
            return
        on = history.day(clock.now())  # signing took a second, perhaps past midnight
        certified = self._done(
            providers.certify_pharmacy,
            self.stage.cast.staff,
            pharmacy_id=pharmacy,
            program=builders.PROGRAM,
        )
        assert (certified is not None) == is_certified, "L-ENR-2: certified anew"
        if certified is not None:
            begins = until + DAY if on <= until else on
            self.life.certified_until[pharmacy] = begins + 365 * DAY
            self._happened("pharmacy renewed after a lapse")

    # --- to another prescriber (L-ENR-5)

    def take_over(self, place: int) -> None:
        """A new prescriber signs with the patient; what the old one issued is void."""
        to = [each for each in self.stage.prescribers if each != self.carer][place]
        if self.life.is_over():
            return
        made = self._done(
            evidence.take_over_patient,
            self.stage.prescribers[to],
            program=builders.PROGRAM,
            sought=Sought("Fiona", "Synthetic", self.life.born_on, postal_code="10001"),
            risk_category=self.life.category,
            signatures=self._signatures(self.life.category),
            reason="She moved",
            voids=to in self.life.certified,
        )
        assert (made is not None) == (to in self.life.certified), "L-ENR-5: taken over"
        if made is not None:
            self.carer = to
            self._agreed(made.agreement)
            self._happened("taken over")

    def hand_over_to(self, place: int) -> None:
        """The staff give the patient to another, who must sign before anything is authorized."""
        to = [each for each in self.stage.prescribers if each != self.carer][place]
        made = self._done(
            evidence.hand_over_patients,
            self.stage.cast.staff,
            from_prescriber_id=UUID(self.carer),
            to_prescriber_id=UUID(to),
            reason="Retired",
            patient_ids=[self.patient.pk],
        )
        assert (made is not None) == (to in self.life.certified), "L-ENR-5: handed over"
        if made is not None:
            self.carer = to
            self._happened("handed over")

    # --- by phone (L-SRC-1)

    def enter_an_intake(self, result: str) -> None:
        """What harms holds at once; what would help waits for a second person."""
        now = clock.now()
        if self.carer not in self.life.certified:
            return
        at = now.isoformat()
        made = self._must(
            evidence.enter_intake,
            self.stage.cast.staff,
            patient_id=self.patient.pk,
            kind="pregnancy_test",
            content={
                "result": result,
                "sensitivity_miu_ml": 25,
                "specimen": "serum",
                "collected_at": at,
                "resulted_at": at,
            },
            source=Source(
                channel="phone",
                told_by="prescriber",
                told_by_name="Nina Nurse",
                prescriber_id=self.carer,  # type: ignore[arg-type]
                verification="called_back",
            ),
            voids=result == "positive",
        )
        told = history.Test(now, now, result)
        if result == "negative":
            self.intakes.append((made, told))
            return
        self.life.tests.append(told)
        self.life.cases.append(history.Case(made.recorded_at))
        self._happened("intake in effect at once")

    def check_an_intake(self, *, accepts: bool) -> None:
        if not self.intakes:
            return
        made, told = self.intakes.pop(0)
        checker, taken = self.stage.second_staff, None
        if accepts:
            taken = self._done(evidence.accept_intake, checker, intake_id=made.pk)
        if taken is not None:
            self.life.tests.append(told)
            self._happened("intake accepted")
        else:
            self._must(evidence.refuse_intake, checker, intake_id=made.pk, reason="Not so")
            self._happened("intake refused")

    # --- two persons together (L-DSP-10)

    def grant_an_exception(self, rule_id: str, lasting: timedelta) -> None:
        until = clock.now() + lasting
        asked = self._must(
            evidence.request_exception,
            self.stage.cast.staff,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            rule=rule_id,
            expires_at=until,
            reason="Travel",
        )
        granted = self._must(
            evidence.grant_exception,
            self.stage.cast.administrator,
            request_id=asked.pk,
            reason="Agreed",
        )
        self.life.exceptions.append(history.Excepted(rule_id, granted.granted_at, until))
        self._happened("exception granted")
