"""The course of a therapy in a random life: agreements, categories, interruptions and ends."""

from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from apps.core import clock
from apps.evidence import services as evidence
from apps.patients.services import CategoryBasis
from tests import builders
from tests.lives import history
from tests.lives.living import RARELY, Living


class Course(Living):
    """What begins, changes and ends; a change towards less monitoring is decided by the office."""

    @rule()
    def sign_a_new_agreement(self) -> None:
        agreement = self._done(
            evidence.renew_agreement,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            signatures=self._signatures(self.life.category),
        )
        assert (agreement is None) == (not self._may_sign()), "an agreement refused without need"
        if agreement is not None:
            self._agreed(agreement)

    def _may_sign(self) -> bool:
        is_certified = str(self.stage.cast.prescriber.pk) in self.life.certified
        return is_certified and not any(each.kind == "died" for each in self.life.ends)

    @rule(
        really=RARELY,
        again=RARELY,
        kind=st.sampled_from(["discontinued"] * 4 + ["withdrew", "died"]),
    )
    def end_the_therapy(self, *, really: bool, again: bool, kind: str) -> None:
        """From then on nothing is authorized until a new agreement; after a death nothing is."""
        if not really or not again:
            return
        given: dict[str, Any] = {
            "patient_id": self.patient.pk,
            "happened_on": history.day(clock.now()),
            "reason": "It is over",
            "said_by": "The prescriber",
        }
        commands: dict[str, Callable[..., Any]] = {
            "discontinued": evidence.discontinue_therapy,
            "withdrew": evidence.withdraw_from_program,
            "died": evidence.record_death,
        }
        if kind != "died":
            given["program"] = builders.PROGRAM
        made = self._done(commands[kind], **given)
        assert made is not None or self.life.is_over(), "an end refused without need"
        if made is not None:
            self.life.ends.append(history.Ended(made.recorded_at, kind))

    @rule(resumes=st.booleans())
    def interrupt_or_resume(self, *, resumes: bool) -> None:
        """What is said of an interruption changes no answer: the rules look at the supply."""
        command = evidence.resume_therapy if resumes else evidence.interrupt_therapy
        self._done(
            command,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            happened_on=history.day(clock.now()),
            reason="Neutropenia",
            said_by="The prescriber",
        )

    @rule(really=RARELY)
    def ask_for_another_category(self, *, really: bool) -> None:
        """To the other side of the pregnancy path; towards less monitoring it waits (L-CAT-3)."""
        others = {
            "adult_frp": "adult_fnrp", "adult_fnrp": "adult_frp",
            "child_frp": "child_fnrp", "child_fnrp": "child_frp",
        }  # fmt: skip
        category = others.get(self.life.category)
        if category is None or not really:
            return
        basis = ("hysterectomy", date(2016, 2, 3)) if category == "adult_fnrp" else None
        made = self._done(
            evidence.change_category,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            risk_category=category,
            basis=CategoryBasis(*basis) if basis else None,
            reason="An examination",
            said_by="The prescriber",
            signatures=self._signatures(category),
        )
        if made is None:
            assert self.pending or not self._may_sign(), "a change refused without need"
            return
        told = self._agreement_told(made.agreement)
        if category in history.PREGNANCY_PATH:
            self.life.category, self.life.basis = category, basis
            self.life.agreements.append(told)
        else:
            self.pending = (made, told, basis)

    @precondition(lambda self: self.pending is not None)
    @rule(decision=st.sampled_from(["approve", "approve", "refuse"]))
    def decide_on_the_category(self, decision: str) -> None:
        """Approved, it is in force with the agreement of then; nothing newer may be on record."""
        assert self.pending is not None
        change, told, basis = self.pending
        made = self._done(
            evidence.decide_category_change,
            self.stage.cast.administrator,
            change_id=change.pk,
            decision=decision,
            reason="The examination was seen",
        )
        if made is None:
            later = [each.at for each in self.life.agreements]
            later += [each.at for each in self.life.supplies if not each.returned_at]
            assert any(at >= told.at for at in later), "a change refused without need"
            decision = "refuse"
            self._must(
                evidence.decide_category_change,
                self.stage.cast.administrator,
                change_id=change.pk,
                decision=decision,
                reason="The record has gone on since",
            )
        if decision == "approve":
            self.life.category, self.life.basis = told.category, basis
            self.life.agreements.append(told)
        self.pending = None
