"""The payer's consent, where a request does not tell it: a kept method has one, and the payer's own browser is it."""

from dataclasses import replace
from functools import partial

from api.dialect import errors
from api.dialect.call import Call
from api.usecases.changes import mandate_acceptance
from domain.machine.changes import consent_ends
from domain.machine.confirmation import amount_differs
from domain.machine.evolution import evolve
from domain.machine.suitability import needs_consent
from domain.model.commands import Confirm
from domain.model.events import AttributesChanged
from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from domain.model.wording import mandate_invalid
from records import mandates

BY_THE_PAYER = {"customer_acceptance": {"type": "online", "online": {}}}


async def consent(call: Call, intent: PaymentIntent, changes: JsonObject, method: PaymentMethod | None) -> JsonObject:
    """What to change besides, so that the intent can be confirmed; nothing, where nothing is needed or to be had.

    Stripe.js tells the payer's acceptance for whom it confirms; a browser of ours need not.
    """
    method = method or intent.payment_method
    if method is None or method.type == "card" or {"mandate", "mandate_data"} & changes.keys():
        return {}
    now = changes | consent_ends(intent, changes, method)
    after = evolve(intent, [AttributesChanged(now)], check_table=False) if now else intent
    if after.mandate or after.mandate_data or not needs_consent(after, method.type):
        return {}
    if method.customer is not None:
        standing = await mandates.standing(call.services.database, call.scope, method.id, method.customer)
        if standing is not None:
            return {"mandate": standing.id}
    return {"mandate_data": mandate_acceptance(call, BY_THE_PAYER)} if call.publishable else {}


async def by_mandate(call: Call, intent: PaymentIntent, id_: str | None, said: int | None = None) -> int | None:
    """Take the mandate that a request names, if it is good for one payment, for this intent. The amount it is for then.

    That is what has to be confirmed, whatever the amount becomes meanwhile; `said` is what the request wants confirmed.
    A request that is refused gives it back, if no other of this intent has taken it or goes by it.

    Raises:
        StripeError: it is another payment's, or of less, or in another currency; or what is said is another amount.
    """
    database = call.services.database
    mandate = await mandates.load(database, call.scope, id_) if id_ else None
    if mandate is None or mandate.amount is None:
        return None
    good = mandate.pays(intent.amount, intent.currency)
    if good and said not in (None, intent.amount):
        raise errors.refused(amount_differs(intent))
    whose = (database, call.scope, mandate.id, intent.id, call.mint.command)
    # The request may have come long ago: its body was slow, or it waited for its turn.
    if not good or not await mandates.use(*whose, call.services.clock()):
        raise errors.refused(mandate_invalid(mandate.id))
    call.taken.append(partial(mandates.give_back, *whose))
    return intent.amount


async def with_consent(call: Call, intent: PaymentIntent, command: Confirm | None) -> Confirm | None:
    """The command that confirms a new intent, with the consent that its method has."""
    if command is None:
        return None
    found = await consent(call, intent, command.changes, command.payment_method)
    return replace(command, changes={**command.changes, **found}) if found else command
