"""A list says how many there are in all (`total_count`) to who asks: by `include[]`, or by `expand[]`."""

from typing import Any

from rendering.versions.base import Change, Given, RequestRefused

TOTAL_COUNT = "total_count"

LISTS = (
    "accounts.list",
    "application_fees.list",
    "application_fees.refunds.list",
    "balance_transactions.list",
    "charges.list",
    "customers.list",
    "customers.list_cash_balance_transactions",
    "customers.list_payment_methods",
    "disputes.list",
    "events.list",
    "files.list",
    "payment_intents.list",
    "payment_intents.list_amount_details_line_items",
    "payment_method_configurations.list",
    "payment_method_domains.list",
    "payment_methods.list",
    "refunds.list",
    "refunds.of_charge.list",
    "setup_attempts.list",
    "setup_intents.list",
    "transfers.list",
    "transfers.reversals.list",
    "webhook_endpoints.list",
)
"""The operations that are lists at Stripe. Searches count at every version, by `expand[]`."""


def _names(given: Given, param: str) -> list[Any]:
    """What is asked for, however it is spelt."""
    value = given.get(param)
    spelt = list(value.values()) if isinstance(value, dict) else value
    return spelt if isinstance(spelt, list) else []


def _as_expanded(given: Given) -> Given:
    asked = _names(given, "include")
    if not asked:
        return given
    others = {name: value for name, value in given.items() if name != "include"}
    return {**others, "expand": [*_names(given, "expand"), *asked]}


def _not_any_more(given: Given) -> None:
    for param in ("include", "expand"):
        if TOTAL_COUNT in _names(given, param):
            # The changelog has the code, not the text.
            text = f"This property cannot be expanded ({TOTAL_COUNT})."
            raise RequestRefused(text, code="property_forbidden")


CHANGE = Change(
    since="2025-03-31.basil",
    title="`total_count` of a list is not counted on request any more; before, `include[]` and `expand[]` ask for it",
    source="https://docs.stripe.com/changelog/basil/2025-03-31/deprecate-total-count-expansion",
    known_from="changelog, recording",
    takes=dict.fromkeys(LISTS, _as_expanded),
    refuses=dict.fromkeys(LISTS, _not_any_more),
)
