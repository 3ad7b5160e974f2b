"""Errors as live Stripe words them: situations, one line each, and the whole answer. Easy to add to.

`known` says where the right answer is known from: "rec" a recording of live Stripe, "docs" its documentation, "msg" a
live answer that somebody has quoted. What is not known from any of these is no business of this table.
"""

from dataclasses import dataclass
from typing import Literal

UNEXPECTED = "payment_intent_unexpected_state"
AMOUNT = "amount=2000&currency=usd"
B0 = f"{AMOUNT}&allowed_payment_method_types[0]=card"


@dataclass(frozen=True)
class Case:
    """One situation. In `request` and `message`, `{intent}`, `{charge}`, … are what the setup of that name has made.

    `shows` are the objects in the error besides its text; `version` is the Stripe-Version that is asked for; `kept`
    says that it was executed, so that its answer stays under its Idempotency-Key.
    """

    known: Literal["rec", "docs", "msg"]
    request: str
    status: int
    code: str | None
    param: str | None
    message: str
    shows: tuple[str, ...] = ()
    version: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    type: str = "invalid_request_error"
    kept: bool = False

    def __str__(self) -> str:
        return self.request[:90]


NOTHING = (
    "The amount must be greater than or equal to the minimum charge amount allowed for your account and the "
    "currency set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a "
    "Payment Method for future use without an immediate payment, use a Setup Intent instead: "
    "https://docs.stripe.com/payments/setup-intents"
)
HELD = (
    "This uncaptured Charge was created by a PaymentIntent ({held}). You must cancel the PaymentIntent to reverse the "
    "authorization instead of refunding the Charge directly. For more information, see "
    "https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"
)
RETURN_URL = (
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these "
    "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want "
    "to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
    "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
)
END_OF_LIFE = (
    "Card Token usage on the Customers API and Charges API has reached end of life. In order to continue processing "
    "your payments, you will need to use the Payment Intents and Payment Methods API. Read more about what you should "
    "do here: https://docs.stripe.com/payments/payment-methods/integration-options. If you need to continue to use "
    "Card Tokens on the Customers and Charges API, enable this functionality in your API policies settings: "
    "https://dashboard.stripe.com/settings/developers/api-policies"
)
NO_TYPES = (
    "The `payment_method_types` parameter is no longer supported in this API version. Leave it out to use dynamic "
    "payment methods, or use `allowed_payment_method_types` or `excluded_payment_method_types`."
)
USED = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a "
    "connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use "
    "a PaymentMethod multiple times, you must attach it to a Customer first."
)
AWAY = (
    "You cannot confirm with the `off_session` parameter when `setup_future_usage` is also set on the PaymentIntent "
    "because you cannot set up future usages when processing payments off-session."
)
MISSING = "You cannot confirm this PaymentIntent because it's missing a payment method. "
CAPTURABLE = "Only a PaymentIntent with one of the following statuses may be captured: requires_capture."
CANCELABLE = (
    "Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, "
    "requires_capture, requires_reauthorization, requires_confirmation, requires_action, expired, processing."
)
ATTACH = (
    "You cannot attach a PaymentMethod to a Customer during PaymentMethod creation. Please instead create the "
    "PaymentMethod and then attach it using the attachment method of the PaymentMethods API."
)
URL = "Please see https://stripe.com/docs or we can help at https://support.stripe.com/."

PI, GONE = "/v1/payment_intents", "resource_missing"
WITH = ("payment_intent",)

PATHS = [  # what is not there
    Case("rec", f"GET {PI}/pi_nope", 404, GONE, "intent", "No such payment_intent: 'pi_nope'"),
    Case("rec", "GET /v1/charges/ch_nope", 404, GONE, "id", "No such charge: 'ch_nope'"),
    Case("rec", "GET /v1/refunds/re_nope", 404, GONE, "refund", "No such refund: 're_nope'"),
    Case("rec", "POST /v1/refunds/re_nope?metadata[a]=b", 404, GONE, "refund", "No such refund: 're_nope'"),
    Case("rec", "GET /v1/disputes/du_nope", 404, GONE, "dispute", "No such dispute: 'du_nope'"),
    Case("rec", "POST /v1/disputes/du_nope?metadata[a]=b", 404, GONE, "dispute", "No such dispute: 'du_nope'"),
    Case("rec", "POST /v1/disputes/du_nope/close", 404, GONE, "dispute", "No such dispute: 'du_nope'"),
    Case("rec", "GET /v1/payment_methods/pm_nope", 404, GONE, "payment_method", "No such PaymentMethod: 'pm_nope'"),
    Case("rec", "GET /v1/customers/cus_nope", 404, GONE, "id", "No such customer: 'cus_nope'"),
    Case("rec", "GET /v1/balance_transactions/txn_nope", 404, GONE, "id", "No such balance transaction: 'txn_nope'"),
    Case("rec", "GET /v1/customers/{other}/payment_methods/{method}", 404, None, "customer", "Invalid request"),
    Case("rec", "POST /v1/refunds?charge=ch_nope", 404, GONE, "id", "No such charge: 'ch_nope'"),
    Case("rec", f"POST {PI}?{B0}&customer=cus_nope", 400, GONE, "customer", "No such customer: 'cus_nope'"),
    Case("rec", f"POST {PI}?{B0}&customer={{deleted}}", 400, GONE, "customer", "No such customer: '{deleted}'"),
    Case("rec", "GET /v1/payment_methods?customer=cus_nope", 400, GONE, "customer", "No such customer: 'cus_nope'"),
    Case("rec", "GET /v1/payment_methods?customer={deleted}", 400, GONE, "customer", "No such customer: '{deleted}'"),
    Case("rec", "GET /v1/charges?customer=cus_nope", 400, GONE, "customer", "No such customer: 'cus_nope'"),
    Case("rec", f"GET {PI}?customer=cus_nope", 400, GONE, "customer", "No such customer: 'cus_nope'"),
    Case("rec", "GET /v1/charges?customer={deleted}", 400, GONE, "customer", "No such customer: '{deleted}'"),
    Case("rec", f"GET {PI}?customer={{deleted}}", 400, GONE, "customer", "No such customer: '{deleted}'"),
    Case("rec", "GET /v1/setup_intents?customer={deleted}", 400, GONE, "customer", "No such customer: '{deleted}'"),
    Case("rec", "GET /v1/customers?starting_after=cus_aaa", 400, GONE, "starting_after", "No such customer: 'cus_aaa'"),
    Case("rec", "GET /v1/setup_intents?ending_before=seti_a", 400, GONE, "ending_before",
         "No such setupintent: 'seti_a'"),
    Case("rec", "POST /v1/nope", 404, None, None, f"Unrecognized request URL (POST: /v1/nope). {URL}"),
    Case("rec", f"DELETE {PI}/pi_1", 404, None, None, f"Unrecognized request URL (DELETE: {PI}/pi_1). {URL}"),
]  # fmt: skip

LISTS = [
    Case(
        "rec", "GET /v1/customers?starting_after=a&ending_before=b", 400, None, None,
        "Received both starting_after and ending_before parameters. Please pass in only one.",
    ),
    Case("rec", f"GET {PI}?limit=abc", 400, "parameter_invalid_integer", "limit", "Invalid integer: abc"),
    Case("rec", f"GET {PI}/search?query=emial:'x'", 400, None, None,
         "Field `emial` is an unsupported search field. Supported fields: amount, created, currency, customer, status, "
         'metadata["key"].'),
    Case("rec", f"GET {PI}/{{intent}}?expand[]=nope", 400, None, None, "This property cannot be expanded (nope)."),
    Case(
        "rec", f"GET {PI}?expand[]=customer", 400, None, None,
        "This property cannot be expanded (customer). You may want to try expanding 'data.customer' instead.",
    ),
    Case(
        "msg", f"GET {PI}/search?query=amount%3E1", 400, None, None,
        "Search is not supported on api version 2020-03-02. Update your API version, or set the API Version of this "
        "request to 2020-08-27 or greater.",
        version="2020-03-02",
    ),
    Case("rec", f"GET {PI}", 400, None, None, "Invalid Stripe API version: 2020-13-41", version="2020-13-41"),
]  # fmt: skip

INTENTS = [
    Case("rec", f"POST {PI}?amount=0&currency=usd", 400, "parameter_invalid_integer", "amount", NOTHING),
    Case("rec", f"POST {PI}?{B0}&confirm=true", 400, UNEXPECTED, None,
         f"{MISSING}You can either update the PaymentIntent with a payment method and then confirm it again, or "
         "confirm it again directly with a payment method or ConfirmationToken."),
    Case("rec", f"POST {PI}/{{of_customer}}/confirm", 400, UNEXPECTED, None,
         f"{MISSING}To confirm the PaymentIntent with {{customer}}, specify a payment method attached to this customer "
         "along with the customer ID.", WITH, kept=True),
    Case("rec", f"POST {PI}/{{intent}}/confirm?payment_method={{method}}", 400, "parameter_missing", "source",
         "The `payment_method` parameter supplied {method} belongs to the Customer {customer}. Please include the "
         "Customer in the `customer` parameter on the PaymentIntent.", WITH),
    Case("rec", f"POST {PI}?{AMOUNT}&confirm=true&payment_method=pm_card_visa", 400, None, None, RETURN_URL,
         version="2023-08-16"),
    Case("rec", f"POST {PI}?{AMOUNT}&confirm=true", 400, None, None, RETURN_URL, version="2023-08-16"),
    Case("docs", f"POST {PI}?{AMOUNT}&allowed_payment_method_types[]=card&automatic_payment_methods[enabled]=true", 400,
         "parameters_exclusive", "allowed_payment_method_types", "You may only specify one of these parameters: "
         "allowed_payment_method_types, automatic_payment_methods."),
    Case("docs", f"POST {PI}?{AMOUNT}&payment_method_types[]=card", 400, "payment_method_types_no_longer_supported",
         "payment_method_types", NO_TYPES),
    Case("rec", f"POST {PI}?{AMOUNT}&payment_method_configuration=pmc_nope", 400, GONE, "payment_method_configuration",
         "No such payment_method_configuration: 'pmc_nope'"),
    Case("rec", f"POST {PI}?{B0}&payment_method={{used}}&confirm=true", 400, None, "payment_method", USED),
    Case("msg", f"POST {PI}?{B0}&payment_method=pm_card_visa&confirm=true&off_session=true"
         "&setup_future_usage=off_session", 400, None, "off_session", AWAY),
    Case("rec", f"POST {PI}/{{held}}/capture?amount_to_capture=2001", 400, "amount_too_large", None,
         "The payment could not be captured because the requested capture amount is greater than the amount you can "
         "capture for this charge.", WITH),
    Case("rec", f"POST {PI}/{{held}}/capture?amount_to_capture=-100", 400, None, "amount_to_capture",
         "Invalid non-negative integer", WITH),
    Case("rec", f"POST {PI}/{{held}}/capture?amount_to_capture=0", 400, "parameter_invalid_integer", "amount",
         "This value must be greater than or equal to 1.", WITH),
    Case("rec", f"POST {PI}/{{paid}}/capture", 400, UNEXPECTED, None,
         "The remaining amount on this PaymentIntent could not be captured because the remainder of the authorized "
         "amount has been released.", WITH, kept=True),
    Case("rec", f"POST {PI}/{{intent}}/capture", 400, UNEXPECTED, None,
         f"This PaymentIntent could not be captured because it has a status of requires_payment_method. {CAPTURABLE}",
         WITH, kept=True),
    Case("rec", f"POST {PI}/{{canceled}}/cancel", 400, UNEXPECTED, None,
         f"You cannot cancel this PaymentIntent because it has a status of canceled. {CANCELABLE}", WITH, kept=True),
    Case("rec", f"POST {PI}/{{paid}}?amount=3000", 400, UNEXPECTED, "amount",
         "This PaymentIntent's amount could not be updated because it has a status of succeeded. You may only update "
         "the amount of a PaymentIntent with one of the following statuses: requires_payment_method, "
         "requires_confirmation, requires_action.", WITH, kept=True),
    Case("rec", f"POST {PI}?{B0}&confirm=true&confirmation_token={{token}}", 400,
         "payment_intent_confirmation_token_invalid", None,
         "This ConfirmationToken cannot be used: it was used to confirm another intent. Create a new one."),
    Case("rec", f"POST {PI}?{B0}&confirm=true&confirmation_token={{named_token}}", 400,
         "payment_intent_confirmation_token_invalid", None,
         "This ConfirmationToken cannot be used: it was used to confirm another intent. Create a new one."),
]  # fmt: skip

REFUNDS = [
    Case("rec", "POST /v1/refunds?payment_intent={paid}&amount=2001", 400, None, "amount",
         "Refund amount ($20.01) is greater than charge amount ($20.00)", kept=True),
    Case("rec", "POST /v1/refunds?payment_intent={part}&amount=2000", 400, None, "amount",
         "Refund amount ($20.00) is greater than unrefunded amount on charge ($15.00)", kept=True),
    Case("rec", "POST /v1/refunds?payment_intent={gone}", 400, "charge_already_refunded", None,
         "Charge {gone_charge} has already been refunded.", kept=True),
    Case("rec", "POST /v1/refunds?payment_intent={paid}&amount=0", 400, "parameter_invalid_integer", "amount",
         "This value must be greater than or equal to 1."),
    Case("rec", "POST /v1/refunds", 400, None, None,
         "One of the following params should be provided for this request: payment_intent or charge."),
    Case("rec", "POST /v1/refunds?payment_intent={paid}&reason=bored", 400, None, "reason",
         "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer"),
    Case("rec", "POST /v1/refunds?payment_intent={held}", 400, None, None, HELD, kept=True),
    Case("rec", "POST /v1/refunds?payment_intent={intent}", 400, None, None,
         "This PaymentIntent ({intent}) does not have a successful charge to refund.", kept=True),
    Case("rec", "POST /v1/refunds/{refund}/cancel", 400, None, None,
         "Canceling this refund is unsupported.", kept=True),
]  # fmt: skip

CHARGES = [
    Case("rec", "POST /v1/charges?amount=2000&currency=usd&source=tok_visa", 400, None, None, END_OF_LIFE),
    Case("rec", "POST /v1/charges?amount=2000&currency=usd", 400, "parameter_missing", None,
         "Must provide source or customer."),
    Case("rec", "POST /v1/charges?amount=2000&currency=usd&payment_method=pm_card_visa", 400, "parameter_missing", None,
         "Must provide source or customer."),
    Case("rec", "POST /v1/charges?amount=2000&currency=usd&customer={other}", 402, "missing", "card",
         "This Customer doesn't have any saved payment details. Attach a legacy Token, Card, Bank Account, or Source "
         "to this Customer and then try this request again, or use Payment Intents and Payment Methods instead.",
         type="card_error"),
    Case("rec", "POST /v1/charges?amount=2000&currency=usd&customer={customer}", 402, "missing", "card",
         "This Customer doesn't have any legacy saved payment details, but does have a Payment Method attached. Use a "
         "Payment Intent instead of creating a Charge: https://stripe.com/docs/payments/payment-intents/migration",
         type="card_error"),
    Case("rec", "POST /v1/charges/ch_nope?description=d", 404, GONE, "id", "No such charge: 'ch_nope'"),
    Case("rec", "POST /v1/charges/{paid_charge}?transfer_group=13", 400, None, None,
         "This Charge was created by a PaymentIntent ({paid}). You must update the `transfer_group` on the "
         "PaymentIntent instead of updating the Charge directly. See "
         "https://stripe.com/docs/api#update_payment_intent"),
    Case("rec", "POST /v1/charges/{paid_charge}?customer=cus_nope", 400, GONE, "customer",
         "No such customer: 'cus_nope'"),
    Case("rec", "POST /v1/charges/{held_charge}/capture", 400, None, None,
         "This uncaptured Charge was created by a PaymentIntent ({held}). You must capture the PaymentIntent instead. "
         "For more information, see https://stripe.com/docs/payments/place-a-hold-on-a-payment-method", kept=True),
    Case("rec", "POST /v1/charges/{paid_charge}/capture", 400, "charge_already_captured", None,
         "Charge {paid_charge} has already been captured.", kept=True),
    Case("rec", "GET /v1/charges/{paid_charge}/dispute", 404, None, None, "No dispute for charge: {paid_charge}"),
    Case("rec", "GET /v1/charges/ch_nope/dispute", 404, GONE, "charge", "No such charge: 'ch_nope'"),
    Case("rec", "GET /v1/charges/{paid_charge}/refunds/re_nope", 404, GONE, "refund", "No such refund: 're_nope'"),
]  # fmt: skip

METHODS = [
    Case("rec", "POST /v1/payment_methods?type=card&card[token]=tok_visa&customer={customer}", 400, None, None, ATTACH),
    Case("rec", "POST /v1/payment_methods", 400, "parameter_missing", "type", "Missing required param: type."),
    Case("rec", "POST /v1/payment_methods?type=card&card[number]=4242424242424242", 400, "parameter_missing",
         "card[exp_month]", "Missing required param: card[exp_month]."),
    Case("rec", "POST /v1/payment_methods?type=card&card[token]=tok_nope", 400, None, "token",
         "Invalid token id: tok_nope"),
    Case("docs", "POST /v1/payment_methods/{loose}?card[exp_month]=13", 402, "invalid_expiry_month", "exp_month",
         "Your card's expiration month is invalid.", type="card_error", kept=True),
    Case("docs", "POST /v1/payment_methods/{loose}?card[exp_year]=2020", 402, "invalid_expiry_year", "exp_year",
         "Your card's expiration year is invalid.", type="card_error", kept=True),
    Case("docs", "POST /v1/payment_methods/{loose}?card[exp_year]=2099", 402, "invalid_expiry_year", "exp_year",
         "Your card's expiration year is invalid.", type="card_error", kept=True),
    Case("rec", "POST /v1/payment_methods/pm_card_visa/attach", 400, "parameter_missing", None,
         "Must provide customer or customer_account."),
    Case("rec", "POST /v1/payment_methods/{method}/attach?customer={other}", 400, None, None,
         "The payment method you provided has already been attached to a customer."),
    Case("rec", "POST /v1/payment_methods/{loose}/detach", 400, None, None,
         "The payment method you provided is not attached to a customer so detachment is impossible."),
    Case("rec", "POST /v1/customers?email=5", 400, "email_invalid", "email", "Invalid email address: 5"),
    Case("rec", f"POST {PI}?{B0}&confirm=x", 400, None, "confirm", "Invalid boolean: 'x'"),
    Case("rec", f"POST {PI}?{AMOUNT}&payment_method_types=card", 400, None, "payment_method_types", "Invalid array",
         version="2026-08-26.dahlia"),
]  # fmt: skip

CASES = [*PATHS, *LISTS, *INTENTS, *REFUNDS, *CHARGES, *METHODS]
