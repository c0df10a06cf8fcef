"""What stops treatment: pregnancy cases, bleeding, lapses, at-risk answers, and how it goes on."""

from apps.simulation.life import Life
from apps.simulation.lives.telling import life
from apps.simulation.moments import day, hours_ago
from apps.simulation.patient import Person
from apps.simulation.people import HALE, OKAFOR, REYES, ZHOU

FRP = "adult_frp"


@life(
    Person("Monique", "Laurent", 33, FRP, OKAFOR),
    shows="Positive test yesterday: on hold, case open, authorization and confirmation void",
    unmet="L-PRG-1 L-PT-2 L-PT-5",
)
def positive_test(her: Life) -> None:
    """A confirmation was valid when the result came."""
    her.is_due_to_begin(-2)
    her.is_authorized(day(-2, 9), first=True)
    her.is_confirmed(day(-1, 9))
    her.is_tested(day(-1, 11), "positive")


@life(
    Person("Bridget", "O'Connor", 41, FRP, OKAFOR),
    shows="False positive, closed three days ago; tested again: can be authorized now",
)
def false_positive(her: Life) -> None:
    """An administrator adjudicated; one new negative test was enough."""
    her.begins(-28)
    her.is_tested_on(-21, -14)
    her.is_tested(day(-7), "positive")
    her.has_case_closed(
        day(-3, 11), "not_pregnant", "Serum hCG and ultrasound negative; heterophile antibodies."
    )
    her.gets_ready(hours_ago(20), first=False)


@life(
    Person("Renee", "Baptiste", 30, FRP, REYES),
    shows="Pregnancy ended, case closed ten days ago: four weeks of contraception anew",
    unmet="L-CON-2 L-PT-1 L-PT-2 L-SUR-2 L-SUR-4",
)
def pregnancy_ended(her: Life) -> None:
    """Back at initiation, counted from the closure (L-PRG-3)."""
    her.begins(-60)
    her.is_tested_on(-53, -46)
    her.is_tested(day(-39), "positive")
    her.has_case_closed(
        day(-10, 11),
        "pregnancy_ended",
        "Early loss; follow-up complete.",
        waiver="There is no birth to follow up; referral and report were made.",
    )
    her.is_tested(day(-9))
    her.attests_contraception(day(-9, 11), since=-9)


@life(
    Person("Farah", "Siddiqui", 38, FRP, OKAFOR),
    shows="Abnormal bleeding reported yesterday: a test and counseling lift the hold",
    unmet="L-PT-8 L-SUR-2 L-SUR-4",
)
def bleeding(her: Life) -> None:
    """In the second week of treatment."""
    her.begins(-12)
    her.is_tested_on(-5)
    her.reports_bleeding(day(-1, 15), "abnormal_bleeding")


@life(
    Person("Jade", "Thompson", 26, FRP, OKAFOR),
    shows="A lapse of contraception two days ago: intervention open, initiation again",
    unmet="L-CON-1 L-CON-2 L-PT-1 L-PT-2 L-SUR-2 L-SUR-3 L-SUR-4",
)
def lapse(her: Life) -> None:
    """She told it at the weekly visit."""
    her.begins(-17)
    her.is_tested_on(-10, -3)
    her.attests_contraception(day(-2, 10), lapse=True)


@life(
    Person("Lucia", "Ferrari", 35, FRP, REYES),
    shows="Told in the survey that she shared capsules: intervention open for the staff",
    unmet="L-SUR-3 L-SUR-4",
)
def at_risk_answer(her: Life) -> None:
    """Answered by telephone to the program's staff."""
    her.begins(-26)
    her.is_tested_on(-19, -12, -5)
    her.answers_survey(day(-1, 16), at_risk=("shared_drug",), by_phone=True)


@life(
    Person("Hector", "Alvarez", 63, "adult_male", HALE),
    shows="His prescriber was suspended nine days ago: he must be handed over",
    unmet="L-ENR-1 L-SUR-2 L-SUR-4",
)
def prescriber_suspended(his: Life) -> None:
    """Halfway through his first supply; nobody may authorize the next one."""
    his.begins(-20)


@life(
    Person("Andre", "Dubois", 51, "adult_male", ZHOU),
    shows="His partner may be pregnant: case open; his own treatment goes on",
    unmet="L-SUR-2 L-SUR-4",
)
def partner_pregnancy(his: Life) -> None:
    """Reported by him two days ago (L-PRG-1)."""
    his.begins(-12)
    his.partner_may_be_pregnant(day(-2, 12))


@life(
    Person("Hana", "Suzuki", 10, "child_fnrp", ZHOU, guardian="Keiko Suzuki"),
    shows="A girl before menarche with bleeding: blocked until her category is reviewed",
    unmet="L-PT-8 L-SUR-2 L-SUR-4",
)
def menarche(her: Life) -> None:
    """It may be menarche: then she needs another category (L-PT-8)."""
    her.begins(-18)
    her.reports_bleeding(day(-1, 12), "abnormal_bleeding")


STOPPED = (
    positive_test,
    false_positive,
    pregnancy_ended,
    bleeding,
    lapse,
    at_risk_answer,
    prescriber_suspended,
    partner_pregnancy,
    menarche,
)
