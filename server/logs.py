"""Structured logs on stderr, with secrets masked. What people write is never logged."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_WORDS = "token|secret|password|passwd|api_?key|authorization|cookie"
_SECRET_NAME = re.compile(_SECRET_WORDS, re.IGNORECASE)
# A password ends at the last @, because people write / and @ in theirs without encoding them.
_SECRET_VALUE = re.compile(
    r"(?P<before>\b\w+://[^:/\s@]*:)\S+(?=@)"
    rf"|(?P<bearer>\bBearer\s+)\S+|(?P<query>[?&][\w.-]*(?:{_SECRET_WORDS})[\w.-]*=)[^&\s#]+",
    re.IGNORECASE,
)
_TALKATIVE = {"aiosqlite": logging.INFO, "httpx": logging.WARNING, "httpcore": logging.WARNING}
"""Loggers below whose level stand people's own words: SQL with its values, addresses with their queries."""
MASK = "***"


def configure_logs(*, verbose: bool = False) -> None:
    """Send logs of this program and of its libraries to stderr, one JSON object a line."""
    level = logging.INFO if verbose else logging.WARNING
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, least in _TALKATIVE.items():
        logging.getLogger(name).setLevel(least)


def mask_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace values of secret names, and passwords inside URLs, by a mask (a structlog processor)."""
    return {name: _shown(name, value) for name, value in event.items()}


def masked(text: str) -> str:
    """Return a text with the passwords of its URLs, and tokens, replaced by a mask."""
    return _SECRET_VALUE.sub(lambda found: next(filter(None, found.groups())) + MASK, text)


def _shown(name: str, value: object) -> object:
    if name.startswith("_"):  # structlog's own: the record that an event came from
        return value
    return MASK if _SECRET_NAME.search(name) else _mask(value)


def _mask(value: object) -> object:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: MASK if _SECRET_NAME.search(str(name)) else _mask(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mask(item) for item in value]
    # Anything else is written by its representation.
    return value if value is None or isinstance(value, (bool, int, float)) else _mask(repr(value))
