"""What breaks the constraints of decisions, of editions and of the program's own work."""

from uuid import uuid4

from tests.guards.breaches.breach import breach, but, double
from tests.guards.world import Row

DECISION = "eligibility_decision"
EDITION = "eligibility_policyedition"
OCCURRENCE = "The same occurrence"

COPY, LATE = "oversight_recordcopy", "2100-01-01Z"


def made(_row: Row) -> Row:
    """What a copy has that is made."""
    return {
        "made_at": LATE,
        "read_at": LATE,
        "pdf": "\\x00",
        "json": "\\x00",
        "pdf_sha256": "a" * 64,
        "json_sha256": "b" * 64,
    }


def nothing(_row: Row) -> Row:
    """Of a copy that is asked for."""
    return {}


CHECKS = [
    breach("assignment_kind", "oversight_assignment", kind="gossip"),
    breach("record_copy_has_reason", COPY, reason=""),
    breach("record_copy_parts_are_in_order", COPY, parts=3, parts_done=4),
    breach("record_copy_failure_is_whole", COPY, failed_at=LATE, last_error=""),
    breach("record_copy_failure_is_whole", COPY, failed_at=LATE, last_error="x", made_at=LATE),
    *(
        breach("record_copy_made_is_whole", COPY, but(made, **{lacks: value}))
        for lacks, value in (
            ("made_at", None),
            ("read_at", None),
            ("pdf", None),
            ("json", None),
            ("pdf_sha256", ""),
            ("json_sha256", ""),
            ("emptied_at", LATE),
        )
    ),
    *(
        breach("record_copy_made_is_whole", COPY, but(nothing, **{column: value}))
        for column, value in (*made({}).items(), ("emptied_at", LATE))
    ),
    breach("assignment_has_subject", "oversight_assignment", subject_id=""),
    breach("settlement_kind_has_no_other_end", "oversight_settlement", kind="intervention"),
    breach("settlement_has_subject", "oversight_settlement", subject_model=""),
    breach("settlement_has_note", "oversight_settlement", note=""),
    breach("facts_digest_is_sha256", "eligibility_factsdocument", digest="0" * 63 + "G"),
    breach(
        "decision_act_is_known", DECISION, act="guess", allowed=False, document={"allowed": False}
    ),
    breach(
        "decision_refused_issues_nothing",
        DECISION,
        act="authorize",
        allowed=False,
        document={"allowed": False},
    ),
    breach(
        "decision_refused_dispenses_nothing",
        DECISION,
        act="dispense",
        allowed=False,
        document={"allowed": False},
        dispense_id=str(uuid4()),
    ),
    breach("decision_names_its_authorization", DECISION, act="verify", authorization_id=None),
    breach("decision_allowed_names_its_result", DECISION, act="confirm", confirmation_id=None),
    breach(
        "decision_refused_confirms_nothing",
        DECISION,
        act="confirm",
        allowed=False,
        document={"allowed": False},
        confirmation_id=str(uuid4()),
    ),
    breach("decision_document_agrees", DECISION, document={"allowed": False}),
    breach("decision_document_agrees", DECISION, document={}),
    breach("edition_digest_is_sha256", EDITION, digest="0" * 63 + "G"),
    breach("edition_names_who_approved_it", EDITION, approved_by=""),
    breach("edition_is_recorded_before_it_decides", EDITION, came_into_force_at="2001-01-01Z"),
    breach("edition_is_replaced_after_recorded", EDITION, replaced_at="2001-01-01Z"),
]
UNIQUES = [
    double("assignment_one_at_an_instant", "oversight_assignment", subject_id=OCCURRENCE),
    double("settlement_of_an_item_is_one", "oversight_settlement", subject_id=OCCURRENCE),
    double("edition_has_one_text", EDITION, version="another-2026-01"),
]
