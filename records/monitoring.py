"""What operators watch: how much is not known, and how much is still to be told."""

from sqlalchemy import text

from domain.reconciliation.kinds import Kind
from records.database import Database

AGES_SECONDS = (60, 600, 3_600, 86_400)
"""Ages above which outcomes that are not known are counted apart."""

_OLDER = ", ".join(
    f"count(*) FILTER (WHERE owed_since <= extract(epoch FROM now()) - {age}) AS older_{age}" for age in AGES_SECONDS
)
_CLAIMED = ", ".join(
    f"count(*) FILTER (WHERE (under_way ->> 'now')::bigint <= extract(epoch FROM now()) - {age}) AS claimed_{age}"
    for age in AGES_SECONDS
)
_STATES = text(
    f"""
    SELECT floor(extract(epoch FROM now()))::bigint AS now, owed.*, claims.*,
           (SELECT jsonb_object_agg(schedule, ended) FROM sweeps) AS sweeps,
           reconciled.ended AS reconciled, reconciled.report -> 'kinds' AS differences
    FROM (SELECT count(*) AS unknown, {_OLDER}
          FROM payment_intents WHERE owed_since IS NOT NULL AND under_way IS NULL
          AND data -> 'pending' IS NOT NULL) AS owed,
         (SELECT min((under_way ->> 'now')::bigint) AS claimed, {_CLAIMED}
          FROM payment_intents WHERE under_way IS NOT NULL
          AND (status NOT IN ('succeeded', 'canceled') OR owed_since IS NOT NULL)) AS claims
    LEFT JOIN (SELECT ended, report FROM reconciliations ORDER BY number DESC LIMIT 1) AS reconciled ON true
    """  # noqa: S608
)

_UNFINISHED = "NOT d.listener AND d.state IN ('pending', 'under_way')"
_UNTRIED, _FAILING = f"{_UNFINISHED} AND d.attempts = 0", f"{_UNFINISHED} AND d.attempts > 0"


def _oldest(which: str) -> str:
    # In the order in which they were written: the first is as old as any, and looking at all would take its time.
    return (
        "(SELECT e.created FROM (SELECT d.event, d.seq FROM deliveries AS d "  # noqa: S608
        f"WHERE {which} ORDER BY d.seq LIMIT 1) AS first JOIN events AS e ON e.id = first.event)"
    )


_DELIVERIES = text(
    f"""
    SELECT floor(extract(epoch FROM now()))::bigint AS now, counted.*, {_oldest(_UNFINISHED)} AS oldest,
           {_oldest(_UNTRIED)} AS untried_oldest, {_oldest(_FAILING)} AS failing_oldest
    FROM (SELECT count(*) AS waiting, count(*) FILTER (WHERE d.attempts > 0) AS failing,
                 count(DISTINCT d.endpoint) FILTER (WHERE d.attempts > 0) AS endpoints
          FROM deliveries AS d WHERE {_UNFINISHED}) AS counted
    """  # noqa: S608
)


def _age(now: int, since: int | None) -> float:
    return max(0.0, float(now - since)) if since is not None else 0.0


async def deliveries(database: Database) -> dict[str, float | dict[str, float]]:
    """Gauges of webhook deliveries by name. A delivery is failing once a try of it was not taken."""
    row = (await database.execute(_DELIVERIES))[0]
    return {
        "perdure_deliveries_waiting": float(row.waiting),
        "perdure_deliveries_oldest_seconds": _age(row.now, row.oldest),
        "perdure_deliveries_untried_oldest_seconds": _age(row.now, row.untried_oldest),
        "perdure_deliveries_failing": float(row.failing),
        "perdure_deliveries_failing_oldest_seconds": _age(row.now, row.failing_oldest),
        "perdure_endpoints_failing": float(row.endpoints),
    }


async def states(database: Database) -> dict[str, float | dict[str, float]]:
    """Gauges by name (observability/metrics.py); those of several values by label."""
    row = (await database.execute(_STATES))[0]

    found = {kind.value: float((row.differences or {}).get(kind.value, 0)) for kind in Kind}
    return {
        "perdure_unknown_outcomes": float(row.unknown),
        "perdure_unknown_outcomes_older": {str(each): float(row[f"older_{each}"]) for each in AGES_SECONDS},
        "perdure_claims_older": {str(each): float(row[f"claimed_{each}"]) for each in AGES_SECONDS},
        "perdure_claims_oldest_seconds": _age(row.now, row.claimed),
        "perdure_sweep_age_seconds": {schedule: _age(row.now, ended) for schedule, ended in (row.sweeps or {}).items()},
        # Before the first one nothing is known, which is not the same as no difference.
        "perdure_reconciliation_differences": found if row.reconciled is not None else {},
        "perdure_reconciliation_age_seconds": _age(row.now, row.reconciled),
        **await deliveries(database),
    }
