"""The people of the program in the random lives: made once, committed, used by every life."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import time_machine

from apps.core.call import Call, Role
from apps.providers import services as providers
from apps.providers.models import PharmacyCertification
from tests import builders

BEGIN = datetime(2026, 2, 2, 15, tzinfo=UTC)
CERTIFIED_BEFORE = timedelta(days=300)
"""So that each pharmacy's certification runs out early in a life, and must be renewed."""


class Stage:
    """Two prescribers of one practice who cover for each other, one elsewhere, two pharmacies."""

    def __init__(self) -> None:
        with time_machine.travel(BEGIN - CERTIFIED_BEFORE, tick=False):
            self.cast = builders.cast()
            administrator = self.cast.administrator
            own = self.cast.prescriber
            other = builders.certified_prescriber(administrator, 2)
            partner = builders.certified_prescriber(
                administrator, 3, practice_id=own.practice_id, practice_name=""
            )
            providers.change_coverage(
                administrator,
                practice_id=own.practice_id,
                members_cover_each_other=True,
                reason="Their letter",
            )
            pharmacy = builders.certified_pharmacy(administrator, 2)
            self.second_staff = builders.office_member(Role.STAFF, "second.staff@program.example")
            self.own, self.other, self.partner = str(own.pk), str(other.pk), str(partner.pk)
            self.prescribers = {
                self.own: self.cast.prescribing,
                self.other: builders.prescribing_call(other),
                self.partner: builders.prescribing_call(partner),
            }
            self.colleagues = {self.own: {self.partner}, self.partner: {self.own}}
            self.delegate = self._delegate()
            self.counters = {
                str(self.cast.pharmacy.pk): self.cast.dispensing,
                str(pharmacy.pk): builders.pharmacist_call(administrator, pharmacy),
            }
            self.representatives = {
                str(each.pk): builders.pharmacy_call(
                    each, Role.REPRESENTATIVE, each.representative_id
                )
                for each in (self.cast.pharmacy, pharmacy)
            }
            self.certified_until: dict[str, date] = {
                str(each.pharmacy_id): each.last_day_on
                for each in PharmacyCertification.objects.all()
            }

    def _delegate(self) -> Call:
        """A colleague of the first prescriber, named to act on their behalf (L-SUR-1)."""
        named = providers.name_delegate(
            self.cast.prescribing,
            email="dana@practice.example",
            given_name="Dana",
            family_name="Delegate",
        )
        actor = replace(self.cast.prescribing.actor, id=named.delegate_id, role=Role.DELEGATE)
        return builders.call_of(actor)
