"""Keys for what a tool does to the world, so that doing it again is noticed where it is done.

A turn that is cut by a crash and asked for again under the same idempotency key has the same id; a call of
the same tool with the same arguments then has the same key.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Final

_KEYS: Final = uuid.UUID("d4f3c1b2-7a58-5e0d-8b9c-2f6d9d0c4e55")
"""The namespace of these keys (RFC 9562, version 5)."""


def effect_key(turn_id: str, tool: str, arguments: Mapping[str, object]) -> str:
    """Return the key of a call: equal for an equal call of the same turn, in any order of arguments."""
    said = json.dumps(arguments, sort_keys=True, ensure_ascii=True, default=str)
    return str(uuid.uuid5(_KEYS, f"{turn_id}\0{tool}\0{said}"))
