"""Events: what has happened, newest first, each as it was then; and sending one again."""

from dataclasses import replace

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from domain.model.hashes import JsonObject
from parameters import webhooks as parameters
from parameters.others import NoParameters
from parameters.tokens import RetryParameters
from records import connected_accounts, webhook_endpoints
from records import events as records
from records.base import StoredEvent
from rendering.event import in_version
from rendering.related import of_event

Body = JsonObject


async def retrieve(call: Call, given: NoParameters) -> Body:
    """One event."""
    del given
    return await _shown(call, await _known(call))


async def list_all(call: Call, given: parameters.EventsListParameters) -> Body:
    """A page, newest first."""
    if given.type is not None and given.types is not None:
        text = "You may only specify one of these parameters: type, types."
        raise invalid_request(text, code="parameters_exclusive", param="type")
    types = given.types if given.types is not None else None if given.type is None else [given.type]
    found, has_more = await records.newest(
        call.services.database,
        call.scope,
        cursor(given),
        created_bounds(given.created),
        None if types is None else tuple(types),
        given.delivery_success,
    )
    return list_body("/v1/events", [await _shown(call, event) for event in found], has_more)


async def resend(call: Call, given: parameters.ResendParameters) -> Body:
    """Deliver it again, to one endpoint or to all that want it; at once, whatever the pause under way."""
    event, endpoint = await _known(call), given.webhook_endpoint
    database, platform = call.services.database, call.key.platform
    if endpoint is not None:
        known = await webhook_endpoints.known_to(database, call.scope, platform, endpoint)
        if known is None:
            raise missing("webhook_endpoint", endpoint, "webhook_endpoint", in_path=False)
        if not known.enabled:
            text = f"The webhook endpoint {endpoint} is disabled; enable it first."
            raise invalid_request(text, param="webhook_endpoint")
    await webhook_endpoints.resend(database, call.scope, platform, event, endpoint, call.now)
    return await _shown(call, await _known(call))


async def retry(call: Call, given: RetryParameters) -> Body:
    """The same, as Stripe's CLI asks for it: `stripe events resend`, of a connected account too (`--account`)."""
    if given.account is not None and given.account != call.key.account:
        acting = await connected_accounts.acting_for(call.services.database, call.key, given.account)
        if acting is None:
            raise missing("account", given.account, "account", in_path=False)
        call = replace(call, key=acting)
    return await resend(call, parameters.ResendParameters(webhook_endpoint=given.webhook_endpoint))


async def _shown(call: Call, event: StoredEvent) -> Body:
    """As its account's version was when it happened, whatever is asked in (docs.stripe.com/webhooks/versioning)."""
    event = replace(event, connected=call.key.platform is not None)
    return await in_version(event, None, of_event(call.services.database))


async def _known(call: Call) -> StoredEvent:
    id_ = call.path_id("event")
    event = await records.load(call.services.database, call.scope, id_)
    if event is None:
        raise missing("event", id_, "id", in_path=True)
    return event


RESOURCE = Resource(path="/v1/events", name="events", returns="event")

OPERATIONS = (
    RESOURCE.operation("GET", "", "list", "List events", parameters.EventsListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve an event", NoParameters, retrieve),
    RESOURCE.operation(
        "POST", "/{id}/retry", "retry", "Deliver an event again, for Stripe's CLI", RetryParameters, retry
    ),
    RESOURCE.operation("POST", "/{id}/resend", "resend", "Deliver an event again", parameters.ResendParameters, resend),
)
