"""Parameters of payment methods, customers and charges."""

from typing import Annotated, Any, Self

from pydantic import ModelWrapValidatorHandler, model_validator

from parameters.cash_balances import CashBalance
from parameters.common import AddressHash, BillingDetailsHash, MandateData, MethodType, ShippingHash
from parameters.fields import (
    AllowRedisplay,
    Boolean,
    Clear,
    Elements,
    Email,
    FutureUsage,
    Id,
    Integer,
    Limited,
    Metadata,
    OneOf,
    Text,
    Url,
)
from parameters.hashes import CreatedRange, Hash, ListParameters, Parameters, model_of
from parameters.method_data import BY_TYPE as METHOD_HASHES
from parameters.method_data import MethodData, PaymentMethodData
from parameters.method_options import TokenOptions


class PaymentMethodCreate(Parameters, MethodData):
    """Create a payment method, of whichever type; or copy `payment_method` of `customer`, both a platform's (Connect).

    A copy is of the same type, and may get other `billing_details`. `customer` is only known to be refused otherwise.
    """

    customer: Id | None = None
    payment_method: Id | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _of_its_own_type(cls, given: Any, made: ModelWrapValidatorHandler[Self]) -> Self:
        """What is copied has a type, and need not be said to have one: then `type` is not in `model_fields_set`."""
        if not isinstance(given, dict) or not given.get("payment_method") or "type" in given:
            return made(given)
        copied = made({"type": "card", **given})
        copied.model_fields_set.discard("type")
        return copied


PAYMENT_METHOD_CREATE = model_of("payment_method_create", PaymentMethodCreate, **METHOD_HASHES)


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

    customer: Id | None = None


class PaymentMethodsListParameters(ListParameters):
    """List payment methods."""

    customer: Id | None = None
    customer_account: Id | None = None
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
    cash_balance: CashBalance | None = None
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
    """Create a customer. `source` and `card` are only known to be refused."""

    card: Any = None
    payment_method: Id | None = None
    source: Any = None


class PartOfShippingHash(Hash):
    """Where a customer's goods go: only what changes need be told."""

    address: AddressHash | None = None
    name: Text | None = None
    carrier: Annotated[Text | None, Clear] = None
    phone: Annotated[Text | None, Clear] = None
    tracking_number: Annotated[Text | None, Clear] = None


class CustomerUpdateParameters(_CustomerAttributes):
    """Update a customer. `source` and `card` are only known to be refused."""

    card: Any = None
    source: Any = None
    shipping: Annotated[PartOfShippingHash | None, Clear] = None  # type: ignore[assignment]


class CustomersListParameters(ListParameters):
    """List customers."""

    test_clock: Id | None = None
    email: Annotated[str, Limited(512)] | None = None
    created: CreatedRange | None = None


class BalanceTransactionsListParameters(ListParameters):
    """List balance transactions."""

    created: CreatedRange | None = None
    currency: Text | None = None
    payout: Id | None = None
    source: Id | None = None
    type: Text | None = None


class DisputesListParameters(ListParameters):
    """List disputes."""

    charge: Id | None = None
    payment_intent: Id | None = None
    created: CreatedRange | None = None


class ConfirmationTokenCreateParameters(Parameters):
    """Create a confirmation token. The test helper takes the same, but for what only a browser knows.

    With the secret of a customer session, `payment_method` may be one that it shows.
    """

    customer_session_client_secret: Id | None = None
    mandate_data: MandateData | None = None
    metadata: Metadata | None = None
    payment_method: Id | None = None
    payment_method_data: PaymentMethodData | None = None
    payment_method_options: TokenOptions | None = None
    return_url: Url | None = None
    setup_future_usage: FutureUsage | None = None
    shipping: ShippingHash | None = None
    use_stripe_sdk: Boolean = True


class FastForwardParameters(Parameters):
    """Move a payment's clock: by so many seconds, or to a time (Unix seconds)."""

    seconds: Integer | None = None
    to: Integer | None = None


class NoParameters(Parameters):
    """Nothing but `expand`."""
