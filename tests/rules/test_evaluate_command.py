"""manage.py evaluate: documents in, decisions out, one a line, with an exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.rules.documents import authorize, dispense

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "REMSPORTAL_ENV": "test", "DATABASE_URL": "postgres://nobody@/none"}


def evaluate(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "manage.py", "evaluate", *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        input=given,
        capture_output=True,
        check=False,
    )


def line(document: Any) -> bytes:
    return json.dumps(document).encode() + b"\n"


def test_one_document_gives_one_decision_without_a_database(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_bytes(json.dumps(authorize(), indent=2).encode())
    for result in (evaluate(str(file)), evaluate("-", given=file.read_bytes())):
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["allowed"] is True


def test_the_readmes_example_is_one_that_can_be_authorized() -> None:
    assert "evaluate docs/facts-example.json" in (ROOT / "README.md").read_text()
    result = evaluate("docs/facts-example.json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["allowed"] is True


def test_a_refusal_is_an_answer() -> None:
    result = evaluate(given=line({**authorize(), "counseling": []}))
    assert result.returncode == 0
    assert json.loads(result.stdout)["unmet"] == ["L-SUR-4"]


def test_an_invalid_line_gives_an_error_on_its_line_and_the_rest_go_on() -> None:
    wrong = [b"{nonsense\n", line({"program": 1}), b"\n", b'{"a": NaN}\n', b"\xff\n"]
    result = evaluate("--lines", given=b"".join([line(authorize()), *wrong, line(dispense())]))
    answers = [json.loads(each) for each in result.stdout.splitlines()]
    assert result.returncode == 2
    assert ["error" in each for each in answers] == [False, *[True] * len(wrong), False]
    assert answers[1]["error"] == "invalid_facts"
    assert answers[1]["errors"][0]["pointer"] == ""
    assert b"Traceback" not in result.stderr


def test_a_blank_line_is_an_invalid_line_and_the_end_of_the_last_line_is_none() -> None:
    for given in (line(authorize()) + b"\n \r\n" + line(dispense()), b"\n\n"):
        answers = [
            json.loads(each) for each in evaluate("--lines", given=given).stdout.splitlines()
        ]
        assert len(answers) == given.count(b"\n")
        errors = [each["errors"] for each in answers if "error" in each]
        message = "The document is not JSON: it is empty."
        assert errors == [[{"pointer": "", "message": message}]] * 2


def test_a_document_in_utf_16_is_refused_as_any_other_that_is_not_utf_8() -> None:
    result = evaluate(given=json.dumps(authorize()).encode("utf-16"))
    assert result.returncode == 2
    assert json.loads(result.stdout)["errors"][0]["message"] == "The document is not UTF-8 text."


def test_an_invalid_document_gives_status_2() -> None:
    result = evaluate(given=b"[]")
    assert result.returncode == 2
    assert json.loads(result.stdout)["errors"][0]["pointer"] == ""


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    result = evaluate(str(tmp_path / "none.json"))
    assert result.returncode == 2
    assert b"none.json" in result.stderr
    assert b"Traceback" not in result.stderr


def test_each_decision_comes_as_soon_as_its_line() -> None:
    command = [sys.executable, "manage.py", "evaluate", "--lines"]
    with subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for document in (authorize(), dispense()):
            process.stdin.write(line(document))
            process.stdin.flush()
            decision = json.loads(process.stdout.readline())
            assert decision["question"] == document["question"]
        process.stdin.close()
    assert process.returncode == 0


def test_a_reader_who_leaves_is_no_error() -> None:
    command = [sys.executable, "manage.py", "evaluate", "--lines"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(line(authorize()))
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        try:
            process.stdin.write(line(authorize()) * 3)
            process.stdin.close()
        except BrokenPipeError:
            process.stdin = None
        assert process.stderr.read() == b""
    assert process.returncode == 0
