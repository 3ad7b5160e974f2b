"""The console's first page, the health of webhook endpoints, and what a key may do there."""

from typing import Any

from api.dialect.call import Call
from api.dialect.operation import Operation, Resource
from api.routes.console.payments import SHOWN, too_much
from domain.model.hashes import JsonObject
from parameters.console import OverviewParameters
from parameters.others import NoParameters
from records.accounts import RESOURCES
from records.console import overview as records
from records.console.overview import DAY_SECONDS
from records.console.reading import TakesTooLong

Body = JsonObject


async def session(call: Call, given: NoParameters) -> Body:
    """Whose the key is, and what it may do."""
    del given
    return {
        "object": "dashboard_session",
        "account": call.key.account,
        "kind": call.key.kind,
        "livemode": call.key.livemode,
        "now": call.now,
        "resources": sorted(RESOURCES),
        "permissions": ["*:write"] if call.key.kind == "secret" else list(call.key.permissions),
    }


async def home(call: Call, given: OverviewParameters) -> Body:
    """Volume, how many attempts are paid, why the others are not, and what somebody has to look at."""
    overview, database = call.services.overview, call.services.database
    since = call.now // DAY_SECONDS * DAY_SECONDS - (given.days - 1) * DAY_SECONDS
    try:
        numbers = await overview.numbers(database, call.scope, since, call.now)
        attention = await overview.attention(database, call.scope, call.now, given.lapsing_days * DAY_SECONDS)
    except TakesTooLong:
        raise too_much() from None
    return {
        "object": "dashboard_home",
        "since": since,
        "volume": [
            {**_day(row), "intents": row.intents, "succeeded": row.succeeded, "received": int(row.received)}
            for row in numbers.volume
        ],
        "attempts": [
            {**_day(row), "tried": row.tried, "approved": row.approved, "refunded": int(row.refunded)}
            for row in numbers.attempts
        ],
        "failures": _summed(numbers.failures),
        "holds": _waiting(attention.holds, attention.holds_soonest),
        "unknown": _waiting(attention.unknown, attention.unknown_oldest),
        "disputes": attention.disputes,
        "webhooks_failing": attention.webhooks_failing,
    }


def _day(row: Any) -> Body:
    return {"day": row.day, "currency": row.currency}


def _summed(rows: list[Any]) -> list[Body]:
    """The days that are over and those that are not, together; the most frequent reason first."""
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        key = row.reason, row.currency
        found[key] = found.get(key, 0) + row.charges
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [{"reason": reason, "currency": currency, "charges": count} for (reason, currency), count in ordered]


def _waiting(sums: list[Any], named: list[Any]) -> Body:
    return {
        "by_currency": [
            {"currency": row.currency, "payments": row.payments, "amount": int(row.amount)} for row in sums
        ],
        "first": [{"id": row.id, "amount": row.amount, "currency": row.currency, "at": row.at} for row in named],
    }


async def webhook_health(call: Call, given: NoParameters) -> Body:
    """By endpoint, what became of its newest deliveries."""
    del given
    try:
        rows = await call.services.overview.desk.read(call.services.database, records.health(call.scope))
    except TakesTooLong:
        raise too_much() from None
    found: dict[str, dict[str, Body]] = {}
    for row in rows:
        found.setdefault(row.id, {})[row.state] = {"deliveries": row.deliveries, "newest": row.newest}
    return {"object": "dashboard_webhook_health", "recent_max": records.RECENT_MAX, "endpoints": found}


RESOURCE = Resource(path="/dashboard/v1", name="dashboard", returns="dashboard_home")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation(
        "GET", "/session", "session", "What a key may do", NoParameters, session, returns="dashboard_session"
    ),
    RESOURCE.operation(
        "GET", "/home", "home", "An account at a glance", OverviewParameters, home, also_reads=(*SHOWN, "disputes")
    ),
    RESOURCE.operation(
        "GET",
        "/webhooks/health",
        "webhook_health",
        "How webhook endpoints take what they are sent",
        NoParameters,
        webhook_health,
        returns="dashboard_webhook_health",
        also_reads=("webhook_endpoints",),
    ),
)
