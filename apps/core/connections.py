"""What every connection to the database begins with."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


def without_compiling(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Our statements run for milliseconds; PostgreSQL's JIT compiler takes longer than that.

    With it a list of deviations took twice as long. A statement, not a startup parameter: poolers
    refuse those that they do not know.
    """
    connection.connection.execute("SET jit = off")
