"""Hashes that several operations take."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from api.dialect.fields import (
    AllowRedisplay,
    Clear,
    Email,
    Hash,
    Integer,
    Metadata,
    OneOf,
    Text,
    invalid,
)

METHOD_TYPES = (
    "acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie bizum blik "
    "boleto card cashapp crypto customer_balance eps fpx giropay grabpay ideal kakao_pay klarna konbini kr_card link "
    "mb_way mobilepay multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco paynow paypal paypay payto pix "
    "promptpay revolut_pay samsung_pay satispay scalapay sepa_debit sequra sofort sunbit swish twint upi "
    "us_bank_account wechat_pay zip"
).split()

MethodType = Annotated[str, OneOf(*METHOD_TYPES)]


class AddressHash(Hash):
    """A postal address."""

    city: Annotated[Text | None, Clear] = None
    country: Annotated[Text | None, Clear] = None
    line1: Annotated[Text | None, Clear] = None
    line2: Annotated[Text | None, Clear] = None
    postal_code: Annotated[Text | None, Clear] = None
    state: Annotated[Text | None, Clear] = None


class BillingDetailsHash(Hash):
    """Who pays."""

    address: Annotated[AddressHash | None, Clear] = None
    email: Annotated[Email | None, Clear] = None
    name: Annotated[Text | None, Clear] = None
    phone: Annotated[Text | None, Clear] = None
    tax_id: Annotated[Text | None, Clear] = None


class ShippingHash(Hash):
    """Where the goods go."""

    address: AddressHash
    name: Text
    carrier: Annotated[Text | None, Clear] = None
    phone: Annotated[Text | None, Clear] = None
    tracking_number: Annotated[Text | None, Clear] = None


def _card_number(value: Any) -> str:
    """Spaces and dashes are how people type it. The value never appears in a message."""
    if not isinstance(value, str | int):
        raise invalid("Invalid card number")
    return str(value).replace(" ", "").replace("-", "")


def _cvc(value: Any) -> str:
    if not isinstance(value, str | int):
        raise invalid("Invalid security code")
    return str(value)


class CardHash(Hash):
    """A card: its number, or the token of a test card."""

    number: Annotated[str, BeforeValidator(_card_number)] | None = None
    exp_month: Integer | None = None
    exp_year: Integer | None = None
    cvc: Annotated[str, BeforeValidator(_cvc)] | None = None
    token: Text | None = None


class PaymentMethodDataHash(Hash):
    """A payment method made on the spot."""

    type: MethodType
    card: CardHash | None = None
    billing_details: BillingDetailsHash | None = None
    allow_redisplay: AllowRedisplay | None = None
    metadata: Metadata | None = None
