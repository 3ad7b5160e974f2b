"""How refusals of SetupIntents read. Clients match on these texts: where live Stripe was recorded, they are its own."""

import json

from domain.model.events import PaymentError
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_intent import SetupIntent
from domain.refusals import Refusal

UNEXPECTED_STATE = "setup_intent_unexpected_state"
INVALID_PARAMETER = "setup_intent_invalid_parameter"

_ENDED = {"succeeded": "it has already succeeded", "canceled": "it has been canceled"}


def _why(intent: SetupIntent) -> str:
    return _ENDED.get(intent.status, f"it has a status of {intent.status}")


def nothing_unknown() -> Refusal:
    """Nobody's word is needed."""
    return Refusal(code=UNEXPECTED_STATE, message="It is known what became of everything that was asked for this.")


def cannot_confirm(intent: SetupIntent) -> Refusal:
    """It has ended."""
    return Refusal(code=UNEXPECTED_STATE, message=f"You cannot confirm this SetupIntent because {_why(intent)}.")


def cannot_update(intent: SetupIntent) -> Refusal:
    """What is set up, and how, is settled."""
    return Refusal(code=UNEXPECTED_STATE, message=f"You cannot update this SetupIntent because {_why(intent)}.")


def cannot_cancel(intent: SetupIntent) -> Refusal:
    """It has ended."""
    if intent.status == "canceled":
        text = "You cannot cancel this SetupIntent because it is already canceled."
    else:
        text = (
            f"You cannot cancel this SetupIntent because it has a status of {intent.status}. Only a SetupIntent with "
            "one of the following statuses may be canceled: `requires_payment_method`, `requires_confirmation`, or "
            "`requires_action`."
        )
    return Refusal(code=UNEXPECTED_STATE, message=text)


def cannot_verify(intent: SetupIntent) -> Refusal:
    """Nobody is asked what was deposited."""
    statuses = json.dumps(["requires_action"])
    text = (
        f"This SetupIntent cannot be actioned on because it has a status of {intent.status}. Only a SetupIntent with "
        f"one of the following statuses may be actioned on: {statuses}."
    )
    if intent.status == "requires_action":
        text = "This SetupIntent is not waiting for microdeposits: its next_action is not verify_with_microdeposits."
    return Refusal(code="intent_invalid_state", message=text)


def cannot_authenticate(intent: SetupIntent) -> Refusal:
    """The answer belongs to an authentication that is not under way (any more)."""
    text = f"This SetupIntent is not waiting for this authentication; it has a status of {intent.status}."
    return Refusal(code=UNEXPECTED_STATE, message=text)


def missing_payment_method() -> Refusal:
    """Nobody said what is to be set up."""
    return Refusal(
        code=UNEXPECTED_STATE,
        message="You cannot confirm this SetupIntent because it's missing a payment method. You can either update the "
        "SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
        "method or ConfirmationToken.",
    )


def too_many_attempts(most: int) -> Refusal:
    """Somebody tries cards out."""
    text = f"You cannot confirm this SetupIntent because it was confirmed {most} times. Create a new SetupIntent."
    return Refusal(code=UNEXPECTED_STATE, message=text)


def method_of_a_customer(method: str, customer: str) -> Refusal:
    """The method belongs to a customer, and the intent names none."""
    text = (
        f"The payment method supplied ({method}) belongs to the Customer {customer}. Please include the Customer in "
        "the `customer` parameter on the SetupIntent."
    )
    return Refusal(param="payment_method", message=text)


def type_not_accepted(type_: str, accepted: tuple[str, ...]) -> Refusal:
    """The intent lists the types it takes, and this is none of them."""
    text = (
        f"The PaymentMethod provided ({type_}) is not allowed for this SetupIntent, which accepts "
        f"{', '.join(accepted)}. Provide a PaymentMethod of an accepted type, or update the accepted types."
    )
    return Refusal(code=INVALID_PARAMETER, param="payment_method", message=text)


def types_not_kept(types: list[str]) -> Refusal:
    """Some of the types that the intent lists can be charged once only."""
    text = (
        f"The following payment method types {json.dumps(types)} cannot be used with SetupIntents, because they cannot "
        "be charged again later."
    )
    return Refusal(param="payment_method_types", message=text)


def no_type_fits() -> Refusal:
    """Of what the account offers, or the merchant allows, nothing can be kept. As it reads of a PaymentIntent."""
    return Refusal(
        message="No valid payment method types for this Setup Intent. Please ensure that you have activated payment "
        "methods that can be saved in your dashboard (https://dashboard.stripe.com/settings/payment_methods), or allow "
        "or leave other payment method types when creating a Setup Intent.",
    )


def return_url_required() -> Refusal:
    """Methods enabled by configuration may send the buyer away; they must be able to come back."""
    return Refusal(
        message="This SetupIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
        "these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you "
        "don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
    )


def return_url_required_by(type_: str) -> Refusal:
    """The buyer is sent away, and must be able to come back."""
    text = (
        f"The payment method type `{type_}` redirects your customer off of your page, so a `return_url` is required to "
        "confirm this SetupIntent."
    )
    return Refusal(code="parameter_missing", param="return_url", message=text)


def not_verified_instantly(type_: str) -> Refusal:
    """Only the buyer's own bank can verify an account at once."""
    return Refusal(
        code=INVALID_PARAMETER,
        param=f"payment_method_options[{type_}][verification_method]",
        message=f"This `{type_}` account was entered by hand, so it cannot be verified instantly. Collect it with "
        "Financial Connections, or set verification_method to `automatic` or `microdeposits`.",
    )


def consent_needed() -> Refusal:
    """The owner of the account has to have agreed to be debited."""
    return Refusal(
        message="This SetupIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance "
        "from the customer and try again, providing acceptance data in the mandate_data parameter."
    )


def not_for_one_payment(type_: str) -> Refusal:
    """There is no mandate for a single payment by this type."""
    text = f"The payment method type `{type_}` cannot be set up for a single use. Remove the `single_use` parameter."
    return Refusal(code=INVALID_PARAMETER, param="single_use", message=text)


def not_authenticated(method: PaymentMethod) -> PaymentError:
    """The buyer has not proved who they are."""
    return PaymentError(
        type="invalid_request_error",
        code="setup_intent_authentication_failure",
        message="The latest attempt to set up the payment method has failed because authentication failed.",
        payment_method=method,
    )


def abandoned(method: PaymentMethod) -> PaymentError:
    """The buyer has not come back."""
    return PaymentError(
        type="invalid_request_error",
        code="setup_intent_setup_attempt_expired",
        message="The latest attempt to set up the payment method has expired. You can provide payment_method_data or a "
        "new PaymentMethod to attempt to fulfill this SetupIntent again.",
        payment_method=method,
    )
