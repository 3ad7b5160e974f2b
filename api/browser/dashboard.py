"""The console, `/dashboard`: an application that asks the API with the key its reader types in, and has none itself.

It is built from console/ (`make console`) into `console/` beside this file. Every address below `/dashboard` is the
same page, which reads the address; only what it is made of, and what it asks the API, are others.
"""

import gzip
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.browser.library import TYPES

BUILT = Path(__file__).parent / "console"
ASSETS = {path.name: path for path in (BUILT / "assets").iterdir()}
"""What may be asked for by name, and nothing else: no path of anybody's is looked up on the disk."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
FOR_GOOD = "public, max-age=31536000, immutable"
"""A file's name has the hash of what is in it."""


@cache
def _bytes(path: Path, *, packed: bool) -> bytes:
    content = path.read_bytes()
    return gzip.compress(content, mtime=0) if packed else content


def _serve(request: Request, path: Path, caching: str) -> Response:
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {**HEADERS, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(_bytes(path, packed=packed), media_type=TYPES[path.suffix], headers=headers)


def mount(app: FastAPI, temporal_ui_url: str) -> None:
    """Serve it; payments there link to `temporal_ui_url`."""

    async def view(request: Request) -> Response:
        if request.path_params.get("rest", "").startswith("v1/"):
            # Of the API, and none of its operations.
            raise HTTPException(404)
        return _serve(request, BUILT / "index.html", "no-store")

    async def asset(request: Request) -> Response:
        path = ASSETS.get(request.path_params["name"])
        if path is None:
            raise HTTPException(404)
        return _serve(request, path, FOR_GOOD)

    async def facts(_: Request) -> Response:
        return JSONResponse({"temporal": temporal_ui_url})

    app.router.routes.extend(
        Route(path, endpoint, include_in_schema=False)
        for path, endpoint in (
            ("/dashboard/facts.json", facts),
            ("/dashboard/assets/{name}", asset),
            ("/dashboard", view),
            ("/dashboard/{rest:path}", view),
        )
    )
