"""Women on the pregnancy path before their first supply: each stands at another step."""

from apps.simulation.life import Life
from apps.simulation.lives.telling import life
from apps.simulation.moments import day, hours_ago
from apps.simulation.patient import Person
from apps.simulation.people import OKAFOR, REYES, ZHOU

FRP = "adult_frp"


@life(
    Person("Elena", "Marquez", 34, FRP, OKAFOR),
    shows="Enrolled two days ago; the patient has not signed the agreement yet",
    unmet="L-CON-2 L-ENR-3 L-ENR-4 L-ENR-5 L-PT-1 L-PT-2 L-SUR-2 L-SUR-4",
)
def unsigned(her: Life) -> None:
    """The prescriber signed at once; her signature is missing."""
    her.enrolls(day(-2, 9), patient_signs=False)
    her.promises(day(-2, 10))
    her.attests_contraception(day(-2, 11), since=-2)


@life(
    Person("Aisha", "Rahman", 29, FRP, OKAFOR, is_kept_by_delegate=True),
    shows="Contraception since 12 of the 28 days; all other things wait for it",
    unmet="L-CON-2 L-PT-1 L-PT-2 L-SUR-2 L-SUR-4",
)
def twelfth_day_of_contraception(her: Life) -> None:
    """Enrolled and protected twelve days ago, entered by the delegate."""
    her.comes_in(-12)


@life(
    Person("Chloe", "Bennett", 41, FRP, OKAFOR),
    shows="Contraception for 14 days: the window of the first test opens today",
    unmet="L-CON-2 L-PT-1 L-PT-2 L-SUR-2 L-SUR-4",
)
def first_window_opens(her: Life) -> None:
    """A test of today will be fourteen days old when four weeks are over."""
    her.comes_in(-14)


@life(
    Person("Priya", "Nair", 37, FRP, OKAFOR, time_zone="America/Chicago"),
    shows="Between the tests: the first one was six days ago",
    unmet="L-CON-2 L-PT-1 L-PT-2 L-SUR-2 L-SUR-4",
)
def between_the_tests(her: Life) -> None:
    """First test negative; four weeks of contraception are not over yet."""
    her.comes_in(-22)
    her.is_tested(day(-6))


@life(
    Person("Miriam", "Cohen", 44, FRP, OKAFOR),
    shows="Second-test window: only the second test is missing",
    unmet="L-PT-2",
)
def second_window_is_open(her: Life) -> None:
    """Counseled and surveyed yesterday; the second test is due now."""
    her.is_due_to_begin(0)
    her.attests_contraception(day(-1, 14))
    her.is_counseled(day(-1, 15))
    her.answers_survey(day(-1, 16))


@life(
    Person("Sofia", "Petrova", 39, FRP, OKAFOR),
    shows="Everything is there, the second test of this morning, too: can be authorized now",
)
def can_be_authorized(her: Life) -> None:
    """Ready in every respect; ask for the authorization."""
    her.is_due_to_begin(0)
    her.gets_ready(hours_ago(3), first=True)


@life(
    Person("Keisha", "Brown", 33, FRP, OKAFOR),
    shows="Authorized, not confirmed by a pharmacy yet",
    unmet="L-AUT-3 L-SUR-2",
)
def authorized(her: Life) -> None:
    """The prescription is in her hands."""
    her.is_due_to_begin(-1)
    her.is_authorized(hours_ago(20), first=True)


@life(
    Person("Ingrid", "Larsen", 46, FRP, REYES),
    shows="Confirmed for pick-up at Corner; less than three hours left to dispense",
    unmet="L-AUT-3 L-PT-2 L-SUR-2",
)
def confirmed(her: Life) -> None:
    """Confirmed 21 hours ago; not picked up yet."""
    her.is_due_to_begin(-1)
    her.is_authorized(hours_ago(25), first=True)
    her.is_checked(hours_ago(21.5))
    her.is_confirmed(hours_ago(21.2))


@life(
    Person("Mariam", "Haidari", 31, FRP, REYES),
    shows="Authorization ends tonight: seven days after the latest test",
    unmet="L-AUT-3 L-PT-1 L-PT-2 L-SUR-2",
)
def authorization_ends_tonight(her: Life) -> None:
    """A week ago authorized, never brought to a pharmacy."""
    her.is_due_to_begin(-7)
    her.is_authorized(day(-7, 9), first=True)


@life(
    Person("Dana", "Kowalski", 42, FRP, REYES),
    shows="Authorization expired unused five days ago; the old second test now serves as the first",
    unmet="L-PT-2",
)
def authorization_expired(her: Life) -> None:
    """Authorized twelve days ago and not filled."""
    her.is_due_to_begin(-12)
    her.is_authorized(day(-12, 9), first=True)
    her.time_is_up(day(-4, 0, 30))


@life(
    Person("Tessa", "Whitman", 27, FRP, REYES),
    shows="Authorization cancelled yesterday: wrong strength; another one can be asked for",
    unmet="L-PT-2",
)
def authorization_cancelled(her: Life) -> None:
    """The strength was mistaken; the second test is too old by now."""
    her.is_due_to_begin(-2)
    her.is_authorized(day(-2, 9), first=True)
    her.cancels(day(-1, 10), "Wrong strength: 10 mg was meant.")


@life(
    Person("Olga", "Ivanova", 36, FRP, OKAFOR),
    shows="Confirmation expired without a dispense; the authorization is free again",
    unmet="L-AUT-3 L-PT-1 L-PT-2 L-SUR-2",
)
def confirmation_expired(her: Life) -> None:
    """Confirmed three days ago and not picked up within 24 hours."""
    her.is_due_to_begin(-3)
    her.is_authorized(day(-3, 9), first=True)
    her.is_confirmed(day(-3, 13))
    her.time_is_up(day(-2, 14))


@life(
    Person("Grace", "Nakamura", 48, FRP, REYES),
    shows="Dispensed five days ago and returned to stock: before the first supply again",
    unmet="L-PT-1 L-PT-2 L-SUR-2 L-SUR-4",
)
def returned_to_stock(her: Life) -> None:
    """The courier could not take it; it never left the pharmacy."""
    her.begins(-5)
    her.is_returned_to_stock(day(-4, 10), "The courier did not come; it never left the premises.")


@life(
    Person("Nadia", "Rahimi", 30, FRP, ZHOU),
    shows="Breastfeeding is recorded: nothing can be authorized",
    unmet="L-CON-7 L-PT-2 L-SUR-2 L-SUR-4",
)
def breastfeeding(her: Life) -> None:
    """All but ready; she told it at the last visit."""
    her.is_due_to_begin(0)
    her.has_health(day(-1, 11), cycle="none", breastfeeding=True)


@life(
    Person("Beatriz", "Almeida", 35, FRP, OKAFOR),
    shows="Patient of Dr. Okafor, authorized by Dr. Reyes, who covers for her",
    unmet="L-AUT-3 L-SUR-2",
)
def covered_by_a_colleague(her: Life) -> None:
    """Dr. Okafor was away on the day of the second test."""
    her.is_due_to_begin(-1)
    her.is_authorized(hours_ago(22), first=True, by=REYES)


@life(
    Person("Anita", "Desai", 43, FRP, ZHOU),
    shows="Second test indeterminate yesterday: a negative one after 48 hours is needed",
    unmet="L-PT-2 L-PT-6 L-SUR-2",
)
def indeterminate_test(her: Life) -> None:
    """Asked all the same, and refused with the reason."""
    her.is_due_to_begin(-1)
    her.is_tested(day(-1, 9), "indeterminate")
    her.is_counseled(day(-1, 10))
    her.asks(day(-1, 11), refused="L-PT-2 L-PT-6 L-SUR-2")


@life(
    Person("Carmen", "Ortega", 38, FRP, ZHOU),
    shows="A test entered on the wrong patient was withdrawn: the authorization is void",
    unmet="L-PT-2",
)
def test_withdrawn(her: Life) -> None:
    """Authorized in the morning, void in the evening."""
    her.is_due_to_begin(-1)
    her.is_authorized(day(-1, 9), first=True)
    her.has_test_withdrawn(day(-1, 17), "The result belongs to another patient.")


STARTING = (
    unsigned,
    twelfth_day_of_contraception,
    first_window_opens,
    between_the_tests,
    second_window_is_open,
    can_be_authorized,
    authorized,
    confirmed,
    authorization_ends_tonight,
    authorization_expired,
    authorization_cancelled,
    confirmation_expired,
    returned_to_stock,
    breastfeeding,
    covered_by_a_colleague,
    indeterminate_test,
    test_withdrawn,
)
