"""Made-up facts documents near every boundary: a yes, changed in some places at random."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from tests.rules.documents import (
    CATEGORIES,
    DAY,
    HOUR,
    TICK,
    ZONE,
    Document,
    a_test,
    adequate,
    authorize,
    case,
    days_before,
    dispense,
    iso,
    on,
    supply,
)

INSTANTS = (
    datetime(2026, 6, 17, 12, tzinfo=ZONE),
    datetime(2026, 3, 8, 1, 30, tzinfo=ZONE),
    datetime(2026, 3, 8, 3, 0, tzinfo=ZONE),
    datetime(2026, 3, 15, 0, 0, tzinfo=ZONE),
    datetime(2026, 11, 1, 1, 30, tzinfo=ZONE, fold=0),
    datetime(2026, 11, 1, 1, 30, tzinfo=ZONE, fold=1),
    datetime(2026, 11, 8, 23, 59, 59, 999999, tzinfo=ZONE),
    datetime(2028, 2, 29, 0, 0, 0, 1, tzinfo=ZONE),
    datetime(2028, 3, 31, 23, 59, 59, 999999, tzinfo=ZONE),
    datetime(2025, 12, 31, 19, 0, tzinfo=ZONE),
)
LIMITS = (0, 0, 1, 2, 5, 6, 7, 8, 10, 12, 14, 15, 21, 23, 27, 28, 29, 30, 31, 51, 56, 57, 60, 89,
          180, 181, 184, 365, 366, 730, 731)  # fmt: skip
JITTER = (timedelta(0), timedelta(0), TICK, -TICK, HOUR, -HOUR, 12 * HOUR, -12 * HOUR)
METHODS: tuple[list[str], ...] = (
    ["iud", "male_condom"],
    ["iud"],
    ["male_condom"],
    ["hormonal_ring", "cervical_cap"],
    ["iud", "partner_vasectomy"],
    ["progestin_only_pill", "diaphragm"],
    [],
)
Change = Callable[[Document, Random, datetime], None]


def documents() -> st.SearchStrategy[Document]:
    """Valid facts documents of every category, question and path."""
    return st.integers(min_value=0, max_value=2**48).map(lambda seed: make(Random(seed)))  # noqa: S311


def make(random: Random) -> Document:
    """One document; about one in three is answered yes."""
    instant = random.choice(INSTANTS).astimezone(UTC)
    as_of = instant + random.choice((timedelta(0), TICK, -TICK, 5 * DAY))
    category, path = random.choice(CATEGORIES), random.choice(("initiation", "continuing"))
    if random.random() < 0.5:
        document = authorize(category, path, as_of)
    else:
        document = dispense(category, path, as_of, random.choice((None, "ship", "pickup")))
    for name in LISTS:
        document.setdefault(name, [])
    for _ in range(random.choice((0, 1, 2, 3, 4, 6, 9, 14))):
        random.choice(CHANGES)(document, random, as_of)
    for name in LISTS:
        random.shuffle(document[name])
    return document


def near(random: Random, as_of: datetime) -> datetime:
    """An instant about so many days before, now and then after `as_of`, often at another's time."""
    days = random.choice(LIMITS) * (-1 if random.random() < 0.05 else 1)
    base = days_before(as_of, days) if random.random() < 0.6 else as_of - days * DAY
    return base.astimezone(UTC) + random.choice(JITTER)


def known(random: Random, document: Document, as_of: datetime) -> datetime:
    """Often the very instant of another entry, so that ties and limits are met."""
    if random.random() < 0.5:
        return near(random, as_of)
    instants = [
        value
        for name in LISTS
        for entry in document[name]
        for key, value in entry.items()
        if key.endswith("_at") and value is not None
    ]
    issued = document.get("authorization")
    instants += [issued["issued_at"]] if issued else []
    chosen = datetime.fromisoformat(random.choice(instants)) if instants else as_of
    return chosen + random.choice((timedelta(0), timedelta(0), TICK, -TICK))


def end_after(begin: datetime, random: Random, document: Document, as_of: datetime) -> str | None:
    """An end that is not before its beginning, or none."""
    if random.random() < 0.5:
        return None
    return iso(max(begin, known(random, document, as_of)))


def add_test(document: Document, random: Random, as_of: datetime) -> None:
    collected_at = known(random, document, as_of)
    result = random.choice(("negative", "negative", "negative", "positive", "indeterminate"))
    resulted_at = collected_at + random.choice((timedelta(0), HOUR, 2 * DAY))
    document["pregnancy_tests"].append(
        a_test(
            collected_at,
            result,
            resulted_at=iso(resulted_at),
            sensitivity_miu_ml=random.choice((25, 50, 50.0, 50.5, 51)),
            withdrawn_at=end_after(resulted_at, random, document, as_of),
        )
    )


def add_attestation(document: Document, random: Random, as_of: datetime) -> None:
    attested_at = known(random, document, as_of)
    recorded_at = attested_at + random.choice((timedelta(0), timedelta(0), TICK, DAY, 9 * DAY))
    since = random.choice((None, 0, 1, 5, 12, 28, 40))
    document["contraception"].append(
        adequate(
            attested_at,
            None if since is None else on(attested_at, since),
            recorded_at=iso(recorded_at),
            methods=random.choice(METHODS),
            abstinence=random.random() < 0.1,
            lapse=random.random() < 0.15,
            withdrawn_at=end_after(recorded_at, random, document, as_of),
        )
    )


def add_agreement(document: Document, random: Random, as_of: datetime) -> None:
    category = document["patient"]["risk_category"]
    other = random.choice(CATEGORIES)
    document["agreements"].append(
        {
            "risk_category": category if random.random() < 0.6 else other,
            "prescriber": random.choice(("PR1", "PR1", "PR2")),
            "patient_signed_at": iso(known(random, document, as_of)),
            "signer": random.choice(("patient", "guardian", "representative")),
            "prescriber_signed_at": random.choice((None, iso(known(random, document, as_of)))),
        }
    )


def add_case(document: Document, random: Random, as_of: datetime) -> None:
    reported_at = known(random, document, as_of)
    closed = end_after(reported_at, random, document, as_of)
    outcomes = ("not_pregnant", "pregnancy_ended", "lost_to_follow_up", "unknown")
    document["pregnancy_cases"].append(
        {
            **case(reported_at, subject=random.choice(("patient", "patient", "partner"))),
            "closed_at": closed,
            "outcome": closed and random.choice(outcomes),
        }
    )


def add_dispense(document: Document, random: Random, as_of: datetime) -> None:
    dispensed_at = known(random, document, as_of)
    taken = {datetime.fromisoformat(each["dispensed_at"]) for each in document["dispenses"]}
    while dispensed_at in taken:
        dispensed_at += TICK
    stopped = random.choice((None, None, 0, 3, 20))
    document["dispenses"].append(
        supply(
            dispensed_at,
            random.choice((document["patient"]["risk_category"], random.choice(CATEGORIES))),
            days_supply=random.choice((1, 7, 14, 28, 28, 30)),
            authorized=random.random() < 0.7,
            returned_at=end_after(dispensed_at, random, document, as_of),
            stopped_on=None if stopped is None else on(dispensed_at, -stopped),
        )
    )


def add_other(document: Document, random: Random, as_of: datetime) -> None:
    at = known(random, document, as_of)
    name, entry = random.choice(
        (
            ("obligations", {
                "attested_at": iso(at), "condom": random.random() < 0.5,
                "abstinence": random.random() < 0.5, "no_sperm_donation": random.random() < 0.8,
                "no_blood_donation": random.random() < 0.8, "no_sharing": random.random() < 0.8,
            }),
            ("bleeding_reports", {
                "reported_at": iso(at), "kind": "missed_period",
                "withdrawn_at": end_after(at, random, document, as_of),
            }),
            ("counseling", {
                "given_at": iso(at),
                "topics": random.choice(([], ["contraception"],
                                         ["emergency_contraception", "contraception"])),
            }),
            ("patient_surveys", {"completed_at": iso(at), "used": random.random() < 0.5}),
            ("interventions", {
                "opened_at": iso(at), "resolved_at": end_after(at, random, document, as_of),
            }),
            ("authorizations", {
                "issued_at": iso(at),
                "expires_at": iso(max(at, near(random, as_of))),
                "state": random.choice(("issued", "confirmed", "dispensed", "void", "expired")),
            }),
            ("overrides", {
                "rule": random.choice(("L-DSP-5", "L-ENR-4", "L-SUR-2", "L-PT-3", "L-CON-1")),
                "granted_at": iso(at),
                "expires_at": iso(max(at, near(random, as_of))),
            }),
        )
    )  # fmt: skip
    document[name].append(entry)


def remove_entry(document: Document, random: Random, _as_of: datetime) -> None:
    filled = [name for name in LISTS if document[name]]
    if filled:
        entries = document[random.choice(filled)]
        entries.pop(random.randrange(len(entries)))


def change_patient(document: Document, random: Random, as_of: datetime) -> None:
    patient = document["patient"]
    today = as_of.astimezone(ZONE).date()
    kinds = ("natural_menopause", "hysterectomy", "bilateral_oophorectomy")
    born = random.choice(((18, 0), (18, 1), (18, -1), (40, 0)))
    change = random.choice(("breastfeeding", "born", "basis", "category"))
    if change == "breastfeeding":
        patient["breastfeeding"] = True
    elif change == "born":
        day = min(today.day, 28)
        birthday = today.replace(year=today.year - born[0], day=day)
        patient["date_of_birth"] = (birthday + timedelta(days=born[1])).isoformat()
    elif change == "basis":
        days = random.choice((-1, 0, 10, 729, 730, 731, 1000))
        patient["category_basis"] = {"kind": random.choice(kinds), "on": on(as_of, days)}
    else:
        patient["risk_category"] = random.choice(CATEGORIES)


def change_others(document: Document, random: Random, as_of: datetime) -> None:
    states = ("pending", "certified", "suspended", "decertified")
    prescriber = document["prescriber"]
    prescriber.update(
        random.choice(
            ({"status": random.choice(states)}, {"id": "PR2"}, {"id": "PR2", "covers": ["PR1"]})
        )
    )
    pharmacy = document.get("pharmacy")
    if pharmacy is not None and random.random() < 0.5:
        pharmacy["certified_until"] = random.choice((None, on(as_of), on(as_of, 1), on(as_of, -1)))


def change_question(document: Document, random: Random, as_of: datetime) -> None:
    if document["question"] == "authorize":
        request = document["request"]
        survey = {
            "completed_at": iso(random.choice((as_of, as_of + TICK, as_of - 24 * HOUR,
                                               as_of - 24 * HOUR - TICK))),
            "risk_category": random.choice(CATEGORIES[:2]),
        }  # fmt: skip
        request.update(
            random.choice(
                (
                    {"days_supply": random.choice((-1, 0, 1, 28, 29))},
                    {"strength_mg": random.choice((2.5, 3, 25, 25.0))},
                    {"product": "thalidomide"},
                    {"prescriber_survey": random.choice((None, survey))},
                )
            )
        )
        return
    target = random.choice(("authorization", "prescription", "confirmation"))
    if document.get(target) is not None:
        _change_of[target](document[target], random, as_of)


def _change_authorization(authorization: Document, random: Random, as_of: datetime) -> None:
    issued_at = min(near(random, as_of), as_of)
    expires_at = max(issued_at, random.choice((as_of, as_of - TICK, as_of + TICK, as_of + 9 * DAY)))
    authorization.update(
        random.choice(
            (
                {"issued_at": iso(issued_at), "expires_at": iso(expires_at)},
                {"state": random.choice(("issued", "confirmed", "dispensed", "void", "expired"))},
                {"risk_category": random.choice(CATEGORIES)},
                {"days_supply": random.choice((0, 7, 27, 40))},
            )
        )
    )


def _change_prescription(prescription: Document, random: Random, _as_of: datetime) -> None:
    prescription.update(
        random.choice(
            (
                {"risk_category": random.choice(CATEGORIES)},
                {"days_supply": random.choice((0, 1, 28, 29))},
                {"strength_mg": random.choice((10.0, 5))},
            )
        )
    )


def _change_confirmation(confirmation: Document, random: Random, as_of: datetime) -> None:
    issued_at = as_of - random.choice((HOUR, 13 * HOUR, 24 * HOUR, 24 * HOUR + TICK))
    expires_at = max(issued_at, as_of + random.choice((timedelta(0), TICK, -TICK, 30 * HOUR)))
    confirmation.update(
        issued_at=iso(issued_at),
        expires_at=iso(expires_at),
        pharmacy=random.choice(("PH1", "PH1", "PH1", "PH2")),
    )


_change_of: dict[str, Change] = {
    "authorization": _change_authorization,
    "prescription": _change_prescription,
    "confirmation": _change_confirmation,
}
LISTS = (
    "agreements", "pregnancy_tests", "contraception", "obligations", "bleeding_reports",
    "counseling", "patient_surveys", "interventions", "pregnancy_cases", "authorizations",
    "dispenses", "overrides",
)  # fmt: skip
CHANGES: tuple[Change, ...] = (
    add_test, add_test, add_attestation, add_attestation, add_agreement, add_case, add_dispense,
    add_dispense, add_other, add_other, add_other, add_other, remove_entry, remove_entry,
    change_patient, change_others, change_question,
)  # fmt: skip
