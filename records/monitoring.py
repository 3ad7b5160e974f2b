"""What operators watch: how much is not known, and how much is still to be told."""

from sqlalchemy import text

from domain.reconciliation.kinds import Kind
from records.database import Database

AGES_SECONDS = (60, 600, 3_600, 86_400)
"""Ages above which outcomes that are not known are counted apart."""

_OLDER = ", ".join(
    f"count(*) FILTER (WHERE owed_since <= extract(epoch FROM now()) - {age}) AS older_{age}" for age in AGES_SECONDS
)
_STATES = text(
    f"""
    SELECT floor(extract(epoch FROM now()))::bigint AS now, owed.*, claims.oldest AS claimed, waiting.deliveries,
           waiting.oldest, (SELECT jsonb_object_agg(schedule, ended) FROM sweeps) AS sweeps,
           reconciled.ended AS reconciled, reconciled.report -> 'kinds' AS differences
    FROM (SELECT count(*) AS unknown, {_OLDER}
          FROM payment_intents WHERE owed_since IS NOT NULL AND under_way IS NULL) AS owed,
         (SELECT min((under_way ->> 'now')::bigint) AS oldest FROM payment_intents WHERE under_way IS NOT NULL
          AND (status NOT IN ('succeeded', 'canceled') OR owed_since IS NOT NULL)) AS claims,
         (SELECT count(*) AS deliveries, min(e.created) AS oldest
          FROM deliveries AS d JOIN events AS e ON e.id = d.event
          WHERE d.state = 'pending' AND NOT d.listener) AS waiting
    LEFT JOIN (SELECT ended, report FROM reconciliations ORDER BY number DESC LIMIT 1) AS reconciled ON true
    """  # noqa: S608
)


async def states(database: Database) -> dict[str, float | dict[str, float]]:
    """Gauges by name (metrics.py); those of several values by label."""
    row = (await database.execute(_STATES))[0]

    def age(since: int | None) -> float:
        return max(0.0, float(row.now - since)) if since is not None else 0.0

    found = {kind.value: float((row.differences or {}).get(kind.value, 0)) for kind in Kind}
    return {
        "perdure_unknown_outcomes": float(row.unknown),
        "perdure_unknown_outcomes_older": {str(each): float(row[f"older_{each}"]) for each in AGES_SECONDS},
        "perdure_claims_oldest_seconds": age(row.claimed),
        "perdure_sweep_age_seconds": {schedule: age(ended) for schedule, ended in (row.sweeps or {}).items()},
        # Before the first one nothing is known, which is not the same as no difference.
        "perdure_reconciliation_differences": found if row.reconciled is not None else {},
        "perdure_reconciliation_age_seconds": age(row.reconciled),
        "perdure_deliveries_waiting": float(row.deliveries),
        "perdure_deliveries_oldest_seconds": age(row.oldest),
    }
