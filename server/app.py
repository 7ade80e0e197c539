"""The HTTP application: health, `/v1`, the page, the playground. Loopback only."""

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from server.body_limit import BodyLimitMiddleware
from server.composition import Services
from server.failures import add_failure_handlers
from server.health import examine
from server.origins import OriginMiddleware
from server.pages import add_pages
from server.playground import add_playground
from server.thread_path import ThreadPathMiddleware
from server.v1 import router

LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
_ESSENTIAL = {"archive", "short_term", "recall"}


def create_app(services: Services, token: str) -> FastAPI:
    """Return the application on opened services; `token` is the owner's."""
    app = FastAPI(title="Souvenir", version="0.1.0", docs_url=None, redoc_url=None)
    app.state.services = services
    app.state.token = token
    app.include_router(router())
    add_failure_handlers(app)
    _add_health(app, services)
    add_pages(app)
    add_playground(app, services)
    app.add_middleware(ThreadPathMiddleware)
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(OriginMiddleware, hosts=LOCAL_HOSTS)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_HOSTS)
    return app


def _add_health(app: FastAPI, services: Services) -> None:
    @app.get("/health/live")
    async def live() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "ok"}

    @app.get("/health/ready")
    async def ready() -> JSONResponse:
        """Tell how every part does; 503 when one that turns cannot do without has failed."""
        components = await examine(services, services.settings.lang)
        broken = [
            part for part in components if part["component"] in _ESSENTIAL and part["state"] == "failed"
        ]
        degraded = any(part["state"] in ("degraded", "failed") for part in components)
        status = "failed" if broken else "degraded" if degraded else "ok"
        return JSONResponse({"status": status, "components": components}, 503 if broken else 200)
