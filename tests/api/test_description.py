"""The description of the API is generated, valid, and in step with docs/openapi.yaml."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client as Browser

KEPT = Path(__file__).parents[2] / "docs" / "openapi.yaml"


def test_the_description_on_file_is_the_one_of_this_source() -> None:
    generated = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=generated)
    assert generated.getvalue().strip() == KEPT.read_text(encoding="utf-8").strip(), (
        "Run: python manage.py spectacular --file docs/openapi.yaml --validate --fail-on-warn"
    )


@pytest.mark.django_db
def test_the_description_is_readable_without_a_token() -> None:
    assert Browser().get("/api/v1/openapi.yaml").status_code == 200
    page = Browser().get("/api/v1/docs/")
    assert page.status_code == 200
    assert "<script>" not in page.content.decode()
    assert "<style>" not in page.content.decode()
