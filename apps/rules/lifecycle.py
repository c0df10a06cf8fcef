"""Every state machine as a table: event, from, to, who may. No other module moves a state.

From these tables come the transition functions' checks and the database's triggers.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Transition:
    """One move: on `event`, from `source` to `target`, by one of the roles in `by`."""

    event: str
    source: str
    target: str
    by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The states of one kind of record: where it may begin and every way that it may move."""

    name: str
    initial: frozenset[str]
    transitions: tuple[Transition, ...]

    def states(self) -> frozenset[str]:
        """All states that a record can have."""
        ends = {t.target for t in self.transitions} | {t.source for t in self.transitions}
        return self.initial | ends

    def moves(self) -> frozenset[tuple[str, str]]:
        """The pairs (from, to) that are moves, whoever makes them."""
        return frozenset((t.source, t.target) for t in self.transitions)

    def target(self, *, event: str, state: str, role: str) -> str | None:
        """Where `event` by `role` takes a record in `state`; None when no row says so."""
        for transition in self.transitions:
            if (transition.event, transition.source) == (event, state) and role in transition.by:
                return transition.target
        return None


def _rows(event: str, sources: str, target: str, by: str) -> tuple[Transition, ...]:
    roles = frozenset(by.split())
    return tuple(Transition(event, source, target, roles) for source in sources.split())


# L-DSP-8: who may enter a dispense after the fact.
LATE_ENTRY = "pharmacist technician staff administrator"

# L-ENR-1, L-ENR-2: back to certified only by an administrator.
CERTIFIED_PARTY = Lifecycle(
    name="certified party",
    initial=frozenset({"pending"}),
    transitions=(
        *_rows("certify", "pending", "certified", "staff administrator"),
        *_rows("suspend", "certified", "suspended", "administrator"),
        *_rows("decertify", "pending certified suspended", "decertified", "administrator"),
        *_rows("reinstate", "suspended decertified", "certified", "administrator"),
    ),
)

# L-CAT-3: less monitoring waits for an administrator; the rest takes effect with its signatures.
CATEGORY_CHANGE = Lifecycle(
    name="category change",
    initial=frozenset({"pending"}),
    transitions=(
        # With the last signature, whoever gives or enters it.
        *_rows("take_effect", "pending", "approved", "prescriber delegate patient"),
        *_rows("approve", "pending", "approved", "administrator"),
        *_rows("refuse", "pending", "refused", "administrator"),
        *_rows("withdraw", "pending", "withdrawn", "prescriber delegate"),
    ),
)

# L-AUT-7: what happens in the program voids (the system's own move, whoever recorded it); time
# expires; a confirmation that lapsed or was reversed releases the authorization again.
AUTHORIZATION = Lifecycle(
    name="authorization",
    initial=frozenset({"issued"}),
    transitions=(
        *_rows("confirm", "issued", "confirmed", "pharmacist technician"),
        *_rows("dispense", "confirmed", "dispensed", "pharmacist technician"),
        *_rows("release", "confirmed", "issued", "system"),
        *_rows("cancel", "issued confirmed", "void", "prescriber delegate"),
        *_rows("void", "issued confirmed", "void", "system"),
        *_rows("expire", "issued confirmed", "expired", "system"),
        # L-DSP-8: a dispense reported late uses the prescription up, whatever came since.
        *_rows("dispense_late", "issued confirmed void expired", "dispensed", LATE_ENTRY),
    ),
)

# L-DSP-3, L-DSP-7.
CONFIRMATION = Lifecycle(
    name="confirmation",
    initial=frozenset({"valid"}),
    transitions=(
        *_rows("dispense", "valid", "dispensed", "pharmacist technician"),
        *_rows("reverse", "valid", "reversed", "pharmacist technician"),
        *_rows("void", "valid", "void", "system"),
        *_rows("expire", "valid", "expired", "system"),
        *_rows("dispense_late", "valid void expired", "dispensed", LATE_ENTRY),
    ),
)

# §12: a step is sent, or cancelled because it was met or changed, or left to a person's list.
NOTICE = Lifecycle(
    name="notice",
    initial=frozenset({"scheduled"}),
    transitions=(
        *_rows("send", "scheduled", "sent", "system"),
        *_rows("cancel", "scheduled", "cancelled", "system"),
        *_rows("give_up", "scheduled", "undeliverable", "system"),
    ),
)

# L-SRC-1: what harms is in effect at once; what would make someone eligible waits for somebody
# else than who entered it.
INTAKE = Lifecycle(
    name="intake",
    initial=frozenset({"waiting", "effective"}),
    transitions=(
        *_rows("accept", "waiting", "accepted", "staff administrator"),
        *_rows("refuse", "waiting", "refused", "staff administrator"),
    ),
)

# §13.
DEVIATION = Lifecycle(
    name="deviation",
    initial=frozenset({"open"}),
    transitions=(
        *_rows("review", "open", "under_review", "staff administrator"),
        *_rows("correct", "under_review", "corrected", "staff administrator"),
        *_rows("accept", "under_review", "accepted", "administrator"),
    ),
)

# L-DSP-10: who requested withdraws; who grants or refuses is another person.
EXCEPTION_REQUEST = Lifecycle(
    name="exception request",
    initial=frozenset({"requested"}),
    transitions=(
        *_rows("grant", "requested", "granted", "staff administrator"),
        *_rows("refuse", "requested", "refused", "staff administrator"),
        *_rows("withdraw", "requested", "withdrawn", "staff administrator"),
    ),
)
