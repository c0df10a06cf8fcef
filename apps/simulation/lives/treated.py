"""Women and girls on the pregnancy path during treatment: the cycles, the tests between them."""

from apps.simulation.life import Life
from apps.simulation.lives.telling import life
from apps.simulation.moments import day, hours_ago
from apps.simulation.patient import Person
from apps.simulation.people import LAKESIDE, OKAFOR, REYES, ZHOU

FRP = "adult_frp"
GIRL = "child_frp"


@life(
    Person("Thanh", "Nguyen", 32, FRP, OKAFOR),
    shows="First supply six days ago; the weekly test is due tomorrow",
    unmet="L-SUR-2 L-SUR-4",
)
def weekly_test_due_tomorrow(her: Life) -> None:
    """The first week of treatment."""
    her.begins(-6)


@life(
    Person("Yolanda", "Cruz", 40, FRP, OKAFOR),
    shows="The weekly test of yesterday was missed; a test told by telephone waits to be checked",
    unmet="L-PT-3 L-SUR-2 L-SUR-4",
)
def missed_test(her: Life) -> None:
    """First supply eight days ago; the practice called this morning (L-SRC-1)."""
    her.begins(-8)
    her.is_tested_elsewhere(hours_ago(6), told=hours_ago(3), caller="Hannah Whitefeather")


@life(
    Person("Naomi", "Fischer", 45, FRP, OKAFOR),
    shows="Third cycle, regular: tests every four weeks, the next one in two weeks",
    unmet="L-PT-3 L-SUR-2 L-SUR-4",
)
def regular_cycle(her: Life) -> None:
    """Four weekly tests, then one before each supply."""
    her.begins(-70)
    her.is_tested_on(-63, -56, -49)
    her.is_supplied(-42)
    her.is_supplied(-14)


@life(
    Person("Camila", "Rojas", 28, FRP, REYES, is_kept_by_delegate=True),
    shows="Second cycle, irregular: tests every two weeks, the next one in six days",
    unmet="L-PT-3 L-SUR-2 L-SUR-4",
)
def irregular_cycle(her: Life) -> None:
    """Weekly tests for four weeks, then every second week."""
    her.begins(-50, cycle="irregular")
    her.is_tested_on(-43, -36, -29)
    her.is_supplied(-22)
    her.is_tested_on(-8)


@life(
    Person("Ruth", "Adeyemi", 47, FRP, REYES),
    shows="Five days of the third supply left: can be authorized for the next one now",
)
def next_supply_can_be_authorized(her: Life) -> None:
    """Tested, counseled and surveyed this morning."""
    her.begins(-79)
    her.is_tested_on(-72, -65, -58)
    her.is_supplied(-51)
    her.is_supplied(-23)
    her.gets_ready(hours_ago(4), first=False)


@life(
    Person("Lakshmi", "Iyer", 36, FRP, ZHOU),
    shows="Six days of supply left, tested yesterday: counseling and survey are due",
    unmet="L-SUR-2 L-SUR-4",
)
def next_supply_due(her: Life) -> None:
    """Every weekly test was taken."""
    her.begins(-22, at=LAKESIDE)
    her.is_tested_on(-15, -8, -1)


@life(
    Person("Leila", "Farouk", 34, FRP, ZHOU),
    shows="Early refill refused: 17 days of supply were left; an exception waits for a decision",
    unmet="L-AUT-3 L-SUR-2",
)
def early_refill(her: Life) -> None:
    """Authorized early, but a pharmacy may not dispense before seven days are left."""
    her.begins(-12, at=LAKESIDE)
    her.is_tested_on(-5)
    her.is_authorized(day(-1, 9), first=False)
    her.is_confirmed(day(-1, 14), refused="L-DSP-5", at=LAKESIDE)
    her.asks_for_exception(day(-1, 16), "L-DSP-5", "Visits her mother abroad for a month.", until=5)


@life(
    Person("Julia", "Novak", 49, FRP, ZHOU),
    shows="Interrupted: the supply ran out over four weeks ago; two tests are needed again",
    unmet="L-PT-1 L-PT-2 L-SUR-2 L-SUR-4",
)
def interrupted(her: Life) -> None:
    """One cycle, then an infection; she is back and starts at initiation."""
    her.begins(-62)
    her.is_interrupted(day(-40, 15), "Pneumonia", on=-40)
    her.is_tested_on(-55, -48, -41, -34, -6)
    her.attests_contraception(day(-6, 11))


@life(
    Person("Zoe", "Ramirez", 14, GIRL, ZHOU, guardian="Alicia Ramirez"),
    shows="A girl who menstruates, abstinent: her guardian signed; authorized",
    unmet="L-AUT-3 L-SUR-2",
)
def girl_authorized(her: Life) -> None:
    """The same steps as for a woman, signed by her mother."""
    her.enrolls(day(-31, 9))
    her.promises(day(-31, 10))
    her.has_health(day(-31, 10), cycle="irregular")
    her.attests_abstinence(day(-31, 11), since=-31)
    her.is_tested(day(-12))
    her.is_tested(hours_ago(21))
    her.attests_abstinence(hours_ago(20))
    her.is_counseled(hours_ago(19.8))
    her.answers_survey(hours_ago(19.7))
    her.asks(hours_ago(19.5))


@life(
    Person("Amelia", "Price", 15, GIRL, ZHOU, guardian="Thomas Price"),
    shows="A girl in her second week of treatment; next weekly test in four days",
    unmet="L-SUR-2 L-SUR-4",
)
def girl_treated(her: Life) -> None:
    """Shipped on the day of its confirmation (L-DSP-9)."""
    her.is_due_to_begin(-10, cycle="irregular")
    her.is_authorized(day(-10, 9), first=True)
    her.is_confirmed(day(-10, 13), handover="ship")
    her.receives(day(-10, 15))
    her.is_tested(day(-3, 9, 10))


TREATED = (
    weekly_test_due_tomorrow,
    missed_test,
    regular_cycle,
    irregular_cycle,
    next_supply_can_be_authorized,
    next_supply_due,
    early_refill,
    interrupted,
    girl_authorized,
    girl_treated,
)
