"""What the rules page forbids, told from what happened: a small model beside the product.

Written for the test from program-rules.md alone. It knows nothing of the engine, its facts or the
database: the test tells it each thing that it did, in plain records, as it did them.
"""

from datetime import date, datetime, timedelta

from tests.lives.history import (
    DAY,
    FEMALE,
    HOUR,
    Authorized,
    Confirmed,
    day,
    last_instant,
    months_after,
)
from tests.lives.life import Life


def against_both(life: Life, now: datetime, prescriber: str) -> list[str]:
    """Why neither an authorization nor a dispense may happen now."""
    today, wrong = day(now), _against_holds(life)
    if prescriber not in life.certified:
        wrong.append("L-ENR-1")
    if life.agreement() is None:
        wrong.append("L-ENR-3")
    if life.is_adult(today) != life.category.startswith("adult"):
        wrong.append("L-CAT-1")
    if not _are_promised(life, today):
        wrong.append("L-CON-6")
    if life.category in FEMALE:
        wrong += _against_females(life, today)
    latest_at = max((each.attested_at for each in life.attested()), default=None)
    latest = [each for each in life.attested() if each.attested_at == latest_at]
    if life.is_on_path and not (latest and all(each.is_adequate for each in latest)):
        wrong.append("L-CON-1")
    return wrong


def _against_holds(life: Life) -> list[str]:
    """Interventions, pregnancy cases and positive results that stand."""
    wrong, lifted = [], life.lifted_at()
    if any(each.ended_at is None for each in life.interventions):
        wrong.append("L-SUR-3")
    for case in life.cases:
        closed_at = case.closed_at
        if case.subject == "patient" and not (closed_at and any(at >= closed_at for at in lifted)):
            wrong.append("L-PRG-1")
    for test in life.tests:
        stands = test.result == "positive" and not test.withdrawn_at
        if stands and not any(at >= test.resulted_at for at in lifted):
            wrong.append("L-PT-5")
    return wrong


def _are_promised(life: Life, today: date) -> bool:
    """Whether the latest attestation of the obligations keeps them all, and is not a year old."""
    standing = [each for each in life.obligations if not each.withdrawn_at]
    if not standing:
        return False
    at = max(each.at for each in standing)
    whole = all(each.is_whole for each in standing if each.at == at)
    return whole and today <= months_after(day(at), 12)


def _against_females(life: Life, today: date) -> list[str]:
    wrong = ["L-CON-7"] if life.breastfeeding else []
    for each in life.tests:
        if each.result == "indeterminate" and not each.withdrawn_at:
            again = [at for at in life.counting() if at >= each.collected_at + 48 * HOUR]
            if not again:
                wrong.append("L-PT-6")
    reports = [each.at for each in life.bleeding if not each.withdrawn_at]
    cleared = _is_evaluated if life.is_on_path else _is_reaffirmed
    if not all(cleared(life, at) for at in reports):
        wrong.append("L-PT-8")
    if not life.is_on_path and not all(_is_reaffirmed(life, at) for at in life.ended_at()):
        wrong.append("L-PT-8")
    if life.category == "adult_fnrp" and _basis_is_lacking(life, today, reports):
        wrong.append("L-CAT-2")
    return wrong


def _is_evaluated(life: Life, reported_at: datetime) -> bool:
    counseled = [each.at for each in life.counseling if not each.withdrawn_at]
    return any(at > reported_at for at in life.counting()) and any(
        at > reported_at for at in counseled
    )


def _is_reaffirmed(life: Life, at: datetime) -> bool:
    agreement = life.agreement()
    return agreement is not None and agreement.at > at


def _basis_is_lacking(life: Life, today: date, reports: list[datetime]) -> bool:
    if life.basis is None or life.basis[1] > today:
        return True
    kind, since = life.basis
    return kind == "natural_menopause" and (
        today < months_after(since, 24) or any(day(at) > since for at in reports)
    )


def against_authorization(life: Life, now: datetime, prescriber: str) -> list[str]:
    """Why no authorization may be issued now, for 1 to 28 days of a listed product."""
    today, wrong = day(now), against_both(life, now, prescriber)
    agreement = life.agreement()
    if agreement is None or not life.may_act_for(prescriber, agreement.prescriber):
        wrong.append("L-ENR-5")
    known = [day(each.at) for each in life.supplies if each.counts]
    known += [day(agreement.at)] if agreement else []
    if not known or today > months_after(max(known), 12):
        wrong.append("L-ENR-4")
    if any(life.is_open(each, now) for each in life.authorizations):
        wrong.append("L-AUT-3")
    dispensed = [each for each in life.authorizations if each.is_dispensed]
    wrong += _against_survey(life, now, dispensed)
    since = max((each.issued_at for each in dispensed), default=None)
    if not any(
        today - day(each.at) <= 30 * DAY
        and not each.withdrawn_at
        and (since is None or each.at > since)
        and (each.is_whole or not life.is_on_path)
        for each in life.counseling
    ):
        wrong.append("L-SUR-4")
    if life.is_on_path:
        wrong += _against_path(life, now)
    if _mismatch_stands(life, now):
        wrong.append("L-SUR-3")
    return [each for each in wrong if each not in life.excepted(now)]


def _mismatch_stands(life: Life, now: datetime) -> bool:
    """Whether the answers that a request rests on contradict it, and nobody looked at them yet."""
    fresh = _fresh_surveys(life, now)
    return bool(fresh) and fresh[-1] in life.differing()


def _fresh_surveys(life: Life, now: datetime) -> list[int]:
    free = life.free_surveys(now)
    return [place for place in free if day(now) - day(life.surveys[place].at) <= 30 * DAY]


def _against_survey(life: Life, now: datetime, dispensed: list[Authorized]) -> list[str]:
    today = day(now)
    if life.category == "adult_fnrp":
        if not dispensed:
            return []
        answered = [day(each.at) for each in life.surveys if not each.withdrawn_at]
        latest = max([day(min(each.issued_at for each in dispensed)), *answered])
        return [] if today <= months_after(latest, 6) else ["L-SUR-2"]
    if not life.is_on_path and not dispensed:
        return []
    return [] if _fresh_surveys(life, now) else ["L-SUR-2"]


def _against_path(life: Life, now: datetime) -> list[str]:
    today, wrong = day(now), []
    attested = life.attested()
    if not attested or today - day(attested[-1].attested_at) > 30 * DAY:
        wrong.append("L-CON-3")
    cleared = life.cleared()
    if not life.is_initiation(now):
        if not any(timedelta() <= today - day(at) <= 7 * DAY for at in cleared):
            wrong.append("L-PT-3")
        return wrong
    first = [at for at in life.counting() if all(at > limit for limit in life.restarts())]
    if not any(10 * DAY <= today - day(at) <= 14 * DAY for at in first):
        wrong.append("L-PT-1")
    if not any(timedelta() <= now - at <= 24 * HOUR for at in cleared):
        wrong.append("L-PT-2")
    began = life.run_began_on()
    if began is None or today - began < 28 * DAY:
        wrong.append("L-CON-2")
    return wrong


def against_dispense(
    life: Life,
    now: datetime,
    authorized: Authorized,
    pharmacy: str,
    *,
    category: str,
    days_supply: int,
    confirmed: Confirmed | None = None,
) -> list[str]:
    """Why this may not be confirmed (or, once confirmed, not be dispensed) now."""
    today, wrong = day(now), against_both(life, now, authorized.prescriber)
    if pharmacy not in life.certified or today > life.certified_until[pharmacy]:
        wrong.append("L-ENR-2")
    if now > authorized.expires_at or today > day(authorized.issued_at) + 30 * DAY:
        wrong.append("L-AUT-4")
    if life.state(authorized, now) != ("confirmed" if confirmed else "issued"):
        wrong.append("L-AUT-7")
    if category != life.category:
        wrong.append("L-DSP-4")
    if _is_worthless(life, authorized):
        wrong.append("L-AUT-8")
    wrong += _against_supply(life, today, authorized, days_supply)
    if confirmed is not None:
        wrong += _against_handover(life, now, pharmacy, confirmed)
    return [each for each in wrong if each not in life.excepted(now)]


def is_early(life: Life, today: date) -> bool:
    """Whether more than seven days are left of what was dispensed."""
    runs_out = life.runs_out_on(regular=False)
    return runs_out is not None and runs_out - today > 7 * DAY


def _against_supply(life: Life, today: date, authorized: Authorized, days_supply: int) -> list[str]:
    wrong = ["L-DSP-5"] if is_early(life, today) else []
    if not 1 <= days_supply <= min(28, authorized.days_supply):
        wrong.append("L-DSP-6")
    if life.is_on_path and not any(
        timedelta() <= today - day(at) <= 7 * DAY for at in life.cleared()
    ):
        wrong.append("L-PT-3")
    return wrong


def _against_handover(life: Life, now: datetime, pharmacy: str, confirmed: Confirmed) -> list[str]:
    wrong = []
    if confirmed.is_over or confirmed.pharmacy != pharmacy or now > confirmed.at + 24 * HOUR:
        wrong.append("L-DSP-3")
    if life.is_on_path and confirmed.handover == "ship" and day(now) != day(confirmed.at):
        wrong.append("L-DSP-9")
    return wrong


def _is_worthless(life: Life, authorized: Authorized) -> bool:
    issued_at = authorized.issued_at
    withdrawn = [
        each.withdrawn_at
        for each in life.tests
        if each.withdrawn_at and each.result == "negative" and each.collected_at <= issued_at
    ] + [
        each.withdrawn_at
        for each in life.contraception
        if each.withdrawn_at and each.attested_at <= issued_at
    ]
    return (
        authorized.category != life.category
        or any(at >= issued_at for at in life.restarts() + life.lifted_at())
        or any(each.at > issued_at for each in life.agreed())
        or (life.is_on_path and any(at >= issued_at for at in withdrawn))
    )


def expiry(life: Life, issued_at: datetime) -> datetime:
    """Until when an authorization issued at this instant holds (L-AUT-4)."""
    if life.is_on_path:
        return last_instant(day(max(life.counting())) + 7 * DAY)
    return last_instant(day(issued_at) + 30 * DAY)
