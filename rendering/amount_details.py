"""`amount_details` of a PaymentIntent, and its line items, which are objects of their own."""

from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from domain.money import amounts

LINE_ITEM_OPTION_FIELDS = {
    "card": ("commodity_code",),
    "card_present": ("commodity_code",),
    "klarna": ("image_url", "product_url", "reference", "subscription_reference"),
    "paypal": (),
}
"""By type: what a line item's options always show."""

SHIPPING_AMOUNT_FIELDS = ("amount", "from_postal_code", "to_postal_code")


def render(intent: PaymentIntent) -> JsonObject:
    """What the amount is made of. Line items are many, and shown on request only (`expand`, or their own list)."""
    given = intent.amount_details or {}
    shown: JsonObject = {"tip": {}}
    if given.get("discount_amount") is not None:
        shown["discount_amount"] = given["discount_amount"]
    if given.get("shipping"):
        shown["shipping"] = {name: given["shipping"].get(name) for name in SHIPPING_AMOUNT_FIELDS}
    if given.get("tax"):
        shown["tax"] = {"total_tax_amount": given["tax"]["total_tax_amount"]}
    if given.get("enforce_arithmetic_validation") is False:
        wrong = amounts.discrepancy(given, intent.amount_received or intent.amount)
        if wrong is not None:
            shown["error"] = {"code": wrong.code, "message": wrong.message}
    return dict(sorted(shown.items()))


def line_items(intent: PaymentIntent) -> list[JsonObject]:
    """The line items, each an object of its own."""
    return [_line_item(item) for item in (intent.amount_details or {}).get("line_items") or []]


def _line_item(item: JsonObject) -> JsonObject:
    options = item.get("payment_method_options")
    return {
        "id": item["id"],
        "object": "payment_intent_amount_details_line_item",
        "discount_amount": item.get("discount_amount"),
        "payment_method_options": _line_item_options(options) if options else None,
        "product_code": item.get("product_code"),
        "product_name": item["product_name"],
        "quantity": item["quantity"],
        "tax": {"total_tax_amount": item["tax"]["total_tax_amount"]} if item.get("tax") else None,
        "unit_cost": item["unit_cost"],
        "unit_of_measure": item.get("unit_of_measure"),
    }


def _line_item_options(options: JsonObject) -> JsonObject:
    return {type_: dict.fromkeys(LINE_ITEM_OPTION_FIELDS.get(type_, ())) | given for type_, given in options.items()}
