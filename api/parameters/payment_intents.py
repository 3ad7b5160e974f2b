"""Parameters of the PaymentIntents operations, as far as a card payment goes."""

from typing import Annotated

from api.dialect.fields import (
    Boolean,
    CaptureMethod,
    Clear,
    ConfirmationMethod,
    CreatedRange,
    Descriptor,
    Elements,
    Email,
    FutureUsage,
    Hash,
    Id,
    Integer,
    Integers,
    Limited,
    ListParameters,
    Metadata,
    OffSession,
    OneOf,
    Parameters,
    Text,
    Url,
)
from api.parameters.common import MethodType, PaymentMethodDataHash, ShippingHash

DESCRIPTION_MAX = 1_000
IfAvailable = Annotated[str, OneOf("if_available", "never")]


class AutomaticPaymentMethodsHash(Hash):
    """Let the account's configuration choose the methods."""

    enabled: Boolean
    allow_redirects: Annotated[str, OneOf("always", "never")] = "always"


class CardOptionsHash(Hash):
    """Options of a card payment."""

    capture_method: Annotated[Annotated[str, OneOf("manual")] | None, Clear] = None
    network: Text | None = None
    request_extended_authorization: IfAvailable | None = None
    request_incremental_authorization: IfAvailable | None = None
    request_multicapture: IfAvailable | None = None
    request_overcapture: IfAvailable | None = None
    request_three_d_secure: Annotated[str, OneOf("any", "automatic", "challenge")] | None = None
    setup_future_usage: Annotated[Annotated[str, OneOf("none", "off_session", "on_session")] | None, Clear] = None


class PaymentMethodOptionsHash(Hash):
    """Options by payment method type."""

    card: Annotated[CardOptionsHash | None, Clear] = None


class TransferDataHash(Hash):
    """Whom a connected payment is for. Kept and returned; moves no money here."""

    destination: Id | None = None
    amount: Integer | None = None
    description: Text | None = None
    metadata: Metadata | None = None


class _Attributes(Parameters):
    """What may be said of a PaymentIntent when it is created and later."""

    payment_method: Id | None = None
    payment_method_data: PaymentMethodDataHash | None = None
    payment_method_options: PaymentMethodOptionsHash | None = None
    payment_method_types: Annotated[list[MethodType], Elements] | None = None
    allowed_payment_method_types: Annotated[list[MethodType], Elements] | None = None
    capture_method: CaptureMethod | None = None


class CreateParameters(_Attributes):
    """Create."""

    amount: Integer
    currency: Text
    customer: Id | None = None
    description: Annotated[str, Limited(DESCRIPTION_MAX)] | None = None
    metadata: Metadata | None = None
    receipt_email: Email | None = None
    shipping: ShippingHash | None = None
    statement_descriptor: Descriptor | None = None
    statement_descriptor_suffix: Descriptor | None = None
    setup_future_usage: FutureUsage | None = None
    excluded_payment_method_types: Annotated[list[MethodType], Elements] | None = None
    automatic_payment_methods: AutomaticPaymentMethodsHash | None = None
    confirmation_method: ConfirmationMethod | None = None
    application_fee_amount: Integer | None = None
    transfer_data: TransferDataHash | None = None
    transfer_group: Text | None = None
    on_behalf_of: Id | None = None
    use_stripe_sdk: Boolean = False
    confirm: Boolean = False
    return_url: Url | None = None
    off_session: OffSession = False
    error_on_requires_action: Boolean = False


WITH_CONFIRM_ONLY = ("return_url", "off_session", "error_on_requires_action")
"""Parameters of create that make no sense unless it also confirms."""


class UpdateParameters(_Attributes):
    """Update. An empty string clears what can be cleared."""

    amount: Integer | None = None
    currency: Text | None = None
    customer: Id | None = None
    description: Annotated[Annotated[str, Limited(DESCRIPTION_MAX)] | None, Clear] = None
    metadata: Annotated[Metadata | None, Clear] = None
    receipt_email: Annotated[Email | None, Clear] = None
    shipping: Annotated[ShippingHash | None, Clear] = None
    statement_descriptor: Annotated[Descriptor | None, Clear] = None
    statement_descriptor_suffix: Annotated[Descriptor | None, Clear] = None
    setup_future_usage: Annotated[FutureUsage | None, Clear] = None
    excluded_payment_method_types: Annotated[Annotated[list[MethodType], Elements] | None, Clear] = None
    application_fee_amount: Annotated[Integer | None, Clear] = None
    transfer_data: TransferDataHash | None = None
    transfer_group: Text | None = None


class ConfirmParameters(_Attributes):
    """Confirm."""

    amount_to_confirm: Integer | None = None
    receipt_email: Annotated[Email | None, Clear] = None
    shipping: Annotated[ShippingHash | None, Clear] = None
    setup_future_usage: Annotated[FutureUsage | None, Clear] = None
    excluded_payment_method_types: Annotated[Annotated[list[MethodType], Elements] | None, Clear] = None
    return_url: Url | None = None
    off_session: OffSession = False
    error_on_requires_action: Boolean = False
    use_stripe_sdk: Boolean = False
    client_secret: Text | None = None


PUBLISHABLE_CONFIRM = frozenset(
    {"payment_method", "payment_method_data", "payment_method_options", "return_url", "receipt_email", "shipping",
     "setup_future_usage", "use_stripe_sdk", "client_secret", "expand"}
)  # fmt: skip
"""What a buyer's browser may send when it confirms; everything else takes the secret key."""


class CaptureParameters(Parameters):
    """Capture."""

    amount_to_capture: Integer | None = None
    final_capture: Boolean = True
    application_fee_amount: Integer | None = None
    metadata: Annotated[Metadata | None, Clear] = None
    statement_descriptor: Descriptor | None = None
    statement_descriptor_suffix: Descriptor | None = None
    transfer_data: TransferDataHash | None = None


class CancelParameters(Parameters):
    """Cancel."""

    cancellation_reason: (
        Annotated[str, OneOf("duplicate", "fraudulent", "requested_by_customer", "abandoned")] | None
    ) = None


class IncrementParameters(Parameters):
    """Raise a hold to a new total."""

    amount: Integer
    description: Annotated[str, Limited(DESCRIPTION_MAX)] | None = None
    metadata: Metadata | None = None
    statement_descriptor: Descriptor | None = None
    application_fee_amount: Integer | None = None
    transfer_data: TransferDataHash | None = None


class VerifyMicrodepositsParameters(Parameters):
    """Prove ownership of a bank account."""

    amounts: Integers | None = None
    descriptor_code: Text | None = None
    client_secret: Text | None = None


class ApplyCustomerBalanceParameters(Parameters):
    """Use the customer's cash balance."""

    amount: Integer | None = None
    currency: Text | None = None


class RetrieveParameters(Parameters):
    """Retrieve; a publishable key needs the client secret."""

    client_secret: Text | None = None


class IntentsListParameters(ListParameters):
    """List."""

    customer: Id | None = None
    created: CreatedRange | None = None
