"""Requests to the API: schemathesis draws them from the document; ids and callers are real ones.

Drawn at random alone, nearly all would end at an unknown id: most get the ids, the tokens and
something of the valid content of the small world (tests/api/world.py).
"""

import enum
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import schemathesis
import yaml
from django.core.wsgi import get_wsgi_application
from django.urls import URLPattern
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from apps.accounts.models import ClientKeys
from apps.accounts.scopes import WORK_OF
from apps.api.tokens import token_url
from apps.api.urls import version_1
from apps.api.views.tokens import GRANT
from apps.core import clock
from apps.core.call import Role
from tests.api import keys
from tests.api.clients import SECRET
from tests.api.test_description import KEPT
from tests.api.world import World
from tests.fuzz import nonsense

# Why a listed operation is not tried. An operation that is neither listed nor tried is a failure.
EXCLUDED: dict[str, str] = {}
SCENARIOS = KEPT.parents[1] / "tests" / "rules" / "data" / "scenarios.jsonl"
# Who does which work; the first is the one to whom what is addressed belongs.
FACTS = json.loads(SCENARIOS.read_text(encoding="utf-8").partition("\n")[0])["facts"]
CALLERS = {
    "prescribe": ("owner", "owner", "owner", "colleague", "other"),
    "dispense": ("pharmacy", "pharmacy", "pharmacy", "representative", "other pharmacy"),
    "administer": ("administrator", "administrator", "staff"),
    "audit": ("auditor",),
}
NOBODY = "nobody"
OWN_HEADERS = {"Authorization", "Idempotency-Key", "On-Behalf-Of"}
FIRST = {"transfers": "other"}  # Who takes a patient over has not had her yet.
QUERIES = {"documents": {"program": "lenalidomide"}}
PARTS_OF_A_CASE = ("path_parameters", "query", "headers", "cookies", "body", "media_type")


class Manner(enum.Enum):
    """What of a request is the world's, and what is drawn."""

    AS_TOLD = "valid content, as the journeys send it"
    TOUCHED = "valid content, of which a few values are replaced"
    GENERATED = "content that the document admits"
    NONSENSE = "content that the document does not admit"


MANNERS = [
    Manner.TOUCHED, Manner.TOUCHED, Manner.TOUCHED, Manner.GENERATED, Manner.GENERATED,
    Manner.NONSENSE,
]  # fmt: skip
# Where valid content meets a conflict in the small world, so that nobody gets a 2xx there.
CONFLICTS = {
    "category-changes": "a change waits already",
    "late-dispense-withdrawal": "nothing was entered late",
    "merges": "a change of category waits for one of the two",
    "pharmacy-certifications": "certified already",
    "pharmacy-enrollments": "certified, and not to be renewed yet",
    "prescriber-certifications": "certified already",
    "representatives": "somebody is named already",
    "shipment-correction": "nothing was shipped",
    "shipment-outcome": "nothing was shipped",
    "supply-end-withdrawal": "no supply has ended",
    "successor-confirmation": "nobody is named",
}


@dataclass
class Asked:
    """One request, and what it is for."""

    case: Any
    manner: Manner
    caller: str


class Door:
    """The document's operations, served by this process, with a world behind them."""

    def __init__(self, place: World) -> None:
        self.place = place
        self.names = {
            _template(str(pattern.pattern)): str(pattern.name)
            for pattern in version_1
            if isinstance(pattern, URLPattern)
        }
        self.operations = [each for each in described() if each.label not in EXCLUDED]

    def asked(self, operation: Any) -> st.SearchStrategy[Asked]:
        """Requests of this operation."""
        drawn = {
            GenerationMode.POSITIVE: operation.as_strategy(),
            GenerationMode.NEGATIVE: operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        }
        return _asked(self, operation, drawn)

    def as_told(self, operation: Any) -> list[Asked]:
        """Each valid content, by the first caller of each work: what must be answered well."""
        body = {"media_type": _media_type(operation)} if operation.body else {}
        name, works = self.names[operation.path], _works(operation)
        callers = [FIRST.get(name, CALLERS[work][0]) for work in works] or [NOBODY]
        return [
            Asked(
                operation.Case(
                    path_parameters=self.ids(operation),
                    query=dict(QUERIES.get(name, {})),
                    headers={**self.headers(caller), "Idempotency-Key": f"as-told-{number}"},
                    **({**body, "body": content} if body else {}),
                ),
                Manner.AS_TOLD,
                caller,
            )
            for caller in callers
            for number, content in enumerate(self.contents(operation))
        ]

    def headers(self, caller: str) -> dict[str, str]:
        """Token and prescriber of a caller."""
        return {} if caller == NOBODY else self.place.systems[caller].headers()

    def labels(self, names: Collection[str]) -> set[str]:
        """The operations that write at these addresses, as the figures name them."""
        found = [each for each in self.operations if self.names[each.path] in names]
        return {each.label for each in found if each.method.upper() == "POST"}

    def ids(self, operation: Any) -> dict[str, str]:
        """What stands in the operation's address: ids of the world."""
        name = self.names[operation.path]
        paths = {**self.place.paths, "entry_id": self.place.paths.get(name, "")}
        return {each.name: paths[each.name] for each in operation.path_parameters}

    def contents(self, operation: Any) -> list[dict[str, Any]]:
        """The operation's valid content; where it takes several kinds, one of each."""
        name = self.names[operation.path]
        if name == "token":
            return [self._by_secret, self._by_signature]
        return [FACTS] if name == "evaluations" else [self.place.bodies.get(name, {})]

    @cached_property
    def _by_secret(self) -> dict[str, Any]:
        client_id = self.place.systems["owner"].client.application.client_id
        return {"grant_type": GRANT, "client_id": client_id, "client_secret": SECRET}

    @cached_property
    def _by_signature(self) -> dict[str, Any]:
        """Good for five minutes, and as often as each case is rolled back."""
        client = self.place.systems["pharmacy"].client
        ClientKeys.objects.create(
            client=client, jwks=keys.public_set(keys.rsa_key()), set_at=clock.now()
        )
        signed = keys.assertion(client.application.client_id, token_url())
        return {
            "grant_type": GRANT,
            "client_assertion_type": keys.TYPE,
            "client_assertion": signed,
        }


@cache
def described() -> list[Any]:
    """Every operation of the document, with this process as its server."""
    document = yaml.load(KEPT.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    # Else it also draws what stands in the modules that are loaded, which differ by process.
    config = SchemathesisConfig.from_dict({"analysis": {"constants": {"enabled": False}}})
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = get_wsgi_application()
    found = []
    for each in schema.get_all_operations():
        assert isinstance(each, Ok), each
        found.append(each.ok())
    return found


def _template(route: str) -> str:
    """A route as the document writes it."""
    for kind in ("<uuid:", "<slug:"):
        route = route.replace(kind, "{")
    return f"/api/v1/{route.replace('>', '}')}"


@st.composite
def _asked(draw: Any, door: Door, operation: Any, drawn: dict[Any, Any]) -> Asked:
    manner = draw(st.sampled_from(MANNERS))
    caller = _caller(draw, operation)
    is_wrong = manner is Manner.NONSENSE
    whole = draw(drawn[GenerationMode.NEGATIVE if is_wrong else GenerationMode.POSITIVE])
    parts = {name: getattr(whole, name) for name in PARTS_OF_A_CASE}
    if operation.path_parameters and not _now_and_then(draw, 3 if is_wrong else 10):
        parts["path_parameters"] = _ids(draw, door, operation)
    if operation.body and manner is Manner.TOUCHED:
        content = draw(st.sampled_from(door.contents(operation)))
        parts["body"] = _touched(draw, content, parts["body"], list(door.place.paths.values()))
        parts["media_type"] = _media_type(operation)
    if parts.get("query") and manner is Manner.GENERATED:
        parts["query"] = _pointed(draw, parts["query"], door)
    parts["headers"] = _headers(draw, door, caller, manner, parts.get("headers") or {})
    return Asked(operation.Case(**parts), manner, caller)


def _caller(draw: Any, operation: Any) -> str:
    """One in ten is nobody, and one in ten of any kind; to the others' work it opens."""
    entitled = [name for work in _works(operation) for name in CALLERS[work]]
    if not entitled or _now_and_then(draw, 10):
        return NOBODY
    everybody = [name for names in CALLERS.values() for name in names]
    name: str = draw(st.sampled_from(everybody if _now_and_then(draw, 10) else entitled))
    return name


def _now_and_then(draw: Any, times: int) -> bool:
    """Once in so many times. Numbers at the edge of a range are drawn more often: not by them."""
    drawn: int = draw(st.integers(0, times - 1))
    return drawn == times // 2


def _works(operation: Any) -> list[str]:
    """To whose work it opens, as its description says; none, for one that is open to all."""
    said = re.search(r"Roles: ([a-z, ]+)\.", operation.definition.raw.get("description", ""))
    roles = said[1].split(", ") if said else []
    return sorted({WORK_OF[Role(role)].value for role in roles})


def _media_type(operation: Any) -> str:
    return str(next(iter(operation.body)).media_type)


def _ids(draw: Any, door: Door, operation: Any) -> dict[str, str]:
    """The world's ids in the address; now and then another's."""
    ids = door.ids(operation)
    if _now_and_then(draw, 8):
        changed = draw(st.sampled_from(sorted(ids)))
        known = [each for each in door.place.paths.values() if nonsense.is_identifier(each)]
        ids[changed] = draw(nonsense.identifiers(known))
    return ids


def _touched(draw: Any, content: dict[str, Any], drawn: Any, known: list[str]) -> dict[str, Any]:
    """Content of which one to three members are replaced, left out or added: by what the document
    admits there, by another's id or by nonsense.
    """
    touched = dict(content)
    value = nonsense.values() | nonsense.identifiers(known)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from([*sorted(touched), "unknown"]))
        how = draw(st.integers(0, 5))
        inner = touched.get(name)
        if how == 0:
            touched.pop(name, None)
        elif how == 1 and isinstance(drawn, dict) and drawn:
            other = draw(st.sampled_from(sorted(drawn)))
            touched[other] = drawn[other]
        elif isinstance(inner, dict) and inner and how > 2:
            touched[name] = {**inner, draw(st.sampled_from(sorted(inner))): draw(value)}
        elif isinstance(inner, list) and how > 2:
            touched[name] = [*inner, draw(value)]
        else:
            touched[name] = draw(value)
    return touched


def _pointed(draw: Any, query: dict[str, Any], door: Door) -> dict[str, Any]:
    """Filters by id name something that is there."""
    known = {"patient": "patient_id", "authorization": "authorization_id"}
    return {
        name: door.place.paths[known[name]] if name in known and draw(st.booleans()) else value
        for name, value in query.items()
    }


def _headers(
    draw: Any, door: Door, caller: str, manner: Manner, drawn: dict[str, Any]
) -> dict[str, Any]:
    """Token, prescriber and key of the caller; in part of the cases the drawn ones instead."""
    own = {**door.headers(caller), "Idempotency-Key": str(draw(st.uuids()))}
    if caller == NOBODY:
        forged = draw(st.sampled_from(["", "Bearer", "Bearer x", "Basic x", "Bearer \xff"]))
        own |= {"Authorization": forged} if forged else {}
    if manner is not Manner.TOUCHED and _now_and_then(draw, 6):
        return {**own, **{name: drawn[name] for name in drawn if name != "Authorization"}}
    return {**{name: drawn[name] for name in drawn if name not in OWN_HEADERS}, **own}
