"""Where a therapy stands (L-END-1, L-CON-5), and which category asks less (L-CAT-3). Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product

import pytest

from apps.rules import obligation as kinds
from apps.rules.categories import MENOPAUSE, asks_less, basis_asks_less
from apps.rules.facts import parse_facts
from apps.rules.policy import policy_by_version
from apps.rules.schedule import obligations
from apps.rules.therapy import Therapy, standing_ends, therapy_of
from tests.rules.documents import (
    NOON,
    TICK,
    Document,
    authorize,
    days_before,
    end_of,
    iso,
    on,
    supply,
)
from tests.rules.retinoid import CAN
from tests.rules.retinoid import POLICY as RETINOID
from tests.rules.retinoid import request as retinoid_request

POLICY = policy_by_version("lenalidomide-2026-01")
LESS = {
    ("adult_frp", "adult_fnrp"),
    ("adult_frp", "adult_male"),
    ("adult_fnrp", "adult_male"),
    ("adult_male", "adult_fnrp"),
    ("child_frp", "child_fnrp"),
    ("child_frp", "child_male"),
    ("child_fnrp", "child_male"),
    ("child_frp", "adult_fnrp"),
    ("child_frp", "adult_male"),
    ("child_fnrp", "adult_fnrp"),
    ("child_fnrp", "adult_male"),
    ("child_male", "adult_fnrp"),
    ("adult_frp", "child_fnrp"),
    ("adult_frp", "child_male"),
    ("adult_fnrp", "child_male"),
}


@dataclass(frozen=True)
class Said:
    """One thing that was said, recorded on its day at noon unless told otherwise."""

    kind: str
    days_ago: int
    recorded_days_ago: int | None = None

    @property
    def happened_on(self) -> date:
        return date.fromisoformat(on(NOON, self.days_ago))

    @property
    def recorded_at(self) -> datetime:
        ago = self.days_ago if self.recorded_days_ago is None else self.recorded_days_ago
        return days_before(NOON, ago)


def supplied(*days_ago: int, agreed_days_ago: int = 200) -> Document:
    document = authorize(path="continuing")
    document["dispenses"] = [supply(days_before(NOON, days)) for days in days_ago]
    for name in ("patient_signed_at", "prescriber_signed_at"):
        document["agreements"][0][name] = iso(days_before(NOON, agreed_days_ago))
    return document


def stands(document: Document, *said: Said) -> Therapy:
    return therapy_of(parse_facts(document), said, POLICY)


def days_ago(days: int) -> date:
    return date.fromisoformat(on(NOON, days))


@pytest.mark.parametrize(("before", "after"), list(product(POLICY.categories, repeat=2)))
def test_l_cat_3_which_changes_ask_less(before: str, after: str) -> None:
    less = asks_less(POLICY.categories[before], POLICY.categories[after])
    assert less == ((before, after) in LESS)


@dataclass(frozen=True)
class Reason:
    """A basis on which a woman is not of reproductive potential."""

    kind: str
    on: date


SINCE = date(2024, 2, 29)
NATURAL = Reason(MENOPAUSE, SINCE)
SURGERY = Reason("hysterectomy", SINCE)


@pytest.mark.parametrize(
    ("before", "after", "less"),
    [
        (None, NATURAL, False),
        (NATURAL, None, False),
        (NATURAL, NATURAL, False),
        (NATURAL, Reason(MENOPAUSE, SINCE - timedelta(days=1)), True),
        (NATURAL, Reason(MENOPAUSE, SINCE + timedelta(days=1)), False),
        (NATURAL, SURGERY, True),
        (NATURAL, Reason(SURGERY.kind, SINCE + timedelta(days=1)), True),
        (SURGERY, NATURAL, False),
        (SURGERY, Reason(SURGERY.kind, SINCE - timedelta(days=1)), False),
    ],
)
def test_l_cat_2_which_other_basis_asks_less(
    before: Reason | None, after: Reason | None, less: bool
) -> None:
    assert basis_asks_less(before, after) is less


@pytest.mark.parametrize(
    ("last", "status"), [(27, "on_therapy"), (28, "interrupted"), (60, "interrupted")]
)
def test_l_end_1_therapy_pauses_on_the_day_on_which_the_supply_has_run_out(
    last: int, status: str
) -> None:
    therapy = stands(supplied(last))
    assert (therapy.status, therapy.obligations_in_force) == (status, True)
    assert therapy.obligations_until_on is None


def test_l_end_1_who_was_never_supplied_has_not_started() -> None:
    assert stands(supplied()) == Therapy(status="not_started")


def test_l_end_1_an_interruption_stands_until_it_is_resumed_or_something_is_dispensed() -> None:
    paused = stands(supplied(10), Said("interrupted", 5))
    assert (paused.status, paused.since_on) == ("interrupted", days_ago(5))
    assert stands(supplied(10), Said("interrupted", 5), Said("resumed", 2)).status == "on_therapy"
    assert stands(supplied(10, 3), Said("interrupted", 5)).status == "on_therapy"


@pytest.mark.parametrize(("ended", "in_force"), [(27, True), (28, True), (29, False)])
def test_l_con_5_obligations_last_28_days_after_the_end(ended: int, *, in_force: bool) -> None:
    therapy = stands(supplied(ended), Said("discontinued", ended))
    assert therapy.status == "discontinued"
    assert therapy.obligations_until_on == days_ago(ended) + timedelta(days=28)
    assert therapy.obligations_in_force is in_force


def test_l_end_1_of_several_ends_the_first_day_counts_and_a_death_names_it() -> None:
    left = stands(supplied(20), Said("discontinued", 9), Said("withdrew", 4))
    assert (left.status, left.ended_on) == ("withdrew", days_ago(9))
    died = stands(supplied(20), Said("died", 6), Said("withdrew", 4))
    assert (died.status, died.obligations_until_on) == ("died", None)


def test_l_end_1_an_agreement_completed_after_the_record_of_an_end_begins_anew() -> None:
    again = stands(supplied(60, agreed_days_ago=5), Said("discontinued", 30))
    assert again == Therapy(status="not_started")
    on_again = stands(supplied(60, 3, agreed_days_ago=5), Said("discontinued", 30))
    assert on_again.status == "on_therapy"
    late = stands(supplied(60, agreed_days_ago=5), Said("discontinued", 30, recorded_days_ago=2))
    assert late.status == "discontinued"


def test_l_con_5_who_enrolls_anew_within_28_days_still_has_the_obligations_of_before() -> None:
    for ended, in_force in ((28, True), (29, False)):
        again = stands(supplied(60, agreed_days_ago=5), Said("discontinued", ended))
        assert (again.status, again.obligations_in_force) == ("not_started", in_force)
        assert again.obligations_until_on == (days_ago(0) if in_force else None)
    never = authorize()
    for name in ("patient_signed_at", "prescriber_signed_at"):
        never["agreements"][0][name] = iso(days_before(NOON, 5))
    assert stands(never, Said("withdrew", 10)) == Therapy(status="not_started")


def test_l_end_1_a_new_therapy_has_supplies_and_interruptions_of_its_own() -> None:
    """What was said or dispensed at the instant of the old one's end belongs to the old one."""
    document = supplied(60, 30, agreed_days_ago=5)
    assert stands(document, Said("discontinued", 30)) == Therapy(status="not_started")
    document = supplied(60, 4, agreed_days_ago=5)
    for recorded in (30, 31):
        old_pause = Said("interrupted", 3, recorded_days_ago=recorded)
        assert stands(document, Said("discontinued", 30), old_pause).status == "on_therapy"
    new_pause = Said("interrupted", 3, recorded_days_ago=29)
    again = stands(document, Said("discontinued", 30), new_pause)
    assert (again.status, again.since_on) == ("interrupted", days_ago(3))


def test_l_end_1_the_status_has_the_day_since_which_it_is_so() -> None:
    on_therapy = stands(supplied(51, 23))
    assert (on_therapy.since_on, on_therapy.started_on) == (days_ago(51), days_ago(51))
    paused = stands(supplied(10), Said("interrupted", 5))
    assert (paused.since_on, paused.started_on) == (days_ago(5), days_ago(10))
    ended = stands(supplied(10), Said("discontinued", 5))
    assert (ended.since_on, ended.ended_on, ended.started_on) == (days_ago(5), days_ago(5), None)
    assert [each.is_over for each in (on_therapy, paused, ended)] == [False, False, True]


def test_l_end_1_a_dispense_on_the_day_of_an_interruption_does_not_end_it() -> None:
    assert stands(supplied(20, 5), Said("interrupted", 5)).status == "interrupted"
    assert stands(supplied(20, 4), Said("interrupted", 5)).status == "on_therapy"


def test_l_end_1_a_supply_of_the_same_day_goes_on_with_therapy_once_the_pause_was_said() -> None:
    document = supplied(20, 5)
    document["dispenses"][1]["dispensed_at"] = iso(days_before(NOON, 5) + timedelta(hours=3))
    assert stands(document, Said("interrupted", 5)).status == "on_therapy"
    document["dispenses"][1]["dispensed_at"] = iso(days_before(NOON, 5) - timedelta(hours=3))
    assert stands(document, Said("interrupted", 5)).status == "interrupted"


def test_l_end_3_a_signature_of_before_the_end_does_not_begin_therapy_anew() -> None:
    for name in ("patient_signed_at", "prescriber_signed_at"):
        document = supplied(60, agreed_days_ago=5)
        document["agreements"][0][name] = iso(days_before(NOON, 31))
        assert stands(document, Said("withdrew", 30)).status == "withdrew"


def test_l_end_1_a_supply_that_was_stopped_pauses_therapy_on_that_day() -> None:
    document = supplied(20)
    document["dispenses"][0]["stopped_on"] = on(NOON, 3)
    paused = stands(document)
    assert (paused.status, paused.since_on) == ("interrupted", days_ago(3))


def test_l_end_1_an_end_stands_without_an_agreement_and_beside_one_of_its_own_instant() -> None:
    ended = Said("discontinued", 30)
    assert standing_ends([ended], []) == [ended]
    assert standing_ends([ended], [ended.recorded_at]) == [ended]
    assert standing_ends([ended], [ended.recorded_at + TICK]) == []


def test_l_end_1_a_therapy_is_judged_under_the_policy_that_is_given() -> None:
    """The retinoid program is not among those that this process serves."""
    document = retinoid_request()
    document["dispenses"] = [supply(days_before(NOON, 29), CAN, days_supply=30)]
    therapy = therapy_of(parse_facts(document, RETINOID), (), RETINOID)
    assert (therapy.status, therapy.started_on) == ("on_therapy", days_ago(29))
    document["dispenses"][0]["days_supply"] = 29
    assert therapy_of(parse_facts(document, RETINOID), (), RETINOID).status == "interrupted"


def test_l_end_3_no_agreement_comes_after_a_death() -> None:
    assert stands(supplied(60, agreed_days_ago=5), Said("died", 30)).status == "died"
    died = Said("died", 30)
    assert standing_ends([died], [NOON]) == [died]


def birthday_in(days: int, category: str = "child_frp") -> Document:
    """A child who turns eighteen in so many days."""
    document = authorize()
    today = date.fromisoformat(on(NOON, 0))
    turning = today + timedelta(days=days)
    document["patient"] |= {
        "date_of_birth": turning.replace(year=turning.year - 18).isoformat(),
        "risk_category": category,
    }
    return document


@pytest.mark.parametrize(("days", "announced"), [(61, False), (60, True), (1, True), (0, True)])
def test_l_cat_1_the_eighteenth_birthday_is_announced_sixty_days_before(
    days: int, *, announced: bool
) -> None:
    found = [
        each
        for each in obligations(parse_facts(birthday_in(days)))
        if each.kind == kinds.COMES_OF_AGE
    ]
    assert bool(found) is announced
    for each in found:
        assert each.who == "prescriber"
        assert each.due_at == end_of(date.fromisoformat(on(NOON, 0)) + timedelta(days=days - 1))


def test_l_cat_1_an_adults_category_has_no_birthday_to_announce() -> None:
    found = obligations(parse_facts(birthday_in(10, "adult_frp")))
    assert kinds.COMES_OF_AGE not in {each.kind for each in found}
