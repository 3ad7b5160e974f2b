"""Networks' limits on declined cards, where requests come in: looked up before a confirmation is sent, if they count.

They do for live payments unless the account has them off, and for test payments if it has them on; where they do not,
nothing is looked up. What they are: domain/routing/reattempts.py.
"""

from dataclasses import replace

from api.dialect.call import Call
from domain.machine.decisions import decide
from domain.machine.evolution import evolve
from domain.model.commands import Command, Confirm
from domain.model.events import AttributesChanged, Event, PaymentMethodSelected
from domain.model.payment_intent import PaymentIntent, options_of, remembered
from domain.refusals import Refusal
from domain.routing.reattempts import LIMITED, told
from observability import metrics
from observability.logs import logger
from records import declined_cards


async def within_limits(call: Call, intent: PaymentIntent, command: Command) -> Command:
    """The command as it is to be sent: it says why its card is not to be tried now, if it is not."""
    if not (call.key.limits_reattempts and isinstance(command, Confirm)) or command.refuse_duplicate:
        return command
    if remembered(intent, command.command_id) or isinstance(decide(intent, command, call.now), Refusal):
        return command
    said: list[Event] = [AttributesChanged(command.changes)] if command.changes else []
    if command.payment_method:
        said.append(PaymentMethodSelected(command.payment_method))
    after = evolve(intent, said, check_table=False)
    card = after.payment_method.card if after.payment_method else None
    network = options_of(after, "card").get("network") or (card.preferred_network or card.brand if card else "")
    if card is None or not card.fingerprint or network not in LIMITED:
        return command
    database = call.services.database
    known = await declined_cards.history(database, call.scope, card.fingerprint, after.amount, after.currency)
    limit = told(known, network, call.now, off_session=command.off_session)
    if limit is None:
        return command
    metrics.REATTEMPTS_BLOCKED.labels(network).inc()
    logger().info("reattempt blocked", payment_intent=intent.id, why=limit.why, until=limit.until)
    return replace(command, limit=limit)
