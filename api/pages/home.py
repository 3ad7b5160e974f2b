"""What is at `/`: for people, where everything else is. Programs ask for paths of their own."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from api.pages.layout import page

PLACES = (
    ("/demo", "Demo shop", "Pay by card, bank debit or voucher, and watch what becomes of it."),
    ("/dashboard", "Console", "Payments, their history, and everything an operator needs. Sign in with a secret key."),
    ("/docs", "Reference", "Every operation, its parameters and its answers; try it out."),
    ("/health", "Health", "Each part, and what is wrong with it."),
)
"""Where, what it is called, and what is there."""


def mount(app: FastAPI, *absent: str) -> None:
    """Add it; what is `absent` from this installation is not named."""
    shown = [place for place in PLACES if place[0] not in absent]
    items = "".join(f'<dt><a href="{path}">{name}</a></dt><dd>{about}</dd>' for path, name, about in shown)

    async def home(_: Request) -> Response:
        return page("Perdure", f"<p>A payment engine that speaks Stripe’s API.</p><dl>{items}</dl>")

    app.add_route("/", home, methods=["GET"], include_in_schema=False)
