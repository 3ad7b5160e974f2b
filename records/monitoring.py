"""What operators watch: how much is not known, and how much is still to be told."""

from sqlalchemy import text

from records.database import Database

_STATES = text(
    """
    SELECT (SELECT count(*) FROM payment_intents
            WHERE status = 'processing' AND data -> 'pending' IS NOT NULL) AS unknown,
           waiting.deliveries, coalesce(extract(epoch FROM now()) - waiting.oldest, 0) AS oldest
    FROM (SELECT count(*) AS deliveries, min(e.created) AS oldest
          FROM deliveries AS d JOIN events AS e ON e.id = d.event
          WHERE d.state = 'pending' AND NOT d.listener) AS waiting
    """
)


async def states(database: Database) -> dict[str, float]:
    """Gauges by name (metrics.py)."""
    row = (await database.execute(_STATES))[0]
    return {
        "perdure_unknown_outcomes": float(row.unknown),
        "perdure_deliveries_waiting": float(row.deliveries),
        "perdure_deliveries_oldest_seconds": max(0.0, float(row.oldest)),
    }
