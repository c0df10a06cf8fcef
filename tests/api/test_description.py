"""The description of the API; that it is the one of this source is a check (`./rems check`)."""

from pathlib import Path

import pytest
import yaml
from django.test import Client as Browser

KEPT = Path(__file__).parents[2] / "docs" / "openapi.yaml"


def test_the_description_says_how_a_system_proves_that_it_is_one() -> None:
    described = yaml.safe_load(KEPT.read_text(encoding="utf-8"))
    schemes = described["components"]["securitySchemes"]
    used = {
        name
        for path in described["paths"].values()
        for operation in path.values()
        for option in operation["security"]
        for name in option
    }
    assert used == set(schemes)
    token = described["paths"][schemes["oauth2"]["flows"]["clientCredentials"]["tokenUrl"]]["post"]
    assert "private_key_jwt" in token["description"]
    kinds = token["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["anyOf"]
    assert {kind["$ref"].rpartition("/")[2] for kind in kinds} == {
        "TokenBySecretRequest",
        "TokenBySignatureRequest",
    }


@pytest.mark.django_db
def test_the_description_is_readable_without_a_token() -> None:
    assert Browser().get("/api/v1/openapi.yaml").status_code == 200
    page = Browser().get("/api/v1/docs/")
    assert page.status_code == 200
    assert "<script>" not in page.content.decode()
    assert "<style>" not in page.content.decode()


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
def test_the_page_of_the_description_is_read_and_nothing_else(method: str) -> None:
    """What an endpoint says of itself when asked for its options has no page to stand on."""
    assert Browser().generic(method, "/api/v1/docs/").status_code == 405
    assert Browser().head("/api/v1/docs/").status_code == 200
