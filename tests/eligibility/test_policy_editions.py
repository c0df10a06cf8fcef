"""The ledger of policy editions: what is recorded, what decides, and when a start is refused."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client

from apps.backoffice.eligibility import state_of
from apps.eligibility import deciding, editions
from apps.eligibility.apps import EligibilityConfig, refuse_unverified
from apps.eligibility.models import Decision, PolicyEdition
from apps.ops import readiness
from apps.rules.policy import POLICY_DIRECTORY, Policies, Policy, policies, use_policies
from launcher.checks import PRODUCTION
from tests import builders, databases
from tests.conftest import as_owner
from tests.rules.test_editions import NEW, OLD, TAKES_OVER_AT, TEXT, write_editions

ROOT = Path(__file__).parents[2]
BEFORE = datetime(2026, 6, 30, 16, tzinfo=UTC)


@pytest.fixture
def using() -> Iterator[Callable[..., Policies]]:
    """Other policies for this test alone."""
    before = policies()
    yield use_policies
    use_policies(before.directory, before.programs)


Told = Callable[..., str]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """What a command prints."""

    def run(*command: str) -> str:
        call_command(*command)
        return capsys.readouterr().out

    return run


def recorded(policy: Policy) -> PolicyEdition:
    """A row as the command makes it; in the tests' own transaction."""
    now = datetime(2026, 1, 6, tzinfo=UTC)
    return PolicyEdition.objects.create(
        digest=policy.digest,
        program=policy.program,
        version=policy.version,
        effective_from=policy.effective_from,
        approved_by=policy.approved_by,
        approved_on=policy.approved_on,
        came_into_force_at=max(policy.in_force_from, now),
        recorded_at=now,
    )


def changed(folder: Path, by: str = "# A remark.\n") -> Path:
    (folder / "lenalidomide.toml").write_text(TEXT + by)
    return folder


# --- A new edition takes over ---------------------------------------------------------------------


@pytest.mark.django_db
def test_an_authorization_of_the_old_edition_is_checked_under_the_new_one(
    tmp_path: Path, using: Callable[..., Policies]
) -> None:
    """§1: decided by the edition in force at that instant; each replays under its own."""
    two = using(write_editions(tmp_path), ["lenalidomide"])
    recorded(two.by_version(NEW))
    with time_machine.travel(BEFORE, tick=True) as traveller:
        cast = builders.cast()
        authorization = builders.authorized_frp(cast)
        traveller.move_to(TAKES_OVER_AT - timedelta(hours=1))
        before = builders.confirm(cast.dispensing, authorization)
        assert before.allowed
        assert before.confirmation is not None
        traveller.move_to(TAKES_OVER_AT + timedelta(hours=1))
        after = builders.dispense(cast.dispensing, before.confirmation)
    assert [each.policy_version for each in (before, after)] == [OLD, NEW]
    assert after.document["unmet"] == ["L-DSP-6"]
    assert not after.allowed
    for decision in Decision.objects.all():
        edition = two.by_version(decision.policy_version)
        assert decision.policy_digest == edition.digest
        assert deciding.replay(decision)["unmet"] == decision.document["unmet"]


@pytest.mark.django_db
def test_what_another_edition_would_have_said_is_told_decision_by_decision(
    tmp_path: Path,
    using: Callable[..., Policies],
    told: Told,
    capsys: pytest.CaptureFixture[str],
) -> None:
    using(write_editions(tmp_path), ["lenalidomide"])
    with time_machine.travel(BEFORE, tick=True):
        cast = builders.cast()
        authorization = builders.authorized_frp(cast)
        confirmed = builders.confirm(cast.dispensing, authorization)
    assert "every one gives the same answer" in told("replay", "--under", OLD)
    with pytest.raises(SystemExit):
        told("replay", "--under", NEW)
    said = capsys.readouterr().out
    assert f"{confirmed.pk}  " in said
    assert "allowed was True and is False now" in said
    assert said.endswith("differ.\n")
    with pytest.raises(CommandError, match="There is no edition aspirin"):
        told("replay", "--under", "aspirin")


@pytest.mark.django_db
def test_nothing_is_decided_under_an_edition_that_is_not_recorded(
    tmp_path: Path, using: Callable[..., Policies]
) -> None:
    using(write_editions(tmp_path), ["lenalidomide"])
    with time_machine.travel(TAKES_OVER_AT, tick=True):
        cast = builders.cast()
        patient = builders.ready_frp(cast.prescribing)
        with pytest.raises(IntegrityError, match="edition_is_recorded"):
            builders.request(cast.prescribing, patient, "adult_frp")


# --- An edition that decided anything never changes -----------------------------------------------


@pytest.mark.django_db
def test_without_a_difference_there_is_no_problem(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(1):
        assert editions.problems() == []
    assert PolicyEdition.objects.get().version == OLD


@pytest.mark.django_db
def test_an_edition_that_decided_must_stay_as_it_was(
    tmp_path: Path, using: Callable[..., Policies]
) -> None:
    builders.authorized_frp(builders.cast())
    using(changed(tmp_path))
    (problem,) = editions.problems()
    assert problem.startswith(f"Edition {OLD} decided 1 times under another digest")
    assert "add a new edition instead" in problem
    assert "needs no `effective_to`" in problem
    assert Client().get("/readyz").json()["parts"]["policies"] == "changed"
    assert Client().get("/readyz").status_code == 503


@pytest.mark.django_db
def test_the_file_of_an_edition_that_decided_must_not_go(
    tmp_path: Path, using: Callable[..., Policies]
) -> None:
    builders.authorized_frp(builders.cast())
    (tmp_path / "other.toml").write_text(TEXT.replace(OLD, "lenalidomide-2026-02"))
    using(tmp_path)
    gone, unrecorded = editions.problems()
    assert gone == f"Edition {OLD} decided 1 times, and its file is gone: bring it back."
    assert unrecorded.startswith("Edition lenalidomide-2026-02 is not recorded.")


@pytest.mark.django_db
def test_an_edition_that_decided_nothing_may_change_and_go(
    tmp_path: Path, using: Callable[..., Policies]
) -> None:
    using(changed(tmp_path))
    (problem,) = editions.problems()
    assert problem.startswith(f"Edition {OLD} has changed since it was recorded. Run")
    (tmp_path / "lenalidomide.toml").write_text(TEXT.replace(OLD, "lenalidomide-2026-02"))
    recorded(using(tmp_path).everything()[0])
    assert editions.problems() == []


@pytest.mark.django_db
def test_an_edition_of_a_program_that_is_served_no_more_is_still_compared(
    tmp_path: Path, using: Callable[..., Policies]
) -> None:
    builders.authorized_frp(builders.cast())
    changed(tmp_path)
    name = "thalidomide.toml"
    (tmp_path / name).write_text((POLICY_DIRECTORY / name).read_text())
    recorded(using(tmp_path, ["thalidomide"]).editions("thalidomide")[0])
    (problem,) = editions.problems()
    assert problem.startswith(f"Edition {OLD} decided 1 times")


@pytest.mark.django_db
def test_who_has_not_read_an_edition_in_force_is_told_to_restart_and_still_serves(
    tmp_path: Path, using: Callable[..., Policies]
) -> None:
    """The ledger has the new edition; this process started before its file was there."""
    recorded(Policies(write_editions(tmp_path)).by_version(NEW))
    with time_machine.travel(TAKES_OVER_AT - timedelta(seconds=1), tick=False):
        assert editions.not_read() == []
    with time_machine.travel(TAKES_OVER_AT, tick=False):
        (said,) = editions.not_read()
        assert said.startswith(f"Edition {NEW} is in force, and this process has not read its file")
        assert editions.problems() == []
        assert readiness.policies() == readiness.Part("policies", "behind", said)
    assert "behind" not in readiness.UNFIT
    using(tmp_path, ["lenalidomide"])
    with time_machine.travel(TAKES_OVER_AT, tick=False):
        assert editions.not_read() == []


@pytest.mark.django_db
def test_the_administration_says_which_edition_decides(
    tmp_path: Path, using: Callable[..., Policies]
) -> None:
    old = PolicyEdition.objects.get()
    old.came_into_force_at = BEFORE  # Recorded by the tests' database today.
    new = recorded(Policies(write_editions(tmp_path)).by_version(NEW))
    with time_machine.travel(TAKES_OVER_AT, tick=False):
        assert state_of(new).startswith("In force once the web is restarted")
    using(tmp_path, ["lenalidomide"])
    with time_machine.travel(TAKES_OVER_AT - timedelta(seconds=1), tick=False):
        assert (state_of(old), state_of(new)) == ("In force", "To come")
    with time_machine.travel(TAKES_OVER_AT, tick=False):
        assert (state_of(old), state_of(new)) == ("Over", "In force")
        new.replaced_at = TAKES_OVER_AT
        assert state_of(new) == "Replaced or withdrawn"


# --- The command and the start --------------------------------------------------------------------


def manage(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def owner_of(database: str) -> dict[str, str]:
    return {"DATABASE_URL": databases.url_of(databases.owner_url(), database)}


RECORD = "record_policy_editions"
START = ("-c", "import remsportal.wsgi")
WORK = (
    "-c",
    """
import django, celery.signals, remsportal.celery
django.setup()
celery.signals.worker_init.send(None)
""",
)


def test_the_command_records_each_edition_once_and_the_product_starts(
    own_database: str, tmp_path: Path, using: Callable[..., Policies], told: Told
) -> None:
    owner = owner_of(own_database)
    here = {"POLICY_DIRECTORY": str(write_editions(tmp_path))}
    unrecorded = manage(*START, **here)
    assert unrecorded.returncode != 0
    assert f"Edition {NEW} is not recorded. Run" in unrecorded.stderr

    first = manage("manage.py", RECORD, **owner, **here)
    assert first.returncode == 0
    assert first.stdout.startswith(f"Recorded {NEW}, which decides from 20")
    assert "Restart web and worker" in first.stdout
    using(tmp_path, ["lenalidomide"])
    with as_owner():
        assert told(RECORD) == "Every edition is recorded.\n"
    edition = PolicyEdition.objects.get(version=NEW)
    assert edition.came_into_force_at == max(TAKES_OVER_AT, edition.recorded_at)
    assert (str(edition.approved_on), edition.effective_to) == ("2026-01-05", None)
    for start in (START, WORK):
        assert manage(*start, **here).returncode == 0


def test_a_text_that_decided_nothing_is_replaced_and_one_that_decided_is_not(
    own_database: str, tmp_path: Path, using: Callable[..., Policies], told: Told
) -> None:
    owner, here = owner_of(own_database), {"POLICY_DIRECTORY": str(changed(tmp_path))}
    usual = policies()
    with as_owner():
        using(tmp_path, usual.programs)
        assert told(RECORD).startswith(f"Recorded {OLD}, ")
        first, second = PolicyEdition.objects.order_by("recorded_at")
        assert (first.replaced_at, second.replaced_at) == (second.recorded_at, None)
        using(usual.directory, usual.programs)
        assert told(RECORD).startswith(f"Recorded {OLD}, ")
    assert PolicyEdition.objects.get(replaced_at=None).digest == first.digest

    builders.authorized_frp(builders.cast())
    refused = manage("manage.py", RECORD, **owner, **here)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"CommandError: Edition {OLD} decided 1 times under another")
    for start in (START, WORK):
        stopped = manage(*start, **here)
        assert stopped.returncode != 0
        assert f"Edition {OLD} decided 1 times under another digest" in stopped.stderr
        assert "Traceback" not in stopped.stderr or start is START


def test_an_edition_without_a_file_is_withdrawn_if_it_decided_nothing(
    own_database: str, tmp_path: Path, using: Callable[..., Policies], told: Told
) -> None:
    with as_owner():
        using(write_editions(tmp_path), ["lenalidomide"])
        assert told(RECORD).startswith(f"Recorded {NEW}, ")
        (tmp_path / "second.toml").unlink()
        using(tmp_path, ["lenalidomide"])
        assert told(RECORD) == f"Withdrew {NEW}: its file is gone, and it decided nothing.\n"
        assert told(RECORD) == "Every edition is recorded.\n"
    assert PolicyEdition.objects.get(version=NEW).replaced_at is not None


def test_the_command_refuses_the_loss_of_a_file_that_decided(
    own_database: str, tmp_path: Path, using: Callable[..., Policies], told: Told
) -> None:
    builders.authorized_frp(builders.cast())
    (tmp_path / "other.toml").write_text(TEXT.replace(OLD, "lenalidomide-2026-02"))
    using(tmp_path, ["lenalidomide"])
    with as_owner(), pytest.raises(CommandError, match="its file is gone: bring it back"):
        told(RECORD)
    assert PolicyEdition.objects.get().version == OLD


def test_an_approval_that_is_still_to_come_is_none(
    own_database: str, tmp_path: Path, using: Callable[..., Policies], told: Told
) -> None:
    """In the program's zone: shortly before its midnight it is another day in UTC."""
    approved = "approved_on = 2026-01-05"
    (tmp_path / "lenalidomide.toml").write_text(TEXT)
    early = TEXT.replace(OLD, NEW).replace(approved, "approved_on = 2031-03-02")
    later = early.replace("effective_from = 2020-01-01", "effective_from = 2031-04-01")
    (tmp_path / "later.toml").write_text(later)
    using(tmp_path, ["lenalidomide"])
    midnight = datetime(2031, 3, 2, 5, tzinfo=UTC)
    too_early = pytest.raises(CommandError, match="2031-03-02, which is still to come")
    with as_owner():
        with time_machine.travel(midnight - timedelta(seconds=1), tick=False), too_early:
            told(RECORD)
        with time_machine.travel(midnight, tick=False):
            assert told(RECORD).startswith(f"Recorded {NEW}, ")


def test_a_wrong_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "lenalidomide.toml").write_text("this: is no policy")
    for command in (RECORD, "policy", "check"):
        act = ["list"] if command == "policy" else []
        refused = manage("manage.py", command, *act, POLICY_DIRECTORY=str(tmp_path))
        assert refused.returncode == 1
        assert refused.stderr.startswith("remsportal: A policy file is wrong. lenalidomide.toml: ")
        assert refused.stderr.count("\n") == 1


def test_without_a_database_the_start_is_not_held_up() -> None:
    elsewhere = "postgresql://nobody@127.0.0.1:1/none"
    assert manage(*START, DATABASE_URL=elsewhere).returncode == 0


# --- Which programs are served --------------------------------------------------------------------


def production(**environment: str) -> dict[str, str]:
    return {
        **PRODUCTION,
        **environment,
    }


def test_production_refuses_a_program_with_unverified_numbers() -> None:
    refused = manage("manage.py", "policy", "list", **production(REMS_PROGRAMS="thalidomide"))
    assert refused.returncode == 1
    assert "apps/rules/policies/thalidomide.toml (thalidomide-2026-01): " in refused.stderr
    assert "parameters.recent_test_days" in refused.stderr
    assert "Check each against its source" in refused.stderr
    served = manage("manage.py", "policy", "list", **production())
    assert (served.returncode, served.stderr) == (0, "")
    assert "thalidomide-2026-01   not served" in served.stdout


def test_elsewhere_it_is_served_with_a_mark(using: Callable[..., Policies], told: Told) -> None:
    using(POLICY_DIRECTORY, ["lenalidomide", "thalidomide"])
    assert "thalidomide-2026-01   in force" in told("policy", "list")
    assert "Thalidomide REMS (unverified numbers)" in told("policy", "show", "thalidomide-2026-01")


def test_a_program_becomes_fit_for_production_once_its_numbers_are_settled(tmp_path: Path) -> None:
    text = (POLICY_DIRECTORY / "thalidomide.toml").read_text()
    (tmp_path / "thalidomide.toml").write_text(text)
    with pytest.raises(ImproperlyConfigured, match="recent_test_days"):
        refuse_unverified(Policies(tmp_path))
    settled = text.replace(", unverified = true", "").replace("\nunverified = true", "")
    (tmp_path / "thalidomide.toml").write_text(settled)
    refuse_unverified(Policies(tmp_path))


@pytest.mark.parametrize(
    ("programs", "text", "message"),
    [
        (["aspirin"], TEXT, "REMS_PROGRAMS names aspirin, but no policy file in"),
        ([], TEXT, "REMS_PROGRAMS is empty"),
        (["lenalidomide"], TEXT.replace("approved_by", "written_by"), "lenalidomide.toml.approved"),
        (["lenalidomide"], TEXT.replace("approved_on", "written_on"), "lenalidomide.toml.approved"),
    ],
)
def test_a_start_without_sound_policies_is_refused(  # noqa: PLR0917 - fixtures and cases
    using: Callable[..., Policies],
    settings: Any,
    tmp_path: Path,
    programs: list[str],
    text: str,
    message: str,
) -> None:
    del using
    (tmp_path / "lenalidomide.toml").write_text(text)
    settings.POLICY_DIRECTORY, settings.REMS_PROGRAMS = str(tmp_path), programs
    with pytest.raises(ImproperlyConfigured, match=message):
        EligibilityConfig.create("apps.eligibility").ready()


# --- Reading the editions -------------------------------------------------------------------------


def test_an_unknown_edition_is_refused_with_those_that_there_are(told: Told) -> None:
    there_are = "There are: lenalidomide-2026-01, pomalidomide-2026-01, thalidomide-2026-01"
    with pytest.raises(CommandError, match=f"There is no edition aspirin-2026-01. {there_are}"):
        told("policy", "show", "aspirin-2026-01")


def test_the_files_are_not_taken_for_what_decides(
    tmp_path: Path, using: Callable[..., Policies], told: Told
) -> None:
    """An edition that is not recorded yet stands among the files as if it were in force."""
    using(write_editions(tmp_path), ["lenalidomide"])
    for act in (["list"], ["show", NEW]):
        said = told("policy", *act)
        assert NEW in said
        assert "decides only once `manage.py record_policy_editions` has recorded it" in said
        assert "/readyz" in said


def test_a_comparison_reads_as_before_and_after(
    tmp_path: Path, using: Callable[..., Policies], told: Told
) -> None:
    using(write_editions(tmp_path))
    tightened = "  second_test_hours\n    - 24 hours (label 5.1; L-PT-2)\n    + 12 hours"
    assert tightened in told("policy", "diff", OLD, NEW)
    assert told("policy", "diff", OLD, OLD) == f"{OLD} and {OLD} say the same.\n"
