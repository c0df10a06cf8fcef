"""What breaks the constraints of the trail's seals."""

from tests.guards.breaches.breach import breach

CHECKS = [
    breach("seal_first_has_no_previous", "audit_seal", number=2, previous_digest=""),
    breach("seal_ranges_go_forward", "audit_seal", events_after=7, events_upto=6),
]
