"""What an amount is made of (`amount_details`), and whether it adds up.

Stripe publishes the two errors but not the formula; this is our reading of docs.stripe.com/payments/payment-line-items:
items, less discounts, plus tax, plus shipping, must be the amount; and tax, shipping and discounts together cannot
exceed it. A discount or a tax is told per line or once for all, never both.
"""

from dataclasses import dataclass
from typing import Any

from domain.refusals import Refusal

MISMATCH = "amount_details_amount_mismatch"
EXTRAS_TOO_LARGE = "amount_details_tax_shipping_discount_greater_than_amount"

Details = dict[str, Any]
"""`discount_amount`, `shipping{amount, …}`, `tax{total_tax_amount}`, `line_items[{unit_cost, quantity, …}]`; any may be
absent or None. Amounts are minor units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """The details do not add up: `code` as Stripe names it."""

    code: str
    message: str


def refusal(details: Details | None, amount: int) -> Refusal | None:
    """Refuse details that contradict themselves, or `amount` unless arithmetic is not enforced."""
    if details is None:
        return None
    twice = _told_twice(details)
    if twice is not None:
        return Refusal(
            code="parameters_exclusive",
            param=f"amount_details[{twice}]",
            message=f"You may only specify one of these parameters: amount_details[{twice}], "
            f"amount_details[line_items][#][{twice}].",
        )
    found = discrepancy(details, amount)
    if found is None or details.get("enforce_arithmetic_validation") is False:
        return None
    return Refusal(code=found.code, message=found.message, param="amount_details")


def well_formed(details: Details) -> bool:
    """Whether the amounts in it are amounts. The API checks far more; commands typed by hand come past it."""
    items = details.get("line_items")
    holders = [details, *(items or [])] if isinstance(items, list | None) else []
    if not holders or not all(isinstance(holder, dict) for holder in holders):
        return False
    if not all(_is_amount(item.get("unit_cost")) and _is_amount(item.get("quantity")) for item in holders[1:]):
        return False
    hashes = [holder.get(name) for holder in holders for name in ("tax", "shipping")]
    if not all(isinstance(inner, dict | None) for inner in hashes):
        return False
    shipping = (details.get("shipping") or {}).get("amount")
    given = [holder.get("discount_amount") for holder in holders] + [shipping]
    taxes = [(holder.get("tax") or {}).get("total_tax_amount") for holder in holders]
    return all(value is None or _is_amount(value) for value in given + taxes)


def showable(details: Details) -> bool:
    """Whether all is there that is shown of it, once it is `well_formed`; a line item is an object with an id."""
    items = details.get("line_items") or []
    named = all(isinstance(item.get(name), str) for item in items for name in ("id", "product_name"))
    taxes = [holder["tax"] for holder in (details, *items) if holder.get("tax")]
    options = [item["payment_method_options"] for item in items if item.get("payment_method_options")]
    told = all(isinstance(inner, dict) for each in options for inner in each.values())
    return named and told and all("total_tax_amount" in tax for tax in taxes)


def _is_amount(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _told_twice(details: Details) -> str | None:
    items = details.get("line_items") or []
    for name in ("discount_amount", "tax"):
        if details.get(name) is not None and any(item.get(name) is not None for item in items):
            return name
    return None


def discrepancy(details: Details | None, amount: int) -> Discrepancy | None:
    """What is wrong with the sum, if anything."""
    if not details:
        return None
    items = details.get("line_items") or []
    shipping = (details.get("shipping") or {}).get("amount") or 0
    discount = (details.get("discount_amount") or 0) + sum(item.get("discount_amount") or 0 for item in items)
    tax = _tax(details) + sum(_tax(item) for item in items)
    if tax + shipping + discount > amount:
        text = f"The tax, shipping and discounts ({tax + shipping + discount}) are greater than the amount ({amount})."
        return Discrepancy(code=EXTRAS_TOO_LARGE, message=text)
    total = sum(item["unit_cost"] * item["quantity"] for item in items) - discount + tax + shipping
    if items and total != amount:
        text = (
            f"The amount details add up to {total}, which does not match the amount of {amount}: "
            "line items less discounts, plus tax, plus shipping."
        )
        return Discrepancy(code=MISMATCH, message=text)
    return None


def _tax(holder: dict[str, Any]) -> int:
    return (holder.get("tax") or {}).get("total_tax_amount") or 0
