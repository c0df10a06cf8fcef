"""How long an evaluation takes, as a ratio to reading and writing the same JSON.

(a) json.loads of the facts and json.dumps of the decision; (b) the whole evaluation from text to
text: parse, validate, decide, explain, write. Both over the same documents, interleaved, one core.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from apps.rules.decision import evaluate_document
from apps.rules.validation import load_document

SCENARIOS = Path(__file__).parent.parent / "tests" / "rules" / "data" / "scenarios.jsonl"
TARGET = 10.0


@dataclass(frozen=True)
class Result:
    """Seconds for one pass over all documents, the best of all rounds."""

    documents: int
    json_seconds: float
    evaluate_seconds: float

    @property
    def ratio(self) -> float:
        """How many times the JSON work the whole evaluation takes."""
        return self.evaluate_seconds / self.json_seconds


def run(rounds: int = 15) -> Result:
    """Measures both, round by round, so that a noisy machine is noisy for both."""
    lines = SCENARIOS.read_text().splitlines()
    texts = [json.dumps(json.loads(line)["facts"]) for line in lines]
    decisions = [evaluate_document(json.loads(text)) for text in texts]
    pairs = list(zip(texts, decisions, strict=True))

    def only_json() -> None:
        for text, decision in pairs:
            json.loads(text)
            json.dumps(decision)

    def whole() -> None:
        for text in texts:
            json.dumps(evaluate_document(load_document(text)))

    measured = [(_seconds(only_json), _seconds(whole)) for _ in range(rounds)]
    return Result(
        documents=len(texts),
        json_seconds=min(seconds for seconds, _ in measured),
        evaluate_seconds=min(seconds for _, seconds in measured),
    )


def _seconds(work: Callable[[], None]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


def main(argv: list[str]) -> int:
    """Prints the measurement; exit status 1 when the target is missed."""
    result = run(rounds=int(argv[0])) if argv else run()
    print(f"documents                 {result.documents}")
    print(f"JSON alone                {result.json_seconds / result.documents * 1e6:8.1f} µs each")
    print(
        f"evaluation, text to text  {result.evaluate_seconds / result.documents * 1e6:8.1f} µs each"
    )
    print(f"documents a second        {result.documents / result.evaluate_seconds:8.0f}")
    print(f"ratio                     {result.ratio:8.2f}  (target: at most {TARGET:.0f})")
    return 0 if result.ratio <= TARGET else 1
