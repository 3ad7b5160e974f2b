"""The bank's page, where a buyer says who they are; and where they go afterwards."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict

from simulator import pages
from simulator.bank import Bank, Refused
from simulator.ledger import Ledger


class AuthenticationBody(BaseModel):
    """How the buyer's authentication ended."""

    model_config = ConfigDict(extra="forbid")

    authenticated: bool


def add(app: FastAPI, bank: Bank, ledger: Ledger, engine_url: str, wake: Callable[[], None]) -> None:
    """Mount it."""

    @app.get("/authentications/{id_}", response_model=None)
    async def authentication(id_: str) -> Response:
        # A page for whoever asks: not every client that follows a redirect says that it takes HTML.
        row = ledger.authentication(id_)
        return pages.asked(row, ledger.challenged_amount(id_), bank.wallet(row["token"]) if row else None)

    @app.post("/authentications/{id_}", response_model=None)
    async def authenticate(id_: str, body: AuthenticationBody) -> Response:
        bank.finish_authentication(id_, body.authenticated)
        wake()
        row = ledger.authentication(id_)
        if row is None:
            raise Refused(404, "no such authentication")
        return JSONResponse({"authentication": id_, "state": row["state"]})

    @app.post("/authentications/{id_}/result", response_model=None)
    async def answer(id_: str, request: Request) -> Response:
        result = parse_qs((await request.body()).decode(errors="replace")).get("result", [""])[0]
        row = ledger.authentication(id_)
        back = {"authentication": id_, "payment_intent": row["reference"] if row else ""}
        if result == "close":
            # The buyer has gone without an answer: the payment goes on waiting, and there is nothing to wait for here.
            back["closed"] = "true"
        else:
            bank.finish_authentication(id_, result == "complete")
            wake()
        return RedirectResponse(f"{engine_url}/3d_secure/return?{urlencode(back)}", status_code=303)
