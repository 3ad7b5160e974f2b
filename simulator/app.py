"""The gateway simulator's HTTP face. A product of its own: nothing of the engine is imported here.

Operations answer 200 with an outcome, also for a decline; 4xx means the request makes no sense; 5xx, a broken
connection or silence mean that the caller cannot know. `/_ledger` is the independent truth, `/_faults` the mischief.
"""

import asyncio
import contextlib
import secrets  # noqa: TID251
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from simulator import (
    authentications,
    dispute_routes,
    modifications,
    payout_routes,
    setups,
    transfers,
    voucher_pages,
)
from simulator.bank import Answer, Bank, Refused, answer_of
from simulator.conduct import Conduct, Pace, Pacing
from simulator.fault_injection import FaultInjection
from simulator.faults import FaultPlans, Faults
from simulator.ledger import Ledger
from simulator.modifications import Clerk
from simulator.notifications import Notifier
from simulator.objects import JsonObject
from simulator.standings import asked, standing

LEDGER_PAGE_MAX = 10_000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TokenBody(_Body):
    """A card, the name of a test card, or the `details` of another type of method. Secrets stay out of reprs."""

    number: SecretStr | None = None
    cvc: SecretStr | None = None
    exp_month: int = 0
    exp_year: int = 0
    reference: str | None = None
    type: str = "card"
    details: JsonObject = Field(default_factory=dict, repr=False)


class VerificationBody(_Body):
    """The token to ask the bank about."""

    token: str


class AuthorizeBody(_Body):
    """Hold `amount` minor units."""

    key: str = Field(max_length=255)
    charge: str
    token: str
    amount: int = Field(gt=0)
    currency: str
    capture: bool
    off_session: bool = False
    authentication: str | None = None
    authenticated_elsewhere: bool = False
    reference: str = ""
    three_d_secure: str = "automatic"
    verification: str | None = None
    amounts: list[int] = Field(default_factory=list)
    descriptor_code: str | None = None
    options: JsonObject = Field(default_factory=dict, repr=False)
    email: str | None = Field(default=None, repr=False)
    line1_given: bool = False
    postal_code_given: bool = False
    moto: bool = False
    saving: bool = False
    blocked: list[str] = []


class AmountBody(_Body):
    """Capture, increment or refund `amount` minor units. A capture may be `over` what is held, within limits."""

    key: str = Field(max_length=255)
    amount: int = Field(ge=0)
    final: bool = True
    over: bool = False
    refund: str = ""
    reference: str = ""


class FundingBody(_Body):
    """Whose accounts, of which kind, and in which country where there is a choice."""

    owner: str
    type: str
    country: str | None = None


class TransferBody(_Body):
    """A bank transfer comes in for a customer."""

    key: str = Field(max_length=255)
    owner: str
    amount: int = Field(gt=0)
    currency: str
    reference: str | None = None


class SettlementBody(_Body):
    """How has a delayed payment ended? `at` (Unix seconds) is the asking payment's time."""

    key: str = Field(max_length=255)
    at: int = 0


class VoidBody(_Body):
    """Release a hold."""

    key: str = Field(max_length=255)


async def _unwritten(_: Request, error: Exception) -> JSONResponse:
    """A full disk, above all. Nothing was done: the same key may be tried again."""
    return JSONResponse({"message": f"the book cannot be written: {error}"}, status_code=503)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    status = error.status if isinstance(error, Refused) else 500
    return JSONResponse({"message": str(error)}, status_code=status)


def create_app(
    ledger_path: Path,
    public_url: str,
    engine_url: str = "",
    secret: str = "",
    transport: httpx.AsyncBaseTransport | None = None,
    engine_public_url: str = "",
    name: str = "simulator",
    conduct: Conduct | None = None,
) -> FastAPI:
    """Build the simulator called `name` on the book at `ledger_path`; `public_url` is where buyers reach it.

    `engine_url` is where notifications go, signed with `secret`; without, there are none. Buyers go back there as well,
    unless they reach the engine at `engine_public_url`. `conduct` is how it behaves while it is well.
    """
    ledger = Ledger(ledger_path, secrets.token_bytes(32))
    plans = FaultPlans()
    pages_url = engine_public_url or engine_url
    pace = Pace(conduct or Conduct())
    bank = Bank(ledger, public_url, pages_url, lambda: pace.conduct.reference_s)
    clerk = Clerk(bank, ledger, pace)
    notifier = Notifier(ledger, engine_url, secret, transport, plans.general, name, clerk.work)
    sending = partial(_sending, notifier) if engine_url else None
    app = FastAPI(title="Perdure gateway simulator", docs_url=None, redoc_url=None, lifespan=sending)
    app.add_exception_handler(sqlite3.OperationalError, _unwritten)
    app.add_exception_handler(Refused, _refused)
    app.add_middleware(Pacing, pace=pace)
    _add_tokens(app, bank)
    _add_authorizations(app, bank, ledger, notifier.wake)
    _add_movements(app, bank, ledger, clerk, notifier.wake)
    _add_look_ups(app, ledger, clerk)
    modifications.add(app, ledger, clerk, pace, notifier.wake)
    _add_bank_transfers(app, bank, ledger, notifier.wake)
    setups.add(app, bank, ledger)
    payout_routes.add(app, bank, ledger, notifier.wake)
    dispute_routes.add(app, bank, ledger, notifier.wake)
    _add_pages(app, bank, ledger, pages_url, notifier.wake)
    _add_controls(app, ledger, plans)
    return app


@asynccontextmanager
async def _sending(notifier: Notifier, _: FastAPI) -> AsyncIterator[None]:
    """Send notifications for as long as the application lives."""
    sending = asyncio.create_task(notifier.run())
    yield
    sending.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sending


def _add_tokens(app: FastAPI, bank: Bank) -> None:
    @app.post("/tokens")
    async def tokenize(body: TokenBody) -> Answer:
        if body.reference is not None:
            return bank.tokenize_reference(body.reference)
        if body.type != "card":
            return bank.tokenize_account(body.type, body.details)
        number = body.number.get_secret_value() if body.number else ""
        return bank.tokenize_number(number, body.exp_month, body.exp_year, body.cvc is not None)

    @app.post("/verifications")
    async def verify(body: VerificationBody) -> Answer:
        return bank.verify(body.token)


def _add_authorizations(app: FastAPI, bank: Bank, ledger: Ledger, wake: Callable[[], None]) -> None:
    """To ask a bank for money, and how a payment that takes days has ended."""

    @app.post("/authorizations")
    async def authorize(body: AuthorizeBody) -> Answer:
        # Without what nobody asked for before it was known: a key from then is for the same request.
        unsaid = {name for name in ("moto", "saving") if not getattr(body, name)}
        request = body.model_dump(exclude=unsaid)
        said = partial(asked, "authorize", body.key, request)
        answer = bank.once(body.key, "authorize", request, lambda: bank.authorize(request), said)
        wake()
        return answer

    @app.post("/authorizations/{id_}/settlement")
    async def settlement(id_: str, body: SettlementBody) -> Answer:
        request = body.model_dump()
        said = _question(ledger, "settlement", id_, request)
        answer = bank.once(body.key, "settlement", {"id": id_}, lambda: bank.settlement(id_, request), said)
        wake()
        return answer


def _question(ledger: Ledger, operation: str, id_: str, request: JsonObject) -> Callable[[], Answer]:
    """What an answer says that it was asked, about what stands at this moment."""
    return lambda: asked(operation, request["key"], request, standing(ledger, id_))


def _add_movements(app: FastAPI, bank: Bank, ledger: Ledger, clerk: Clerk, wake: Callable[[], None]) -> None:
    """To take, release, raise and give back what is held: at once, or later where the clerk sees to it."""

    def doing(operation: str, id_: str, request: JsonObject, do: Callable[..., Answer]) -> Callable[[], Answer]:
        if clerk.takes_on(operation):
            return lambda: clerk.take_on(operation, id_, request)
        return lambda: do(id_, request)

    @app.post("/authorizations/{id_}/void")
    async def void(id_: str, body: VoidBody) -> Answer:
        request = body.model_dump()
        do = doing("void", id_, request, bank.void)
        answer = bank.once(body.key, "void", {"id": id_}, do, _question(ledger, "void", id_, request))
        wake()
        return answer

    amounts = {"capture": bank.capture, "increment": bank.increment, "refund": bank.refund}

    @app.post("/authorizations/{id_}/{operation}")
    async def move(id_: str, operation: str, body: AmountBody) -> Answer:
        if operation not in amounts:
            raise Refused(404, f"no such operation: {operation}")
        request = body.model_dump()
        do = doing(operation, id_, request, amounts[operation])
        said = _question(ledger, operation, id_, request)
        answer = bank.once(body.key, operation, {"id": id_, **request}, do, said)
        wake()
        return answer


def _add_look_ups(app: FastAPI, ledger: Ledger, clerk: Clerk) -> None:
    @app.get("/operations")
    async def retrieve(key: str) -> Answer:
        clerk.work()
        seen = ledger.answered(key)
        if seen is None:
            raise Refused(404, "no operation under this key")
        return answer_of(seen)

    @app.get("/authorizations/{id_}")
    async def look(id_: str) -> Answer:
        clerk.work()
        return standing(ledger, id_)


def _add_pages(app: FastAPI, bank: Bank, ledger: Ledger, pages_url: str, wake: Callable[[], None]) -> None:
    """What buyers are shown."""
    authentications.add(app, bank, ledger, pages_url, wake)
    voucher_pages.mount(app, ledger, wake)


def _add_bank_transfers(app: FastAPI, bank: Bank, ledger: Ledger, wake: Callable[[], None]) -> None:
    @app.post("/funding_instructions")
    async def funding_instructions(body: FundingBody) -> Answer:
        return bank.funding_instructions(body.owner, body.type, body.country)

    @app.post("/bank_transfers")
    async def bank_transfer(body: TransferBody) -> Answer:
        request = body.model_dump()
        answer = bank.once(
            body.key,
            "bank_transfer",
            request,
            lambda: transfers.receive(ledger, request),
            lambda: asked("bank_transfer", body.key, request),
        )
        wake()
        return answer


def _add_controls(app: FastAPI, ledger: Ledger, plans: FaultPlans) -> None:
    """The book, the mischief, and whether it lives."""
    app.add_middleware(FaultInjection, plans=plans)

    @app.get("/_health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/_ledger")
    async def book(
        charge: str | None = None,
        after: int = 0,
        limit: int = Query(LEDGER_PAGE_MAX, ge=1, le=LEDGER_PAGE_MAX),
        totals: bool = True,
    ) -> JsonObject:
        # Totals take reading the whole book: who reads it page by page does without.
        page = {"entries": ledger.entries(charge, after, limit)}
        return {**page, "totals": ledger.totals()} if totals else page

    @app.get("/_faults")
    async def faults() -> Faults:
        return plans.general.faults

    @app.post("/_faults")
    async def misbehave(body: Faults) -> Faults:
        plans.set(body)
        return body

    @app.delete("/_faults")
    async def heal(payment: str | None = None) -> Faults:
        """Towards one payment, or towards everybody."""
        plans.heal(payment)
        return plans.general.faults
