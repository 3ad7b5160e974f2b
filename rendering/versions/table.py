"""Every change of Stripe's that touches what we have, newest first; and what was looked at and is not here, and why.

docs/VERSIONS.md is made of these two (`make versions`).
"""

from dataclasses import dataclass
from functools import cache

from rendering.versions.base import Change
from rendering.versions.changes import (
    account_balance,
    account_holders,
    accounts_of_events,
    allowed_source_types,
    arrays_of_refunds,
    authentication_of_charges,
    automatic_methods,
    capture_methods,
    cards_as_sources,
    charge_disputes,
    charge_statuses,
    charges_of_intents,
    closed_warnings,
    counted_lists,
    counts_of_lists,
    coupons,
    customer_descriptions,
    default_currency,
    dispute_evidence,
    dispute_transactions,
    expired_holds,
    failed_methods,
    failure_codes,
    intent_statuses,
    invoices,
    legacy_cards,
    listed_payments,
    lists_of_customers,
    mandates_expanded,
    method_updates,
    named_types,
    next_source_action,
    one_subscription,
    permission_errors,
    rate_limit_errors,
    refunds_of_charges,
    released_holds,
    requests_of_events,
    reused_keys,
    saved_methods,
    search,
    sepa_payers_address,
    settlement_speed,
    sourced_transfers,
    sources_of_refunds,
    statement_descriptions,
    tax_info,
    tokens_of_browsers,
    told_changes,
    updated_cards,
)

CHANGES: tuple[Change, ...] = (
    mandates_expanded.CHANGE,
    named_types.CHANGE,
    sepa_payers_address.CHANGE,
    method_updates.PAYTO,
    failed_methods.CHANGE,
    settlement_speed.CHANGE,
    method_updates.LINK,
    released_holds.CHANGE,
    invoices.CHANGE,
    expired_holds.CHANGE,
    counted_lists.CHANGE,
    coupons.CHANGE,
    method_updates.NAVER_PAY,
    capture_methods.CHANGE,
    automatic_methods.CHANGE,
    failure_codes.OF_KLARNA,
    charges_of_intents.CHANGE,
    refunds_of_charges.CHANGE,
    failure_codes.OF_BANKS,
    default_currency.CHANGE,
    authentication_of_charges.EXEMPTED,
    lists_of_customers.CHANGE,
    authentication_of_charges.FLAGS,
    search.CHANGE,
    updated_cards.CHANGE,
    saved_methods.USAGE,
    tax_info.INFO,
    account_balance.CHANGE,
    intent_statuses.CHANGE,
    allowed_source_types.CHANGE,
    saved_methods.SAVED,
    next_source_action.CHANGE,
    customer_descriptions.CHANGE,
    tax_info.NUMBER,
    requests_of_events.CHANGE,
    accounts_of_events.CHANGE,
    told_changes.ARRAYS,
    charge_disputes.WHOLE,
    sourced_transfers.CHANGE,
    permission_errors.CHANGE,
    account_holders.CHANGE,
    listed_payments.CHANGE,
    rate_limit_errors.CHANGE,
    reused_keys.CHANGE,
    sources_of_refunds.CHANGE,
    charge_statuses.CHANGE,
    cards_as_sources.OF_CHARGES,
    cards_as_sources.OF_CUSTOMERS,
    closed_warnings.CHANGE,
    told_changes.HASHES,
    legacy_cards.ASKED,
    statement_descriptions.CHANGE,
    dispute_evidence.CHANGE,
    tokens_of_browsers.CHANGE,
    dispute_transactions.CHANGE,
    arrays_of_refunds.CHANGE,
    legacy_cards.BRAND,
    counts_of_lists.CHANGE,
    one_subscription.CHANGE,
)


@dataclass(frozen=True, slots=True)
class Left:
    """A change that has no module: its version, what it is, and why it has none."""

    since: str
    title: str
    why: str


LEFT: tuple[Left, ...] = (
    Left("2026-09-30.endive", "Failed BLIK payments have several codes", "which codes they were is not published"),
    Left("2026-09-30.endive", "A card mandate of India is shown while it is not active", "no mandates of India here"),
    Left("2025-09-30.clover", "Failed payments of alma, amazon_pay, billie, satispay and the Korean methods have more "
         "descriptive codes", "neither list is published"),
    Left("2025-09-30.clover", "A crypto payment is `processing` once it was sent", "the test gateway answers at once"),
    Left("2019-05-16", "A failed bank debit's refund by the system is hidden in the charge", "none are made here"),
    Left("2019-02-19", "Statement descriptors of POST /v1/charges", "charges are made by PaymentIntents only"),
    Left("2018-11-08", "The private beta of PaymentIntents ends", "only its members had it; older versions are "
         "answered as this one"),
    Left("2018-07-27", "A customer's e-mail address is looked at", "it is at every version: nobody can write to "
         "another"),
    Left("2018-05-21", "Characters of a customer's id that the merchant gives", "ids are given here"),
    Left("2017-04-06", "Payouts are not transfers", "there are no payouts here"),
    Left("2017-02-14", "`rule` of a charge's outcome is an id", "no charge names a rule here"),
    Left("2015-10-12", "Statuses of bad cards in POST /v1/tokens", "answered as the newest version is"),
    Left("2015-09-23", "Lists take `offset` no more", "pages have cursors, which older versions take as well"),
    Left("2014-11-20", "A dispute of a refunded charge is `won`", "the acquirer decides disputes"),
    Left("2014-10-07", "Publishable keys may not read tokens", "they may not at any version"),
)  # fmt: skip
"""Changes before 2014 are not looked at: a version that old is answered as the one before 2014-01-31 is."""


@cache
def changes_after(version: str) -> tuple[Change, ...]:
    """What a version does not have yet, newest first."""
    return tuple(change for change in CHANGES if change.concerns(version))
