"""Sessions of Stripe's CLI that are over: they end, are owed nothing, and are forgotten a day later with all of it."""

from sqlalchemy import text

from records.database import Database, Prepared

KEPT_SECONDS = 86_400
"""For so long after the end, what its events were answered with can still be looked up."""

ENDED_AT_ONCE = 100
SWEPT_AT_ONCE = 2_000

_END = Prepared(
    text(
        """
        WITH ended AS (
            UPDATE cli_sessions SET ended = true WHERE id = ANY(ARRAY(
                SELECT id FROM cli_sessions WHERE NOT ended AND expires <= :now LIMIT :most FOR UPDATE SKIP LOCKED
            )) RETURNING id, endpoint
        ), silent AS (
            UPDATE webhook_endpoints SET enabled = false WHERE id IN (SELECT endpoint FROM ended)
        )
        SELECT id FROM ended
        """
    )
)


def _of_ended(told: str) -> Prepared:
    """Finds what they were told, by a plan that stays good: one that is made while there are no rows is kept.

    What is LATERAL and has a LIMIT is looked up for each session, by the index.
    """
    return Prepared(
        text(
            f"""
            SELECT told.* FROM cli_sessions AS s CROSS JOIN LATERAL (
                SELECT d.event, d.endpoint FROM deliveries AS d WHERE d.endpoint = s.endpoint {told} LIMIT :most
            ) AS told WHERE s.ended AND s.expires <= :until LIMIT :most
            """  # noqa: S608
        )
    )


OWED = _of_ended("AND d.state = 'pending' AND d.listener")
TOLD = _of_ended("")
SILENT = Prepared(
    text(
        """
        SELECT s.endpoint FROM cli_sessions AS s LEFT JOIN LATERAL (
            SELECT d.seq FROM deliveries AS d WHERE d.endpoint = s.endpoint LIMIT 1
        ) AS told ON true
        WHERE s.ended AND s.endpoint IS NOT NULL AND s.expires <= :until AND told.seq IS NULL LIMIT :most
        """
    )
)
"""Listeners of sessions that are over, who have been told nothing, or of which nothing is left."""

_FORGET_DELIVERIES = Prepared(
    text(
        "DELETE FROM deliveries WHERE (event, endpoint) IN ("
        "SELECT * FROM unnest(CAST(:events AS text[]), CAST(:endpoints AS text[])))"
    )
)
_FORGET_LISTENERS = Prepared(text("DELETE FROM webhook_endpoints WHERE id = ANY(:endpoints)"))
_FORGET_OTHERS = Prepared(text("DELETE FROM cli_sessions WHERE endpoint IS NULL AND ended AND expires <= :until"))


async def sweep(database: Database, now: int) -> bool:
    """End what nobody holds, and forget what ended a day ago; whether there is more of it."""
    ended = await database.execute(_END, {"now": now, "most": ENDED_AT_ONCE})
    more = len(ended) == ENDED_AT_ONCE
    for find, until in ((OWED, now), (TOLD, now - KEPT_SECONDS)):
        found = await database.execute(find, {"until": until, "most": SWEPT_AT_ONCE})
        more = more or len(found) == SWEPT_AT_ONCE
        if found:
            keys = {"events": [row.event for row in found], "endpoints": [row.endpoint for row in found]}
            await database.execute(_FORGET_DELIVERIES, keys)
    over = {"until": now - KEPT_SECONDS}
    silent = await database.execute(SILENT, {**over, "most": SWEPT_AT_ONCE})
    if silent:
        await database.execute(_FORGET_LISTENERS, {"endpoints": [row.endpoint for row in silent]})
    await database.execute(_FORGET_OTHERS, over)
    return more or len(silent) == SWEPT_AT_ONCE
