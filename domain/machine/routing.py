"""What routing looks at in a payment: the facts that rules are about, and what is asked of a gateway."""

from domain.model.gateways import Need
from domain.model.payment_intent import PaymentIntent, captures_at_once, method_in_use, options_of
from domain.routing.rules import Facts


def facts_of(state: PaymentIntent) -> Facts:
    """What the rules of an account may be about, once it is known how it is paid."""
    method = method_in_use(state)
    card = method.card
    return Facts(
        intent=state.id,
        amount=state.amount,
        currency=state.currency,
        type=method.type,
        capture="automatic" if captures_at_once(state) else "manual",
        brand=card.brand if card else "",
        country=card.country if card else "",
        funding=card.funding if card else "",
    )


def need_of(state: PaymentIntent) -> Need:
    """What a gateway has to have."""
    method, options = method_in_use(state), options_of(state, "card")
    return Need(
        method=method.type,
        currency=state.currency,
        brand=method.card.brand if method.card else None,
        amount=state.amount,
        manual_capture=not captures_at_once(state),
        multicapture=options.get("request_multicapture") == "if_available",
        incremental=options.get("request_incremental_authorization") == "if_available",
        overcapture=options.get("request_overcapture") == "if_available",
        authenticated_elsewhere=options.get("three_d_secure") is not None,
    )
