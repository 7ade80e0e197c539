"""What routes take from a request: the services, who asks, in which language."""

import secrets
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, HTTPException, Request

from server.composition import Services
from server.settings import Lang

NDJSON = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. On loopback without keys this is the single local user."""

    user: str
    lang: Lang
    owner: bool
    """True when the request carries the token of `owner.json`: it comes from the same account."""


def services_of(request: Request) -> Services:
    """Return the services that the composition root opened."""
    return cast(Services, request.app.state.services)


def caller_of(request: Request) -> Caller:
    """Return who asks."""
    services = services_of(request)
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    owner = secrets.compare_digest(token.encode(), request.app.state.token.encode())
    return Caller(services.settings.local_user, language_of(request), owner)


async def _services(request: Request) -> Services:
    return services_of(request)


async def _caller(request: Request) -> Caller:
    return caller_of(request)


async def owner_only(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    """Refuse a request that does not come from the account that runs Souvenir."""
    if not caller.owner:
        raise HTTPException(403, "owner_token_required")
    return caller


def language_of(request: Request) -> Lang:
    """Return the language for messages: the request's, else the one of the settings."""
    asked = request.headers.get("accept-language", "").lower()
    if asked.startswith("fr"):
        return "fr"
    return "en" if asked.startswith("en") else services_of(request).settings.lang


def wants_stream(request: Request) -> bool:
    """Tell whether the client asked for one JSON object a line."""
    return NDJSON in request.headers.get("accept", "")


# FastAPI sends plain functions to a thread, which takes longer than these do.
Asked = Annotated[Services, Depends(_services)]
By = Annotated[Caller, Depends(_caller)]
ByOwner = Annotated[Caller, Depends(owner_only)]
