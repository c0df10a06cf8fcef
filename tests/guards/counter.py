"""What happens at the pharmacy's counter after a dispense, for the world of the guards."""

from apps.core import clock
from apps.eligibility import services as eligibility
from apps.prescriptions.models import Authorization
from tests import builders
from tests.eligibility.supplies import enter_late


def live(cast: builders.Cast, authorization: Authorization) -> None:
    """Dispense it, ship it, lose it; an outage, a late record, and a second person's check."""
    confirmed = builders.confirm(cast.dispensing, authorization, handover="ship").confirmation
    assert confirmed is not None
    made = builders.dispense(cast.dispensing, confirmed).dispense
    assert made is not None
    outage = eligibility.declare_outage(
        cast.administrator, from_at=clock.now(), parts=["pages"], description="Nobody can sign in"
    )
    eligibility.record_shipment(
        cast.dispensing,
        dispense_id=made.pk,
        carrier="A carrier",
        tracking_number="T-1",
        left_at=clock.now(),
    )
    eligibility.record_shipment_outcome(
        cast.dispensing, dispense_id=made.pk, outcome="lost", happened_at=clock.now()
    )
    late = enter_late(cast, authorization.patient, outage_id=outage.pk, is_another=True)
    eligibility.check_outage_entry(
        cast.administrator,
        outage_id=outage.pk,
        subject_model="prescriptions.dispense",
        subject_id=late.pk,
        note="Compared with the paper log",
    )
