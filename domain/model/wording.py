"""How refusals read. Clients match on these texts, so the telling words are Stripe's; everything else is ours.

Each function takes the PaymentIntent and answers with a `Refusal`; when to refuse is payment_intent.py's business.
"""

import json

from domain.model.events import PaymentError
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from domain.money.currencies import CURRENCIES
from domain.refusals import Refusal

UNEXPECTED_STATE = "payment_intent_unexpected_state"
INVALID_PARAMETER = "payment_intent_invalid_parameter"

UPDATABLE = "requires_payment_method, requires_confirmation, requires_action"
CANCELABLE = (
    "requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, requires_action, "
    "expired, processing"
)
"""Two names no PaymentIntent has any more; Stripe's own list still shows them."""


def cannot_update(intent: PaymentIntent, param: str) -> Refusal:
    """`param` is settled once money has moved or the intent has ended."""
    return Refusal(
        code=UNEXPECTED_STATE,
        param=param,
        message=f"This PaymentIntent's {param} could not be updated because it has a status of {intent.status}. "
        f"You may only update the {param} of a PaymentIntent with one of the following statuses: {UPDATABLE}.",
    )


def cannot_confirm(intent: PaymentIntent, with_payment_method: bool) -> Refusal:
    """It has been confirmed, or has ended."""
    if intent.status == "succeeded":
        text = (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        )
        return Refusal(code=UNEXPECTED_STATE, message=text)
    if with_payment_method:
        return cannot_update(intent, "payment_method")
    return Refusal(
        code=UNEXPECTED_STATE,
        message=f"You cannot confirm this PaymentIntent because it has a status of {intent.status}. "
        f"Only a PaymentIntent with one of the following statuses may be confirmed: {UPDATABLE}.",
    )


def missing_payment_method(intent: PaymentIntent) -> Refusal:
    """Nobody said how to pay."""
    start = "You cannot confirm this PaymentIntent because it's missing a payment method."
    if intent.customer:
        advice = (
            f"To confirm the PaymentIntent with {intent.customer}, specify a payment method attached to this customer "
            "along with the customer ID."
        )
    else:
        advice = (
            "You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it "
            "again directly with a payment method or ConfirmationToken."
        )
    return Refusal(code=UNEXPECTED_STATE, message=f"{start} {advice}")


def cannot_capture(intent: PaymentIntent) -> Refusal:
    """Nothing is held: not yet, or no longer."""
    if intent.status == "succeeded":
        text = (
            "The remaining amount on this PaymentIntent could not be captured because the remainder of the authorized "
            "amount has been released."
        )
    else:
        text = (
            f"This PaymentIntent could not be captured because it has a status of {intent.status}. "
            "Only a PaymentIntent with one of the following statuses may be captured: requires_capture."
        )
    return Refusal(code=UNEXPECTED_STATE, message=text)


def cannot_cancel(intent: PaymentIntent) -> Refusal:
    """It has ended, or the gateway has not yet said how the last command went."""
    return Refusal(
        code=UNEXPECTED_STATE,
        message=f"You cannot cancel this PaymentIntent because it has a status of {intent.status}. "
        f"Only a PaymentIntent with one of the following statuses may be canceled: {CANCELABLE}.",
    )


def cannot_increment(intent: PaymentIntent) -> Refusal:
    """Only a hold can be raised."""
    return Refusal(
        code=UNEXPECTED_STATE,
        message="This PaymentIntent's authorization could not be incremented because it has a status of "
        f"{intent.status}. Only a PaymentIntent with one of the following statuses may be incremented: "
        "requires_capture.",
    )


def cannot_verify_microdeposits(intent: PaymentIntent) -> Refusal:
    """No bank account is waiting for verification."""
    return Refusal(
        code=UNEXPECTED_STATE,
        message=f"You cannot verify microdeposits for this PaymentIntent because it has a status of {intent.status} "
        "and is not waiting for microdeposits. Its next_action must be verify_with_microdeposits.",
    )


def cannot_apply_customer_balance(intent: PaymentIntent) -> Refusal:
    """The intent does not wait for a bank transfer."""
    return Refusal(
        code=UNEXPECTED_STATE,
        message="You cannot apply a customer balance to this PaymentIntent because it has a status of "
        f"{intent.status} and is not waiting for a bank transfer (payment method type customer_balance).",
    )


def cannot_authenticate(intent: PaymentIntent) -> Refusal:
    """The answer belongs to an authentication that is not under way (any more)."""
    return Refusal(
        code=UNEXPECTED_STATE,
        message=f"This PaymentIntent is not waiting for this authentication; it has a status of {intent.status}.",
    )


def cannot_expire(intent: PaymentIntent) -> Refusal:
    """There is no hold whose time is up."""
    return Refusal(code=UNEXPECTED_STATE, message=f"No authorization has expired; the status is {intent.status}.")


def payment_method_of_another(method: str, customer: str) -> Refusal:
    """The method belongs to a customer, and the intent names none. Stripe blames `source` here, of all names."""
    return Refusal(
        code="parameter_missing",
        param="source",
        message=f"The `payment_method` parameter supplied {method} belongs to the Customer {customer}. "
        "Please include the Customer in the `customer` parameter on the PaymentIntent.",
    )


def payment_method_not_of_customer(method: str, customer: str | None) -> Refusal:
    """The method belongs to somebody else than the intent's customer."""
    return Refusal(
        param="payment_method",
        message=f"The PaymentMethod {method} does not belong to the Customer you supplied {customer}. Please use this "
        "PaymentMethod with the Customer that it belongs to instead.",
    )


def payment_method_consumed() -> Refusal:
    """Used once without a customer, or detached: it may not be used again."""
    return Refusal(
        param="payment_method",
        message="The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, "
        "shared with a connected account without Customer attachment, or was detached from a Customer. It may not be "
        "used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
    )


def payment_method_type_not_accepted(type_: str, accepted: tuple[str, ...]) -> Refusal:
    """The intent lists the types it takes, and this is none of them."""
    return Refusal(
        code="payment_intent_incompatible_payment_method",
        param="payment_method",
        message=f"The PaymentMethod provided ({type_}) is not allowed for this PaymentIntent, which accepts "
        f"{', '.join(accepted)}. Attach a PaymentMethod of an accepted type, or update the accepted types.",
    )


def currency_not_of_type(type_: str, currency: str, currencies: frozenset[str]) -> Refusal:
    """The method does not move this currency."""
    return Refusal(
        code="payment_method_currency_mismatch",
        param="payment_method",
        message=f"The currency `{currency}` cannot be used with the payment method type `{type_}`. It supports: "
        f"{', '.join(sorted(currencies))}.",
    )


def manual_capture_not_of_type(type_: str) -> Refusal:
    """The method moves money at once or not at all."""
    return Refusal(
        code=INVALID_PARAMETER,
        param="capture_method",
        message=f"The payment method type `{type_}` does not support `capture_method=manual`.",
    )


def currency_not_of_types(types: list[str], currency: str) -> Refusal:
    """Some of the types that the intent lists do not move its currency."""
    return Refusal(
        param="currency",
        message=f"The currency provided ({currency}) is invalid for one or more payment method types on this "
        f"PaymentIntent: {', '.join(types)}.",
    )


def manual_capture_not_of_types(types: list[str]) -> Refusal:
    """Some of the types that the intent lists move money at once or not at all."""
    return Refusal(
        param="capture_method",
        message=f"The following payment method types {json.dumps(types)} can only be used with PaymentIntents that "
        "have capture_method=automatic. Please retry by creating a PaymentIntent with capture_method=automatic.",
    )


def types_not_kept(types: list[str]) -> Refusal:
    """Some of the types that the intent lists can be charged once only."""
    return Refusal(
        param="setup_future_usage",
        message=f"The following payment method types {json.dumps(types)} cannot be used with `setup_future_usage`, "
        "because they cannot be charged again later. Please retry without them, or without `setup_future_usage`.",
    )


def consent_needed() -> Refusal:
    """The payer of a debit has to have agreed to it."""
    return Refusal(
        message="This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance "
        "from the customer and try again, providing acceptance data in the mandate_data parameter."
    )


def return_url_required_by(type_: str) -> Refusal:
    """The buyer is sent away, and must be able to come back."""
    return Refusal(
        code="parameter_missing",
        param="return_url",
        message=f"The payment method type `{type_}` redirects your customer off of your page, so a `return_url` is "
        "required to confirm this PaymentIntent.",
    )


def nothing_to_settle(intent: PaymentIntent) -> Refusal:
    """No charge waits for its bank."""
    return Refusal(
        code=UNEXPECTED_STATE,
        message=f"This PaymentIntent has a status of {intent.status}, and no charge that waits for a bank's answer.",
    )


def payment_method_type_not_activated(type_: str) -> Refusal:
    """The type can be accepted and kept, but no rail of this engine takes it to its bank yet."""
    return Refusal(
        code="payment_method_unactivated",
        param="payment_method",
        message=f"The payment method type `{type_}` is not activated for this account, so this PaymentIntent cannot be "
        "confirmed with it. Use a payment method of another type.",
    )


def busy() -> Refusal:
    """The gateway has not yet said what became of the last thing it was asked for."""
    return Refusal(
        code="lock_timeout",
        message="This object cannot be accessed right now because another API request or Stripe process is currently "
        "accessing it. If you see this error intermittently, retry the request. If you see this error frequently and "
        "are making multiple concurrent requests to a single object, make your requests serially or at a lower rate.",
    )


def share_missing(param: str) -> Refusal:
    """The first capture said who gets a part of it, so the others must."""
    return Refusal(
        code="parameter_missing",
        param=param,
        message=f"The first capture of this PaymentIntent set `{param}`, so every further capture must set it too.",
    )


def too_much_metadata(most: int) -> Refusal:
    """The keys that were there and those that came are too many together."""
    return Refusal(param="metadata", message=f"Metadata can have at most {most} keys.")


def mandate_invalid(mandate: str) -> Refusal:
    """The consent is no longer good, or was given for another payment method."""
    return Refusal(
        code="payment_intent_mandate_invalid",
        param="mandate",
        message=f"The mandate {mandate} is not active, or does not belong to the PaymentMethod of this PaymentIntent.",
    )


def capture_amount(amount: int, capturable: int) -> Refusal | None:
    """Refuse an `amount_to_capture` that is nothing, negative, or more than is held. 0 is blamed on `amount`."""
    if amount == 0:
        text = "This value must be greater than or equal to 1."
        return Refusal(code="parameter_invalid_integer", param="amount", message=text)
    if amount < 0:
        return Refusal(param="amount_to_capture", message="Invalid non-negative integer")
    if amount > capturable:
        text = (
            "The payment could not be captured because the requested capture amount is greater than the amount you can "
            "capture for this charge."
        )
        return Refusal(code="amount_too_large", message=text)
    return None


def descriptor_not_for_cards() -> Refusal:
    """Card networks show the account's own prefix; only a suffix can be chosen."""
    return Refusal(
        param="statement_descriptor",
        message="The `statement_descriptor` parameter is not supported for card charges. "
        "Use `statement_descriptor_suffix` instead.",
    )


def can_still_be_paid(param: str) -> Refusal:
    """The buyer holds a voucher, a code or an account number for what the intent says now."""
    return Refusal(
        code=UNEXPECTED_STATE,
        param=param,
        message=f"This PaymentIntent's {param} could not be updated because the customer was shown how to pay and may "
        "do so at any moment. Cancel the PaymentIntent, confirm it with another payment method, or wait until what "
        "they were shown has expired.",
    )


def option_missing(type_: str, option: str) -> Refusal:
    """Something that this type of method cannot do without."""
    param = f"payment_method_options[{type_}][{option}]"
    return Refusal(code="parameter_missing", message=f"Missing required param: {param}.", param=param)


def paid_meanwhile(type_: str) -> PaymentError:
    """What was to be canceled, or replaced, was paid a moment ago."""
    return PaymentError(
        type="invalid_request_error",
        code=UNEXPECTED_STATE,
        message=f"The customer has just paid this PaymentIntent by {type_}, so it is about to succeed.",
    )


def too_late_to_cancel() -> PaymentError:
    """The bank has the debit."""
    return PaymentError(
        type="invalid_request_error",
        code=UNEXPECTED_STATE,
        message="You cannot cancel this PaymentIntent any more because the payment is already with the bank, which "
        "will say how it ends.",
    )


def not_released() -> PaymentError:
    """The gateway still holds the money, and said no."""
    return PaymentError(
        type="invalid_request_error",
        code=UNEXPECTED_STATE,
        message="This PaymentIntent could not be canceled because the release of its authorization was declined: the "
        "funds are still held. You can try again, or capture them.",
    )


def balance_insufficient(amount: int, currency: str) -> PaymentError:
    """The customer has not sent as much as is to be taken."""
    money = CURRENCIES[currency].format(amount)
    return PaymentError(
        type="invalid_request_error",
        code="balance_insufficient",
        param="amount",
        message=f"The customer's cash balance has less than {money} {currency} available.",
    )


def not_verified_instantly(type_: str) -> Refusal:
    """Only the buyer's own bank can verify an account at once."""
    return Refusal(
        code=INVALID_PARAMETER,
        param=f"payment_method_options[{type_}][verification_method]",
        message=f"This `{type_}` account was entered by hand, so it cannot be verified instantly. Collect it with "
        "Financial Connections, or set verification_method to `automatic` or `microdeposits`.",
    )


def not_authenticated(method: PaymentMethod) -> PaymentError:
    """The buyer has not proved who they are."""
    return PaymentError(
        type="invalid_request_error",
        code="payment_intent_authentication_failure",
        message="The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this PaymentIntent again.",
        payment_method=method,
    )


def unknown_modification() -> Refusal:
    """The gateway speaks of what it was not asked, or not here, or not yet."""
    return Refusal(code=UNEXPECTED_STATE, message="There is nothing of this PaymentIntent that this would answer.")
