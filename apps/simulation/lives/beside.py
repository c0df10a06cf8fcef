"""What a program also has to bear: paper, losses, two records of one person, approvals, a child."""

from apps.evidence.services import Details
from apps.patients.services import CategoryBasis
from apps.simulation.life import Life
from apps.simulation.lives.telling import life
from apps.simulation.moments import day
from apps.simulation.patient import Person
from apps.simulation.people import HARBOR, OKAFOR, REYES, ZHOU

FRP = "adult_frp"
FNRP = "adult_fnrp"
MAN = "adult_male"


@life(
    Person("Howard", "Finch", 70, MAN, REYES),
    shows="Dispensed on paper in the outage, in time: a second person compares the entry",
    unmet="L-SUR-2 L-SUR-4",
)
def paper_in_time(his: Life) -> None:
    """Confirmed in the morning, handed over while the network was down (L-DSP-8)."""
    his.is_due_to_begin(-2)
    his.is_authorized(day(-2, 9), first=True)
    his.is_confirmed(day(-2, 11, 30))
    his.receives_on_paper(
        day(-2, 13, 30), entered=day(-1, 9), in_outage="No network; confirmed before."
    )


@life(
    Person("Stefan", "Brandt", 57, MAN, REYES),
    shows="Dispensed on paper in the outage without a confirmation: a critical deviation is open",
    unmet="L-SUR-2 L-SUR-4",
)
def paper_unconfirmed(his: Life) -> None:
    """He had come a long way; the pharmacist did not wait."""
    his.is_due_to_begin(-2)
    his.is_authorized(day(-2, 9), first=True)
    his.receives_on_paper(
        day(-2, 13, 35), entered=day(-1, 10), in_outage="No network; he came from far away."
    )


@life(
    Person("Irma", "Castellano", 68, FNRP, REYES, basis="natural_menopause"),
    shows="Lost her capsules on a journey: nothing is left, the next supply can be prepared",
    unmet="L-SUR-4",
)
def supply_lost(her: Life) -> None:
    """Two weeks of her first supply were left (L-DSP-5)."""
    her.begins(-14)
    her.loses_supply(day(-3, 15), "Her bag was stolen on the train; she has a report.", on=-4)


@life(
    Person("Deborah", "Klein", 63, FNRP, OKAFOR, basis="hysterectomy"),
    shows="Was registered twice, merged yesterday: a new agreement with Dr. Okafor is needed",
    unmet="L-ENR-5 L-SUR-4",
)
def merged(her: Life) -> None:
    """Harbor Cancer Center had enrolled her as Deborah Winter, and signed last (L-PAT-1)."""
    her.comes_in(-20)
    her.is_registered_again(day(-6, 11), family_name="Winter", by=ZHOU)
    her.is_merged(day(-1, 14), f"{HARBOR.name} confirms that she married in May.")


@life(
    Person("Teresa", "Maldonado", 46, FRP, ZHOU),
    shows="Asks for the category without reproductive potential: an administrator decides",
    unmet="L-CON-2 L-PT-1 L-PT-2 L-SUR-2 L-SUR-4",
)
def category_change_waits(her: Life) -> None:
    """Less monitoring needs approval; until then all precautions of hers go on (L-CAT-3)."""
    her.comes_in(-9)
    her.asks_for_category(
        day(-1, 15),
        FNRP,
        CategoryBasis(kind="hysterectomy", on=her.story.today.date(-400)),
        reason="Hysterectomy last year, overlooked at enrollment; the report is on file.",
    )


@life(
    Person("Paula", "Jimenez", 29, FRP, ZHOU),
    shows="Pregnant, on hold for five weeks: referral and report are done, follow-up goes on",
    unmet="L-CON-3 L-PRG-1 L-PT-3 L-PT-5 L-SUR-2 L-SUR-4",
)
def pregnancy_followed_up(her: Life) -> None:
    """Found at the weekly test of her second week (L-PRG-2)."""
    her.begins(-52)
    her.is_tested_on(-45)
    her.is_tested(day(-38), "positive")
    today = her.story.today
    her.has_case_followed_up(
        day(-30, 11),
        Details(
            exposed_from=today.date(-52),
            exposed_until=today.date(-38),
            conceived_on=today.date(-50),
            birth_expected_on=today.date(216),
            pregnancy_outcome="ongoing",
            root_cause="contraception_failed",
            notes="She continues the pregnancy; her obstetrician is Dr. Abel.",
        ),
        "specialist_referral",
        "medwatch_report",
    )


BESIDE = (
    paper_in_time,
    paper_unconfirmed,
    supply_lost,
    merged,
    category_change_waits,
    pregnancy_followed_up,
)
