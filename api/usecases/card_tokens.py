"""Tokens in use: a card that was typed before becomes part of one payment method, once."""

from functools import partial

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request
from domain.model.card_tokens import CardToken
from records import card_tokens


async def take(call: Call, id_: str, method: str) -> CardToken:
    """The token of a card, used up by this request for `method`; whoever repeats the request has it again.

    If the request is refused, and there is no such method after all, it is as good as new.

    Raises:
        StripeError: there is no such token, it is no card's, or another request has used it.
    """
    database, scope = call.services.database, call.scope
    token = await card_tokens.load(database, scope, id_)
    if token is None or token.card is None:
        raise invalid_request(f"Invalid token id: {id_}", param="token")
    if not await card_tokens.use(database, scope, id_, call.mint.command):
        text = f"You cannot use a Stripe token more than once: {id_}."
        raise StripeError(text, code="token_already_used")
    call.taken.append(partial(card_tokens.give_back, database, scope, id_, call.mint.command, method))
    return token
