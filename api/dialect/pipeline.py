"""The pipeline that every request of an operation goes through.

decode → authenticate → version → validate → wait for a turn → claim the Idempotency-Key → execute → expand → answer.
Whatever stops a request before `execute` changes nothing.
"""

import logging
import time
from dataclasses import replace

from opentelemetry.propagate import extract
from opentelemetry.trace import ProxyTracerProvider, SpanKind, StatusCode, get_tracer, get_tracer_provider
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.dialect import ephemeral, expand, idempotency, versions
from api.dialect.admission import Admission, Shed
from api.dialect.auth import (
    BROWSER_EXTRAS,
    KeyRing,
    RateLimiter,
    acting_account,
    authenticate,
    permission_denied,
    presented_key,
    rate_limited,
    secret_key_required,
    too_many_at_once,
)
from api.dialect.bodies import decode
from api.dialect.call import Call
from api.dialect.elsewhere import where_it_is
from api.dialect.errors import (
    ObjectMissing,
    StripeError,
    internal,
    not_taken,
    stopped,
    testmode_only,
    unavailable,
)
from api.dialect.lists import counted, cursor_not_found
from api.dialect.minting import Mint, new_seed
from api.dialect.operation import Operation
from api.dialect.progress import Progress, path_as_sent
from api.dialect.publishable import check_expand, without_the_merchants
from api.dialect.request_lines import described
from api.dialect.request_log import RequestLog
from api.dialect.validation import validate
from api.services import Services
from contracts.api_versions import LATEST
from domain.identifiers import ID_MAX
from domain.model.hashes import JsonObject
from gateways.base import GatewayError, GatewayRejected
from observability import metrics
from observability.logs import logger, traced
from parameters.hashes import Parameters
from records.accounts import ApiKey
from records.base import RecordsRefused, RecordsUnavailable
from records.idempotency import Claim
from records.scope import CursorNotFound, Scope
from rendering.printing import to_json
from rendering.versions.changes import reused_keys
from rendering.versions.changes.counted_lists import TOTAL_COUNT
from temporal.engine import EngineUnavailable, PaymentStopped

TRACER = get_tracer("perdure.api")

ADDRESS = "perdure.address"
"""In the ASGI scope of a request from inside this process: where its buyers reach the API. No header gets there."""


class Pipeline:
    """Runs operations. One per process; holds no request's state."""

    def __init__(self, services: Services) -> None:
        """Hand `services` to every operation."""
        self._services = services
        self._keys = KeyRing(services.database)
        self._limiter = RateLimiter(services.rate_limit)
        self._says_each = logger().is_enabled_for(logging.DEBUG)
        self._admission = Admission(services.commands_max)
        # A span that goes nowhere costs a tenth of a read.
        self._tracing = not isinstance(get_tracer_provider(), ProxyTracerProvider)

    async def run(self, operation: Operation, request: Request) -> Response:
        """Answer one request. Every exception ends here."""
        began = time.monotonic()
        seed = new_seed()
        progress = Progress(seed, Mint(seed).request, operation.method)
        response = await (self._answer_in_span if self._tracing else self._answer)(operation, request, progress)
        taken = time.monotonic() - began
        metrics.REQUEST_SECONDS.labels(operation.name).observe(taken)
        metrics.REQUESTS.labels(operation.name, response.status_code).inc()
        if self._says_each:
            said = described(operation.name, dict(request.path_params), response, taken)
            logger().debug("request", **said, **progress.trace)
        if (log := self._log_of(operation)) and (noted := progress.noted(operation.name, request, response, taken)):
            log.note(noted)
        return response

    def _log_of(self, operation: Operation) -> RequestLog | None:
        """Where its requests are noted, if anywhere."""
        return self._services.request_log if operation.logged else None

    async def _answer_in_span(self, operation: Operation, request: Request, progress: Progress) -> Response:
        with TRACER.start_as_current_span(operation.name, extract(request.headers), SpanKind.SERVER) as span:
            response = await self._answer(operation, request, progress)
            progress.trace = traced()
            span.set_attribute("http.response.status_code", response.status_code)
            about = described(operation.name, dict(request.path_params), response, 0)
            names = {"intent": "perdure.intent", "code": "perdure.code", "decline": "perdure.decline"}
            span.set_attributes({name: about[key] for key, name in names.items() if key in about})
            span.set_attribute("perdure.request_id", response.headers["Request-Id"])
            if response.status_code >= 500:
                span.set_status(StatusCode.ERROR)
        return response

    async def _answer(self, operation: Operation, request: Request, progress: Progress) -> Response:
        try:
            status, body = await self._execute(operation, request, progress)
            return progress.answered(status, body, raw=operation.raw)
        except StripeError as error:
            versions.as_told(error, progress.version)
            return progress.failed(error)
        except ClientDisconnect:
            # Nobody is there to read this; it is for the metrics, in which it is no fault of ours.
            gone = StripeError("The request did not arrive whole.", status=408)
            return progress.failed(gone)
        except (EngineUnavailable, RecordsUnavailable, GatewayError) as error:
            part = type(error).__name__
            logger().warning("no answer", part=part, why=str(error), **_about(operation, request, progress))
            return progress.failed(not_taken() if isinstance(error, GatewayRejected) else unavailable())
        except PaymentStopped as error:
            logger().error("payment stopped", why=str(error), **_about(operation, request, progress))
            return progress.failed(stopped())
        except Exception:
            logger().exception("request failed", **_about(operation, request, progress))
            return progress.failed(internal())

    async def _execute(self, operation: Operation, request: Request, progress: Progress) -> tuple[int, bytes]:
        now = progress.began = self._services.clock()
        sent = progress.sent = await decode(request, takes_file=operation.takes_file)
        headers = _headers(request)
        address = request.scope.get(ADDRESS) or self._services.public_url or _addressed_to(request, headers)
        presented = presented_key(headers, sent)
        key = await authenticate(self._keys, presented, now)
        progress.belongs_to(key, presented, address if self._log_of(operation) else None)
        key = await acting_account(self._keys, presented, key, headers, sent, now)
        progress.acts_as(key)
        progress.version = versions.resolve(headers.get("stripe-version") or sent.get("_stripe_version"), key)
        self._permit(operation, key, presented, now)
        if key.kind == "publishable":
            sent = {name: value for name, value in sent.items() if name not in BROWSER_EXTRAS}
        progress.key = idempotency.checked_key(headers.get("idempotency-key") if operation.method == "POST" else None)
        parameters = await self._parameters(operation, request, key, sent, progress.version)
        await ephemeral.check(self._services.database, key, operation.name, dict(request.path_params), parameters)
        _check_expansions(operation, parameters, key, presented, progress.version)
        call = _call(self._services, key, request, progress, address, headers.get("user-agent"))
        print_ = idempotency.fingerprint(operation.method, request.url.path, sent)
        claiming = (operation, call, parameters, path_as_sent(request), print_, progress)
        if not operation.commands:
            return await self._claim(*claiming)
        try:
            async with self._admission.turn(key.crowd, operation.name, call.turn):
                return await self._claim(*claiming)
        except Shed:
            raise too_many_at_once() from None

    def _permit(self, operation: Operation, key: ApiKey, presented: str, now: int) -> None:
        """Let a key do what it may do, as often as it may, while it can be done at all."""
        if not self._limiter.take(key, operation.level, now):
            raise rate_limited()
        if denied := operation.denied(key):
            raise permission_denied(presented, key, *denied)
        if operation.test_only and key.livemode:
            raise testmode_only()
        self._services.restoring.check(operation.level)
        if key.kind == "publishable" and not operation.publishable:
            raise secret_key_required()

    async def _parameters(
        self, operation: Operation, request: Request, key: ApiKey, sent: JsonObject, version: str
    ) -> Parameters:
        """What was sent, checked; an error about it shows a secret key the object that it is about."""
        try:
            return validate(operation.parameters, versions.asked(sent, operation.name, version))
        except StripeError as error:
            if operation.about is not None and key.kind != "publishable":
                scope = Scope(key.account, key.livemode)
                error.error |= await operation.about(self._services, scope, request.path_params["id"])
                await versions.refused(error, version, self._services.database, key)
            raise

    async def _claim(
        self, operation: Operation, call: Call, parameters: Parameters, url: str, print_: bytes, progress: Progress
    ) -> tuple[int, bytes]:
        """Take the Idempotency-Key, if there is one, and execute; or give the answer that it has got."""
        if progress.key is None:
            return 200, await _perform(operation, call, parameters)
        claimed = await idempotency.claim(
            self._services,
            call.key,
            progress.key,
            print_,
            progress.request_id,
            progress.seed,
            call.now,
            url,
            reusable=reused_keys.CHANGE.concerns(call.version),
        )
        if isinstance(claimed, Claim):
            progress.replayed, progress.original_request = True, claimed.request_id
            return claimed.response_status or 200, claimed.response_body or b""
        return await self._hold(operation, call, parameters, claimed, progress)

    async def _hold(
        self,
        operation: Operation,
        call: Call,
        parameters: Parameters,
        held: idempotency.Held,
        progress: Progress,
    ) -> tuple[int, bytes]:
        """Execute under a key: remember the answer, or say that there is none."""
        keyed = replace(call, mint=Mint(held.seed), idempotency_key=held.key)
        try:
            status, body = 200, await _perform(operation, keyed, parameters)
        except StripeError as error:
            if not error.executed:
                await held.release()
                raise
            await held.save(error.status, to_json(progress.logged(error).body()))
            raise
        except Exception:
            # No answer, or a fault of ours: a command may have been sent. Whoever repeats it learns what became of it.
            await held.unlock()
            raise
        await held.save(status, body)
        return status, body


def _check_expansions(operation: Operation, parameters: Parameters, key: ApiKey, presented: str, version: str) -> None:
    """Let a request look into what is there, and what its key may see."""
    paths = [path for path in parameters.expand if not (operation.is_search and path == TOTAL_COUNT)]
    checked = expand.check(paths, operation.returns, is_list=operation.is_list, version=version)
    for path, kinds in checked.items():
        if key.kind == "publishable":
            check_expand(path, set().union(*kinds))
        for some in kinds:
            resources = sorted(expand.resource_of(kind) for kind in some)
            if resources and not any(key.allows(resource, "read") for resource in resources):
                raise permission_denied(presented, key, resources[0], "read")


def _addressed_to(request: Request, headers: dict[str, str]) -> str:
    """Where whoever asks has found the API."""
    return f"{request.scope['scheme']}://{headers['host']}" if "host" in headers else ""


def _call(
    services: Services, key: ApiKey, request: Request, progress: Progress, address: str, user_agent: str | None
) -> Call:
    return Call(
        services=services,
        key=key,
        version=progress.version or LATEST,
        request_id=progress.request_id,
        mint=Mint(progress.seed),
        now=progress.began,
        address=address,
        shown_key=progress.shown_key,
        path=dict(request.path_params),
        ip_address=request.client.host if request.client else None,
        user_agent=user_agent,
    )


def _headers(request: Request) -> dict[str, str]:
    """By name, in lower case; the first of a name, as Starlette has it, whose own are searched through at each look."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(request.scope["headers"])}


def _about(operation: Operation, request: Request, progress: Progress) -> dict[str, str | None]:
    """What a log line says of a request: ids, and nothing that was sent."""
    return {
        "request": progress.request_id,
        "operation": operation.name,
        "object": str(request.path_params.get("id", ""))[:ID_MAX] or None,
    }


async def _perform(operation: Operation, call: Call, parameters: Parameters) -> bytes:
    try:
        return await _carry_out(operation, call, parameters)
    except StripeError as error:
        await _give_back(operation, call)
        await versions.refused(error, call.version, call.services.database, call.key)
        raise


async def _give_back(operation: Operation, call: Call) -> None:
    """What cannot be given back stays taken: a refusal is what it is, and not an error of ours."""
    for give_back in call.taken:
        try:
            await give_back()
        except (RecordsUnavailable, RecordsRefused) as error:
            logger().warning("not given back", request=call.request_id, operation=operation.name, why=str(error))


async def _carry_out(operation: Operation, call: Call, parameters: Parameters) -> bytes:
    database = call.services.database
    try:
        body = await operation.handler(call, parameters)
    except CursorNotFound as error:
        raise cursor_not_found(operation.returns, error) from None
    except ObjectMissing as error:
        raise await where_it_is(call, error) from None
    if operation.raw:
        return bytes(body["content"])
    counted(body, parameters)
    await versions.with_lists(body, call.version, database, call.key)
    if parameters.expand:
        await expand.expand(call, body, parameters.expand)
        await versions.with_lists(body, call.version, database, call.key)
    return to_json(versions.answered(without_the_merchants(body) if call.publishable else body, call.version))
