"""When a checkpoint was made, which its id tells: conversations that are silent for long are dropped."""

import uuid
from datetime import UTC, datetime, timedelta

_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)


def written_at(checkpoint_id: str) -> datetime:
    """Return when a checkpoint was made: its id is a UUID of version 6 (RFC 9562, section 5.6)."""
    number = uuid.UUID(checkpoint_id).int
    ticks = (number >> 80) << 12 | (number >> 64) & 0xFFF
    return _GREGORIAN + timedelta(microseconds=ticks // 10)
