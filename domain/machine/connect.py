"""Connect parameters: who gets which part of a payment. Validated against each other and against the amount.

What they move is model/shares.py. docs.stripe.com/connect/charges.
"""

from domain.model.payment_intent import PaymentIntent
from domain.refusals import Refusal


def refusal(state: PaymentIntent) -> Refusal | None:
    """Refuse a fee that nobody could be charged, or a part that is larger than the whole."""
    fee, transfer = state.application_fee_amount, state.transfer_data or {}
    part = transfer.get("amount")
    if fee is not None and state.platform is None and not transfer.get("destination"):
        text = (
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an "
            "OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`)."
        )
        return Refusal(param="application_fee_amount", message=text)
    if fee is not None and part is not None:
        text = "You may only specify one of these parameters: application_fee_amount, transfer_data[amount]."
        return Refusal(code="parameters_exclusive", param="application_fee_amount", message=text)
    if fee is not None and fee > state.amount:
        text = f"The application_fee_amount must be at most the amount of the PaymentIntent, which is {state.amount}."
        return Refusal(param="application_fee_amount", message=text)
    if isinstance(part, int) and part > state.amount:
        text = f"The transfer_data[amount] must be at most the amount of the PaymentIntent, which is {state.amount}."
        return Refusal(param="transfer_data[amount]", message=text)
    return None
