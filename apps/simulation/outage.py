"""The outage of the demo's story: an afternoon without a network, two days ago."""

from apps.eligibility import services as eligibility
from apps.simulation.cast import Cast
from apps.simulation.moments import day
from apps.simulation.people import ADMINISTRATOR
from apps.simulation.story import Story

BEGAN, ENDED = day(-2, 12), day(-2, 13, 45)
PARTS = ("pages", "confirmations")
WHAT_FAILED = (
    "The network of Corner Specialty Pharmacy is down: no eligibility check, no confirmation."
)


def befall(story: Story, cast: Cast) -> None:
    """Plan that an administrator declares the outage, and ends it."""

    def declare() -> None:
        cast.outage = eligibility.declare_outage(
            cast.of_office(ADMINISTRATOR),
            from_at=BEGAN(story.today),
            parts=PARTS,
            description=WHAT_FAILED,
        )

    def end() -> None:
        eligibility.end_outage(
            cast.of_office(ADMINISTRATOR),
            outage_id=cast.outage.pk,
            until_at=ENDED(story.today),
        )

    story.plan(day(-2, 12, 10), declare)
    story.plan(day(-2, 13, 50), end)
