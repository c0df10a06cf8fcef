"""Fields that take exactly one form of each value, where the framework's take several.

A string is not a number, 1 is not true, and an instant without an offset is no instant.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from rest_framework import serializers

from apps.core import numbers
from apps.rules import validation
from apps.rules.policy import programs
from apps.rules.validation import Wrong

SMALLEST_PLACE = -2


def _read(read: validation.Reader, value: object) -> Any:
    try:
        return read(value)
    except Wrong as error:
        raise serializers.ValidationError(error.problems[0][1]) from None


class Text(serializers.CharField):
    """A string, without blanks around it."""

    def to_internal_value(self, data: object) -> str:
        return super().to_internal_value(_read(validation.read_text, data))


class Email(serializers.EmailField):
    """An e-mail address."""

    def to_internal_value(self, data: object) -> str:
        return super().to_internal_value(_read(validation.read_text, data))


class Flag(serializers.BooleanField):
    """true or false."""

    def to_internal_value(self, data: object) -> bool:
        value: bool = _read(validation.read_boolean, data)
        return value


class Whole(serializers.IntegerField):
    """A JSON integer."""

    def to_internal_value(self, data: object) -> int:
        value: int = _read(validation.read_integer, data)
        return value


class Quantity(serializers.FloatField):
    """A JSON number above zero and below 10,000 with at most two decimal places, as a Decimal."""

    LIMIT = 10_000

    def to_internal_value(self, data: object) -> Decimal:  # type: ignore[override]
        value = Decimal(repr(_read(validation.read_quantity, data)))
        exponent = value.normalize().as_tuple().exponent
        if value >= self.LIMIT or not isinstance(exponent, int) or exponent < SMALLEST_PLACE:
            raise serializers.ValidationError(
                "A number below 10000 with at most two decimal places is needed."
            )
        return value

    def to_representation(self, value: Decimal) -> int | float:  # type: ignore[override]
        return int(value) if value == value.to_integral_value() else float(value)


class Instant(serializers.DateTimeField):
    """A date and time with an offset."""

    def to_internal_value(self, value: object) -> datetime:
        instant: datetime = _read(validation.read_instant, value)
        return instant


class Day(serializers.DateField):
    """A calendar date."""

    def to_internal_value(self, value: object) -> date:
        day: date = _read(validation.read_date, value)
        return day


class Identifier(serializers.UUIDField):
    """The id of a record."""

    def to_internal_value(self, data: object) -> UUID:
        text = _read(validation.read_text, data)
        try:
            return UUID(text)
        except ValueError:
            raise serializers.ValidationError("The id of a record is needed, a UUID.") from None


class Code(serializers.ChoiceField):
    """One code of a list."""

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str) or data not in self.choices:
            listed = ", ".join(str(choice) for choice in self.choices)
            raise serializers.ValidationError(f"One of these codes is needed: {listed}.")
        return data


class Codes(serializers.ListField):
    """Codes without an order; the command knows which there are."""

    child = Text(max_length=60)


class Answers(serializers.DictField):
    """Question code to yes or no; the command knows the questions."""

    child = Code(choices=["yes", "no"])


class Program(Code):
    """The code of a program."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=programs(), **kwargs)


class AuthorizationNumber(Text):
    """An authorization number as people type it; stored form inside, grouped form outside.

    A wrong check character is told: that is a typing error, and says nothing of what exists.
    """

    def to_internal_value(self, data: object) -> str:
        number = numbers.normalize(super().to_internal_value(data))
        if len(number) != numbers.LENGTH or not set(number) <= set(numbers.ALPHABET):
            raise serializers.ValidationError(
                "An authorization number has twelve letters and digits, such as K7QM-2XRT-9HW4."
            )
        if not numbers.is_valid(number, numbers.AUTHORIZATION):
            raise serializers.ValidationError(
                "The number's check character does not fit: compare it with the prescription."
            )
        return number


class Number(serializers.CharField):
    """A stored number as people read it."""

    def to_representation(self, value: str) -> str:
        return numbers.grouped(value)


class Form(serializers.Serializer[Any]):
    """What a request must hold: these keys, and no others."""

    def to_internal_value(self, data: Any) -> Any:
        """The values; raises ValidationError naming every key that is unknown or wrong."""
        if not isinstance(data, dict):
            raise serializers.ValidationError(
                {"non_field_errors": ["A JSON object is needed here."]}
            )
        unknown = {
            key: ["This key is unknown here. Remove it or correct its name."]
            for key in data
            if key not in self.fields
        }
        if not unknown:
            return super().to_internal_value(data)
        try:
            super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**error.detail, **unknown}) from None  # type: ignore[dict-item]
        raise serializers.ValidationError(unknown)
