"""Column types that keep values whole on every backend: Unicode text, dates that stay in UTC, JSON."""

import json
from datetime import UTC, datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from memory.archive.errors import ArchiveRefused


def refuse_half_characters(text: str) -> str:
    """Return `text` unchanged, or raise ArchiveRefused when a lone surrogate makes it impossible to encode.

    Refused, not replaced: the archive gives back exactly what it acknowledged (Unicode 15, section 3.9, D92).
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ArchiveRefused(
            f"the text holds half a character (position {error.start}): repair or replace it first",
            f"le texte contient une moitié de caractère (position {error.start}) : réparez-le d'abord",
        ) from None
    return text


def dump_json(value: object) -> str:
    """Write `value` as JSON (RFC 8259: no NaN); raises ArchiveRefused for what JSON cannot carry."""
    try:
        return refuse_half_characters(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError) as error:
        kind = type(error).__name__
        raise ArchiveRefused(
            f"a value cannot be written as JSON ({kind}): keep text, finite numbers, lists and objects",
            f"une valeur ne s'écrit pas en JSON ({kind}) : gardez textes, nombres finis, listes et objets",
        ) from error


class UnicodeText(TypeDecorator[str]):
    """Text of any length, NUL included, without lone surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Check text on its way in; raises ArchiveRefused."""
        return None if value is None else refuse_half_characters(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware on the way in, aware and in UTC on the way out, to the microsecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn a moment into UTC; raises ArchiveRefused when it has no zone."""
        if value is not None and value.tzinfo is None:
            raise ArchiveRefused(
                "a date has no time zone: give it in UTC", "une date n'a pas de fuseau : donnez-la en UTC"
            )
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the moment its zone back: SQLite keeps none."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
