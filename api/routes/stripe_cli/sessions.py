"""Sessions of `stripe listen` and `stripe logs tail`: what they are to be told, and where they are to dial for it.

The answer has what opens the session, once: whoever has it is told what the account's events are, and nothing else.
"""

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request
from api.dialect.minting import new_seed
from api.dialect.operation import Resource
from api.routes.stripe_cli.socket import PATH
from api.routes.webhook_endpoints import new_secret
from api.services import Services
from contracts.api_versions import LATEST
from domain.identifiers import digest62
from domain.model.hashes import JsonObject
from observability.logs import logger
from parameters.stripe_cli import REQUEST_LOGS, WEBHOOKS, SessionParameters
from records import cli_sessions, cli_sweep
from records.base import RecordsRefused, RecordsUnavailable
from records.cli_sessions import Device, Session
from records.webhook_endpoints import Endpoint
from rendering.stripe_cli import SESSION

RECONNECT_SECONDS = 3_600
"""When the CLI is to dial anew, by itself: a balancer forgets nobody, and a process that is new gets its share."""

SWEEP_SECONDS = 30.0


def _feature(call: Call, given: SessionParameters) -> str:
    """What the session is for.

    Raises:
        StripeError: there is no such thing here, or nowhere to dial for it.
    """
    feature = next((each for each in (WEBHOOKS, REQUEST_LOGS) if each in given.websocket_features), None)
    if feature is None:
        text = "Thin events are not sent here: ask for the feature webhooks, or request_logs."
        raise invalid_request(text, param="websocket_features")
    if feature == REQUEST_LOGS and call.services.request_log is None:
        raise invalid_request(
            "Requests are not logged here: PERDURE_REQUEST_LOG_DAYS is 0.", param="websocket_features"
        )
    if not call.address:
        raise invalid_request("Where to dial is not known: the request has no Host.")
    return feature


async def create(call: Call, given: SessionParameters) -> JsonObject:
    """Make one. Its events are kept for it from now on."""
    feature = _feature(call, given)
    database, opens = call.services.database, digest62(new_seed(), length=40)
    name = digest62(new_seed(), length=23)
    listener = _listener(call, given.device_name, name) if feature == WEBHOOKS else None
    filters = given.kept_filters() if feature == REQUEST_LOGS else None
    session = Session(
        id=f"cliss_1{name}",
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        feature=feature,
        filters=filters,
        endpoint=listener.id if listener else None,
    )
    device = Device(given.device_name, new_secret())
    secret = await cli_sessions.add(database, session, opens, call.key.hash, device, listener)
    if secret is None:
        text = f"There are {cli_sessions.SESSIONS_MAX} sessions of the Stripe CLI open already; close some of them."
        raise StripeError(text, code="rate_limit", status=429)
    return {
        "object": SESSION,
        "default_version": call.key.api_version or LATEST,
        "device_token": f"clidt_{digest62(call.scope, given.device_name, length=24)}",
        # A log is one account's: there are no others in it to filter by, and the CLI warns whoever asked for that.
        "display_connect_filter_warning": bool((filters or {}).get("filter_account")),
        "latest_version": LATEST,
        "reconnect_delay": RECONNECT_SECONDS,
        "secret": secret,
        "websocket_authorized_feature": feature,
        "websocket_id": opens,
        "websocket_url": f"ws{call.address.removeprefix('http')}{PATH}",
    }


def _listener(call: Call, device: str, name: str) -> Endpoint:
    """Where its events are kept until it has them."""
    return Endpoint(
        id=f"lsn_1{name}",
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        enabled_events=("*",),
        secrets=(),
        and_connected=call.key.platform is None,
        name=f"stripe listen on {device} ({name[:8]})",
    )


async def end_those_that_nobody_holds(services: Services) -> None:
    """Until the process is to end."""
    while await services.pause(SWEEP_SECONDS):
        try:
            more = True
            while more:
                async with services.pace.turn:
                    more = await cli_sweep.sweep(services.database, services.clock())
        except (RecordsUnavailable, RecordsRefused) as error:
            logger().warning("sessions of the Stripe CLI were not looked at", why=str(error))


RESOURCE = Resource(path="/v1/stripecli/sessions", name="stripecli", returns=SESSION)

OPERATIONS = (
    RESOURCE.operation(
        "POST",
        "",
        "create_session",
        "Begin to listen by Stripe's CLI",
        SessionParameters,
        create,
        also_reads=("events", "request_logs"),
    ),
)
