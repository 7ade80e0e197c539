"""The language of a page."""

from typing import get_args

from fastapi import Request

from server.settings import Lang
from server.v1.requests import language_of


def page_language(request: Request) -> Lang:
    """Return what the address asks for (`?lang=fr`), else what the browser does."""
    asked = request.query_params.get("lang")
    known: tuple[Lang, ...] = get_args(Lang)
    return next((lang for lang in known if lang == asked), language_of(request))
