"""Wire names: what Temporal writes into history and operators type. They never change.

A test holds every one of them (tests/contracts/test_wire_names.py).
Renaming a Python class or method is free; changing a string here breaks running payments.
"""

from domain.model.gateways import FIRST

TASK_QUEUE = "payments"
WEBHOOK_QUEUE = "webhooks"
"""Deliveries have workers of their own: a receiver that hangs must not keep a payment waiting."""

GATEWAY_QUEUE_PREFIX = "gateway-"
"""A patient gateway's calls have a queue of its own: this, and its name."""


def gateway_queue(gateway: str) -> str:
    """The queue of a patient gateway; one without a name is the first."""
    return GATEWAY_QUEUE_PREFIX + (gateway or FIRST)


WORKFLOW = "PaymentIntent"
QUERY = "payment_intent"

SETUP_WORKFLOW = "SetupIntent"
SETUP_QUERY = "setup_intent"
CARRY_OUT_SETUP = "carry_out_setup"
ASK_ABOUT_SETUP = "ask_about_setup"
RECORD_SETUP = "record_setup"
RECALL_SETUP = "recall_setup"
"""What a SetupIntent is carried out by; `check` is the same for both."""

DELIVERY_WORKFLOW = "WebhookDelivery"
ATTEMPT_DELIVERY = "attempt_delivery"
RESEND = "resend"

CARRY_OUT = "carry_out"
ASK_GATEWAY = "ask_gateway"
RECORD = "record"
RECALL = "recall"
CHECK = "check"

CONFIRM = "confirm"
CAPTURE = "capture"
CANCEL = "cancel"
UPDATE = "update"
INCREMENT_AUTHORIZATION = "increment_authorization"
VERIFY_MICRODEPOSITS = "verify_microdeposits"
APPLY_CUSTOMER_BALANCE = "apply_customer_balance"
AUTHENTICATION_RESULT = "authentication_result"
REFUND = "refund"
REFUND_RESULT = "refund_result"
CHECK_SETTLEMENT = "check_settlement"
DISPUTE = "dispute"
UPDATE_DISPUTE = "update_dispute"
CLOSE_DISPUTE = "close_dispute"
MODIFICATION_RESULT = "modification_result"
RESOLVE = "resolve"
RETURN_SHARE = "return_share"
PARK = "park"
LEVEL = "level"
RELEASE = "release"
"""Signals only: not about the payment, but about its run."""

HOUSEKEEPING_QUEUE = "housekeeping"
HOUSEKEEPING_WORKFLOW = "Housekeeping"
BEGIN_SWEEP = "begin_sweep"
SWEEP_PAGE = "sweep_page"
END_SWEEP = "end_sweep"
SWEEP_SCHEDULE = "sweep"
SWEEP_ALL_SCHEDULE = "sweep-all"
"""Ids of Temporal Schedules: what operators trigger and pause."""

RECONCILIATION_WORKFLOW = "Reconciliation"
RECONCILE = "reconcile"
RECONCILIATION_SCHEDULE = "reconciliation"

GATEWAY_WORKFLOW = "Gateway"
GATEWAY_QUERY = "gateway"
TRIP = "trip"
PAUSE = "pause"
DRAIN = "drain"
RESUME = "resume"
"""Signals to a gateway's breaker, `gateway/<name>`; the last three are operators'."""
KEEP_HEALTH = "keep_health"
AWAIT_GATEWAY = "await_gateway"
RELEASE_PAYMENTS = "release_payments"

COMMANDS = (CONFIRM, CAPTURE, CANCEL, UPDATE, INCREMENT_AUTHORIZATION, VERIFY_MICRODEPOSITS, APPLY_CUSTOMER_BALANCE,
            AUTHENTICATION_RESULT, REFUND, REFUND_RESULT, CHECK_SETTLEMENT, DISPUTE, UPDATE_DISPUTE,
            CLOSE_DISPUTE, MODIFICATION_RESULT, RESOLVE, RETURN_SHARE)  # fmt: skip
"""Each is a signal and an update of the same name."""

SETUP_COMMANDS = (CONFIRM, CANCEL, UPDATE, VERIFY_MICRODEPOSITS, AUTHENTICATION_RESULT, RESOLVE)
"""Those of a SetupIntent, likewise."""

SEARCH_STATUS = "PaymentIntentStatus"
SEARCH_AMOUNT = "PaymentIntentAmount"
SEARCH_CURRENCY = "PaymentIntentCurrency"
SEARCH_CUSTOMER = "PaymentIntentCustomer"
SEARCH_ACCOUNT = "PaymentIntentAccount"
SEARCH_ATTRIBUTES = {SEARCH_STATUS: "Keyword", SEARCH_AMOUNT: "Int", SEARCH_CURRENCY: "Keyword",
                     SEARCH_CUSTOMER: "Keyword", SEARCH_ACCOUNT: "Keyword"}  # fmt: skip
"""Name to type; the server must have them registered before the first start."""

PATCH_MEMO = "memo"
"""Runs of before there was a memo do not write one when they are replayed. Newer ones say by the rules in their state
what they do, and need no marker in their history."""

PATCH_RELEASE = "release after all"
"""Gateways' runs of before forgot whom they were about to tell when an operator said something just then."""

API_VERSION = "2026-10-28.endive"
"""Stripe's API version that events are rendered in, unless an endpoint asks for another."""

NEXUS_SERVICE = "Payments"
NEXUS_QUEUE = "nexus"
"""What callers in other namespaces ask for, and where an endpoint of Temporal's sends what they ask (docs/NEXUS.md)."""
