"""What somebody has to look at, and their word on it: as by `perdure resolve`, an operator says what became of it."""

from api.dialect.call import Call
from api.dialect.operation import Operation, Resource
from api.routes.console.payments import SHOWN, too_much
from api.routes.payment_intents import recorded_intent
from api.usecases import unfinished
from api.usecases.commands import body_of, identity, send
from domain.machine.fence import Recorded
from domain.machine.housekeeping import CLAIM_SECONDS
from domain.model.hashes import JsonObject
from domain.model.resolutions import Resolve
from parameters.console import ResolveParameters
from parameters.others import NoParameters
from records.codec import load_intent, load_under_way
from records.console import attention as records
from records.console.reading import TakesTooLong
from records.database import Row
from rendering.console import line

Body = JsonObject
REMEMBERED_SECONDS = 5


async def attention(call: Call, given: NoParameters) -> Body:
    """Payments of which something is not known, the oldest first: what, since when, and what can be said of it."""
    del given
    overview, database = call.services.overview, call.services.database

    async def ask() -> records.Unfinished:
        return await records.unfinished(overview.desk, database, call.scope, call.now - CLAIM_SECONDS)

    key = ("unfinished", call.scope)
    try:
        found: records.Unfinished = await overview.remembered(key, call.now, REMEMBERED_SECONDS, ask)
    except TakesTooLong:
        raise too_much() from None
    lines = [shown for row in (*found.owed, *(found.begun or ())) if (shown := _line(call, row))]
    return {
        "object": "dashboard_attention",
        "data": sorted(lines, key=lambda one: one["owed"]["since"] or 0),
        "has_more": max(len(found.owed), len(found.begun or ())) >= records.SHOWN_MAX,
        "looked_through": found.begun is not None,
    }


def _line(call: Call, row: Row) -> Body | None:
    begun = load_under_way(row.under_way) if row.under_way else None
    intent = load_intent(row.data)
    owed = unfinished.shown(call, Recorded(intent=intent, under_way=begun))
    return {"payment": line(intent, email=None, unknown_since=row.owed_since), "owed": owed} if owed else None


async def resolve(call: Call, given: ResolveParameters) -> Body:
    """Say what became of what a gateway does not answer about; who says so, and on what evidence, is kept with it."""
    command = Resolve(
        **identity(call),
        key=given.key,
        done=given.done,
        reference=given.reference,
        by=given.by,
        evidence=given.evidence,
        regardless=given.regardless,
    )
    result = await send(call, await recorded_intent(call), command)
    return body_of(call, result.intent)


RESOURCE = Resource(path="/dashboard/v1", name="dashboard", returns="dashboard_attention")
WORDS = Resource(path="/dashboard/v1/payment_intents", name="resolutions", returns="payment_intent")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation(
        "GET", "/attention", "attention", "Payments of which something is not known", NoParameters, attention,
        also_reads=SHOWN,
    ),
    WORDS.operation(
        "POST", "/{id}/resolve", "create", "Say what became of something", ResolveParameters, resolve,
        also_reads=("payment_intents",),
    ),
)  # fmt: skip
