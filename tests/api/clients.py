"""Systems that call the API in tests: real applications, real tokens, real HTTP through Django."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.test import Client as Browser
from oauth2_provider.models import Application

from apps.accounts.models import ApiClient
from apps.core.call import Role

SECRET = "a-long-synthetic-secret-of-a-system"


@dataclass
class System:
    """One system with its token. Its calls answer with status and JSON."""

    client: ApiClient
    prescriber: UUID | None = None
    browser: Browser = field(default_factory=Browser)
    token: str = ""

    def authenticate(self, scope: str = "") -> Any:
        """Get a token with the client's credentials; keep it when there is one."""
        pair = f"{self.client.application.client_id}:{SECRET}"
        answer = self.browser.post(
            "/api/v1/token",
            {"grant_type": "client_credentials", **({"scope": scope} if scope else {})},
            headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
        )
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    def headers(self, **more: str) -> dict[str, str]:
        """What each call carries."""
        headers = {"Authorization": f"Bearer {self.token}", **more}
        if self.prescriber is not None:
            headers["On-Behalf-Of"] = str(self.prescriber)
        return headers

    def get(self, path: str, **query: str) -> Any:
        """GET below /api/v1/."""
        return self.browser.get(f"/api/v1/{path}", query, headers=self.headers())

    def post(self, path: str, content: Any = None, *, key: str | None = None) -> Any:
        """POST below /api/v1/, under a new key unless one is given; text and bytes as they are."""
        body = content if isinstance(content, (str, bytes)) else json.dumps(content or {})
        return self.browser.post(
            f"/api/v1/{path}",
            data=body,
            content_type="application/json",
            headers=self.headers(**{"Idempotency-Key": key or str(uuid4())}),
        )

    def make(self, path: str, content: Any = None) -> dict[str, Any]:
        """POST what must succeed; the answer's content."""
        answer = self.post(path, content)
        assert answer.status_code in {200, 201}, answer.content
        made: dict[str, Any] = answer.json()
        return made


def system(
    organization_id: UUID, role: Role, prescriber: UUID | None = None, **environ: Any
) -> System:
    """A new system of that organization in that role, with a token.

    `environ` goes into each of its requests, such as what a proxy would add.
    """
    application = Application.objects.create(
        name=f"{role.value} system",
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret=SECRET,
    )
    client = ApiClient.objects.create(
        application=application, organization_id=organization_id, role=role.value
    )
    made = System(client=client, prescriber=prescriber, browser=Browser(**environ))
    assert made.authenticate().status_code == 200
    return made
