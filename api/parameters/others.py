"""Parameters of payment methods, customers and charges."""

from typing import Annotated

from api.dialect.fields import (
    AllowRedisplay,
    Clear,
    CreatedRange,
    Elements,
    Email,
    Hash,
    Id,
    Integer,
    Limited,
    ListParameters,
    Metadata,
    OneOf,
    Parameters,
    Text,
)
from api.parameters.common import AddressHash, BillingDetailsHash, CardHash, MethodType, ShippingHash


class PaymentMethodCreateParameters(Parameters):
    """Create a payment method."""

    type: MethodType
    card: CardHash | None = None
    billing_details: BillingDetailsHash | None = None
    allow_redisplay: AllowRedisplay | None = None
    metadata: Metadata | None = None


class CardExpiryHash(Hash):
    """A card got a new expiry date."""

    exp_month: Integer | None = None
    exp_year: Integer | None = None


class PaymentMethodUpdateParameters(Parameters):
    """Update a payment method."""

    billing_details: BillingDetailsHash | None = None
    card: CardExpiryHash | None = None
    allow_redisplay: AllowRedisplay | None = None
    metadata: Annotated[Metadata | None, Clear] = None


class AttachParameters(Parameters):
    """Attach to a customer."""

    customer: Id


class PaymentMethodsListParameters(ListParameters):
    """List payment methods."""

    customer: Id | None = None
    type: MethodType | None = None
    allow_redisplay: AllowRedisplay | None = None


class CustomerMethodsListParameters(ListParameters):
    """List one customer's payment methods."""

    type: MethodType | None = None
    allow_redisplay: AllowRedisplay | None = None


class InvoiceSettingsHash(Hash):
    """Which payment method is the default."""

    default_payment_method: Annotated[Id | None, Clear] = None


class _CustomerAttributes(Parameters):
    address: Annotated[AddressHash | None, Clear] = None
    balance: Integer | None = None
    business_name: Annotated[Annotated[str, Limited(150)] | None, Clear] = None
    description: Annotated[Text | None, Clear] = None
    email: Annotated[Email | None, Clear] = None
    individual_name: Annotated[Annotated[str, Limited(150)] | None, Clear] = None
    invoice_settings: InvoiceSettingsHash | None = None
    metadata: Annotated[Metadata | None, Clear] = None
    name: Annotated[Annotated[str, Limited(256)] | None, Clear] = None
    phone: Annotated[Annotated[str, Limited(20)] | None, Clear] = None
    preferred_locales: Annotated[list[Text], Elements] | None = None
    shipping: Annotated[ShippingHash | None, Clear] = None
    tax_exempt: Annotated[Annotated[str, OneOf("exempt", "none", "reverse")] | None, Clear] = None


class CustomerCreateParameters(_CustomerAttributes):
    """Create a customer."""

    payment_method: Id | None = None


class CustomerUpdateParameters(_CustomerAttributes):
    """Update a customer."""


class CustomersListParameters(ListParameters):
    """List customers."""

    email: Annotated[str, Limited(512)] | None = None
    created: CreatedRange | None = None


class ChargesListParameters(ListParameters):
    """List charges."""

    payment_intent: Id | None = None
    customer: Id | None = None
    transfer_group: Text | None = None
    created: CreatedRange | None = None


class NoParameters(Parameters):
    """Nothing but `expand`."""
