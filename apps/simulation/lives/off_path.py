"""Men, boys, and women and girls not of reproductive potential: surveys, supplies, agreements."""

from apps.simulation.life import Life
from apps.simulation.lives.telling import life
from apps.simulation.mail import REFUSING_DOMAIN
from apps.simulation.moments import day, hours_ago
from apps.simulation.patient import Person
from apps.simulation.people import LAKESIDE, OKAFOR, REYES, ZHOU

FNRP = "adult_fnrp"
MAN = "adult_male"
GIRL = "child_fnrp"
BOY = "child_male"


@life(
    Person("Marcus", "Webb", 66, MAN, ZHOU),
    shows="A man before his first supply: no survey yet, can be authorized now",
)
def man_first(his: Life) -> None:
    """Promised and counseled; that is all that he needs."""
    his.is_due_to_begin(0)
    his.gets_ready(hours_ago(5), first=True)


@life(
    Person("Robert", "Jackson", 58, MAN, ZHOU, email_domain=REFUSING_DOMAIN),
    shows="Five days left, the survey and counseling are due; his e-mail address reaches nobody",
    unmet="L-SUR-2 L-SUR-4",
)
def man_later(his: Life) -> None:
    """From the second supply on, each needs a survey; the code for it does not arrive (L-END-3)."""
    his.begins(-51)
    his.is_supplied(-23)
    his.is_sent_a_code(day(-1, 16))


@life(
    Person("Samuel", "Goldberg", 72, MAN, OKAFOR),
    shows="Two of the staff excepted him from the supply rule, before a journey; authorized",
    unmet="L-AUT-3 L-SUR-2",
)
def excepted(his: Life) -> None:
    """Checked yesterday: eligible, the supply rule excepted (L-DSP-10)."""
    his.begins(-14)
    his.is_authorized(day(-2, 9), first=False)
    his.is_confirmed(day(-2, 14), refused="L-DSP-5")
    his.is_excepted(day(-2, 16), "L-DSP-5", "Travels abroad for four weeks.", hours=120)
    his.is_checked(day(-1, 10))


@life(
    Person("Kofi", "Mensah", 69, MAN, OKAFOR),
    shows="Agreement lapsed: over twelve months without a dispense",
    unmet="L-ENR-4",
)
def agreement_lapsed(his: Life) -> None:
    """One supply over a year ago; he returns after a remission."""
    his.begins(-380)
    his.promises(day(-3, 10))
    his.is_counseled(day(-3, 10, 30))
    his.answers_survey(day(-3, 11))
    his.asks(day(-3, 12), refused="L-ENR-4")


@life(
    Person("William", "Tanaka", 61, MAN, REYES, strength_mg=10, indication="D46.C"),
    shows="The prescription bears the wrong category: refused at Lakeside, right at Corner",
    unmet="L-AUT-3",
)
def wrong_category_on_prescription(his: Life) -> None:
    """Also a mistyped date of birth: Lakeside found no match three times."""
    his.is_due_to_begin(-3)
    his.is_authorized(day(-3, 9), first=True)
    for minute in (0, 4, 9):
        his.is_missed(day(-2, 15, minute), at=LAKESIDE)
    his.is_checked(day(-2, 16), refused="L-DSP-4", category=FNRP, at=LAKESIDE)
    his.is_checked(day(-1, 11))


@life(
    Person("Noah", "Patel", 17, BOY, ZHOU, guardian="Anjali Patel", turns_adult_in=41),
    shows="Turns 18 in about six weeks: then he needs another category and agreement",
    unmet="L-SUR-2 L-SUR-4",
)
def turns_adult(his: Life) -> None:
    """In his first cycle; his mother signed."""
    his.begins(-16)


@life(
    Person("Ethan", "Brooks", 12, BOY, ZHOU, guardian="Laura Brooks"),
    shows="A boy, signed by his guardian; counseling for the first supply is missing",
    unmet="L-SUR-4",
)
def boy_enrolled(his: Life) -> None:
    """Enrolled yesterday."""
    his.comes_in(-1)


@life(
    Person("Lily", "Chen", 9, GIRL, ZHOU, guardian="Wei Chen"),
    shows="A girl before menarche, signed by her guardian: can be authorized now",
)
def girl_first(her: Life) -> None:
    """No tests in this category; counseled this morning."""
    her.comes_in(-3)
    her.is_counseled(hours_ago(6))


@life(
    Person("Dorothy", "Hughes", 67, FNRP, ZHOU, basis="natural_menopause"),
    shows="Seventh supply; the six-monthly survey is due next week",
    unmet="L-SUR-4",
)
def survey_due(her: Life) -> None:
    """Treated for almost six months; menopause was years ago."""
    for count, on in enumerate(range(-175, 0, 28)):
        if count == 0:
            her.begins(on)
        else:
            her.is_supplied(on)


@life(
    Person("Gloria", "Simmons", 59, FNRP, OKAFOR, basis="hysterectomy"),
    shows="The six-monthly survey is overdue: refused yesterday",
    unmet="L-SUR-2",
)
def survey_overdue(her: Life) -> None:
    """Treated since seven months, with a break."""
    her.begins(-205)
    her.is_supplied(-177)
    her.is_supplied(-30)
    her.is_counseled(day(-1, 10))
    her.asks(day(-1, 11), refused="L-SUR-2")


@life(
    Person("Margaret", "Doyle", 78, FNRP, OKAFOR, basis="natural_menopause",
           representative="Fiona Doyle"),
    shows="Cannot consent: her daughter signed as her representative; on her first supply",
    unmet="L-SUR-4",
)  # fmt: skip
def representative_signs(her: Life) -> None:
    """Signed for by an authorized representative (L-CAT-4)."""
    her.begins(-9)


@life(
    Person("Wanjiru", "Kamau", 64, FNRP, REYES, basis="bilateral_oophorectomy", has_email=False,
           time_zone="America/Los_Angeles"),
    shows="Has no e-mail; registered a second time at Harbor: two records to compare and merge",
    unmet="L-SUR-4",
)  # fmt: skip
def without_email(her: Life) -> None:
    """Two supplies from Lakeside; the other record bears her maiden name (L-PAT-1)."""
    her.begins(-35, at=LAKESIDE)
    her.is_supplied(-7, at=LAKESIDE)
    her.is_registered_again(day(-2, 9), family_name="Mwangi", by=ZHOU)
    her.gives_same_address(day(-1, 9), to=ZHOU)


OFF_PATH = (
    man_first,
    man_later,
    excepted,
    agreement_lapsed,
    wrong_category_on_prescription,
    turns_adult,
    boy_enrolled,
    girl_first,
    survey_due,
    survey_overdue,
    representative_signs,
    without_email,
)
