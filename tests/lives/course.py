"""The course of a therapy in a random life: agreements, categories, interruptions and ends."""

from datetime import date
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from apps.core import clock
from apps.evidence import services as evidence
from apps.patients.services import CategoryBasis
from tests import builders
from tests.lives import history
from tests.lives.history import HOUR, PREGNANCY_PATH, Basis
from tests.lives.living import Living

LESS: dict[str, Basis | None] = {
    "adult_fnrp": ("hysterectomy", date(2016, 2, 3)),
    "child_fnrp": None,
}
OTHERS = {
    "adult_frp": "adult_fnrp", "adult_fnrp": "adult_frp",
    "child_frp": "child_fnrp", "child_fnrp": "child_frp",
}  # fmt: skip
OF_AGE = {"child_frp": "adult_frp", "child_fnrp": "adult_frp", "child_male": "adult_male"}
COURSES = st.sampled_from(
    ["sign"] * 2 + ["ask"] * 2 + ["change"] * 4 + ["decide"] * 2 + ["interrupt", "resume", "end"]
)


class Course(Living):
    """What begins, changes and ends; a change towards less monitoring is decided by the office."""

    @rule(
        what=COURSES,
        how=st.sampled_from(["discontinued"] * 2 + ["withdrew", "died"]),
        approves=st.sampled_from([True, True, False]),
    )
    def take_a_turn(self, what: str, how: str, *, approves: bool) -> None:
        self._step("take a turn")
        if what == "sign":
            self.sign_a_new_agreement()
        elif what == "ask":
            self.ask_for_another_category()
        elif what == "change":
            self.ask_for_another_category()
            self.time.shift(HOUR)
            self.decide_on_the_category(approves=approves)
        elif what == "decide":
            self.decide_on_the_category(approves=approves)
        elif what == "end":
            self.end_the_therapy(how)
        else:
            self.interrupt_or_resume(what)

    def sign_a_new_agreement(self) -> None:
        was_over = self.life.is_over()
        agreement = self._done(
            evidence.renew_agreement,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            signatures=self._signatures(self.life.category),
            voids=self._may_sign(),
        )
        assert (agreement is None) == (not self._may_sign()), "an agreement refused without need"
        if agreement is not None:
            self._agreed(agreement)
            self._happened("re-enrolled" if was_over else "agreement renewed")

    def _may_sign(self) -> bool:
        """Signed for the category that is; one whose age does not fit cannot be signed for."""
        has_died = any(each.kind == "died" and not each.withdrawn_at for each in self.life.ends)
        return self.carer in self.life.certified and not has_died

    def end_the_therapy(self, kind: str) -> None:
        """From then on nothing is authorized until a new agreement; after a death nothing is."""
        given: dict[str, Any] = {
            "patient_id": self.patient.pk,
            "happened_on": history.day(clock.now()),
            "reason": "It is over",
            "said_by": "The prescriber",
            "voids": True,
        }
        if kind == "died":
            made = self._done(evidence.record_death, **given)
        else:
            command = {
                "discontinued": evidence.discontinue_therapy,
                "withdrew": evidence.withdraw_from_program,
            }[kind]
            made = self._done(command, program=builders.PROGRAM, **given)
        assert made is not None or self.life.is_over(), "an end refused without need"
        if made is not None:
            told = history.Ended(made.recorded_at, kind)
            self.life.ends.append(told)
            self.ends.append((made, told))
            self._happened("death" if kind == "died" else "therapy ended")

    def interrupt_or_resume(self, what: str) -> None:
        """What is said of an interruption changes no answer: the rules look at the supply."""
        command = evidence.resume_therapy if what == "resume" else evidence.interrupt_therapy
        made = self._done(
            command,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            happened_on=history.day(clock.now()),
            reason="Neutropenia",
            said_by="The prescriber",
        )
        if made is not None:
            self._happened(f"therapy said to {what}")

    def come_of_age(self) -> None:
        """With a new agreement that the patient signs as an adult (L-CAT-1, L-CAT-3)."""
        self.change_category(OF_AGE[self.life.category], None)

    def ask_for_another_category(self) -> None:
        """To the other side of the pregnancy path; towards less monitoring it waits (L-CAT-3)."""
        category = OTHERS.get(self.life.category)
        if category is not None:
            self.change_category(category, LESS.get(category))

    def change_category(self, category: str, basis: Basis | None) -> None:
        asks_less = category not in PREGNANCY_PATH and self.life.category in PREGNANCY_PATH
        is_on_therapy = bool(self.life.supplies)
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
            fits = self.life.is_adult(history.day(clock.now())) == category.startswith("adult")
            is_refused_rightly = self.pending or not fits or self.carer not in self.life.certified
            assert is_refused_rightly, "a change refused without need"
            return
        told = self._agreement_told(made.agreement)
        if asks_less:
            self.pending = (made, told, basis)
            return
        if is_on_therapy and category in PREGNANCY_PATH and not self.life.is_on_path:
            self._happened("back onto the pregnancy path")
        self.life.void_open(told.at)
        self.life.category, self.life.basis = category, basis
        self.life.agreements.append(told)
        self._happened(f"category changed to {category}")

    def decide_on_the_category(self, *, approves: bool) -> None:
        """Approved, it is in force with the agreement of then; nothing newer may be on record."""
        if self.pending is None:
            return
        change, told, basis = self.pending
        made = approves and self._done(
            evidence.decide_category_change,
            self.stage.cast.administrator,
            change_id=change.pk,
            decision="approve",
            reason="The examination was seen",
            voids=self._may_approve(told),
        )
        assert not approves or bool(made) == self._may_approve(told), "L-CAT-3: a change decided"
        if made:
            self.life.category, self.life.basis = told.category, basis
            self.life.agreements.append(told)
            self._happened("category change approved")
        else:
            self._must(
                evidence.decide_category_change,
                self.stage.cast.administrator,
                change_id=change.pk,
                decision="refuse",
                reason="The record has gone on since, or does not show it",
            )
            self._happened("category change refused")
        self.pending = None

    def _may_approve(self, told: history.Agreed) -> bool:
        """Its agreement must be the last word, and later than the last supply."""
        later = [each.at for each in self.life.agreed()]
        later += [each.at for each in self.life.supplies if each.counts]
        fits = self.life.is_adult(history.day(clock.now())) == told.category.startswith("adult")
        return fits and not any(at >= told.at for at in later)
