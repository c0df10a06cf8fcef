"""Tries each change of the rules in a process of its own: a pytest plugin, run by mutate.py.

The tests are collected once; for each change a fork puts the changed function's code in the place
of the old one and runs the tests that reach it, the likeliest to notice first, until one fails.
"""

import ast
import difflib
import functools
import gc
import importlib
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from textwrap import dedent, indent
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation.file_mutation import mutate_file_contents

RULES = Path("apps/rules")
ASKED, FOUND = Path("asked.json"), Path("found.json")
REACH = Path("../reach.json")
DECORATOR = re.compile(r"^ *@.*$", re.MULTILINE)
KILLED, SURVIVED = 1, 0
SECONDS_AT_LEAST, SECONDS_PER_SECOND = 10, 20
"""How long the tests of one change may take, beside how long they took without it."""
MEMORY = 4 * 2**30
CASES_AT_ONCE = 4
AFRESH = (
    "-p", "no:django", "-p", "no:cacheprovider", "--import-mode=importlib", "--assert=plain",
    "--tb=no",
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change of one function."""

    module: str
    function: str
    source: str
    """The changed function, to be executed in its module."""
    diff: tuple[str, ...]

    @property
    def name(self) -> str:
        """By which name Reach knows the function."""
        return f"{self.module}:{self.function}"


@dataclass(frozen=True)
class Reach:
    """What one test calls, and the seconds of processor time that it takes."""

    functions: frozenset[str]
    seconds: float


@dataclass(frozen=True)
class Bench:
    """All that every change is tried with."""

    items: Mapping[str, pytest.Item]
    caches: Sequence[Callable[[], None]]
    reach: Mapping[str, Reach]
    remembered: frozenset[str]
    """What any test may depend on without being seen to call it."""
    processes: int
    seconds: float
    """A test that takes longer is left out where a shorter one reaches the function."""

    def tests(self, mutant: Mutant, killers: Counter[str], known: Counter[str]) -> list[str]:
        """The tests that reach the function.

        First those that noticed other changes, then a few cases of each test, then more.
        """
        everything = mutant.name in self.remembered
        reaching = [
            each for each in self.items if everything or mutant.name in self.reach[each].functions
        ]
        cases: Counter[str] = Counter()
        order: dict[str, tuple[float, ...]] = {}
        for each in reaching:
            test = each.partition("[")[0]
            cases[test] += 1
            seconds = self.reach[each].seconds
            order[each] = -known[each], -killers[each], cases[test] // CASES_AT_ONCE, seconds
        fast = [each for each in reaching if self.reach[each].seconds <= self.seconds]
        return sorted(fast or reaching, key=order.__getitem__)


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Runs the changes instead of the tests."""
    asked = json.loads(ASKED.read_text())
    items = {item.nodeid: item for item in session.items}
    caches = _caches()
    reach, remembered = _reach(items, caches)
    bench = Bench(items, caches, reach, remembered, asked["processes"], asked["seconds"])
    found: dict[str, Any] = {}
    gc.freeze()  # so that no fork copies what it only counts
    for module in asked["modules"]:
        started = time.monotonic()
        mutants = list(_mutants(module))
        survivors = _try_all(mutants, bench)
        survivors = [each for each in survivors if not _is_noticed_afresh(each[0], session)]
        found[module] = {
            "mutants": len(mutants),
            "survivors": [
                {"function": each.function, "diff": each.diff, "reached": reached}
                for each, reached in survivors
            ],
        }
        killed = len(mutants) - len(survivors)
        seconds = time.monotonic() - started
        print(f"{module}: {killed} of {len(mutants)} noticed, {seconds:.0f} s", file=sys.stderr)
        FOUND.write_text(json.dumps(found))
    return True


def _mutants(module: str) -> Iterator[Mutant]:
    """Every change that mutmut knows; decorators are left out: only the functions are taken."""
    path = RULES / f"{module}.py"
    code = DECORATOR.sub("", path.read_text())
    mutated = mutate_file_contents(str(path), code)
    lines, spans = mutated.code.splitlines(), mutated.line_span_by_function_name

    def source(name: str) -> str:
        span = spans[name]
        return dedent("\n".join(lines[span.start - 1 : span.end])) + "\n"

    for name in mutated.mutant_names:
        function = name.partition("__mutmut_")[0]
        before, after = source(f"{function}__mutmut_orig"), source(name)
        plain = function.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
        diff = difflib.unified_diff(
            before.replace(f"{function}__mutmut_orig", plain).splitlines(),
            after.replace(name, plain).splitlines(),
            lineterm="",
            n=1,
        )
        yield Mutant(module, plain, after, tuple(line for line in diff if line[:3] not in _HEADS))


_HEADS = {"---", "+++", "@@ "}


def _loaded(module: str) -> ModuleType:
    name = ".".join((*RULES.parts, *Path(module).parts)).removesuffix(".__init__")
    return importlib.import_module(name)


def _plain_function(found: Any) -> FunctionType:
    """The function behind a property, a cache or a class method."""
    for name in ("fget", "func", "__func__", "__wrapped__"):
        found = getattr(found, name, None) or found
    assert isinstance(found, FunctionType)
    return found


def _change(mutant: Mutant) -> None:
    """Puts the changed code where the old one was, wherever the function is used."""
    module = _loaded(mutant.module)
    owner: Any = module
    *owners, name = mutant.function.split(".")
    for each in owners:
        owner = getattr(owner, each)
    function = _plain_function(vars(owner)[name])
    names: dict[str, Any] = {}
    if function.__code__.co_freevars:
        # It speaks of its class (super): so must the changed one, and it is found by the class.
        source = (
            f"def make(__class__):\n{indent(mutant.source, ' ')}\n return [*locals().values()][-1]"
        )
        exec(source, vars(module), names)  # noqa: S102 - what mutmut wrote
        setattr(owner, name, names["make"](owner))
        return
    exec(mutant.source, vars(module), names)  # noqa: S102 - what mutmut wrote
    changed = _plain_function([*names.values()][-1])
    function.__code__ = changed.__code__
    function.__defaults__, function.__kwdefaults__ = changed.__defaults__, changed.__kwdefaults__


def _caches() -> list[Callable[[], None]]:
    """What forgets everything that the rules remember between two calls, save the policies."""
    return [
        each.cache_clear
        for each in gc.get_objects()
        if isinstance(each, functools._lru_cache_wrapper)  # noqa: SLF001
        and (each.__module__ or "").startswith("apps.rules")
    ]


def _forget_policies() -> None:
    vars(_loaded("policy"))["_policies"] = None


def _remembering() -> set[CodeType]:
    """The functions whose answers stay for the whole process: reading policies, their parts."""
    parts = (each for each in gc.get_objects() if isinstance(each, functools.cached_property))
    policy = _loaded("policy")
    read = [policy.policies, policy.Policies.__init__, *(each.func for each in parts)]
    return {each.__code__ for each in read}


def _run(item: pytest.Item) -> bool:
    """Whether the test passes."""
    reports = runtestprotocol(item, log=False, nextitem=None)
    return not any(report.failed for report in reports)


def _reach(
    items: dict[str, pytest.Item], caches: list[Callable[[], None]]
) -> tuple[dict[str, Reach], frozenset[str]]:
    """What each test calls, and what any test may call without being seen to.

    Kept from run to run for tests whose file is the same: at worst a change is tried on too few.
    """
    known = json.loads(REACH.read_text()) if REACH.exists() else {}
    files = {str(item.path): "" for item in items.values()}
    digests = {file: sha256(Path(file).read_bytes()).hexdigest() for file in files}
    wanted = {nodeid: digests[str(item.path)] for nodeid, item in items.items()}
    known = {
        nodeid: each
        for nodeid, each in known.items()
        if nodeid not in items or each["digest"] == wanted[nodeid]
    }
    unknown = {nodeid: item for nodeid, item in items.items() if nodeid not in known}
    read, write = os.pipe()
    if os.fork() == 0:
        _be_silent()
        _forget_policies()
        with os.fdopen(write, "w") as told:
            for nodeid, item in unknown.items():
                told.write(json.dumps([nodeid, _reach_of(item, caches)]) + "\n")
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        for nodeid, found in map(json.loads, said):
            known[nodeid] = {**found, "digest": wanted[nodeid]}
    os.wait()
    failing = [nodeid for nodeid in items if nodeid not in known or not known[nodeid]["passed"]]
    if failing:
        raise pytest.UsageError(f"These fail without any change: {failing}")
    REACH.write_text(json.dumps(known))
    reach = {
        nodeid: Reach(frozenset(known[nodeid]["functions"]), known[nodeid]["seconds"])
        for nodeid in items
    }
    return reach, frozenset(name for each in known.values() for name in each["remembered"])


def _reach_of(item: pytest.Item, caches: list[Callable[[], None]]) -> dict[str, Any]:
    called: set[CodeType] = set()
    remembered: set[CodeType] = set()
    remembering, inside = _remembering(), 0

    def note(frame: FrameType, event: str, _: Any) -> None:
        nonlocal inside
        if event == "call":
            called.add(frame.f_code)
            inside += frame.f_code in remembering
            if inside:
                remembered.add(frame.f_code)
        elif event == "return" and frame.f_code in remembering:
            inside -= 1

    for forget in caches:
        forget()
    started = time.process_time()
    sys.setprofile(note)
    passed = _run(item)
    sys.setprofile(None)
    return {
        "passed": passed,
        "seconds": time.process_time() - started,
        "functions": _names(called),
        "remembered": _names(remembered),
    }


def _names(codes: set[CodeType]) -> list[str]:
    here = str(RULES.resolve())
    return sorted(
        f"{code.co_filename[len(here) + 1 : -3]}:{code.co_qualname.partition('.<locals>')[0]}"
        for code in codes
        if code.co_filename.startswith(here)
    )


def _try_all(mutants: Sequence[Mutant], bench: Bench) -> list[tuple[Mutant, int]]:
    """Those that no test noticed, with the number of tests that reach them."""
    killers: Counter[str] = Counter()
    by_function: defaultdict[str, Counter[str]] = defaultdict(Counter)
    survivors: list[tuple[Mutant, int]] = []
    running: dict[int, tuple[Mutant, int, int]] = {}

    def finish_one() -> None:
        pid, status = os.wait()
        mutant, said, count = running.pop(pid)
        with os.fdopen(said) as told:
            killer = told.read()
        if status == 0:
            survivors.append((mutant, count))
        elif killer:
            killers[killer] += 1
            by_function[mutant.function][killer] += 1

    for mutant in mutants:
        if len(running) >= bench.processes:
            finish_one()
        tests = bench.tests(mutant, killers, by_function[mutant.function])
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            _try_one(mutant, tests, bench, write)
        os.close(write)
        running[pid] = mutant, read, len(tests)
    while running:
        finish_one()
    return survivors


def _is_noticed_afresh(mutant: Mutant, session: pytest.Session) -> bool:
    """Whether the tests notice once everything was loaded with the change.

    Only for what runs while the modules are loaded: by the time of a fork it has run without.
    """
    if mutant.function not in _called_while_loading():
        return False
    path = RULES / f"{mutant.module}.py"
    before = path.read_text()
    files = sorted({str(item.path) for item in session.items})
    left_out = [f"--deselect={each}" for each in session.config.option.deselect or ()]
    command = [sys.executable, "-m", "pytest", "-x", "-q", *AFRESH, *left_out, *files]
    path.write_text(_changed_text(before, mutant))
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # noqa: S603
    finally:
        path.write_text(before)
    return done.returncode != 0


@functools.cache
def _called_while_loading() -> set[str]:
    """The names of the functions that a module calls outside its own."""
    found: set[str] = set()
    for path in RULES.rglob("*.py"):
        for statement in ast.parse(path.read_text()).body:
            if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
                calls = (each for each in ast.walk(statement) if isinstance(each, ast.Call))
                found |= {each.func.id for each in calls if isinstance(each.func, ast.Name)}
    return found


def _changed_text(text: str, mutant: Mutant) -> str:
    """The module's text with the changed function in the place of the old one."""
    (node,) = (
        each
        for each in ast.parse(text).body
        if isinstance(each, ast.FunctionDef) and each.name == mutant.function
    )
    lines, changed = text.splitlines(), mutant.source.splitlines()
    changed[0] = re.sub(r"def \w+\(", f"def {mutant.function}(", changed[0], count=1)
    assert node.end_lineno is not None
    return "\n".join([*lines[: node.lineno - 1], *changed, *lines[node.end_lineno :], ""])


def _try_one(mutant: Mutant, tests: Sequence[str], bench: Bench, write: int) -> None:
    """Ends this process: with 0 when no test noticed, and else after telling which one did."""
    seconds = sum(bench.reach[each].seconds for each in tests)
    limit = int(SECONDS_AT_LEAST + SECONDS_PER_SECOND * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    gc.disable()
    _be_silent()
    status = SURVIVED  # what cannot be put in its place was noticed by nobody
    try:
        _change(mutant)
        status = KILLED
        if mutant.name in bench.remembered:
            _forget_policies()
        for forget in bench.caches:
            forget()
        killer = next((each for each in tests if not _run(bench.items[each])), None)
        if killer is None:
            status = SURVIVED
        else:
            os.write(write, killer.encode())
    finally:
        os._exit(status)


def _be_silent() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
