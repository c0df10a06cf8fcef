"""Fill an empty database with the demo's story: all of it, or nothing, or nothing again.

Only for demo and tests: everything goes through the commands, on the virtual clock.
"""

from random import Random

from django.conf import settings
from django.db import connection, transaction

from apps.accounts import selectors as accounts
from apps.core import clock
from apps.core.call import Role
from apps.rules.policy import policy_in_force
from apps.simulation.cast import PROGRAM, Cast, enter, let_in
from apps.simulation.life import Life
from apps.simulation.lives import LIVES, LifeStory
from apps.simulation.outage import befall
from apps.simulation.people import ADMINISTRATOR
from apps.simulation.story import Story, StoryError, story_ending_at

ONE_AT_A_TIME = 4_711_003


def populate(seed: int, lives: tuple[LifeStory, ...] = LIVES) -> bool:
    """Tell the story unless it was told before; whether it was told now.

    Raises StoryError outside a demo, in a database that somebody else uses, and when the program
    answers otherwise than a life says; then nothing is written.
    """
    if settings.PRODUCTION or not settings.DEMO_CLOCK:
        raise StoryError("Synthetic people live only where REMSPORTAL_ENV is demo.")
    # One transaction around the durable ones of the commands: no half-filled database is left.
    transaction.set_autocommit(False)
    try:
        told = _populate_once(seed, lives)
    except BaseException:
        transaction.rollback()
        raise
    else:
        transaction.commit()
    finally:
        transaction.set_autocommit(True)
    return told


def _populate_once(seed: int, lives: tuple[LifeStory, ...]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    administrators = accounts.people_with_role(Role.ADMINISTRATOR)
    if administrators.filter(email=ADMINISTRATOR.email).exists():
        return False
    if administrators.exists():
        raise StoryError("This database has an administrator of its own: it is not the demo's.")
    write_down(seed, lives).tell()
    let_in()
    return True


def write_down(seed: int, lives: tuple[LifeStory, ...]) -> Story:
    """The whole story with its cast, planned but not told."""
    now = clock.real_now()
    story = story_ending_at(now, policy_in_force(PROGRAM, now).calendar)
    cast = Cast()
    enter(story, cast)
    befall(story, cast)
    for number, life_story in enumerate(lives):
        # Each life draws from its own numbers: a new one changes no other.
        random = Random(seed * 1_000 + number)  # noqa: S311 - variety, not secrecy
        life_story.tell(Life(life_story.person, story, cast, random))
    return story
