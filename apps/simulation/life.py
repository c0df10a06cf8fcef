"""A patient's way to the drug, written down as verbs: authorization, check, confirmation, dispense.

What the program answers must be what the life says: anything else is a StoryError.
"""

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from apps.core.call import SYSTEM_CALL, Call
from apps.core.errors import NotFound
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.rules.documents import document
from apps.simulation.cast import PROGRAM
from apps.simulation.moments import Moment, day, later
from apps.simulation.people import CORNER, Doctor, Site
from apps.simulation.setbacks import CAPSULES, NDC, SUPPLY_DAYS, Setbacks
from apps.simulation.story import StoryError

CONTRACEPTION_DAYS = 28


@dataclass(slots=True)
class Life(Setbacks):
    """A record, and the authorizations and supplies that come of it."""

    # ---- One step each -------------------------------------------------------------------------

    def asks(self, when: Moment, *, refused: str = "", by: Doctor | None = None) -> None:
        """The prescriber asks for an authorization of 28 days; `refused`: for these rules."""

        def ask() -> None:
            decision = self._request(self.clinic(by))
            self._expect(decision.document, refused)
            if decision.authorization is not None:
                self.authorization = decision.authorization

        self.plan(when, ask)

    def is_checked(
        self,
        when: Moment,
        *,
        refused: str = "",
        at: Site = CORNER,
        category: str = "",
        days: int | None = None,
    ) -> None:
        """The pharmacy checks what it reads on the prescription (L-DSP-1)."""

        def check() -> None:
            answer = eligibility.verify(
                self.cast.dispensing(at),
                pharmacy_id=self.cast.pharmacies[at].pk,
                number=self.authorization.number,
                born_on=self.patient.born_on,
                prescription=Prescription(
                    risk_category=category or self.person.risk_category, days_supply=days
                ),
            )
            self._expect(answer.decision, refused)

        self.plan(when, check)

    def is_missed(self, when: Moment, *, at: Site) -> None:
        """The pharmacy mistypes the date of birth: no match, kept and counted (L-DSP-1)."""

        def miss() -> None:
            wrong = self.patient.born_on.replace(day=self.patient.born_on.day % 28 + 1)
            with suppress(NotFound):
                eligibility.verify(
                    self.cast.dispensing(at),
                    pharmacy_id=self.cast.pharmacies[at].pk,
                    number=self.authorization.number,
                    born_on=wrong,
                    prescription=Prescription(risk_category=self.person.risk_category),
                )
                raise StoryError(f"{self.person}: found with a wrong date of birth.")

        self.plan(when, miss)

    def is_confirmed(
        self, when: Moment, *, refused: str = "", at: Site = CORNER, handover: str = "pickup"
    ) -> None:
        """The pharmacy asks for a confirmation; `refused`: for these rules."""

        def confirm() -> None:
            decision = eligibility.confirm(
                self.cast.dispensing(at),
                number=self.authorization.number,
                born_on=self.patient.born_on,
                prescription=Prescription(risk_category=self.person.risk_category),
                handover=handover,
            )
            self._expect(decision.document, refused)
            if decision.confirmation is not None:
                self.confirmation = decision.confirmation

        self.plan(when, confirm)

    def receives(self, when: Moment, *, at: Site = CORNER) -> None:
        """The pharmacy counsels and hands over what is authorized."""
        package = eligibility.Package(
            days_supply=SUPPLY_DAYS,
            quantity=CAPSULES,
            lot_number=f"LOT-{self.random.randint(1000, 9999)}",
            ndc=NDC,
            counselor="Philip Anders" if at == CORNER else "Joon Kim",
            checklist=sorted(document(PROGRAM, "checklist", self.person.risk_category).codes),
            medication_guide_given=True,
        )

        def dispense() -> None:
            decision = eligibility.dispense(
                self.cast.dispensing(at),
                confirmation_id=self.confirmation.pk,
                risk_category=self.person.risk_category,
                package=package,
            )
            self._expect(decision.document, "")
            if decision.dispense is not None:
                self.supply = decision.dispense

        self.plan(when, dispense)

    def cancels(self, when: Moment, reason: str) -> None:
        """The prescriber cancels the authorization (L-AUT-9)."""
        self.plan(
            when,
            lambda: eligibility.cancel_authorization(
                self.clinic(), authorization_id=self.authorization.pk, reason=reason
            ),
        )

    def is_returned_to_stock(self, when: Moment, reason: str, *, at: Site = CORNER) -> None:
        """The supply never left the pharmacy (L-DSP-7)."""
        self.plan(
            when,
            lambda: eligibility.return_to_stock(
                self.cast.dispensing(at),
                dispense_id=self.supply.pk,
                never_left_premises=True,
                reason=reason,
            ),
        )

    def time_is_up(self, when: Moment) -> None:
        """The sweep writes the expiry that has come by then, as it does all day (L-AUT-7)."""
        self.plan(
            when,
            lambda: eligibility.write_overdue_expiries(SYSTEM_CALL, patient_id=self.patient.pk),
        )

    # ---- The usual ways ------------------------------------------------------------------------

    def comes_in(self, on: int, *, cycle: str = "regular") -> None:
        """Enrolled on a day, with promises and health; on the pregnancy path, contraception."""
        self.enrolls(day(on, 9))
        self.promises(day(on, 9, 20))
        if self.person.is_tested:
            self.has_health(day(on, 9, 30), cycle=cycle)
            self.attests_contraception(day(on, 9, 40), since=on)

    def gets_ready(self, when: Moment, *, first: bool, by: Doctor | None = None) -> None:
        """Within two hours after `when`, all that an authorization asks for in this category."""
        if self.person.is_tested:
            self.is_tested(when, by=by)
            self.attests_contraception(later(when, minutes=50), by=by)
        self.is_counseled(later(when, minutes=60), by=by)
        if self.person.is_tested or not (first or self.person.basis):
            self.answers_survey(later(when, minutes=70))

    def is_authorized(self, when: Moment, *, first: bool, by: Doctor | None = None) -> None:
        """Gets ready at `when` and is authorized 90 minutes later."""
        self.gets_ready(when, first=first, by=by)
        self.asks(later(when, minutes=90), by=by)

    def is_supplied(self, on: int, *, first: bool = False, at: Site = CORNER) -> None:
        """Authorized in the morning of a day, confirmed and dispensed in its afternoon."""
        self.is_authorized(day(on, 9), first=first)
        self.is_confirmed(day(on, 13, 10), at=at)
        self.receives(day(on, 14), at=at)

    def is_due_to_begin(self, on: int, *, cycle: str = "regular") -> None:
        """Comes in early enough to begin `on`; on the pregnancy path with a first test, too."""
        if self.person.is_tested:
            self.comes_in(on - CONTRACEPTION_DAYS - 1, cycle=cycle)
            self.is_tested(day(on - 12))
        else:
            self.comes_in(on - 1)

    def begins(self, on: int, *, cycle: str = "regular", at: Site = CORNER) -> None:
        """Comes in, and receives the first supply on a day."""
        self.is_due_to_begin(on, cycle=cycle)
        self.is_supplied(on, first=True, at=at)

    def is_tested_on(self, *days: int) -> None:
        """A negative test in the morning of each day."""
        for on in days:
            self.is_tested(day(on))

    # ---- Asking --------------------------------------------------------------------------------

    def _request(self, call: Call) -> Decision:
        category = self.person.risk_category
        attested = document(PROGRAM, "prescriber_survey", category).codes
        return eligibility.request_authorization(
            call,
            patient_id=self.patient.pk,
            program=PROGRAM,
            risk_category=category,
            product="lenalidomide",
            strength_mg=Decimal(self.person.strength_mg),
            days_supply=SUPPLY_DAYS,
            quantity=CAPSULES,
            directions="One capsule daily on days 1 to 21 of 28",
            indication=self.person.indication,
            survey_answers=dict.fromkeys(attested, "yes"),
        )

    def _expect(self, decision: dict[str, object], refused: str) -> None:
        """Raises StoryError unless the decision is refused for exactly these rules."""
        if decision["unmet"] != refused.split():
            raise StoryError(
                f"{self.person}: “{refused or 'allowed'}” is written, but the program answers "
                f"{decision['unmet']}."
            )
