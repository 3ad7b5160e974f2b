"""The API as a FastAPI application on the services it is given. What serves it, and on what, is app.py."""

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.types import Lifespan
from starlette.websockets import WebSocket

from api.browser import library, reference
from api.dialect import openapi
from api.dialect.answers import COMMON_HEADERS, error_answer
from api.dialect.errors import StripeError, internal, unavailable
from api.dialect.minting import Mint, new_seed
from api.dialect.operation import Operation
from api.dialect.pipeline import Pipeline
from api.pages import authentication, bank_accounts, bank_transfers, microdeposits, receipts
from api.pages.layout import page
from api.routes import (
    accounts,
    application_fees,
    balance_transactions,
    browser,
    cash_balances,
    charge_refunds,
    charges,
    codec,
    confirmation_tokens,
    customer_sessions,
    customers,
    dashboard,
    disputes,
    elements,
    ephemeral_keys,
    events,
    files,
    gateway_news,
    listeners,
    mandates,
    notifications,
    payment_intents,
    payment_method_configurations,
    payment_method_domains,
    payment_methods,
    refunds,
    request_logs,
    searches,
    setup_intents,
    test_accounts,
    test_helpers,
    tokens,
    transfers,
    webhook_endpoints,
)
from api.routes.codec import CodecEndpoint
from api.routes.console import attention as console_attention
from api.routes.console import gateways as console_gateways
from api.routes.console import keys as console_keys
from api.routes.console import ledger as console_ledger
from api.routes.console import overview as console_overview
from api.routes.console import payments as console_payments
from api.routes.console import reports as console_reports
from api.routes.console import rules as console_rules
from api.routes.stripe_cli import sessions as cli_sessions
from api.routes.stripe_cli import socket as cli_socket
from api.services import Services
from contracts.api_versions import LATEST
from gateways.base import GatewayError
from observability import metrics
from observability.logs import logger
from records.base import RecordsUnavailable
from temporal.engine import EngineUnavailable

OPERATIONS: tuple[Operation, ...] = (
    # Before what could take `search` for an id.
    *searches.OPERATIONS,
    *payment_intents.OPERATIONS,
    *setup_intents.OPERATIONS,
    *browser.OPERATIONS,
    *payment_methods.OPERATIONS,
    *payment_method_configurations.OPERATIONS,
    *payment_method_domains.OPERATIONS,
    *tokens.OPERATIONS,
    *ephemeral_keys.OPERATIONS,
    *customer_sessions.OPERATIONS,
    *elements.OPERATIONS,
    *customers.OPERATIONS,
    *cash_balances.OPERATIONS,
    *charges.OPERATIONS,
    *accounts.OPERATIONS,
    *charge_refunds.OPERATIONS,
    *mandates.OPERATIONS,
    *refunds.OPERATIONS,
    *disputes.OPERATIONS,
    *files.OPERATIONS,
    *balance_transactions.OPERATIONS,
    *confirmation_tokens.OPERATIONS,
    *test_helpers.OPERATIONS,
    *test_accounts.OPERATIONS,
    *application_fees.OPERATIONS,
    *transfers.OPERATIONS,
    *events.OPERATIONS,
    *webhook_endpoints.OPERATIONS,
    *listeners.OPERATIONS,
    *cli_sessions.OPERATIONS,
    *dashboard.OPERATIONS,
    *request_logs.OPERATIONS,
    *console_payments.OPERATIONS,
    *console_overview.OPERATIONS,
    *console_attention.OPERATIONS,
    *console_keys.OPERATIONS,
    *console_ledger.OPERATIONS,
    *console_reports.OPERATIONS,
    *console_rules.OPERATIONS,
    *console_gateways.OPERATIONS,
)

for _operation in OPERATIONS:
    # What an alert waits for begins at nothing (observability/metrics.py).
    for _status in (500, 503):
        metrics.REQUESTS.labels(_operation.name, _status)


def build(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """An application without routes yet; `mount` adds them once the services are there."""
    return FastAPI(
        title="Perdure",
        version=LATEST,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        # FastAPI's own spans would say which URL was asked for, client secrets in the query included; ours do not.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        # Not in `mount`: the first call, which is the lifespan's, fixes what handles exceptions.
        exception_handlers={
            404: _unrecognized,
            405: _unrecognized,
            RecordsUnavailable: _not_now,
            EngineUnavailable: _not_now,
            GatewayError: _not_now,
            Exception: _failed,
        },
    )


def mount(app: FastAPI, services: Services, codec_endpoint: CodecEndpoint | None = None) -> None:
    """Add every operation, and what else there is, but for what probes ask for (routes/probes.py)."""
    # In the order in which a request is held against them.
    pipeline = Pipeline(services)
    for operation in OPERATIONS:
        _mount_operation(app, pipeline, operation)
    if codec_endpoint is not None:
        _mount_codec(app, codec_endpoint)
    library.mount(app)
    _mount_gateway(app, services)
    _mount_pages(app, services)
    reference.mount(app, lambda: openapi.document(OPERATIONS))

    async def speak(websocket: WebSocket) -> None:
        await cli_socket.answer(services, websocket)

    app.router.routes.append(WebSocketRoute(cli_socket.PATH, speak))

    @app.options("/{path:path}", include_in_schema=False)
    async def preflight(path: str) -> Response:
        del path
        allowed = {"Access-Control-Allow-Headers": "*, Authorization"}
        return Response(status_code=200, headers={**COMMON_HEADERS, **allowed})


def _mount_operation(app: FastAPI, pipeline: Pipeline, operation: Operation) -> None:
    async def endpoint(request: Request) -> Response:
        return await pipeline.run(operation, request)

    # Starlette's, not FastAPI's: the pipeline validates, and the documentation is api/dialect/openapi.py.
    app.add_route(operation.path, endpoint, methods=[operation.method], name=operation.name, include_in_schema=False)


def _mount_gateway(app: FastAPI, services: Services) -> None:
    """What the gateway calls, and where one with a dialect of its own sends buyers back to."""

    @app.post(notifications.PATH, include_in_schema=False)
    async def notified(request: Request) -> Response:
        listener = services.listeners.get(request.path_params["gateway"])
        if listener is not None:
            return await gateway_news.take(services, listener, request)
        return await notifications.take(services, request)

    @app.get(gateway_news.RETURN_PATH, include_in_schema=False)
    async def come_back_from_a_gateway(request: Request) -> Response:
        return await gateway_news.come_back(services, request)


def _mount_pages(app: FastAPI, services: Services) -> None:
    """What buyers are shown, and what they answer there."""

    @app.get(authentication.PATH, include_in_schema=False)
    async def come_back(request: Request) -> Response:
        return await authentication.come_back(services, request)

    @app.get(bank_transfers.PATH, include_in_schema=False)
    async def show_accounts(request: Request) -> Response:
        return await bank_transfers.show(services, request)

    @app.post(bank_transfers.PATH, include_in_schema=False)
    async def simulate_transfer(request: Request) -> Response:
        return await bank_transfers.pay(services, request)

    @app.get(bank_accounts.PATH, include_in_schema=False)
    async def link_account() -> Response:
        return bank_accounts.show()

    @app.get(receipts.PATH, include_in_schema=False)
    async def show_receipt(request: Request) -> Response:
        return await receipts.show(services, request)

    @app.get(microdeposits.PATH, include_in_schema=False)
    async def ask_for_deposits(request: Request) -> Response:
        return await microdeposits.show(services, request)

    @app.post(microdeposits.PATH, include_in_schema=False)
    async def take_deposits(request: Request) -> Response:
        return await microdeposits.take(services, request)


def _mount_codec(app: FastAPI, endpoint: CodecEndpoint) -> None:
    """Where Temporal's own tools ask for payloads in the clear."""

    @app.options(f"{codec.PATH}/decode", include_in_schema=False)
    async def may_ask() -> Response:
        return endpoint.preflight()

    @app.post(f"{codec.PATH}/decode", include_in_schema=False)
    async def decode(request: Request) -> Response:
        return await endpoint.decode(request)

    @app.api_route(f"{codec.PATH}/login", methods=["GET", "POST"], include_in_schema=False)
    async def login(request: Request) -> Response:
        return await endpoint.login(request)


async def _not_now(request: Request, error: Exception) -> Response:
    """For whatever is no operation (those answer for themselves): a buyer sees a page, anybody else Stripe's error."""
    logger().warning("no answer", part=type(error).__name__, why=str(error), path=request.url.path)
    return _later(request)


def _later(request: Request) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        return page("Not now", "<p>This did not go through. Please try again in a moment.</p>", 503)
    return error_answer(unavailable(), Mint(new_seed()).request, None, {})


async def _failed(request: Request, _: Exception) -> Response:
    """A fault of ours; the server logs it."""
    if "text/html" in request.headers.get("accept", ""):
        return page("Something went wrong", "<p>It is our fault, and has been noted.</p>", 500)
    return error_answer(internal(), Mint(new_seed()).request, None, {})


async def _unrecognized(request: Request, _: Exception) -> Response:
    if getattr(request.app.state, "waiting", False):
        # It is not known to a process that still waits for what it needs (app.py).
        return _later(request)
    error = StripeError(
        f"Unrecognized request URL ({request.method}: {request.url.path[:200]}). Please see https://stripe.com/docs or "
        "we can help at https://support.stripe.com/.",
        status=404,
    )
    return error_answer(error, Mint(new_seed()).request, None, {})
