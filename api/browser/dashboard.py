"""The operator's view, `/dashboard`: a page that asks the API with the key its reader types in, and has none itself."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.browser.library import page


def mount(app: FastAPI, temporal_ui_url: str) -> None:
    """Serve it; payments there link to `temporal_ui_url`."""

    async def view(_: Request) -> Response:
        return page("dashboard.html")

    async def facts(_: Request) -> Response:
        return JSONResponse({"temporal": temporal_ui_url})

    app.router.routes.extend(Route(path, view, include_in_schema=False) for path in ("/dashboard", "/dashboard/"))
    app.router.routes.append(Route("/dashboard/facts.json", facts, include_in_schema=False))
