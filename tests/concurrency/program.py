"""What the races are about: two pharmacies, and as many patients as are needed, ready to go."""

from datetime import date, timedelta
from itertools import count

from apps.core.call import Call
from apps.patients.models import Patient
from apps.patients.services import Identity
from apps.prescriptions.models import Authorization, Confirmation
from tests import builders
from tests.copies import twins


class Program:
    """A cast with a second pharmacy; makes patients who resemble nobody."""

    def __init__(self) -> None:
        self.cast = builders.cast()
        self.second_pharmacy = builders.certified_pharmacy(self.cast.administrator, serial=2)
        self.second_dispensing = builders.pharmacist_call(
            self.cast.administrator, self.second_pharmacy
        )
        self._serials = count(1)
        self._ready: Patient | None = None
        self._woman: Patient | None = None
        self._man: Patient | None = None

    def identity(self) -> Identity:
        """A person who resembles nobody else."""
        serial = next(self._serials)
        return Identity(
            given_name=f"Given{serial}",
            family_name=f"Family{serial}",
            born_on=date(1950, 1, 1) + timedelta(days=serial),
            postal_code=f"{10000 + serial}",
        )

    def ready(self) -> Patient:
        """A woman on the pregnancy path who could be authorized now."""
        if self._ready is None:
            self._ready = builders.ready_frp(self.cast.prescribing, self.identity())
        return twins(self._ready, 1)[0]

    def authorized(self) -> Authorization:
        """An authorization just issued to such a woman."""
        if self._woman is None:
            self._woman = self._authorized(self.ready(), "adult_frp").patient
        return twins(self._woman, 1)[0].authorizations.get()

    def authorized_men(self, number: int) -> list[Authorization]:
        """So many authorizations just issued to as many men."""
        if self._man is None:
            call = self.cast.prescribing
            self._man = builders.enroll(call, "adult_male", identity=self.identity())
            builders.obligations(call, self._man)
            builders.counseling(call, self._man)
            self._authorized(self._man, "adult_male")
        men = twins(self._man, number)
        return list(Authorization.objects.filter(patient__in=men).select_related("patient"))

    def confirmed(self, authorization: Authorization | None = None) -> Confirmation:
        """A valid confirmation of the first pharmacy."""
        confirmation = builders.confirm(
            self.cast.dispensing, authorization or self.authorized()
        ).confirmation
        assert confirmation is not None
        return confirmation

    def dispensing(self) -> tuple[Call, Call]:
        """A pharmacist of each pharmacy."""
        return self.cast.dispensing, self.second_dispensing

    def _authorized(self, patient: Patient, risk_category: str) -> Authorization:
        decision = builders.request(self.cast.prescribing, patient, risk_category)
        assert decision.authorization is not None, decision.document["unmet"]
        return decision.authorization
