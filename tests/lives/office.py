"""What the program's office does in a random life, and what it tells the safety model of it."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import Intervention, PregnancyCase
from apps.providers import services as providers
from tests import builders
from tests.lives import history
from tests.lives.living import DAY, RARELY, Living


class Office(Living):
    """Interventions, cases and standings; exceptions by two persons together."""

    @precondition(lambda self: any(not each.ended_at for each in self.life.interventions))
    @rule()
    def resolve_every_intervention(self) -> None:
        for row in Intervention.objects.filter(patient=self.patient, resolved_at=None):
            self._must(
                evidence.resolve_intervention,
                self.stage.cast.staff,
                intervention_id=row.pk,
                conclusion="counseled",
                contacted="The patient",
                outcome="Talked it over",
            )
        for each in self.life.interventions:
            each.ended_at = each.ended_at or clock.now()

    @precondition(lambda self: any(not each.closed_at for each in self.life.cases))
    @rule(
        outcome=st.sampled_from(
            ["not_pregnant", "not_pregnant", "pregnancy_ended", "lost_to_follow_up", "unknown"]
        )
    )
    def close_a_case(self, outcome: str) -> None:
        row = PregnancyCase.objects.filter(patient=self.patient, closed_at=None).earliest(
            "reported_at", "recorded_at"
        )
        closed = self._must(
            evidence.close_pregnancy_case,
            self.stage.cast.administrator,
            case_id=row.pk,
            outcome=outcome,
            reason="Adjudicated",
            waiver="The follow-up ends with the case",
        )
        told = [
            each
            for each in self.life.cases
            if not each.closed_at and each.subject == closed.subject
        ]
        first = min(told, key=lambda each: each.reported_at)
        first.closed_at, first.outcome = closed.closed_at, outcome

    @rule(really=RARELY, back=st.booleans(), whose=st.integers(min_value=0, max_value=2))
    def change_a_standing(self, *, really: bool, back: bool, whose: int) -> None:
        if not really and not back:
            return
        parties = [str(self.stage.cast.prescriber.pk), *self.stage.counters]
        party, event = parties[whose], "reinstate" if back else "suspend"
        change: Callable[..., Any] = (
            providers.change_pharmacy_standing if whose else providers.change_prescriber_standing
        )
        key = "pharmacy_id" if whose else "prescriber_id"
        if back == (party in self.life.certified):
            return
        self._must(
            change, self.stage.cast.administrator, **{key: party}, event=event, reason="A review"
        )
        if back:
            self.life.certified.add(party)
        else:
            self.life.certified.discard(party)

    @rule(
        really=RARELY,
        rule_id=st.sampled_from(["L-DSP-5", "L-ENR-4", "L-SUR-2"]),
        days=st.sampled_from([1, 10, 40]),
    )
    def grant_an_exception(self, *, really: bool, rule_id: str, days: int) -> None:
        if not really:
            return
        until = clock.now() + days * DAY
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
