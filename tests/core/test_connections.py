"""What every connection to the database begins with."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_no_connection_compiles_its_statements() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
