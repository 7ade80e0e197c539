"""Named errors of all storeys as answers to a person: a status, a code, one line in their language."""

from dataclasses import dataclass, replace
from typing import Literal

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from memory.archive.errors import ArchiveError, ArchiveFull, StaleTurn
from memory.knowledge.errors import KnowledgeError
from memory.long_term.errors import LongTermError
from memory.short_term.errors import ShortTermError, ThreadBusy
from server.failure_messages import MESSAGES
from server.turns import Ending, QuestionRefused, UnknownCheckpoint, UnknownThread, UnknownTurn

KNOWN = (
    ArchiveError,
    KnowledgeError,
    LongTermError,
    ShortTermError,
    QuestionRefused,
    UnknownThread,
    UnknownTurn,
    UnknownCheckpoint,
    Ending,
)


_STATUS = {ArchiveFull: 507, StaleTurn: 409}


class NotFound(HTTPException):
    """A thing that does not exist for this user; `detail` is the message's code."""

    def __init__(self, code: Literal["unknown_thread", "unknown_document", "unknown_entity"]) -> None:
        """Keep the code."""
        super().__init__(404, code)


@dataclass(frozen=True, slots=True)
class Failure:
    """What a person and a program learn of a failure."""

    status: int
    code: str
    message: str
    turn_id: str = ""
    """The turn that is in the way, where one is."""


def described(error: Exception, lang: str) -> Failure:
    """Return the failure for one of the `KNOWN` errors."""
    if isinstance(error, ArchiveError):
        return Failure(_STATUS.get(type(error), 503), error.code, error.say(lang))
    if isinstance(error, KnowledgeError):
        failure = message("knowledge_unavailable", lang)
        return replace(failure, message=failure.message.format(reason=error))
    if isinstance(error, QuestionRefused):
        return message(error.code, lang)
    if isinstance(error, ThreadBusy):
        return replace(message("thread_busy", lang), turn_id=error.run)
    return message(_code(error), lang)


def _code(error: Exception) -> str:
    codes: dict[type[Exception], str] = {
        UnknownThread: "unknown_thread",
        UnknownTurn: "unknown_turn",
        UnknownCheckpoint: "unknown_checkpoint",
        Ending: "ending",
        ShortTermError: "short_term_unavailable",
    }
    return next((code for kind, code in codes.items() if isinstance(error, kind)), "recall_unavailable")


def message(code: str, lang: str) -> Failure:
    """Return the failure of a code."""
    status, en, fr = MESSAGES[code]
    return Failure(status, code, fr if lang == "fr" else en)


def add_failure_handlers(app: FastAPI) -> None:
    """Answer named errors with `{"error": {"code", "message"}}` and the right status."""
    from server.v1.requests import language_of

    async def known(request: Request, error: Exception) -> JSONResponse:
        return _response(described(error, language_of(request)))

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, StarletteHTTPException)
        if error.detail in MESSAGES:
            return _response(message(error.detail, language_of(request)))
        return _response(Failure(error.status_code, "http_error", str(error.detail)))

    async def invalid(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return _response(Failure(422, "invalid_request", _first_mistake(error)))

    for kind in KNOWN:
        app.add_exception_handler(kind, known)
    app.add_exception_handler(StarletteHTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)


def _response(failure: Failure) -> JSONResponse:
    error = {"code": failure.code, "message": failure.message}
    if failure.turn_id:
        error["turn_id"] = failure.turn_id
    return JSONResponse({"error": error}, failure.status)


def _first_mistake(error: RequestValidationError) -> str:
    first = error.errors()[0]
    if not isinstance(first, dict):
        return str(first)
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    return f"{place}: {first['msg']}"
