"""Webhook endpoints: where events are sent, with which secret, and what became of every try."""

from dataclasses import replace
from urllib.parse import urlsplit

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.minting import new_seed
from api.dialect.operation import Resource
from api.usecases.metadata import merged
from domain.identifiers import digest62
from domain.model.hashes import JsonObject
from domain.webhooks import SECRETS_MAX, SigningSecret, TooManySecrets, rotated
from parameters import webhooks as parameters
from parameters.others import NoParameters
from records import webhook_endpoints as records
from records.changing import Change
from rendering.webhook_endpoint import render, render_delivery
from webhooks.addresses import plainly_inside
from webhooks.urls import UrlRefused, sendable

Body = JsonObject

ENDPOINTS_MAX = 16
"""Per account and mode, as at Stripe: every event is sent to each."""


SECRET_PREFIX, SECRET_DIGITS = "whsec_", 32


def new_secret() -> str:
    """`whsec_` and 32 characters. Random, never computed from a request: whoever knows it can sign."""
    return SECRET_PREFIX + digest62(new_seed(), length=SECRET_DIGITS)


async def create(call: Call, given: parameters.EndpointCreateParameters) -> Body:
    """Create; the answer shows the secret, and no later one does."""
    url = _checked_url(call, given.url)
    endpoint = records.Endpoint(
        id=call.mint.id("we_1", length=23),
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        enabled_events=tuple(given.enabled_events),
        secrets=(SigningSecret(secret=new_secret()),),
        url=url,
        api_version=given.api_version,
        description=given.description,
        connect=given.connect is True,
        metadata={key: value for key, value in (given.metadata or {}).items() if value is not None},
    )
    if not await records.add(call.services.database, endpoint, ENDPOINTS_MAX):
        raise invalid_request(f"You have reached the maximum of {ENDPOINTS_MAX} webhook endpoints.")
    # A repetition of a request that died shows what was written first.
    return render(await _existing(call, endpoint.id), with_secret=True)


async def retrieve(call: Call, given: NoParameters) -> Body:
    """One endpoint."""
    del given
    return render(await _known(call))


async def update(call: Call, given: parameters.EndpointUpdateParameters) -> Body:
    """Change where, what for, or whether at all."""
    if given.url is not None:
        given = given.model_copy(update={"url": _checked_url(call, given.url)})
    return render(await _changed(call, lambda endpoint: _updated(endpoint, given)))


def _updated(endpoint: records.Endpoint, given: parameters.EndpointUpdateParameters) -> records.Endpoint:
    changes: JsonObject = {"metadata": merged(endpoint.metadata, given)}
    if given.url is not None:
        changes["url"] = given.url
    if given.enabled_events is not None:
        changes["enabled_events"] = tuple(given.enabled_events)
    if given.disabled is not None:
        changes["enabled"] = not given.disabled
    if "description" in given.model_fields_set:
        changes["description"] = given.description
    return replace(endpoint, **changes)


async def _changed(call: Call, change: Change[records.Endpoint]) -> records.Endpoint:
    id_ = call.path_id("webhook_endpoint", "webhook_endpoint")
    changed = await records.change(call.services.database, call.scope, id_, change)
    if changed is None:
        raise missing("webhook_endpoint", id_, "webhook_endpoint", in_path=True)
    return changed


async def delete(call: Call, given: NoParameters) -> Body:
    """Delete; what was still to be sent is not."""
    del given
    endpoint = await _known(call)
    await records.delete(call.services.database, call.scope, endpoint.id)
    return {"id": endpoint.id, "object": "webhook_endpoint", "deleted": True}


async def list_all(call: Call, given: parameters.EndpointsListParameters) -> Body:
    """A page, newest first."""
    found, has_more = await records.newest(
        call.services.database, call.scope, cursor(given), created_bounds(given.created)
    )
    return list_body("/v1/webhook_endpoints", [render(endpoint) for endpoint in found], has_more)


async def rotate_secret(call: Call, given: parameters.RotateParameters) -> Body:
    """A new secret, shown in the answer. For as long as was asked, deliveries are signed with the old one as well.

    It is computed from what is random of this request, so that a repetition of one that died shows the same.
    """
    successor = call.mint.id(SECRET_PREFIX, "rotated", SECRET_DIGITS)

    def rotate(endpoint: records.Endpoint) -> records.Endpoint:
        return replace(endpoint, secrets=rotated(endpoint.secrets, successor, call.now, given.overlap_seconds))

    try:
        changed = await _changed(call, rotate)
    except TooManySecrets:
        raise invalid_request(
            f"This webhook endpoint has {SECRETS_MAX} secrets that sign, each until its overlap ends. Rotate it when "
            "one has ended, or with an overlap_seconds of 0, which ends all of them at once.",
            param="overlap_seconds",
        ) from None
    return render(changed) | {"secret": successor}


async def list_deliveries(call: Call, given: parameters.DeliveriesListParameters) -> Body:
    """What was sent, newest first, with every try at it."""
    endpoint = await _known(call)
    database = call.services.database
    found = await records.deliveries_of(database, call.scope, endpoint.id, cursor(given), given.status, given.event)
    attempts = await records.attempts_of(database, endpoint.id, [row.id for row in found.rows])
    data = [render_delivery(row, attempts[row.id]) for row in found.rows]
    return list_body(f"/v1/webhook_endpoints/{endpoint.id}/deliveries", data, found.has_more)


def _checked_url(call: Call, given: str) -> str:
    """The URL as it will be sent to. What can be refused at once is; its address is checked at each connection."""
    try:
        url = sendable(given)
    except UrlRefused as error:
        raise invalid_request(f"Invalid URL: {given[:100]} {error}.", code="url_invalid", param="url") from None
    parts = urlsplit(url)
    host = parts.hostname or ""
    if call.key.livemode and parts.scheme != "https":
        raise invalid_request("Invalid URL: in live mode it must start with https://.", code="url_invalid", param="url")
    if not call.services.private_webhooks and plainly_inside(host):
        text = (
            "Invalid URL: URL must be publicly accessible. (To send to this machine or its network, set "
            "PERDURE_WEBHOOKS_PRIVATE=allow, or use `perdure listen`.)"
        )
        raise invalid_request(text, code="url_invalid", param="url")
    return url


async def _known(call: Call) -> records.Endpoint:
    return await _existing(call, call.path_id("webhook_endpoint", "webhook_endpoint"))


async def _existing(call: Call, id_: str) -> records.Endpoint:
    endpoint = await records.load(call.services.database, call.scope, id_)
    if endpoint is None:
        raise missing("webhook_endpoint", id_, "webhook_endpoint", in_path=True)
    return endpoint


RESOURCE = Resource(path="/v1/webhook_endpoints", name="webhook_endpoints", returns="webhook_endpoint")

OPERATIONS = (
    RESOURCE.operation("POST", "", "create", "Create a webhook endpoint", parameters.EndpointCreateParameters, create),
    RESOURCE.operation(
        "GET", "", "list", "List webhook endpoints", parameters.EndpointsListParameters, list_all, is_list=True
    ),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a webhook endpoint", NoParameters, retrieve),
    RESOURCE.operation(
        "POST", "/{id}", "update", "Update a webhook endpoint", parameters.EndpointUpdateParameters, update
    ),
    RESOURCE.operation("DELETE", "/{id}", "delete", "Delete a webhook endpoint", NoParameters, delete),
    RESOURCE.operation(
        "POST",
        "/{id}/rotate_secret",
        "rotate_secret",
        "Give a webhook endpoint a new secret",
        parameters.RotateParameters,
        rotate_secret,
    ),
    RESOURCE.operation(
        "GET",
        "/{id}/deliveries",
        "list_deliveries",
        "List a webhook endpoint's deliveries",
        parameters.DeliveriesListParameters,
        list_deliveries,
        is_list=True,
        returns="webhook_delivery",
    ),
)
