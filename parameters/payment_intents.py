"""Parameters of the PaymentIntents operations: all that the newest version has, and older versions' spellings.

tests/fidelity holds these to the request types of Stripe's own libraries, name by name and at every depth.
"""

from typing import Annotated

from domain.model.hashes import JsonObject
from parameters.amounts import AmountDetails, PaymentDetails
from parameters.common import (
    AllowedTypes,
    MandateData,
    MethodTypes,
    RadarOptions,
    Share,
    ShippingHash,
    transfer_data_hash,
)
from parameters.fields import (
    Boolean,
    CaptureMethod,
    Clear,
    ConfirmationMethod,
    Descriptor,
    DescriptorSuffix,
    Email,
    FutureUsage,
    Id,
    Integer,
    Integers,
    Limited,
    Metadata,
    OffSession,
    OneOf,
    Text,
    Url,
)
from parameters.hashes import (
    CreatedRange,
    Hash,
    ListParameters,
    Parameters,
    Shaped,
    cleared,
    hash_of,
    required,
)
from parameters.method_data import PaymentMethodData
from parameters.method_options import MethodOptions

DESCRIPTION_MAX = 1_000
CONFIGURATION_ID_MAX = 100
QUERY_MAX = 5_000

Description = Annotated[str, Limited(DESCRIPTION_MAX)]
Hooks = Annotated[
    JsonObject,
    Shaped(
        "hooks",
        inputs=hash_of("hook_inputs", tax=hash_of("hook_tax", calculation=required(cleared(Text)))),
    ),
]
"""Automations of Stripe's: which tax calculation belongs to the payment."""


class AutomaticPaymentMethodsHash(Hash):
    """Let the account's configuration choose the methods."""

    enabled: Boolean
    allow_redirects: Annotated[str, OneOf("always", "never")] = "always"


class _Attributes(Parameters):
    """What may be said of a PaymentIntent when it is created, updated or confirmed."""

    allowed_payment_method_types: AllowedTypes | None = None
    capture_method: CaptureMethod | None = None
    excluded_payment_method_types: Annotated[MethodTypes | None, Clear] = None
    hooks: Hooks | None = None
    payment_method: Id | None = None
    payment_method_data: PaymentMethodData | None = None
    payment_method_options: MethodOptions | None = None
    payment_method_types: AllowedTypes | None = None


class _ConfirmOnly(Parameters):
    """What says how to confirm."""

    confirmation_token: Id | None = None
    error_on_requires_action: Boolean = False
    mandate: Id | None = None
    mandate_data: Annotated[MandateData | None, Clear] = None
    off_session: OffSession = False
    radar_options: RadarOptions | None = None
    return_url: Url | None = None
    use_stripe_sdk: Boolean = False


class CreateParameters(_Attributes, _ConfirmOnly):
    """Create."""

    amount: Integer
    currency: Text
    amount_details: AmountDetails | None = None
    application_fee_amount: Share | None = None
    automatic_payment_methods: AutomaticPaymentMethodsHash | None = None
    confirm: Boolean = False
    confirmation_method: ConfirmationMethod | None = None
    customer: Id | None = None
    customer_account: Id | None = None
    description: Description | None = None
    excluded_payment_method_types: MethodTypes | None = None
    metadata: Metadata | None = None
    on_behalf_of: Id | None = None
    payment_details: PaymentDetails | None = None
    payment_method_configuration: Annotated[str, Limited(CONFIGURATION_ID_MAX)] | None = None
    receipt_email: Email | None = None
    setup_future_usage: FutureUsage | None = None
    shipping: ShippingHash | None = None
    statement_descriptor: Descriptor | None = None
    statement_descriptor_suffix: DescriptorSuffix | None = None
    transfer_data: (
        Annotated[
            JsonObject,
            transfer_data_hash(
                "amount", "description", "destination", "metadata", "payment_data", destination_required=True
            ),
        ]
        | None
    ) = None
    transfer_group: Text | None = None


WITH_CONFIRM_ONLY = (
    "confirmation_token", "error_on_requires_action", "mandate", "mandate_data", "off_session", "radar_options",
    "return_url",
)  # fmt: skip
"""Parameters of create that make no sense unless it also confirms."""


class UpdateParameters(_Attributes):
    """Update. An empty string clears what can be cleared."""

    amount: Integer | None = None
    amount_details: Annotated[AmountDetails | None, Clear] = None
    application_fee_amount: Annotated[Share | None, Clear] = None
    currency: Text | None = None
    customer: Id | None = None
    customer_account: Id | None = None
    description: Annotated[Description | None, Clear] = None
    metadata: Annotated[Metadata | None, Clear] = None
    payment_details: Annotated[PaymentDetails | None, Clear] = None
    payment_method_configuration: Annotated[str, Limited(CONFIGURATION_ID_MAX)] | None = None
    receipt_email: Annotated[Email | None, Clear] = None
    setup_future_usage: Annotated[FutureUsage | None, Clear] = None
    shipping: Annotated[ShippingHash | None, Clear] = None
    statement_descriptor: Annotated[Descriptor | None, Clear] = None
    statement_descriptor_suffix: Annotated[DescriptorSuffix | None, Clear] = None
    transfer_data: (
        Annotated[JsonObject, transfer_data_hash("amount", "description", "metadata", "payment_data")] | None
    ) = None
    transfer_group: Text | None = None


class ConfirmParameters(_Attributes, _ConfirmOnly):
    """Confirm."""

    amount_details: Annotated[AmountDetails | None, Clear] = None
    amount_to_confirm: Integer | None = None
    client_secret: Text | None = None
    payment_details: Annotated[PaymentDetails | None, Clear] = None
    receipt_email: Annotated[Email | None, Clear] = None
    setup_future_usage: Annotated[FutureUsage | None, Clear] = None
    shipping: Annotated[ShippingHash | None, Clear] = None


PUBLISHABLE_CONFIRM = frozenset(
    {"payment_method", "payment_method_data", "payment_method_options", "mandate_data", "return_url", "receipt_email",
     "shipping", "setup_future_usage", "use_stripe_sdk", "radar_options", "confirmation_token", "client_secret",
     "expand"}
)  # fmt: skip
"""What a buyer's browser may send when it confirms; everything else takes the secret key."""


class _HeldAttributes(Parameters):
    """What may be said of a PaymentIntent while its money is held."""

    amount_details: AmountDetails | None = None
    application_fee_amount: Share | None = None
    hooks: Hooks | None = None
    statement_descriptor: Descriptor | None = None
    transfer_data: Annotated[JsonObject, transfer_data_hash("amount")] | None = None


class CaptureParameters(_HeldAttributes):
    """Capture."""

    amount_to_capture: Integer | None = None
    final_capture: Boolean = True
    metadata: Annotated[Metadata | None, Clear] = None
    payment_details: Annotated[PaymentDetails | None, Clear] = None
    statement_descriptor_suffix: DescriptorSuffix | None = None


class CancelParameters(Parameters):
    """Cancel."""

    cancellation_reason: (
        Annotated[str, OneOf("duplicate", "fraudulent", "requested_by_customer", "abandoned")] | None
    ) = None


class IncrementParameters(_HeldAttributes):
    """Raise a hold to a new total."""

    amount: Integer
    description: Description | None = None
    metadata: Metadata | None = None
    payment_details: PaymentDetails | None = None


class VerifyMicrodepositsParameters(Parameters):
    """Prove ownership of a bank account."""

    amounts: Integers | None = None
    client_secret: Text | None = None
    descriptor_code: Text | None = None


class SourceCancelParameters(Parameters):
    """The buyer has closed their bank's page."""

    client_secret: Text
    source: Text


class CollectBankAccountParameters(Parameters):
    """The buyer has linked a bank account."""

    client_secret: Text
    payment_method_data: PaymentMethodData


class ApplyCustomerBalanceParameters(Parameters):
    """Use the customer's cash balance."""

    amount: Integer | None = None
    currency: Text | None = None


class RetrieveParameters(Parameters):
    """Retrieve; a publishable key needs the client secret."""

    client_secret: Text | None = None


class IntentsListParameters(ListParameters):
    """List."""

    created: CreatedRange | None = None
    customer: Id | None = None
    customer_account: Id | None = None


class SearchParameters(Parameters):
    """Search."""

    query: Annotated[str, Limited(QUERY_MAX)]
    limit: Integer = 10
    page: Annotated[str, Limited(QUERY_MAX)] | None = None


class LineItemsParameters(ListParameters):
    """List an intent's line items."""
