"""What a command raises for an invalid request or a broken promise; never for a refusal.

A refusal ("not eligible, because …") is a stored, explained decision, not an exception.
"""

from collections.abc import Iterable, Mapping


class CommandError(Exception):
    """A request that cannot be carried out; `message` is for the person who asked."""

    code = "command_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequest(CommandError):
    """Input that breaks a rule of form: `fields` maps each field to what is wrong with it."""

    code = "invalid_request"

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class NotFound(CommandError):
    """No such record, or none that the actor may see: the two are never told apart."""

    code = "not_found"


class NotAllowed(CommandError):
    """The actor's role does not carry out this command."""

    code = "not_allowed"


class Conflict(CommandError):
    """The record's present state does not admit the command."""

    code = "conflict"


class Overtaken(Conflict):
    """What the sender replaces is not what they saw any more; `names` is what has changed."""

    def __init__(self, message: str, names: Iterable[str]) -> None:
        super().__init__(message)
        self.names = tuple(names)


class KeyReused(CommandError):
    """An idempotency key came back with another body."""

    code = "idempotency_key_reused"


class Unavailable(CommandError):
    """Nothing can be decided just now, whoever asks; ask again after `retry_after` seconds."""

    code = "unavailable"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooManyRequests(CommandError):
    """The caller must wait `retry_after` seconds."""

    code = "too_many_requests"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
