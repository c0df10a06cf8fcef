"""What must hold after the faults, judged from two lists: what was acknowledged, what is there.

Pure: it reads no database and no clock, so that a test can show that it notices what is wrong.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

RETRIED = frozenset({429, 503})
NEW_TOKEN = 401


@dataclass(frozen=True, slots=True)
class Written:
    """One acknowledged write: under which key, what it made, and the number that it gave."""

    key: str
    kind: str
    id: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An answer that was no success, or none at all: when, its kind in a word, what it said."""

    at: float
    kind: str
    path: str
    status: int = 0
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """One fault: its name, from when it was there until when it was undone (real time)."""

    name: str
    since: float
    until: float
    may_repeat_mail: bool = False
    may_cut_answers: bool = False


def lost(written: Iterable[Written], there: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Each acknowledged write that is not there, or bears another number than was told.

    `there`: by kind, the number (or an empty text) of each id.
    """
    for each in written:
        numbers = there.get(each.kind, {})
        if each.id not in numbers:
            yield f"{each.kind} {each.id} was acknowledged and is not there."
        elif numbers[each.id] != each.number:
            yield f"{each.kind} {each.id} has another number than was told."


def doubled(written: Iterable[Written]) -> Iterator[str]:
    """A number or a record given to two requests, or two records given to one request."""
    every = list(written)
    for number, keys in _together((each.number, each.key) for each in every if each.number):
        yield f"The number {number} was given to {keys} requests."
    for record, keys in _together((f"{each.kind} {each.id}", each.key) for each in every):
        yield f"{record} was given as the result of {keys} requests."
    for key, results in _together((each.key, (each.kind, each.id, each.number)) for each in every):
        yield f"The key {key} was answered with {results} different results."


def _together(pairs: Iterable[tuple[str, Hashable]]) -> Iterator[tuple[str, int]]:
    """What stands beside more than one other thing, and beside how many."""
    others: defaultdict[str, set[Hashable]] = defaultdict(set)
    for one, other in pairs:
        others[one].add(other)
    return ((one, len(found)) for one, found in others.items() if len(found) > 1)


def surplus(
    written: Iterable[Written], there: Mapping[str, Mapping[str, str]], before: Mapping[str, int]
) -> Iterator[str]:
    """More records than requests: a lost answer's request was carried out twice."""
    asked = Counter(kind for _, kind in {(each.key, each.kind) for each in written})
    for kind, numbers in there.items():
        made = len(numbers) - before.get(kind, 0)
        if made != asked[kind]:
            yield f"{made} × {kind} were made, and {asked[kind]} were asked for."


def unasked_for(troubles: Iterable[Trouble], spans: Sequence[Span]) -> Iterator[str]:
    """Answers that leave a client helpless: it can only repeat what tells it when, or was cut."""
    cuts = [span for span in spans if span.may_cut_answers]
    found: Counter[str] = Counter()
    for each in troubles:
        if each.status in RETRIED and each.retry_after:
            continue
        if each.status == NEW_TOKEN:
            continue
        if not each.status and any(span.since <= each.at <= span.until for span in cuts):
            continue
        found[f"{each.kind} at {each.path}, where a client cannot know what to do"] += 1
    for what, count in found.items():
        yield f"{count} × {what}."


def unsent(expected: Iterable[str], copies: Mapping[str, Collection[float]]) -> Iterator[str]:
    """Each Message-ID that ought to have left and did not."""
    for message in expected:
        if not copies.get(message):
            yield f"The message {message} was lost."


def repeated(
    copies: Mapping[str, Sequence[float]], spans: Sequence[Span], lease: float
) -> tuple[list[str], int]:
    """Messages repeated beyond the guarantee, and how many were repeated within it.

    A message may leave again only where a crash can have come between its hand-over and the mark
    (docs/operations.md): the copy before left within a lease of such a fault, or during it.
    """
    crashes = [span for span in spans if span.may_repeat_mail]
    beyond, within = [], 0
    for message, times in copies.items():
        for left_at in sorted(times)[:-1]:
            if any(span.since - lease <= left_at <= span.until for span in crashes):
                within += 1
            else:
                beyond.append(f"The message {message} left again without a crash.")
    return beyond, within


def longest_gap(successes: Iterable[float], since: float, until: float) -> float:
    """The longest time without any success between two instants."""
    times = [since, *sorted(at for at in successes if since < at < until), until]
    return max(later - earlier for earlier, later in pairwise(times))
