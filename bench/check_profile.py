"""The data of the check's benchmark, and where a check's time goes inside one process.

Imported once the environment is set: it starts Django.
"""

import cProfile
import json
import pstats
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import django

django.setup()

import time_machine  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from django.test import override_settings  # noqa: E402

from apps.core import clock  # noqa: E402
from apps.core.call import Role  # noqa: E402
from apps.prescriptions.models import Authorization  # noqa: E402
from tests import builders  # noqa: E402
from tests.api.clients import system  # noqa: E402

CYCLES = 3
CALLS = 200
BEHIND_PROXY: dict[str, Any] = {"SERVER_NAME": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"}


@contextmanager
def closing_connections() -> Iterator[None]:
    """Leave the database free to be dropped, however this ends."""
    try:
        yield
    finally:
        connection.close()


def prepared() -> tuple[bytes, str]:
    """The body of a check that is allowed, for a woman in her fourth cycle, and a token."""
    begin = clock.real_now() - timedelta(days=28 * CYCLES)
    # The database does not travel along.
    still = override_settings(CLOCK_IS_COMPARED=False)
    with still, time_machine.travel(begin, tick=False) as moved:
        cast = builders.cast()
        patient = builders.ready_frp(cast.prescribing)
        authorization = builders.request(cast.prescribing, patient, "adult_frp").authorization
        for cycle in range(1, CYCLES + 1):
            assert authorization is not None
            dispense(cast, authorization)
            for week in range(1, 4):
                moved.move_to(begin + timedelta(days=28 * (cycle - 1) + 7 * week))
                builders.negative_test(cast.prescribing, patient)
            moved.move_to(begin + timedelta(days=28 * cycle))
            authorization = renewed(cast, patient)
    pharmacy = system(cast.pharmacy.organization_id, Role.PHARMACIST, **BEHIND_PROXY)
    assert authorization is not None
    question = {
        "number": authorization.number,
        "born_on": patient.born_on.isoformat(),
        "risk_category": "adult_frp",
        "product": "lenalidomide",
        "strength_mg": 25,
        "days_supply": 28,
    }
    connection.close()  # the server has its own
    return json.dumps(question).encode(), pharmacy.token


def dispense(cast: builders.Cast, authorization: Authorization) -> None:
    """Confirm and hand over."""
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    assert builders.dispense(cast.dispensing, confirmation).dispense is not None


def renewed(cast: builders.Cast, patient: Any) -> Authorization | None:
    """The next cycle's authorization, with all that it needs."""
    builders.contraception(cast.prescribing, patient)
    builders.negative_test(cast.prescribing, patient)
    builders.prepare(cast.prescribing, patient, "adult_frp")
    return builders.request(cast.prescribing, patient, "adult_frp").authorization


def report(body: bytes, token: str) -> None:
    """Print the SQL statements of a check with their times, and the busiest functions."""
    browser, headers = Browser(**BEHIND_PROXY), {"Authorization": f"Bearer {token}"}

    def ask() -> None:
        answer = browser.post(
            "/api/v1/eligibility-checks", body, content_type="application/json", headers=headers
        )
        assert answer.status_code == 200, answer.content  # noqa: PLR2004

    for _ in range(CALLS):
        ask()
    spent: dict[str, list[float]] = defaultdict(list)
    with connection.execute_wrapper(timed(spent)):
        begin = time.perf_counter()
        for _ in range(CALLS):
            ask()
        whole = (time.perf_counter() - begin) / CALLS
    print(f"\nIn one process, without HTTP: {whole * 1e3:.2f} ms a check")
    for statement, times in spent.items():
        print(f"  {sum(times) / CALLS * 1e3:6.2f} ms  {len(times) / CALLS:3.1f} ×  {statement}")
    rest = whole - sum(map(sum, spent.values())) / CALLS
    print(f"  {rest * 1e3:6.2f} ms         Python: middleware, parsing, rules, rendering")
    profile(ask)


def timed(spent: dict[str, list[float]]) -> Callable[..., Any]:
    """A wrapper of each statement that notes its time under its first words."""

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begin = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent[" ".join(sql.split())[:70]].append(time.perf_counter() - begin)

    return note


def profile(ask: Callable[[], None]) -> None:
    """Print the product's functions that take longest, with what they call."""
    recorder = cProfile.Profile()
    recorder.enable()
    for _ in range(CALLS):
        ask()
    recorder.disable()
    print("\nUnder a profiler (slower than in truth), ms a check with all that is called:")
    stats: Any = pstats.Stats(recorder).strip_dirs()
    for (file, _, function), (_, _, _, cumulated, _) in sorted(
        stats.stats.items(), key=lambda item: -item[1][3]
    )[:45]:
        print(f"  {cumulated / CALLS * 1e3:6.2f}  {file}:{function}")
