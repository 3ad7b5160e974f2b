"""`amount_details`: what an amount is made of, for the networks' level 2 and 3 data.

The arithmetic is domain/money/amounts.py.
"""

from typing import Annotated, Any

from domain.model.hashes import JsonObject
from parameters.fields import Boolean, Text, absolute_url, invalid
from parameters.hashes import Shaped, checked, cleared, hash_of, integer, list_of, one_of, required, text

LINE_ITEMS_MAX = 200
PRODUCT_NAME_MAX = 1_024
PRODUCT_CODE_MAX = 12
POSTAL_CODE_MAX = 10


def _postal_code(value: str) -> str:
    if not all(character.isalnum() or character in "- " for character in value):
        raise invalid("Invalid postal code: only letters, digits, dashes and spaces are allowed")
    return value


def _word(value: str) -> str:
    if not value.isalnum():
        raise invalid("Invalid unit of measure: only letters and digits are allowed")
    return value


_POSTAL_CODE = checked(text(POSTAL_CODE_MAX), _postal_code)
_LINK = checked(text(4_096), absolute_url)


def _tax(title: str) -> Any:
    return hash_of(title, total_tax_amount=required(integer(0)))


_LINE_ITEM_OPTIONS = hash_of(
    "line_item_payment_method_options",
    card=hash_of("line_item_card", commodity_code=text(12)),
    card_present=hash_of("line_item_card_present", commodity_code=text(12)),
    klarna=hash_of(
        "line_item_klarna", image_url=_LINK, product_url=_LINK, reference=text(255), subscription_reference=text(255)
    ),
    paypal=hash_of(
        "line_item_paypal",
        category=one_of("digital_goods", "donation", "physical_goods"),
        description=text(127),
        sold_by=text(127),
    ),
)

_LINE_ITEM = hash_of(
    "line_item",
    discount_amount=integer(1),
    payment_method_options=_LINE_ITEM_OPTIONS,
    product_code=text(PRODUCT_CODE_MAX),
    product_name=required(text(PRODUCT_NAME_MAX)),
    quantity=required(integer(1)),
    tax=_tax("line_item_tax"),
    unit_cost=required(integer(0)),
    unit_of_measure=checked(text(12), _word),
)

AmountDetails = Annotated[
    JsonObject,
    Shaped(
        "amount_details",
        discount_amount=cleared(integer(1)),
        enforce_arithmetic_validation=Boolean,
        line_items=cleared(list_of(_LINE_ITEM, LINE_ITEMS_MAX)),
        shipping=cleared(
            hash_of(
                "amount_details_shipping",
                amount=cleared(integer(0)),
                from_postal_code=cleared(_POSTAL_CODE),
                to_postal_code=cleared(_POSTAL_CODE),
            )
        ),
        tax=cleared(_tax("amount_details_tax")),
    ),
]

PaymentDetails = Annotated[
    JsonObject, Shaped("payment_details", customer_reference=cleared(Text), order_reference=cleared(Text))
]
