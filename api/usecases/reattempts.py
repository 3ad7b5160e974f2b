"""Networks' limits on declined cards, where requests come in: looked up before a confirmation is sent, if they count.

They do for live payments unless the account has them off, and for test payments if it has them on; where they do not,
nothing is looked up. What they are: domain/routing/reattempts.py.
"""

from api.dialect.call import Call
from domain.model.payment_intent import PaymentIntent, options_of
from domain.model.reattempts import Limit
from domain.routing.reattempts import LIMITED, left, told
from observability import metrics
from observability.logs import logger
from records import declined_cards


async def limit_of(call: Call, after: PaymentIntent, *, off_session: bool) -> tuple[Limit | None, int | None]:
    """Why the card of `after`, as it is to be confirmed, is not to be tried now; else how many tries are free.

    None where nobody counts them.
    """
    card = after.payment_method.card if after.payment_method else None
    if card is None or not card.fingerprint or not call.key.limits_reattempts:
        return None, None
    network = options_of(after, "card").get("network") or card.preferred_network or card.brand
    if network not in LIMITED:
        return None, None
    database = call.services.database
    known = await declined_cards.history(database, call.scope, card.fingerprint, after.amount, after.currency)
    limit = told(known, network, call.now, off_session=off_session)
    if limit is not None:
        metrics.REATTEMPTS_BLOCKED.labels(network).inc()
        logger().info("reattempt blocked", payment_intent=after.id, why=limit.why, until=limit.until)
    return limit, left(known, network, call.now)
