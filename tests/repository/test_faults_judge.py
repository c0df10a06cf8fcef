"""That the judge of `python -m bench faults` notices what it is there to notice."""

from dataclasses import replace

from bench.faults_judge import (
    Span,
    Trouble,
    Written,
    doubled,
    longest_gap,
    lost,
    repeated,
    surplus,
    unasked_for,
    unsent,
)

FIRST = Written(key="k1", kind="authorizations", id="a1", number="N1")
SECOND = Written(key="k2", kind="authorizations", id="a2", number="N2")
TEST = Written(key="k3", kind="pregnancy-tests", id="t1")
WRITTEN = [FIRST, FIRST, SECOND, TEST]
THERE = {"authorizations": {"a1": "N1", "a2": "N2"}, "pregnancy-tests": {"t1": "", "t0": ""}}
BEFORE = {"pregnancy-tests": 1}
CRASH = Span("worker killed", 100.0, 106.0, may_repeat_mail=True)
CUT = Span("web workers killed", 200.0, 206.0, may_cut_answers=True)
LEASE = 10.0


def test_what_holds_is_no_problem() -> None:
    """A request that was repeated and answered alike is one request."""
    assert [*lost(WRITTEN, THERE), *doubled(WRITTEN), *surplus(WRITTEN, THERE, BEFORE)] == []


def test_a_removed_write_and_a_changed_number_are_noticed() -> None:
    gone = {**THERE, "authorizations": {"a1": "N9"}}
    number, record = lost([FIRST, SECOND, TEST], gone)
    assert number == "authorizations a1 has another number than was told."
    assert record == "authorizations a2 was acknowledged and is not there."
    assert list(lost([TEST], {})) == ["pregnancy-tests t1 was acknowledged and is not there."]


def test_a_number_given_twice_is_noticed() -> None:
    assert list(doubled([FIRST, replace(SECOND, number="N1")])) == [
        "The number N1 was given to 2 requests."
    ]
    assert list(doubled([TEST, replace(TEST, key="k4")])) == [
        "pregnancy-tests t1 was given as the result of 2 requests."
    ]


def test_a_repeated_request_that_was_carried_out_twice_is_noticed() -> None:
    again = replace(FIRST, id="a3", number="N3")
    assert list(doubled([FIRST, again])) == ["The key k1 was answered with 2 different results."]
    unknown = {**THERE, "authorizations": {"a1": "N1", "a2": "N2", "a3": "N3"}}
    assert list(surplus(WRITTEN, unknown, BEFORE)) == [
        "3 × authorizations were made, and 2 were asked for."
    ]


def test_only_an_answer_that_says_when_to_try_again_or_was_cut_helps_a_client() -> None:
    fine = [
        Trouble(1.0, "503 unavailable", "/p", 503, "5"),
        Trouble(1.0, "401 unauthenticated", "/p", 401),
        Trouble(203.0, "RemoteDisconnected", "/p"),
    ]
    assert list(unasked_for(fine, [CRASH, CUT])) == []
    helpless = [
        Trouble(203.0, "500 text/html", "/p", 500),
        Trouble(1.0, "503 unavailable", "/p", 503),
        Trouble(103.0, "RemoteDisconnected", "/p"),
    ]
    assert len(list(unasked_for(helpless, [CRASH, CUT]))) == 3


def test_a_lost_message_and_one_repeated_without_a_crash_are_noticed() -> None:
    copies = {"<one>": [50.0], "<crashed>": [95.0, 112.0], "<twice>": [89.0, 112.0], "<none>": []}
    assert list(unsent(["<one>", "<none>", "<never>"], copies)) == [
        "The message <none> was lost.",
        "The message <never> was lost.",
    ]
    beyond, within = repeated(copies, [CRASH, CUT], LEASE)
    assert (beyond, within) == (["The message <twice> left again without a crash."], 1)


def test_the_longest_gap_counts_from_the_beginning_and_to_the_end() -> None:
    assert longest_gap([1.0, 2.0, 14.0, 99.0], 10.0, 21.0) == 7.0
    assert longest_gap([], 10.0, 21.0) == 11.0
