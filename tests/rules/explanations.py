"""Facts with the decisions that they give, read once by a person: every reason, window and step.

`python -m tests.rules.explanations` writes the decisions anew, after a change that was meant: the
difference between the two files is then what a reviewer reads.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.rules.decision import evaluate_document
from apps.rules.policy import POLICY_DIRECTORY, Policies

DATA = Path(__file__).parent / "data"
FILE = DATA / "explanations.jsonl"
POLICIES = {
    "lenalidomide": Policies(POLICY_DIRECTORY),
    "retinoid": Policies(DATA / "second_program" / "policies"),
}


def cases() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each case's facts and what was said of them."""
    for line in FILE.read_text().splitlines():
        case = json.loads(line)
        yield case["facts"], case["said"]


def said_of(facts: dict[str, Any]) -> dict[str, Any]:
    """What the decision on these facts says, without what stands in the policy or the reasons."""
    decision = evaluate_document(facts, POLICIES[facts["program"]])
    return {
        "path": decision["path"],
        "expires_at": decision["expires_at"],
        "requirements": [
            [each["rule"], each["reason"], each["params"], each["opens_at"], each["closes_at"]]
            for each in decision["requirements"]
        ],
        "next_actions": [list(each.values()) for each in decision["next_actions"]],
        "advisories": [each["code"] for each in decision["advisories"]],
    }


def write_anew() -> None:
    """The same facts with what is said of them now."""
    known = [{"facts": facts, "said": said_of(facts)} for facts, _ in cases()]
    lines = (json.dumps(each, sort_keys=True, separators=(",", ":")) for each in known)
    FILE.write_text("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    write_anew()
