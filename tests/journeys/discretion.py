"""What must name nobody: the server's log, the addresses that were asked for, mails, the trail."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from apps.audit.models import Event
from apps.core.models import Operation
from apps.notices.models import Notice
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization, Confirmation


def assert_nobody_is_named(*, log: str, addresses: Iterable[str], mails: Path) -> None:
    """Every patient of the database in use is searched for, with the numbers that open supplies."""
    sent = [mail.read_text() for mail in mails.glob("*") if mail.is_file()]
    told = {
        "the log": log,
        "an address": "\n".join(addresses),
        "a mail": "\n".join(sent),
        "an event": _dumped(Event.objects.values_list("code", "subject_id", "data")),
        "an operation": _dumped(Operation.objects.values_list("name", "scope", "key")),
        # Its address is where it goes, and stands nowhere else.
        "a notice": _dumped(Notice.objects.values_list("key", "params", "last_error")),
    }
    found = [f"{where} holds {name!r}" for where, text in told.items() for name in _in(text)]
    assert not found, found


def _in(text: str) -> list[str]:
    words = {name: re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE) for name in identifiers()}
    return [name for name, word in words.items() if word.search(text)]


def identifiers() -> set[str]:
    """What tells who a patient is, and what opens a supply with it."""
    said = Patient.objects.values_list("given_name", "family_name", "phone", "email")
    every = {value for values in said for value in values}
    for ledger in (Authorization.objects, Confirmation.objects):
        every |= {number for each in ledger.all() for number in (each.number, str(each))}
    return {value for value in every if value}


def _dumped(rows: Iterable[object]) -> str:
    return json.dumps(list(rows), default=str)
