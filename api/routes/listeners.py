"""Listeners: events for a developer's machine, which no webhook reaches. `perdure listen` (cli/) is the client.

A listener is owed every event since it was created until it acknowledges it, so neither side's restart loses one.
"""

from dataclasses import replace

from api.dialect.call import Call
from api.dialect.errors import missing
from api.dialect.lists import list_body
from api.dialect.operation import Resource
from api.routes.webhook_endpoints import new_secret
from domain.model.hashes import JsonObject
from domain.webhooks import SigningSecret
from parameters import webhooks as parameters
from parameters.others import NoParameters
from records import outbox
from records import webhook_endpoints as records
from rendering.event import in_version
from rendering.related import of_event
from rendering.webhook_endpoint import render_listener

Body = JsonObject

LOOK_AGAIN_SECONDS = 0.2


async def create(call: Call, given: parameters.ListenerParameters) -> Body:
    """Create, or find the one of this name, with the types it is to hear of from now on."""
    database, types = call.services.database, tuple(given.enabled_events or ["*"])
    endpoint = records.Endpoint(
        id=call.mint.id("lsn_1", length=23),
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        enabled_events=types,
        secrets=(SigningSecret(secret=new_secret()),),
        name=given.name,
        api_version=given.api_version,
    )
    await records.add(database, endpoint)
    known = await records.listener_named(database, call.scope, given.name) or endpoint
    changed = await records.change(
        database, call.scope, known.id, lambda before: _heard(before, types, given), listener=True
    )
    return render_listener(changed or known)


def _heard(before: records.Endpoint, types: tuple[str, ...], given: parameters.ListenerParameters) -> records.Endpoint:
    return replace(before, enabled_events=types, api_version=given.api_version)


async def delete(call: Call, given: NoParameters) -> Body:
    """Forget it, and what it is owed."""
    del given
    listener = await _known(call)
    await records.delete(call.services.database, call.scope, listener.id)
    return {"id": listener.id, "object": "listener", "deleted": True}


async def listen(call: Call, given: parameters.ListenParameters) -> Body:
    """What it has not acknowledged, oldest first; waits for the first of it, if asked to."""
    listener = await _known(call)
    for _ in range(1 + round(given.wait_seconds / LOOK_AGAIN_SECONDS)):
        owed = await records.owed_to(call.services.database, listener.id, given.limit + 1)
        if owed or not given.wait_seconds or not await call.services.pause(LOOK_AGAIN_SECONDS):
            break
    find = of_event(call.services.database)
    shown = [await in_version(event, listener.api_version, find) for event in owed[: given.limit]]
    return list_body(f"/v1/listeners/{listener.id}/events", shown, len(owed) > given.limit)


async def acknowledge(call: Call, given: parameters.AcknowledgeParameters) -> Body:
    """It has these, for good."""
    listener = await _known(call)
    await outbox.acknowledge(call.services.database, listener.id, given.events[: parameters.ACKNOWLEDGED_MAX])
    return render_listener(listener)


async def _known(call: Call) -> records.Endpoint:
    id_ = call.path_id("listener")
    listener = await records.load(call.services.database, call.scope, id_, listener=True)
    if listener is None:
        raise missing("listener", id_, "id", in_path=True)
    return listener


RESOURCE = Resource(path="/v1/listeners", name="listeners", returns="listener")

OPERATIONS = (
    RESOURCE.operation("POST", "", "create", "Create or find a listener", parameters.ListenerParameters, create),
    RESOURCE.operation("DELETE", "/{id}", "delete", "Delete a listener", NoParameters, delete),
    RESOURCE.operation(
        "GET",
        "/{id}/events",
        "listen",
        "Ask for events that were not acknowledged",
        parameters.ListenParameters,
        listen,
        is_list=True,
        returns="event",
    ),
    RESOURCE.operation(
        "POST", "/{id}/acknowledge", "acknowledge", "Acknowledge events", parameters.AcknowledgeParameters, acknowledge
    ),
)
