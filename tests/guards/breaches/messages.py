"""What breaks the constraints of notices and of reminders."""

from tests.guards.breaches.breach import breach, double

CHECKS = [
    breach("notice_state_is_known", "notices_notice", state="lost", ended_reason="x"),
    breach("notice_sent_has_instant", "notices_notice", state="scheduled", sent_at="2026-01-01Z"),
    breach("notice_end_is_whole", "notices_notice", state="cancelled", ended_reason=""),
    breach("notice_purpose_is_known", "notices_notice", purpose="party"),
    breach(
        "notice_reminder_has_owner",
        "notices_notice",
        purpose="reminder",
        patient_id=None,
        pharmacy_id=None,
    ),
    breach("notice_has_address", "notices_notice", address=""),
    breach("notice_channel_is_known", "notices_notice", channel="pigeon"),
    breach(
        "notice_read_was_sent",
        "notices_notice",
        read_at="2026-01-01Z",
        state="scheduled",
        sent_at=None,
    ),
    breach("plan_has_one_owner", "reminders_plan", patient_id=None),
    breach("preference_has_one_owner", "reminders_reminderpreference", patient_id=None),
    breach(
        "preference_quiet_hours_are_whole",
        "reminders_reminderpreference",
        quiet_from="21:00",
        quiet_until=None,
    ),
    breach("preference_channels_are_known", "reminders_reminderpreference", channels=["pigeon"]),
    breach("preference_has_language", "reminders_reminderpreference", language=""),
    breach("notice_recipient_kind_is_known", "notices_notice", recipient_kind="neighbor"),
]
UNIQUES = [
    double("notice_planned_once", "notices_notice", key="one", state="scheduled", sent_at=None),
]
