"""What the operator's view asks besides Stripe's API: a payment's timeline, and an account's last days."""

from typing import Any

from api.dialect.call import Call
from api.dialect.operation import Operation, Resource
from api.routes.payment_intents import recorded_intent
from api.usecases import unfinished
from api.usecases.commands import body_of
from domain.machine.decisions import ATTEMPTS_MAX
from domain.machine.explaining.explain import explain
from domain.machine.explaining.explanation import Explanation
from domain.machine.fence import Recorded
from domain.model.gateways import FIRST
from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent, deadline, due_command
from parameters.fields import Integer
from parameters.hashes import Parameters
from parameters.others import NoParameters
from records import charges
from records import timeline as records
from records.timeline import DAY_SECONDS

Body = JsonObject

DAYS_MAX = 90


class SummaryParameters(Parameters):
    """How far back: days, 30 unless said otherwise, and 90 at most."""

    days: Integer = 30


async def timeline(call: Call, given: NoParameters) -> Body:
    """One payment: how it is and why, what happened, who was told, and what will happen by itself."""
    del given
    intent = await recorded_intent(call)
    found = await records.of_payment(call.services.database, call.scope, call.key.platform, intent.id)
    due, command = deadline(intent), due_command(intent)
    recorded = await call.services.projection.recorded(intent.id)
    why = await _explained(call, intent, recorded)
    return {
        "object": "dashboard_timeline",
        "payment_intent": body_of(call, intent),
        "timers": [{"at": due, "what": command.name if command else "check_settlement"}] if due else [],
        "pending": intent.pending.operation if intent.pending else None,
        "explanation": why.shown(),
        "owed": unfinished.shown(call, recorded),
        "events": [
            {
                "id": event.id,
                "type": event.type,
                "created": event.created,
                "object_id": event.object_id,
                "request": event.request_id,
                "status": event.status,
                "deliveries": [_delivery(row, found) for row in found.deliveries if row.event == event.id],
            }
            for event in found.events
        ],
    }


async def _explained(call: Call, intent: PaymentIntent, recorded: Recorded[PaymentIntent] | None) -> Explanation:
    database = call.services.database
    newest, _ = (await charges.of_intents(database, call.scope, [intent.id], ATTEMPTS_MAX)).get(intent.id, ([], 0))
    under_way = recorded.under_way if recorded and recorded.intent.version == intent.version else None
    asked_of = getattr(intent.pending, "gateway", "") or FIRST
    keeps = next((one.keeps_keys_seconds for one in call.services.profiles if one.name == asked_of), None)
    return explain(intent, newest[::-1], call.now, under_way, keeps_seconds=keeps)


def _delivery(row: Any, found: records.Timeline) -> Body:
    tries = [t for t in found.attempts if (t.event, t.endpoint) == (row.event, row.endpoint)]
    return {
        "endpoint": row.endpoint,
        "url": row.url,
        "state": row.state,
        "due": row.due,
        "attempts": [
            {"created": t.created, "status": t.status, "latency_ms": t.latency_ms, "error": t.error} for t in tries
        ],
    }


async def summary(call: Call, given: SummaryParameters) -> Body:
    """Amounts by day, and failures by reason."""
    days = min(max(given.days, 1), DAYS_MAX)
    since = call.now // DAY_SECONDS * DAY_SECONDS - (days - 1) * DAY_SECONDS
    database = call.services.database
    by_day = await records.by_day(database, call.scope, since)
    failures = await records.failures(database, call.scope, since)
    return {
        "object": "dashboard_summary",
        "since": since,
        "days": [
            {
                "day": r.day,
                "currency": r.currency,
                "intents": r.intents,
                "succeeded": r.succeeded,
                "received": int(r.received),
            }
            for r in by_day
        ],
        "failures": [{"reason": row.reason, "charges": row.charges} for row in failures],
    }


RESOURCE = Resource(path="/dashboard/v1", name="dashboard", returns="dashboard_summary")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation("GET", "/summary", "summary", "An account's last days", SummaryParameters, summary),
    RESOURCE.operation(
        "GET",
        "/payment_intents/{id}/timeline",
        "timeline",
        "What happened to a payment",
        NoParameters,
        timeline,
        returns="dashboard_timeline",
        also_reads=("payment_intents", "charges"),
    ),
)
