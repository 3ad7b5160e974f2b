"""The API as a FastAPI application on the services it is given. What serves it, and on what, is app.py."""

from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Lifespan

from api.dialect.answers import COMMON_HEADERS, error_answer
from api.dialect.errors import StripeError
from api.dialect.operation import Operation, Pipeline
from api.dialect.versions import LATEST
from api.minting import new_request_id
from api.routes import charges, confirmation_tokens, customers, mandates, payment_intents, payment_methods
from api.services import Services
from records.base import RecordsUnavailable

OPERATIONS: tuple[Operation, ...] = (
    *payment_intents.OPERATIONS,
    *payment_methods.OPERATIONS,
    *customers.OPERATIONS,
    *charges.OPERATIONS,
    *mandates.OPERATIONS,
    *confirmation_tokens.OPERATIONS,
)


def build(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """An application without routes yet; `mount` adds them once the services are there."""
    return FastAPI(title="Perdure", version=LATEST, docs_url="/docs", redoc_url=None, lifespan=lifespan)


def mount(app: FastAPI, services: Services) -> None:
    """Add every operation, and the two health checks."""
    pipeline = Pipeline(services)
    for operation in OPERATIONS:
        _mount_operation(app, pipeline, operation)
    _mount_health(app, services)
    app.add_exception_handler(404, _unrecognized)
    app.add_exception_handler(405, _unrecognized)

    @app.options("/{path:path}", include_in_schema=False)
    async def preflight(path: str) -> Response:
        del path
        allowed = {"Access-Control-Allow-Headers": "*, Authorization"}
        return Response(status_code=200, headers={**COMMON_HEADERS, **allowed})


def _mount_operation(app: FastAPI, pipeline: Pipeline, operation: Operation) -> None:
    async def endpoint(request: Request) -> Response:
        return await pipeline.run(operation, request)

    app.add_api_route(
        operation.path,
        endpoint,
        methods=[operation.method],
        name=operation.name,
        summary=operation.summary,
        operation_id=operation.name.replace(".", "_"),
        response_model=None,
        tags=[operation.name.split(".", maxsplit=1)[0]],
        openapi_extra=_openapi(operation),
    )


def _openapi(operation: Operation) -> dict[str, Any]:
    """The operation's parameters: a form for POST, the query string otherwise."""
    schema = operation.parameters.model_json_schema()
    if operation.method == "POST":
        return {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}}
    required, definitions = schema.get("required", []), schema.get("$defs", {})
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": name in required,
                "schema": {**field, "$defs": definitions} if definitions else field,
                "style": "deepObject",
                "explode": True,
            }
            for name, field in schema["properties"].items()
        ]
    }


def _mount_health(app: FastAPI, services: Services) -> None:
    @app.get("/healthz", tags=["health"], summary="The process lives")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"], summary="A payment can be taken now", response_model=None)
    async def readyz() -> Response:
        failing = await failing_part(services)
        if failing is None:
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "unavailable", "failing": failing}, status_code=503)


async def failing_part(services: Services) -> str | None:
    """The first part without which no payment can be taken; None when all are there."""
    try:
        await services.database.ping()
    except RecordsUnavailable:
        return "records: PostgreSQL does not answer"
    if not await services.engine.ready(services.clock()):
        return "engine: Temporal does not answer, or no worker polls"
    if not await services.tokenization.ready():
        return "gateway: it does not answer"
    return None


async def _unrecognized(request: Request, _: Exception) -> Response:
    error = StripeError(
        f"Unrecognized request URL ({request.method}: {request.url.path[:200]}). See https://stripe.com/docs/api.",
        status=404,
    )
    return error_answer(error, new_request_id(), None, {})
