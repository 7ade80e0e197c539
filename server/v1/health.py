"""`/v1/doctor` and `/v1/owner`: how every part does, and proof of who owns the folder."""

import os
from typing import Any

from fastapi import APIRouter

from server.health import examine
from server.v1.requests import Asked, By, ByOwner

router = APIRouter()


@router.get("/doctor")
async def doctor(services: Asked, by: By) -> dict[str, Any]:
    """Return every part's backend, version, latency, and the fix where it fails."""
    return {"components": await examine(services, by.lang)}


@router.get("/owner")
async def owner(_by: ByOwner) -> dict[str, int]:
    """Prove to a holder of the token that this process owns the data folder."""
    return {"pid": os.getpid()}
