"""Structured logs on stderr, with secrets masked. What people write is never logged."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_NAME = re.compile(r"token|secret|password|passwd|api_?key|authorization|cookie", re.IGNORECASE)
_SECRET_VALUE = re.compile(
    r"(?P<scheme>\b\w+://[^:/\s@]*:)[^@\s/]+(?=@)|(?P<bearer>\bBearer\s+)\S+", re.IGNORECASE
)
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


def mask_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace values of secret names, and passwords inside URLs, by a mask (a structlog processor)."""
    return {name: MASK if _SECRET_NAME.search(name) else _mask(value) for name, value in event.items()}


def _mask(value: object) -> object:
    if isinstance(value, str):
        return _SECRET_VALUE.sub(lambda found: (found["scheme"] or found["bearer"]) + MASK, value)
    if isinstance(value, dict):
        return {name: MASK if _SECRET_NAME.search(str(name)) else _mask(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mask(item) for item in value]
    return value
