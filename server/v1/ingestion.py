"""`/v1/ingest`: documents, by path for the account that runs Souvenir, by upload for its pages."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import UploadFile

from graphs.ingestion.ingestor import Event
from graphs.ingestion.state import IngestionContext
from server.composition import Services
from server.v1.requests import Asked, By, Caller, wants_stream
from server.v1.streams import ndjson

router = APIRouter()
MAX_FILES = 500


class IngestRequest(BaseModel):
    """Absolute paths of files and folders on this machine."""

    model_config = ConfigDict(extra="forbid")

    paths: list[Path]


@router.post("/ingest", response_model=None)
async def ingest(request: Request, services: Asked, by: By) -> Response | dict[str, Any]:
    """Take in documents; as NDJSON one event each, else all of them at the end."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        events = await _uploaded(request, services, by)
    else:
        if not by.owner:
            raise HTTPException(403, "owner_token_required")
        body = _paths(await request.body())
        events = services.ingestor.paths(body.paths, IngestionContext(by.user, by.lang))
    return ndjson(events, by.lang) if wants_stream(request) else await _collected(events)


def _paths(body: bytes) -> IngestRequest:
    try:
        return IngestRequest.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from None


async def _uploaded(request: Request, services: Services, by: Caller) -> AsyncIterator[Event]:
    form = await request.form(max_files=MAX_FILES)
    uploads = [
        upload for upload in form.getlist("files") if isinstance(upload, UploadFile) and upload.filename
    ]
    if not uploads:
        await form.close()
        raise HTTPException(422, "no_files")
    return _from_temporary_files(uploads, services, by)


async def _from_temporary_files(
    uploads: Sequence[UploadFile], services: Services, by: Caller
) -> AsyncIterator[Event]:
    with tempfile.TemporaryDirectory(prefix="souvenir-") as folder:
        files = []
        for number, upload in enumerate(uploads):
            name = _file_name(upload.filename or "")
            path = Path(folder, str(number), name)
            path.parent.mkdir()
            await asyncio.to_thread(_copy, upload, path)
            files.append((path, f"upload:{quote(name)}"))
        async for event in services.ingestor.files(files, IngestionContext(by.user, by.lang)):
            yield event


def _copy(upload: UploadFile, path: Path) -> None:
    with upload.file, path.open("wb") as copy:
        shutil.copyfileobj(upload.file, copy)


def _file_name(given: str) -> str:
    """Return the bare name of an uploaded file, whatever path a client put before it."""
    return PurePosixPath(PureWindowsPath(given).name).name[-200:] or "document.txt"


async def _collected(events: AsyncIterator[Event]) -> dict[str, Any]:
    documents: list[Event] = []
    totals: Event = {}
    async for event in events:
        kind, content = event["type"], {name: value for name, value in event.items() if name != "type"}
        if kind == "document":
            documents.append(content)
        elif kind == "totals":
            totals = content
    return {"documents": documents, "totals": totals}
