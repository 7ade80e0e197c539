"""What every child says beside its answers: one JSON object per line (RFC 8259, UTF-8), on its pipes.

The child says READY once, and TAKEN for each request before it works on it; its answers are its own.
"""

from __future__ import annotations

from typing import Final

READY: Final = b'{"ready": true}\n'
TAKEN: Final = b'{"taken": true}\n'
"""Without it, a child that is gone was gone before the request: the request has nothing to do with it."""
