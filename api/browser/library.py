"""The browser library, as it is served: built from browser/ (`make browser`), and the frames of its fields."""

from functools import cache
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

HERE = Path(__file__).parent / "files"

TRAINS = ("acacia", "basil", "clover", "dahlia", "endive")
"""Stripe.js has a path for each of Stripe's release trains, and one from before there were any."""

SCRIPT_PATHS = ("/v3", "/v3/", *(f"/{train}/stripe.js" for train in TRAINS))
FRAME_FILES = ("frame.html", "frame.js", "frame.css", "returned.js", "linked.js", "page.js")
PAGE_FILES = ("demo.js", "site.css")

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}

PUBLIC = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "public, max-age=300",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Anybody's page may include script and frames. What is typed into a frame goes to this origin and nowhere else."""

FRAME_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src https: http: data:; "
    "base-uri 'none'; form-action 'none'"
)
"""A merchant's font may be anybody's: a file of shapes, asked for by the merchant's own page (browser/src/fonts.ts)."""


PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src *; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Of the demo shop. A bank's page in a frame may be anybody's."""


@cache
def read(name: str) -> bytes:
    """One of the files."""
    return (HERE / name).read_bytes()


def serve(name: str) -> Response:
    """The answer that is one of the files."""
    headers = {**PUBLIC, "Content-Security-Policy": FRAME_POLICY, "Referrer-Policy": "no-referrer"}
    return Response(read(name), media_type=TYPES[Path(name).suffix], headers=headers)


def page(name: str) -> Response:
    """The answer that is one of our own pages."""
    headers = {"Content-Security-Policy": PAGE_POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(read(name), media_type=TYPES[".html"], headers=headers)


def mount(app: FastAPI) -> None:
    """Serve them all."""

    async def script(_: Request) -> Response:
        return serve("stripe.js")

    async def file(request: Request) -> Response:
        return serve(request.url.path.rpartition("/")[2])

    app.router.routes.extend(Route(path, script, include_in_schema=False) for path in SCRIPT_PATHS)
    app.router.routes.extend(
        Route(f"/elements/{name}", file, include_in_schema=False) for name in (*FRAME_FILES, *PAGE_FILES)
    )
