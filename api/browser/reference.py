"""The reference, `/docs`: the OpenAPI document, and the page that shows it and tries operations out. All is ours."""

from collections.abc import Callable
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rendering.printing import to_json

ASSETS = "/docs/assets"

PAGE = f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Perdure: reference</title>
<link rel="stylesheet" href="{ASSETS}/swagger-ui.css"><link rel="icon" href="{ASSETS}/favicon.png">
<div id="reference"></div><script src="{ASSETS}/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</html>
"""

START = """"use strict";
SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#reference", deepLinking: true, docExpansion: "list", defaultModelsExpandDepth: 0,
  filter: true, presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout",
});
"""
"""Keys that are typed in are kept nowhere: to load the page again forgets them."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def mount(app: FastAPI, describe: Callable[[], Any]) -> None:
    """Serve it; `describe` makes the document, when somebody asks for it first."""

    @cache
    def document() -> bytes:
        return to_json(describe())

    async def openapi_json(_: Request) -> Response:
        return Response(document(), media_type="application/json")

    async def page(_: Request) -> Response:
        return Response(PAGE, media_type="text/html; charset=utf-8", headers=HEADERS)

    async def start(_: Request) -> Response:
        return Response(START, media_type="text/javascript; charset=utf-8", headers=HEADERS)

    app.router.routes.extend(
        Route(path, endpoint, include_in_schema=False)
        for path, endpoint in (("/openapi.json", openapi_json), ("/docs", page), ("/docs/start.js", start))
    )
    app.mount(ASSETS, StaticFiles(packages=[("fastapi_offline", "static")]), name="swagger-ui")
