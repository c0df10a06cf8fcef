"""One enrollment at a time: two simultaneous ones of one person must see each other (L-PAT-1)."""

from typing import Final

from django.db import connection

ENROLLING_ONE_AT_A_TIME: Final = 4_711_002


def wait_for_other_enrollments() -> None:
    """Nobody else is enrolled, nor gets another name, before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ENROLLING_ONE_AT_A_TIME])
